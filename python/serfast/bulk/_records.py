"""The records of a shard: one for each of its inputs, in the file that holds the rows."""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from serfast.datasets import Clip
from serfast.datasets._clips import Key, clip_key, text_of
from serfast.errors import ParameterError

RECORDS_KEY = "serfast.records"
DONE, FAILED, LEFT_OUT = "done", "failed", "left out"

_encode = json.JSONEncoder(ensure_ascii=False).encode


class Input(NamedTuple):
    """A clip to extract: what is known of it, and the state of its file when it was listed."""

    clip: Clip
    size: int | None  # None: it could not be looked at
    mtime: int | None
    etag: str | None = None

    @classmethod
    def of(cls, clip: Clip) -> Input:
        """Look at a clip's file, unless that was done when it was found."""
        if clip.place is not None:
            return cls(clip, clip.place.size, clip.place.mtime, clip.place.etag)
        try:
            status = os.stat(clip.path)
        except (OSError, ValueError):
            return cls(clip, None, None)
        return cls(clip, status.st_size, status.st_mtime_ns)

    @property
    def facts(self) -> int:
        """A digest of what is known of the file beside its content."""
        return zlib.crc32(repr(self.clip).encode())


@dataclass
class Record:
    """What became of an input.

    Attributes
    ----------
    path : str
        The input's file.
    status : str
        ``"done"``, ``"failed"``, or ``"left out"`` of the inputs.
    hash : str or None
        XXH64 of the file's bytes; None where they could not be read, which is tried again.
    size, mtime : int or None
        Bytes, and time of change in ns, when the file was listed.
    etag : str or None
        What its server called its version.
    facts : int or None
        A digest of what is known of it beside its content.
    shard : str or None
        The name of the shard's file.
    row : int or None
        The row in the shard, where it is done.
    rows : int or None
        How many rows there are from that one on, where recordings are cut into chunks.
    stage, reason : str or None
        Where and why it failed.
    start, end : float or None
        In seconds, of a part of the file.
    """

    path: str
    status: str
    hash: str | None = None
    size: int | None = None
    mtime: int | None = None
    etag: str | None = None
    facts: int | None = None
    shard: str | None = None
    row: int | None = None
    rows: int | None = None
    stage: str | None = None
    reason: str | None = None
    start: float | None = None
    end: float | None = None

    @property
    def key(self) -> Key:
        """The `Clip.key` of the input."""
        return clip_key(self.path, self.start, self.end)

    def describes(self, given: Input) -> bool:
        """Whether the input, as it was listed, is the one that was read."""
        listed = (given.size, given.mtime, given.etag)
        return self.hash is not None and (self.size, self.mtime, self.etag) == listed

    def line(self) -> str:
        """The record as a line of JSON; a name that is not UTF-8 has its bytes, too."""
        stored = {name: value for name, value in vars(self).items() if value is not None}
        readable = text_of(self.path)
        if readable != self.path:
            stored |= {"path": readable, "path_bytes": os.fsencode(self.path).hex()}
        return _encode(stored)


def parse_records(lines: str) -> list[Record]:
    """Read the records of lines that `Record.line` made."""
    records = []
    for line in lines.split("\n")[:-1]:
        stored: dict[str, Any] = json.loads(line)
        if raw := stored.pop("path_bytes", None):
            stored["path"] = os.fsdecode(bytes.fromhex(raw))
        records.append(Record(**stored))
    return records


def read_records(shard: Path) -> list[Record]:
    """Read the records of a shard from its file.

    Raises
    ------
    ParameterError
        If it is not a shard of serfast.
    """
    return parse_records(read_lines(shard))


def read_lines(shard: Path) -> str:
    """Read the records of a shard as the lines that they are stored as."""
    import pyarrow.parquet

    try:
        metadata = pyarrow.parquet.read_metadata(shard).metadata or {}
        return str(metadata[RECORDS_KEY.encode()], "utf-8")
    except (pyarrow.ArrowException, KeyError) as error:
        raise ParameterError(
            f"{shard}: not a shard of serfast ({error}); without it, its clips are done again"
        ) from error
