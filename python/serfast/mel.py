"""Mel spectrogram and mel-frequency cepstral coefficients."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _engine as engine
from . import _validate as validate
from ._validate import Real
from .errors import ParameterError
from .filters import Window, mel_options, warn_if_empty

__all__ = ["log_mel", "melspectrogram", "mfcc"]


def melspectrogram(
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
    power: float = 2.0,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: Literal["slaney"] | float | None = "slaney",
    dtype: npt.DTypeLike = np.float32,
) -> Real:
    """Mel spectrogram: each frame's spectrum summed into bands as the ear spaces them.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], optional
        A spectrogram, taken as it is; counts before `y`.
    n_fft, hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default 2048 samples every 512.
    power : float > 0
        Exponent of the magnitudes of `y`: 1 for amplitude, 2 for power. Unused with `S`.
    n_mels : int > 0
        Number of bands.
    fmin : float >= 0
        Lowest frequency in Hz.
    fmax : float >= 0 or None
        Highest frequency in Hz. None: ``sr / 2``.
    htk : bool
        HTK's mel formula instead of Slaney's scale.
    norm : "slaney", number or None
        Scaling of the bands: see `filters.mel`.
    dtype : float dtype
        Precision of the filter bank; the result has the input's.

    Returns
    -------
    M : np.ndarray [shape=(..., n_mels, frames)]
        Amplitude ** `power` in each band, float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats, `S` is complex, or an
        option is out of its range.

    Warns
    -----
    UserWarning
        If bands are so narrow that no bin falls into them; once for the same options.

    See Also
    --------
    mfcc, filters.mel, power_to_db

    References
    ----------
    ``librosa.feature.melspectrogram`` 0.11; Slaney, "Auditory Toolbox" (1998).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> M = serfast.melspectrogram(y=y, sr=22050, n_mels=64)
    >>> M.shape, int(M[:, 20].argmax())
    ((64, 44), 8)
    """
    options = {
        "sr": sr, "n_fft": n_fft, "hop_length": hop_length, "win_length": win_length,
        "window": window, "center": center, "pad_mode": pad_mode, "power": power,
        "n_mels": n_mels, "fmin": fmin, "fmax": fmax, "htk": htk, "norm": norm, "dtype": dtype,
    }  # fmt: skip
    return engine.at_least(dtype, engine.of_spectrum("melspectrogram", y, S, options))


@engine.translates("melspectrogram")
def _melspectrogram(o: engine.Options) -> engine.Options:
    spectrum, mel = engine.spectrum_options(o), mel_options(o)
    warn_if_empty(mel, validate.positive_int("n_fft", o["n_fft"]))
    return {**spectrum, **mel, "power": validate.positive("power", o["power"])}


def log_mel(
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
    power: float = 2.0,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: Literal["slaney"] | float | None = "slaney",
    dtype: npt.DTypeLike = np.float32,
    ref: float | Literal["max"] = 1.0,
    amin: float = 1e-10,
    top_db: float | None = 80.0,
) -> Real:
    """Mel spectrogram in decibels.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], optional
        A spectrogram, taken as it is; counts before `y`.
    n_fft, hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default 2048 samples every 512.
    power, n_mels, fmin, fmax, htk, norm, dtype
        As in `melspectrogram`.
    ref : float > 0 or "max"
        What 0 dB is: a power, or that of the loudest band of the whole signal.
    amin : float > 0
        Lower powers count as this.
    top_db : float >= 0 or None
        Bands are lifted to this many dB below the loudest one of the whole signal. None: they are
        not.

    Returns
    -------
    M : np.ndarray [shape=(..., n_mels, frames)]
        Level of each band in dB, float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats, `S` is complex, or an
        option is out of its range.

    See Also
    --------
    melspectrogram, power_to_db, mfcc

    Notes
    -----
    ``power_to_db(melspectrogram(...), ref=ref, amin=amin, top_db=top_db)`` of each channel, in one
    pass; "max" stands for ``np.max``.

    References
    ----------
    ``librosa.power_to_db`` and ``librosa.feature.melspectrogram`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> M = serfast.log_mel(y=y, n_mels=64, ref="max")
    >>> M.shape, float(M.min().round(3)), float(M.max())
    ((64, 44), -80.0, 0.0)
    """
    options = {
        "sr": sr, "n_fft": n_fft, "hop_length": hop_length, "win_length": win_length,
        "window": window, "center": center, "pad_mode": pad_mode, "power": power,
        "n_mels": n_mels, "fmin": fmin, "fmax": fmax, "htk": htk, "norm": norm, "dtype": dtype,
        "ref": ref, "amin": amin, "top_db": top_db,
    }  # fmt: skip
    return engine.at_least(dtype, engine.of_spectrum("log_mel", y, S, options))


@engine.translates("log_mel")
def _log_mel(o: engine.Options) -> engine.Options:
    ref = o["ref"]
    if isinstance(ref, str):
        validate.choice("ref", ref, ("max",))
    return {
        **_melspectrogram(o),
        "ref": ref if isinstance(ref, str) else validate.positive("ref", ref),
        "amin": validate.positive("amin", o["amin"]),
        "top_db": None if o["top_db"] is None else validate.number("top_db", o["top_db"], 0),
    }


def mfcc(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Real | None = None,
    n_mfcc: int = 20,
    dct_type: int = 2,
    norm: str | None = "ortho",
    lifter: float = 0,
    mel_norm: Literal["slaney"] | float | None = "slaney",
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    power: float = 2.0,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    dtype: npt.DTypeLike = np.float32,
    top_db: float | None = 80.0,
) -> Real:
    """Mel-frequency cepstral coefficients: the cosine transform of mel bands in decibels.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., n_mels, frames)], optional
        A mel spectrogram in dB; counts before `y`.
    n_mfcc : int > 0
        Number of coefficients; at most the number of bands are there.
    dct_type : 1, 2 or 3
        Type of the cosine transform; 1 needs at least two bands.
    norm : "ortho", "forward", "backward" or None
        Scaling of the cosine transform, as in SciPy; None is "backward", unscaled.
    lifter : float >= 0
        Multiplies coefficient k (from 1) by ``1 + lifter / 2 * sin(pi * k / lifter)``; 0: not.
    mel_norm : "slaney", number or None
        `norm` of `melspectrogram`.
    n_fft, hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default 2048 samples every 512.
    power, n_mels, fmin, fmax, htk, dtype
        As in `melspectrogram`. By default 128 bands of power up to ``sr / 2``.
    top_db : float >= 0 or None
        Bands of `y` are lifted to this many dB below the loudest one of the whole signal. None:
        they are not. Unused with `S`.

    Returns
    -------
    M : np.ndarray [shape=(..., n_mfcc, frames)]
        Coefficients, in dB times the transform's scale; float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats, `S` is complex, or an
        option is out of its range.

    See Also
    --------
    melspectrogram, power_to_db, delta

    Notes
    -----
    librosa has no `top_db` and takes 80; None gives what it makes of
    ``S=librosa.power_to_db(mel, top_db=None)``, and what can be computed of a stream. The loudest
    band is looked for in each channel on its own; librosa looks in all channels together.

    References
    ----------
    ``librosa.feature.mfcc`` 0.11; Davis and Mermelstein, "Comparison of parametric
    representations for monosyllabic word recognition in continuously spoken sentences" (IEEE
    Transactions on ASSP, 1980).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(np.arange(16000, dtype=np.float32) / 10)
    >>> C = serfast.mfcc(y=y, sr=16000, n_mfcc=13, n_fft=512, hop_length=160)
    >>> C.shape, C.dtype
    ((13, 101), dtype('float32'))
    """
    options = {
        "sr": sr, "n_mfcc": n_mfcc, "dct_type": dct_type, "norm": norm, "lifter": lifter,
        "mel_norm": mel_norm, "n_fft": n_fft, "hop_length": hop_length, "win_length": win_length,
        "window": window, "center": center, "pad_mode": pad_mode, "power": power,
        "n_mels": n_mels, "fmin": fmin, "fmax": fmax, "htk": htk, "dtype": dtype,
        "top_db": top_db,
    }  # fmt: skip
    if S is not None:
        return engine.of_rows("mfcc", validate.rows(S), options)
    return engine.at_least(dtype, engine.of_spectrum("mfcc", y, None, options))


@engine.translates("mfcc")
def _mfcc(o: engine.Options) -> engine.Options:
    dct_norm = validate.choice("norm", o["norm"], (None, "ortho", "forward", "backward"))
    lifter = validate.number("lifter", o["lifter"], 0)
    n_mfcc = validate.positive_int("n_mfcc", o["n_mfcc"])
    translated: engine.Options
    if o["source"] == "rows":
        translated = {"source": "rows", "n_bins": o["n_bins"]}
        n_in = o["n_bins"]
    else:
        translated = {
            **_melspectrogram({**o, "norm": o["mel_norm"]}),
            "top_db": None if o["top_db"] is None else validate.number("top_db", o["top_db"], 0),
        }
        n_in = translated["n_mels"]
    if lifter > 0 and n_mfcc > n_in:
        raise ParameterError(f"n_mfcc={n_mfcc} with a lifter must be at most {n_in}, the rows of S")
    dct_type = validate.choice("dct_type", o["dct_type"], (1, 2, 3))
    if dct_type == 1 and n_in < 2:
        raise ParameterError(f"dct_type=1 needs at least 2 mel bands, not {n_in}")
    return {
        **translated,
        "n_mfcc": n_mfcc,
        "dct_type": dct_type,
        "dct_norm": dct_norm or "none",
        "lifter": lifter,
    }
