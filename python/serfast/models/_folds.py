"""Folds of examples: no speaker on both sides wherever speakers are known."""

from __future__ import annotations

import operator
from dataclasses import dataclass

import numpy as np

from serfast.errors import ParameterError
from serfast.models._examples import Examples, Rows

# EmoBox, "EmoBox: Multilingual Multi-corpus Speech Emotion Recognition Toolkit and Benchmark",
# Interspeech 2024: the test actors of each fold of RAVDESS.
EMOBOX_RAVDESS = (
    ("01", "11", "20", "21"),
    ("04", "10", "12", "14"),
    ("08", "09", "19", "23"),
    ("03", "05", "07", "24"),
    ("02", "15", "16", "18"),
    ("06", "13", "17", "22"),
)
EMOBOX = "emobox-6"
DEFAULT_N_FOLDS = 6


@dataclass(frozen=True)
class Folds:
    """The test rows of each fold; every row is tested once."""

    name: str
    test_rows: tuple[Rows, ...]
    speaker_independent: bool


def make_folds(examples: Examples, folds: int | str | None, seed: int) -> Folds:
    """Split a prepared table for testing.

    Parameters
    ----------
    table : FeatureTable
        Complete, labelled rows.
    folds : int, "emobox-6" or None
        How many folds of speakers, or the published folds of RAVDESS. None takes the published
        ones where each of them has a speaker here, else 6, or as many as there are speakers.
    seed : int
        Of the shuffling, which only happens where speakers are unknown.

    Raises
    ------
    ParameterError
        If the number is impossible, or the speakers are not those of the published folds.
    """
    speakers = {speaker for speaker in examples.speakers if speaker is not None}
    if folds == EMOBOX or (folds is None and _emobox_covers(examples, speakers)):
        return _emobox(examples, speakers)
    if len(speakers) < 2 or None in examples.speakers:
        return _stratified(examples, folds, seed)
    n_folds = min(DEFAULT_N_FOLDS, len(speakers)) if folds is None else _check_count(folds)
    if n_folds > len(speakers):
        raise ParameterError(f"folds={n_folds}: there are only {len(speakers)} speakers to group")
    from sklearn.model_selection import GroupKFold

    tests = [
        test for _, test in GroupKFold(n_folds).split(examples.labels, groups=examples.speakers)
    ]
    return Folds(f"{n_folds} folds of speakers", tuple(tests), speaker_independent=True)


def missing_classes(examples: Examples, split: Folds) -> list[str]:
    """Return notes on classes of which a fold has nothing to train on, or nothing to test."""
    classes, rows = set(examples.labels.tolist()), np.arange(len(examples.clips))
    untaught, untested = set(), set()
    for test in split.test_rows:
        untaught |= classes - {*examples.labels[np.setdiff1d(rows, test)].tolist()}
        untested |= classes - {*examples.labels[test].tolist()}
    notes = []
    if untaught:
        names = ", ".join(sorted(untaught))
        notes.append(f"all clips of {names} are in one fold, which has none left to learn from")
    if untested:
        names = ", ".join(sorted(untested))
        notes.append(f"folds without clips of {names}: UAR is that of all folds together")
    return notes


def _check_count(folds: int | str) -> int:
    try:
        n_folds = operator.index(int(folds) if isinstance(folds, str) else folds)
    except (TypeError, ValueError):
        n_folds = 0
    if n_folds < 2:
        raise ParameterError(f"folds={folds!r}: give a number of at least 2, or {EMOBOX!r}")
    return n_folds


def _emobox_covers(examples: Examples, speakers: set[str]) -> bool:
    known = {actor for fold in EMOBOX_RAVDESS for actor in fold}
    everywhere = all(speakers.intersection(fold) for fold in EMOBOX_RAVDESS)
    return examples.corpus == "ravdess" and speakers <= known and everywhere


def _emobox(examples: Examples, speakers: set[str]) -> Folds:
    if not _emobox_covers(examples, speakers):
        raise ParameterError(
            f"folds={EMOBOX!r} are for RAVDESS, with at least one actor in each of its six folds; "
            f"here are the speakers {', '.join(sorted(speakers)) or '(unknown)'} of corpus "
            f"{examples.corpus!r}"
        )
    of_row = np.array(examples.speakers)
    tests = tuple(np.flatnonzero(np.isin(of_row, fold)) for fold in EMOBOX_RAVDESS)
    return Folds(EMOBOX, tests, speaker_independent=True)


def _stratified(examples: Examples, folds: int | str | None, seed: int) -> Folds:
    """Folds by class only, of whole files: for corpora that do not say who speaks."""
    from sklearn.model_selection import StratifiedKFold

    files = {path: i for i, path in enumerate(dict.fromkeys(c.path for c in examples.clips))}
    file_of_row = np.array([files[clip.path] for clip in examples.clips])
    labels = examples.labels[np.unique(file_of_row, return_index=True)[1]]
    smallest = int(np.unique(labels, return_counts=True)[1].min())
    n_folds = min(DEFAULT_N_FOLDS, smallest) if folds is None else _check_count(folds)
    if not 2 <= n_folds <= smallest:
        raise ParameterError(
            f"{n_folds} folds need {max(n_folds, 2)} clips of each class; one has {smallest}"
        )
    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    tests = tuple(
        np.flatnonzero(np.isin(file_of_row, test)) for _, test in splitter.split(labels, labels)
    )
    return Folds(f"{n_folds} random folds", tests, speaker_independent=False)
