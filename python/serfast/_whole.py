"""Features of an Extractor that the public functions compute, each of a whole signal."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from . import egemaps, tonal
from ._validate import Real
from .errors import ParameterError

Options = dict[str, Any]

# Arguments of the public functions that are not options of a feature, or no plain data.
_inputs = ("y", "sr", "C", "window")

# What each computes, and the function whose options it takes.
_functions: dict[str, tuple[Callable[..., Real], Callable[..., Real]]] = {
    "chroma_cens": (tonal.chroma_cens, tonal.chroma_cens),
    "chroma_cqt": (tonal.chroma_cqt, tonal.chroma_cqt),
    "egemaps_like": (egemaps.egemaps_like, egemaps.egemaps_like),
    "tonnetz": (tonal.tonnetz, tonal.chroma_cqt),
}

NAMES = tuple(_functions)

# Those that are numbers of the signal instead of rows of frames, and how to name the numbers.
COLUMNS = {"egemaps_like": egemaps.column_names}


def defaults(feature: str) -> Options:
    """The options of a feature and their defaults; `harmonic` is an Extractor's own, for rows."""
    parameters = inspect.signature(_functions[feature][1]).parameters
    options = {name: p.default for name, p in parameters.items() if name not in _inputs}
    return options if feature in COLUMNS else options | {"harmonic": False}


def rows(feature: str, y: Real, sr: float, options: Options) -> Real:
    """A feature of a signal, or of its harmonic part: (rows, frames) or (columns,), float32."""
    options = dict(options)
    if options.pop("harmonic", False):
        from .effects import harmonic

        y = harmonic(y)
    computed = _functions[feature][0](y=y, sr=sr, **options)
    return np.ascontiguousarray(computed, dtype=np.float32)


def n_rows(feature: str, sr: float, options: Options) -> int:
    """How many rows, or columns, a feature has; to ask is to check the options."""
    if not isinstance(options.get("harmonic", False), bool):
        raise ParameterError(f"harmonic={options['harmonic']!r} must be True or False")
    tone = np.sin(np.arange(4096, dtype=np.float32))
    return int(rows(feature, tone, sr, options).shape[0])
