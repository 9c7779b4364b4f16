"""The division of a job's inputs into shards."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from serfast._outputs import write_durably
from serfast.bulk._arrays import array_name, drop_arrays
from serfast.bulk._job import Job
from serfast.bulk._records import DONE, LEFT_OUT, Input, Record, read_lines
from serfast.bulk._shard import Shard
from serfast.bulk._shard_file import shard_records
from serfast.datasets._clips import Key

MANIFEST_FILE = "_manifest.jsonl"
SHARD_NAME = re.compile(r"part-(\d{5,})\.parquet")


@dataclass(frozen=True)
class Plan:
    """What of a job is to be done, and what there is already.

    Attributes
    ----------
    shards : tuple of Shard
        What is to be done.
    done, failed : int
        Inputs of the shards that are whole and stay as they are.
    gone : int
        Inputs of earlier runs that are no longer there, and whose rows stay.
    """

    shards: tuple[Shard, ...]
    done: int
    failed: int
    gone: int


def plan_shards(
    job: Job,
    inputs: Iterable[Input],
    *,
    unwanted: Collection[Key] = (),
    prune: bool = False,
    verify: bool = False,
) -> Plan:
    """Divide what is to be done of a job; the same division whenever the same is left to do.

    Inputs that are in a shard stay there, and it is to be done again where one of them changed
    or could not be read. All others are dealt out, in the order of their paths, to new shards.

    Parameters
    ----------
    job : Job
        The job.
    inputs : iterable of Input
        What it shall hold.
    unwanted : collection of keys of clips
        Inputs that are there and shall have no rows, such as those with another label now.
    prune : bool
        Whether rows of inputs that are no longer there shall go.
    verify : bool
        Whether to hash all inputs of earlier runs, rather than those whose size or time changed.

    Returns
    -------
    Plan
        Its shards can be done by `run_shard` in any order, at once, on several machines.

    Raises
    ------
    ParameterError
        If a file in the output folder has the name of a shard and is none.

    Examples
    --------
    See `run_shard`.
    """
    left = {given.clip.key: given for given in inputs}
    shards: list[Shard] = []
    numbers: set[int] = set()
    seen: set[Key] = set()
    done = failed = gone = 0
    for file in shard_files(job.folder):
        records = shard_records(file, job)
        if not records:  # it holds nothing, and may be written over
            continue
        number = int(file.stem.removeprefix("part-"))
        numbers.add(number)
        keys = [record.key for record in records]
        given = {key: left.pop(key) for key in keys if key in left}
        missing = set(keys) - given.keys()
        dropped = missing if prune else (missing & seen) | missing.intersection(unwanted)
        seen |= given.keys() | missing
        gone += len(missing - dropped)
        if (
            verify
            or dropped
            or not all(
                _is_done(record, given[key])
                for key, record in zip(keys, records, strict=True)
                if key in given
            )
        ):
            inputs = sorted(given.values(), key=_key)
            shards.append(Shard(number, tuple(inputs), frozenset(dropped), verify))
        else:
            n_done = sum(record.status == DONE for record in records)
            done += n_done
            failed += len(records) - n_done
    free = (number for number in itertools.count() if number not in numbers)
    for number, part in zip(free, _parts(left.values(), job.shard_files), strict=False):
        shards.append(Shard(number, part))
    return Plan(tuple(sorted(shards, key=lambda shard: shard.number)), done, failed, gone)


def shard_files(folder: Path) -> list[Path]:
    """Return the files of the shards that are whole, in the order of their numbers."""
    numbers = {
        file: int(name[1]) for file in folder.iterdir() if (name := SHARD_NAME.fullmatch(file.name))
    }
    return sorted(numbers, key=numbers.__getitem__)


def drop_strays(job: Job) -> None:
    """Remove the arrays that belong to no shard: those of killed runs, and of earlier contents."""
    if job.store == "zarr":
        files = shard_files(job.folder)
        drop_arrays(job.folder, {array_name(file, read_lines(file)) for file in files})


def write_manifest(job: Job, left_out: Iterable[tuple[str, str]]) -> None:
    """Write the records of all shards, and of what is not among the inputs, as one file."""

    def write(path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for shard in shard_files(job.folder):
                file.write(read_lines(shard))
            for name, reason in left_out:
                file.write(f"{Record(name, LEFT_OUT, reason=reason).line()}\n")

    write_durably(job.folder / MANIFEST_FILE, write)


def _is_done(record: Record, given: Input) -> bool:
    return record.describes(given) and record.facts == given.facts


def _parts(inputs: Iterable[Input], size: int) -> Iterator[tuple[Input, ...]]:
    rest = iter(sorted(inputs, key=_key))
    while part := tuple(itertools.islice(rest, size)):
        yield part


def _key(given: Input) -> Key:
    return given.clip.key
