"""Per-channel energy normalization: an automatic gain for each band of a spectrogram."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from . import _core
from . import _validate as validate
from ._validate import Array
from .errors import ParameterError
from .peaks import running_maximum

__all__ = ["pcen"]


def pcen(
    S: Array,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    gain: float = 0.98,
    bias: float = 2,
    power: float = 0.5,
    time_constant: float = 0.400,
    eps: float = 1e-6,
    b: float | None = None,
    max_size: int = 1,
    ref: Array | None = None,
    axis: int = -1,
    max_axis: int | None = None,
    zi: Array | None = None,
    return_zf: bool = False,
) -> Any:
    """Per-channel energy normalization: a spectrogram without its slow changes, compressed.

    Each band is divided by a power of its own smoothed past, which holds back stationary noise and
    brings out onsets.

    Parameters
    ----------
    S : np.ndarray [shape=(..., bands, frames)]
        Non-negative magnitudes; those of samples in [-1, 1] are best scaled by ``2 ** 31``.
    sr : number > 0
        Sampling rate in Hz.
    hop_length : int > 0
        Samples from each frame to the next.
    gain : float >= 0
        Power of the smoothed past that is divided by, usually a little less than 1.
    bias : float >= 0
        What is added before the compression.
    power : float >= 0
        Exponent of the compression; 0 compresses by a logarithm.
    time_constant : float > 0
        Seconds that are smoothed over, unless `b` is given.
    eps : float > 0
        What is added to the smoothed past.
    b : float from 0 to 1, or None
        Coefficient of the smoothing filter. None: the one that `time_constant` asks for.
    max_size : int > 0
        Bands whose maximum is smoothed, around each; 1 for a band alone.
    ref : np.ndarray, optional
        What is smoothed instead of `S`.
    axis : int
        The axis of time.
    max_axis : int or None
        The axis of bands for `max_size`. None: the other one of two.
    zi : np.ndarray, optional
        State of the smoothing filter to begin with: `zf` of the block before. None: that of a past
        of ones.
    return_zf : bool
        Whether to return the final state too.

    Returns
    -------
    P : np.ndarray, float64
        The normalized magnitudes, in S's shape.
    zf : np.ndarray
        The final state, one frame along `axis`; only with `return_zf`.

    Raises
    ------
    ParameterError
        If `S` is negative or not finite somewhere, an option is out of its range, `zi` or `ref`
        does not fit, or `max_size` is not 1 and it is not clear which axis has the bands.

    Warns
    -----
    UserWarning
        If `S` is complex: its phase is discarded.

    See Also
    --------
    melspectrogram, power_to_db

    References
    ----------
    ``librosa.pcen`` 0.11; Wang et al., "Trainable frontend for robust and far-field keyword
    spotting" (ICASSP, 2017); Lostanlen et al., "Per-channel energy normalization: why and how"
    (IEEE Signal Processing Letters, 2019).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> S = np.repeat([[1.0, 100.0]], 200, axis=0).T  # two steady bands
    >>> serfast.pcen(S)[:, -1].round(2)
    array([0.32, 0.35])
    """
    power = validate.number("power", power, 0)
    gain = validate.number("gain", gain, 0)
    bias = validate.number("bias", bias, 0)
    validate.positive("eps", eps)
    b = _coefficient(b, time_constant, sr, hop_length)
    S = _magnitudes(S)
    validate.axis("S", S, axis)
    if ref is None:
        ref = _maxima(S, validate.positive_int("max_size", max_size), axis, max_axis)
    smoothed, zf = _smoothed(np.asarray(ref), b, axis, zi)
    # M ** -gain of the past M, then (S * that + bias) ** power - bias ** power.
    smoothed += eps
    np.log(smoothed, out=smoothed)
    smoothed *= -gain
    np.exp(smoothed, out=smoothed)
    compressed = _compressed(np.asarray(S * smoothed), bias, power)
    return (compressed, zf) if return_zf else compressed


def _coefficient(b: float | None, time_constant: float, sr: float, hop_length: int) -> float:
    seconds = validate.positive("time_constant", time_constant)
    if b is not None:
        return validate.number("b", b, 0, 1)
    frames = seconds * validate.positive("sr", sr) / validate.positive("hop_length", hop_length)
    return float((np.sqrt(1 + 4 * frames**2) - 1) / (2 * frames**2))


def _magnitudes(S: Any) -> Array:
    values = np.asarray(S)
    if np.iscomplexobj(values):
        warnings.warn(
            "pcen was called on complex input, whose phase is discarded; call pcen(np.abs(S)) "
            "instead",
            stacklevel=3,
        )
        values = np.abs(values)
    if values.dtype.kind not in "fiub" or values.ndim == 0:
        raise ParameterError(
            f"S must be an array of real numbers, not {values.dtype} of shape {values.shape}"
        )
    if not (values.min(initial=0) >= 0 and np.isfinite(values.max(initial=0))):
        raise ParameterError("S must be non-negative and finite everywhere")
    return values


def _maxima(S: Array, size: int, axis: int, max_axis: int | None) -> Array:
    """The largest of so many bands around each."""
    if size == 1:
        return S
    if S.ndim == 1:
        raise ParameterError("max_size must be 1 where S has no bands, only one axis")
    if max_axis is None:
        if S.ndim != 2:
            raise ParameterError(f"max_size={size} with S of {S.ndim} axes needs max_axis")
        max_axis = (1 - axis) % 2
    return running_maximum(S, size, max_axis)


def _smoothed(ref: Array, b: float, axis: int, zi: Any) -> tuple[Array, Array]:
    """y[t] = b * ref[t] + (1 - b) * y[t - 1] along the axis, and (1 - b) * y of the last frame."""
    if zi is None and b == 0:
        raise ParameterError("b=0 keeps the past as it is; it needs zi")
    rows = np.moveaxis(ref, axis, -1)
    state = np.full((1,) * ref.ndim, 1 - b) if zi is None else np.asarray(zi, dtype=np.float64)
    try:
        state = np.broadcast_to(np.moveaxis(state, axis, -1), (*rows.shape[:-1], 1))
    except ValueError:
        raise ParameterError(
            f"zi has shape {np.shape(zi)}, which does not fit {ref.shape} with one frame"
        ) from None
    shape = math.prod(rows.shape[:-1]), rows.shape[-1]
    flat = validate.contiguous(rows, np.float64).reshape(shape)
    y, zf = _core.first_order(flat, b, 0.0, b - 1, validate.contiguous(state).reshape(-1))
    return (
        np.moveaxis(y.reshape(rows.shape), -1, axis),
        np.moveaxis(zf.reshape(state.shape), -1, axis),
    )


def _compressed(x: Array, bias: float, power: float) -> Array:
    if power == 0:
        return np.log1p(x, out=x)
    if bias == 0:
        return np.power(x, power, out=x)
    if power == 0.5:
        # The difference of the roots without cancellation.
        root = np.sqrt(x + bias)
        root += np.sqrt(bias)
        x /= root
        return x
    try:
        scale = bias**power
    except OverflowError:
        raise ParameterError(
            f"bias={bias:g} to the power={power:g} must be a number that float64 holds"
        ) from None
    # As it stands the difference would cancel.
    x /= bias
    np.log1p(x, out=x)
    x *= power
    np.expm1(x, out=x)
    x *= scale
    return x
