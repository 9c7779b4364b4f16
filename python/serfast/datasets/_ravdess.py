"""RAVDESS: ``03-01-06-01-02-01-12``, modality to actor, speech or song."""

from __future__ import annotations

from collections.abc import Collection

from serfast.datasets._clips import Clip
from serfast.datasets._known import KnownCorpus

CHANNELS = ("speech", "song")
EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
INTENSITIES = ("normal", "strong")
MODALITIES = range(1, 4)
N_FIELDS = 7


def parse(path: str, stem: str) -> Clip | None:
    """Read ``modality-channel-emotion-intensity-statement-repetition-actor``."""
    return read_name(path, stem, MODALITIES)


def read_name(path: str, stem: str, modalities: Collection[int]) -> Clip | None:
    """Read a name of this form, if it has one of these modalities."""
    fields = stem.split("-")
    if len(fields) != N_FIELDS or not all(f.isascii() and f.isdigit() for f in fields):
        return None
    modality, channel, emotion, intensity, statement, repetition, actor = map(int, fields)
    if not (
        modality in modalities
        and 1 <= channel <= len(CHANNELS)
        and 1 <= emotion <= len(EMOTIONS)
        and 1 <= intensity <= len(INTENSITIES)
    ):
        return None
    return Clip(
        path=path,
        label=EMOTIONS[emotion - 1],
        speaker=f"{actor:02d}",
        sex="male" if actor % 2 else "female",
        sentence=str(statement),
        intensity=INTENSITIES[intensity - 1],
        repetition=str(repetition),
        vocal_channel=CHANNELS[channel - 1],
    )


RAVDESS = KnownCorpus(
    name="ravdess",
    title="Ryerson Audio-Visual Database of Emotional Speech and Song",
    language="English",
    licence="CC BY-NC-SA 4.0",
    citation="Livingstone & Russo, PLoS ONE 13(5), 2018, doi:10.1371/journal.pone.0196391",
    parse=parse,
)
