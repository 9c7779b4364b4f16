"""Folders that are there whole or not at all, and the one process that writes into them."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from serfast._outputs import PARTIAL, sync_folder
from serfast.errors import ParameterError

LOCK_FILE = "_lock"


@contextlib.contextmanager
def folder_durably(room: Path, path: Path) -> Iterator[Path]:
    """Give a folder to fill in `room`, on the same disk; whole and on the disk, it gets the name.

    Where there is one of that name already, it stays: the name has to say what is in it.
    """
    partial = room / f"{PARTIAL}{os.urandom(4).hex()}-{path.name}"
    try:
        yield partial
        for parent, _, names in os.walk(partial):
            for name in names:
                with Path(parent, name).open("rb+") as file:
                    os.fsync(file.fileno())
            sync_folder(Path(parent))
        try:
            partial.rename(path)
        except OSError:
            if not path.is_dir():
                raise
        sync_folder(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _lock(descriptor: int) -> None:
    """Lock a file until it is closed; raise at once where another process does."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


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
        sync_folder(folder.parent)
    with (folder / LOCK_FILE).open("w") as file:
        try:
            _lock(file.fileno())
        except (BlockingIOError, PermissionError):
            raise ParameterError(f"{folder}: another process is writing to it") from None
        _remove_partials(folder)
        try:
            yield
        finally:
            _remove_partials(folder)


def _remove_partials(folder: Path) -> None:
    for partial in folder.glob(f"{PARTIAL}*"):
        if partial.is_dir():
            shutil.rmtree(partial)
        else:
            partial.unlink(missing_ok=True)
