"""Finding clips and recognising the corpus that they belong to."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from serfast.datasets._clips import Clip, Corpus, Key, Place
from serfast.datasets._crema_d import CREMA_D, DEMOGRAPHICS, add_demographics
from serfast.datasets._manifest import load_manifest
from serfast.datasets._places import real_names
from serfast.datasets._registry import CORPORA
from serfast.datasets._remote import has_magic, is_url
from serfast.datasets._sources import AUDIO_EXTENSIONS, Found, in_order, is_audio, walk
from serfast.datasets._union import unite
from serfast.errors import ParameterError

CSV = "*.[cC][sS][vV]"
Source: TypeAlias = str | os.PathLike[str]


def find_clips(root: Source | Sequence[Source], emotions: Collection[str] | None = None) -> Corpus:
    """Find the clips of folders, patterns, manifests, tar files or URLs, and what is said of them.

    Names of the known corpora, `CORPORA`, are recognised anywhere below `root`, in any case and
    with any audio extension. Failing that, files in at least two folders below it are a corpus with
    one folder per class, unless most lie beside these folders, and anything else is plain files
    without labels. Each root is recognised by itself, files that are named one by one together.
    Where there are several corpora, the result is their union, as `unite` makes it; of a clip that
    is in several, it has what a manifest says. Links to folders are followed. Hidden files are not
    looked at. No audio file is opened: `inspect_clips` does that.

    Parameters
    ----------
    root : path, or sequence of paths
        A folder; a pattern such as ``"corpus/**/*.flac"``; an audio file; a manifest, as
        `load_manifest` reads it; a tar file in WebDataset's layout, or a folder of them that
        holds no other audio; or the URL of any of these, which fsspec opens (extra ``remote``).
    emotions : collection of str, optional
        Keep only the clips with these labels.

    Returns
    -------
    Corpus
        The clips in the order of their paths, those of a manifest in the order of its rows, and
        the files whose names are not the corpus'. A tar file that is cut is among the clips, as
        one that cannot be read.

    Raises
    ------
    ParameterError
        If `root` is none of these, holds no audio file, or has no clip of one of `emotions`; if
        the corpora have no union; if a package for such URLs is not installed.
    AudioError
        If a server does not answer.

    Examples
    --------
    >>> from serfast.datasets import samples_dir
    >>> corpus = find_clips(samples_dir(), emotions=["happy", "sad"])
    >>> corpus.name, len(corpus.clips), corpus.clips[0].speaker
    ('samples', 24, '01')
    """
    sources = [root] if isinstance(root, (str, os.PathLike)) else root
    if not sources:
        raise ParameterError("no source of clips is named")
    groups: dict[str, Found] = {}
    for source in [os.fspath(source) for source in sources]:
        alone = is_audio(source) and (os.path.isfile(source) or not has_magic(source))
        groups.setdefault("" if alone else source, Found()).add(source)
    found = Found()
    for group in groups.values():
        found.take(group)
    corpora = [load_manifest(path) for path in found.manifests]
    corpora += [_recognise(group.roots, group.files) for group in groups.values() if group.files]
    if found.archives:
        corpora.append(Corpus("tar", tuple(found.clips_of_archives())))
    corpus = _joined(corpora)
    corpus = replace(corpus, left_out=(*corpus.left_out, *sorted(found.left_out)))
    return corpus if emotions is None else corpus.keep(emotions)


def _joined(corpora: Sequence[Corpus]) -> Corpus:
    """Join what was found; what two of them have is the first one's."""
    if len(corpora) == 1:
        return corpora[0]
    known: set[Key] = set()
    parts = []
    for corpus in corpora:
        names = real_names(clip.path for clip in corpus.clips)
        keys = [(name, *clip.key[1:]) for name, clip in zip(names, corpus.clips, strict=True)]
        own = [clip for key, clip in zip(keys, corpus.clips, strict=True) if key not in known]
        if own or corpus.left_out:
            parts.append(replace(corpus, clips=tuple(own)))
        known.update(keys)
    found = unite(parts)
    used = set(real_names(clip.path for clip in found.clips))
    names = real_names(path for path, _ in found.left_out)
    left_out = [item for name, item in zip(names, found.left_out, strict=True) if name not in used]
    return replace(found, left_out=tuple(left_out))


def audio_files(folder: Path) -> tuple[list[Path], list[tuple[str, str]]]:
    """Return the audio files below a folder, in the order of their paths, and what is left out.

    Raises
    ------
    ParameterError
        If it is not a folder, or there are none.
    """
    if not folder.is_dir():
        raise ParameterError(f"{folder}: not a folder")
    left_out: list[tuple[str, str]] = []
    found = [Path(path) for path in walk(str(folder), left_out, [])]
    if not found:
        known = " ".join(sorted(AUDIO_EXTENSIONS))
        raise ParameterError(f"{folder}: no audio files in it (looked for {known})")
    return found, left_out


def _recognise(roots: Sequence[str], files: Mapping[str, Place | None]) -> Corpus:
    """Read names as those of known corpora if that fits at least half of them."""
    clips_of: dict[str, list[Clip]] = {}
    strangers = []
    ordered = in_order(files)
    for file in ordered:
        stem = os.path.splitext(os.path.basename(file))[0]
        for name, known in CORPORA.items():
            if clip := known.parse(file, stem):
                if (place := files[file]) is not None:
                    clip = replace(clip, place=place)
                clips_of.setdefault(name, []).append(clip)
                break
        else:
            strangers.append(file)
    if 2 * len(strangers) > len(files):
        return _unnamed(roots, {file: files[file] for file in ordered})
    if CREMA_D.name in clips_of and (tables := _demographics(roots)):
        clips_of[CREMA_D.name] = add_demographics(clips_of[CREMA_D.name], tables)
    corpora = [Corpus(name, tuple(clips)) for name, clips in clips_of.items()]
    names = ", ".join(clips_of)
    left_out = tuple((path, f"unknown name: not as in {names}") for path in strangers)
    found = unite(corpora)
    return Corpus(found.name, found.clips, left_out)


def _unnamed(roots: Sequence[str], files: Mapping[str, Place | None]) -> Corpus:
    tops = set(map(_plain, roots))
    folders = {file: os.path.dirname(file) for file in files}
    class_of = {
        file: unicodedata.normalize("NFC", os.path.basename(folder))
        for file, folder in folders.items()
        if folder not in tops
    }
    n_folders = len(set(folders.values()) - tops)
    by_class = n_folders > 1 and 2 * len(class_of) >= len(files)
    clips = (
        Clip(file, class_of.get(file) if by_class else None, place=place)
        for file, place in files.items()
    )
    return Corpus("folders" if by_class else "files", tuple(clips))


def _plain(root: str) -> str:
    """Return a folder as it stands in the paths of its files."""
    if is_url(root):
        return root.rstrip("/")
    return "" if str(Path(root)) == "." else str(Path(root))


def _demographics(roots: Sequence[str]) -> list[Path]:
    """Return CREMA-D's tables of actors, below folders or beside them."""
    folders = [Path(root) for root in roots if not is_url(root)]
    places = chain.from_iterable(
        sorted(search(CSV))
        for folder in folders
        for search in (folder.rglob, folder.resolve().parent.glob)
    )
    return [path for path in places if path.name.lower() == DEMOGRAPHICS and path.is_file()]
