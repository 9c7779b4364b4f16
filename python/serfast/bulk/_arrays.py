"""Frames in Zarr arrays beside the shards: one array for each, (frames, rows)."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serfast.bulk._durable import folder_durably
from serfast.bulk._layout import FRAMES, Columns, Values
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from serfast import Extractor

# Readers of Parquet folders pass over names that begin so.
GROUP = "_frames.zarr"
ARRAY, FIRST = "array", "first_frame"
CHUNK_BYTES = 1 << 20


def array_name(shard: Path, records: str) -> str:
    """Return the name of the array of a shard with these records.

    A shard that is done again has another one, so that the file, when it is renamed, changes from
    one array to the other.
    """
    return f"{shard.stem}-{sha256(records.encode()).hexdigest()[:16]}"


def has_array(folder: Path, name: str) -> bool:
    """Whether an array is there, which is to say: whole."""
    return (folder / GROUP / name).is_dir()


def drop_arrays(folder: Path, names: Collection[str]) -> None:
    """Remove all arrays but these."""
    group = folder / GROUP
    for array in group.glob("part-*"):
        if array.name not in names:
            shutil.rmtree(array)


class Arrays:
    """Columns that say where in an array a row's frames are.

    Parameters
    ----------
    folder : Path
        The output folder of a job.
    extractor : Extractor
        A framewise one.
    """

    group_bytes = 1 << 24
    names: tuple[str, ...] = (FRAMES, ARRAY, FIRST)

    def __init__(self, folder: Path, extractor: Extractor) -> None:
        self._folder = folder
        self._names = extractor.names
        _zarr()  # to be missed at once

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Columns]:
        import pyarrow as pa

        zarr = _zarr()
        zarr.open_group(self._folder / GROUP, mode="a")
        with folder_durably(self._folder, self._folder / GROUP / name) as partial:
            frames = _Frames(zarr, partial, self._names)

            def columns(values: list[Values]) -> dict[str, Any]:
                counts = np.array([matrix.shape[1] for matrix in values], np.int32)
                firsts = np.cumsum([frames.n_frames, *counts], dtype=np.int64)[:-1]
                for matrix in values:
                    frames.add(matrix)
                arrays = pa.array([name] * len(values), pa.string())
                return {FRAMES: pa.array(counts), ARRAY: arrays, FIRST: pa.array(firsts)}

            yield columns
            frames.end()

    def group(self, table: Any) -> _ArrayGroup:
        array = _zarr().open_array(self._folder / GROUP / table[ARRAY][0].as_py(), mode="r")
        return _ArrayGroup(array, table[FIRST].to_numpy(), table[FRAMES].to_numpy())


class _Frames:
    """An array that grows by whole chunks, so that each is written once."""

    def __init__(self, zarr: Any, path: Path, names: list[str]) -> None:
        self._chunk = max(1, CHUNK_BYTES // (4 * len(names)))
        # Numbers of features hardly get smaller, and to read them as they are is to copy them.
        self._array = zarr.create_array(
            str(path), shape=(0, len(names)), chunks=(self._chunk, len(names)), dtype="float32",
            compressors=None, dimension_names=("frame", "feature"), attributes={"names": names},
        )  # fmt: skip
        self._waiting = np.empty((self._chunk, len(names)), np.float32)
        self._n_waiting = self._n_written = 0

    @property
    def n_frames(self) -> int:
        return self._n_written + self._n_waiting

    def add(self, matrix: Values) -> None:
        rest = matrix.T
        while len(rest):
            some = rest[: self._chunk - self._n_waiting]
            self._waiting[self._n_waiting : self._n_waiting + len(some)] = some
            self._n_waiting += len(some)
            rest = rest[len(some) :]
            if self._n_waiting == self._chunk:
                self.end()

    def end(self) -> None:
        if self._n_waiting:
            end = self.n_frames
            self._array.resize((end, self._waiting.shape[1]))
            self._array[self._n_written : end] = self._waiting[: self._n_waiting]
            self._n_written, self._n_waiting = end, 0


class _ArrayGroup:
    """Rows whose frames are read when they are asked for."""

    def __init__(
        self, array: Any, firsts: npt.NDArray[np.int64], counts: npt.NDArray[np.int32]
    ) -> None:
        self._array, self._firsts, self._counts = array, firsts, counts

    def __getitem__(self, row: int, /) -> Values:
        first = int(self._firsts[row])
        frames = self._array[first : first + int(self._counts[row])]
        return np.ascontiguousarray(frames.T)


def _zarr() -> Any:
    try:
        import zarr
    except ImportError:
        raise ParameterError(
            'store="zarr" needs zarr, version 3: pip install "serfast[zarr]"'
        ) from None
    return zarr
