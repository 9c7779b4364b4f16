"""torchaudio's transforms as plain functions: the waveform first, then the names and defaults of
``torchaudio.transforms``.

What torchaudio does otherwise than librosa: HTK's mel scale, bands of peak 1, ends reflected, a hop
of half a window, 400 samples to a transform. Arrays or CPU tensors go in, arrays come out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np

from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .decibel import power_to_db
from .errors import ParameterError
from .filters import get_window
from .spectrum import stft

__all__ = ["MFCC", "AmplitudeToDB", "MelScale", "MelSpectrogram", "Spectrogram"]

WindowFunction: TypeAlias = str | Callable[..., Any]

_pad_modes = {"reflect": "reflect", "constant": "constant", "replicate": "edge", "circular": "wrap"}
_top_db = 80.0


def Spectrogram(
    waveform: Real,
    *,
    n_fft: int = 400,
    win_length: int | None = None,
    hop_length: int | None = None,
    pad: int = 0,
    window_fn: WindowFunction = "hann",
    power: float | None = 2.0,
    normalized: bool | str = False,
    wkwargs: dict[str, Any] | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
) -> Array:
    """Spectrogram: each frame's spectrum, as a power of its magnitude or complex.

    Parameters
    ----------
    waveform : np.ndarray or CPU tensor [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    n_fft : int > 0
        Transform length in samples.
    win_length : int > 0 or None
        Window length, at most `n_fft`, which None stands for.
    hop_length : int > 0 or None
        Distance of frames in samples. None: half a window.
    pad : int >= 0
        Number of zeros to put at both ends first.
    window_fn : function or str
        Function of the window's length, such as ``torch.hamming_window``, or a name that
        `filters.get_window` takes. By default a periodic Hann window.
    power : float > 0 or None
        Exponent of the magnitudes: 1 for amplitude, 2 for power. None: complex bins.
    normalized : bool, "window" or "frame_length"
        True or "window": spectra are divided by the root of the window's energy; "frame_length":
        by the root of `n_fft`.
    wkwargs : dict or None
        More arguments of `window_fn`.
    center : bool
        Whether frame t is centred at sample ``t * hop_length``, with padding at the ends.
    pad_mode : "reflect", "constant", "replicate" or "circular"
        That padding.

    Returns
    -------
    specgram : np.ndarray [shape=(..., 1 + n_fft // 2, frames)]
        Magnitude ** `power`, or complex bins, in the precision of `waveform`.

    Raises
    ------
    ParameterError
        If `waveform` is no array of finite floats or too short to be framed or reflected, or an
        option is out of its range.

    See Also
    --------
    MelSpectrogram, AmplitudeToDB, serfast.stft

    References
    ----------
    ``torchaudio.transforms.Spectrogram`` 2.11.

    Examples
    --------
    >>> import numpy as np, serfast.torchaudio
    >>> y = np.sin(np.arange(16000, dtype=np.float32) / 10)
    >>> serfast.torchaudio.Spectrogram(y, n_fft=512).shape
    (257, 63)
    """
    y, frames = _framed(
        waveform, n_fft, win_length, hop_length, pad, window_fn, normalized, wkwargs, center,
        pad_mode,
    )  # fmt: skip
    if power is not None:
        return engine.of_signal("spectrogram", y, {**frames, "power": power})
    if center:
        y = engine.padded(y, n_fft // 2, frames["pad_mode"])
    return stft(
        y, n_fft=n_fft, hop_length=frames["hop_length"], window=frames["window"],
        win_length=frames["win_length"], center=False,
    )  # fmt: skip


@engine.translates("spectrogram")
def _spectrogram(o: engine.Options) -> engine.Options:
    return {**engine.spectrum_options(o), "power": validate.positive("power", o["power"])}


def AmplitudeToDB(
    x: Real, *, stype: Literal["power", "magnitude"] = "power", top_db: float | None = None
) -> Real:
    """Decibels of a spectrogram relative to 1, with a floor.

    Parameters
    ----------
    x : np.ndarray or CPU tensor [shape=(..., rows, frames)]
        Power or magnitude; what is less than 1e-10 counts as that.
    stype : "power" or "magnitude"
        What `x` is.
    top_db : float >= 0 or None
        Lifts what lies more than so many dB below the maximum, that of all channels (the axis
        before the rows) together; axes before that are items of a batch, each with its own. None:
        nothing.

    Returns
    -------
    x_db : np.ndarray [shape=(..., rows, frames)]
        Level in dB, float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If `x` has less than two axes or is not finite, or an option is out of its range.

    See Also
    --------
    serfast.power_to_db

    References
    ----------
    ``torchaudio.transforms.AmplitudeToDB`` 2.11.

    Examples
    --------
    >>> import numpy as np, serfast.torchaudio
    >>> serfast.torchaudio.AmplitudeToDB(np.array([[1.0, 0.1, 0.0]]), top_db=60)
    array([[  0., -10., -60.]])
    """
    S = validate.rows(x, "x")
    factor = 1 if validate.choice("stype", stype, ("power", "magnitude")) == "power" else 2
    floor = None if top_db is None else validate.number("top_db", top_db, 0) / factor
    items = S.reshape(-1, *S.shape[-3:]) if S.ndim > 3 else S[None]
    levels = np.empty_like(items)
    for level, item in zip(levels, items, strict=True):
        level[...] = power_to_db(item, amin=1e-10, top_db=floor)
    levels *= factor
    return levels.reshape(S.shape)


def MelScale(
    specgram: Real,
    *,
    n_mels: int = 128,
    sample_rate: int = 16000,
    f_min: float = 0.0,
    f_max: float | None = None,
    n_stft: int = 201,
    norm: Literal["slaney"] | None = None,
    mel_scale: Literal["htk", "slaney"] = "htk",
) -> Real:
    """Mel bands of a spectrogram.

    Parameters
    ----------
    specgram : np.ndarray or CPU tensor [shape=(..., n_stft, frames)]
        Spectrogram.
    n_mels : int > 0
        Number of bands.
    sample_rate : int > 0
        Sampling rate in Hz.
    f_min : float >= 0
        Lowest frequency in Hz.
    f_max : float >= 0 or None
        Highest frequency in Hz. None: ``sample_rate // 2``.
    n_stft : int > 1
        Number of rows of `specgram`.
    norm : "slaney" or None
        Bands of equal area, or of peak 1.
    mel_scale : "htk" or "slaney"
        HTK's formula or Slaney's scale.

    Returns
    -------
    mel_specgram : np.ndarray [shape=(..., n_mels, frames)]
        Sum of each band, float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If `specgram` does not have `n_stft` rows or is not finite, or an option is out of its
        range.

    See Also
    --------
    MelSpectrogram, serfast.filters.mel

    References
    ----------
    ``torchaudio.transforms.MelScale`` 2.11.

    Examples
    --------
    >>> import numpy as np, serfast.torchaudio
    >>> serfast.torchaudio.MelScale(np.ones((201, 5)), n_mels=40).shape
    (40, 5)
    """
    S = validate.rows(specgram, "specgram")
    if S.shape[-2] != n_stft or n_stft < 2:
        raise ParameterError(
            f"specgram has {S.shape[-2]} rows where n_stft={n_stft!r}, at least 2, are needed"
        )
    bands = _band_options(n_mels, sample_rate, f_min, f_max, norm, mel_scale)
    return engine.of_rows("melspectrogram", S, {**bands, "n_fft": 2 * (n_stft - 1)})


def MelSpectrogram(
    waveform: Real,
    *,
    sample_rate: int = 16000,
    n_fft: int = 400,
    win_length: int | None = None,
    hop_length: int | None = None,
    f_min: float = 0.0,
    f_max: float | None = None,
    pad: int = 0,
    n_mels: int = 128,
    window_fn: WindowFunction = "hann",
    power: float = 2.0,
    normalized: bool | str = False,
    wkwargs: dict[str, Any] | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    norm: Literal["slaney"] | None = None,
    mel_scale: Literal["htk", "slaney"] = "htk",
) -> Real:
    """Mel spectrogram: `MelScale` of a `Spectrogram`, in one pass.

    Parameters
    ----------
    waveform : np.ndarray or CPU tensor [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    sample_rate, n_mels, f_min, f_max, norm, mel_scale
        Mel bands: see `MelScale`.
    n_fft, win_length, hop_length, pad, window_fn, wkwargs, center, pad_mode
        Frames: see `Spectrogram`. By default 400 samples every 200.
    power : float > 0
        Exponent of the magnitudes.
    normalized : bool, "window" or "frame_length"
        See `Spectrogram`.

    Returns
    -------
    mel_specgram : np.ndarray [shape=(..., n_mels, frames)]
        Magnitude ** `power` in each band, float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If `waveform` is no array of finite floats or too short to be framed or reflected, or an
        option is out of its range.

    See Also
    --------
    MFCC, serfast.melspectrogram

    Notes
    -----
    torchaudio warns of bands that no bin falls into, which its defaults have; this does not.

    References
    ----------
    ``torchaudio.transforms.MelSpectrogram`` 2.11.

    Examples
    --------
    >>> import numpy as np, serfast.torchaudio
    >>> y = np.sin(np.arange(16000, dtype=np.float32) / 10)
    >>> serfast.torchaudio.MelSpectrogram(y, n_mels=64).shape
    (64, 81)
    """
    if validate.positive_int("n_fft", n_fft) % 2:
        # torchaudio places the bins of an odd transform as if it were even.
        specgram = Spectrogram(
            waveform, n_fft=n_fft, win_length=win_length, hop_length=hop_length, pad=pad,
            window_fn=window_fn, power=validate.positive("power", power), normalized=normalized,
            wkwargs=wkwargs, center=center, pad_mode=pad_mode,
        )  # fmt: skip
        return MelScale(
            specgram, n_mels=n_mels, sample_rate=sample_rate, f_min=f_min, f_max=f_max,
            n_stft=1 + n_fft // 2, norm=norm, mel_scale=mel_scale,
        )  # fmt: skip
    y, frames = _framed(
        waveform, n_fft, win_length, hop_length, pad, window_fn, normalized, wkwargs, center,
        pad_mode,
    )  # fmt: skip
    bands = _band_options(n_mels, sample_rate, f_min, f_max, norm, mel_scale)
    return engine.of_signal("melspectrogram", y, {**frames, **bands, "power": power})


_mel_options = list(inspect.signature(MelSpectrogram).parameters)[2:]


def MFCC(
    waveform: Real,
    *,
    sample_rate: int = 16000,
    n_mfcc: int = 40,
    dct_type: int = 2,
    norm: Literal["ortho"] | None = "ortho",
    log_mels: bool = False,
    melkwargs: dict[str, Any] | None = None,
) -> Real:
    """Mel-frequency cepstral coefficients of a `MelSpectrogram` in decibels.

    Parameters
    ----------
    waveform : np.ndarray or CPU tensor [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    sample_rate : int > 0
        Sampling rate in Hz.
    n_mfcc : int > 0
        Number of coefficients, at most that of the mel bands.
    dct_type : 2
        Type of the cosine transform; there is no other.
    norm : "ortho" or None
        Scaling of the cosine transform.
    log_mels : bool
        ``log(mel + 1e-6)`` instead of decibels with a floor of 80 dB under the maximum of all
        channels: see `AmplitudeToDB`.
    melkwargs : dict or None
        Options of `MelSpectrogram`.

    Returns
    -------
    mfcc : np.ndarray [shape=(..., n_mfcc, frames)]
        Coefficients, float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If `waveform` is no array of finite floats or too short to be framed or reflected, or an
        option is out of its range or unknown.

    See Also
    --------
    MelSpectrogram, serfast.mfcc

    References
    ----------
    ``torchaudio.transforms.MFCC`` 2.11.

    Examples
    --------
    >>> import numpy as np, serfast.torchaudio
    >>> y = np.sin(np.arange(16000, dtype=np.float32) / 10)
    >>> serfast.torchaudio.MFCC(y, n_mfcc=13, melkwargs={"n_mels": 40}).shape
    (13, 81)
    """
    validate.choice("dct_type", dct_type, (2,))
    validate.choice("norm", norm, (None, "ortho"))
    for name in melkwargs or {}:
        if name not in _mel_options:
            known = ", ".join(_mel_options)
            raise ParameterError(f"unknown option {name!r} in melkwargs; known: {known}")
    mel = MelSpectrogram(waveform, sample_rate=sample_rate, **(melkwargs or {}))
    n_mels = mel.shape[-2]
    if validate.positive_int("n_mfcc", n_mfcc) > n_mels:
        raise ParameterError(f"n_mfcc={n_mfcc} must be at most n_mels={n_mels}")
    levels = np.log(mel + mel.dtype.type(1e-6)) if log_mels else AmplitudeToDB(mel, top_db=_top_db)
    cepstrum = {"n_mfcc": n_mfcc, "dct_type": dct_type, "norm": norm, "lifter": 0}
    return engine.of_rows("mfcc", levels, cepstrum)


def _framed(
    waveform: Any, n_fft: Any, win_length: Any, hop_length: Any, pad: Any, window_fn: Any,
    normalized: Any, wkwargs: Any, center: bool, pad_mode: Any,
) -> tuple[Real, engine.Options]:  # fmt: skip
    """The signal with its own padding, and the options of its frames."""
    y = validate.waveform(waveform)
    n_fft = validate.positive_int("n_fft", n_fft)
    win_length = n_fft if win_length is None else validate.positive_int("win_length", win_length)
    validate.choice("pad_mode", pad_mode, tuple(_pad_modes))
    if pad != 0:
        y = engine.padded(y, validate.positive_int("pad", pad), "constant")
    if center and pad_mode == "reflect" and y.shape[-1] <= n_fft // 2:
        raise ParameterError(
            f"waveform has {y.shape[-1]} samples; pad_mode='reflect' needs more than "
            f"n_fft // 2 = {n_fft // 2}"
        )
    return y, {
        "n_fft": n_fft,
        "win_length": win_length,
        "hop_length": win_length // 2 if hop_length is None else hop_length,
        "window": _window(window_fn, win_length, wkwargs, normalized, n_fft),
        "center": center,
        "pad_mode": _pad_modes[pad_mode],
        "convention": "torch",
    }


def _window(
    window_fn: WindowFunction, length: int, wkwargs: Any, normalized: Any, n_fft: int
) -> Any:
    """The window, scaled as the spectra shall be."""
    validate.choice("normalized", normalized, (False, True, "window", "frame_length"))
    if isinstance(window_fn, str) and not wkwargs and normalized is False:
        return window_fn
    if isinstance(window_fn, str):
        values = get_window(window_fn, length, **(wkwargs or {}))
    else:
        values = np.asarray(window_fn(length, **(wkwargs or {})), dtype=np.float64)
    if normalized is False:
        return values
    return values / np.sqrt(n_fft if normalized == "frame_length" else np.sum(values**2))


def _band_options(
    n_mels: Any, sample_rate: Any, f_min: Any, f_max: Any, norm: Any, mel_scale: Any
) -> engine.Options:
    sr = validate.positive("sample_rate", sample_rate)
    low = validate.number("f_min", f_min, 0)
    high = sr // 2 if f_max is None else validate.number("f_max", f_max, 0)
    if low > high:
        raise ParameterError(f"f_min={low:g} must be at most f_max={high:g}")
    return {
        "sr": 2 * (sr // 2),
        "n_mels": n_mels,
        "fmin": low,
        "fmax": high,
        "htk": validate.choice("mel_scale", mel_scale, ("htk", "slaney")) == "htk",
        "norm": validate.choice("norm", norm, (None, "slaney")),
        "dtype": np.float32,
        "power": 2.0,
    }
