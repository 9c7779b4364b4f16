"""What is in the output folder of a job, finished or not."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.bulk._job import Job
from serfast.bulk._layout import layout_of
from serfast.bulk._plan import shard_files
from serfast.bulk._records import DONE
from serfast.bulk._shard_file import ShardReader, shard_records
from serfast.bulk._watch import general


@dataclass(frozen=True)
class Column:
    """Statistics of a feature over all rows; NaN and infinite values are counted, and left out.

    Attributes
    ----------
    name : str
        The feature.
    mean, std, low, high : float
        NaN where no value is finite.
    not_finite : int
        How many values are NaN or infinite.
    """

    name: str
    mean: float
    std: float
    low: float
    high: float
    not_finite: int

    @property
    def suspicion(self) -> str | None:
        """Why the feature may be of no use: ``"not finite"``, ``"constant"``, or None."""
        if self.not_finite:
            return "not finite"
        return "constant" if self.low == self.high else None


@dataclass(frozen=True)
class Inspection:
    """What is in the output folder of a job.

    Attributes
    ----------
    job : Job
        Its configuration.
    shards : int
        How many are whole.
    done, failed, left : int
        Inputs with rows, without any, and still to do.
    n_rows : int
        How many there are: one for each input that is done, or one for each chunk of it.
    rows : dict
        Columns beside the statistics, and their types; those that hold frames, too.
    columns : tuple of Column
        The features; where there are frames, each row of them, over all frames.
    reasons : list of (str, str, int)
        Stage and reason of failures, and how many there were, most frequent first.
    """

    job: Job
    shards: int
    done: int
    failed: int
    left: int
    n_rows: int
    rows: dict[str, str]
    columns: tuple[Column, ...]
    reasons: list[tuple[str, str, int]]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; statistics that are not numbers are None."""
        columns = [
            {k: None if v != v else v for k, v in asdict(column).items()}
            | {"suspicion": column.suspicion}
            for column in self.columns
        ]
        return {**asdict(self), "columns": columns}


def inspect_output(folder: str | os.PathLike[str]) -> Inspection:
    """Look at the output folder of a job that is finished, runs, or was killed.

    Parameters
    ----------
    folder : path
        What `run_job` writes.

    Returns
    -------
    Inspection
        Counts, schema, statistics of each feature, and reasons of failure.

    Raises
    ------
    ParameterError
        If the folder is not the output of a job, or one of its shards is damaged.

    Examples
    --------
    >>> import serfast, tempfile
    >>> from serfast.bulk import run_job
    >>> from serfast.datasets import samples_dir
    >>> fx = serfast.Extractor(["rms"], sr=16000, pool=["mean", "std"])
    >>> output = tempfile.mkdtemp()
    >>> _ = run_job(samples_dir(), output, fx)
    >>> found = inspect_output(output)
    >>> found.done, found.left, found.columns[0].name, found.columns[0].suspicion
    (48, 0, 'rms_mean', None)
    """
    import pyarrow.parquet

    job = Job.load(folder)
    layout = layout_of(job)
    names = job.extractor().names
    sums = _Sums(len(names))
    reasons: Counter[tuple[str, str]] = Counter()
    rows: dict[str, str] = {}
    done = n_rows = 0
    files = shard_files(Path(folder))
    for file in files:
        for record in shard_records(file, job):
            done += record.status == DONE
            if record.status != DONE:
                reasons[str(record.stage), general(str(record.reason), record.path)] += 1
        schema = pyarrow.parquet.read_schema(file)
        rows = {f.name: str(f.type) for f in schema if job.is_framewise or f.name not in names}
        shard = ShardReader(file, layout)
        n_rows += len(shard)
        for block in shard.blocks():
            sums.add(block)
        shard.close()
    failed = reasons.total()
    return Inspection(
        job=job,
        shards=len(files),
        done=done,
        failed=failed,
        left=max(0, job.n_inputs + job.n_gone - done - failed),
        n_rows=n_rows,
        rows=rows,
        columns=sums.columns(names),
        reasons=[(*reason, n) for reason, n in reasons.most_common()],
    )


class _Sums:
    """Sums over rows that come in parts, of each column; around the first row, for precision."""

    def __init__(self, n_columns: int) -> None:
        self._origin: npt.NDArray[np.float64] | None = None
        self._n, self._sum, self._square = np.zeros((3, n_columns))
        self._low, self._high = np.full(n_columns, np.inf), np.full(n_columns, -np.inf)
        self._rows = 0

    def add(self, values: npt.NDArray[np.float32]) -> None:
        finite = np.isfinite(values)
        if self._origin is None and len(values):
            self._origin = np.where(finite[0], values[0], 0).astype(np.float64)
        self._rows += len(values)
        self._n += finite.sum(axis=0)
        self._low = np.minimum(self._low, np.where(finite, values, np.inf).min(0, initial=np.inf))
        self._high = np.maximum(
            self._high, np.where(finite, values, -np.inf).max(0, initial=-np.inf)
        )
        apart = np.where(finite, values - (0 if self._origin is None else self._origin), 0)
        self._sum += apart.sum(axis=0)
        self._square += (apart**2).sum(axis=0)

    def columns(self, names: list[str]) -> tuple[Column, ...]:
        with np.errstate(invalid="ignore", divide="ignore"):
            apart = self._sum / self._n
            mean = apart + (0 if self._origin is None else self._origin)
            std = np.sqrt(np.maximum(self._square / self._n - apart**2, 0))
        known = self._n > 0
        figures = (np.where(known, x, np.nan) for x in (mean, std, self._low, self._high))
        return tuple(
            Column(name, float(mean), float(std), float(low), float(high), int(self._rows - n))
            for name, mean, std, low, high, n in zip(names, *figures, self._n, strict=True)
        )
