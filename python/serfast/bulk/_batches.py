"""Features as columns beside the paths of clips: what the engines of tables have in common."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np

from serfast.bulk._job import Job
from serfast.bulk._records import Input
from serfast.bulk._shard import chunks_of, crew, means
from serfast.datasets import Clip
from serfast.errors import ParameterError

if TYPE_CHECKING:
    import pyarrow as pa

    from serfast import Extractor
    from serfast.bulk._work import Outcome

PATH = "path"


class FeatureBatches:
    """Adds columns to Arrow tables that have a column ``path``; works in any process.

    Parameters
    ----------
    extractor : Extractor
        A pooled one.
    threads : int > 0
        How many threads do a table.
    memory : number > 0, optional
        Bytes for the signals that are worked on; default: 256 MiB a thread.

    Raises
    ------
    ParameterError
        If the extractor is framewise, or an option is out of its range.
    """

    def __init__(self, extractor: Extractor, threads: int, memory: float | None) -> None:
        if extractor.pool is None:
            raise ParameterError("columns need an extractor with statistics: set pool")
        # It has no output; temporary files are for signals that are longer than the memory.
        self._job = Job(tempfile.gettempdir(), "", extractor.config)
        self._means = means(threads, memory)

    @property
    def added(self) -> pa.Schema:
        """The columns that come to those of a table."""
        import pyarrow as pa

        facts = {
            "hash": pa.string(), "duration": pa.float64(), "rate": pa.int32(),
            "channels": pa.int32(), "stage": pa.string(), "reason": pa.string(),
        }  # fmt: skip
        features = self._job.extractor().names
        return pa.schema([*facts.items(), *((name, pa.float32()) for name in features)])

    def refuse(self, columns: list[str]) -> None:
        """Raise ParameterError unless these columns have the paths, and none that is to come."""
        if PATH not in columns:
            raise ParameterError(f"no column {PATH!r} among {', '.join(columns)}")
        if both := sorted({*columns} & {*self.added.names}):
            raise ParameterError(f"there are columns already that are to come: {', '.join(both)}")

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the table with the columns; a clip that failed has nulls, a stage and a reason."""
        import pyarrow as pa

        inputs = [Input.of(Clip(path)) for path in table[PATH].to_pylist()]
        with crew(self._job, *self._means) as (worker, pool):
            done = pool.map(
                lambda chunk: worker.chunk(chunk, [None] * len(chunk)), chunks_of(inputs)
            )
            outcomes = [outcome for chunk in done for outcome in chunk]
        added = pa.Table.from_pydict(self._columns(outcomes), schema=self.added)
        for field, column in zip(self.added, added.columns, strict=True):
            table = table.append_column(field, column)
        return table

    def _columns(self, outcomes: list[Outcome]) -> dict[str, Any]:
        import pyarrow as pa

        names = self._job.extractor().names
        failed = np.array([outcome.rows is None for outcome in outcomes], bool)
        values = np.zeros((len(names), len(outcomes)), np.float32)
        for i, outcome in enumerate(outcomes):
            if outcome.rows is not None:
                values[:, i] = outcome.rows[0].values
        return {
            "hash": [outcome.hash for outcome in outcomes],
            "duration": [outcome.duration if outcome.rate else None for outcome in outcomes],
            "rate": [outcome.rate or None for outcome in outcomes],
            "channels": [outcome.channels or None for outcome in outcomes],
            "stage": [outcome.stage for outcome in outcomes],
            "reason": [outcome.reason for outcome in outcomes],
            **{n: pa.array(row, mask=failed) for n, row in zip(names, values, strict=True)},
        }
