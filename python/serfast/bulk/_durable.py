"""Files that are there whole or not at all, whenever the process or the machine stops."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from serfast.errors import ParameterError

LOCK_FILE = "_lock"
# Readers of Parquet folders leave out names that start so.
PARTIAL = "_partial-"


def write_durably(path: Path, write: Callable[[Path], Any]) -> None:
    """Let `write` make a file beside, put it on the disk, and give it the name when it is whole."""
    partial = path.with_name(f"{PARTIAL}{os.urandom(4).hex()}-{path.name}")
    try:
        write(partial)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(partial, path)
        _sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # which cannot open folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Make the folder, hold it for this process, and remove what killed ones left half written.

    It is held by the process that plans a job and sums it up. Whoever does a shard for it, in this
    process or on another machine, needs no lock, since a shard's file is renamed when it is whole.

    Raises
    ------
    ParameterError
        If another process holds it.
    """
    if not folder.is_dir():
        folder.mkdir(parents=True)
        _sync_folder(folder.parent)
    with (folder / LOCK_FILE).open("w") as file:
        if os.name != "nt":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ParameterError(f"{folder}: another process is writing to it") from None
        _remove_partials(folder)
        try:
            yield
        finally:
            _remove_partials(folder)


def _remove_partials(folder: Path) -> None:
    for partial in folder.glob(f"{PARTIAL}*"):
        partial.unlink(missing_ok=True)
