"""Results that wait for their shard to be written, out of memory."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float32]


class Spilled(NamedTuple):
    """Where in a `Spill` an array lies."""

    offset: int
    shape: tuple[int, ...]


class Spill:
    """Arrays in a temporary file; it has no name, so that nothing is left of it.

    Parameters
    ----------
    folder : Path
        Where there is room.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed with its shard)
        self._end = 0
        self._lock = threading.Lock()

    def put(self, values: Values) -> Spilled:
        """Keep an array; any thread may do so."""
        content = np.ascontiguousarray(values)
        with self._lock:
            self._file.seek(self._end)
            self._file.write(content.data)
            kept = Spilled(self._end, content.shape)
            self._end += content.nbytes
        return kept

    def get(self, kept: Spilled) -> Values:
        """Read an array back."""
        values = np.empty(kept.shape, np.float32)
        with self._lock:
            self._file.seek(kept.offset)
            self._file.readinto(values.data.cast("B"))
        return values

    def close(self) -> None:
        """Give the room back."""
        self._file.close()
