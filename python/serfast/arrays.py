"""Arrays of audio and features: frames, lengths, axes and norms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _validate as validate
from ._validate import Array
from .errors import ParameterError
from .values import tiny

__all__ = [
    "expand_to",
    "fix_length",
    "frame",
    "normalize",
    "pad_center",
]


def frame(
    x: Array,
    *,
    frame_length: int,
    hop_length: int,
    axis: int = -1,
    writeable: bool = False,
    subok: bool = False,
) -> Array:
    """Overlapping frames of an array, as a view of it.

    Parameters
    ----------
    x : np.ndarray [shape=(..., n, ...)]
        Samples.
    frame_length : int > 0
        Samples of a frame.
    hop_length : int > 0
        Samples from each frame to the next.
    axis : int
        The axis that is cut. Counted from the front, frames come first and then their samples;
        counted from the back, samples come first.
    writeable : bool
        Whether the view may be written to; a sample lies in many frames.
    subok : bool
        Whether a subclass of np.ndarray stays one.

    Returns
    -------
    x_frames : np.ndarray [shape=(..., frame_length, frames, ...)]
        The frames; those that do not fit wholly are left out.

    Raises
    ------
    ParameterError
        If `x` is shorter than a frame, or a length is not positive.

    See Also
    --------
    pad_center, fix_length

    References
    ----------
    ``librosa.util.frame`` 0.11.

    Examples
    --------
    >>> frame(np.arange(6), frame_length=4, hop_length=2)
    array([[0, 2],
           [1, 3],
           [2, 4],
           [3, 5]])
    """
    x = np.asanyarray(x) if subok else np.asarray(x)
    length = validate.positive_int("frame_length", frame_length)
    hop = validate.positive_int("hop_length", hop_length)
    axis_from_front = validate.axis("x", x, axis)
    if x.shape[axis_from_front] < length:
        raise ParameterError(
            f"x has {x.shape[axis_from_front]} samples, and frame_length={length} are needed"
        )
    windows = np.lib.stride_tricks.sliding_window_view(
        x, length, axis=axis_from_front, writeable=writeable, subok=subok
    )
    every = [slice(None)] * windows.ndim
    every[axis_from_front] = slice(None, None, hop)
    at = axis_from_front + (1 if axis >= 0 else 0)
    return np.moveaxis(windows[tuple(every)], -1, at)


def pad_center(data: Array, *, size: int, axis: int = -1, **kwargs: Any) -> Array:
    """An array in the middle of a longer one.

    Parameters
    ----------
    data : np.ndarray
        Values.
    size : int
        Their number along `axis` afterwards; at least as many as there are.
    axis : int
        The axis that is padded; the end gets the odd one.
    **kwargs
        As `numpy.pad` takes them. Default: zeros.

    Returns
    -------
    data_padded : np.ndarray
        The padded array.

    Raises
    ------
    ParameterError
        If `size` is too small.

    See Also
    --------
    fix_length

    References
    ----------
    ``librosa.util.pad_center`` 0.11.

    Examples
    --------
    >>> pad_center(np.ones(3), size=6)
    array([0., 1., 1., 1., 0., 0.])
    """
    data = np.asarray(data)
    n = data.shape[validate.axis("data", data, axis)]
    if size < n:
        raise ParameterError(f"size={size} must be at least {n}, the length of data")
    left = (size - n) // 2
    return _padded(data, axis, left, size - n - left, kwargs)


def fix_length(data: Array, *, size: int, axis: int = -1, **kwargs: Any) -> Array:
    """An array cut or padded at its end.

    Parameters
    ----------
    data : np.ndarray
        Values.
    size : int >= 0
        Their number along `axis` afterwards.
    axis : int
        The axis that is cut or padded.
    **kwargs
        As `numpy.pad` takes them. Default: zeros.

    Returns
    -------
    data_fixed : np.ndarray
        The array of the length asked for; `data` itself, or a view, where nothing is padded.

    Raises
    ------
    ParameterError
        If `size` is negative.

    See Also
    --------
    pad_center

    References
    ----------
    ``librosa.util.fix_length`` 0.11.

    Examples
    --------
    >>> fix_length(np.arange(4), size=6), fix_length(np.arange(4), size=2)
    (array([0, 1, 2, 3, 0, 0]), array([0, 1]))
    """
    data = np.asarray(data)
    if size < 0:
        raise ParameterError(f"size={size} must be 0 or more")
    at = validate.axis("data", data, axis)
    n = data.shape[at]
    if n < size:
        return _padded(data, axis, 0, size - n, kwargs)
    return data[(slice(None),) * at + (slice(size),)] if n > size else data


def expand_to(x: Array, *, ndim: int, axes: int | Sequence[int]) -> Array:
    """An array with further axes of length 1, ready for broadcasting.

    Parameters
    ----------
    x : np.ndarray
        Values.
    ndim : int
        Number of axes afterwards.
    axes : int or list of int
        Where the axes of `x` go.

    Returns
    -------
    x_exp : np.ndarray
        A view of `x` with `ndim` axes.

    Raises
    ------
    ParameterError
        If `axes` does not name a place for each axis of `x`, or `ndim` is too small.

    References
    ----------
    ``librosa.util.expand_to`` 0.11.

    Examples
    --------
    >>> expand_to(np.ones(5), ndim=3, axes=-2).shape
    (1, 5, 1)
    """
    x = np.asarray(x)
    places = (axes,) if isinstance(axes, (int, np.integer)) else tuple(axes)
    if len(places) != x.ndim:
        raise ParameterError(f"axes={axes} must name a place for each of the {x.ndim} axes of x")
    if ndim < x.ndim:
        raise ParameterError(f"ndim={ndim} must be at least {x.ndim}, the axes of x")
    shape = [1] * ndim
    for place, n in zip(places, x.shape, strict=True):
        shape[place] = n
    return x.reshape(shape)


def normalize(
    S: Array,
    *,
    norm: float | None = np.inf,
    axis: int | None = 0,
    threshold: float | None = None,
    fill: bool | None = None,
) -> Array:
    """An array divided by the norm of its vectors along an axis.

    Parameters
    ----------
    S : np.ndarray
        Values.
    norm : number >= 0, inf, -inf or None
        Order of the norm: inf for the largest magnitude, -inf for the least, 0 for the number of
        values that are not 0. None: nothing is done.
    axis : int or None
        The axis along which vectors lie; None: the whole of `S` is one.
    threshold : float > 0 or None
        Vectors with a lesser norm are small. None: the least normal number of S's type.
    fill : bool or None
        What becomes of small vectors: None leaves them, False makes them 0, True makes all values
        equal, with norm 1.

    Returns
    -------
    S_norm : np.ndarray
        The normalized values, in S's shape and type.

    Raises
    ------
    ParameterError
        If `S` is not finite everywhere, or an option is out of its range.

    References
    ----------
    ``librosa.util.normalize`` 0.11.

    Examples
    --------
    >>> normalize(np.array([[-2.0, 0.0], [1.0, 0.0]]))
    array([[-1. ,  0. ],
           [ 0.5,  0. ]])
    """
    S = np.asarray(S)
    if threshold is None:
        threshold = float(tiny(S))
    elif not threshold > 0:
        raise ParameterError(f"threshold={threshold} must be greater than 0")
    validate.choice("fill", fill, (None, False, True))
    order = validate.norm("norm", norm)
    if order == 0 and fill:
        raise ParameterError("fill=True has no meaning with norm=0")
    if not np.all(np.isfinite(S)):
        raise ParameterError("S is not finite everywhere")
    if order is None:
        return S
    if axis is not None:
        validate.axis("S", S, axis)
    length = _norms(S, order, axis)
    small = length < threshold
    length[small] = 1.0 if fill is None else np.inf
    result = np.empty_like(S)
    np.divide(S, length, out=result, casting="unsafe")
    if fill:
        n = S.size if axis is None else S.shape[axis]
        value = 1.0 if np.isinf(order) else n ** (-1.0 / order)
        np.copyto(result, value, where=small, casting="unsafe")
    return result


def _padded(data: Array, axis: int, left: int, right: int, options: dict[str, Any]) -> Array:
    widths = [(0, 0)] * data.ndim
    widths[axis] = (left, right)
    padded: Array = np.pad(data, widths, **{"mode": "constant", **options})
    return padded


def _norms(S: Array, order: float, axis: int | None) -> Array:
    """Norms of vectors, in float64, the axis kept."""
    options: dict[str, Any] = {"axis": axis, "keepdims": True}
    magnitudes = np.abs(S)
    if np.isinf(order):
        extreme = magnitudes.max if order > 0 else magnitudes.min
        return np.asarray(extreme(**options), dtype=np.float64)
    if order == 0:
        return np.asarray(np.sum(magnitudes > 0, **options), dtype=np.float64)
    powers = magnitudes.astype(np.float64) ** order
    return np.asarray(np.sum(powers, **options) ** (1.0 / order))
