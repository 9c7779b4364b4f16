"""Runs of frames: their limits, and features put together over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._validate import Array
from .errors import ParameterError

__all__ = [
    "fix_frames",
    "index_to_slice",
    "sync",
]


def fix_frames(
    frames: npt.ArrayLike, *, x_min: int | None = 0, x_max: int | None = None, pad: bool = True
) -> Array:
    """Indices of frames, sorted, each once, between limits.

    Parameters
    ----------
    frames : np.ndarray [shape=(n,)], int
        Indices, 0 or more.
    x_min, x_max : int or None
        The least and the largest index; None for no limit.
    pad : bool
        Whether the limits are put into the list, and indices beyond them moved to them; if not,
        those are left out.

    Returns
    -------
    fixed_frames : np.ndarray [shape=(m,)], int64
        The indices.

    Raises
    ------
    ParameterError
        If an index is negative.

    See Also
    --------
    sync

    References
    ----------
    ``librosa.util.fix_frames`` 0.11.

    Examples
    --------
    >>> fix_frames([500, 3, 3, 1000], x_max=600)
    array([  0,   3, 500, 600])
    """
    indices = np.asarray(frames)
    if np.any(indices < 0):
        raise ParameterError(f"frames={frames!r} must not be negative")
    limits = [limit for limit in (x_min, x_max) if limit is not None]
    if pad and limits:
        indices = np.concatenate([limits, np.clip(indices, x_min, x_max)])
    if x_min is not None:
        indices = indices[indices >= x_min]
    if x_max is not None:
        indices = indices[indices <= x_max]
    return np.unique(indices).astype(int)


def index_to_slice(
    idx: npt.ArrayLike,
    *,
    idx_min: int | None = None,
    idx_max: int | None = None,
    step: int | None = None,
    pad: bool = True,
) -> list[slice]:
    """Slices from each of some indices to the next.

    Parameters
    ----------
    idx : np.ndarray [shape=(n,)], int
        Indices, 0 or more.
    idx_min, idx_max, pad
        The limits of `fix_frames`, and what is done about them.
    step : int or None
        Step of the slices.

    Returns
    -------
    slices : list of slice
        One less than there are indices.

    Raises
    ------
    ParameterError
        If an index is negative.

    See Also
    --------
    fix_frames, sync

    References
    ----------
    ``librosa.util.index_to_slice`` 0.11.

    Examples
    --------
    >>> index_to_slice([2, 5], idx_min=0, idx_max=9)
    [slice(0, 2, None), slice(2, 5, None), slice(5, 9, None)]
    """
    fixed = fix_frames(idx, x_min=idx_min, x_max=idx_max, pad=pad).tolist()
    return [slice(start, end, step) for start, end in pairwise(fixed)]


def sync(
    data: Array,
    idx: Sequence[int] | Sequence[slice] | Array,
    *,
    aggregate: Callable[..., Any] | None = None,
    pad: bool = True,
    axis: int = -1,
) -> Array:
    """Features put together over segments, such as from beat to beat.

    Parameters
    ----------
    data : np.ndarray [shape=(..., n, ...)]
        Features.
    idx : list of int or of slice
        Where segments begin and end, or the segments.
    aggregate : function, optional
        Called with a segment and its `axis`. Default: the mean.
    pad : bool
        Whether indices are completed by the beginning and the end of `data`.
    axis : int
        The axis that is cut.

    Returns
    -------
    data_sync : np.ndarray [shape=(..., segments, ...)]
        A value for each segment, in data's type.

    Raises
    ------
    ParameterError
        If `idx` has anything but integers or slices.

    See Also
    --------
    fix_frames

    References
    ----------
    ``librosa.util.sync`` 0.11.

    Examples
    --------
    >>> sync(np.array([1.0, 3.0, 5.0, 5.0]), [2])
    array([2., 5.])
    """
    data = np.asarray(data)
    at = validate.axis("data", data, axis)
    if all(isinstance(one, slice) for one in idx):
        slices = list(idx)
    elif all(isinstance(one, (int, np.integer)) for one in idx):
        slices = index_to_slice(np.asarray(idx), idx_min=0, idx_max=data.shape[at], pad=pad)
    else:
        raise ParameterError(f"idx={idx} must be a list of integers or of slices")
    reduced = np.mean if aggregate is None else aggregate
    shape = (*data.shape[:at], len(slices), *data.shape[at + 1 :])
    result = np.empty(shape, dtype=data.dtype, order="F" if np.isfortran(data) else "C")
    before: tuple[Any, ...] = (slice(None),) * at
    for i, segment in enumerate(slices):
        result[(*before, i)] = reduced(data[(*before, segment)], axis=axis)
    return result
