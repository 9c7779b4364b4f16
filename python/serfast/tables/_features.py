"""Features as scikit-learn takes them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from serfast.datasets import Clip
from serfast.tables._files import is_output, load_table, whole_shards

if TYPE_CHECKING:
    from serfast.bulk import Frames, Job


class Features(NamedTuple):
    """Names of the columns, the matrix, and for each row its label and its group.

    Attributes
    ----------
    names : list of str
        A name for each column.
    matrix : np.ndarray [shape=(rows, columns)], float32, or serfast.bulk.Frames
        The values; where the output holds frames, a sequence of arrays ``(rows, frames)``, each of
        which is read when it is asked for.
    labels : np.ndarray [shape=(rows,)] of str, or None
        The emotion or class, empty where it is unknown; None where no row has one.
    groups : np.ndarray [shape=(rows,)] of str, or None
        The speaker, in the same way; a part of a recording whose speaker is unknown has the
        recording's path instead, so that folds keep the parts together.
    """

    names: list[str]
    matrix: npt.NDArray[np.float32] | Frames
    labels: npt.NDArray[np.str_] | None
    groups: npt.NDArray[np.str_] | None


def load_features(path: str | os.PathLike[str]) -> Features:
    """Read the features that ``serfast extract`` wrote, ready for scikit-learn.

    Parameters
    ----------
    path : path
        A folder of shards, or a file: ``.parquet``, ``.npz`` or ``.csv``.

    Returns
    -------
    Features
        A named tuple: ``names, matrix, labels, groups``. Rows come in the order of their paths,
        those of a file in its own. Clips that failed have no row. Where a job is not finished, a
        warning says so.

    Raises
    ------
    ParameterError
        If it is no such folder or file.

    Examples
    --------
    >>> import serfast, tempfile
    >>> from serfast.bulk import run_job
    >>> fx = serfast.Extractor(["mfcc"], sr=16000, pool="mean", n_mfcc=13)
    >>> output = tempfile.mkdtemp()
    >>> _ = run_job(serfast.datasets.samples_dir(), output, fx)
    >>> names, X, y, groups = serfast.load_features(output)
    >>> X.shape, names[0], str(y[0]), str(groups[0])
    ((48, 13), 'mfcc_01_mean', 'neutral', '01')
    """
    if is_output(path) and (job := _job(path)).is_framewise:
        from serfast.bulk import Frames

        whole_shards(job)
        frames = Frames(path)
        return Features(frames.names, frames, _labels(frames.clips), _groups(frames.clips))
    table = load_table(path)
    table = table.rows(np.asarray(~np.isnan(table.values).all(axis=1)))
    return Features(list(table.names), table.values, _labels(table.clips), _groups(table.clips))


def _job(path: str | os.PathLike[str]) -> Job:
    from serfast.bulk import Job

    return Job.load(path)


def _labels(clips: Iterable[Clip]) -> npt.NDArray[np.str_] | None:
    return _texts([clip.label for clip in clips])


def _groups(clips: Iterable[Clip]) -> npt.NDArray[np.str_] | None:
    return _texts([clip.speaker or (clip.path if clip.is_part else None) for clip in clips])


def _texts(facts: list[str | None]) -> npt.NDArray[np.str_] | None:
    if not any(fact is not None for fact in facts):
        return None
    return np.array([fact or "" for fact in facts], dtype=np.str_)
