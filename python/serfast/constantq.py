"""Constant-Q and variable-Q transforms: spectra with bins equally spaced on a musical scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _constantq as core
from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .errors import ParameterError
from .intervals import Intervals, steps_per_octave
from .pitch import estimate_tuning
from .windows import Window

__all__ = ["cqt", "hybrid_cqt", "pseudo_cqt", "vqt"]


def cqt(
    y: Real,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    fmin: float | None = None,
    n_bins: int = 84,
    bins_per_octave: int = 12,
    tuning: float | None = 0.0,
    filter_scale: float = 1,
    norm: float | None = 1,
    sparsity: float = 0.01,
    window: Window = "hann",
    scale: bool = True,
    pad_mode: Any = "constant",
    res_type: str | None = "soxr_hq",
    dtype: npt.DTypeLike | None = None,
) -> Array:
    """Constant-Q transform: each bin's filter lasts the same number of periods.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    hop_length : int > 0
        Samples from each frame to the next.
    fmin : number > 0 or None
        Frequency of the first bin in Hz. None: C1, about 32.7 Hz.
    n_bins : int > 0
        Number of bins.
    bins_per_octave : int > 0
        Bins to the octave.
    tuning : float or None
        Deviation from `fmin` in fractions of a bin. None: estimated, as by `estimate_tuning`.
    filter_scale : number > 0
        Scales the filters' lengths: below 1, finer in time and coarser in frequency.
    norm : number > 0, inf, -inf, 0 or None
        Order of the vector norm that each filter is divided by: see `util.normalize`.
    sparsity : float from 0 to 1, 1 excluded
        Share of each filter's spectrum that is left out, the smallest magnitudes first.
    window : str, tuple, number or function
        Of the filters, as `filters.get_window` takes it.
    scale : bool
        Whether each bin is divided by the square root of its filter's length.
    pad_mode : str or function
        How the signal is padded for centred frames: see `stft`.
    res_type : str or None
        How the signal is halved in rate from octave to octave: see `resample`. None: "soxr_hq",
        with a FutureWarning.
    dtype : complex dtype or None
        Type of the result. None: complex64 for float32, complex128 for float64.

    Returns
    -------
    C : np.ndarray [shape=(..., n_bins, frames)]
        Complex amplitude of each bin in each frame.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, the highest bin reaches beyond half the sampling
        rate, the signal is too short for the octaves, or an option is out of its range.

    See Also
    --------
    vqt, hybrid_cqt, pseudo_cqt, chroma_cqt, cqt_frequencies

    Notes
    -----
    From the highest octave to the lowest, filters of a fixed length are applied to the frames of
    a signal whose rate is halved each time, as long as `hop_length` can be halved too. librosa
    warns where that gets shorter than a frame.

    References
    ----------
    ``librosa.cqt`` 0.11; Schoerkhuber and Klapuri, "Constant-Q transform toolbox for music
    processing" (SMC, 2010).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> C = serfast.cqt(y, sr=22050)
    >>> C.shape, int(np.abs(C[:, 20]).argmax())  # 45 semitones above C1: A4
    ((84, 44), 45)
    """
    return vqt(
        y, sr=sr, hop_length=hop_length, fmin=fmin, n_bins=n_bins, intervals="equal", gamma=0,
        bins_per_octave=bins_per_octave, tuning=tuning, filter_scale=filter_scale, norm=norm,
        sparsity=sparsity, window=window, scale=scale, pad_mode=pad_mode, res_type=res_type,
        dtype=dtype,
    )  # fmt: skip


def vqt(
    y: Real,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    fmin: float | None = None,
    n_bins: int = 84,
    intervals: Intervals = "equal",
    gamma: float | None = None,
    bins_per_octave: int = 12,
    tuning: float | None = 0.0,
    filter_scale: float = 1,
    norm: float | None = 1,
    sparsity: float = 0.01,
    window: Window = "hann",
    scale: bool = True,
    pad_mode: Any = "constant",
    res_type: str | None = "soxr_hq",
    dtype: npt.DTypeLike | None = None,
) -> Array:
    """Variable-Q transform: a constant-Q transform with wider, shorter low filters.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    hop_length : int > 0
        Samples from each frame to the next.
    fmin : number > 0 or None
        Frequency of the first bin in Hz. None: C1, about 32.7 Hz.
    n_bins : int > 0
        Number of bins.
    intervals : str or np.ndarray [shape=(bins_per_octave,)]
        The scale within an octave: see `interval_frequencies`.
    gamma : number >= 0 or None
        What each bandwidth is widened by, in Hz. 0: the constant-Q transform; None: by what makes
        bandwidths proportional to those of human hearing (ERB).
    bins_per_octave : int > 0
        Bins to the octave, where `intervals` is a name.
    tuning : float or None
        Deviation from `fmin` in fractions of a bin. None: estimated, as by `estimate_tuning`.
    filter_scale, norm, sparsity, window, scale, pad_mode, res_type, dtype
        As in `cqt`.

    Returns
    -------
    V : np.ndarray [shape=(..., n_bins, frames)]
        Complex amplitude of each bin in each frame.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, the highest bin reaches beyond half the sampling
        rate, the signal is too short for the octaves, or an option is out of its range.

    See Also
    --------
    cqt, chroma_vqt, interval_frequencies

    References
    ----------
    ``librosa.vqt`` 0.11; Schoerkhuber, Klapuri, Holighaus and Doerfler, "A Matlab toolbox for
    efficient perfect reconstruction time-frequency transforms with log-frequency resolution"
    (AES Conference on Semantic Audio, 2014).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> V = serfast.vqt(y, sr=22050, intervals="pythagorean")
    >>> V.shape, int(np.abs(V[:, 20]).argmax())
    ((84, 44), 45)
    """
    y = _checked(y, pad_mode)
    per_octave = steps_per_octave(intervals, bins_per_octave)
    options = {
        "sr": sr, "hop_length": hop_length, "fmin": fmin, "n_bins": n_bins,
        "intervals": intervals, "gamma": gamma, "bins_per_octave": per_octave,
        "tuning": _tuning(tuning, y, sr, per_octave), "filter_scale": filter_scale, "norm": norm,
        "sparsity": sparsity, "window": window, "scale": bool(scale),
    }  # fmt: skip
    return _typed(core.transformed(y, options, pad_mode, res_type, magnitude=False), dtype)


def pseudo_cqt(
    y: Real,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    fmin: float | None = None,
    n_bins: int = 84,
    bins_per_octave: int = 12,
    tuning: float | None = 0.0,
    filter_scale: float = 1,
    norm: float | None = 1,
    sparsity: float = 0.01,
    window: Window = "hann",
    scale: bool = True,
    pad_mode: Any = "constant",
    dtype: npt.DTypeLike | None = None,
) -> Real:
    """Magnitudes like those of a constant-Q transform, from one magnitude spectrum a frame.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    sr, hop_length, fmin, n_bins, bins_per_octave, tuning, filter_scale, norm, sparsity
        As in `cqt`.
    window : str, tuple, number or function
        Of the filters, as `filters.get_window` takes it. The frames have a Hann window.
    scale : bool
        Whether each bin is divided by the square root of the frames' length.
    pad_mode : str or function
        How the signal is padded for centred frames: see `stft`.
    dtype : complex dtype or None
        The result is of the precision of it. None: of y's.

    Returns
    -------
    C : np.ndarray [shape=(..., n_bins, frames)]
        Magnitude of each bin in each frame.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats or an option is out of its range.

    See Also
    --------
    cqt, hybrid_cqt

    Notes
    -----
    The frames are as long as the longest filter and at least two hops, rounded up to a power of 2.

    References
    ----------
    ``librosa.pseudo_cqt`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> C = serfast.pseudo_cqt(y, sr=22050)
    >>> C.shape, int(C[:, 20].argmax())
    ((84, 44), 45)
    """
    y = _checked(y, pad_mode)
    made = core.pseudo_transform(
        **core.common(y, pad_mode), sr=sr, hop_length=hop_length, fmin=fmin, n_bins=n_bins,
        bins_per_octave=bins_per_octave, tuning=_tuning(tuning, y, sr, bins_per_octave),
        filter_scale=filter_scale, norm=norm, sparsity=sparsity, window=window, scale=bool(scale),
    )  # fmt: skip
    return _typed(core.filtered(y, made, pad_mode, "soxr_hq", y.dtype), _real(dtype))


def hybrid_cqt(
    y: Real,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    fmin: float | None = None,
    n_bins: int = 84,
    bins_per_octave: int = 12,
    tuning: float | None = 0.0,
    filter_scale: float = 1,
    norm: float | None = 1,
    sparsity: float = 0.01,
    window: Window = "hann",
    scale: bool = True,
    pad_mode: Any = "constant",
    res_type: str | None = "soxr_hq",
    dtype: npt.DTypeLike | None = None,
) -> Real:
    """Magnitudes of a constant-Q transform, the short filters' by `pseudo_cqt`.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    sr, hop_length, fmin, n_bins, bins_per_octave, tuning, filter_scale, norm, sparsity
        As in `cqt`.
    window, scale, pad_mode, res_type
        As in `cqt`.
    dtype : complex dtype or None
        The result is of the precision of it. None: of y's.

    Returns
    -------
    C : np.ndarray [shape=(..., n_bins, frames)]
        Magnitude of each bin in each frame.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, the signal is too short for the octaves, or an
        option is out of its range.

    See Also
    --------
    cqt, pseudo_cqt

    Notes
    -----
    A filter is short that fits into less than two hops, its length rounded up to a power of 2.

    References
    ----------
    ``librosa.hybrid_cqt`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> C = serfast.hybrid_cqt(y, sr=22050)
    >>> C.shape, int(C[:, 20].argmax())
    ((84, 44), 45)
    """
    y = _checked(y, pad_mode)
    tuning = _tuning(tuning, y, sr, bins_per_octave)
    frequencies, _, lengths = core.constant_q_filters(
        validate.positive("sr", sr), fmin, n_bins, bins_per_octave, tuning, filter_scale, window
    )
    short = 2.0 ** np.ceil(np.log2(lengths)) < 2 * validate.positive_int("hop_length", hop_length)
    n_short = int(np.count_nonzero(short))
    shared: dict[str, Any] = {
        "sr": sr, "hop_length": hop_length, "bins_per_octave": bins_per_octave,
        "filter_scale": filter_scale, "norm": norm, "sparsity": sparsity, "window": window,
    }  # fmt: skip
    parts = []
    if n_short < n_bins:
        options = shared | {
            "fmin": fmin, "tuning": tuning, "n_bins": n_bins - n_short, "intervals": "equal",
            "gamma": 0, "scale": bool(scale),
        }  # fmt: skip
        parts.append(core.transformed(y, options, pad_mode, res_type, magnitude=True))
    if n_short:
        parts.append(
            pseudo_cqt(
                y, fmin=float(np.min(frequencies[short])), n_bins=n_short, scale=scale,
                pad_mode=pad_mode, **shared,
            )
        )  # fmt: skip
    n_frames = min(part.shape[-1] for part in parts)
    stacked = np.concatenate([part[..., :n_frames] for part in parts], axis=-2)
    return _typed(stacked, _real(dtype))


def magnitudes(
    y: Real, *, sr: float, hop_length: int, fmin: float | None, n_bins: int,
    bins_per_octave: int, tuning: float | None = 0.0, intervals: Intervals = "equal",
    gamma: float | None = 0,
) -> Real:  # fmt: skip
    """``np.abs(vqt(y, ...))`` without the complex numbers in between."""
    y = _checked(y, "constant")
    options = {
        "sr": sr, "hop_length": hop_length, "fmin": fmin, "n_bins": n_bins,
        "intervals": intervals, "gamma": gamma, "bins_per_octave": bins_per_octave,
        "tuning": _tuning(tuning, y, sr, bins_per_octave), "filter_scale": 1, "norm": 1,
        "sparsity": 0.01, "window": "hann", "scale": True,
    }  # fmt: skip
    return core.transformed(y, options, "constant", "soxr_hq", magnitude=True)


def _checked(y: Any, pad_mode: Any) -> Real:
    if isinstance(pad_mode, str) and pad_mode in engine.global_pad_modes:
        raise ParameterError(
            f"pad_mode={pad_mode!r} is not supported for spectra; "
            f"allowed are {', '.join(map(repr, engine.core_pad_modes))}, 'empty' and functions"
        )
    return validate.signal(y)


def _tuning(tuning: float | None, y: Real, sr: float, bins_per_octave: int) -> float:
    if tuning is None:
        return estimate_tuning(y=y, sr=sr, bins_per_octave=bins_per_octave)
    return validate.number("tuning", tuning)


def _typed(result: Array, dtype: npt.DTypeLike | None) -> Array:
    return result if dtype is None else result.astype(dtype, copy=False)


def _real(dtype: npt.DTypeLike | None) -> npt.DTypeLike | None:
    return None if dtype is None else np.zeros(0, dtype).real.dtype
