"""Spectral peaks and the tuning that they imply."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from . import _engine as engine
from . import _validate as validate
from ._validate import Real
from .errors import ParameterError
from .filters import Window

__all__ = ["estimate_tuning", "piptrack", "pitch_tuning"]


def piptrack(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Real | None = None,
    n_fft: int | None = 2048,
    hop_length: int | None = None,
    fmin: float = 150.0,
    fmax: float = 4000.0,
    threshold: float = 0.1,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    ref: float | Callable[..., Any] | None = None,
) -> tuple[Real, Real]:
    """Pitches in Hz and magnitudes of spectral peaks, (..., 1 + n_fft // 2, frames) each."""
    S, options = _peaks_input(
        y, S, ref,
        {"sr": sr, "n_fft": n_fft, "hop_length": hop_length, "fmin": fmin, "fmax": fmax,
         "threshold": threshold, "win_length": win_length, "window": window, "center": center,
         "pad_mode": pad_mode},
    )  # fmt: skip
    both = engine.of_spectrum("piptrack", y, S, options)
    n_bins = both.shape[-2] // 2
    return both[..., :n_bins, :], both[..., n_bins:, :]


def _peaks_input(
    y: Any, S: Any, ref: Any, options: engine.Options
) -> tuple[Real | None, engine.Options]:
    if S is None and options["n_fft"] is None:
        raise ParameterError("n_fft=None needs a spectrogram S, whose shape tells it")
    if S is not None:
        S = np.abs(S)
    if callable(ref):
        raise ParameterError("ref must be None or a number; compute a function's value first")
    return S, {**options, "ref": None if ref is None else validate.number("ref", ref)}


@engine.translates("piptrack")
def _piptrack(o: engine.Options) -> engine.Options:
    sr = validate.positive("sr", o["sr"])
    return {
        **engine.spectrum_options(o),
        "sr": sr,
        "peak_fmin": max(validate.number("fmin", o["fmin"]), 0.0),
        "peak_fmax": min(validate.number("fmax", o["fmax"]), sr / 2),
        "threshold": validate.number("threshold", o["threshold"]),
        "ref": o["ref"],
    }


@engine.translates("tuning")
def _tuning(o: engine.Options) -> engine.Options:
    return {
        **_piptrack(o),
        "power": 1.0,
        "resolution": validate.fraction("resolution", o["resolution"]),
        "bins_per_octave": validate.positive_int("bins_per_octave", o["bins_per_octave"]),
    }


def estimate_tuning(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Real | None = None,
    n_fft: int | None = 2048,
    resolution: float = 0.01,
    bins_per_octave: int = 12,
    hop_length: int | None = None,
    fmin: float = 150.0,
    fmax: float = 4000.0,
    threshold: float = 0.1,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    ref: float | None = None,
) -> float:
    """The tuning of a signal or spectrogram in fractions of a bin, from -0.5 to 0.5."""
    S, options = _peaks_input(
        y, S, ref,
        {"sr": sr, "n_fft": n_fft, "hop_length": hop_length, "fmin": fmin, "fmax": fmax,
         "threshold": threshold, "win_length": win_length, "window": window, "center": center,
         "pad_mode": pad_mode, "resolution": resolution, "bins_per_octave": bins_per_octave},
    )  # fmt: skip
    return engine.tuning(y, S, options)


def pitch_tuning(
    frequencies: npt.ArrayLike, *, resolution: float = 0.01, bins_per_octave: int = 12
) -> float:
    """The tuning of a set of frequencies in Hz, in fractions of a bin, from -0.5 to 0.5."""
    hz = np.atleast_1d(np.asarray(frequencies, dtype=np.float64))
    hz = hz[hz > 0]
    if hz.size == 0:
        warnings.warn("Trying to estimate tuning from empty frequency set.", stacklevel=2)
        return 0.0
    return _core.pitch_tuning(
        hz.ravel(),
        resolution=validate.fraction("resolution", resolution),
        bins_per_octave=validate.positive_int("bins_per_octave", bins_per_octave),
    )
