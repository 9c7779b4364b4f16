"""SAVEE: ``DC/sa01``, or all in one folder as ``DC_sa01``: speaker, emotion and sentence."""

from __future__ import annotations

import os
import re

from serfast.datasets._clips import Clip
from serfast.datasets._known import KnownCorpus

SPEAKERS = ("DC", "JE", "JK", "KL")
NAME = re.compile(rf"(?:({'|'.join(SPEAKERS)})_)?(sa|su|[adfhn])(\d\d)", re.ASCII | re.IGNORECASE)
EMOTIONS = {
    "a": "angry", "d": "disgust", "f": "fearful", "h": "happy", "n": "neutral", "sa": "sad",
    "su": "surprised",
}  # fmt: skip


def parse(path: str, stem: str) -> Clip | None:
    """Read the emotion from the name, and the speaker from there or from the folder."""
    match = NAME.fullmatch(stem)
    if match is None:
        return None
    folder = os.path.dirname(path) or os.getcwd()
    speaker = (match[1] or os.path.basename(folder)).upper()
    if speaker not in SPEAKERS:
        return None
    emotion = match[2].lower()
    return Clip(
        path=path,
        label=EMOTIONS[emotion],
        speaker=speaker,
        sex="male",
        sentence=f"{emotion}{match[3]}",  # numbered anew in each emotion
    )


SAVEE = KnownCorpus(
    name="savee",
    title="Surrey Audio-Visual Expressed Emotion Database",
    language="English",
    licence="free for research, on registration",
    citation="Haq & Jackson, Multimodal Emotion Recognition, in Machine Audition, 2010",
    parse=parse,
)
