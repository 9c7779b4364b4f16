"""Evaluation with unseen speakers, and the leaking random split only beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.datasets import count_labels
from serfast.models._data import class_array, find_duplicates, prepare
from serfast.models._folds import Rows, make_folds
from serfast.models._mlp import fit_mlp
from serfast.models._specs import SPLIT_SEED, SPLIT_TEST_FRACTION, ModelSpec, find_model
from serfast.tables import FeatureTable

Labels = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Score:
    """Figures of one split: `uar` is the mean of the recalls of the classes that occur in it."""

    speakers: tuple[str, ...]
    n_test: int
    accuracy: float
    uar: float


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found out.

    Parameters
    ----------
    model, corpus, folds : str
        Names.
    speaker_independent : bool
        True if no speaker is on both sides of a fold.
    counts : dict
        Clips of each class.
    scores : tuple of Score
        One per fold.
    confusion : np.ndarray [shape=(n_classes, n_classes), dtype=int]
        Rows are true classes, columns predicted ones, summed over the folds.
    random_split : Score or None
        Of one random split, in which test speakers were also training speakers.
    published : float or None
        The accuracy that the recipe's authors report on such a split.
    notes : tuple of str
        What was left out, and what leaks.
    """

    model: str
    corpus: str
    folds: str
    speaker_independent: bool
    counts: dict[str, int]
    scores: tuple[Score, ...]
    confusion: npt.NDArray[np.int_]
    random_split: Score | None
    published: float | None
    notes: tuple[str, ...]

    @property
    def accuracy(self) -> tuple[float, float]:
        """Mean and standard deviation over the folds."""
        return _spread([score.accuracy for score in self.scores])

    @property
    def uar(self) -> tuple[float, float]:
        """Mean and standard deviation over the folds."""
        return _spread([score.uar for score in self.scores])

    @property
    def chance(self) -> tuple[float, float]:
        """Accuracy and UAR of always answering the largest class."""
        total = sum(self.counts.values())
        return max(self.counts.values()) / total, 1 / len(self.counts)

    @property
    def recall(self) -> dict[str, float]:
        """The share of each class's clips that were recognised."""
        shares = self.confusion.diagonal() / self.confusion.sum(axis=1)
        return dict(zip(self.counts, shares.tolist(), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain numbers, lists and texts."""
        (accuracy, accuracy_std), (uar, uar_std) = self.accuracy, self.uar
        return {
            "model": self.model,
            "corpus": self.corpus,
            "counts": self.counts,
            "folds": self.folds,
            "speaker_independent": self.speaker_independent,
            "accuracy": accuracy,
            "accuracy_std": accuracy_std,
            "uar": uar,
            "uar_std": uar_std,
            "chance": dict(zip(("accuracy", "uar"), self.chance, strict=True)),
            "recall": self.recall,
            "confusion": self.confusion.tolist(),
            "scores": [asdict(score) for score in self.scores],
            "random_split": self._random_dict(),
            "notes": list(self.notes),
        }

    def _random_dict(self) -> dict[str, Any] | None:
        if self.random_split is None:
            return None
        return {
            "n_test": self.random_split.n_test,
            "accuracy": self.random_split.accuracy,
            "uar": self.random_split.uar,
            "leaks_speakers": True,
            "published_accuracy": self.published,
        }


def evaluate(
    table: FeatureTable,
    model: str = "mlp",
    *,
    folds: int | str | None = None,
    seed: int = 0,
    random_split: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Train and test a model on folds of a table, keeping each speaker on one side.

    The scaler and the network see the training rows of a fold only. Where the table does not say
    who speaks, folds are by class and a note says that the figure may be too good.

    Parameters
    ----------
    table : FeatureTable
        Features with labels and, if at all possible, speakers.
    model : str
        A name of `serfast.models.MODELS`.
    folds : int, "emobox-6" or None
        See the notes.
    seed : int
        Of the network's first weights and batches.
    random_split : bool
        Also test one random split of the clips, as most published figures do. Recipes always have
        it. It comes beside the speaker-independent figure, never instead.
    progress : callable, optional
        Called as ``progress(done, total)`` after each fold.

    Returns
    -------
    Evaluation
        The figures.

    Raises
    ------
    ParameterError
        If the model, the folds or the table do not fit.

    Notes
    -----
    By default RAVDESS is tested on the six folds published with EmoBox, restricted to the actors
    at hand, and any other corpus on six folds of speakers (fewer if there are fewer speakers).

    Examples
    --------
    >>> from serfast.datasets import Clip
    >>> rng = np.random.default_rng(0)
    >>> clips = tuple(Clip(f"{i}.wav", "ab"[i % 2], f"{i % 6 // 2}") for i in range(24))
    >>> values = rng.normal(size=(24, 2)) + [[i % 2 * 9, 0] for i in range(24)]
    >>> figures = evaluate(FeatureTable(clips, ("x", "y"), values.astype(np.float32)))
    >>> figures.folds, figures.uar
    ('3 folds of speakers', (1.0, 0.0))
    """
    spec = find_model(model)
    table, notes = prepare(table, spec)
    split = make_folds(table, folds, seed)
    labels = class_array(table)
    duplicates = find_duplicates(table)
    predicted = np.empty_like(labels)
    for done, test in enumerate(split.test_rows, start=1):
        predicted[test] = _predict_rows(table, labels, test, spec, seed)
        notes += _leaks(table, duplicates, test, "a fold")
        if progress is not None:
            progress(done, len(split.test_rows))
    if not split.speaker_independent:
        notes.append("speakers are unknown or only one: the same voices may be on both sides")
    leaking = None
    if split.speaker_independent and (random_split or spec.recipe is not None):
        test = _random_test_rows(len(labels))
        guess = _predict_rows(table, labels, test, spec, seed)
        leaking = _score(table, labels, test, guess)
        notes += _leaks(table, duplicates, test, "the random split")
    counts = count_labels(table.clips)
    return Evaluation(
        model=model,
        corpus=table.corpus,
        folds=split.name,
        speaker_independent=split.speaker_independent,
        counts=counts,
        scores=tuple(_score(table, labels, test, predicted[test]) for test in split.test_rows),
        confusion=_confusion(labels, predicted, list(counts)),
        random_split=leaking,
        published=spec.recipe.published if spec.recipe else None,
        notes=tuple(dict.fromkeys(notes)),
    )


def _predict_rows(
    table: FeatureTable, labels: Labels, test: Rows, spec: ModelSpec, seed: int
) -> Labels:
    """Train on all other rows and return the classes predicted for the test rows."""
    train = np.setdiff1d(np.arange(len(labels)), test)
    pipeline = fit_mlp(table.values[train], labels[train], spec.mlp, seed)
    return np.asarray(pipeline.predict(table.values[test].astype(np.float64)), dtype=np.str_)


def _random_test_rows(n_rows: int) -> Rows:
    from sklearn.model_selection import train_test_split

    _, test = train_test_split(
        np.arange(n_rows), test_size=SPLIT_TEST_FRACTION, random_state=SPLIT_SEED
    )
    return np.asarray(test)


def _score(table: FeatureTable, labels: Labels, test: Rows, predicted: Labels) -> Score:
    correct = labels[test] == predicted
    recalls = [correct[labels[test] == name].mean() for name in np.unique(labels[test])]
    speakers = {table.speakers[row] or "unknown" for row in test}
    return Score(
        speakers=tuple(sorted(speakers)),
        n_test=len(test),
        accuracy=float(correct.mean()),
        uar=float(np.mean(recalls)),
    )


def _confusion(labels: Labels, predicted: Labels, classes: list[str]) -> npt.NDArray[np.int_]:
    counts = [[np.sum((labels == t) & (predicted == p)) for p in classes] for t in classes]
    return np.array(counts, dtype=np.int_)


def _leaks(table: FeatureTable, duplicates: list[list[int]], test: Rows, where: str) -> list[str]:
    tested = set(test.tolist())
    return [
        f"identical clips on both sides of {where}: "
        + ", ".join(table.clips[row].path for row in rows)
        for rows in duplicates
        if 0 < len(tested.intersection(rows)) < len(rows)
    ]


def _spread(figures: list[float]) -> tuple[float, float]:
    return float(np.mean(figures)), float(np.std(figures))
