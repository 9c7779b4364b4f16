"""The file of a shard: rows, in groups, and the records of all its inputs in the footer."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from serfast._outputs import write_durably
from serfast.bulk._arrays import array_name, has_array
from serfast.bulk._job import Job
from serfast.bulk._layout import FRAMES, Group, Layout, Values, layout_of
from serfast.bulk._records import RECORDS_KEY, Record, parse_records, read_lines
from serfast.datasets import Clip
from serfast.datasets._clips import FIELD_TYPES, clip_from_row
from serfast.tables import FeatureTable
from serfast.tables._files import METADATA_KEY, fact_columns, table_metadata


def shard_records(path: Path, job: Job) -> list[Record]:
    """Read the records of a shard; there are none where somebody removed its array.

    Raises
    ------
    ParameterError
        If it is not a shard of serfast.
    """
    lines = read_lines(path)
    if job.store == "zarr" and not has_array(job.folder, array_name(path, lines)):
        return []
    return parse_records(lines)


class ShardRow(NamedTuple):
    """A clip, or a chunk of one, and its values."""

    clip: Clip
    values: Values


def write_shard(path: Path, job: Job, rows: Iterable[ShardRow], records: str) -> None:
    """Write a shard's file, and what belongs to it; it is there whole or not at all."""
    layout = layout_of(job)
    metadata = {METADATA_KEY: table_metadata(_empty_table(job)), RECORDS_KEY: records}

    def write(partial: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet

        def table(clips: tuple[Clip, ...], values: list[Values]) -> Any:
            return pa.table({**fact_columns(clips), **columns(values)})

        with layout.writing(array_name(path, records)) as columns:
            schema = table((), []).schema.with_metadata(metadata)
            # To look for numbers that occur twice takes three times as long as all the rest.
            texts = [field.name for field in schema if pa.types.is_string(field.type)]
            with pa.parquet.ParquetWriter(partial, schema, use_dictionary=texts) as file:
                for group in _groups(rows, layout.group_bytes):
                    clips, values = zip(*group, strict=True)
                    file.write_table(table(clips, list(values)).cast(schema))

    write_durably(path, write)


def _empty_table(job: Job) -> FeatureTable:
    extractor = job.extractor()
    names = tuple(extractor.names)
    return FeatureTable(
        (), names, np.empty((0, len(names)), np.float32), extractor.config, extractor.hash,
        job.corpus, job.version,
    )  # fmt: skip


def _groups(rows: Iterable[ShardRow], size: int) -> Iterator[list[ShardRow]]:
    """Divide rows into groups of so many bytes."""
    group: list[ShardRow] = []
    n_bytes = 0
    for row in rows:
        if group and n_bytes + row.values.nbytes > size:
            yield group
            group, n_bytes = [], 0
        group.append(row)
        n_bytes += row.values.nbytes
    if group:
        yield group


class ShardReader:
    """The rows of a shard's file, of which a group at a time is in memory.

    Parameters
    ----------
    path : Path
        The file.
    layout : Layout
        That of its job.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        import pyarrow.parquet

        self._file = pyarrow.parquet.ParquetFile(path)
        self._layout = layout
        metadata = self._file.metadata
        sizes = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
        self._firsts = np.cumsum([0, *sizes]).tolist()
        self._at = -1

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    @cached_property
    def clips(self) -> list[Clip]:
        """What each row is of."""
        columns = [name for name in FIELD_TYPES if name in self._file.schema_arrow.names]
        table = self._file.read(columns=columns, use_threads=False)
        return [clip_from_row(row) for row in table.to_pylist()]

    @property
    def frame_counts(self) -> list[int]:
        """How many frames each row has."""
        counts: list[int] = self._file.read(columns=[FRAMES], use_threads=False)[FRAMES].to_pylist()
        return counts

    def __len__(self) -> int:
        return int(self._firsts[-1])

    def __getitem__(self, row: int) -> Values:
        """Return the values of a row."""
        number = bisect.bisect_right(self._firsts, row) - 1
        return self._group(number)[row - self._firsts[number]]

    def blocks(self) -> Iterator[Values]:
        """Yield the values of all rows: statistics or frames below each other, some at a time."""
        for number in range(self._file.num_row_groups):
            group = self._group(number)
            if isinstance(group, np.ndarray):
                yield group
            else:
                for row in range(self._firsts[number + 1] - self._firsts[number]):
                    yield group[row].T

    def _group(self, number: int) -> Group:
        if self._at != number:
            names = list(self._layout.names)
            table = self._file.read_row_group(number, columns=names, use_threads=False)
            self._held, self._at = self._layout.group(table), number
        return self._held
