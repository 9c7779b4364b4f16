"""From a corpus or a feature table to examples to learn from, with a word on what was left."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serfast.datasets import CORPORA, Clip, Corpus, common_label
from serfast.datasets._inspect import NO_SOUND
from serfast.errors import ParameterError, SerfastError
from serfast.models._specs import ModelSpec
from serfast.tables import FeatureTable, extract_table

if TYPE_CHECKING:
    from serfast import Extractor

Progress = Callable[[int, int], None]
Rows = npt.NDArray[np.intp]
N_COMPARED = 16


@dataclass(frozen=True)
class Examples:
    """Labelled clips and what an estimator is given of each.

    Parameters
    ----------
    clips : tuple of Clip
        What each example is.
    X : np.ndarray or Recordings
        Features, a row per clip, or recordings; an array of rows selects from either.
    corpus : str
        The name of the corpus.
    features : FeatureTable or None
        Where the features come from.
    """

    clips: tuple[Clip, ...]
    X: Any
    corpus: str
    features: FeatureTable | None = None

    @property
    def labels(self) -> npt.NDArray[np.str_]:
        """The class of each example."""
        return np.array([clip.label for clip in self.clips], dtype=np.str_)

    @property
    def speakers(self) -> list[str | None]:
        """The speaker of each example."""
        return [clip.speaker for clip in self.clips]

    @property
    def voices(self) -> list[str | None]:
        """The speaker of each example, by a name that holds beyond the corpus, see `voice_of`."""
        return [voice_of(speaker, self.corpus) for speaker in self.speakers]

    @cached_property
    def fingerprints(self) -> npt.NDArray[np.uint64]:
        """64 bits of what is heard of each example.

        Identical recordings have the same features, whatever their files are called and however
        they are packed. Recordings are known by the content hash of their corpus.
        """
        if self.features is None:
            heard = [(clip.hash or clip.path).encode() for clip in self.clips]
        else:
            heard = [row.tobytes() for row in _compared(self.X)]
        return np.array([int.from_bytes(sha256(h).digest()[:8], "big") for h in heard], np.uint64)

    def of_rows(self, rows: Rows) -> Examples:
        """Some of the examples."""
        return replace(self, clips=tuple(self.clips[row] for row in rows), X=self.X[rows])

    def groups(self, rows: Rows) -> npt.NDArray[np.str_] | None:
        """The speakers of some examples, None if one is unknown."""
        speakers = [self.clips[row].speaker for row in rows]
        return None if None in speakers else np.array(speakers, dtype=np.str_)


def _compared(X: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
    """What identical recordings have in common on all processors, which differ in last bits.

    Of many columns some are compared, to three digits: in one of a hundred rows, one of them lies
    so close to a border that it is rounded elsewhere on another processor.
    """
    if X.shape[1] < 4 * N_COMPARED:
        return X
    few = X[:, np.linspace(0, X.shape[1] - 1, N_COMPARED).astype(int)].astype(np.float64)
    mantissa, exponent = np.frexp(few)
    return np.ldexp(np.round(mantissa * 1024), exponent) + 0.0


def voice_of(speaker: str | None, corpus: str) -> str | None:
    """Return a name of a speaker that other corpora can be searched for.

    Published corpora number their speakers alike, so theirs are called after the corpus. Elsewhere
    the same name is taken for the same person.

    Examples
    --------
    >>> voice_of("01", "ravdess"), voice_of("ravdess:01", "ravdess+mine")
    ('ravdess:01', 'ravdess:01')
    >>> voice_of("anna", "monday"), voice_of("mine:anna", "ravdess+mine")
    ('anna', 'anna')
    """
    if speaker is None:
        return None
    parts = corpus.split("+")
    owner, separator, name = speaker.partition(":")
    if len(parts) == 1 or not separator or owner not in parts:
        owner, name = corpus, speaker
    return f"{owner}:{name}" if owner in CORPORA else name


def load_examples(
    data: FeatureTable | Corpus,
    spec: ModelSpec,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[Examples, list[str]]:
    """Return what a model can learn from data, and notes on the rest.

    Parameters
    ----------
    data : FeatureTable or Corpus
        Features, or clips of which a model's own features are computed, or which it hears.
    spec : ModelSpec
        The model.
    threads, progress
        As in `Extractor.files`, for the features of a corpus.

    Raises
    ------
    ParameterError
        If the table's columns are not those of the model's recipe, if the model takes recordings
        and not a table, or if fewer than two classes remain.
    """
    notes = [] if spec.recipe is None else _about(spec, data)
    keep = np.ones(len(data.clips), dtype=np.bool_)
    if spec.recipe is not None:
        wanted = spec.recipe.emotions
        kept = np.array([clip.label in (None, *wanted) for clip in data.clips], dtype=np.bool_)
        keep = _keep(keep, kept, f"of emotions that {spec.name} does not use", notes)
    labelled = np.array([clip.label is not None for clip in data.clips], dtype=np.bool_)
    keep = _keep(keep, labelled, "no label", notes)
    if isinstance(data, FeatureTable):
        examples = _of_table(data, keep, spec, notes)
    elif spec.features is not None:
        clips = tuple(clip for clip, kept in zip(data.clips, keep, strict=True) if kept)
        table = extract_table(
            replace(data, clips=clips), spec.extractor(), threads=threads, progress=progress
        )
        examples = _of_table(table, np.ones(len(clips), dtype=np.bool_), spec, notes)
    else:
        examples = _of_recordings(data, keep, spec, notes)
    classes = np.unique(examples.labels).tolist()
    if len(classes) < 2:
        raise ParameterError(
            f"learning needs labelled clips of at least two classes; here is "
            f"{', '.join(classes) or 'none'} (labels come from the names of known corpora or from "
            f"one folder per class)"
        )
    return examples, notes


def as_taught(spec: ModelSpec, examples: Examples) -> Examples:
    """Return the examples with the labels that a model learns: emotions, or sex and emotion.

    Raises
    ------
    ParameterError
        If it learns the sex, and that of a clip is unknown.
    """
    if spec.recipe is None or not spec.recipe.with_sex:
        return examples
    unknown = sum(clip.sex is None for clip in examples.clips)
    if unknown:
        raise ParameterError(
            f"{spec.name} learns sex and emotion; the speaker's sex is unknown of {unknown} clips"
        )
    named = (replace(clip, label=f"{clip.sex} {clip.label}") for clip in examples.clips)
    return replace(examples, clips=tuple(named))


def join_examples(first: Examples, second: Examples, notes: list[str]) -> tuple[Examples, int]:
    """Return two corpora's examples of the classes that both have, and how many are the first's.

    Speakers have names that hold in both, see `voice_of`.

    Raises
    ------
    ParameterError
        If they share less than two classes, or their features are not the same.
    """
    first, second = in_common_words(first), in_common_words(second)
    common = np.intersect1d(first.labels, second.labels)
    if len(common) < 2:
        raise ParameterError(
            f"{first.corpus} and {second.corpus} share {len(common)} classes, two are needed: "
            f"{', '.join(np.unique(first.labels))} and {', '.join(np.unique(second.labels))}"
        )
    if first.features and second.features and first.features.hash != second.features.hash:
        raise ParameterError(
            f"{first.corpus} and {second.corpus} have features of different configurations, "
            f"{first.features.hash} and {second.features.hash}: extract both with the same (those "
            f"of a folder are the model's own)"
        )
    parts, clips = [], []
    for examples in (first, second):
        rows = np.flatnonzero(np.isin(examples.labels, common))
        if len(rows) < len(examples.clips):
            lost = ", ".join(np.setdiff1d(examples.labels, common))
            notes.append(f"{examples.corpus}: left out {lost}, which the other corpus has not")
        parts.append(examples.X[rows])
        voices = examples.voices
        clips.append(tuple(replace(examples.clips[row], speaker=voices[row]) for row in rows))
    together = np.concatenate(parts) if first.features else parts[0] + parts[1]
    name = f"{first.corpus} to {second.corpus}"
    return Examples(clips[0] + clips[1], together, name, first.features), len(clips[0])


def in_common_words(examples: Examples) -> Examples:
    """Return the examples with the common names of emotions, where they have some."""
    words = {str(label): common_label(str(label)) or str(label) for label in examples.labels}
    clips = tuple(replace(clip, label=words[str(clip.label)]) for clip in examples.clips)
    return replace(examples, clips=clips)


def find_duplicates(examples: Examples) -> list[list[int]]:
    """Return groups of examples that are the same sound."""
    groups: dict[int, list[int]] = {}
    for row, fingerprint in enumerate(examples.fingerprints.tolist()):
        groups.setdefault(fingerprint, []).append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


def _about(spec: ModelSpec, data: FeatureTable | Corpus) -> list[str]:
    assert spec.recipe is not None
    notes = [f"{spec.name} is {spec.recipe.about}; from {spec.recipe.source}"]
    present = {clip.label for clip in data.clips}
    absent = [name for name in spec.recipe.emotions if name not in present]
    if absent:
        emotions = ", ".join(spec.recipe.emotions)
        notes.append(f"{spec.name} knows {emotions}; no {', '.join(absent)} here")
    return notes


def _keep(
    keep: npt.NDArray[np.bool_], good: npt.NDArray[np.bool_], why: str, notes: list[str]
) -> npt.NDArray[np.bool_]:
    lost = int((keep & ~good).sum())
    if lost:
        notes.append(f"left out {lost} of {int(keep.sum())} clips: {why}")
    return keep & good


def _of_table(
    table: FeatureTable, keep: npt.NDArray[np.bool_], spec: ModelSpec, notes: list[str]
) -> Examples:
    if spec.features is None:
        raise ParameterError(
            f"{spec.name} hears recordings, not features: give it the folder of audio, not a table"
        )
    from serfast import Extractor

    if spec.recipe is not None:
        _check_recipe(table, spec)
    keep = _keep(keep, table.complete, "no features (the clip failed)", notes)
    # Of features that this version does not make, silence is not known.
    with contextlib.suppress(SerfastError, KeyError, TypeError):
        silent = silent_rows(table.values, Extractor.from_config(table.config or {}))
        keep = _keep(keep, ~silent, f"silent, {NO_SOUND}", notes)
    rows = table.rows(keep)
    return Examples(rows.clips, rows.values, rows.corpus, rows)


def _of_recordings(
    corpus: Corpus, keep: npt.NDArray[np.bool_], spec: ModelSpec, notes: list[str]
) -> Examples:
    from serfast.datasets import Recordings, inspect_clips

    corpus = inspect_clips(replace(corpus, clips=tuple(np.array(corpus.clips, dtype=object)[keep])))
    notes += [f"left out {path}: {reason}" for path, reason in corpus.left_out]
    assert spec.rate is not None
    paths: Sequence[str] = [clip.path for clip in corpus.clips]
    return Examples(corpus.clips, Recordings(paths, spec.rate), corpus.name)


def silent_rows(values: npt.NDArray[Any], extractor: Extractor) -> npt.NDArray[np.bool_]:
    """Return which rows are those of digital silence."""
    silence = np.asarray(extractor(np.zeros(round(extractor.sr), np.float32)))
    return np.asarray((values == silence).all(axis=1))


def _check_recipe(table: FeatureTable, spec: ModelSpec) -> None:
    wanted = spec.extractor()
    if table.hash != wanted.hash:
        raise ParameterError(
            f"{spec.name} needs its own features ({len(wanted.names)} columns, configuration "
            f"{wanted.hash}); this table has {len(table.names)} columns, configuration "
            f"{table.hash or 'unknown'}: run `serfast extract DIR --recipe {spec.name}`"
        )
