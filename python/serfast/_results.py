"""What a batch gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._validate import Array


@dataclass(frozen=True)
class Failure:
    """An item that could not be computed.

    Attributes
    ----------
    index : int
        Position in the batch.
    path : str or None
        The file, or None for a signal.
    stage : str
        ``"read"``, ``"decode"`` or ``"extract"``.
    reason : str
        What went wrong.
    """

    index: int
    path: str | None
    stage: str
    reason: str


@dataclass(frozen=True)
class BatchResult:
    """What `Extractor.batch` and `Extractor.files` return.

    Attributes
    ----------
    values : np.ndarray or list
        Pooled: float32, (items, columns), a row of NaN for each item that failed. Framewise: a list
        of float32 arrays (rows, frames), of shape (rows, 0) for an item that failed.
    names : list of str
        A name for each column (pooled) or row (framewise).
    failures : list of Failure
        In the order of the items.
    """

    values: Any
    names: list[str]
    failures: list[Failure] = field(default_factory=list)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if isinstance(self.values, list):
            raise TypeError(
                "framewise values have different numbers of frames: take .values, a list of arrays"
            )
        values: Array = np.array(self.values, dtype=dtype, copy=copy is not False)
        return values
