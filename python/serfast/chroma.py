"""Chroma: the energy of each pitch class."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _engine as engine
from . import _validate as validate
from ._validate import Real
from .filters import Window

__all__ = ["chroma_stft"]


def chroma_stft(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Real | None = None,
    norm: float | None = np.inf,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    tuning: float | None = None,
    n_chroma: int = 12,
    ctroct: float = 5.0,
    octwidth: float | None = 2,
    base_c: bool = True,
    dtype: npt.DTypeLike = np.float32,
    power: float = 2.0,
) -> Real:
    """Chromagram: the energy of each pitch class, whatever its octave.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], optional
        A spectrogram, of power or of amplitude, taken as it is; counts before `y`.
    norm : number >= 0, inf, -inf or None
        Order of the vector norm that each frame is divided by. inf: by its maximum; None: not.
    n_fft, hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default 2048 samples every 512.
    tuning : float or None
        Deviation from A440 in fractions of a pitch class. None: estimated, as by
        `estimate_tuning`, for each channel.
    n_chroma : int > 0
        Number of pitch classes to the octave.
    ctroct, octwidth, base_c
        As in `filters.chroma`.
    dtype : float dtype
        Precision of the filter bank; the result has the input's.
    power : float > 0
        Exponent of the magnitudes of `y`. Unused with `S`.

    Returns
    -------
    C : np.ndarray [shape=(..., n_chroma, frames)]
        Share of each pitch class, from 0 to 1 by default; float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats, `S` is complex, or an
        option is out of its range.

    See Also
    --------
    filters.chroma, estimate_tuning

    Notes
    -----
    librosa has no `power` and takes the square. ``power=1`` gives what it makes of
    ``S=np.abs(librosa.stft(y))``, on which a good deal of emotion recognition is built. It also
    estimates one tuning for all channels together.

    References
    ----------
    ``librosa.feature.chroma_stft`` 0.11; Ellis, "Chroma feature analysis and synthesis" (2007).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> C = serfast.chroma_stft(y=y, sr=22050, tuning=0)
    >>> C.shape, int(C[:, 20].argmax())  # row 9, counted from C: A
    ((12, 44), 9)
    """
    options = {
        "sr": sr, "norm": norm, "n_fft": n_fft, "hop_length": hop_length,
        "win_length": win_length, "window": window, "center": center, "pad_mode": pad_mode,
        "tuning": tuning, "n_chroma": n_chroma, "ctroct": ctroct, "octwidth": octwidth,
        "base_c": base_c, "dtype": dtype, "power": power,
    }  # fmt: skip
    return engine.at_least(dtype, engine.of_spectrum("chroma_stft", y, S, options))


@engine.translates("chroma_stft")
def _chroma_stft(o: engine.Options) -> engine.Options:
    return {
        **engine.spectrum_options(o),
        "sr": validate.positive("sr", o["sr"]),
        "power": validate.positive("power", o["power"]),
        "tuning": None if o["tuning"] is None else validate.number("tuning", o["tuning"]),
        "n_chroma": validate.positive_int("n_chroma", o["n_chroma"]),
        "ctroct": validate.number("ctroct", o["ctroct"]),
        "octwidth": None if o["octwidth"] is None else validate.positive("octwidth", o["octwidth"]),
        "filter_norm": 2.0,
        "base_c": bool(o["base_c"]),
        "norm": validate.norm("norm", o["norm"]),
        "single": validate.float_dtype(o["dtype"]) == np.float32,
    }
