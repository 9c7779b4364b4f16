"""Audio files and signals: reading, resampling, mixing down, emphasis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._decode import Array, Source, decode, extent, mean_of_channels, name_of, non_finite
from .arrays import fix_length
from .errors import AudioError, ParameterError

__all__ = [
    "get_duration",
    "get_samplerate",
    "load",
    "resample",
    "to_mono",
]

_DTYPES = (np.dtype(np.float32), np.dtype(np.float64))
_SOXR_TYPES = ("soxr_vhq", "soxr_hq", "soxr_mq", "soxr_lq", "soxr_qq")
_RES_TYPES = (*_SOXR_TYPES, "fft", "scipy", "polyphase")


def load(
    path: Source,
    *,
    sr: float | None = 22050,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
    dtype: npt.DTypeLike = np.float32,
    res_type: str = "soxr_hq",
) -> tuple[Array, float]:
    """Read an audio file as floating-point samples, resampled to the rate `sr`.

    WAV files (PCM of 8, 16, 24 or 32 bits, float of 32 or 64) are read by serfast's own reader;
    FLAC, OGG, MP3, AIFF and whatever else libsndfile knows, through the package soundfile.

    Parameters
    ----------
    path : str, bytes, path-like, int, file-like or soundfile.SoundFile
        The file. An int is an open file descriptor.
    sr : number > 0 or None
        Sampling rate of the result in Hz; None keeps the file's own.
    mono : bool
        Whether to return the mean of the channels.
    offset : float >= 0
        Where to start, in seconds.
    duration : float >= 0 or None
        How much to read at most, in seconds; None reads to the end.
    dtype : float32 or float64
        Type of the samples.
    res_type : str
        How to resample: see `resample`.

    Returns
    -------
    y : np.ndarray [shape=(n,) or (channels, n)]
        The samples. Integer formats are scaled to -1 <= y < 1.
    sr : number > 0
        Sampling rate of `y` in Hz.

    Raises
    ------
    AudioError
        If the file is missing (then it is a FileNotFoundError too), is damaged or empty, is of
        an unknown format, or holds NaN or infinite samples where these would spread: in the mean
        of the channels and in resampling.
    ParameterError
        If an argument is out of its range, or `offset` lies past the end of the file.

    See Also
    --------
    resample, to_mono

    Notes
    -----
    Values and defaults are those of ``librosa.load`` 0.11.

    Examples
    --------
    >>> import io, numpy as np, serfast, soundfile
    >>> clip = io.BytesIO()
    >>> soundfile.write(clip, np.zeros((8000, 2)), 16000, format="WAV")
    >>> _ = clip.seek(0)
    >>> y, sr = serfast.load(clip, sr=None, offset=0.25)
    >>> y.shape, y.dtype, sr
    ((4000,), dtype('float32'), 16000)
    """
    if sr is not None:
        _check_rate("sr", sr)
    _check_seconds("offset", offset)
    if duration is not None:
        _check_seconds("duration", duration)
    if np.dtype(dtype) not in _DTYPES:
        raise ParameterError(f"dtype={np.dtype(dtype)} must be float32 or float64")

    y, native_sr = decode(path, mono=mono, offset=offset, duration=duration, dtype=np.dtype(dtype))
    if (mono or sr is not None) and (problem := non_finite(y)):
        raise AudioError(f"{name_of(path)} {problem}")
    if sr is None:
        return y, native_sr
    return resampled(y, native_sr, sr, res_type, fix=True, scale=False, axis=-1), sr


def to_mono(y: Array) -> Array:
    """Mean of all channels of a signal.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.

    Returns
    -------
    y_mono : np.ndarray [shape=(n,)]
        The mean over the leading axes; `y` itself if there are none.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats with at least one axis.

    Notes
    -----
    As ``librosa.to_mono`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.to_mono(np.array([[0.0, 0.5], [1.0, 0.5]]))
    array([0.5, 0.5])
    """
    return mean_of_channels(finite_samples(y))


def resample(
    y: Array,
    *,
    orig_sr: float,
    target_sr: float,
    res_type: str = "soxr_hq",
    fix: bool = True,
    scale: bool = False,
    axis: int = -1,
) -> Array:
    """Change the sampling rate of a signal.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n, ...)], float32 or float64
        The signal, with time along `axis`.
    orig_sr, target_sr : number > 0
        Sampling rates before and after, in Hz.
    res_type : str
        'soxr_vhq', 'soxr_hq', 'soxr_mq', 'soxr_lq': band-limited interpolation of falling
        quality (package soxr); 'soxr_qq': cubic interpolation, which aliases;
        'fft' or 'scipy': Fourier method of SciPy, for periodic signals;
        'polyphase': polyphase filter of SciPy, for integer rates.
    fix : bool
        Whether to trim or zero-pad the result to exactly ``ceil(n * target_sr / orig_sr)``.
    scale : bool
        Whether to divide by ``sqrt(target_sr / orig_sr)``, which keeps the total energy.
    axis : int
        The axis of time.

    Returns
    -------
    y_hat : np.ndarray [shape=(..., ceil(n * target_sr / orig_sr), ...)]
        The resampled signal, of y's dtype; `y` itself if both rates are the same.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, a rate is not positive, `res_type` is unknown, or
        'polyphase' is asked for with a rate that is not whole.

    Notes
    -----
    Values and defaults are those of ``librosa.resample`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> serfast.resample(y, orig_sr=22050, target_sr=8000).shape
    (8000,)
    """
    y = finite_samples(y)
    _check_rate("orig_sr", orig_sr)
    _check_rate("target_sr", target_sr)
    if not -y.ndim <= axis < y.ndim:
        raise ParameterError(f"axis={axis} is not an axis of a signal with {y.ndim} axes")
    return resampled(y, orig_sr, target_sr, res_type, fix=fix, scale=scale, axis=axis)


def get_duration(
    *,
    y: Array | None = None,
    sr: float = 22050,
    S: Array | None = None,
    n_fft: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    path: Source | None = None,
) -> float:
    """Duration in seconds of a file, of a spectrogram or of a signal.

    Where several are given, `path` counts before `y`, and `y` before `S`.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)]
        A signal.
    sr : number > 0
        Sampling rate of `y`, or of the signal behind `S`, in Hz.
    S : np.ndarray [shape=(..., d, t)]
        A matrix of `t` frames.
    n_fft, hop_length : int > 0
        Frame length and hop of `S`, in samples.
    center : bool
        Whether the frames of `S` are centred on their time.
    path : as in `load`
        A file, of which only the header is read.

    Returns
    -------
    d : float >= 0
        Duration in seconds.

    Raises
    ------
    ParameterError
        If none of `path`, `S` and `y` is given.
    AudioError
        If the file cannot be read.

    Notes
    -----
    Values and defaults are those of ``librosa.get_duration`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.get_duration(y=np.zeros(44100), sr=22050)
    2.0
    """
    if path is not None:
        n_frames, rate = extent(path)
        return n_frames / rate
    _check_rate("sr", sr)
    if y is not None:
        return float(y.shape[-1]) / sr
    if S is None:
        raise ParameterError("one of y, S or path must be given")
    n_samples = n_fft + hop_length * (S.shape[-1] - 1) - (2 * (n_fft // 2) if center else 0)
    return float(n_samples) / sr


def get_samplerate(path: Source) -> int:
    """Sampling rate of an audio file in Hz, from its header.

    Parameters
    ----------
    path : as in `load`
        The file.

    Returns
    -------
    sr : int > 0
        Sampling rate in Hz.

    Raises
    ------
    AudioError
        If the file cannot be read.

    Notes
    -----
    As ``librosa.get_samplerate`` 0.11.

    Examples
    --------
    >>> import io, numpy as np, serfast, soundfile
    >>> clip = io.BytesIO()
    >>> soundfile.write(clip, np.zeros(100), 8000, format="FLAC")
    >>> _ = clip.seek(0)
    >>> serfast.get_samplerate(clip)
    8000
    """
    return extent(path)[1]


# ---------------------------------------------------------------- computing


def resampled(
    y: Array, orig_sr: float, target_sr: float, res_type: str, *, fix: bool, scale: bool, axis: int
) -> Array:
    if orig_sr == target_sr:
        return y
    ratio = float(target_sr) / orig_sr
    n_samples = math.ceil(y.shape[axis] * ratio)
    y_hat = _at_rate(y, orig_sr, target_sr, n_samples, res_type, axis)
    if fix:
        y_hat = fix_length(y_hat, size=n_samples, axis=axis)
    if scale:
        y_hat /= np.sqrt(ratio)
    return np.asarray(y_hat, dtype=y.dtype)


def _at_rate(
    y: Array, orig_sr: float, target_sr: float, n_samples: int, res_type: str, axis: int
) -> Array:
    if res_type in _SOXR_TYPES:
        import soxr

        if y.ndim == 1:
            return np.asarray(soxr.resample(y, orig_sr, target_sr, quality=res_type))
        return np.apply_along_axis(soxr.resample, axis, y, orig_sr, target_sr, quality=res_type)

    from scipy import signal

    if res_type in ("fft", "scipy"):
        return np.asarray(signal.resample(y, n_samples, axis=axis))
    if res_type == "polyphase":
        if int(orig_sr) != orig_sr or int(target_sr) != target_sr:
            raise ParameterError(
                f"res_type='polyphase' needs whole rates, not orig_sr={orig_sr} and "
                f"target_sr={target_sr}"
            )
        divisor = math.gcd(int(orig_sr), int(target_sr))
        up, down = int(target_sr) // divisor, int(orig_sr) // divisor
        return np.asarray(signal.resample_poly(y, up, down, axis=axis))
    raise ParameterError(f"res_type={res_type!r} must be one of {', '.join(_RES_TYPES)}")


# ---------------------------------------------------------------- checking


def _check_rate(name: str, value: Any) -> None:
    if not (isinstance(value, (int, float, np.integer, np.floating)) and 0 < value < math.inf):
        raise ParameterError(f"{name}={value!r} must be a number of Hz greater than 0")


def _check_seconds(name: str, value: Any) -> None:
    if not (isinstance(value, (int, float, np.integer, np.floating)) and 0 <= value < math.inf):
        raise ParameterError(f"{name}={value!r} must be a number of seconds, 0 or more")


def finite_samples(y: Any) -> Array:
    """A signal of float32 or float64, checked."""
    samples = validate.samples(y)
    if problem := non_finite(samples):
        raise ParameterError(f"y {problem}")
    return samples
