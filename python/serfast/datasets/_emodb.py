"""EmoDB: ``03a01Fa``, speaker, text, emotion and take."""

from __future__ import annotations

import re

from serfast.datasets._clips import Clip
from serfast.datasets._known import KnownCorpus

NAME = re.compile(r"(\d\d)([ab]\d\d)([WLEAFTN])([a-z]?)", re.ASCII | re.IGNORECASE)
# Letters of the German words.
EMOTIONS = {
    "W": "angry", "L": "bored", "E": "disgust", "A": "fearful", "F": "happy", "T": "sad",
    "N": "neutral",
}  # fmt: skip
SPEAKERS = {
    "03": ("male", 31), "08": ("female", 34), "09": ("female", 21), "10": ("male", 32),
    "11": ("male", 26), "12": ("male", 30), "13": ("female", 32), "14": ("female", 35),
    "15": ("male", 25), "16": ("female", 31),
}  # fmt: skip


def parse(path: str, stem: str) -> Clip | None:
    """Read the seven characters of a name."""
    match = NAME.fullmatch(stem)
    if match is None or match[1] not in SPEAKERS:
        return None
    sex, age = SPEAKERS[match[1]]
    return Clip(
        path=path,
        label=EMOTIONS[match[3].upper()],
        speaker=match[1],
        sex=sex,
        sentence=match[2].lower(),
        repetition=match[4].lower() or None,
        age=age,
    )


EMODB = KnownCorpus(
    name="emodb",
    title="Berlin Database of Emotional Speech",
    language="German",
    licence="free for research, with citation",
    citation="Burkhardt et al., A Database of German Emotional Speech, Interspeech 2005",
    parse=parse,
)
