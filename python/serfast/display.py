"""Pictures, drawn with matplotlib (the extra ``plot``) into axes that are given or made.

Colours are of the map viridis and of Okabe and Ito's palette, which the colour-blind tell apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["bars", "confusion_matrix", "reliability", "training_curves"]

BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#999999"


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
        Where to draw; default: a new figure.

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
    axes: Axes = _axes(ax)
    axes.imshow(table, vmin=0, vmax=1, cmap="viridis")
    for (row, column), share in np.ndenumerate(table):
        colour = "black" if share > 0.6 else "white"
        axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour)
    ticks = range(len(classes))
    axes.set_xticks(ticks, classes, rotation=45, ha="right")
    axes.set_yticks(ticks, classes)
    axes.set(xlabel="chosen", ylabel="true", title="% of the true class")
    return axes


def reliability(points: Sequence[tuple[float, float, int]], *, ax: Axes | None = None) -> Axes:
    """Draw how often answers were right against how sure they were.

    Parameters
    ----------
    points : sequence of (mean probability, accuracy, clips)
        As `serfast.models.reliability` gives them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into. A point's area is its share of the clips.

    Raises
    ------
    ParameterError
        If matplotlib is not installed.

    Examples
    --------
    >>> reliability([(0.4, 0.5, 10), (0.9, 0.8, 30)]).get_xlabel()
    'mean probability'
    """
    axes: Axes = _axes(ax)
    sure, right, clips = (
        np.array(values, dtype=np.float64) for values in zip(*points, strict=True)
    )
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    axes.plot(sure, right, color=BLUE, linewidth=1)
    axes.scatter(sure, right, s=1000 * clips / clips.sum(), color=BLUE, alpha=0.7)
    axes.set(xlabel="mean probability", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    return axes


def bars(values: Mapping[str, float], *, unit: str, ax: Axes | None = None) -> Axes:
    """Draw a bar for each name, and their mean as a line.

    Parameters
    ----------
    values : mapping of str to float
        The bars.
    unit : str
        What the values are.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: a new figure.

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
    >>> bars({"01": 0.6, "02": 0.7}, unit="UAR").get_ylabel()
    'UAR'
    """
    axes: Axes = _axes(ax)
    axes.bar(list(values), list(values.values()), color=BLUE)
    axes.axhline(float(np.mean(list(values.values()))), color=ORANGE)
    axes.tick_params(axis="x", rotation=90 if len(values) > 8 else 0)
    axes.set(ylabel=unit)
    return axes


def training_curves(history: Mapping[str, Sequence[float]], *, ax: Axes | None = None) -> Axes:
    """Draw figures of each epoch.

    Parameters
    ----------
    history : mapping of str to sequence of float
        A curve for each name.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: a new figure.

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
    axes: Axes = _axes(ax)
    for name, curve in history.items():
        axes.plot(range(1, len(curve) + 1), curve, label=name)
    axes.set(xlabel="epoch")
    axes.legend()
    return axes


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ParameterError('pictures need matplotlib: pip install "serfast[plot]"') from None
    return Figure(layout="constrained").subplots()
