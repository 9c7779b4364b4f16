"""The leak check: what a model has heard of the clips that it is tested on."""

from __future__ import annotations

import numpy as np

from serfast.models._bundle import Model
from serfast.models._examples import Examples, Rows, find_duplicates
from serfast.models._folds import Folds


def find_leaks(examples: Examples, split: Folds) -> list[str]:
    """Return what is on both sides of a fold: a speaker, where they are known, or a recording."""
    found = []
    speakers = np.array([speaker or "" for speaker in examples.speakers])
    for test in split.test_rows:
        found += shared_recordings(examples, test, "a fold")
        if split.speaker_independent:
            both = set(speakers[test]) & set(np.delete(speakers, test))
            found += [f"speaker {name} is on both sides of a fold" for name in sorted(both)]
    return list(dict.fromkeys(found))


def shared_recordings(examples: Examples, test: Rows, where: str) -> list[str]:
    """Return which recordings are tested and also trained on, in words."""
    tested = set(test.tolist())
    return [
        f"identical clips on both sides of {where}: "
        + ", ".join(examples.clips[row].path for row in rows)
        for rows in find_duplicates(examples)
        if 0 < len(tested.intersection(rows)) < len(rows)
    ]


def heard_before(examples: Examples, model: Model) -> list[str]:
    """Return which of the speakers a model was trained on, in words."""
    if not set(examples.corpus.split("+")) & set(model.training["corpus"].split("+")):
        return []
    both = {str(name) for name in examples.speakers} & set(model.training["speakers"])
    return [f"{model.name} was trained on speaker {name}" for name in sorted(both)]
