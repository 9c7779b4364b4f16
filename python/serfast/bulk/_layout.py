"""The columns in which a shard's rows lie beside what is known of their clips."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from serfast.errors import ParameterError

if TYPE_CHECKING:
    from serfast import Extractor
    from serfast.bulk._job import Job

# A row's statistics (columns,), or its frames (rows, frames).
Values: TypeAlias = npt.NDArray[np.float32]
# Columns of some rows; of none, empty ones.
Columns: TypeAlias = Callable[[list[Values]], dict[str, Any]]

STORES = ("parquet", "zarr")
FRAMES = "frames"  # the column that says how many a row has


class Group(Protocol):
    """Rows that are read together."""

    def __getitem__(self, row: int, /) -> Values: ...


class Layout(Protocol):
    """How the values of rows lie in a shard's file, or beside it."""

    group_bytes: int  # of values in a group of rows
    names: tuple[str, ...]  # of the columns that hold the values, or say where they are

    def writing(self, name: str) -> AbstractContextManager[Columns]:
        """Give what makes columns of rows; what lies beside the file is whole at the end."""
        ...

    def group(self, table: Any) -> Group:
        """Return the rows of a group of columns."""
        ...


def layout_of(job: Job) -> Layout:
    """Return the layout of a job's shards.

    Raises
    ------
    ParameterError
        If the job has an unknown store, or one without frames to put there.
    """
    if job.store not in STORES:
        raise ParameterError(f"store={job.store!r} must be one of {', '.join(STORES)}")
    extractor = job.extractor()
    if extractor.pool is not None:
        if job.store != "parquet":
            raise ParameterError(f"store={job.store!r} is for frames, and here are statistics")
        return PooledColumns(extractor)
    if job.store == "parquet":
        return FrameColumns(extractor)
    from serfast.bulk._arrays import Arrays

    return Arrays(job.folder, extractor)


class PooledColumns:
    """A column for each statistic.

    Parameters
    ----------
    extractor : Extractor
        A pooled one.
    """

    group_bytes = 1 << 24

    def __init__(self, extractor: Extractor) -> None:
        self.names = tuple(extractor.names)

    def writing(self, name: str) -> AbstractContextManager[Columns]:
        return contextlib.nullcontext(self._columns)

    def _columns(self, values: list[Values]) -> dict[str, Any]:
        import pyarrow as pa

        matrix = np.array(values, np.float32).reshape(len(values), len(self.names))
        columns = zip(self.names, matrix.T, strict=True)
        return {name: pa.array(np.ascontiguousarray(column)) for name, column in columns}

    def group(self, table: Any) -> Values:
        return np.stack([table[name].to_numpy() for name in self.names], axis=1)


class FrameColumns:
    """A column for each feature: in each row a list of frames, which are lists of its numbers.

    Of a feature with one number a frame, a list of numbers.

    Parameters
    ----------
    extractor : Extractor
        A framewise one.
    """

    # Few enough to be read for the sake of one row.
    group_bytes = 1 << 20

    def __init__(self, extractor: Extractor) -> None:
        self._n_rows = {name: extractor._n_rows[name] for name in extractor.features}
        self.names = (FRAMES, *self._n_rows)

    def writing(self, name: str) -> AbstractContextManager[Columns]:
        return contextlib.nullcontext(self._columns)

    def _columns(self, values: list[Values]) -> dict[str, Any]:
        import pyarrow as pa

        counts = np.array([matrix.shape[1] for matrix in values], np.int32)
        offsets = pa.array(np.cumsum([0, *counts], dtype=np.int32))
        columns = {FRAMES: pa.array(counts)}
        first = 0
        for name, n_rows in self._n_rows.items():
            parts = [matrix[first : first + n_rows].T.reshape(-1) for matrix in values]
            numbers = pa.array(np.concatenate([np.empty(0, np.float32), *parts]))
            if n_rows > 1:
                numbers = pa.FixedSizeListArray.from_arrays(numbers, n_rows)
            columns[name] = pa.ListArray.from_arrays(offsets, numbers)
            first += n_rows
        return columns

    def group(self, table: Any) -> FrameGroup:
        parts = []
        for name, n_rows in self._n_rows.items():
            numbers = table[name].combine_chunks().flatten()
            parts.append((numbers.flatten() if n_rows > 1 else numbers).to_numpy())
        ends = np.cumsum(table[FRAMES].to_numpy(), dtype=np.int64)
        shaped = zip(parts, self._n_rows.values(), strict=True)
        return FrameGroup([part.reshape(-1, n_rows) for part, n_rows in shaped], ends)


class FrameGroup:
    """Rows whose frames lie end to end, feature by feature.

    Parameters
    ----------
    features : list of np.ndarray [shape=(frames, n)]
        The frames of all rows.
    ends : np.ndarray [shape=(rows,)]
        Where each row ends.
    """

    def __init__(self, features: list[Values], ends: npt.NDArray[np.int64]) -> None:
        self._features, self._ends = features, ends

    def __getitem__(self, row: int, /) -> Values:
        first = self._ends[row - 1] if row else 0
        return np.concatenate([frames[first : self._ends[row]].T for frames in self._features])
