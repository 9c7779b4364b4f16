"""Figures of predictions: what the probabilities of a set of clips are worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Targets = npt.NDArray[np.intp]

N_BINS = 15


def accuracy(targets: Targets, chosen: Targets) -> float:
    """Return the share of clips that were recognised."""
    return float(np.mean(targets == chosen))


def unweighted_recall(targets: Targets, chosen: Targets) -> float:
    """Return UAR: the mean of the recalls of the classes that occur.

    Examples
    --------
    >>> unweighted_recall(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]))
    0.5
    """
    correct = targets == chosen
    return float(np.mean([correct[targets == k].mean() for k in np.unique(targets)]))


def confusion(targets: Targets, chosen: Targets, n_classes: int) -> npt.NDArray[np.int_]:
    """Return counts [shape=(n_classes, n_classes)]: true classes in rows, chosen ones in columns.

    Examples
    --------
    >>> confusion(np.array([0, 1, 1]), np.array([0, 0, 1]), 2)
    array([[1, 0],
           [1, 1]])
    """
    counts = np.bincount(targets * n_classes + chosen, minlength=n_classes**2)
    return counts.reshape(n_classes, n_classes).astype(np.int_)


def calibration_error(targets: Targets, probabilities: Doubles) -> float:
    """Return by how much confidence and accuracy differ (expected calibration error).

    Parameters
    ----------
    targets : np.ndarray [shape=(n,), dtype=int]
        True classes.
    probabilities : np.ndarray [shape=(n, n_classes)]
        Of each class.

    Returns
    -------
    float in [0, 1]
        The mean, over 15 equal bins of the highest probability weighted by their clips, of the
        distance between mean probability and accuracy in the bin.

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.

    Examples
    --------
    >>> round(calibration_error(np.array([0, 0]), np.array([[0.9, 0.1], [0.3, 0.7]])), 2)
    0.4
    """
    points = reliability(targets, probabilities)
    return sum(abs(sure - right) * clips for sure, right, clips in points) / len(targets)


def reliability(targets: Targets, probabilities: Doubles) -> list[tuple[float, float, int]]:
    """Return mean probability, accuracy and clips of each bin that holds any."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == targets
    which = np.minimum((confidence * N_BINS).astype(np.int_), N_BINS - 1)
    return [
        (float(confidence[inside].mean()), float(correct[inside].mean()), int(inside.sum()))
        for inside in (which == k for k in np.unique(which))
    ]


def by_group(
    groups: Sequence[str | None], targets: Targets, chosen: Targets
) -> dict[str, dict[str, float]]:
    """Return accuracy, UAR and clips of each group (a speaker, a sex) that is known."""
    names = np.array([group or "" for group in groups])
    figures = {}
    for name in sorted(set(names.tolist()) - {""}):
        rows = names == name
        figures[name] = {
            "accuracy": accuracy(targets[rows], chosen[rows]),
            "uar": unweighted_recall(targets[rows], chosen[rows]),
            "clips": int(rows.sum()),
        }
    return figures
