"""Features as scikit-learn takes them."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from serfast.tables._files import load_table


class Features(NamedTuple):
    """Names of the columns, the matrix, and for each row its label and its group.

    Attributes
    ----------
    names : list of str
        A name for each column.
    matrix : np.ndarray [shape=(rows, columns)], float32
        The values.
    labels : np.ndarray [shape=(rows,)] of str, or None
        The emotion or class, empty where it is unknown; None where no row has one.
    groups : np.ndarray [shape=(rows,)] of str, or None
        The speaker, in the same way.
    """

    names: list[str]
    matrix: npt.NDArray[np.float32]
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
    table = load_table(path)
    table = table.rows(np.asarray(~np.isnan(table.values).all(axis=1)))
    return Features(list(table.names), table.values, _texts(table.labels), _texts(table.speakers))


def _texts(facts: list[str | None]) -> npt.NDArray[np.str_] | None:
    if not any(fact is not None for fact in facts):
        return None
    return np.array([fact or "" for fact in facts], dtype=np.str_)
