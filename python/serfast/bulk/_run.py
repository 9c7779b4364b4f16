"""A whole job, done by the threads of this process or by a cluster."""

from __future__ import annotations

import collections
import os
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from serfast import _validate
from serfast._outputs import check_folder
from serfast.bulk._durable import sole_writer
from serfast.bulk._job import JOB_FILE, Job
from serfast.bulk._layout import layout_of
from serfast.bulk._plan import Plan, drop_strays, plan_shards, write_manifest
from serfast.bulk._records import Input
from serfast.bulk._shard import Shard, ShardReport, ShardRun, crew, means
from serfast.bulk._watch import Log, Watch
from serfast.datasets._find import Source
from serfast.datasets._remote import is_url
from serfast.datasets._sources import UNLISTED
from serfast.datasets._tar import is_archive
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from serfast import Extractor
    from serfast.datasets import Corpus

# A shard of so much input is a second's work or more, and not lost for long; of so many files,
# a good size for Parquet.
SHARD_BYTES = 1 << 30
SHARD_FILES = 4096
# Begun beside the one that is waited for, so that a long file in it holds up none of the threads.
SHARDS_AHEAD = 3

# Does shards, tells the watch of their files, and yields a report of each when it is written.
Engine: TypeAlias = Callable[[Job, Sequence[Shard], Watch], Generator[ShardReport]]


@dataclass(frozen=True)
class JobReport:
    """What became of a job.

    Attributes
    ----------
    output, corpus : str
        The output folder, and how the inputs were recognised.
    inputs, done, failed : int
        How many inputs there were in all, and how many of the records are of which kind.
    gone : int
        How many of these are of inputs that were no longer there.
    left_out : list of (str, str)
        Path and reason of what is not among the inputs.
    computed : int
        How many inputs were read in this run, and `hours` of audio in them.
    seconds : float
        How long this run took.
    columns : int
        How many features there are.
    shards : int
        How many shards were written in this run.
    reasons : list of (str, str, int)
        Stage and reason of failures in this run, and how many there were, most frequent first.
    slowest : list of (str, float)
        Paths, and the seconds of work on them in this run.
    """

    output: str
    corpus: str
    inputs: int
    done: int
    failed: int
    gone: int
    left_out: list[tuple[str, str]]
    computed: int
    hours: float
    seconds: float
    columns: int
    shards: int
    reasons: list[tuple[str, str, int]]
    slowest: list[tuple[str, float]]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def run_job(
    source: Source | Sequence[Source],
    output: str | os.PathLike[str],
    extractor: Extractor,
    *,
    emotions: Collection[str] | None = None,
    chunk: float | None = None,
    overlap: float = 0.0,
    store: str = "parquet",
    resume: bool = True,
    threads: int | None = None,
    memory: float | None = None,
    shard_files: int | None = None,
    prune: bool = False,
    verify: bool = False,
    scheduler: str | None = None,
    log: str | os.PathLike[str] | None = None,
    look: Callable[[Watch], None] | None = None,
) -> JobReport:
    """Extract the features of all clips of a folder or manifest into a folder of Parquet shards.

    Parameters
    ----------
    source : path, or sequence of paths
        A folder, a pattern, a manifest, tar files, a URL, or several of these, as
        `serfast.datasets.find_clips` takes them.
    output : path
        The folder; it is made where it does not exist. Where a job was begun in it, the job goes
        on: what is done is not done again.
    extractor : Extractor
        What is computed: statistics, or frames where its `pool` is None.
    emotions : collection of str, optional
        Only the clips with these labels.
    chunk : float > 0, optional
        Seconds. Recordings are cut into rows of this length, which say where they begin and end;
        the last one ends with the recording, and has at least half of it. The values are those of
        that part of the signal, cut out.
    overlap : float >= 0
        Seconds that a row shares with the one before.
    store : str
        Where frames are put: ``"parquet"``, a column of matrices for each feature in the shards,
        or ``"zarr"`` (extra ``zarr``), arrays beside them; not with a `scheduler`.
    resume : bool
        Whether `output` may be a job that was begun.
    threads : int > 0, optional
        Default: the environment variable SERFAST_NUM_THREADS, else all CPUs of the process. With
        a `scheduler` it is not given: a shard has one thread of a worker.
    memory : number > 0, optional
        Bytes for the signals that are worked on, in each process; default: 256 MiB a thread. Longer
        files pass through a temporary file in `output`, with the same results.
    shard_files : int > 0, optional
        How many clips go into a shard; default: as many as have a GiB, and at most 4096.
    prune : bool
        Whether rows of clips that are no longer there shall go.
    verify : bool
        Whether to hash all clips that are done, rather than those whose size or time changed.
    scheduler : str, optional
        The address of a Dask scheduler, as ``tcp://HOST:8786``, whose workers do the shards. They
        need to reach clips and `output` by the same names as this process. The results are the
        same, bit for bit, on CPUs with the same instruction set.
    log : path, optional
        A file that gets a line of JSON for each failure and each shard.
    look : callable, optional
        Called with the `Watch` now and then, from a worker thread.

    Returns
    -------
    JobReport
        A clip that fails costs only its own row.

    Raises
    ------
    ParameterError
        If the source holds no clips, an option is out of its range or does not fit the others,
        or the folder holds something else, or a job with another configuration.
    OSError
        If the folder cannot be written, for lack of space for example, no scheduler answers, or
        workers cannot do their work. What is done stays.

    Examples
    --------
    >>> import serfast, tempfile
    >>> from serfast.datasets import samples_dir
    >>> fx = serfast.Extractor(["mfcc"], sr=16000, pool="mean", n_mfcc=13)
    >>> output = tempfile.mkdtemp()
    >>> report = run_job(samples_dir(), output, fx, shard_files=20)
    >>> report.done, report.shards, sorted(os.listdir(output))[-2:]
    (48, 3, ['part-00001.parquet', 'part-00002.parquet'])
    >>> run_job(samples_dir(), output, fx).computed
    0
    """
    from serfast.datasets import find_clips

    if shard_files is not None:
        _validate.positive_int("shard_files", shard_files)
    engine = _engine(threads, memory, scheduler)
    job = Job(
        str(Path(output)), _named(source), extractor.config,
        None if emotions is None else tuple(sorted(set(emotions))), chunk, overlap, store,
    )  # fmt: skip
    _check(job, scheduler)
    _refuse_strange(job, resume)
    with engine as do:
        found = find_clips(source)
        corpus = found if emotions is None else found.keep(emotions)
        if prune:
            _refuse_unknown(found)
        inputs = [Input.of(clip) for clip in corpus.clips]
        unwanted = {clip.key for clip in found.clips} - {clip.key for clip in corpus.clips}
        with sole_writer(job.folder), Log.at(log) as events:
            job = _begun(job, corpus, inputs, shard_files)
            drop_strays(job)
            plan = plan_shards(job, inputs, unwanted=unwanted, prune=prune, verify=verify)
            job = replace(job, n_gone=plan.gone)
            job.save()
            watch = Watch([given for shard in plan.shards for given in shard.inputs], events, look)
            events("start", output=job.output, inputs=len(inputs), shards=len(plan.shards))
            try:
                reports = _do(do, job, plan, watch, events)
            except BaseException as error:
                events("end", how=type(error).__name__, seconds=round(watch.seconds, 3))
                if isinstance(error, KeyboardInterrupt):
                    write_manifest(job, corpus.left_out)
                raise
            drop_strays(job)
            write_manifest(job, corpus.left_out)
            events("end", how="done", seconds=round(watch.seconds, 3))
            return _report(job, corpus, plan, reports, watch)


def _engine(
    threads: int | None, memory: float | None, scheduler: str | None
) -> AbstractContextManager[Engine]:
    workers = means(threads, memory)
    if scheduler is None:
        return nullcontext(partial(_with_threads, workers))
    if threads is not None:
        raise ParameterError(
            f"threads={threads} is for work in this process; a scheduler's workers have their own"
        )
    from serfast.bulk._dask import connected

    return connected(scheduler, memory)


def _do(do: Engine, job: Job, plan: Plan, watch: Watch, events: Log) -> list[ShardReport]:
    reports = []
    with closing(do(job, plan.shards, watch)) as done:
        for report in done:
            events("shard", **asdict(report))
            reports.append(report)
    return reports


def _with_threads(
    workers: tuple[int, int], job: Job, shards: Sequence[Shard], watch: Watch
) -> Generator[ShardReport]:
    """Do the shards in their order, and write each while the threads are at the next ones."""
    running: collections.deque[ShardRun] = collections.deque()
    with crew(job, *workers) as (worker, pool):
        for shard in shards:
            running.append(ShardRun(job, shard, worker, pool, watch))
            if len(running) > SHARDS_AHEAD:
                yield running.popleft().finish()
        while running:
            yield running.popleft().finish()


def _check(job: Job, scheduler: str | None) -> None:
    """Raise ParameterError where rows cannot be what is asked for."""
    job.chunks()
    if job.chunk is None and job.overlap:
        raise ParameterError(f"overlap={job.overlap:g} is for chunks: give chunk, too")
    layout_of(job)
    if job.store == "zarr" and scheduler is not None:
        # What tidies arrays up at the start would do so below the hands of a worker that has not
        # heard yet that the command before was killed.
        raise ParameterError('store="zarr" is for work in this process; workers write "parquet"')


def _named(source: Source | Sequence[Source]) -> str | tuple[str, ...]:
    """Return what the user named, in one way of writing it."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source) if is_url(os.fspath(source)) else str(Path(source))
    names = tuple(str(_named(each)) for each in source)
    return names[0] if len(names) == 1 else names


def _refuse_strange(job: Job, resume: bool) -> None:
    """Raise ParameterError where the output folder holds anything but this job."""
    folder = check_folder(job.folder, "a job")
    if (folder / JOB_FILE).exists():
        if not resume:
            raise ParameterError(
                f"{folder}: holds a job already; resume it, or name another folder"
            )
        job.refuse_changes(Job.load(folder))  # before the inputs are listed
    elif folder.exists() and any(not name.startswith("_") for name in os.listdir(folder)):
        raise ParameterError(f"{folder}: holds other files, and no job ({JOB_FILE})")


def _refuse_unknown(corpus: Corpus) -> None:
    for path, reason in corpus.left_out:
        if reason.startswith(UNLISTED):
            raise ParameterError(f"prune: {path} cannot be listed, and what is gone is not known")
    for clip in corpus.clips:
        if is_archive(clip.path):
            raise ParameterError(f"prune: {clip.path} is damaged, and what is gone is not known")


def _begun(job: Job, corpus: Corpus, inputs: list[Input], shard_files: int | None) -> Job:
    """Return the job as it was begun, and note in its folder how many inputs it has now."""
    from serfast import __version__

    if (job.folder / JOB_FILE).exists():
        begun = Job.load(job.folder)
        job.refuse_changes(begun)
        job = begun
    else:
        sizes = {given.clip.path: given.size or 0 for given in inputs}
        mean = sum(sizes.values()) / len(inputs)
        fitting = max(1, min(SHARD_FILES, round(SHARD_BYTES / max(mean, 1))))
        job = replace(job, shard_files=shard_files or fitting, version=__version__)
    job = replace(job, corpus=corpus.name, n_inputs=len(inputs))
    job.save()
    return job


def _report(
    job: Job, corpus: Corpus, plan: Plan, reports: list[ShardReport], watch: Watch
) -> JobReport:
    return JobReport(
        output=job.output,
        corpus=corpus.name,
        inputs=len(corpus.clips),
        done=plan.done + sum(report.done for report in reports),
        failed=plan.failed + sum(report.failed for report in reports),
        gone=plan.gone,
        left_out=list(corpus.left_out),
        computed=watch.files,
        hours=watch.audio / 3600,
        seconds=watch.seconds,
        columns=len(job.extractor().names),
        shards=sum(report.written for report in reports),
        reasons=[(*reason, n) for reason, n in watch.reasons.most_common()],
        slowest=[(path, seconds) for seconds, path in sorted(watch.slowest, reverse=True)],
    )
