"""TESS: ``OAF_back_angry``, speaker, word and emotion."""

from __future__ import annotations

import re

from serfast.datasets._clips import Clip
from serfast.datasets._emotions import common_label
from serfast.datasets._known import KnownCorpus

# One file of the published corpus has OA for OAF.
NAME = re.compile(r"([OY])AF?_([a-z]+)_([a-z_]+)", re.IGNORECASE)
AGES = {"OAF": 64, "YAF": 26}


def parse(path: str, stem: str) -> Clip | None:
    """Read ``speaker_word_emotion``; the folders are spelled irregularly and say nothing more."""
    match = NAME.fullmatch(stem)
    label = common_label(match[3]) if match else None
    if match is None or label is None:
        return None
    speaker = f"{match[1].upper()}AF"
    return Clip(
        path=path,
        label=label,
        speaker=speaker,
        sex="female",
        sentence=match[2].lower(),
        age=AGES[speaker],
    )


TESS = KnownCorpus(
    name="tess",
    title="Toronto Emotional Speech Set",
    language="English",
    licence="CC BY-NC-ND 4.0",
    citation="Pichora-Fuller & Dupuis, Scholars Portal Dataverse, 2020, doi:10.5683/SP2/E8H2MF",
    parse=parse,
)
