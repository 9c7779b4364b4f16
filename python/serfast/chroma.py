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
    """Chromagram (..., n_chroma, frames) from a power spectrogram."""
    options = {
        "sr": sr, "norm": norm, "n_fft": n_fft, "hop_length": hop_length,
        "win_length": win_length, "window": window, "center": center, "pad_mode": pad_mode,
        "tuning": tuning, "n_chroma": n_chroma, "ctroct": ctroct, "octwidth": octwidth,
        "base_c": base_c, "dtype": dtype, "power": power,
    }  # fmt: skip
    return engine.of_spectrum("chroma_stft", y, S, options)


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
        "single": np.dtype(o["dtype"]) != np.float64,
    }
