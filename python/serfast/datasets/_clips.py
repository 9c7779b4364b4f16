"""What is known of a clip before it is opened, and the table of all clips of a folder."""

from __future__ import annotations

import collections
from collections.abc import Collection
from dataclasses import dataclass, replace

from serfast.errors import ParameterError


@dataclass(frozen=True)
class Clip:
    """One audio file and what its corpus says of it; None stands for unknown.

    Parameters
    ----------
    path : str
        The file.
    label : str or None
        The emotion, or the class.
    speaker : str or None
        Who speaks; evaluation keeps a speaker's clips on one side of a split.
    sex : str or None
        ``"female"`` or ``"male"``.
    sentence, intensity, repetition : str or None
        What is said, how strongly, and which take it is.

    Examples
    --------
    >>> Clip("a.wav", label="sad").speaker is None
    True
    """

    path: str
    label: str | None = None
    speaker: str | None = None
    sex: str | None = None
    sentence: str | None = None
    intensity: str | None = None
    repetition: str | None = None


@dataclass(frozen=True)
class Corpus:
    """The clips of a folder, in the order of their paths.

    Parameters
    ----------
    name : str
        How the clips were recognised: ``"ravdess"``, ``"folders"`` (one per class) or ``"files"``.
    clips : tuple of Clip
        One entry per clip.
    unknown : tuple of str
        Audio files that were left out because their names do not follow the corpus' rule.

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
    unknown: tuple[str, ...] = ()

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


def count_labels(clips: Collection[Clip]) -> dict[str, int]:
    """Return how many clips each label has, in the order of the labels' names."""
    counts = collections.Counter(clip.label or "(none)" for clip in clips)
    return dict(sorted(counts.items()))
