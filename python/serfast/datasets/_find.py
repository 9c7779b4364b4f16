"""Finding clips and recognising the corpus that they belong to."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from serfast.datasets._clips import Clip, Corpus, Key, Place
from serfast.datasets._crema_d import CREMA_D, DEMOGRAPHICS, add_demographics
from serfast.datasets._manifest import load_manifest
from serfast.datasets._places import full_name
from serfast.datasets._registry import CORPORA
from serfast.datasets._remote import is_url
from serfast.datasets._sources import AUDIO_EXTENSIONS, Found, in_order, walk
from serfast.datasets._union import unite
from serfast.errors import ParameterError

Source: TypeAlias = str | os.PathLike[str]


def find_clips(root: Source | Sequence[Source], emotions: Collection[str] | None = None) -> Corpus:
    """Find the clips of folders, patterns, manifests, tar files or URLs, and what is said of them.

    Names of the known corpora, `CORPORA`, are recognised anywhere below `root`, in any case and
    with any audio extension; where there are several corpora, the result is their union, as
    `unite` makes it. Failing that, files in at least two folders are a corpus with one folder per
    class, and anything else is plain files without labels. Hidden files are not looked at. No
    audio file is opened: `inspect_clips` does that.

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
        a package for such URLs is not installed.
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
    found = Found()
    for source in sources:
        found.add(os.fspath(source))
    corpora = [load_manifest(path) for path in found.manifests]
    if found.files:
        corpora.insert(0, _recognise(found.roots, found.files))
    if found.archives:
        corpora.append(Corpus("tar", tuple(found.clips_of_archives())))
    corpus = _joined(corpora)
    corpus = replace(corpus, left_out=(*corpus.left_out, *sorted(found.left_out)))
    return corpus if emotions is None else corpus.keep(emotions)


def _joined(corpora: Sequence[Corpus]) -> Corpus:
    """Join what was found; what two of them have counts once."""
    if len(corpora) == 1:
        return corpora[0]
    clips: dict[Key, Clip] = {}
    for corpus in corpora:
        for clip in corpus.clips:
            clips.setdefault((full_name(clip.path), *clip.key[1:]), clip)
    return Corpus(
        "+".join(dict.fromkeys(corpus.name for corpus in corpora)),
        tuple(clips.values()),
        tuple(chain.from_iterable(corpus.left_out for corpus in corpora)),
    )


def audio_files(folder: Path) -> list[Path]:
    """Return the audio files below a folder, in the order of their paths.

    Raises
    ------
    ParameterError
        If it is not a folder, or there are none.
    """
    if not folder.is_dir():
        raise ParameterError(f"{folder}: not a folder")
    found = [Path(path) for path in walk(str(folder), [], [])]
    if not found:
        known = " ".join(sorted(AUDIO_EXTENSIONS))
        raise ParameterError(f"{folder}: no audio files in it (looked for {known})")
    return found


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
    if CREMA_D.name in clips_of and (table := _demographics(roots)):
        clips_of[CREMA_D.name] = add_demographics(clips_of[CREMA_D.name], table)
    corpora = [Corpus(name, tuple(clips)) for name, clips in clips_of.items()]
    names = ", ".join(clips_of)
    left_out = tuple((path, f"unknown name: not as in {names}") for path in strangers)
    found = unite(corpora)
    return Corpus(found.name, found.clips, left_out)


def _unnamed(roots: Sequence[str], files: Mapping[str, Place | None]) -> Corpus:
    folders = {file: os.path.dirname(file) for file in files}
    classes = set(folders.values())
    if len(classes) > 1 and not classes.intersection(map(_plain, roots)):
        clips = (
            Clip(file, os.path.basename(folders[file]), place=place)
            for file, place in files.items()
        )
        return Corpus("folders", tuple(clips))
    return Corpus("files", tuple(Clip(file, place=place) for file, place in files.items()))


def _plain(root: str) -> str:
    """Return a folder as it stands in the paths of its files."""
    if is_url(root):
        return root.rstrip("/")
    return "" if str(Path(root)) == "." else str(Path(root))


def _demographics(roots: Sequence[str]) -> Path | None:
    """Return CREMA-D's table of actors, below a folder or beside it."""
    for folder in (Path(root) for root in roots if not is_url(root)):
        beside = folder.resolve().parent / DEMOGRAPHICS
        if table := next(folder.rglob(DEMOGRAPHICS), beside if beside.is_file() else None):
            return table
    return None
