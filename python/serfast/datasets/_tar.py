"""Tar files of clips in WebDataset's layout: what belongs together has one name.

Of ``key.wav``, ``key.json``, ``key.cls`` and ``key.txt`` the first is the clip, and the others say
what is known of it. Nothing is unpacked: a clip is read from where it lies in the tar file.
"""

from __future__ import annotations

import io
import json
import os
import posixpath
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from serfast.datasets._clips import Clip, Place
from serfast.datasets._facts import ALIASES, DESCRIPTIVE, clip_of, own_names
from serfast.datasets._remote import BLOCK_BYTES, FetchError, Ranges, is_url, ranges
from serfast.errors import ParameterError

ARCHIVE_EXTENSION = ".tar"
FACTS_EXTENSIONS = (".json", ".cls", ".txt")
FACTS_BYTES = 1 << 20  # no label is longer


def is_archive(path: str) -> bool:
    """Whether this is the name of a tar file."""
    return path.lower().endswith(ARCHIVE_EXTENSION)


@dataclass(frozen=True)
class Archive:
    """What is in a tar file.

    Parameters
    ----------
    path : str
        The file, or its URL.
    place : Place
        Its state when it was read.
    members : dict of str to (int, int)
        Where each file begins in it, and how long it is.
    facts : dict of str to bytes
        What those that describe clips hold.
    damage : str or None
        Why members may be missing, in words that go on after the path.
    left_out : tuple of (str, str)
        Members that are not read, and why.
    """

    path: str
    place: Place
    members: dict[str, tuple[int, int]]
    facts: dict[str, bytes]
    damage: str | None
    left_out: tuple[tuple[str, str], ...] = ()

    def member(self, name: str) -> Place | None:
        """Return where a file of this name is."""
        if name not in self.members:
            return None
        offset, size = self.members[name]
        return replace(self.place, size=size, archive=self.path, offset=offset)


def state(path: str) -> Place:
    """Return the state of a local file.

    Raises
    ------
    OSError
        If it cannot be looked at, or is no regular file.
    """
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(f"{path}: not a regular file")
    return Place(status.st_size, status.st_mtime_ns)


def read_archive(path: str, place: Place) -> Archive:
    """Read what is in a tar file, passing over the bytes of clips.

    Raises
    ------
    FetchError
        If its bytes cannot be fetched.
    OSError
        If it cannot be read.
    """
    members: dict[str, tuple[int, int]] = {}
    facts: dict[str, bytes] = {}
    left_out: dict[str, str] = {}
    with _opened(path, place) as file:
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                for member in _files(tar):
                    name = member.name.removeprefix("./")
                    if member.islnk():
                        linked = members.get(member.linkname.removeprefix("./"))
                        if linked is not None:
                            members[name] = linked
                        continue
                    if not member.isreg() or member.issparse():
                        left_out[name] = "sparse" if member.issparse() else "a link"
                        continue
                    members[name] = member.offset_data, member.size  # the last one counts
                    if _suffix(name) in FACTS_EXTENSIONS and member.size <= FACTS_BYTES:
                        file.seek(member.offset_data)
                        facts[name] = file.read(member.size)
                end = tar.offset
            file.seek(end)
            damage = None
            if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
                damage = f"ends without a mark behind {len(members)} files: cut or damaged there"
        except (tarfile.TarError, ValueError, OverflowError) as error:
            damage = f"damaged, or no tar file: {error}"
        raw = file.raw if isinstance(file, io.BufferedReader) else None
        if isinstance(raw, Ranges) and raw.error is not None:
            raise raw.error
        size = file.seek(0, os.SEEK_END)
    whole = {name: (at, n) for name, (at, n) in members.items() if at + n <= size}
    if cut := sorted(members.keys() - whole.keys()):
        damage = f"cut in {cut[0]}; what came behind it is lost"
    return Archive(path, place, whole, facts, damage, tuple(left_out.items()))


def _files(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the files and links up to where the tar file is cut."""
    at = -1
    while True:
        try:
            member = tar.next()
        except tarfile.ReadError as error:
            if "unexpected end" in str(error):
                return
            raise
        if member is None:
            return
        if member.offset <= at:  # older versions of tarfile would go round in circles
            raise tarfile.ReadError(f"a header at {member.offset} comes twice")
        at = member.offset
        if member.isreg() or member.islnk() or member.issym():
            yield member


def _opened(path: str, place: Place) -> BinaryIO:
    if not is_url(path):
        return open(path, "rb")
    if place.size is None:
        raise FetchError(f"{path!r} could not be looked at")
    return io.BufferedReader(ranges(path, 0, place.size), BLOCK_BYTES)


def clips_of(
    archive: Archive, extensions: frozenset[str]
) -> tuple[list[Clip], list[tuple[str, str]]]:
    """Return the clips of a tar file, and what is left out of them, with reasons."""
    clips = []
    left_out = [
        (f"{archive.path}/{name}", f"member of a tar file that is {what}")
        for name, what in archive.left_out
        if _suffix(name) in extensions
    ]
    parts: dict[str, dict[str, bytes]] = {}
    for name, content in archive.facts.items():
        parts.setdefault(_stem(name), {})[_suffix(name)] = content
    for name in archive.members:
        if _suffix(name) not in extensions or posixpath.basename(name).startswith("."):
            continue
        path = f"{archive.path}/{name}"
        try:
            clip = clip_of({**_facts(parts.get(_stem(name), {})), "path": path})
        except ParameterError as error:
            left_out.append((path, f"facts that cannot be read, and are unknown: {error}"))
            clip = Clip(path)
        clips.append(replace(clip, place=archive.member(name)))
    return clips, left_out


def _facts(parts: dict[str, bytes]) -> dict[str, Any]:
    """Return what the files beside a clip say of it."""
    known: dict[str, Any] = {}
    try:
        for suffix, fact in ((".txt", "sentence"), (".cls", "label")):
            if suffix in parts:
                known[fact] = parts[suffix].decode().strip()
        row = json.loads(parts.get(".json", b"{}"))
        if not isinstance(row, dict):
            raise ValueError("it must hold one object")
    except ValueError as error:
        raise ParameterError(str(error)) from error
    named = dict(zip(own_names(list(row)), row.values(), strict=True))
    return known | {
        name: value
        for name, value in named.items()
        if ALIASES.get(name, name) in DESCRIPTIVE and value not in (None, "")
    }


def _stem(name: str) -> str:
    """What files that belong together have in common: all up to the first dot."""
    folder, base = posixpath.split(name)
    return posixpath.join(folder, base.partition(".")[0])


def _suffix(name: str) -> str:
    return posixpath.splitext(name)[1].lower()
