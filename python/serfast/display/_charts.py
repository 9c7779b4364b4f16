"""Figures of models and corpora, and the mel scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

import serfast
from serfast._figures import axes_for, literal
from serfast._validate import number
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from serfast.datasets import Corpus

# Okabe and Ito's palette, without its yellow, which is faint on white.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
BLUE, ORANGE, GREY = *PALETTE[:2], "#999999"
# More names than this do not fit below an axis.
MAX_NAMES = 32


def confusion_matrix(
    shares: npt.ArrayLike, classes: Sequence[str], *, ax: Axes | None = None
) -> Axes:
    """Draw which class was taken for which.

    Parameters
    ----------
    shares : np.ndarray [shape=(n_classes, n_classes)]
        The share of each true class (rows) that was taken for each class (columns), in [0, 1].
    classes : sequence of str
        Their names.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: pyplot's current axes.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        If the shapes do not fit, or matplotlib is not installed.

    Examples
    --------
    >>> confusion_matrix([[0.9, 0.1], [0.4, 0.6]], ["calm", "sad"]).get_ylabel()
    'true'
    """
    table = np.asarray(shares, dtype=np.float64)
    if table.shape != (len(classes), len(classes)):
        raise ParameterError(f"shares of shape {table.shape} for {len(classes)} classes")
    axes = axes_for(ax)
    axes.imshow(table, vmin=0, vmax=1, cmap="viridis")
    for (row, column), share in np.ndenumerate(table):
        colour = "black" if share > 0.6 else "white"
        axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour)
    ticks, names = range(len(classes)), [literal(name) for name in classes]
    axes.set_xticks(ticks, names, rotation=45, ha="right")
    axes.set_yticks(ticks, names)
    axes.set(xlabel="chosen", ylabel="true", title="% of the true class")
    return axes


def reliability(points: Sequence[tuple[float, float, int]], *, ax: Axes | None = None) -> Axes:
    """Draw how often answers were right against how sure they were.

    Parameters
    ----------
    points : sequence of (mean probability, accuracy, clips)
        As `serfast.models.reliability` gives them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: pyplot's current axes.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into. A point's area is its share of the clips.

    Raises
    ------
    ParameterError
        If there is no point, or matplotlib is not installed.

    Examples
    --------
    >>> reliability([(0.4, 0.5, 10), (0.9, 0.8, 30)]).get_xlabel()
    'mean probability'
    """
    axes = axes_for(ax)
    if not points:
        raise ParameterError("points is empty: there is nothing to draw")
    sure, right, clips = (
        np.array(values, dtype=np.float64) for values in zip(*points, strict=True)
    )
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    axes.plot(sure, right, color=BLUE, linewidth=1)
    axes.scatter(sure, right, s=1000 * clips / clips.sum(), color=BLUE, alpha=0.7)
    axes.set(xlabel="mean probability", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    return axes


def bars(values: Mapping[str, float], *, unit: str, ax: Axes | None = None) -> Axes:
    """Draw a bar for each name, such as a speaker, and their mean as a line.

    Parameters
    ----------
    values : mapping of str to float
        The bars.
    unit : str
        What the values are.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: pyplot's current axes.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        If there is no bar, or matplotlib is not installed.

    Examples
    --------
    >>> bars({"01": 0.6, "02": 0.7}, unit="UAR").get_ylabel()
    'UAR'
    """
    axes = axes_for(ax)
    if not values:
        raise ParameterError("values is empty: there is nothing to draw")
    heights = list(values.values())
    mean = float(np.mean(heights))
    axes.bar(range(len(values)), heights, color=BLUE)
    axes.axhline(mean, color=ORANGE)
    every = -(-len(values) // MAX_NAMES)
    axes.set_xticks(range(0, len(values), every), [literal(name) for name in values][::every])
    axes.tick_params(axis="x", rotation=90 if len(values) > 8 else 0)
    axes.margins(x=0.02)
    axes.set(ylabel=literal(unit), title=f"mean {mean:.3g}")
    return axes


def training_curves(history: Mapping[str, Sequence[float]], *, ax: Axes | None = None) -> Axes:
    """Draw figures of each epoch.

    Parameters
    ----------
    history : mapping of str to sequence of float
        A curve for each name.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: pyplot's current axes.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        If matplotlib is not installed.

    Examples
    --------
    >>> training_curves({"train loss": [2.0, 1.5], "valid loss": [2.1, 1.8]}).get_xlabel()
    'epoch'
    """
    axes = axes_for(ax)
    axes.set_prop_cycle(color=PALETTE)
    for name, curve in history.items():
        axes.plot(range(1, len(curve) + 1), curve, label=literal(name))
    axes.set(xlabel="epoch")
    axes.locator_params(axis="x", integer=True)
    axes.legend()
    return axes


def emotion_counts(corpus: Corpus, *, ax: Axes | None = None) -> Axes:
    """Draw how many clips each emotion has, by the speakers' sex.

    Parameters
    ----------
    corpus : serfast.datasets.Corpus
        The clips.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: pyplot's current axes.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        If matplotlib is not installed.

    Examples
    --------
    >>> from serfast.datasets import find_clips, samples_dir
    >>> emotion_counts(find_clips(samples_dir())).get_title()
    'samples: 48 clips'
    """
    from serfast.datasets import count_labels

    axes = axes_for(ax)
    emotions = list(count_labels(corpus.clips))
    names, below = [literal(name) for name in emotions], np.zeros(len(emotions))
    sexes = {name: name for name in ("female", "male")}
    for sex, colour in (("female", ORANGE), ("male", BLUE), (None, GREY)):
        counts = count_labels([clip for clip in corpus.clips if sexes.get(clip.sex or "") == sex])
        if counts:
            heights = np.array([counts.get(name, 0) for name in emotions])
            axes.bar(names, heights, bottom=below, label=sex or "sex unknown", color=colour)
            below += heights
    axes.tick_params(axis="x", rotation=30)
    axes.set(ylabel="clips", title=f"{literal(corpus.name)}: {len(corpus.clips)} clips")
    if emotions:
        axes.set_ylim(0, 1.3 * below.max())  # for the legend
        axes.legend(loc="upper right", ncols=3)
    return axes


def mel_scale(
    *,
    fmin: float = 0.0,
    fmax: float = 8000.0,
    n_mels: int = 20,
    htk: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the mel scale over frequency, with the middles of bands that are even in mel.

    Parameters
    ----------
    fmin, fmax : float >= 0
        Lowest and highest frequency in Hz.
    n_mels : int > 0
        Number of bands.
    htk : bool
        Whether to draw HTK's scale rather than Slaney's.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: pyplot's current axes.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        If a number is out of range, or matplotlib is not installed.

    Examples
    --------
    >>> mel_scale(htk=True).get_ylabel()
    'mel (HTK)'
    """
    axes = axes_for(ax)
    low = number("fmin", fmin, low=0)
    frequencies = np.linspace(low, number("fmax", fmax, low=low), 500)
    bands = serfast.mel_frequencies(n_mels + 2, fmin=fmin, fmax=fmax, htk=htk)[1:-1]
    mels = serfast.hz_to_mel(bands, htk=htk)
    axes.plot(frequencies, serfast.hz_to_mel(frequencies, htk=htk), color=BLUE)
    axes.vlines(bands, 0, mels, color=GREY, linewidth=1)
    axes.plot(bands, mels, "o", color=ORANGE, label=f"{n_mels} bands")
    axes.set(xlabel="Hz", ylabel=f"mel ({'HTK' if htk else 'Slaney'})")
    axes.set(xlim=(fmin, fmax), ylim=(0, None))
    axes.legend(loc="lower right")
    return axes
