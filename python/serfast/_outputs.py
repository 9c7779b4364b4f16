"""Where results go: places that are checked before the work, files that are there whole or not."""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from serfast.errors import ParameterError

# Readers of Parquet folders leave out names that start so.
PARTIAL = "_partial-"


def check_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file that is to be written.

    Raises
    ------
    ParameterError
        If it is a folder, or its own folder does not exist.
    PermissionError
        If its folder may not be written to.
    """
    target = Path(path)
    if target.is_dir():
        raise ParameterError(f"{target}: is a folder; name a file")
    if not target.parent.is_dir():
        raise ParameterError(f"{target.parent}: not a folder; create it first")
    _check_access(target.parent)
    return target


def check_folder(path: str | os.PathLike[str], what: str) -> Path:
    """Return the path of a folder that `what` is to be written into, which need not exist yet.

    Raises
    ------
    ParameterError
        If it is a file, or lies below one.
    PermissionError
        If it may not be written to.
    """
    target = Path(path)
    there = next(place for place in (target, *target.absolute().parents) if place.exists())
    if not there.is_dir():
        raise ParameterError(f"{there}: is a file; {what} is written into a folder")
    _check_access(there)
    return target


def _check_access(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        reason = os.strerror(errno.EACCES)
        raise PermissionError(errno.EACCES, f"{folder} cannot be written to: {reason}")


def refuse_overwriting(output: str, sources: Iterable[str]) -> None:
    """Raise ParameterError if the output is among the sources, or what they match."""
    if not os.path.exists(output):
        return
    for source in sources:
        for path in [source] if os.path.exists(source) else glob.glob(source, recursive=True):
            if os.path.exists(path) and os.path.samefile(output, path):
                raise ParameterError(f"{output}: is the input, too; name another file to write")


def write_durably(path: Path, write: Callable[[Path], Any]) -> None:
    """Let `write` make a file beside, put it on the disk, and give it the name when it is whole."""
    place = path.resolve()  # what a link points to is replaced, not the link
    partial = place.with_name(f"{PARTIAL}{os.urandom(4).hex()}-{place.name}")
    try:
        write(partial)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(partial, place)
        sync_folder(place.parent)
    except OSError as error:
        if error.errno is None:
            raise
        reason = os.strerror(error.errno)
        raise OSError(error.errno, f"{path} cannot be written: {reason}") from error
    finally:
        partial.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Put on the disk what names a folder has."""
    if os.name == "nt":  # which cannot open folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
