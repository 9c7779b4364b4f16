"""Figures that are drawn into files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from serfast.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figure_for(path: str | os.PathLike[str]) -> Figure:
    """Return an empty figure that can be saved as this file.

    Raises
    ------
    ParameterError
        If matplotlib is not installed or does not know the format, or the folder does not exist.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ParameterError("plots need matplotlib: pip install 'serfast[plot]'") from error
    target = Path(path)
    figure = Figure(figsize=(7, 4), layout="constrained")
    formats = figure.canvas.get_supported_filetypes()
    if target.suffix.lower().removeprefix(".") not in formats:
        allowed = ", ".join(f".{name}" for name in sorted(formats))
        raise ParameterError(f"{target}: a plot's name ends in one of {allowed}")
    if not target.parent.is_dir():
        raise ParameterError(f"{target.parent}: not a folder; create it first")
    return figure
