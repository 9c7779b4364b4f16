"""Mel spectrogram and mel-frequency cepstral coefficients."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _engine as engine
from . import _validate as validate
from ._validate import Real
from .errors import ParameterError
from .filters import Window, mel_options

__all__ = ["melspectrogram", "mfcc"]


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
    """Mel-scaled spectrogram (..., n_mels, frames)."""
    options = {
        "sr": sr, "n_fft": n_fft, "hop_length": hop_length, "win_length": win_length,
        "window": window, "center": center, "pad_mode": pad_mode, "power": power,
        "n_mels": n_mels, "fmin": fmin, "fmax": fmax, "htk": htk, "norm": norm, "dtype": dtype,
    }  # fmt: skip
    return engine.of_spectrum("melspectrogram", y, S, options)


@engine.translates("melspectrogram")
def _melspectrogram(o: engine.Options) -> engine.Options:
    return {
        **engine.spectrum_options(o),
        **mel_options(o),
        "power": validate.positive("power", o["power"]),
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
) -> Real:
    """Mel-frequency cepstral coefficients (..., n_mfcc, frames)."""
    options = {
        "sr": sr, "n_mfcc": n_mfcc, "dct_type": dct_type, "norm": norm, "lifter": lifter,
        "mel_norm": mel_norm, "n_fft": n_fft, "hop_length": hop_length, "win_length": win_length,
        "window": window, "center": center, "pad_mode": pad_mode, "power": power,
        "n_mels": n_mels, "fmin": fmin, "fmax": fmax, "htk": htk, "dtype": dtype,
    }  # fmt: skip
    if S is not None:
        return engine.of_rows("mfcc", validate.rows(S), options)
    return engine.of_spectrum("mfcc", y, None, options)


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
        translated = _melspectrogram({**o, "norm": o["mel_norm"]})
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
