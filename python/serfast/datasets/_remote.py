"""Files behind URLs, which fsspec opens: `s3://`, `gs://`, `http://`..."""

from __future__ import annotations

import io
import os
import posixpath
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from serfast.datasets._clips import Place
from serfast.errors import AudioError, ParameterError

URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://([^/]*)")
# Requests at once, each of which waits for the network rather than for a core.
REQUESTS = 32
# What file systems call the version of a file, and the time of its last change.
ETAGS = ("ETag", "etag", "md5Hash", "Content-MD5")
TIMES = ("mtime", "LastModified", "last_modified", "updated", "Last-Modified", "created")
BLOCK_BYTES = 1 << 20


class FetchError(AudioError):
    """Bytes could not be fetched, or are others than those that were listed: try again later."""


def is_url(path: str) -> bool:
    """Whether a path is one for fsspec."""
    return "://" in path and URL.match(path) is not None


def has_magic(path: str) -> bool:
    """Whether a path is a pattern; in addresses of the web `?` and brackets have other meanings."""
    return (
        re.search("[*]" if path.startswith("http") and is_url(path) else r"[*?\[]", path)
        is not None
    )


def filesystem(url: str) -> tuple[Any, str]:
    """Return fsspec's file system of a URL, and what the file is called there.

    Raises
    ------
    ParameterError
        If a package for such URLs is not installed.
    """
    match = URL.match(url)
    assert match is not None, "only URLs come here"
    # Clients belong to one process.
    system = _filesystem(match[0] + "/", os.getpid())
    return system, system._strip_protocol(url)


@lru_cache(maxsize=64)
def _filesystem(root: str, pid: int) -> Any:
    try:
        import fsspec
    except ImportError:
        raise ParameterError(f"{root}: URLs need fsspec: pip install 'serfast[remote]'") from None
    try:
        # One for all threads, and nothing remembered of earlier listings.
        options = {"skip_instance_cache": True, "use_listings_cache": False}
        return fsspec.core.url_to_fs(root, **options)[0]
    except (ImportError, ValueError) as error:
        raise ParameterError(f"{root}: {error}") from None


def listed(url: str) -> dict[str, Place]:
    """Return the files below a folder, or those that match a pattern, by their URLs.

    Raises
    ------
    ParameterError
        If there is no such folder.
    AudioError
        If the server does not answer, or refuses.
    """
    system, pattern = filesystem(url)
    try:
        files = _matches(system, pattern) if has_magic(url) else _below(system, pattern, None)
    except FileNotFoundError as error:
        raise ParameterError(f"{url}: no such file or folder ({words(error)})") from error
    except Exception as error:  # each file system has its own
        raise AudioError(f"{url}: cannot be listed: {words(error)}") from error
    known = {system.unstrip_protocol(name): _place(info) for name, info in files.items()}
    # Lists of the web's servers have names only.
    bare = [name for name, place in known.items() if place.size is None]
    known |= {name: place for name, place in look_at(bare).items() if place is not None}
    return known


def _matches(system: Any, pattern: str) -> dict[str, Any]:
    from fsspec.utils import glob_translate

    root = fixed_part(pattern)
    depth = None if "**" in pattern else pattern.count("/") - root.count("/")
    expression = re.compile(glob_translate(pattern))
    files = _below(system, root, depth)
    return {name: info for name, info in files.items() if expression.match(name)}


def _below(system: Any, root: str, depth: int | None) -> dict[str, Any]:
    """Return the files below a folder, as many levels deep.

    Not by `find` or `glob`, which pass over what cannot be listed: then files would seem gone.
    """
    if root.startswith("http"):
        root = root.rstrip("/") + "/"  # links on a page start there
    files: dict[str, Any] = {}
    folders, seen = [root], {root.rstrip("/")}
    with ThreadPoolExecutor(REQUESTS) as pool:
        while folders and depth != 0:
            found = chain.from_iterable(pool.map(lambda f: system.ls(f, detail=True), folders))
            folders = []
            for info in found:
                name = info["name"]
                if info["type"] == "file":
                    files[name] = info
                elif name.rstrip("/") not in seen:
                    folders.append(name)
                    seen.add(name.rstrip("/"))
            depth = None if depth is None else depth - 1
    return files


def fixed_part(pattern: str) -> str:
    """Return the folder in which a pattern begins to be one."""
    while has_magic(pattern):
        pattern = posixpath.dirname(pattern)
    return pattern


def look_at(urls: Sequence[str]) -> dict[str, Place | None]:
    """Return size and version of files; None for those that are not there."""

    def look(url: str) -> Place | None:
        system, path = filesystem(url)
        try:
            return _place(system.info(path))
        except FileNotFoundError as error:
            # A web server's every error is one of these.
            status = getattr(error.__cause__, "status", None)
            unanswered = error.__cause__ is not None and url.startswith("http")
            return Place(None) if unanswered and status not in (404, 410) else None
        except Exception:  # it is tried again when the file is read
            return Place(None)

    with ThreadPoolExecutor(REQUESTS) as pool:
        return dict(zip(urls, pool.map(look, urls), strict=True))


def fetch(requests: Sequence[tuple[str, int, int | None]]) -> list[bytes | FetchError]:
    """Return bytes of files, each from one position up to another, or to the end, all at once."""
    if not requests:
        return []
    by_system: dict[int, tuple[Any, list[int]]] = {}
    for i, (url, _, _) in enumerate(requests):
        system, _ = filesystem(url)
        by_system.setdefault(id(system), (system, []))[1].append(i)
    got: dict[int, bytes | FetchError] = {}
    for system, which in by_system.values():
        paths = [system._strip_protocol(requests[i][0]) for i in which]
        begins = [requests[i][1] or None for i in which]
        ends = [requests[i][2] for i in which]
        try:
            contents = system.cat_ranges(paths, begins, ends, on_error="return")
        except Exception as error:  # each file system has its own
            contents = [error] * len(which)
        for i, content in zip(which, contents, strict=True):
            got[i] = _checked(content, *requests[i])
    return [got[i] for i in range(len(requests))]


def _checked(content: Any, url: str, begin: int, end: int | None) -> bytes | FetchError:
    if isinstance(content, BaseException):
        return FetchError(f"{url!r} cannot be fetched: {words(content)}")
    if end is not None and len(content) >= end > end - begin:
        content = content[begin:end]  # of a server that gives whole files only
    if end is not None and len(content) != end - begin:
        return FetchError(f"{url!r} gave {len(content)} bytes, of {end - begin} when it was listed")
    return bytes(content)


class Ranges(io.RawIOBase):
    """A file whose parts are read when they are needed; what goes wrong is kept in `error`."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._read, self._size, self._at = read, size, 0
        self.error: Exception | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer; after an error the file seems to end, since decoders know no other."""
        count = max(0, min(len(buffer), self._size - self._at))
        if not count or self.error is not None:
            return 0
        try:
            content = self._read(self._at, self._at + count)
        except Exception as error:  # a decoder would swallow it
            self.error = error
            return 0
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def ranges(url: str, begin: int, end: int) -> Ranges:
    """Return the bytes of a file between two positions as a file."""

    def read(first: int, last: int) -> bytes:
        (content,) = fetch([(url, begin + first, begin + last)])
        if isinstance(content, FetchError):
            raise content
        return content

    return Ranges(read, end - begin)


def words(error: BaseException) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def _place(info: dict[str, Any]) -> Place:
    etag = next((str(info[name]).strip('"') for name in ETAGS if info.get(name)), None)
    changed = next((info[name] for name in TIMES if info.get(name)), None)
    size = info.get("size")
    return Place(None if size is None else int(size), None if etag else _nanoseconds(changed), etag)


def _nanoseconds(time: Any) -> int | None:
    if isinstance(time, str):
        try:
            time = parsedate_to_datetime(time)
        except ValueError:
            time = datetime.fromisoformat(time.replace("Z", "+00:00"))
    if isinstance(time, datetime):
        time = time.timestamp()
    return None if time is None else round(time * 1e9)
