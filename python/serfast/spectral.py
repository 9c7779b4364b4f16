"""The shape of a spectrum: centroid, bandwidth, rolloff, flatness."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .convert import fft_frequencies
from .errors import ParameterError
from .filters import Window

__all__ = [
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_flatness",
    "spectral_rolloff",
]


def _magnitudes(y: Any, S: Any, feature: str, frames: engine.Options) -> Real:
    """The magnitude spectrogram, for the rare options that numpy handles here."""
    if S is not None:
        return validate.nonnegative_rows(S, feature)
    from .spectrum import stft

    if y is None:
        raise ParameterError("either y or S must be given")
    magnitudes: Real = np.abs(stft(y, **frames))
    return magnitudes


def _is_vector(freq: Any) -> bool:
    return freq is None or np.ndim(freq) == 1


def _checked_freq(freq: Any, n_bins: int) -> Array | None:
    if freq is None:
        return None
    hz: Array = np.asarray(freq, dtype=np.float64)
    if hz.shape != (n_bins,):
        raise ParameterError(
            f"freq has shape {hz.shape}; it must have one entry per bin: ({n_bins},)"
        )
    return hz


def spectrum_with_freq(o: engine.Options) -> engine.Options:
    spectrum = engine.spectrum_options(o)
    n_bins = o["n_bins"] if o["source"] == "rows" else spectrum["n_fft"] // 2 + 1
    return {
        **spectrum,
        "sr": validate.positive("sr", o["sr"]),
        "freq": _checked_freq(o["freq"], n_bins),
    }


def _one_row(feature: str, y: Any, S: Any, options: engine.Options) -> Real:
    if S is not None:
        S = validate.nonnegative_rows(S, feature)
    return engine.of_spectrum(feature, y, S, options)


def _typed(result: Array, *made_of: Any) -> Array:
    """float64, as the frequencies of a transform are, unless all that it is made of is float32."""
    single = all(np.asarray(part).dtype == np.float32 for part in made_of)
    return result.astype(np.float32 if single else np.float64, copy=False)


def _unit_sum(S: Real) -> Real:
    total = S.sum(axis=-2, keepdims=True, dtype=np.float64)
    return S / np.where(total < np.finfo(S.dtype).tiny, 1.0, total)


def spectral_centroid(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Real | None = None,
    n_fft: int = 2048,
    hop_length: int = 512,
    freq: Array | None = None,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
) -> Array:
    """Centre of mass of each frame's spectrum: its mean frequency, weighted by magnitude.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], optional
        A magnitude spectrogram, >= 0; counts before `y`.
    n_fft, hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default 2048 samples every 512.
    freq : np.ndarray [shape=(1 + n_fft // 2,) or (..., 1 + n_fft // 2, frames)] or None
        Frequencies of the bins in Hz. None: those of the transform, ``k * sr / n_fft``.

    Returns
    -------
    centroid : np.ndarray [shape=(..., 1, frames)], float64
        Frequency in Hz, from 0 to ``sr / 2``; 0 where the frame is silent. float32 where the
        magnitudes and `freq` are.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats, `S` is complex or has
        negative entries, `freq` does not fit the bins, or an option is out of its range.

    See Also
    --------
    spectral_bandwidth, spectral_rolloff

    References
    ----------
    ``librosa.feature.spectral_centroid`` 0.11; Klapuri and Davy (eds.), "Signal Processing
    Methods for Music Transcription" (2006), chapter 5.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> S = np.array([[0.0], [1.0], [3.0], [0.0], [0.0]])  # at 0, 1000, ... 4000 Hz
    >>> serfast.spectral_centroid(S=S, sr=8000)
    array([[1750.]])
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
    if not _is_vector(freq):
        S = _magnitudes(y, S, "spectral_centroid", frames)
        hz = validate.bin_frequencies(freq, S)
        return _typed(np.sum(hz * _unit_sum(S), axis=-2, keepdims=True), S, hz)
    centroid = _one_row("spectral_centroid", y, S, {"sr": sr, **frames, "freq": freq})
    return _typed(centroid, centroid, freq)


engine.translates("spectral_centroid")(spectrum_with_freq)


def spectral_bandwidth(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Real | None = None,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    freq: Array | None = None,
    centroid: Array | None = None,
    norm: bool = True,
    p: float = 2,
) -> Array:
    """Spread of each frame's spectrum about its centroid.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], optional
        A magnitude spectrogram, >= 0; counts before `y`.
    n_fft, hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default 2048 samples every 512.
    freq : np.ndarray [shape=(1 + n_fft // 2,) or (..., 1 + n_fft // 2, frames)] or None
        Frequencies of the bins in Hz. None: those of the transform, ``k * sr / n_fft``.
    centroid : number or np.ndarray [shape=(..., 1, frames)], optional
        Centres in Hz. None: `spectral_centroid`.
    norm : bool
        Whether magnitudes are divided by their sum.
    p : float > 0
        Order of the moment; 2 is a standard deviation.

    Returns
    -------
    bandwidth : np.ndarray [shape=(..., 1, frames)], float64
        ``sum(S * abs(freq - centroid) ** p) ** (1 / p)``, in Hz with `norm`. float32 where all
        three are.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats, `S` is complex or has
        negative entries, `freq` does not fit the bins, or an option is out of its range.

    See Also
    --------
    spectral_centroid, spectral_contrast

    References
    ----------
    ``librosa.feature.spectral_bandwidth`` 0.11; Klapuri and Davy (eds.), "Signal Processing
    Methods for Music Transcription" (2006), chapter 5.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> S = np.array([[0.0], [1.0], [0.0], [1.0], [0.0]])  # at 0, 1000, ... 4000 Hz
    >>> serfast.spectral_bandwidth(S=S, sr=8000)
    array([[1000.]])
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
    if centroid is None and _is_vector(freq):
        options = {"sr": sr, **frames, "freq": freq, "norm": norm, "p": p}
        bandwidth = _one_row("spectral_bandwidth", y, S, options)
        return _typed(bandwidth, bandwidth, freq)
    validate.positive("p", p)
    S = _magnitudes(y, S, "spectral_bandwidth", frames)
    if freq is None:
        freq = fft_frequencies(sr=sr, n_fft=engine.inferred_n_fft(n_fft, S))
    if centroid is None:
        centroid = spectral_centroid(S=S, sr=sr, freq=freq)
    freq = validate.bin_frequencies(freq, S)
    if freq.ndim == 1:
        freq = freq[:, np.newaxis]
    weights = _unit_sum(S) if norm else S
    moment: Array = np.sum(weights * np.abs(freq - centroid) ** p, axis=-2, keepdims=True)
    return _typed(moment ** (1.0 / p), S, freq, centroid)


@engine.translates("spectral_bandwidth")
def _spectral_bandwidth(o: engine.Options) -> engine.Options:
    return {
        **spectrum_with_freq(o),
        "norm": bool(o["norm"]),
        "p": validate.positive("p", o["p"]),
    }


def spectral_rolloff(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Real | None = None,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    freq: Array | None = None,
    roll_percent: float = 0.85,
) -> Array:
    """Frequency up to which most of each frame's spectrum lies.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], optional
        A magnitude spectrogram, >= 0; counts before `y`.
    n_fft, hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default 2048 samples every 512.
    freq : np.ndarray [shape=(1 + n_fft // 2,) or (..., 1 + n_fft // 2, frames)] or None
        Frequencies of the bins in Hz. None: those of the transform, ``k * sr / n_fft``.
    roll_percent : float from 0 to 1, both excluded
        Share of the sum of the magnitudes that is reached there.

    Returns
    -------
    rolloff : np.ndarray [shape=(..., 1, frames)], float64
        The lowest such bin's frequency in Hz.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats, `S` is complex or has
        negative entries, `freq` does not fit the bins, or an option is out of its range.

    See Also
    --------
    spectral_centroid, spectral_flatness

    References
    ----------
    ``librosa.feature.spectral_rolloff`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> S = np.array([[1.0], [1.0], [1.0], [1.0], [0.0]])  # at 0, 1000, ... 4000 Hz
    >>> serfast.spectral_rolloff(S=S, sr=8000, roll_percent=0.5)
    array([[1000.]])
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
    validate.fraction("roll_percent", roll_percent)
    if _is_vector(freq):
        options = {"sr": sr, **frames, "freq": freq, "roll_percent": roll_percent}
        return _one_row("spectral_rolloff", y, S, options).astype(np.float64)
    S = _magnitudes(y, S, "spectral_rolloff", frames)
    total = np.cumsum(S, axis=-2)
    reached = total >= roll_percent * total[..., -1:, :]
    hz = validate.bin_frequencies(freq, S)
    rolloff: Array = np.min(np.where(reached, hz, np.inf), axis=-2, keepdims=True)
    return rolloff.astype(np.float64, copy=False)


@engine.translates("spectral_rolloff")
def _spectral_rolloff(o: engine.Options) -> engine.Options:
    return {
        **spectrum_with_freq(o),
        "roll_percent": validate.fraction("roll_percent", o["roll_percent"]),
    }


def spectral_flatness(
    *,
    y: Real | None = None,
    S: Real | None = None,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    amin: float = 1e-10,
    power: float = 2.0,
) -> Real:
    """Likeness of each frame to noise: geometric over arithmetic mean of its spectrum.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], optional
        A magnitude spectrogram, >= 0; counts before `y`.
    n_fft, hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default 2048 samples every 512.
    amin : float > 0
        Magnitudes to the power of `power` are taken to be at least this.
    power : float > 0
        Exponent of the magnitudes, also of `S`.

    Returns
    -------
    flatness : np.ndarray [shape=(..., 1, frames)]
        From near 0 (a pure tone) to 1 (white); float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats, `S` is complex or has
        negative entries, or an option is out of its range.

    See Also
    --------
    spectral_contrast, spectral_bandwidth

    References
    ----------
    ``librosa.feature.spectral_flatness`` 0.11; Dubnov, "Generalization of spectral flatness
    measure for non-Gaussian linear processes" (IEEE Signal Processing Letters, 2004).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.spectral_flatness(S=np.array([[1.0, 1e-9], [1.0, 1.0], [1.0, 1e-9]])).round(3)
    array([[1., 0.]])
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
    if S is not None:
        S = validate.nonnegative_rows(S, "spectral_flatness") ** validate.positive("power", power)
    return engine.of_spectrum("spectral_flatness", y, S, {**frames, "amin": amin, "power": power})


@engine.translates("spectral_flatness")
def _spectral_flatness(o: engine.Options) -> engine.Options:
    return {
        **engine.spectrum_options(o),
        "amin": validate.positive("amin", o["amin"]),
        "power": validate.positive("power", o["power"]),
    }
