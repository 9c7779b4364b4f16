"""Several corpora as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from serfast.datasets._clips import Corpus
from serfast.datasets._emotions import common_label
from serfast.datasets._registry import CORPORA
from serfast.errors import ParameterError


def unite(corpora: Sequence[Corpus], *, common: bool = False) -> Corpus:
    """Join corpora into one, with one vocabulary of emotions.

    Labels become those of `EMOTIONS` (``fear``, ``Angst`` and ``peur`` are ``fearful``); a label
    that is no word for any of these stays as it is. Speakers get the corpus' name before their
    own, so that actor 01 of one and of another are two people. Parts of one known corpus, such as
    the speech and the song of RAVDESS, share their speakers.

    Parameters
    ----------
    corpora : sequence of Corpus
        At least one.
    common : bool
        Keep only the classes that all of them have; `Corpus.left_out` names the other clips.

    Returns
    -------
    Corpus
        All clips in the order given; the name is that of the parts, with ``+``.

    Raises
    ------
    ParameterError
        If there is no corpus, two have the same name and speakers but are not known to be
        the same, or no class is in all of them.

    Examples
    --------
    >>> from serfast.datasets import Clip
    >>> one = Corpus("tess", (Clip("a.wav", "fearful", "OAF"), Clip("b.wav", "sad", "OAF")))
    >>> other = Corpus("mine", (Clip("c.wav", "Angst", "OAF"), Clip("d.wav", "puzzled", "X")))
    >>> both = unite([one, other], common=True)
    >>> both.name, [(clip.label, clip.speaker) for clip in both.clips]
    ('tess+mine', [('fearful', 'tess:OAF'), ('fearful', 'mine:OAF')])
    >>> both.left_out
    (('b.wav', 'dropped label sad'), ('d.wav', 'dropped label puzzled'))
    """
    if not corpora:
        raise ParameterError("a union needs at least one corpus")
    parts = [_in_common_words(corpus) for corpus in corpora]
    names = list(dict.fromkeys(chain.from_iterable(part.name.split("+") for part in parts)))
    if len(names) > 1:
        parts = [_with_own_speakers(part) for part in parts]
    _check_speakers(parts)
    if common:
        parts = _of_shared_classes(parts)
    return Corpus(
        name="+".join(names),
        clips=tuple(chain.from_iterable(part.clips for part in parts)),
        left_out=tuple(chain.from_iterable(part.left_out for part in parts)),
    )


def _in_common_words(corpus: Corpus) -> Corpus:
    return corpus.relabel({label: common_label(label) or label for label in corpus.labels})


def _with_own_speakers(corpus: Corpus) -> Corpus:
    # Those of a union have the names of its parts already.
    own = tuple(f"{name}:" for name in corpus.name.split("+")) if "+" in corpus.name else ()
    clips = (
        clip
        if clip.speaker is None or clip.speaker.startswith(own)
        else replace(clip, speaker=f"{corpus.name}:{clip.speaker}")
        for clip in corpus.clips
    )
    return replace(corpus, clips=tuple(clips))


def _check_speakers(parts: Sequence[Corpus]) -> None:
    owner: dict[str, str] = {}
    for part in parts:
        speakers = {clip.speaker for clip in part.clips if clip.speaker is not None}
        both = speakers & owner.keys() if part.name not in CORPORA else set()
        taken = sorted(name for name in both if name.partition(":")[0] not in CORPORA)
        if taken:
            raise ParameterError(
                f"speaker {taken[0]} is in two corpora named {part.name}: give one of them "
                "another name (dataclasses.replace; in a manifest, the column corpus) if these are "
                "different people, or list both in one manifest if they are the same"
            )
        owner |= dict.fromkeys(speakers, part.name)


def _of_shared_classes(parts: Sequence[Corpus]) -> list[Corpus]:
    shared = set.intersection(*(set(part.labels) for part in parts))
    if not shared:
        each = "; ".join(f"{part.name}: {', '.join(part.labels) or 'none'}" for part in parts)
        raise ParameterError(f"no class is in all of the corpora ({each})")
    return [
        part.relabel({name: None for name in part.labels if name not in shared}) for part in parts
    ]
