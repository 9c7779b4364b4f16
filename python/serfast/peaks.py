"""Peaks of curves: local extrema, running maxima, and peaks that stand out."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _validate as validate
from ._validate import Array
from .errors import ParameterError

__all__ = ["localmax", "localmin", "peak_pick"]


def localmax(x: Array, *, axis: int = 0) -> Array:
    """Where values are larger than the one before and at least as large as the one after.

    Parameters
    ----------
    x : np.ndarray [shape=(...)]
        Values.
    axis : int
        The axis along which they are compared.

    Returns
    -------
    m : np.ndarray [shape=(...)], bool
        True at local maxima; the first value never is one, the last one may be.

    Raises
    ------
    ParameterError
        If `x` is no array of real numbers with at least two along `axis`.

    See Also
    --------
    localmin, peak_pick

    References
    ----------
    ``librosa.util.localmax`` 0.11.

    Examples
    --------
    >>> localmax(np.array([1, 0, 1, 2, -1, 0, -2, 1]))
    array([False, False, False,  True, False,  True, False,  True])
    """
    return _local_extrema(_curve("x", x), axis, 1)


def localmin(x: Array, *, axis: int = 0) -> Array:
    """Where values are less than the one before and at most the one after.

    Parameters
    ----------
    x : np.ndarray [shape=(...)]
        Values.
    axis : int
        The axis along which they are compared.

    Returns
    -------
    m : np.ndarray [shape=(...)], bool
        True at local minima; the first value never is one, the last one may be.

    Raises
    ------
    ParameterError
        If `x` is no array of real numbers with at least two along `axis`.

    See Also
    --------
    localmax

    References
    ----------
    ``librosa.util.localmin`` 0.11.

    Examples
    --------
    >>> localmin(np.array([1, 0, 1, 2, -1, 0, -2, 1]))
    array([False,  True, False, False,  True, False,  True, False])
    """
    return _local_extrema(_curve("x", x), axis, -1)


def _curve(name: str, x: Any) -> Array:
    curve = np.asarray(x)
    if curve.dtype.kind not in "iuf" or curve.ndim == 0:
        raise ParameterError(
            f"{name} must be an array of real numbers, not {curve.dtype} of shape {curve.shape}"
        )
    return curve


def _local_extrema(x: Array, axis: int, sign: int) -> Array:
    if x.shape[validate.axis("x", x, axis)] < 2:
        raise ParameterError(f"x of shape {x.shape} has no two values along axis={axis}")
    along = np.moveaxis(x, axis, -1)
    before, here, after = along[..., :-1], along[..., 1:], along[..., 2:]
    found = np.zeros(x.shape, dtype=bool)
    to = np.moveaxis(found, axis, -1)
    if sign > 0:
        to[..., 1:] = here > before
        to[..., 1:-1] &= here[..., :-1] >= after
    else:
        to[..., 1:] = here < before
        to[..., 1:-1] &= here[..., :-1] <= after
    return found


def running_maximum(x: Array, size: int, axis: int) -> Array:
    """The largest of `size` values around each, one more before it than after if that is even.

    Beyond the ends there is nothing, or what mirrors the end: both have the same maxima.
    """
    before = size // 2
    return _maximum_over(x, before, size - before, axis)


def _maximum_over(x: Array, before: int, after: int, axis: int) -> Array:
    """The largest of x[i - before : i + after], cut at the ends."""
    along = np.moveaxis(x, axis, -1)
    n = along.shape[-1]
    before, after = min(before, n), min(after, n)
    low = np.iinfo(x.dtype).min if x.dtype.kind in "iu" else -np.inf
    padding = [(0, 0)] * (along.ndim - 1) + [(before, max(after - 1, 0))]
    wide = np.pad(along, padding, constant_values=low)
    # Maxima over windows of 1, 2, 4... until two of them cover the size.
    size, reach = before + after, 1
    while 2 * reach <= size:
        wide = np.maximum(wide[..., :-reach], wide[..., reach:])
        reach *= 2
    rest = size - reach
    if rest:
        wide = np.maximum(wide[..., :-rest], wide[..., rest:])
    return np.moveaxis(wide[..., :n], -1, axis)


def peak_pick(
    x: Array,
    *,
    pre_max: int,
    post_max: int,
    pre_avg: int,
    post_avg: int,
    delta: float,
    wait: int,
    sparse: bool = True,
    axis: int = -1,
) -> Array:
    """Peaks of a curve that are the highest around, stand out, and keep a distance.

    Value n is a peak if it is the maximum of ``x[n - pre_max : n + post_max]``, at least `delta`
    above the mean of ``x[n - pre_avg : n + post_avg]``, and more than `wait` after the last peak.

    Parameters
    ----------
    x : np.ndarray [shape=(n,)], or [shape=(...)] with sparse=False
        The curve.
    pre_max, pre_avg : number >= 0
        Values before n, rounded up.
    post_max, post_avg : number > 0
        Values from n on, rounded up.
    delta : float >= 0
        How far a peak must be above the mean.
    wait : number >= 0
        How many values are skipped after a peak, rounded up.
    sparse : bool
        Whether to return indices; if not, a mask of x's shape.
    axis : int
        The axis along which peaks are looked for.

    Returns
    -------
    peaks : np.ndarray [shape=(peaks,)], int64, or [shape=(...)], bool
        Indices of the peaks in rising order, or True where they are.

    Raises
    ------
    ParameterError
        If `x` is no array of finite numbers, has several axes with ``sparse=True``, or an option is
        out of its range.

    See Also
    --------
    serfast.onset.onset_detect, localmax

    References
    ----------
    ``librosa.util.peak_pick`` 0.11; Boeck, Krebs and Schedl, "Evaluating the online capabilities of
    onset detection methods" (ISMIR, 2012).

    Examples
    --------
    >>> x = np.array([0, 1, 0, 0, 3, 2, 3, 0, 0])
    >>> peak_pick(x, pre_max=1, post_max=2, pre_avg=3, post_avg=3, delta=0.5, wait=1)
    array([1, 4, 6])
    """
    x = _curve("x", x)
    if not np.all(np.isfinite(x)):
        raise ParameterError("x is not finite everywhere")
    reach_back = [_whole(name, value, 0) for name, value in
                  (("pre_max", pre_max), ("pre_avg", pre_avg), ("wait", wait))]  # fmt: skip
    reach_on = [_whole(name, value, 1) for name, value in
                (("post_max", post_max), ("post_avg", post_avg))]  # fmt: skip
    validate.number("delta", delta, 0)
    if sparse and x.ndim != 1:
        raise ParameterError(f"x has {x.ndim} axes; sparse=True takes one, sparse=False any")
    validate.axis("x", x, axis)
    (before, before_mean, skip), (after, after_mean) = reach_back, reach_on
    curves = np.moveaxis(x, axis, -1)
    highest = curves == _maximum_over(curves, before, after, -1)
    peaks = np.zeros(curves.shape, dtype=bool)
    for i in np.ndindex(curves.shape[:-1]):
        at = np.flatnonzero(highest[i])
        means = _means(curves[i], at, before_mean, after_mean)
        at = at[curves[i][at] >= means + np.float32(delta)]
        peaks[i][_spaced(at, skip)] = True
    return np.flatnonzero(peaks) if sparse else np.moveaxis(peaks, -1, axis)


def _whole(name: str, value: Any, least: int) -> int:
    """A number that may have a fraction, rounded up; positive if at least 1 is asked for."""
    number = validate.positive(name, value) if least else validate.number(name, value, 0)
    return int(np.ceil(number))


def _means(curve: Array, at: Array, before: int, after: int) -> Array:
    """Means of curve[i - before : i + after], cut at the ends."""
    n = len(curve)
    starts, ends = np.maximum(at - before, 0), np.minimum(at + after, n)
    # Sums of pairs of neighbouring runs; the last run is only there to end the one before.
    padded = np.append(curve.astype(np.float64), 0.0)
    sums = np.add.reduceat(padded, np.stack([starts, ends], axis=-1).reshape(-1))[::2]
    means: Array = (sums / (ends - starts)).astype(np.result_type(curve.dtype, np.float32))
    return means


def _spaced(at: Array, wait: int) -> list[int]:
    """The first, and each that is more than `wait` after the last one taken."""
    taken: list[int] = []
    least = 0
    for i in at.tolist():
        if i >= least:
            taken.append(i)
            least = i + wait + 1
    return taken
