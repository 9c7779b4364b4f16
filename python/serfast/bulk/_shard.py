"""One shard: the unit of work, which any process can do, and do again."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from serfast import _engine, _validate
from serfast._jobs import Progress
from serfast._results import BatchResult, Failure
from serfast.bulk._job import Job
from serfast.bulk._layout import Values, layout_of
from serfast.bulk._records import DONE, FAILED, Input, Record
from serfast.bulk._rows import Hands, Rows
from serfast.bulk._shard_file import ShardReader, ShardRow, shard_records, write_shard
from serfast.bulk._spill import Spill, Spilled
from serfast.bulk._work import Outcome, Worker
from serfast.datasets import Clip
from serfast.datasets._clips import Key

if TYPE_CHECKING:
    from serfast import Extractor

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
    dropped : frozenset of Key
        Those (`Clip.key`) whose rows, of an earlier run, are to go.
    verify : bool
        Whether to hash also the inputs whose size and time are those of the earlier run.
    """

    number: int
    inputs: tuple[Input, ...]
    dropped: frozenset[Key] = frozenset()
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


def batch_of_clips(
    clips: Sequence[Clip],
    extractor: Extractor,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> BatchResult:
    """Return what `Extractor.files` would, of clips that may be parts, in tar files or remote."""
    job = Job(tempfile.gettempdir(), "", extractor.config)
    values = np.full((len(clips), len(extractor.names)), np.nan, np.float32)
    failures: list[Failure] = []
    done = 0
    with crew(job, *means(threads, None)) as (worker, pool):
        chunks = list(chunks_of([Input.of(clip) for clip in clips]))
        running = [pool.submit(worker.chunk, chunk, [None] * len(chunk)) for chunk in chunks]
        for each in running:
            for index, outcome in enumerate(each.result(), start=done):
                if outcome.rows is not None:
                    values[index] = outcome.rows[0].values
                else:
                    stage, reason = str(outcome.stage), str(outcome.reason)
                    failures.append(Failure(index, clips[index].name, stage, reason))
            done += len(each.result())
            if progress:
                progress(done, len(clips))
    return BatchResult(values, extractor.names, failures)


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
            rows = Rows(extractor, job.chunks(), of_a_thread, Hands(n_threads))
            yield Worker(rows, of_a_thread, job.folder, stop.is_set), pool
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
        self._given = {each.clip.key: each for each in shard.inputs}
        old = shard_records(self._path, job) if self._path.exists() else []
        self._old = {record.key: record for record in old}
        self._outcomes: dict[Key, Outcome] = {}
        # One row of statistics for each clip is little; all else may be any amount.
        has_room = job.is_framewise or job.chunk is not None
        self._spill = Spill(job.folder) if has_room else None
        waiting = []
        for key, given in self._given.items():
            record = self._old.get(key)
            if record is not None and record.describes(given) and not shard.verify:
                self._outcomes[key] = Outcome(known=record)
            else:
                waiting.append(given)
        # Long files first, so that none of them is left when all else is done.
        chunks = sorted(chunks_of(waiting), key=_bytes, reverse=True)
        self._running = [(chunk, pool.submit(self._do, worker, chunk)) for chunk in chunks]

    def _do(self, worker: Worker, chunk: Sequence[Input]) -> list[Outcome]:
        outcomes = worker.chunk(
            chunk, [self._old.get(given.clip.key) for given in chunk], self._keep
        )
        if self._heard is not None:
            self._heard(chunk, outcomes)
        return outcomes

    def _keep(self, values: Values) -> Values | Spilled:
        return values if self._spill is None else self._spill.put(values)

    def _kept(self, values: Values | Spilled) -> Values:
        if isinstance(values, Spilled):
            assert self._spill is not None, "it has put them there"
            return self._spill.get(values)
        return values

    def finish(self) -> ShardReport:
        """Wait for the results and write the file, unless it is there and the same."""
        for chunk, running in self._running:
            for given, outcome in zip(chunk, running.result(), strict=True):
                self._outcomes[given.clip.key] = outcome
        records = self._records()
        written = not self._old or records != list(self._old.values())
        if written:
            lines = "".join(f"{record.line()}\n" for record in records)
            rows = (row for r in records if r.status == DONE for row in self._rows(r))
            write_shard(self._path, self._job, rows, lines)
        if self._spill is not None:
            self._spill.close()
        n_done = sum(record.status == DONE for record in records)
        return ShardReport(self._shard.name, n_done, len(records) - n_done, written)

    def _records(self) -> list[Record]:
        """Return a record of each input, and of those that are no longer there, by path."""
        kept = self._old.keys() - self._given.keys() - self._shard.dropped
        records: list[Record] = []
        n_done = 0
        for key in sorted([*self._given, *kept]):
            record = replace(self._old[key]) if key in kept else self._record(self._given[key])
            if record.status == DONE:
                record.row = n_done
                n_done += record.rows or 1
            records.append(record)
        return records

    def _record(self, given: Input) -> Record:
        outcome = self._outcomes[given.clip.key]
        old = self._old.get(given.clip.key)
        if outcome.known is None and outcome.hash is None and old and old.status == DONE:
            return replace(old)  # to be unreadable now does not undo what is done
        if outcome.known is not None:
            return replace(
                outcome.known,
                size=given.size,
                mtime=given.mtime,
                etag=given.etag,
                facts=given.facts,
            )
        return Record(
            path=given.clip.path,
            status=FAILED if outcome.rows is None else DONE,
            hash=outcome.hash,
            size=given.size,
            mtime=given.mtime,
            etag=given.etag,
            facts=given.facts,
            shard=self._shard.name,
            rows=len(outcome.rows) if outcome.rows and self._job.chunk is not None else None,
            stage=outcome.stage,
            reason=outcome.reason,
            start=given.clip.start,
            end=given.clip.end,
        )

    def _rows(self, record: Record) -> Iterator[ShardRow]:
        """Yield the rows of an input, new or of the earlier run."""
        given, outcome = self._given.get(record.key), self._outcomes.get(record.key)
        if outcome is not None and outcome.rows is not None:
            assert given is not None, "what was computed was given"
            clip = replace(
                given.clip,
                duration=outcome.duration,
                rate=outcome.rate,
                channels=outcome.channels,
            )
            for values, span in outcome.rows:
                yield ShardRow(self._cut(clip, span), self._kept(values))
            return
        old = self._old[record.key]
        assert old.row is not None, "what is done has a row"
        for row in range(old.row, old.row + (old.rows or 1)):
            clip = self._old_shard.clips[row]
            if given is not None:  # whose label may be another now
                names = ("duration", "rate", "channels", "start", "end")
                clip = replace(given.clip, **{name: getattr(clip, name) for name in names})
            yield ShardRow(clip, self._old_shard[row])

    def _cut(self, clip: Clip, span: tuple[int, int] | None) -> Clip:
        """Return what is known of a part of a clip."""
        if span is None:
            return clip
        sr = self._job.config["sr"]
        begin, end = (at / sr for at in span)
        first = clip.start or 0.0
        return replace(clip, start=first + begin, end=first + end, duration=end - begin)

    @cached_property
    def _old_shard(self) -> ShardReader:
        return ShardReader(self._path, layout_of(self._job))


def chunks_of(inputs: Sequence[Input]) -> Iterator[list[Input]]:
    """Divide inputs into runs of neighbours, by number and by bytes."""
    chunk: list[Input] = []
    n_bytes = 0
    for given in inputs:
        # A file counts once, however many parts of it there are.
        of_same = bool(chunk) and chunk[-1].clip.path == given.clip.path
        size = 0 if of_same else given.size or 0
        if chunk and (len(chunk) == CHUNK_FILES or n_bytes + size > CHUNK_BYTES):
            yield chunk
            chunk, n_bytes, size = [], 0, given.size or 0
        chunk.append(given)
        n_bytes += size
    if chunk:
        yield chunk


def _bytes(inputs: Sequence[Input]) -> int:
    return sum(given.size or 0 for given in inputs)
