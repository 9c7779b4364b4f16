"""CaFE: ``01-C-1-1``, actor, emotion, intensity and sentence."""

from __future__ import annotations

import re

from serfast.datasets._clips import Clip
from serfast.datasets._known import KnownCorpus

NAME = re.compile(r"(\d\d)-([CDJNPST])-([12])-([1-6])", re.ASCII | re.IGNORECASE)
# Letters of the French words.
EMOTIONS = {
    "C": "angry", "D": "disgust", "J": "happy", "N": "neutral", "P": "fearful", "S": "surprised",
    "T": "sad",
}  # fmt: skip
INTENSITIES = {"1": "low", "2": "high"}
AGES = (46, 64, 18, 50, 22, 34, 15, 25, 42, 20, 35, 37)


def parse(path: str, stem: str) -> Clip | None:
    """Read ``actor-emotion-intensity-sentence``; actors of odd numbers are men."""
    match = NAME.fullmatch(stem)
    if match is None or not 1 <= int(match[1]) <= len(AGES):
        return None
    emotion = EMOTIONS[match[2].upper()]
    return Clip(
        path=path,
        label=emotion,
        speaker=match[1],
        sex="male" if int(match[1]) % 2 else "female",
        sentence=match[4],
        intensity=None if emotion == "neutral" else INTENSITIES[match[3]],
        age=AGES[int(match[1]) - 1],
    )


CAFE = KnownCorpus(
    name="cafe",
    title="Canadian French Emotional Speech Database",
    language="French",
    licence="CC BY-NC-SA 4.0",
    citation="Gournay et al., A Canadian French Emotional Speech Dataset, ACM MMSys 2018",
    parse=parse,
)
