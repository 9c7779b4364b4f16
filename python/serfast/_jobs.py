"""Many items of a batch: which of them are sound, and their results from threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np

from ._engine import be_one_of_many
from ._results import Failure
from .errors import ParameterError, SerfastError

Progress: TypeAlias = Callable[[int, int], object]
# The values of an item, or the stage and the reason of its failure, whatever it is.
Outcome: TypeAlias = tuple[Any, tuple[str, str] | None]


def in_threads(
    job: Callable[[Any], Outcome],
    items: Sequence[Any],
    which: Sequence[int],
    values: Any,
    n_threads: int,
    progress: Progress | None,
    per_job: int,
) -> list[tuple[int, str, str]]:
    """Puts results into `values`, an array or a list; returns index, stage and reason of failures.

    Some items a job, where to hand one over costs a good part of what it takes.
    """
    failures = []
    done = len(items) - len(which)
    stop = threading.Event()

    def outcomes(chunk: Sequence[int]) -> list[Outcome]:
        return [job(items[i]) for i in chunk if not stop.is_set()]

    with ThreadPoolExecutor(n_threads, initializer=be_one_of_many) as pool:
        try:
            chunks = [which[i : i + per_job] for i in range(0, len(which), per_job)]
            jobs = [pool.submit(outcomes, chunk) for chunk in chunks]
            for chunk, waiting in zip(chunks, jobs, strict=True):
                for index, (value, failure) in zip(chunk, waiting.result(), strict=True):
                    if failure is not None:
                        failures.append((index, *failure))
                    if isinstance(values, np.ndarray) or failure is None:
                        values[index] = value if failure is None else np.nan
                done += len(chunk)
                if progress:
                    progress(done, len(items))
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return failures


def checked(
    items: Sequence[Any], check: Callable[[Any], Any]
) -> tuple[dict[int, Any], list[Failure]]:
    """What `check` makes of the items, by index, and those that it refuses."""
    good, bad = {}, []
    for index, item in enumerate(items):
        try:
            good[index] = check(item)
        except SerfastError as error:
            path = str(item) if check is path_name else None
            bad.append(Failure(index, path, "read", str(error)))
    return good, bad


def path_name(path: Any) -> str:
    try:
        name = os.fsdecode(path)
    except TypeError:
        raise ParameterError(f"{path!r} is not a path") from None
    if "\0" in name:
        raise ParameterError(f"{name!r} holds a NUL character, which no path does")
    return name


def counted_from(done: int, total: int, progress: Progress | None) -> Progress | None:
    """Progress that counts `done` items more than it is told, of `total`."""
    if progress is None:
        return None
    return lambda more, _: progress(done + more, total)
