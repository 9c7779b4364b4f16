"""Least squares without negative solutions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._validate import Array
from .errors import ParameterError

__all__ = ["nnls"]

# Bytes of right-hand sides that are solved for together, as librosa does: when the search ends
# depends on all of them.
_BLOCK = 1 << 18


def nnls(A: Array, B: Array, **kwargs: Any) -> Array:
    """Non-negative least squares: the `X` without negative values that brings ``A @ X`` to `B`.

    Parameters
    ----------
    A : np.ndarray [shape=(m, n)]
        The matrix.
    B : np.ndarray [shape=(..., m, t)] or [shape=(m,)]
        Right-hand sides.
    **kwargs
        Options of `scipy.optimize.fmin_l_bfgs_b`, and `x_init`, where to begin. Default: the least
        squares solution, its negative values made 0.

    Returns
    -------
    X : np.ndarray [shape=(..., n, t)] or [shape=(n,)]
        Values of at least 0, in A's type.

    Raises
    ------
    ParameterError
        If `A` and `B` do not fit each other, or are not finite everywhere.

    See Also
    --------
    serfast.feature.inverse.mel_to_stft

    Notes
    -----
    Where there are more unknowns than equations many solutions are as good; the one that is found
    is near the least squares solution.

    References
    ----------
    ``librosa.util.nnls`` 0.11; Byrd, Lu and Nocedal, "A limited memory algorithm for bound
    constrained optimization" (SIAM Journal on Scientific Computing, 1995).

    Examples
    --------
    >>> A = np.array([[1.0, 1.0], [0.0, 1.0]])
    >>> nnls(A, np.array([[3.0, 1.0], [2.0, -1.0]])).round(3)
    array([[1., 1.],
           [2., 0.]])
    """
    A, B = np.asarray(A), np.asarray(B)
    rows = -2 if B.ndim > 1 else -1
    if A.ndim != 2 or B.ndim == 0 or B.shape[rows] != len(A):
        raise ParameterError(f"A of shape {A.shape} and B of shape {B.shape} do not fit each other")
    for name, matrix in (("A", A), ("B", B)):
        if matrix.dtype.kind not in "fiu" or not np.all(np.isfinite(matrix)):
            raise ParameterError(f"{name} must be real and finite everywhere")
    dtype = A.dtype if A.dtype.kind == "f" else np.float64
    if B.ndim == 1:
        from scipy.optimize import nnls as exact

        return np.asarray(exact(A, B)[0])
    start = kwargs.pop("x_init", None)
    if start is None:
        start = np.maximum(np.linalg.pinv(A) @ B, 0)
    X = np.empty((*B.shape[:-2], A.shape[1], B.shape[-1]), dtype=dtype)
    step = max(1, _BLOCK // max(1, int(np.prod(B.shape[:-1])) * A.itemsize))
    for first in range(0, B.shape[-1], step):
        part = (..., slice(first, first + step))
        X[part] = _nearest(A, B[part], start[part], kwargs)
    return X


def _nearest(A: Array, B: Array, start: Array, options: dict[str, Any]) -> Array:
    """The search for all columns together."""
    from scipy.optimize import fmin_l_bfgs_b
    from scipy.sparse import csr_array

    # Filter banks are nearly empty.
    sparse = csr_array(A.astype(np.float64))
    transposed = sparse.T.tocsr()
    targets = np.moveaxis(B.astype(np.float64), -2, 0).reshape(len(A), -1)
    begin = np.moveaxis(start.astype(np.float64), -2, 0)

    def misfit(x: Array) -> tuple[float, Array]:
        off = sparse @ x.reshape(A.shape[1], -1) - targets
        value = 0.5 * float(np.vdot(off, off)) / targets.size
        return value, (transposed @ off).reshape(-1) / targets.size

    found, _, _ = fmin_l_bfgs_b(
        misfit, begin.reshape(-1), bounds=[(0, None)] * begin.size,
        **{"m": A.shape[1], **options},
    )  # fmt: skip
    return np.moveaxis(found.reshape(begin.shape), 0, -2)
