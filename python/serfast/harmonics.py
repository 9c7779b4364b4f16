"""Harmonics: a spectrum's values at multiples of frequencies."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._validate import Array
from .errors import ParameterError

__all__ = ["f0_harmonics"]


def f0_harmonics(
    x: Array,
    *,
    f0: npt.ArrayLike,
    freqs: Array,
    harmonics: npt.ArrayLike,
    kind: str = "linear",
    fill_value: float = 0,
    axis: int = -2,
) -> Array:
    """Energy at multiples of a fundamental frequency that changes from frame to frame.

    Parameters
    ----------
    x : np.ndarray [shape=(..., bins, frames)]
        A spectrum or another feature over frequency.
    f0 : np.ndarray [shape=(..., frames)]
        Fundamental frequency of each frame.
    freqs : np.ndarray [shape=(bins,) or x's shape]
        Frequencies of the bins; those that are not finite are left out.
    harmonics : list of number
        Multiples of `f0`.
    kind : str
        How to interpolate between bins, as `scipy.interpolate.interp1d` takes it.
    fill_value : number
        The value beyond the first and the last frequency, and where `f0` is not known.
    axis : int
        The axis of frequency.

    Returns
    -------
    f0_harm : np.ndarray [shape=(..., len(harmonics), frames)]
        The energy of each harmonic, of float64; of x's type where `kind` takes a bin's as it is.

    Raises
    ------
    ParameterError
        If `freqs` fits neither the bins nor `x`, or an option is out of its range.

    Warns
    -----
    UserWarning
        If a frequency occurs twice.

    See Also
    --------
    tempogram_ratio

    References
    ----------
    ``librosa.f0_harmonics`` 0.11.

    Examples
    --------
    >>> spectrum = np.array([[0.0], [1.0], [4.0], [9.0]])
    >>> f0_harmonics(spectrum, f0=[1.0], freqs=np.arange(4.0), harmonics=[1, 2, 2.5, 4]).T
    array([[1. , 4. , 6.5, 0. ]])
    """
    x, freqs = _checked(x, freqs, axis)
    values = np.moveaxis(x, axis, -1)
    wanted = np.multiply.outer(np.asarray(f0, dtype=np.float64), np.asarray(harmonics, np.float64))
    grids = freqs if freqs.ndim == 1 else np.moveaxis(freqs, axis, -1)
    if wanted.shape[:-1] != values.shape[:-1]:
        wanted = np.broadcast_to(wanted, (*values.shape[:-1], wanted.shape[-1]))
    copies = x.dtype.kind == "f" and kind in ("nearest", "nearest-up", "previous", "next")
    found = np.empty(wanted.shape, x.dtype if copies else np.float64)
    for at in np.ndindex(values.shape[:-2] if freqs.ndim == 1 else values.shape[:-1]):
        grid = grids if freqs.ndim == 1 else grids[at]
        known = np.isfinite(grid)
        found[at] = _interpolated(grid[known], values[at][..., known], wanted[at], kind, fill_value)
    found = np.moveaxis(found, -1, axis)
    return np.nan_to_num(found, copy=False, nan=fill_value)


def _checked(x: Any, freqs: Any, axis: int) -> tuple[Array, Array]:
    x, freqs = np.asarray(x), np.asarray(freqs, dtype=np.float64)
    bins = validate.axis("x", x, axis)
    if x.dtype.kind not in "fiu":
        raise ParameterError(f"x has dtype {x.dtype}; it must be real numbers")
    if freqs.shape not in ((x.shape[bins],), x.shape):
        raise ParameterError(f"freqs of shape {freqs.shape} does not fit x of shape {x.shape}")
    ordered = np.sort(freqs if freqs.ndim == 1 else np.moveaxis(freqs, axis, -1))
    if np.any(ordered[..., 1:] == ordered[..., :-1]):
        warnings.warn(
            "some frequencies occur twice, which interpolation takes as one", stacklevel=3
        )
    return x, freqs


def _interpolated(grid: Array, values: Array, wanted: Array, kind: str, fill_value: Any) -> Array:
    """Values (..., bins) over a grid, at the wanted places (..., n) of each row."""
    order = np.argsort(grid, kind="stable")
    grid, values = grid[order], values[..., order]
    if kind == "linear" and np.ndim(fill_value) == 0 and not isinstance(fill_value, str):
        return _straight(grid, values, wanted, fill_value)
    from scipy.interpolate import interp1d

    found = np.empty(wanted.shape)
    for at in np.ndindex(wanted.shape[:-1]):
        try:
            curve = interp1d(grid, values[at], kind=kind, bounds_error=False, fill_value=fill_value)
        except (NotImplementedError, ValueError) as error:
            raise ParameterError(f"kind={kind!r}, fill_value={fill_value!r}: {error}") from None
        found[at] = curve(wanted[at])
    return found


def _straight(grid: Array, values: Array, wanted: Array, fill_value: float) -> Array:
    if len(grid) < 2:
        return np.where(np.isin(wanted, grid), values, fill_value)
    right = np.clip(np.searchsorted(grid, wanted), 1, len(grid) - 1)
    left = right - 1
    low, high = (np.take_along_axis(values, at, axis=-1) for at in (left, right))
    share = (wanted - grid[left]) / (grid[right] - grid[left])
    found = low + (high - low) * share
    inside = (wanted >= grid[0]) & (wanted <= grid[-1])
    return np.where(inside, found, np.where(np.isnan(wanted), np.nan, fill_value))
