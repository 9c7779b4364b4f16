"""Where clips are that are known by their paths only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from serfast.datasets._clips import Place
from serfast.datasets._remote import FetchError, is_url, look_at
from serfast.datasets._tar import ARCHIVE_EXTENSION, read_archive, state


def find_places(paths: Iterable[str]) -> dict[str, Place | None]:
    """Return where clips are, of those that are there; None for local files."""
    found: dict[str, Place | None] = {}
    members: dict[str, list[str]] = {}
    urls = []
    for path in paths:
        at = path.lower().find(f"{ARCHIVE_EXTENSION}/") + len(ARCHIVE_EXTENSION)
        archive = path[:at]
        if at >= len(ARCHIVE_EXTENSION) and not os.path.isdir(archive):
            members.setdefault(archive, []).append(path)
        elif is_url(path):
            urls.append(path)
        elif _may_be_file(path):
            found[path] = None
    archives = look_at([archive for archive in members if is_url(archive)])
    for archive, inside_of_it in members.items():
        found |= _members(archive, archives.get(archive), inside_of_it)
    return found | {url: place for url, place in look_at(urls).items() if place is not None}


def real_names(paths: Iterable[str]) -> list[str]:
    """Return what files are called whatever links lead to their folders."""
    folders: dict[str, str] = {}
    names = []
    for path in paths:
        folder, base = os.path.split(full_name(path))
        if not is_url(path) and folder not in folders:
            folders[folder] = os.path.realpath(folder)
        names.append(path if is_url(path) else os.path.join(folders[folder], base))
    return names


def _may_be_file(path: str) -> bool:
    """Whether there is a file; also if nobody may know, which whoever reads it is told."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True


def full_name(path: str) -> str:
    """Return what a file is called wherever it is named from."""
    return path if is_url(path) else os.path.abspath(path)


def _members(archive: str, place: Place | None, paths: list[str]) -> dict[str, Place | None]:
    # Of what cannot be read, whoever reads it is told why.
    unknown = Place(None) if is_url(archive) else None
    try:
        read = read_archive(archive, place or state(archive))
    except FetchError:
        raise
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError:
        return dict.fromkeys(paths, unknown)
    places = {path: read.member(path.removeprefix(f"{archive}/")) for path in paths}
    lost = {path: unknown for path in paths if read.damage and places[path] is None}
    return {path: place for path, place in places.items() if place is not None} | lost
