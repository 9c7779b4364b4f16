"""Features of the samples themselves: energy and zero crossings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .errors import ParameterError

__all__ = ["rms", "zero_crossing_rate"]


def rms(
    *,
    y: Real | None = None,
    S: Real | None = None,
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    pad_mode: Any = "constant",
    dtype: npt.DTypeLike = np.float32,
) -> Real:
    """Root-mean-square of each frame, (..., 1, frames), from a signal or a magnitude spectrogram."""
    options = {
        "frame_length": frame_length, "hop_length": hop_length, "center": center,
        "pad_mode": pad_mode,
    }  # fmt: skip
    if y is not None:
        return engine.of_signal("rms", validate.signal(y), options).astype(dtype, copy=False)
    if S is None:
        raise ParameterError("either y or S must be given")
    S = validate.rows(np.abs(S))
    if S.shape[-2] != validate.positive_int("frame_length", frame_length) // 2 + 1:
        raise ParameterError(
            f"S has {S.shape[-2]} rows, so frame_length={frame_length} must be "
            f"{2 * S.shape[-2] - 2} or {2 * S.shape[-2] - 1}"
        )
    return engine.of_rows("rms", S, options).astype(dtype, copy=False)


def _sample_frames(o: engine.Options) -> engine.Options:
    return {
        "source": o["source"],
        "n_bins": o.get("n_bins"),
        "frame_length": validate.positive_int("frame_length", o["frame_length"]),
        "hop_length": validate.positive_int("hop_length", o["hop_length"]),
        "center": bool(o["center"]),
        "pad_mode": o["pad_mode"],
    }


engine.translates("rms")(_sample_frames)


def zero_crossing_rate(
    y: Real,
    *,
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    threshold: float = 1e-10,
    ref_magnitude: float | Callable[[Array], Any] | None = None,
    pad: bool = False,
    zero_pos: bool = True,
) -> Array:
    """Share of each frame's samples at which the sign changes, (..., 1, frames), float64."""
    y = validate.signal(y)
    if callable(ref_magnitude):
        ref_magnitude = float(ref_magnitude(np.abs(y)))
    if ref_magnitude is not None:
        threshold = threshold * ref_magnitude
    options = {
        "frame_length": frame_length, "hop_length": hop_length, "center": center,
        "pad_mode": "edge", "threshold": threshold, "pad": pad, "zero_pos": zero_pos,
    }  # fmt: skip
    return engine.of_signal("zero_crossing_rate", y, options).astype(np.float64, copy=False)


@engine.translates("zero_crossing_rate")
def _zero_crossing_rate(o: engine.Options) -> engine.Options:
    return {
        **_sample_frames({**o, "pad_mode": "edge"}),
        "threshold": validate.number("threshold", o["threshold"], 0),
        "pad": bool(o["pad"]),
        "zero_pos": bool(o["zero_pos"]),
    }
