"""Clips held out for calibration, and arithmetic on one thread."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.errors import ParameterError

Rows = npt.NDArray[np.intp]


def one_blas_thread() -> AbstractContextManager[Any]:
    """Multiply matrices on one thread: these are too small to share, and bits may depend on it."""
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(limits=1, user_api="blas")
    return limits


def held_out(
    classes: Rows, groups: Sequence[Any] | None, share: float, seed: int
) -> tuple[Rows, Rows]:
    """Rows to train with and rows to validate with: other speakers where there are several.

    Raises
    ------
    ParameterError
        If a class would have no clip to train with.
    """
    from sklearn.model_selection import GroupShuffleSplit, StratifiedShuffleSplit

    if groups is not None and len(np.unique(groups)) < 2:
        groups = None
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
