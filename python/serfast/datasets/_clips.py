"""What is known of a clip, and the table of all clips of a corpus."""

from __future__ import annotations

import collections
import math
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from numbers import Number
from typing import Any, TypeAlias

from serfast.errors import ParameterError

UNKNOWN = "(none)"  # how counts call what is not known


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bytes of a clip are that is no file of its own, and their state when it was listed.

    Parameters
    ----------
    size : int or None
        How many bytes.
    mtime : int or None
        When they last changed, in ns; of a member of a tar file, when that did.
    etag : str or None
        What a server calls this version of them; it changes whenever they do.
    archive : str or None
        The tar file whose member they are, and `offset`, where in it they begin.
    """

    size: int | None
    mtime: int | None = None
    etag: str | None = None
    archive: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Clip:
    """One audio file, or a part of one, and what is known of it; None stands for unknown.

    Parameters
    ----------
    path : str
        The file, a URL, or a member of a tar file: ``shard.tar/key.wav``.
    label : str or None
        The emotion, or the class.
    speaker : str or None
        Who speaks; evaluation keeps a speaker's clips on one side of a split.
    sex : str or None
        ``"female"`` or ``"male"``.
    sentence, intensity, repetition : str or None
        What is said, how strongly, and which take it is, in the words of the corpus.
    vocal_channel : str or None
        ``"speech"`` or ``"song"``, where a corpus has both.
    age : int or None
        The speaker's, in years.
    duration : float or None
        In seconds; this and the following are known once `inspect_clips` has opened the file.
    rate, channels : int or None
        Sampling rate in Hz, number of channels.
    hash : str or None
        Of the samples, mixed to mono: the same recording has the same hash under any name and in
        any lossless packing.
    start, end : float or None
        Of a part of the file, in seconds; None stands for the file's own.
    place : Place or None
        Where its bytes are; None for a file.

    Examples
    --------
    >>> Clip("a.wav", label="sad").speaker is None
    True
    >>> Clip("a.wav", start=1.5, end=2).name
    'a.wav#t=1.5,2'
    """

    path: str
    label: str | None = None
    speaker: str | None = None
    sex: str | None = None
    sentence: str | None = None
    intensity: str | None = None
    repetition: str | None = None
    vocal_channel: str | None = None
    age: int | None = None
    duration: float | None = None
    rate: int | None = None
    channels: int | None = None
    hash: str | None = None
    start: float | None = None
    end: float | None = None
    place: Place | None = field(default=None, repr=False, compare=False)

    @property
    def key(self) -> Key:
        """What tells it from other clips, and puts the parts of a file into their order."""
        return clip_key(self.path, self.start, self.end)

    @property
    def is_part(self) -> bool:
        """Whether it is a part of a file, rather than the whole."""
        return self.start is not None or self.end is not None

    @property
    def name(self) -> str:
        """The path, with the times of a part as media fragments have them."""
        if not self.is_part:
            return self.path
        end = "" if self.end is None else f",{self.end:g}"
        return f"{self.path}#t={self.start or 0:g}{end}"


Key: TypeAlias = tuple[str, float, float]


def clip_key(path: str, start: float | None, end: float | None) -> Key:
    """Return the key of a clip: its path, and where it begins and ends in the file."""
    return path, start or 0.0, math.inf if end is None else end


# What a fact is read as from a file of text; any other fact is text.
FIELD_TYPES: dict[str, type] = {
    **{name: str for name in Clip.__dataclass_fields__ if name != "place"},
    "age": int,
    "start": float,
    "end": float,
    "duration": float,
    "rate": int,
    "channels": int,
}


def clip_from_row(row: Mapping[str, Any]) -> Clip:
    """Return the clip of a table's row; None, NaN and empty text stand for unknown.

    Raises
    ------
    ParameterError
        If a fact is not of its kind.
    """
    facts: dict[str, Any] = {}
    for name, kind in FIELD_TYPES.items():
        value = row.get(name)
        if value is None or value == "" or value != value:  # NaN alone differs from itself
            continue
        facts[name] = _text(name, value) if kind is str else _number(name, kind, value)
    if "path" not in facts:
        raise ParameterError("path is empty")
    return Clip(**facts)


def facts_of(clip: Clip) -> dict[str, Any]:
    """Return what a table says of a clip, by column."""
    return {name: getattr(clip, name) for name in FIELD_TYPES}


def _text(name: str, value: Any) -> str:
    if isinstance(value, (str, Number)) and not isinstance(value, bool):
        # A column of whole numbers with a gap is one of floats, where it comes from pandas.
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)
    raise ParameterError(f"{name}={value!r} must be text or a number, or empty")


def _number(name: str, kind: type, value: Any) -> Any:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if math.isfinite(number) and (kind is float or number.is_integer()):
        return kind(number)
    whole = "whole " if kind is int else ""
    raise ParameterError(f"{name}={value!r} must be a {whole}number, or empty")


@dataclass(frozen=True)
class Corpus:
    """The clips of a corpus, in the order of their paths.

    Parameters
    ----------
    name : str
        How the clips were recognised: a name of `CORPORA`, ``"folders"`` (one per class),
        ``"files"``, a manifest's name, or several of these with ``+`` for a union.
    clips : tuple of Clip
        One entry per clip.
    left_out : tuple of (str, str)
        Path and reason of each file that is not among the clips; what stands before a colon in
        the reason is its kind.

    Examples
    --------
    >>> corpus = Corpus("files", (Clip("a.wav", "sad"), Clip("b.wav", "happy")))
    >>> corpus.labels
    ('happy', 'sad')
    >>> [clip.path for clip in corpus.keep(["sad"]).clips]
    ['a.wav']
    """

    name: str
    clips: tuple[Clip, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that occurs, sorted."""
        return tuple(sorted({clip.label for clip in self.clips if clip.label is not None}))

    def keep(self, emotions: Collection[str]) -> Corpus:
        """Return the corpus with only the clips of these labels.

        Raises
        ------
        ParameterError
            If a label occurs nowhere in the corpus.
        """
        missing = sorted(set(emotions) - set(self.labels))
        if missing:
            raise ParameterError(
                f"no clip is labelled {', '.join(missing)}; "
                f"labels here are: {', '.join(self.labels) or 'none'}"
            )
        return replace(self, clips=tuple(clip for clip in self.clips if clip.label in emotions))

    def relabel(self, names: Mapping[str, str | None]) -> Corpus:
        """Return the corpus with other names for its labels.

        Parameters
        ----------
        names : mapping of str to str or None
            The new name of each label; None leaves its clips out, a label that is not there
            stays as it is.

        Examples
        --------
        >>> corpus = Corpus("files", (Clip("a.wav", "calm"), Clip("b.wav", "bored")))
        >>> other = corpus.relabel({"calm": "neutral", "bored": None})
        >>> other.labels, other.left_out
        (('neutral',), (('b.wav', 'dropped label bored'),))
        """
        kept, dropped = [], []
        for clip in self.clips:
            label = clip.label if clip.label is None else names.get(clip.label, clip.label)
            if label is None and clip.label is not None:
                dropped.append((clip.path, f"dropped label {clip.label}"))
            else:
                kept.append(replace(clip, label=label))
        return replace(self, clips=tuple(kept), left_out=(*self.left_out, *dropped))


def text_of(name: str) -> str:
    """A fact as text that every table can hold: bytes of a name that are not UTF-8 as escapes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode(errors="backslashreplace")
    return name


def count_labels(clips: Collection[Clip]) -> dict[str, int]:
    """Return how many clips each label has, in the order of the labels' names."""
    return count_facts(clips, "label")


def count_facts(clips: Collection[Clip], fact: str) -> dict[str, int]:
    """Return how many clips have each value of a fact, in the order of the values."""
    counts = collections.Counter(getattr(clip, fact) for clip in clips)
    unknown = counts.pop(None, 0)
    return {str(value): counts[value] for value in sorted(counts)} | (
        {UNKNOWN: unknown} if unknown else {}
    )
