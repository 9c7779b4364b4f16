"""What an evaluation found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from serfast.datasets import Clip
from serfast.models import _scores as scores
from serfast.models._examples import Rows
from serfast.models._networks import Doubles

# Livingstone & Russo 2018: the share of RAVDESS' speech that listeners recognised from sound alone.
HUMAN_ACCURACY = 0.67
HEARD_BY_HUMANS = (
    "angry", "calm", "disgust", "fearful", "happy", "neutral", "sad", "surprised",
)  # fmt: skip
Spread: TypeAlias = tuple[float, float | None]


@dataclass(frozen=True)
class Score:
    """Figures of one split, trained with one seed."""

    seed: int
    speakers: tuple[str, ...]
    n_test: int
    accuracy: float
    uar: float
    n_classes: int


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found out.

    Parameters
    ----------
    model, corpus, folds : str
        Names.
    speaker_independent : bool
        True if no speaker is on both sides of a fold.
    classes : tuple of str
        The classes, sorted.
    clips : tuple of Clip
        What was tested; every clip once per seed.
    probabilities : np.ndarray [shape=(n_seeds, n_clips, n_classes)]
        Of each class, by a model that had not heard the clip's speaker.
    scores : tuple of Score
        One per seed and fold.
    random_scores : tuple of Score
        Of one random split, in which test speakers were also training speakers: one per seed, or
        none.
    published : float or None
        The accuracy that the recipe's authors report on such a split.
    leaks : tuple of str
        What is on both sides of a fold, if that was allowed.
    notes : tuple of str
        What was left out.
    enrol : int, "all" or None
        Unlabelled clips of the test speaker that were heard first.
    random_terms : str
        What the random split leaks, in words.
    start : str or None
        The corpora on which the networks had been trained before.
    """

    model: str
    corpus: str
    folds: str
    speaker_independent: bool
    classes: tuple[str, ...]
    clips: tuple[Clip, ...]
    probabilities: Doubles
    scores: tuple[Score, ...]
    random_scores: tuple[Score, ...]
    published: float | None
    leaks: tuple[str, ...]
    notes: tuple[str, ...]
    enrol: int | str | None = None
    random_terms: str = "leaks speakers"
    start: str | None = None

    @property
    def title(self) -> str:
        """The model, and what it had been trained on before."""
        return title_of(self.model, self.start)

    @property
    def accuracy(self) -> Spread:
        """Mean and standard deviation over folds and seeds, None where there is only one."""
        return _spread([score.accuracy for score in self.scores])

    @property
    def uar(self) -> Spread:
        """Mean and standard deviation over folds and seeds.

        Where a fold lacks a class, its UAR is one of fewer classes, and the mean is that of the
        seeds over all folds together.
        """
        mean, deviation = _spread([score.uar for score in self.scores])
        if all(score.n_classes == len(self.classes) for score in self.scores):
            return mean, deviation
        chosen = self.probabilities.argmax(axis=2)
        together = [scores.unweighted_recall(self._targets, of_seed) for of_seed in chosen]
        return float(np.mean(together)), deviation

    @property
    def random_split(self) -> tuple[Spread, Spread]:
        """Accuracy and UAR of the random split, mean and standard deviation over seeds."""
        scores = self.random_scores
        return _spread([s.accuracy for s in scores]), _spread([s.uar for s in scores])

    @property
    def seeds(self) -> list[int]:
        """The seeds, in the order of `probabilities`."""
        return list(dict.fromkeys(score.seed for score in self.scores))

    @property
    def counts(self) -> dict[str, int]:
        """Clips of each class."""
        n = np.bincount(self._targets, minlength=len(self.classes)).tolist()
        return dict(zip(self.classes, n, strict=True))

    @property
    def chance(self) -> tuple[float, float]:
        """Accuracy and UAR of always answering the largest class."""
        return max(self.counts.values()) / len(self.clips), 1 / len(self.classes)

    @property
    def human(self) -> float | None:
        """The accuracy of listeners, where it is published: of RAVDESS' speech."""
        speech = all(clip.vocal_channel in (None, "speech") for clip in self.clips)
        asked = (self.corpus, self.classes) == ("ravdess", HEARD_BY_HUMANS)
        return HUMAN_ACCURACY if asked and speech else None

    @property
    def confusion(self) -> npt.NDArray[np.int_]:
        """Clips [shape=(n_classes, n_classes)], summed over seeds; rows are the true classes."""
        targets, shares = self._answers
        return scores.confusion(targets, shares.argmax(axis=1), len(self.classes))

    @property
    def recall(self) -> dict[str, float]:
        """The share of each class's clips that were recognised."""
        shares = self.confusion.diagonal() / self.confusion.sum(axis=1)
        return dict(zip(self.classes, shares.tolist(), strict=True))

    @property
    def calibration_error(self) -> float:
        """The expected calibration error, see `serfast.models.calibration_error`."""
        return scores.calibration_error(*self._answers)

    @property
    def reliability(self) -> list[tuple[float, float, int]]:
        """Mean probability, accuracy and clips, see `serfast.models.reliability`."""
        return scores.reliability(*self._answers)

    def by(self, fact: str) -> dict[str, dict[str, float]]:
        """Return accuracy, UAR and clips for each ``"speaker"`` or ``"sex"``."""
        targets, shares = self._answers
        n_seeds = len(self.probabilities)
        groups = [getattr(clip, fact) for clip in self.clips] * n_seeds
        found = scores.by_group(groups, targets, shares.argmax(axis=1))
        return {name: {**of, "clips": of["clips"] // n_seeds} for name, of in found.items()}

    @property
    def _answers(self) -> tuple[Rows, Doubles]:
        shares = self.probabilities.reshape(-1, len(self.classes))
        return np.tile(self._targets, len(self.probabilities)), shares

    @property
    def _targets(self) -> Rows:
        return targets_of(self.clips, self.classes)

    def summary(self) -> dict[str, Any]:
        """Return what a model's card says of it, as plain numbers and texts."""
        (accuracy, accuracy_std), (uar, uar_std) = self.accuracy, self.uar
        return {
            "model": self.model,
            "start": self.start,
            "corpus": self.corpus,
            "counts": self.counts,
            "folds": self.folds,
            "seeds": self.seeds,
            "enrol": self.enrol,
            "speaker_independent": self.speaker_independent,
            "accuracy": accuracy,
            "accuracy_std": accuracy_std,
            "uar": uar,
            "uar_std": uar_std,
            "chance": dict(zip(("accuracy", "uar"), self.chance, strict=True)),
            "human_accuracy": self.human,
            "recall": self.recall,
            "calibration_error": self.calibration_error,
            "sexes": self.by("sex"),
            "leaks": list(self.leaks),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain numbers, lists and texts."""
        counts = self.confusion
        return {
            **self.summary(),
            "confusion": counts.tolist(),
            "confusion_percent": (100 * counts / counts.sum(axis=1, keepdims=True)).tolist(),
            "speakers": self.by("speaker"),
            "scores": [asdict(score) for score in self.scores],
            "random_split": self._random_dict(),
            "notes": list(self.notes),
        }

    def _random_dict(self) -> dict[str, Any] | None:
        if not self.random_scores:
            return None
        (accuracy, accuracy_std), (uar, uar_std) = self.random_split
        return {
            "n_test": self.random_scores[0].n_test,
            "accuracy": accuracy,
            "accuracy_std": accuracy_std,
            "uar": uar,
            "uar_std": uar_std,
            "leaks_speakers": True,
            "terms": self.random_terms,
            "published_accuracy": self.published,
        }


def title_of(model: str, start: str | None) -> str:
    """What a model is called that was trained on something before."""
    return model if start is None else f"{model} after {start}"


def targets_of(clips: Sequence[Clip], classes: tuple[str, ...]) -> Rows:
    return np.searchsorted(classes, [str(clip.label) for clip in clips])


def _spread(figures: list[float]) -> Spread:
    return float(np.mean(figures)), float(np.std(figures)) if len(figures) > 1 else None
