"""The feature table: one row per clip, with what is needed to make it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serfast.datasets import Clip, Corpus

if TYPE_CHECKING:
    from serfast import Extractor


@dataclass(frozen=True)
class Failure:
    """A clip that gave no features: its row, its path, the stage that failed and why."""

    index: int
    path: str
    stage: str
    reason: str


@dataclass(frozen=True)
class FeatureTable:
    """Features of a corpus, with what is needed to make them again.

    Parameters
    ----------
    clips : tuple of Clip
        What each row describes.
    names : tuple of str
        The name of each column of `values`.
    values : np.ndarray [shape=(n_clips, n_columns), dtype=float32]
        The features; the row of a clip that failed is NaN.
    config : dict
        The extractor's configuration, and `hash` its hash.
    corpus : str
        The name of the corpus, see `serfast.datasets.Corpus`.
    version : str
        The version of serfast that computed the values.
    failures : tuple of Failure
        Why rows are NaN. A file that is loaded again has none; they are in their own file.

    Examples
    --------
    >>> table = FeatureTable((Clip("a.wav", "sad"),), ("rms_mean",), np.ones((1, 1), np.float32))
    >>> table.labels
    ['sad']
    """

    clips: tuple[Clip, ...]
    names: tuple[str, ...]
    values: npt.NDArray[np.float32]
    config: dict[str, Any] | None = None
    hash: str = ""
    corpus: str = "files"
    version: str = ""
    failures: tuple[Failure, ...] = ()

    @property
    def labels(self) -> list[str | None]:
        """The label of each row."""
        return [clip.label for clip in self.clips]

    @property
    def speakers(self) -> list[str | None]:
        """The speaker of each row."""
        return [clip.speaker for clip in self.clips]

    @property
    def complete(self) -> npt.NDArray[np.bool_]:
        """True for each row whose values are all finite."""
        return np.asarray(np.isfinite(self.values).all(axis=1))

    def rows(self, keep: npt.NDArray[np.bool_]) -> FeatureTable:
        """Return the table with only the rows where `keep` is true."""
        clips = tuple(clip for clip, kept in zip(self.clips, keep, strict=True) if kept)
        return replace(self, clips=clips, values=self.values[keep], failures=())


def extract_table(
    corpus: Corpus,
    extractor: Extractor,
    *,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FeatureTable:
    """Compute the features of every clip of a corpus.

    Parameters
    ----------
    corpus : Corpus
        The clips, from `serfast.datasets.find_clips`.
    extractor : Extractor
        A pooled extractor.
    threads : int, optional
        Worker threads, as in `Extractor.files`.
    progress : callable, optional
        Called as ``progress(done, total)`` now and then.

    Returns
    -------
    FeatureTable
        One row per clip; a clip that fails costs only its own row.

    Examples
    --------
    >>> import serfast
    >>> from serfast.datasets import find_clips, samples_dir
    >>> fx = serfast.Extractor(["rms"], sr=16000, pool="mean")
    >>> extract_table(find_clips(samples_dir()), fx).values.shape
    (48, 1)
    """
    from serfast import __version__
    from serfast.bulk._content import is_plain

    names = [clip.name for clip in corpus.clips]
    if all(map(is_plain, corpus.clips)):
        result = extractor.files(names, threads=threads, progress=progress)
    else:
        from serfast.bulk._shard import batch_of_clips

        result = batch_of_clips(corpus.clips, extractor, threads=threads, progress=progress)
    return FeatureTable(
        clips=corpus.clips,
        names=tuple(result.names),
        values=np.asarray(result.values, dtype=np.float32),
        config=extractor.config,
        hash=extractor.hash,
        corpus=corpus.name,
        version=__version__,
        failures=tuple(
            Failure(f.index, names[f.index], str(f.stage), str(f.reason)) for f in result.failures
        ),
    )
