"""From what a user names, folders, patterns, files and URLs, to files of audio."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from serfast.datasets._clips import Clip, Place
from serfast.datasets._manifest import is_manifest
from serfast.datasets._places import full_name, real_names
from serfast.datasets._remote import fixed_part, has_magic, is_url, listed, look_at
from serfast.datasets._tar import ARCHIVE_EXTENSION, clips_of, is_archive, read_archive, state
from serfast.errors import ParameterError

UNLISTED = "folder that cannot be listed"

# fmt: off
AUDIO_EXTENSIONS = frozenset({
    ".8svx", ".aif", ".aifc", ".aiff", ".au", ".avr", ".bwf", ".caf", ".flac", ".mp2", ".mp3",
    ".nist", ".oga", ".ogg", ".opus", ".paf", ".pvf", ".rf64", ".sf", ".snd", ".sph", ".voc",
    ".w64", ".wav", ".wave", ".wve",
})
UNREAD_EXTENSIONS = frozenset({".aac", ".ac3", ".amr", ".ape", ".m4a", ".wma", ".wv"})
# fmt: on


@dataclass
class Found:
    """What there is of the sources that a user named.

    Attributes
    ----------
    roots : list of str
        The folders that were searched.
    files, archives : dict of str to Place or None
        Audio and tar files, and where those are that are not local.
    manifests : list of str
        Tables of clips.
    left_out : list of (str, str)
        Path and reason of what cannot be used.
    """

    roots: list[str] = field(default_factory=list)
    files: dict[str, Place | None] = field(default_factory=dict)
    archives: dict[str, Place | None] = field(default_factory=dict)
    manifests: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def add(self, source: str) -> None:
        """Look for files in a source.

        Raises
        ------
        ParameterError
            If it is none, or holds no audio.
        AudioError
            If its server does not answer.
        """
        part = Found()
        part._look(source)
        if not (part.files or part.archives or part.manifests):
            for path, reason in part.left_out:
                if reason.startswith(UNLISTED):
                    raise ParameterError(f"{path}: {reason}")
            known = " ".join([*sorted(AUDIO_EXTENSIONS), ARCHIVE_EXTENSION])
            raise ParameterError(f"{source}: no audio files in it (looked for {known})")
        self.take(part)

    def take(self, other: Found) -> None:
        """Add what another one has, under whatever name."""
        self.roots += other.roots
        self.files |= _others(other.files, self.files)
        self.archives |= _others(other.archives, self.archives)
        self.manifests += _others(dict.fromkeys(other.manifests), self.manifests)
        self.left_out = list(dict.fromkeys([*self.left_out, *other.left_out]))

    def _look(self, source: str) -> None:
        if is_url(source):
            self._add_remote(source)
        elif os.path.isdir(source):
            self.roots.append(source)
            self._add_folder(source)
        elif os.path.exists(source) or not has_magic(source):
            self._add_file(str(Path(source)))
        else:
            self.roots.append(fixed_part(source) or ".")
            paths = [str(Path(path)) for path in glob.glob(source, recursive=True)]
            # Links to folders lead to the same files, and may go round in circles.
            names: dict[str, str] = {}
            paths.sort(key=lambda path: (len(path), path))
            for name, path in zip(real_names(paths), paths, strict=True):
                names.setdefault(name, path)
            matches = list(names.values())
            only_folders = all(map(os.path.isdir, matches))
            for path in matches:
                if only_folders:
                    self._add_folder(path)
                else:
                    self._add_match(path, is_manifest(source))

    def _add_folder(self, folder: str) -> None:
        archives: list[str] = []
        found = walk(folder, self.left_out, archives)
        self.files |= dict.fromkeys(found)
        if not found:  # else they may be what the audio beside them was unpacked from
            self.archives |= dict.fromkeys(archives)

    def _add_file(self, path: str) -> None:
        if is_manifest(path):
            self.manifests.append(path)
        elif not os.path.exists(path):
            raise ParameterError(f"{path}: no such file or folder")
        elif is_archive(path):
            self.archives[path] = None
        elif is_audio(path):
            self.roots.append(os.path.dirname(path) or ".")
            self.files[path] = None
        else:
            raise ParameterError(f"{path}: not a folder, and no audio, manifest or tar file")

    def _add_match(self, path: str, manifests: bool) -> None:
        if os.path.isdir(path):
            return
        if is_audio(path):
            self.files[path] = None
        elif is_archive(path):
            self.archives[path] = None
        elif manifests:
            self.manifests.append(path)

    def _add_remote(self, url: str) -> None:
        if is_manifest(url) and not has_magic(url):
            self.manifests.append(url)
            return
        if has_magic(url) or not (is_audio(url) or is_archive(url)):
            places = listed(url)
        elif place := look_at([url])[url]:
            places = {url: place}
        else:
            raise ParameterError(f"{url}: no such file")
        self.roots.append(fixed_part(url) if has_magic(url) else url)
        audio = {path: place for path, place in places.items() if is_audio(path)}
        self.files |= audio
        if not audio:
            self.archives |= {path: place for path, place in places.items() if is_archive(path)}

    def clips_of_archives(self) -> list[Clip]:
        """Return the clips in the tar files; a damaged one is there too, as a clip that fails."""
        clips: list[Clip] = []
        for path, place in sorted(self.archives.items()):
            try:
                archive = read_archive(path, place or state(path))
            except OSError:  # whoever reads it as a clip is told why
                clips.append(Clip(path, place=place))
                continue
            found, left_out = clips_of(archive, AUDIO_EXTENSIONS)
            clips += found
            self.left_out += left_out
            if archive.damage:
                clips.append(Clip(path, place=place))
        return clips


def walk(folder: str, left_out: list[tuple[str, str]], archives: list[str]) -> list[str]:
    """Return the audio files below a folder, in the order of their paths.

    Links to folders are followed; a folder that two links lead to is looked into once. Folders that
    cannot be listed, empty ones with the name of an audio file, and audio that is not read are
    added to `left_out`, tar files to `archives`.
    """
    found: list[str] = []

    def unlisted(error: OSError) -> None:
        left_out.append((str(error.filename), f"{UNLISTED}: {error.strerror}"))

    odd = []
    for parent, folders, names in _folders(str(Path(folder)), unlisted):
        files = [os.path.join(parent, name) for name in names if not name.startswith(".")]
        found += filter(is_audio, files)
        archives += filter(is_archive, files)
        left_out += ((file, "format that is not read") for file in files if _is_unread(file))
        odd += [os.path.join(parent, name) for name in folders if is_audio(name)]
    left_out += (
        (folder, "folder with the name of an audio file")
        for folder in odd
        if not any(file.startswith(folder + os.sep) for file in found)
    )
    return in_order(found)


def _folders(
    root: str, unlisted: Callable[[OSError], None]
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each folder that is not hidden once, and what is in it; links come last."""
    known: set[tuple[int, int]] = set()
    pending = [root]
    while pending:
        links: list[str] = []
        for parent, folders, names in chain.from_iterable(
            os.walk(start, onerror=unlisted) for start in pending
        ):
            there = os.stat(parent)
            if (there.st_dev, there.st_ino) in known:
                folders.clear()
                continue
            known.add((there.st_dev, there.st_ino))
            folders[:] = [name for name in folders if not name.startswith(".")]
            below = parent.removeprefix(f".{os.sep}") if parent != "." else ""
            links += filter(os.path.islink, (os.path.join(parent, name) for name in folders))
            yield below, folders, names
        pending = in_order(links)


def in_order(paths: Iterable[str]) -> list[str]:
    """Return paths in an order that is the same on every system."""
    return sorted(paths, key=lambda path: path.replace(os.sep, "/"))


def _others(found: dict[str, Place | None], known: Collection[str]) -> dict[str, Place | None]:
    """Return what was found and is not known yet, under whatever name."""
    if not known:
        return found
    names = set(map(full_name, known))
    return {path: place for path, place in found.items() if full_name(path) not in names}


def _is_unread(path: str) -> bool:
    return os.path.splitext(path)[1].lower() in UNREAD_EXTENSIONS


def is_audio(path: str) -> bool:
    """Whether this is the name of an audio file that is not hidden."""
    name = os.path.basename(path)
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in AUDIO_EXTENSIONS
