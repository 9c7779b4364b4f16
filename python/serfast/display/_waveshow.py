"""Signals over time: their samples, or the envelope where there are too many to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from serfast._figures import axes_for
from serfast._validate import Array, choice, number, positive, positive_int, signal
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.lines import Line2D


class AdaptiveWaveplot:
    """A signal that shows its samples where few are in view, else its envelope.

    `waveshow` makes it; matplotlib tells it when the view changes.

    Parameters
    ----------
    times : np.ndarray [shape=(n,)]
        When the samples are, in seconds.
    y : np.ndarray [shape=(n,)]
        The samples.
    steps : matplotlib.lines.Line2D
        What draws samples.
    envelope : matplotlib.collections.PolyCollection
        What draws the envelope.
    sr : number > 0
        Sampling rate in Hz.
    max_samples : int > 0
        Up to how many samples are drawn.
    transpose : bool
        Whether time runs upwards.

    Attributes
    ----------
    steps, envelope
        As they were given; one of them is visible.

    Notes
    -----
    ``librosa.display.AdaptiveWaveplot`` 0.11.

    Examples
    --------
    >>> import serfast
    >>> drawn = waveshow(serfast.tone(440, sr=16000, duration=2), sr=16000)
    >>> drawn.envelope.get_visible()
    True
    """

    def __init__(
        self,
        times: Array,
        y: Array,
        steps: Line2D,
        envelope: PolyCollection,
        sr: float = 22050,
        max_samples: int = 11025,
        transpose: bool = False,
    ) -> None:
        self.times = times
        self.samples = y
        self.steps = steps
        self.envelope = envelope
        self.sr = sr
        self.max_samples = max_samples
        self.transpose = transpose

    def update(self, ax: Axes) -> None:
        """Show what suits the limits of the axes.

        Parameters
        ----------
        ax : matplotlib.axes.Axes
            Where it is drawn.
        """
        start, end = sorted(ax.get_ylim() if self.transpose else ax.get_xlim())
        few = (end - start) * self.sr <= self.max_samples
        self.steps.set_visible(few)
        self.envelope.set_visible(not few)
        if few:
            first = int(np.searchsorted(self.times, start - 1 / self.sr))
            # One sample on either side, for the lines that leave the view.
            seen = slice(first, first + self.max_samples + 2)
            drawn = self.times[seen], self.samples[seen]
            self.steps.set_data(drawn[::-1] if self.transpose else drawn)


def waveshow(
    y: Array,
    *,
    sr: float = 22050,
    max_points: int = 11025,
    axis: str | None = "time",
    offset: float = 0.0,
    marker: Any = "",
    where: str = "post",
    label: str | None = None,
    transpose: bool = False,
    ax: Axes | None = None,
    **kwargs: Any,
) -> AdaptiveWaveplot:
    """Draw a signal: its samples as steps, or its envelope where they are too many.

    Zooming in, by hand or with ``ax.set_xlim``, turns the envelope into samples.

    Parameters
    ----------
    y : np.ndarray [shape=(n,) or (2, n)]
        The signal. Of two channels the upper edge of the envelope is the first's, the lower edge
        the second's, and samples are the first's.
    sr : number > 0
        Sampling rate in Hz.
    max_points : int > 0
        Up to how many samples in view are drawn themselves, and how many points an envelope has.
    axis : str or None
        The kind of the time axis: ``"time"``, ``"s"``, ``"ms"``... as in `specshow`.
    offset : float
        The time of the first sample in seconds.
    marker : str
        A marker for samples, as in `matplotlib.markers`.
    where : {"post", "pre", "mid"}
        Where steps lie, as in `matplotlib.axes.Axes.step`.
    label : str or None
        The name in a legend.
    transpose : bool
        Whether time runs upwards.
    ax : matplotlib.axes.Axes or None
        Where to draw; None takes pyplot's current axes.
    **kwargs
        What both `matplotlib.axes.Axes.step` and ``fill_between`` take, such as ``color``.

    Returns
    -------
    AdaptiveWaveplot
        What was drawn.

    Raises
    ------
    ParameterError
        If `y` is no such signal, an option is out of range, or matplotlib is not installed.

    Notes
    -----
    ``librosa.display.waveshow`` 0.11, whose envelope is the largest magnitude on both sides; this
    one's edges are the largest and the smallest sample.

    Examples
    --------
    >>> import serfast
    >>> drawn = waveshow(serfast.tone(440, sr=16000, duration=2), sr=16000)
    >>> drawn.envelope.axes.get_xlabel()
    'Time'
    """
    axes = axes_for(ax)
    from ._kinds import time_kind

    channels = np.atleast_2d(signal(y))
    if channels.ndim > 2 or len(channels) > 2 or not channels.size:
        raise ParameterError(f"y of shape {np.shape(y)} must be (n,) or (2, n), and not empty")
    if not np.all(np.isfinite(channels)):
        raise ParameterError("y is not finite everywhere")
    max_points = positive_int("max_points", max_points)
    step = choice("where", where, ("post", "pre", "mid"))
    rate = positive("sr", sr)
    n = channels.shape[1]
    times = number("offset", offset) + np.arange(n) / rate
    kind = time_kind("axis", axis)

    hop = -(-n // max_points)
    starts = np.arange(0, n, hop)
    top = np.maximum.reduceat(channels[0], starts)
    bottom = np.minimum.reduceat(channels[-1], starts)
    head = times[:max_points], channels[0, :max_points]
    (steps,) = axes.step(*(head[::-1] if transpose else head), marker=marker, where=step, **kwargs)
    fill = axes.fill_betweenx if transpose else axes.fill_between
    envelope = fill(
        times[starts], bottom, top, step=step, label=label,
        **{"color": steps.get_color(), **kwargs},
    )  # fmt: skip
    drawn = AdaptiveWaveplot(
        times, channels[0], steps, envelope,
        sr=rate, max_samples=max_points, transpose=transpose,
    )  # fmt: skip
    drawn.update(axes)
    # A bound method alone would be forgotten with its object.
    changed = "ylim_changed" if transpose else "xlim_changed"
    axes.callbacks.connect(changed, lambda ax: drawn.update(ax))
    kind.dress(axes.yaxis if transpose else axes.xaxis)
    return drawn
