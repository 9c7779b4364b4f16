"""Finding the clips below a folder and recognising the corpus that they belong to."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from serfast.datasets._clips import Clip, Corpus
from serfast.datasets._crema_d import CREMA_D, DEMOGRAPHICS, add_demographics
from serfast.datasets._manifest import MANIFEST_EXTENSIONS, load_manifest
from serfast.datasets._registry import CORPORA
from serfast.datasets._union import unite
from serfast.errors import ParameterError

UNLISTED = "folder that cannot be listed"

# fmt: off
AUDIO_EXTENSIONS = frozenset({
    ".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".rf64",
    ".w64", ".wav",
})
# fmt: on


def find_clips(root: str | os.PathLike[str], emotions: Collection[str] | None = None) -> Corpus:
    """Find the clips of a folder or a manifest, with what their names say of them.

    Names of the known corpora, `CORPORA`, are recognised anywhere below `root`, in any case and
    with any audio extension; where there are several corpora, the result is their union, as
    `unite` makes it. Failing that, files in at least two folders are a corpus with one folder per
    class, and anything else is plain files without labels. Hidden files are not looked at. No
    audio file is opened: `inspect_clips` does that.

    Parameters
    ----------
    root : path
        The folder, or a manifest as `load_manifest` reads it.
    emotions : collection of str, optional
        Keep only the clips with these labels.

    Returns
    -------
    Corpus
        The clips in the order of their paths, and the files whose names are not the corpus'.

    Raises
    ------
    ParameterError
        If `root` is neither folder nor manifest, holds no audio file, or has no clip of one of
        `emotions`.

    Examples
    --------
    >>> from serfast.datasets import samples_dir
    >>> corpus = find_clips(samples_dir(), emotions=["happy", "sad"])
    >>> corpus.name, len(corpus.clips), corpus.clips[0].speaker
    ('samples', 24, '01')
    """
    source = Path(root)
    if source.suffix.lower() in MANIFEST_EXTENSIONS and not source.is_dir():
        corpus = load_manifest(source)
    else:
        left_out: list[tuple[str, str]] = []
        corpus = _recognise(source, audio_files(source, left_out))
        corpus = replace(corpus, left_out=(*corpus.left_out, *sorted(left_out)))
    return corpus if emotions is None else corpus.keep(emotions)


def audio_files(folder: Path, left_out: list[tuple[str, str]] | None = None) -> list[Path]:
    """Return the audio files below a folder, in the order of their paths.

    Folders that cannot be listed, or have the name of an audio file, are added to `left_out`.

    Raises
    ------
    ParameterError
        If it is not a folder, or there are none.
    """
    if not folder.is_dir():
        raise ParameterError(f"{folder}: not a folder")
    found = []
    strange = [] if left_out is None else left_out

    def unlisted(error: OSError) -> None:
        strange.append((str(error.filename), f"{UNLISTED}: {error.strerror}"))

    for parent, folders, names in os.walk(folder, onerror=unlisted):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in names if _is_audio(name)]
        strange += [
            (os.path.join(parent, name), "folder with the name of an audio file")
            for name in folders
            if _is_audio(name)
        ]
    if not found:
        known = " ".join(sorted(AUDIO_EXTENSIONS))
        raise ParameterError(f"{folder}: no audio files in it (looked for {known})")
    return sorted(found, key=Path.as_posix)


def _is_audio(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in AUDIO_EXTENSIONS


def _recognise(folder: Path, paths: list[Path]) -> Corpus:
    """Read names as those of known corpora if that fits at least half of them."""
    clips_of: dict[str, list[Clip]] = {}
    strangers = []
    for path in paths:
        for name, known in CORPORA.items():
            if clip := known.parse(path):
                clips_of.setdefault(name, []).append(clip)
                break
        else:
            strangers.append(str(path))
    if 2 * len(strangers) > len(paths):
        return _unnamed(folder, paths)
    if CREMA_D.name in clips_of and (table := _demographics(folder)):
        clips_of[CREMA_D.name] = add_demographics(clips_of[CREMA_D.name], table)
    corpora = [Corpus(name, tuple(clips)) for name, clips in clips_of.items()]
    names = ", ".join(clips_of)
    left_out = tuple((path, f"unknown name: not as in {names}") for path in strangers)
    found = unite(corpora)
    return Corpus(found.name, found.clips, left_out)


def _unnamed(folder: Path, paths: list[Path]) -> Corpus:
    classes = {path.parent for path in paths}
    if len(classes) > 1 and folder not in classes:
        return Corpus("folders", tuple(Clip(str(path), path.parent.name) for path in paths))
    return Corpus("files", tuple(Clip(str(path)) for path in paths))


def _demographics(folder: Path) -> Path | None:
    """Return CREMA-D's table of actors, below the folder or beside it."""
    beside = folder.resolve().parent / DEMOGRAPHICS
    return next(folder.rglob(DEMOGRAPHICS), beside if beside.is_file() else None)
