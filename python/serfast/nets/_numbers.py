"""Probabilities, their calibration, and clips held out for it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.errors import ParameterError

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


def one_blas_thread() -> AbstractContextManager[Any]:
    """Multiply matrices on one thread: these are too small to share, and bits may depend on it."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(limits=1, user_api="blas")
    return limits


def softmax(scores: npt.ArrayLike, temperature: float = 1.0) -> Floats:
    """Probabilities from scores along the last axis, in double precision."""
    scaled = np.asarray(scores, np.float64) / temperature
    shares = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    result: Floats = shares / shares.sum(axis=-1, keepdims=True)
    return result


def best_temperature(scores: npt.ArrayLike, classes: Rows) -> float:
    """The temperature under which the true classes are most probable (Guo et al. 2017).

    Parameters
    ----------
    scores : np.ndarray [shape=(n, n_classes)]
        Of clips that the network was not trained on.
    classes : np.ndarray [shape=(n,), dtype=int]
        Their true classes.

    Returns
    -------
    temperature : float
        Between 1/20 and 20.

    Examples
    --------
    >>> sure_but_half_wrong = np.array([[9.0, 0.0], [9.0, 0.0], [9.0, 0.0], [9.0, 0.0]])
    >>> best_temperature(sure_but_half_wrong, np.array([0, 0, 0, 1])) > 5
    True
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(classes))

    def loss(log_temperature: float) -> float:
        likelihood = softmax(scores, float(np.exp(log_temperature)))[rows, classes]
        return float(-np.log(np.maximum(likelihood, 1e-300)).mean())

    found = minimize_scalar(loss, bounds=(-np.log(20), np.log(20)), method="bounded")
    return float(np.exp(found.x))


def held_out(
    classes: Rows, groups: Sequence[Any] | None, share: float, seed: int
) -> tuple[Rows, Rows]:
    """Rows to train with and rows to validate with: other speakers where groups are known.

    Raises
    ------
    ParameterError
        If a class would have no clip to train with.
    """
    from sklearn.model_selection import GroupShuffleSplit, StratifiedShuffleSplit

    splitter = GroupShuffleSplit if groups is not None else StratifiedShuffleSplit
    try:
        split = splitter(1, test_size=share, random_state=seed).split(classes, classes, groups)
        train, held = next(split)
    except ValueError as error:
        raise ParameterError(f"validation={share}: {error}") from None
    if len(np.unique(classes[train])) < len(np.unique(classes)):
        raise ParameterError(
            f"validation={share}: a class has clips of the held-out speakers only; "
            "use calibrate=False, or give clips of more speakers"
        )
    return train, held
