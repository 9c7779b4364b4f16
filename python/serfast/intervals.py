"""Frequencies of musical scales."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any, Literal, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._validate import Array
from .errors import ParameterError

__all__ = [
    "cqt_frequencies",
    "interval_frequencies",
    "plimit_intervals",
    "pythagorean_intervals",
]

Intervals: TypeAlias = str | Sequence[float] | Array
Factors: TypeAlias = list[dict[int, int]]

_PRIMES = {"ji3": (3,), "ji5": (3, 5), "ji7": (3, 5, 7)}


def cqt_frequencies(
    n_bins: int, *, fmin: float, bins_per_octave: int = 12, tuning: float = 0.0
) -> Array:
    """Centre frequencies of a constant-Q transform: equal steps on a logarithmic scale.

    Parameters
    ----------
    n_bins : int > 0
        Number of bins.
    fmin : number > 0
        Frequency of the first bin in Hz.
    bins_per_octave : int > 0
        Bins to the octave.
    tuning : number
        Deviation from `fmin` in fractions of a bin.

    Returns
    -------
    frequencies : np.ndarray [shape=(n_bins,)]
        Frequencies in Hz.

    Raises
    ------
    ParameterError
        If an option is out of its range.

    See Also
    --------
    interval_frequencies, cqt

    References
    ----------
    ``librosa.cqt_frequencies`` 0.11.

    Examples
    --------
    >>> import serfast
    >>> serfast.cqt_frequencies(4, fmin=55.0, bins_per_octave=2).round(2)
    array([ 55.  ,  77.78, 110.  , 155.56])
    """
    n_bins = validate.positive_int("n_bins", n_bins)
    bins_per_octave = validate.positive_int("bins_per_octave", bins_per_octave)
    correction = 2.0 ** (validate.number("tuning", tuning) / bins_per_octave)
    steps = np.arange(0, n_bins, dtype=float) / bins_per_octave
    return np.asarray(correction * validate.positive("fmin", fmin) * 2.0**steps)


def interval_frequencies(
    n_bins: int,
    *,
    fmin: float,
    intervals: Intervals,
    bins_per_octave: int = 12,
    tuning: float = 0.0,
    sort: bool = True,
) -> Array:
    """Frequencies of a scale that repeats in every octave.

    Parameters
    ----------
    n_bins : int > 0
        Number of frequencies.
    fmin : number > 0
        The lowest one in Hz.
    intervals : str or np.ndarray [shape=(bins_per_octave,)]
        ``"equal"``: equal temperament; ``"pythagorean"``: `pythagorean_intervals`; ``"ji3"``,
        ``"ji5"``, ``"ji7"``: `plimit_intervals` with primes up to that one; or the ratios within
        one octave, from 1 to less than 2.
    bins_per_octave : int > 0
        Frequencies to the octave, where `intervals` is a name.
    tuning : number
        Deviation of ``"equal"`` in fractions of a bin.
    sort : bool
        Whether the frequencies ascend, or come in the order of the intervals.

    Returns
    -------
    frequencies : np.ndarray [shape=(n_bins,)]
        Frequencies in Hz.

    Raises
    ------
    ParameterError
        If `intervals` is unknown or empty, or an option is out of its range.

    See Also
    --------
    cqt_frequencies, pythagorean_intervals, plimit_intervals, vqt

    References
    ----------
    ``librosa.interval_frequencies`` 0.11.

    Examples
    --------
    >>> import serfast
    >>> serfast.interval_frequencies(4, fmin=100.0, intervals=[1, 1.5])
    array([100., 150., 200., 300.])
    """
    n_bins = validate.positive_int("n_bins", n_bins)
    ratios = _ratios(intervals, bins_per_octave, tuning, sort)
    octaves = np.arange(np.ceil(n_bins / len(ratios)))
    lowest = validate.positive("fmin", fmin)
    with np.errstate(over="ignore"):
        every = np.multiply.outer(2.0**octaves, ratios).ravel()[:n_bins]
        frequencies = np.asarray((np.sort(every) if sort else every) * lowest)
    if not np.all(np.isfinite(frequencies)):
        raise ParameterError(
            f"n_bins={n_bins} from fmin={lowest:g} must not reach beyond the highest float64"
        )
    return frequencies


def steps_per_octave(intervals: Any, bins_per_octave: Any) -> int:
    """How many intervals there are, or, where they are only named, shall be."""
    if isinstance(intervals, str):
        return validate.positive_int("bins_per_octave", bins_per_octave)
    return len(_ratios(intervals, None, None, True))


def _ratios(intervals: Any, bins_per_octave: Any, tuning: Any, sort: bool) -> Array:
    if not isinstance(intervals, str):
        ratios = np.asarray(intervals, dtype=float)
        if ratios.ndim != 1 or ratios.size == 0 or not np.all(np.isfinite(ratios)):
            raise ParameterError(f"intervals={intervals!r} must be a list of finite ratios")
        return ratios
    n = validate.positive_int("bins_per_octave", bins_per_octave)
    name = validate.choice("intervals", intervals, ("equal", "pythagorean", *_PRIMES))
    if name == "equal":
        return np.asarray(2.0 ** ((validate.number("tuning", tuning) + np.arange(n)) / n))
    if name == "pythagorean":
        return pythagorean_intervals(bins_per_octave=n, sort=sort)
    return plimit_intervals(primes=_PRIMES[name], bins_per_octave=n, sort=sort)


@overload
def pythagorean_intervals(
    *, bins_per_octave: int = ..., sort: bool = ..., return_factors: Literal[False] = ...
) -> Array: ...
@overload
def pythagorean_intervals(
    *, bins_per_octave: int = ..., sort: bool = ..., return_factors: Literal[True]
) -> Factors: ...
def pythagorean_intervals(
    *, bins_per_octave: int = 12, sort: bool = True, return_factors: bool = False
) -> Array | Factors:
    """Intervals within an octave that are stacked fifths: powers of 3 over powers of 2.

    Parameters
    ----------
    bins_per_octave : int > 0
        Number of intervals.
    sort : bool
        Whether they ascend, or come in the order of the powers of 3.
    return_factors : bool
        Whether to return the exponents of 2 and 3 rather than the ratios.

    Returns
    -------
    intervals : np.ndarray [shape=(bins_per_octave,)] or list of dict
        Ratios from 1 to less than 2, or for each one its exponent of each prime.

    Raises
    ------
    ParameterError
        If `bins_per_octave` is not a positive integer.

    See Also
    --------
    plimit_intervals, interval_frequencies

    References
    ----------
    ``librosa.pythagorean_intervals`` 0.11.

    Examples
    --------
    >>> import serfast
    >>> serfast.pythagorean_intervals(bins_per_octave=3)
    array([1.   , 1.125, 1.5  ])
    """
    powers = np.arange(validate.positive_int("bins_per_octave", bins_per_octave))
    exponents = powers[:, None].astype(float)
    return _within_octave((3,), exponents, np.log2([3.0]), sort, return_factors, keep_zeros=True)


@overload
def plimit_intervals(
    *,
    primes: npt.ArrayLike,
    bins_per_octave: int = ...,
    sort: bool = ...,
    return_factors: Literal[False] = ...,
) -> Array: ...
@overload
def plimit_intervals(
    *,
    primes: npt.ArrayLike,
    bins_per_octave: int = ...,
    sort: bool = ...,
    return_factors: Literal[True],
) -> Factors: ...
def plimit_intervals(
    *,
    primes: npt.ArrayLike,
    bins_per_octave: int = 12,
    sort: bool = True,
    return_factors: bool = False,
) -> Array | Factors:
    """Intervals of just intonation: products of powers of some primes, harmonically close.

    Parameters
    ----------
    primes : np.ndarray of int
        The odd primes of the ratios; powers of 2 bring each into the octave.
    bins_per_octave : int > 0
        Number of intervals.
    sort : bool
        Whether they ascend, or come in the order in which they were chosen.
    return_factors : bool
        Whether to return the exponents of the primes rather than the ratios.

    Returns
    -------
    intervals : np.ndarray [shape=(bins_per_octave,)] or list of dict
        Ratios from 1 to less than 2, or for each one its exponents that are not 0, by prime.

    Raises
    ------
    ParameterError
        If `bins_per_octave` is not a positive integer, or `primes` is empty.

    See Also
    --------
    pythagorean_intervals, interval_frequencies

    Notes
    -----
    The set grows from 1: among the neighbours of what is in it already (one prime more or less),
    the one comes next whose harmonic distances to all of the set have the smallest sum.

    References
    ----------
    ``librosa.plimit_intervals`` 0.11; Tenney, "On 'crystal growth' in harmonic space" (2008).

    Examples
    --------
    >>> import serfast
    >>> serfast.plimit_intervals(primes=[3, 5], bins_per_octave=4).round(3)
    array([1.   , 1.125, 1.333, 1.5  ])
    """
    bases = np.atleast_1d(np.asarray(primes))
    if bases.ndim != 1 or bases.size == 0:
        raise ParameterError(f"primes={primes!r} must be a list of numbers")
    logs = np.log2(bases, dtype=np.float64)
    points = _crystal(logs, validate.positive_int("bins_per_octave", bins_per_octave))
    exponents = np.array(points, dtype=float)
    return _within_octave(
        tuple(bases.tolist()), exponents, logs, sort, return_factors, keep_zeros=False
    )


def _crystal(logs: Array, n: int) -> list[tuple[int, ...]]:
    """The exponents of n intervals, in the order in which the set grows."""
    n_primes = len(logs)
    steps = [
        tuple(sign * (i == j) for j in range(n_primes)) for i in range(n_primes) for sign in (1, -1)
    ]
    chosen = [(0,) * n_primes]
    frontier = {step: _distance(logs, step, chosen[0]) for step in steps}
    while len(chosen) < n:
        best, least = None, np.inf
        for point, total in frontier.items():
            tie = best is not None and np.isclose(total, least)
            if total < least or (tie and _size(logs, point) < _size(logs, best)):
                best, least = point, total
        assert best is not None
        del frontier[best]
        chosen.append(best)
        for point in frontier:
            frontier[point] += _distance(logs, point, best)
        for step in steps:
            point = tuple(a + b for a, b in zip(best, step, strict=True))
            if point not in chosen and point not in frontier:
                # Rounding decides ties, and sum() compensates for it from Python 3.12 on.
                frontier[point] = reduce(add, (_distance(logs, point, one) for one in chosen))
    return chosen


def _distance(logs: Array, a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """log2 of the product of two ratios over the square of their greatest common divisor."""
    p, q = np.array(a), np.array(b)
    divisor = np.minimum(np.maximum(p, 0), np.maximum(q, 0)) - np.maximum(
        np.maximum(-p, 0), np.maximum(-q, 0)
    )
    # Six digits, so that equal distances are equal.
    return float(np.around(logs.dot(p + q - 2 * divisor), 6))


def _size(logs: Array, point: tuple[int, ...] | None) -> float:
    return float(logs.dot(np.abs(np.array(point))))


def _within_octave(
    primes: tuple[int, ...], exponents: Array, logs: Array, sort: bool, factors: bool,
    keep_zeros: bool,
) -> Array | Factors:  # fmt: skip
    """The ratios, or their factors, with the power of 2 that brings each into the octave."""
    height = exponents.dot(logs)
    octaves = np.floor(height)
    fraction = height - octaves
    order = np.argsort(fraction) if sort else np.arange(len(fraction))
    if not factors:
        return np.asarray(np.power(2, fraction[order]))
    found = []
    for i in order:
        powers = {2: -int(octaves[i])} | {
            p: int(e) for p, e in zip(primes, exponents[i], strict=True)
        }
        found.append({p: e for p, e in powers.items() if keep_zeros or e != 0})
    return found
