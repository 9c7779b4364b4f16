"""Bands of many clips end to end, in memory or in a file that batches are read from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


class FeatureStore:
    """A sequence of ``(bands, frames)`` arrays.

    Parameters
    ----------
    clips : iterable of np.ndarray [shape=(bands, frames)]
        Taken one by one; none is kept if they go to a file.
    file : path, optional
        Write the frames to this ``.npy`` file and read clips from there.
    """

    def __init__(self, clips: Iterable[Array], file: str | os.PathLike[str] | None = None) -> None:
        ends: list[int] = [0]

        def frames() -> Iterator[Array]:
            for clip in clips:
                ends.append(ends[-1] + clip.shape[1])
                yield np.ascontiguousarray(clip.T, np.float32)

        self._frames = np.concatenate(list(frames())) if file is None else _mapped(frames(), file)
        self._ends = np.array(ends)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, row: int) -> Array:
        return np.asarray(self._frames[self._ends[row] : self._ends[row + 1]]).T


@contextmanager
def store_files(folder: str | os.PathLike[str] | None) -> Iterator[Iterator[Path | None]]:
    """Names for stores' files in a folder, removed in the end; no names without a folder."""
    if folder is None:
        yield iter(lambda: None, 0)
        return
    with TemporaryDirectory(dir=folder, prefix="features-") as made:
        yield (Path(made, f"{i}.npy") for i in range(1 << 30))


def _mapped(arrays: Iterator[Array], file: str | os.PathLike[str]) -> Array:
    """Write the arrays one after the other and map the file into memory."""
    n_rows, width = 0, 0
    with open(file, "wb+") as out:
        _write_header(out, n_rows, width)
        for array in arrays:
            out.write(array.tobytes())
            n_rows, width = n_rows + len(array), array.shape[1]
        out.seek(0)
        _write_header(out, n_rows, width)
    mapped: Array = np.load(file, mmap_mode="r")
    return mapped


def _write_header(out: Any, n_rows: int, width: int) -> None:
    header = {"descr": "<f4", "fortran_order": False, "shape": (n_rows, width)}
    np.lib.format.write_array_header_1_0(out, header)
