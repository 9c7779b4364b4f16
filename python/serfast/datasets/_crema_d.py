"""CREMA-D: ``1001_DFA_ANG_XX``, actor, sentence, emotion and level."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from serfast.datasets._clips import Clip
from serfast.datasets._emotions import common_label
from serfast.datasets._facts import SEXES
from serfast.datasets._known import KnownCorpus
from serfast.errors import ParameterError

# One file of the published corpus has X for XX.
NAME = re.compile(
    r"(\d{4})_([A-Z]{3})_(ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX?)", re.ASCII | re.IGNORECASE
)
LEVELS = {"LO": "low", "MD": "medium", "HI": "high"}
DEMOGRAPHICS = "videodemographics.csv"  # in any case


def parse(path: str, stem: str) -> Clip | None:
    """Read ``actor_sentence_emotion_level``; sex and age stand in a table beside the audio."""
    match = NAME.fullmatch(stem)
    if match is None:
        return None
    return Clip(
        path=path,
        label=common_label(match[3]),
        speaker=match[1],
        sentence=match[2].upper(),
        intensity=LEVELS.get(match[4].upper()),
    )


def add_demographics(clips: Iterable[Clip], tables: Iterable[Path]) -> list[Clip]:
    """Return the clips with sex and age from the corpus' ``VideoDemographics.csv``.

    Raises
    ------
    ParameterError
        If a file is not that table.
    """
    actors: dict[str, tuple[str | None, int | None]] = {}
    for table in tables:
        actors = _actors(table) | actors
    return [
        replace(clip, sex=sex, age=age)
        for clip in clips
        for sex, age in [actors.get(str(clip.speaker), (None, None))]
    ]


def _actors(table: Path) -> dict[str, tuple[str | None, int | None]]:
    """Return each actor's sex and age, None where the table does not say them."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            return {
                row["ActorID"]: (
                    SEXES.get(row["Sex"].strip().lower()),
                    int(row["Age"]) if row["Age"].strip() else None,
                )
                for row in csv.DictReader(file)
            }
    except (KeyError, ValueError, AttributeError, csv.Error) as error:
        raise ParameterError(
            f"{table}: not the table of CREMA-D, which has the columns ActorID, Sex and Age"
        ) from error


CREMA_D = KnownCorpus(
    name="crema-d",
    title="Crowd-sourced Emotional Multimodal Actors Dataset",
    language="English",
    licence="ODbL 1.0, contents DbCL 1.0",
    citation="Cao et al., IEEE Transactions on Affective Computing 5(4), 2014",
    parse=parse,
)
