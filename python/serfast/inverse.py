"""From features back to spectrograms and sound."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._validate import Array
from .arrays import expand_to
from .decibel import db_to_power
from .errors import ParameterError
from .filters import Window, mel
from .least_squares import nnls
from .values import tiny

__all__ = ["mel_to_audio", "mel_to_stft", "mfcc_to_audio", "mfcc_to_mel"]


def mel_to_stft(
    M: Array, *, sr: float = 22050, n_fft: int = 2048, power: float = 2.0, **kwargs: Any
) -> Array:
    """Magnitudes of a spectrogram whose mel bands come close to given ones.

    Parameters
    ----------
    M : np.ndarray [shape=(..., n_mels, frames)]
        A mel spectrogram, as `melspectrogram` gives it.
    sr : number > 0
        Sampling rate in Hz.
    n_fft : int > 0
        Transform length in samples.
    power : float > 0
        Exponent of the magnitudes in `M`.
    **kwargs
        `fmin`, `fmax`, `htk` and `norm` of the bands: see `filters.mel`.

    Returns
    -------
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)]
        Magnitudes, in M's type.

    Raises
    ------
    ParameterError
        If `M` is no array of finite floats, or an option is out of its range.

    See Also
    --------
    melspectrogram, mel_to_audio, serfast.util.nnls

    References
    ----------
    ``librosa.feature.inverse.mel_to_stft`` 0.11.

    Examples
    --------
    >>> import serfast
    >>> M = serfast.melspectrogram(y=np.sin(np.arange(8000) / 5), n_fft=512, n_mels=40)
    >>> S = serfast.feature.inverse.mel_to_stft(M, n_fft=512)
    >>> S.shape, S.dtype
    ((257, 16), dtype('float64'))
    """
    M = validate.rows(M, "M")
    bands = mel(sr=sr, n_fft=n_fft, n_mels=M.shape[-2], dtype=M.dtype, **kwargs)
    inverse = nnls(bands, M)
    exponent = 1.0 / validate.positive("power", power)
    return np.power(inverse, exponent, out=inverse)


def mel_to_audio(
    M: Array,
    *,
    sr: float = 22050,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    power: float = 2.0,
    n_iter: int = 32,
    length: int | None = None,
    dtype: npt.DTypeLike = np.float32,
    **kwargs: Any,
) -> Array:
    """A signal whose mel bands come close to given ones.

    Parameters
    ----------
    M, sr, n_fft, power
        As in `mel_to_stft`.
    hop_length, win_length, window, center, pad_mode
        Frames of the signal: see `stft`.
    n_iter : int >= 0
        Rounds of `griffinlim`, which looks for the phases.
    length : int > 0 or None
        Cuts or zero-pads the result to so many samples.
    dtype : float dtype
        Type of the result.
    **kwargs
        As in `mel_to_stft`.

    Returns
    -------
    y : np.ndarray [shape=(..., n)]
        The signal.

    Raises
    ------
    ParameterError
        If `M` is no array of finite floats, or an option is out of its range.

    See Also
    --------
    mel_to_stft, mfcc_to_audio

    References
    ----------
    ``librosa.feature.inverse.mel_to_audio`` 0.11; Griffin and Lim, "Signal estimation from modified
    short-time Fourier transform" (IEEE Transactions on ASSP, 1984).

    Examples
    --------
    >>> import serfast
    >>> M = serfast.melspectrogram(y=np.sin(np.arange(8000) / 5), n_fft=512, hop_length=128)
    >>> serfast.feature.inverse.mel_to_audio(M, n_fft=512, hop_length=128, n_iter=4).shape
    (7936,)
    """
    from .phases import griffinlim

    return griffinlim(
        mel_to_stft(M, sr=sr, n_fft=n_fft, power=power, **kwargs),
        n_iter=n_iter, hop_length=hop_length, win_length=win_length, n_fft=n_fft, window=window,
        center=center, dtype=dtype, length=length, pad_mode=pad_mode,
    )  # fmt: skip


def mfcc_to_mel(
    mfcc: Array,
    *,
    n_mels: int = 128,
    dct_type: int = 2,
    norm: str | None = "ortho",
    ref: float = 1.0,
    lifter: float = 0,
) -> Array:
    """Mel bands of mel-frequency cepstral coefficients, as smooth as those are few.

    Parameters
    ----------
    mfcc : np.ndarray [shape=(..., n_mfcc, frames)]
        Coefficients, as `serfast.mfcc` gives them.
    n_mels : int > 0
        Number of bands.
    dct_type, norm, lifter
        As they were in `serfast.mfcc`.
    ref : float
        The power that 0 dB stands for.

    Returns
    -------
    M : np.ndarray [shape=(..., n_mels, frames)]
        Power in each band.

    Raises
    ------
    ParameterError
        If `mfcc` is no array of finite floats, or an option is out of its range.

    Warns
    -----
    UserWarning
        If the lifter makes a coefficient 0, which cannot be undone.

    See Also
    --------
    serfast.mfcc, mel_to_stft

    References
    ----------
    ``librosa.feature.inverse.mfcc_to_mel`` 0.11.

    Examples
    --------
    >>> import serfast
    >>> level = np.array([[10.0], [20.0], [0.0]])
    >>> C = serfast.mfcc(S=level, n_mfcc=3)
    >>> serfast.feature.inverse.mfcc_to_mel(C, n_mels=3).T.round(6)
    array([[ 10., 100.,   1.]])
    """
    from scipy.fft import idct

    coefficients = validate.rows(mfcc, "mfcc")
    validate.positive_int("n_mels", n_mels)
    validate.choice("dct_type", dct_type, (1, 2, 3, 4))
    validate.choice("norm", norm, (None, "ortho", "forward", "backward"))
    if dct_type == 1 and n_mels < 2:
        raise ParameterError(f"dct_type=1 needs at least 2 mel bands, not {n_mels}")
    if validate.number("lifter", lifter, 0) > 0:
        coefficients = coefficients / (_lifter(coefficients, lifter) + tiny(coefficients))
    level = idct(coefficients, axis=-2, type=dct_type, norm=norm, n=n_mels)
    return np.asarray(db_to_power(level, ref=ref))


def _lifter(coefficients: Array, lifter: float) -> Array:
    """What coefficients were multiplied by."""
    order = np.arange(1, 1 + coefficients.shape[-2], dtype=coefficients.dtype)
    factors = 1 + 0.5 * lifter * np.sin(np.pi * order / lifter)
    if np.any(np.abs(factors) < np.finfo(factors.dtype).eps):
        warnings.warn(
            f"lifter={lifter} makes a coefficient 0, which cannot be undone", stacklevel=3
        )
    return expand_to(factors, ndim=coefficients.ndim, axes=-2)


def mfcc_to_audio(
    mfcc: Array,
    *,
    n_mels: int = 128,
    dct_type: int = 2,
    norm: str | None = "ortho",
    ref: float = 1.0,
    lifter: float = 0,
    **kwargs: Any,
) -> Array:
    """A signal with given mel-frequency cepstral coefficients.

    Parameters
    ----------
    mfcc, n_mels, dct_type, norm, ref, lifter
        As in `mfcc_to_mel`.
    **kwargs
        As in `mel_to_audio`.

    Returns
    -------
    y : np.ndarray [shape=(..., n)]
        The signal.

    Raises
    ------
    ParameterError
        If `mfcc` is no array of finite floats, or an option is out of its range.

    See Also
    --------
    mfcc_to_mel, mel_to_audio

    References
    ----------
    ``librosa.feature.inverse.mfcc_to_audio`` 0.11.

    Examples
    --------
    >>> import serfast
    >>> C = serfast.mfcc(y=np.sin(np.arange(8000) / 5), n_fft=512, hop_length=128)
    >>> y = serfast.feature.inverse.mfcc_to_audio(C, n_fft=512, hop_length=128, n_iter=4)
    >>> y.shape
    (7936,)
    """
    bands = mfcc_to_mel(mfcc, n_mels=n_mels, dct_type=dct_type, norm=norm, ref=ref, lifter=lifter)
    return mel_to_audio(bands, **kwargs)
