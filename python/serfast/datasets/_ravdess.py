"""RAVDESS: the Ryerson Audio-Visual Database of Emotional Speech and Song."""

from __future__ import annotations

from pathlib import PurePath

from serfast.datasets._clips import Clip

EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
INTENSITIES = ("normal", "strong")
N_FIELDS = 7


def parse_ravdess(path: PurePath) -> Clip | None:
    """Read ``modality-channel-emotion-intensity-statement-repetition-actor`` from a file's name.

    Source: Livingstone & Russo, "The Ryerson Audio-Visual Database of Emotional Speech and Song",
    PLoS ONE 13(5), 2018.
    """
    fields = path.stem.split("-")
    if len(fields) != N_FIELDS or not all(f.isascii() and f.isdigit() for f in fields):
        return None
    _, _, emotion, intensity, statement, repetition, actor = map(int, fields)
    if not (1 <= emotion <= len(EMOTIONS) and 1 <= intensity <= len(INTENSITIES)):
        return None
    return Clip(
        path=str(path),
        label=EMOTIONS[emotion - 1],
        speaker=f"{actor:02d}",
        sex="male" if actor % 2 else "female",
        sentence=str(statement),
        intensity=INTENSITIES[intensity - 1],
        repetition=str(repetition),
    )
