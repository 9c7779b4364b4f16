"""What the pictures of features have in common: frames over time, and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import serfast
from serfast._figures import axes_for
from serfast._validate import Array, mono, number, positive, positive_int
from serfast.errors import ParameterError

from ._specshow import specshow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What a picture is wide, about: fewer frames look coarse, more are not seen apart.
MIN_FRAMES = 1024
# The hop of a constant-Q transform of seven octaves is a multiple of this.
SHORTEST_HOP = 64
# The lowest bin of a constant-Q transform in Hz.
C1 = float(serfast.note_to_hz("C1"))
# Colours of levels below the maximum.
DECIBELS = {"vmin": -80, "vmax": 0}


def heard(y: Any) -> Array:
    """A signal of one channel that is not empty."""
    samples = mono(y)
    if not samples.size:
        raise ParameterError("y is empty: there is nothing to draw")
    return samples


def hop_for(y: Array, hop_length: int | None) -> int:
    """The samples from frame to frame; for None such that there are enough frames."""
    if hop_length is not None:
        return positive_int("hop_length", hop_length)
    return SHORTEST_HOP * max(1, len(y) // (SHORTEST_HOP * MIN_FRAMES))


def octaves_below_nyquist(sr: float, lowest: float) -> int:
    """How many octaves of a constant-Q transform lie below half the sampling rate, up to 7."""
    highest = positive("sr", sr) / 2 / 1.05  # half a bin of tuning, and the filter's width
    return int(np.clip(np.log2(highest / lowest), 1, 7))


def decibels(magnitude: Array) -> Array:
    """Levels below the maximum; silence, which has none, is lower than any colour."""
    levels: Array = serfast.amplitude_to_db(magnitude, ref=float(magnitude.max()) or 1.0)
    return levels


def time_unit(duration: float) -> str:
    """The kind of time axis that suits a duration in seconds."""
    for unit, longest in (("ms", 1), ("s", 60), ("m", 3600)):
        if duration <= longest:
            return unit
    return "h"


def largest(values: Array) -> float:
    """The magnitude that all but 1 % of the values stay below; not 0."""
    return float(np.percentile(np.abs(values), 99)) or 1.0


def draw_frames(
    rows: Array,
    title: str,
    unit: str,
    ax: Axes | None,
    *,
    sr: float,
    hop: int,
    offset: float,
    **options: Any,
) -> Axes:
    """Draw rows over time, with a bar of their colours; options are those of `specshow`."""
    if rows.shape[1] < 2:
        raise ParameterError(f"y is a single frame: it needs more than hop_length={hop} samples")
    axes = axes_for(ax)
    times = number("offset", offset) + serfast.frames_to_time(
        np.arange(rows.shape[1]), sr=sr, hop_length=hop
    )
    image = specshow(
        rows, x_coords=times, x_axis=time_unit(rows.shape[1] * hop / sr), sr=sr, ax=axes, **options
    )
    tick_round_times(axes)
    bar = axes.figure.colorbar(image, ax=axes, extend=_extension(image))
    bar.set_label(unit)
    axes.set_title(title)
    return axes


def tick_round_times(axes: Axes) -> None:
    """Put the ticks of a time axis at round times."""
    from ._ticks import RoundTimeLocator

    axes.xaxis.set_major_locator(RoundTimeLocator())


def _extension(image: Any) -> str:
    """Which ends of the colours values go beyond."""
    values, (low, high) = image.get_array(), image.get_clim()
    slack = 1e-3 * (high - low)
    below, above = values.min() < low - slack, values.max() > high + slack
    return "both" if below and above else "min" if below else "max" if above else "neither"
