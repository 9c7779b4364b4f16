"""What inputs hold: local files by their names, all else in memory or by ranges."""

from __future__ import annotations

import abc
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

from serfast import _core
from serfast.bulk._records import Input
from serfast.datasets import Clip
from serfast.datasets._clips import Place
from serfast.datasets._remote import (
    BLOCK_BYTES,
    FetchError,
    Ranges,
    fetch,
    is_url,
    look_at,
    ranges,
)
from serfast.datasets._tar import is_archive, read_archive, state

# What lies between two members of a tar file is fetched along with them if it is no more than this.
GAP_BYTES = 1 << 16


class Content(abc.ABC):
    """What a file holds, for one thread.

    Attributes
    ----------
    name : str
        What messages call it.
    data : memoryview or None
        Its bytes, where they are in memory.
    """

    name: str
    data: memoryview | None = None

    @abc.abstractmethod
    def hash(self) -> str:
        """Return XXH64 of its bytes, or raise what kept them from being read."""

    @abc.abstractmethod
    def open(self) -> str | BinaryIO:
        """Return what soundfile opens."""

    @abc.abstractmethod
    def check(self) -> None:
        """Raise AudioError if not all that was decoded is what was hashed."""


class LocalFile(Content):
    """A file that is read by its name."""

    def __init__(self, path: str) -> None:
        self.name = path
        self._before: os.stat_result | None = None
        self._hash, self._id = "", b""

    def hash(self) -> str:
        """See `Content`."""
        if self._before is None:
            before = os.stat(self.name)
            number, self._id = _core.hash_file(self.name)
            self._hash, self._before = f"{number:016x}", before
        return self._hash

    @property
    def may_be_wav(self) -> bool:
        """Whether it begins as WAV files do, RIFF or RF64; of an empty one nobody knows."""
        assert self._before is not None, "it was hashed first"
        return self._id[:1] in (b"R", b"")

    def open(self) -> str:
        """See `Content`."""
        return self.name

    def check(self) -> None:
        """See `Content`."""
        after, before = os.stat(self.name), self._before
        assert before is not None, "it was hashed first"
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise FetchError(f"{self.name!r} changed while it was read")


class InMemory(Content):
    """Bytes that were read at once."""

    def __init__(self, name: str, data: memoryview) -> None:
        self.name, self.data, self._bytes = name, data, data

    def hash(self) -> str:
        """See `Content`."""
        return _hash_of([self._bytes])

    def open(self) -> BinaryIO:
        """See `Content`."""
        return io.BytesIO(self._bytes)

    def check(self) -> None:
        """Do nothing: these bytes do not change."""


class Elsewhere(Content):
    """A file that is too long for memory, read in parts from where it is."""

    def __init__(self, name: str, place: Place) -> None:
        self.name, self._place = name, place
        self._ranges: Ranges | None = None

    def hash(self) -> str:
        """See `Content`."""
        file = self.open()
        value = _hash_of(iter(lambda: file.read(BLOCK_BYTES), b""))
        self.check()
        return value

    def open(self) -> BinaryIO:
        """See `Content`."""
        place = self._place
        assert place.size is not None, "files of unknown size are read at once"
        if is_url(place.archive or self.name):
            end = place.offset + place.size
            self._ranges = ranges(place.archive or self.name, place.offset, end)
        else:
            assert place.archive is not None, "other local files have names"
            self._ranges = Ranges(_reader(place.archive, place.offset), place.size)
        return io.BufferedReader(self._ranges, BLOCK_BYTES)

    def check(self) -> None:
        """See `Content`."""
        if self._ranges is not None and self._ranges.error is not None:
            raise self._ranges.error
        _refuse_changed(self._place.archive or self.name, self._place)


class Unread(Content):
    """What could not be read; says why whenever it is asked for."""

    def __init__(self, name: str, error: Exception) -> None:
        self.name, self._error = name, error

    def hash(self) -> str:
        """Raise the reason."""
        raise self._error

    def open(self) -> BinaryIO:
        """Raise the reason."""
        raise self._error

    def check(self) -> None:
        """Raise the reason."""
        raise self._error


def is_plain(clip: Clip) -> bool:
    """Whether a clip is the whole of a local file."""
    path = clip.path
    return not (clip.place or clip.is_part or is_url(path) or is_archive(path))


def runs(inputs: Sequence[Input], which: Sequence[int], limit: int) -> Iterator[list[int]]:
    """Divide inputs into those whose contents may be in memory at once."""
    run: list[int] = []
    n_bytes = 0
    for i in which:
        given = inputs[i]
        size = 0 if run and inputs[run[-1]].clip.path == given.clip.path else given.size or 0
        if run and n_bytes + size > limit:
            yield run
            run, n_bytes = [], 0
            size = given.size or 0
        run.append(i)
        n_bytes += min(size, limit)
    if run:
        yield run


def contents(clips: Sequence[Clip], limit: int) -> dict[str, Content]:
    """Return what the files of clips hold, by their paths; in memory up to the limit."""
    found: dict[str, Content] = {}
    fetched: dict[str, Place] = {}
    for clip in {clip.path: clip for clip in clips}.values():
        path, place = clip.path, clip.place
        if is_archive(path):
            found[path] = Unread(path, _damage(path, place))
        elif place is None and not is_url(path):
            found[path] = LocalFile(path)
        elif place is None or place.size is None or place.size <= limit:
            fetched[path] = place or Place(None)
        else:
            found[path] = Elsewhere(path, place)
    return found | _fetched(fetched)


def _fetched(places: dict[str, Place]) -> dict[str, Content]:
    """Read files at once, neighbours in a tar file with one request."""
    whole = [path for path, place in places.items() if place.archive is None]
    sizes = [places[path].size for path in whole]
    got = fetch([(path, 0, size) for path, size in zip(whole, sizes, strict=True)])
    found = {
        path: Unread(path, content)
        if isinstance(content, FetchError)
        else _in_memory(path, content)
        for path, content in zip(whole, got, strict=True)
    }
    by_archive: dict[str, dict[str, Place]] = {}
    for path, place in places.items():
        if place.archive is not None:
            by_archive.setdefault(place.archive, {})[path] = place
    for archive, members in by_archive.items():
        found |= _members(archive, members)
    return found


def _members(archive: str, members: dict[str, Place]) -> dict[str, Content]:
    found: dict[str, Content] = {}
    spans = list(_spans(members))
    limits = [(members[span[0]].offset, _end(members[span[-1]])) for span in spans]
    try:
        if is_url(archive):
            read = fetch([(archive, begin, end) for begin, end in limits])
        else:
            read = [_reader(archive, begin)(0, end - begin) for begin, end in limits]
        _refuse_changed(archive, next(iter(members.values())))
    except OSError as error:
        return {path: Unread(path, error) for path in members}
    for span, (begin, _), content in zip(spans, limits, read, strict=True):
        for path in span:
            if isinstance(content, FetchError):
                found[path] = Unread(path, content)
            else:
                first, last = members[path].offset - begin, _end(members[path]) - begin
                found[path] = _in_memory(path, memoryview(content)[first:last])
    return found


def _spans(members: dict[str, Place]) -> Iterator[list[str]]:
    """Divide members of a tar file into neighbours, in the order of their places."""
    span: list[str] = []
    for path in sorted(members, key=lambda path: members[path].offset):
        if span and members[path].offset - _end(members[span[-1]]) > GAP_BYTES:
            yield span
            span = []
        span.append(path)
    if span:
        yield span


def _end(place: Place) -> int:
    assert place.size is not None, "members of tar files have sizes"
    return place.offset + place.size


def _in_memory(path: str, content: bytes | memoryview) -> Content:
    return InMemory(path, memoryview(content))


def _reader(archive: str, offset: int) -> Callable[[int, int], bytes]:
    def read(begin: int, end: int) -> bytes:
        with open(archive, "rb") as file:
            file.seek(offset + begin)
            content = file.read(end - begin)
        if len(content) != end - begin:
            raise FetchError(f"{archive!r} is shorter than when it was listed")
        return content

    return read


def _refuse_changed(path: str, listed: Place) -> None:
    """Raise FetchError unless a file is in the state in which it was listed."""
    now = look_at([path])[path] if is_url(path) else state(path)
    if now is None or (now.mtime, now.etag) != (listed.mtime, listed.etag):
        raise FetchError(f"{path!r} changed since it was listed, or cannot be looked at")


def _damage(path: str, place: Place | None) -> Exception:
    """Return why a tar file is among the inputs, rather than its members."""
    try:
        damage = read_archive(path, place or state(path)).damage
    except OSError as error:
        return error
    return FetchError(f"{path!r} {damage or 'could not be read when it was listed'}")


def _hash_of(blocks: Iterable[bytes | memoryview]) -> str:
    content = _core.ContentHash()
    for block in blocks:
        content.update(block)
    return f"{content.value():016x}"
