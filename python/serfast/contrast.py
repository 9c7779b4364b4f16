"""Spectral contrast: peaks against valleys in octave bands."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .errors import ParameterError
from .filters import Window
from .spectral import spectrum_with_freq

__all__ = ["spectral_contrast"]


def spectral_contrast(
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
    fmin: float = 200.0,
    n_bands: int = 6,
    quantile: float = 0.02,
    linear: bool = False,
    top_db: float | None = 80.0,
) -> Array:
    """Height of the peaks over the valleys in octave bands of each frame's spectrum.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], optional
        A magnitude spectrogram; counts before `y`.
    n_fft, hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default 2048 samples every 512.
    freq : np.ndarray [shape=(1 + n_fft // 2,)] or None
        Frequencies of the bins in Hz. None: those of the transform, ``k * sr / n_fft``.
    fmin : float > 0
        Upper end in Hz of the first band; the next ones are octaves, the last goes to the end.
    n_bands : int > 0
        Number of bands but one; the last has to begin below ``sr / 2``.
    quantile : float from 0 to 1, both excluded
        Share of a band's bins whose mean is its peak, and its valley.
    linear : bool
        Whether to subtract magnitudes instead of levels in dB.
    top_db : float >= 0 or None
        Peaks, and valleys, are lifted to this many dB below the highest one of the whole signal.
        None: they are not. Unused with `linear`.

    Returns
    -------
    contrast : np.ndarray [shape=(..., n_bands + 1, frames)], float64
        Peaks minus valleys in dB, or in units of magnitude with `linear`.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats, `S` is complex, `freq`
        does not fit the bins, or an option is out of its range.

    See Also
    --------
    spectral_flatness, power_to_db

    Notes
    -----
    librosa has no `top_db` and takes 80. The highest peak and valley are looked for in each channel
    on its own; librosa looks in all channels together.

    References
    ----------
    ``librosa.feature.spectral_contrast`` 0.11; Jiang, Lu, Zhang, Tao and Cai, "Music type
    classification by spectral contrast feature" (IEEE ICME, 2002).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.random.default_rng(0).standard_normal(22050)
    >>> serfast.spectral_contrast(y=y, sr=22050).shape
    (7, 44)
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
    options = {
        "sr": sr, **frames, "freq": None if freq is None else np.atleast_1d(freq), "fmin": fmin,
        "n_bands": n_bands, "quantile": quantile, "linear": linear, "top_db": top_db,
    }  # fmt: skip
    return engine.of_spectrum("spectral_contrast", y, S, options).astype(np.float64)


@engine.translates("spectral_contrast")
def _spectral_contrast(o: engine.Options) -> engine.Options:
    translated = spectrum_with_freq(o)
    n_bands = validate.positive_int("n_bands", o["n_bands"])
    fmin = validate.positive("fmin", o["fmin"])
    with np.errstate(over="ignore"):
        top = float(np.ldexp(fmin, n_bands - 1))
    if top >= 0.5 * translated["sr"]:
        raise ParameterError(
            f"the highest band of spectral_contrast would begin at {top:g} Hz, which exceeds the "
            f"Nyquist frequency of {translated['sr'] / 2:g} Hz: reduce fmin={fmin:g} or "
            f"n_bands={n_bands}"
        )
    return {
        **translated,
        "fmin": fmin,
        "n_bands": n_bands,
        "quantile": validate.fraction("quantile", o["quantile"]),
        "linear": bool(o["linear"]),
        "top_db": None if o["top_db"] is None else validate.number("top_db", o["top_db"], 0),
    }
