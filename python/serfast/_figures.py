"""Where pictures go: axes that are drawn into, and figures for files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serfast._outputs import check_file
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MISSING = 'pictures need matplotlib: pip install "serfast[plot]"'


def literal(text: str) -> str:
    """Return what matplotlib is given to draw a text as it is, without formulas."""
    from serfast.datasets._clips import text_of

    return text_of(text).replace("$", r"\$")


def axes_for(ax: Any) -> Axes:
    """Return these axes; for None pyplot's current ones, which are made where there are none.

    Raises
    ------
    ParameterError
        If it is neither, or matplotlib is not installed.
    """
    try:
        from matplotlib.axes import Axes
    except ImportError as error:
        raise ParameterError(MISSING) from error
    if isinstance(ax, Axes):
        return ax
    if ax is not None:
        raise ParameterError(f"ax must be a matplotlib.axes.Axes, not {type(ax).__name__}")
    from matplotlib import pyplot

    if not pyplot.get_fignums():
        pyplot.figure(layout="constrained")
    return pyplot.gca()


def figure_for(path: str | os.PathLike[str], *, height: float = 4.0) -> Figure:
    """Return an empty figure that can be saved as this file, 7 inches wide.

    Raises
    ------
    ParameterError
        If matplotlib is not installed or does not know the format, or the folder does not exist.
    PermissionError
        If the folder may not be written to.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ParameterError(MISSING) from error
    target = Path(path)
    figure = Figure(figsize=(7, height), layout="constrained")
    # PGF needs LaTeX, which tells when all work is done.
    formats = figure.canvas.get_supported_filetypes().keys() - {"pgf"}
    if target.suffix.lower().removeprefix(".") not in formats:
        allowed = ", ".join(f".{name}" for name in sorted(formats))
        raise ParameterError(f"{target}: a plot's name ends in one of {allowed}")
    check_file(target)
    return figure
