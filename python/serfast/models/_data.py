"""From a feature table to rows that can be learned, with a word on everything left out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from serfast.errors import ParameterError
from serfast.models._specs import ModelSpec
from serfast.tables import FeatureTable


def prepare(table: FeatureTable, spec: ModelSpec) -> tuple[FeatureTable, list[str]]:
    """Return the rows of a table that a model learns from, and notes on the others.

    Raises
    ------
    ParameterError
        If the columns are not those of the model's recipe, or fewer than two classes remain.
    """
    notes: list[str] = []
    if spec.recipe is not None:
        _check_recipe(table, spec)
        notes.append(f"{spec.name} is {spec.recipe.about}; from {spec.recipe.source}")
        emotions = spec.recipe.emotions
        absent = [name for name in emotions if name not in table.labels]
        if absent:
            notes.append(f"{spec.name} knows {', '.join(emotions)}; no {', '.join(absent)} here")
        other = np.array([label is not None and label not in emotions for label in table.labels])
        table = _drop(table, other, f"of emotions that {spec.name} does not use", notes)
    table = _drop(table, np.array([label is None for label in table.labels]), "no label", notes)
    table = _drop(table, ~table.complete, "no features (the clip failed)", notes)
    classes = sorted(set(table.labels) - {None}, key=str)
    if len(classes) < 2:
        raise ParameterError(
            f"learning needs labelled clips of at least two classes; here is "
            f"{', '.join(map(str, classes)) or 'none'} (labels come from RAVDESS names or from "
            f"one folder per class)"
        )
    return table, notes


def class_array(table: FeatureTable) -> npt.NDArray[np.str_]:
    """Return the labels of a prepared table as an array."""
    return np.array(table.labels, dtype=np.str_)


def find_duplicates(table: FeatureTable) -> list[list[int]]:
    """Return groups of rows with identical features.

    Byte-identical files have bit-identical features, whatever they are called and however they are
    packed, so the table alone shows them: no file is opened.
    """
    groups: dict[bytes, list[int]] = {}
    for row, values in enumerate(table.values):
        groups.setdefault(values.tobytes(), []).append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


def _drop(
    table: FeatureTable, mask: npt.NDArray[np.bool_], why: str, notes: list[str]
) -> FeatureTable:
    if not mask.any():
        return table
    notes.append(f"left out {int(mask.sum())} of {len(mask)} clips: {why}")
    return table.rows(~mask)


def _check_recipe(table: FeatureTable, spec: ModelSpec) -> None:
    assert spec.recipe is not None
    wanted = spec.recipe.extractor()
    if table.hash != wanted.hash:
        raise ParameterError(
            f"{spec.name} needs its own features ({len(wanted.names)} columns, configuration "
            f"{wanted.hash}); this table has {len(table.names)} columns, configuration "
            f"{table.hash or 'unknown'}: run `serfast extract DIR --recipe {spec.name}`"
        )
