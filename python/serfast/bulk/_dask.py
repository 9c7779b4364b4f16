"""Shards in the hands of a Dask cluster: what `run_job` lets a scheduler's workers do."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import uuid
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from serfast.bulk._job import JOB_FILE, Job
from serfast.bulk._shard import Shard, ShardReport, ShardRun, crew, means
from serfast.bulk._watch import Tally, Watch
from serfast.datasets import Clip
from serfast.datasets._remote import is_url
from serfast.errors import ParameterError, SerfastError

if TYPE_CHECKING:
    from distributed import Client, Future

    from serfast.bulk._run import Engine

# Shards that the scheduler has for each thread, so that none waits for its next one. Not all of the
# job's: their lists of inputs lie in the scheduler's memory.
SHARDS_OF_A_THREAD = 2
SHARDS_AT_LEAST = 8  # also while there is no worker
BETWEEN_LOOKS = 0.02  # seconds


@contextlib.contextmanager
def connected(address: str, memory: float | None) -> Iterator[Engine]:
    """Give what does shards on the workers of the scheduler at this address.

    Raises
    ------
    ParameterError
        If Dask is not installed, or the address is none.
    OSError
        If no scheduler answers there.
    """
    try:
        from distributed import Client
        from distributed.comm.addressing import parse_address
        from distributed.comm.registry import get_backend
    except ImportError:
        raise ParameterError(
            'a scheduler needs the package distributed: pip install "serfast[dask]"'
        ) from None
    try:
        protocol, place = parse_address(address)
        get_backend(protocol).get_address_host(place)
    except ValueError as error:
        raise ParameterError(
            f"scheduler {address!r} must be an address, as tcp://HOST:8786 ({error})"
        ) from error
    with _quiet():
        try:
            client = Client(address, set_as_default=False)
        except OSError as error:
            raise OSError(f"no Dask scheduler answers at {address} ({error})") from error
        with client:
            yield partial(_with_workers, client, memory)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from telling what is raised here, with tracebacks."""
    logger = logging.getLogger("distributed.client")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _with_workers(
    client: Client, memory: float | None, job: Job, shards: Sequence[Shard], watch: Watch
) -> Generator[ShardReport]:
    """Let the workers do the shards in any order, and keep all of their threads supplied."""
    from distributed import as_completed

    from serfast import __version__

    run = uuid.uuid4().hex
    waiting = iter(shards)
    running: dict[Future, Shard] = {}
    done = as_completed(loop=client.loop)

    def submit(n: int) -> None:
        for shard in itertools.islice(waiting, max(0, n)):
            future = client.submit(
                _do_shard, job, shard, memory, __version__, key=f"{shard.name}-{run}"
            )
            running[future] = shard
            done.add(future)

    try:
        submit(_wanted(client))
        for future in done:
            report, tallies = _result(future, running.pop(future))
            submit(_wanted(client) - len(running))
            for tally in tallies:
                watch.add(tally)
            yield report
    finally:
        if running:
            _take_back(client, list(running))


def _wanted(client: Client) -> int:
    return max(SHARDS_AT_LEAST, SHARDS_OF_A_THREAD * int(sum(client.nthreads().values())))


def _result(future: Future, shard: Shard) -> tuple[ShardReport, list[Tally]]:
    """Return what a shard came to, or raise, in words, why there is nothing."""
    from distributed import KilledWorker

    try:
        result: tuple[ShardReport, list[Tally]] = future.result()
    except KilledWorker as error:
        raise SerfastError(
            f"{shard.name} is given up: workers that died with it in hand: "
            f"{error.allowed_failures + 1}, the last one {error.last_worker.address}; see its log"
        ) from error
    except CancelledError as error:
        raise OSError("the Dask scheduler is gone") from error
    return result


def _take_back(client: Client, futures: list[Future]) -> None:
    """Cancel shards, and wait until no worker has one of them in hand."""
    if client.status == "running":
        client.cancel(futures)
        client.run(_until_let_go, {future.key for future in futures}, on_error="ignore")


async def _until_let_go(keys: set[str], dask_worker: Any) -> None:
    while not keys.isdisjoint(dask_worker.state.tasks):
        await asyncio.sleep(BETWEEN_LOOKS)


def _do_shard(
    job: Job, shard: Shard, memory: float | None, version: str
) -> tuple[ShardReport, list[Tally]]:
    """Do a shard in one thread, since Dask gives a worker as many tasks as it has threads."""
    from distributed import get_worker

    here = get_worker()
    _refuse_strange_place(here.address, job, shard, version)
    task = here.state.tasks[here.get_current_task()]
    tallies: list[Tally] = []
    _, of_a_thread = means(here.state.nthreads, memory)
    with crew(job, 1, of_a_thread) as (worker, pool):
        # Nobody waits for it any more: it was cancelled, or who asked for it was killed.
        worker = replace(worker, stopped=lambda: task.state == "cancelled")
        run = ShardRun(job, shard, worker, pool, lambda *chunk: tallies.append(Tally.of(*chunk)))
        return run.finish(), tallies


def _refuse_strange_place(address: str, job: Job, shard: Shard, version: str) -> None:
    """Raise where this machine could not do the shard, or would do it otherwise."""
    from serfast import __version__

    if version != __version__:
        raise ParameterError(f"the worker at {address} has serfast {__version__}, not {version}")
    if not (job.folder / JOB_FILE).exists():
        raise FileNotFoundError(
            f"the worker at {address} does not find {job.output}: it must be the same folder, by "
            "the same name, on all machines"
        )
    listed = [_file_of(given.clip) for given in shard.inputs if given.size is not None]
    local = [file for file in listed if not is_url(file)]
    if local and not any(map(os.path.exists, local)):
        raise FileNotFoundError(
            f"the worker at {address} finds none of the clips of {shard.name}, as {local[0]}: "
            "they must have the same names on all machines"
        )


def _file_of(clip: Clip) -> str:
    """Return the file that a clip is in: its own, or a tar file."""
    return (clip.place and clip.place.archive) or clip.path
