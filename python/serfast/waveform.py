"""Tools for samples: sign changes, autocorrelation, linear prediction, companding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._validate import Array, Real
from .errors import ParameterError
from .values import abs2, tiny, valid_audio

__all__ = ["autocorrelate", "lpc", "mu_compress", "mu_expand", "zero_crossings"]


def zero_crossings(
    y: Array,
    *,
    threshold: float = 1e-10,
    ref_magnitude: float | Callable[[Array], Any] | None = None,
    pad: bool = True,
    zero_pos: bool = True,
    axis: int = -1,
) -> Array:
    """Samples at which the sign changes.

    Parameters
    ----------
    y : np.ndarray [shape=(...)]
        Samples.
    threshold : float >= 0
        Samples of at most this magnitude count as 0.
    ref_magnitude : number >= 0, function or None
        Multiplies `threshold`; a function is given ``np.abs(y)``. None: 1.
    pad : bool
        Whether the first sample counts as a change.
    zero_pos : bool
        Whether 0 counts as positive; if not, it has a sign of its own.
    axis : int
        The axis of time.

    Returns
    -------
    zero_crossings : np.ndarray [shape=(...)], bool
        True where the sign is not that of the sample before.

    Raises
    ------
    ParameterError
        If `y` is no array of real numbers, or an option is out of its range.

    See Also
    --------
    zero_crossing_rate

    References
    ----------
    ``librosa.zero_crossings`` 0.11.

    Examples
    --------
    >>> zero_crossings(np.array([1.0, -1.0, -2.0, 3.0]), pad=False)
    array([False,  True, False,  True])
    """
    samples = _real("y", y)
    at = validate.axis("y", samples, axis)
    if callable(ref_magnitude):
        ref_magnitude = float(ref_magnitude(np.abs(samples)))
    if ref_magnitude is not None:
        threshold = threshold * ref_magnitude
    least = validate.number("threshold", threshold, 0)
    along = np.moveaxis(samples, at, -1)
    crossings = np.empty(samples.shape, dtype=bool)
    changes = np.moveaxis(crossings, at, -1)
    changes[..., :1] = pad
    negative = along < -least
    np.not_equal(negative[..., 1:], negative[..., :-1], out=changes[..., 1:])
    if not zero_pos:
        positive = along > least
        changes[..., 1:] |= positive[..., 1:] != positive[..., :-1]
    return crossings


def _real(name: str, a: Any) -> Array:
    values = np.asarray(a)
    if values.dtype.kind not in "fiu" or values.ndim == 0:
        raise ParameterError(
            f"{name} must be an array of real numbers, not {values.dtype} of shape {values.shape}"
        )
    return values


def autocorrelate(y: Array, *, max_size: int | None = None, axis: int = -1) -> Array:
    """Autocorrelation: how well a signal matches itself some samples later.

    Parameters
    ----------
    y : np.ndarray [shape=(...)], real or complex
        Samples.
    max_size : int > 0 or None
        Number of lags. None: as many as samples.
    axis : int
        The axis of time.

    Returns
    -------
    z : np.ndarray [shape=(...)]
        ``sum(y[n + lag] * conj(y[n]))`` at lags from 0 on, in y's precision.

    Raises
    ------
    ParameterError
        If `y` is empty or no array of numbers, or an option is out of its range.

    See Also
    --------
    tempogram

    References
    ----------
    ``librosa.autocorrelate`` 0.11.

    Examples
    --------
    >>> autocorrelate(np.array([1.0, 2.0, 0.0, 1.0])).round(6) + 0
    array([6., 2., 2., 1.])
    """
    from scipy import fft

    samples = np.asarray(y)
    if samples.dtype.kind not in "fiuc" or samples.size == 0 or samples.ndim == 0:
        raise ParameterError(
            f"y must be an array of numbers, not {samples.dtype} of shape {samples.shape}"
        )
    at = validate.axis("y", samples, axis)
    n = samples.shape[at]
    lags = n if max_size is None else min(validate.positive_int("max_size", max_size), n)
    real = samples.dtype.kind != "c"
    forward, inverse = (fft.rfft, fft.irfft) if real else (fft.fft, fft.ifft)
    options = {"n": fft.next_fast_len(2 * n - 1, real=real), "axis": at}
    whole = inverse(abs2(forward(samples, **options)), **options)
    return np.asarray(whole[(slice(None),) * at + (slice(lags),)])


def lpc(y: Real, *, order: int, axis: int = -1) -> Real:
    """Linear prediction coefficients, by Burg's method.

    Parameters
    ----------
    y : np.ndarray [shape=(...)], float32 or float64
        Samples.
    order : int > 0
        Number of samples that predict the next one; less than there are.
    axis : int
        The axis of time.

    Returns
    -------
    a : np.ndarray [shape=(..., order + 1, ...)]
        The filter that leaves the prediction's error; its first coefficient is 1.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats or too short, or an option is out of its range.

    See Also
    --------
    preemphasis

    References
    ----------
    ``librosa.lpc`` 0.11; Marple, "A new autoregressive spectrum analysis algorithm" (IEEE
    Transactions on ASSP, 1980).

    Examples
    --------
    >>> lpc(0.5 ** np.arange(50), order=1).round(3)
    array([ 1. , -0.8])
    """
    validate.positive_int("order", order)
    valid_audio(y)
    at = validate.axis("y", y, axis)
    if y.shape[at] <= order:
        raise ParameterError(f"order={order} needs more than the {y.shape[at]} samples of y")
    samples = np.moveaxis(y, at, -1)
    # The recursion multiplies rounding: in float32, coefficients lose their second digit.
    forward = samples[..., 1:].astype(np.float64, order="C")
    backward = samples[..., :-1].astype(np.float64, order="C")
    spare = np.empty_like(forward)
    coefficients = np.zeros((*samples.shape[:-1], order + 1))
    coefficients[..., 0] = 1
    energy = _dot(forward, forward) + _dot(backward, backward)
    for i in range(order):
        reflection = -2 * _dot(forward, backward) / (energy + tiny(energy))
        coefficients[..., 1 : i + 2] += reflection * coefficients[..., i::-1]
        np.multiply(reflection, backward, out=spare)
        spare += forward
        forward *= reflection
        backward += forward
        forward, spare = spare, forward
        energy = (1 - reflection**2) * energy - backward[..., -1:] ** 2 - forward[..., :1] ** 2
        forward, backward, spare = forward[..., 1:], backward[..., :-1], spare[..., 1:]
    return np.moveaxis(coefficients, -1, at).astype(y.dtype, copy=False)


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(np.einsum("...t,...t->...", a, b))[..., None]


def mu_compress(x: npt.ArrayLike, *, mu: float = 255, quantize: bool = True) -> Any:
    """Mu-law companding: soft samples take more of the range.

    Parameters
    ----------
    x : number or np.ndarray
        Samples from -1 to 1.
    mu : float > 0
        How strongly; 255 for 8 bits.
    quantize : bool
        Whether to round to ``1 + mu`` integers around 0.

    Returns
    -------
    x_compressed : number or np.ndarray
        Samples from -1 to 1, or integers.

    Raises
    ------
    ParameterError
        If `mu` is not positive or a sample is out of its range.

    See Also
    --------
    mu_expand

    References
    ----------
    ``librosa.mu_compress`` 0.11; ITU-T G.711, "Pulse code modulation of voice frequencies".

    Examples
    --------
    >>> mu_compress(np.array([-1.0, 0.0, 0.01, 1.0]))
    array([-128,    0,   29,  127])
    """
    validate.positive("mu", mu)
    samples = _companded("x", x)
    squeezed = np.sign(samples) * np.log1p(mu * np.abs(samples)) / np.log1p(mu)
    if not quantize:
        return squeezed
    edges = np.linspace(-1, 1, num=int(1 + mu))
    return np.digitize(squeezed, edges, right=True) - int(mu + 1) // 2


def mu_expand(x: npt.ArrayLike, *, mu: float = 255.0, quantize: bool = True) -> Any:
    """The inverse of `mu_compress`.

    Parameters
    ----------
    x : number or np.ndarray
        Companded samples: integers if they were quantized, else from -1 to 1.
    mu : float > 0
        As it was in `mu_compress`.
    quantize : bool
        Whether `x` is quantized.

    Returns
    -------
    x_expanded : number or np.ndarray
        Samples from -1 to 1.

    Raises
    ------
    ParameterError
        If `mu` is not positive or a sample is out of its range.

    See Also
    --------
    mu_compress

    References
    ----------
    ``librosa.mu_expand`` 0.11; ITU-T G.711, "Pulse code modulation of voice frequencies".

    Examples
    --------
    >>> mu_expand(np.array([-128, 0, 127])).round(3)
    array([-1.   ,  0.   ,  0.957])
    """
    validate.positive("mu", mu)
    samples = _companded("x", np.asarray(x) * 2.0 / (1 + mu) if quantize else x)
    return np.sign(samples) / mu * (np.power(1 + mu, np.abs(samples)) - 1)


def _companded(name: str, x: Any) -> Any:
    samples = np.asarray(x)
    if samples.dtype.kind not in "fiu" or not np.all(np.abs(samples) <= 1):
        raise ParameterError(f"{name}={x!r} must be real numbers from -1 to 1")
    return samples[()]
