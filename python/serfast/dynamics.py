"""Features over time: their change, and their recent past."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import _core
from . import _validate as validate
from ._validate import Array
from .errors import ParameterError

__all__ = ["delta", "stack_memory"]

_modes = {"mirror": "reflect", "nearest": "edge", "wrap": "wrap", "constant": "constant"}


def delta(
    data: Array,
    *,
    width: int = 9,
    order: int = 1,
    axis: int = -1,
    mode: str = "interp",
    cval: float = 0.0,
) -> Array:
    """Derivative of features over time: that of a polynomial fitted around each frame.

    Parameters
    ----------
    data : np.ndarray [shape=(..., frames)]
        Features, such as MFCC.
    width : odd int >= 3
        Frames that the polynomial of degree `order` is fitted to.
    order : int from 1 to width - 1
        Order of the derivative.
    axis : int
        The axis of time.
    mode : str
        What is beyond the ends: ``"interp"`` (the polynomial of the first or last `width` frames
        goes on), ``"nearest"`` (the last value), ``"mirror"``, ``"wrap"`` or ``"constant"``.
    cval : float
        The value of ``"constant"``.

    Returns
    -------
    delta_data : np.ndarray [shape=(..., frames)]
        Change per frame (to the power of `order`), in data's shape; float32 for float32, else
        float64.

    Raises
    ------
    ParameterError
        If `width` is even, too small, or more than there are frames with ``"interp"``, or another
        option is out of its range.

    See Also
    --------
    mfcc

    References
    ----------
    ``librosa.feature.delta`` 0.11; Savitzky and Golay, "Smoothing and differentiation of data by
    simplified least squares procedures" (Analytical Chemistry, 1964).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.delta(np.array([0.0, 2.0, 4.0, 6.0, 9.0]), width=3).round(3)
    array([2. , 2. , 2. , 2.5, 2.5])
    """
    data = np.atleast_1d(np.asarray(data))
    if data.dtype.kind not in "fiub":
        raise ParameterError(f"data has dtype {data.dtype}; it must be real numbers")
    is_known = data.dtype.kind == "f" and data.dtype.itemsize in (4, 8)
    data = data.astype(data.dtype.newbyteorder("=") if is_known else np.float64, copy=False)
    _check(data, width, order, axis, mode)
    rows = np.moveaxis(data, axis, -1)
    if rows.size == 0:
        return data.copy()
    flat = validate.contiguous(rows).reshape(-1, rows.shape[-1])
    result = _filtered(flat, int(width), int(order), mode, cval).reshape(rows.shape)
    return np.moveaxis(result, -1, axis)


def stack_memory(data: Array, *, n_steps: int = 2, delay: int = 1, **kwargs: Any) -> Array:
    """Features with copies of themselves from earlier frames below them.

    Parameters
    ----------
    data : np.ndarray [shape=(..., rows, frames)]
        Features; a single row may have one axis.
    n_steps : int > 0
        Number of copies, the one without delay included.
    delay : int
        Frames by which each copy is later than the one above it; negative for earlier.
    **kwargs
        What is beyond the ends, as `numpy.pad` takes it. Default: zeros.

    Returns
    -------
    data_history : np.ndarray [shape=(..., rows * n_steps, frames)]
        The copies, one below the other.

    Raises
    ------
    ParameterError
        If `data` has no frames, `n_steps` is not positive or `delay` is 0.

    See Also
    --------
    delta

    References
    ----------
    ``librosa.feature.stack_memory`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.stack_memory(np.array([[1, 2, 3, 4]]), n_steps=3)
    array([[1, 2, 3, 4],
           [0, 1, 2, 3],
           [0, 0, 1, 2]])
    """
    validate.positive_int("n_steps", n_steps)
    if not isinstance(delay, (int, np.integer)) or delay == 0:
        raise ParameterError(f"delay={delay!r} must be an integer other than 0")
    data = np.atleast_2d(data)
    n_rows, n_frames = data.shape[-2:]
    if n_frames == 0:
        raise ParameterError(f"data of shape {data.shape} has no frames")
    reach = (n_steps - 1) * abs(int(delay))
    sides = [(0, 0)] * (data.ndim - 1) + [(reach, 0) if delay > 0 else (0, reach)]
    try:
        wide = np.pad(data, sides, **{"mode": "constant", **kwargs})
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{kwargs}: {error}") from None
    history = np.empty((*data.shape[:-2], n_rows * n_steps, n_frames), dtype=data.dtype)
    for step in range(n_steps):
        first = reach - step * delay if delay > 0 else -step * delay
        rows = slice(step * n_rows, (step + 1) * n_rows)
        history[..., rows, :] = wide[..., first : first + n_frames]
    return history


def _check(data: Array, width: Any, order: Any, axis: int, mode: str) -> None:
    if not -data.ndim <= axis < data.ndim:
        raise ParameterError(f"axis={axis} is not an axis of data of shape {data.shape}")
    if not isinstance(width, (int, np.integer)) or width < 3 or width % 2 == 0:
        raise ParameterError(f"width={width!r} must be an odd integer >= 3")
    validate.positive_int("order", order)
    if order >= width:
        raise ParameterError(f"order={order} must be less than width={width}")
    validate.choice("mode", mode, ("interp", *_modes))
    if mode == "interp" and width > data.shape[axis]:
        raise ParameterError(
            f"with mode='interp' width={width} cannot exceed data.shape[{axis}]={data.shape[axis]}"
        )


def _filtered(rows: Array, width: int, order: int, mode: str, cval: float) -> Array:
    half = width // 2
    powers = np.vander(np.arange(-half, half + 1.0), order + 1, increasing=True)
    fit = np.linalg.pinv(powers)
    weights = fit[order] * math.factorial(order)
    if mode == "interp":
        # The polynomial of the first and last whole window has a constant derivative of its order.
        inner = _core.correlate(rows, weights.astype(rows.dtype))
        return np.pad(inner, ((0, 0), (half, half)), mode="edge")
    extra = {"constant_values": cval} if mode == "constant" else {}
    wide = np.pad(rows, ((0, 0), (half, half)), mode=_modes[mode], **extra)  # type: ignore[call-overload]
    return _core.correlate(validate.contiguous(wide), weights.astype(rows.dtype))
