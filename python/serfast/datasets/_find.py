"""Finding the clips below a folder and recognising the corpus that they belong to."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path, PurePath

from serfast.datasets._clips import Clip, Corpus
from serfast.datasets._ravdess import parse_ravdess
from serfast.errors import ParameterError

# fmt: off
AUDIO_EXTENSIONS = frozenset({
    ".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".rf64",
    ".w64", ".wav",
})
# fmt: on

Parser = Callable[[PurePath], "Clip | None"]

# A corpus is one entry: its name, and what reads a clip's facts from a path (None: not ours).
PARSERS: dict[str, Parser] = {"ravdess": parse_ravdess}


def find_clips(root: str | os.PathLike[str], emotions: Collection[str] | None = None) -> Corpus:
    """Find the audio files below a folder and read their labels from names or folders.

    Names of a known corpus (RAVDESS) are recognised anywhere below `root` and with any audio
    extension. Failing that, files in at least two folders are a corpus with one folder per class,
    and anything else is plain files without labels. Hidden files are not looked at.

    Parameters
    ----------
    root : path
        The folder.
    emotions : collection of str, optional
        Keep only the clips with these labels.

    Returns
    -------
    Corpus
        The clips in the order of their paths.

    Raises
    ------
    ParameterError
        If `root` is not a folder, holds no audio file, or has no clip of one of `emotions`.

    Examples
    --------
    >>> from serfast.datasets import samples_dir
    >>> corpus = find_clips(samples_dir(), emotions=["happy", "sad"])
    >>> corpus.name, len(corpus.clips), corpus.clips[0].speaker
    ('ravdess', 24, '01')
    """
    folder = Path(root)
    if not folder.is_dir():
        raise ParameterError(f"{folder}: not a folder")
    paths = _audio_files(folder)
    if not paths:
        known = " ".join(sorted(AUDIO_EXTENSIONS))
        raise ParameterError(f"{folder}: no audio files in it (looked for {known})")
    corpus = _recognise(folder, paths)
    return corpus if emotions is None else corpus.keep(emotions)


def _audio_files(folder: Path) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in AUDIO_EXTENSIONS:
                found.append(Path(parent, name))
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _recognise(folder: Path, paths: list[Path]) -> Corpus:
    """Choose the first corpus whose rule fits at least half of the names."""
    for name, parse in PARSERS.items():
        parsed = [(path, parse(path)) for path in paths]
        clips = tuple(clip for _, clip in parsed if clip is not None)
        if 2 * len(clips) >= len(paths):
            return Corpus(name, clips, tuple(str(path) for path, clip in parsed if clip is None))
    classes = {path.parent for path in paths}
    if len(classes) > 1 and folder not in classes:
        return Corpus("folders", tuple(Clip(str(path), path.parent.name) for path in paths))
    return Corpus("files", tuple(Clip(str(path)) for path in paths))
