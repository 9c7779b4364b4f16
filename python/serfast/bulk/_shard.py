"""One shard: the unit of work, which any process can do, and do again."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from serfast import _engine, _validate
from serfast.bulk._durable import write_durably
from serfast.bulk._job import Job
from serfast.bulk._records import DONE, FAILED, RECORDS_KEY, Input, Record, read_records
from serfast.bulk._work import Outcome, Worker
from serfast.datasets import Clip

if TYPE_CHECKING:
    from serfast.tables import FeatureTable

# Few enough that the last chunks of a shard keep all threads busy; a chunk costs 0.5 ms.
CHUNK_FILES = 128
CHUNK_BYTES = 1 << 24
MEMORY_OF_A_THREAD = 256 << 20

# Called by the thread that did a chunk.
Heard: TypeAlias = Callable[[Sequence[Input], Sequence[Outcome]], None]


@dataclass(frozen=True)
class Shard:
    """Some inputs of a job, in the order of their paths, and the file that they become.

    Parameters
    ----------
    number : int
        Names the file.
    inputs : tuple of Input
        What it holds.
    dropped : frozenset of str
        Paths whose rows, of an earlier run, are to go.
    verify : bool
        Whether to hash also the inputs whose size and time are those of the earlier run.
    """

    number: int
    inputs: tuple[Input, ...]
    dropped: frozenset[str] = frozenset()
    verify: bool = False

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"part-{self.number:05}.parquet"


@dataclass(frozen=True)
class ShardReport:
    """What became of a shard.

    Attributes
    ----------
    name : str
        The name of its file.
    done, failed : int
        How many of its inputs have a row, and how many have none.
    written : bool
        False where there was nothing to do.
    """

    name: str
    done: int
    failed: int
    written: bool


def run_shard(
    job: Job, shard: Shard, *, threads: int | None = None, memory: float | None = None
) -> ShardReport:
    """Do a shard, on any machine that reaches the inputs and the output folder.

    Parameters
    ----------
    job : Job
        The job.
    shard : Shard
        One that `plan_shards` made for it. What an earlier run has done of it is taken over.
    threads : int > 0, optional
        Default: the environment variable SERFAST_NUM_THREADS, else all CPUs of the process.
    memory : number > 0, optional
        Bytes for the signals that are worked on; default: 256 MiB a thread.

    Returns
    -------
    ShardReport
        An input that fails costs only its own row.

    Raises
    ------
    ParameterError
        If `threads` or `memory` is out of its range.
    OSError
        If the shard cannot be written; then nothing is left of it.

    Examples
    --------
    >>> import serfast, tempfile
    >>> from serfast.bulk import Input, plan_shards
    >>> from serfast.datasets import find_clips, samples_dir
    >>> fx = serfast.Extractor(["rms"], sr=16000, pool="mean")
    >>> job = Job(tempfile.mkdtemp(), str(samples_dir()), fx.config, shard_files=20)
    >>> plan = plan_shards(job, [Input.of(clip) for clip in find_clips(samples_dir()).clips])
    >>> [run_shard(job, shard).done for shard in plan.shards]
    [20, 20, 8]
    """
    with crew(job, *means(threads, memory)) as (worker, pool):
        return ShardRun(job, shard, worker, pool).finish()


def means(threads: int | None, memory: float | None) -> tuple[int, int]:
    """How many threads to work with, and how many bytes each may use; checked."""
    n_threads = _engine.thread_count(threads)
    if memory is None:
        return n_threads, MEMORY_OF_A_THREAD
    return n_threads, int(_validate.number("memory", memory, 1, 1 << 60) / n_threads)


@contextlib.contextmanager
def crew(job: Job, n_threads: int, of_a_thread: int) -> Iterator[tuple[Worker, Executor]]:
    """Give threads for the shards of a job; an exception stops them."""
    stop = threading.Event()
    extractor = job.extractor()
    with (
        _one_thread_for_each_product if extractor._whole else contextlib.nullcontext(),
        ThreadPoolExecutor(n_threads, initializer=_engine.be_one_of_many) as pool,
    ):
        try:
            yield Worker(extractor, of_a_thread, job.folder, stop.is_set), pool
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _OneThreadForEachProduct:
    """Keeps numpy's products of matrices, of which features of whole signals have some, apart.

    The setting is the process's, and is set back when the last of several crews has ended.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_crews = 0

    def __enter__(self) -> None:
        from threadpoolctl import threadpool_limits

        with self._lock:
            if not self._n_crews:
                self._limits = threadpool_limits(1, "blas")
            self._n_crews += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._n_crews -= 1
            if not self._n_crews:
                self._limits.restore_original_limits()


_one_thread_for_each_product = _OneThreadForEachProduct()


class ShardRun:
    """A shard in the hands of worker threads, from when it is made until `finish`."""

    def __init__(
        self, job: Job, shard: Shard, worker: Worker, pool: Executor, heard: Heard | None = None
    ) -> None:
        self._job, self._shard, self._heard = job, shard, heard
        self._path = job.folder / shard.name
        self._given = {each.clip.path: each for each in shard.inputs}
        old = read_records(self._path) if self._path.exists() else []
        self._old = {record.path: record for record in old}
        self._outcomes: dict[str, Outcome] = {}
        waiting = []
        for path, given in self._given.items():
            record = self._old.get(path)
            if record is not None and record.describes(given) and not shard.verify:
                self._outcomes[path] = Outcome(known=record)
            else:
                waiting.append(given)
        # Long files first, so that none of them is left when all else is done.
        chunks = sorted(chunks_of(waiting), key=_bytes, reverse=True)
        self._running = [(chunk, pool.submit(self._do, worker, chunk)) for chunk in chunks]

    def _do(self, worker: Worker, chunk: Sequence[Input]) -> list[Outcome]:
        outcomes = worker.chunk(chunk, [self._old.get(given.clip.path) for given in chunk])
        if self._heard is not None:
            self._heard(chunk, outcomes)
        return outcomes

    def finish(self) -> ShardReport:
        """Wait for the results and write the file, unless it is there and the same."""
        for chunk, running in self._running:
            for given, outcome in zip(chunk, running.result(), strict=True):
                self._outcomes[given.clip.path] = outcome
        records = self._records()
        written = not self._old or records != list(self._old.values())
        if written:
            self._write(records)
        n_done = sum(record.status == DONE for record in records)
        return ShardReport(self._shard.name, n_done, len(records) - n_done, written)

    def _records(self) -> list[Record]:
        """Return a record of each input, and of those that are no longer there, by path."""
        kept = self._old.keys() - self._given.keys() - self._shard.dropped
        records: list[Record] = []
        n_done = 0
        for path in sorted([*self._given, *kept]):
            record = replace(self._old[path]) if path in kept else self._record(self._given[path])
            if record.status == DONE:
                record.row = n_done
                n_done += 1
            records.append(record)
        return records

    def _record(self, given: Input) -> Record:
        outcome = self._outcomes[given.clip.path]
        old = self._old.get(given.clip.path)
        if outcome.known is None and outcome.hash is None and old and old.status == DONE:
            return replace(old)  # to be unreadable now does not undo what is done
        if outcome.known is not None:
            return replace(outcome.known, size=given.size, mtime=given.mtime, facts=given.facts)
        return Record(
            path=given.clip.path,
            status=FAILED if outcome.values is None else DONE,
            hash=outcome.hash,
            size=given.size,
            mtime=given.mtime,
            facts=given.facts,
            shard=self._shard.name,
            stage=outcome.stage,
            reason=outcome.reason,
        )

    def _write(self, records: list[Record]) -> None:
        from serfast.tables import FeatureTable
        from serfast.tables._files import write_parquet

        extractor = self._job.extractor()
        rows = [self._row(record.path) for record in records if record.status == DONE]
        values = np.empty((len(rows), len(extractor.names)), np.float32)
        for row, (_, computed) in zip(values, rows, strict=True):
            row[:] = computed
        table = FeatureTable(
            tuple(clip for clip, _ in rows), tuple(extractor.names), values, extractor.config,
            extractor.hash, self._job.corpus, self._job.version,
        )  # fmt: skip
        lines = "".join(f"{record.line()}\n" for record in records)
        write_durably(self._path, lambda path: write_parquet(table, path, **{RECORDS_KEY: lines}))

    def _row(self, path: str) -> tuple[Clip, npt.NDArray[np.float32]]:
        """Return what is known of a clip and its values, new or of the earlier run."""
        given, outcome = self._given.get(path), self._outcomes.get(path)
        if outcome is not None and outcome.values is not None:
            heard: Clip | Outcome = outcome
            values = outcome.values
        else:
            row = self._old[path].row
            assert row is not None, "what is done has a row"
            heard, values = self._old_table.clips[row], self._old_table.values[row]
            if given is None:
                return heard, values
        assert given is not None, "what was computed was given"
        clip = replace(
            given.clip, duration=heard.duration, rate=heard.rate, channels=heard.channels
        )
        return clip, values

    @cached_property
    def _old_table(self) -> FeatureTable:
        from serfast.tables import load_table

        return load_table(self._path)


def chunks_of(inputs: Sequence[Input]) -> Iterator[list[Input]]:
    """Divide inputs into runs of neighbours, by number and by bytes."""
    chunk: list[Input] = []
    n_bytes = 0
    for given in inputs:
        size = given.size or 0
        if chunk and (len(chunk) == CHUNK_FILES or n_bytes + size > CHUNK_BYTES):
            yield chunk
            chunk, n_bytes = [], 0
        chunk.append(given)
        n_bytes += size
    if chunk:
        yield chunk


def _bytes(inputs: Sequence[Input]) -> int:
    return sum(given.size or 0 for given in inputs)
