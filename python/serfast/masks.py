"""Masks of spectrograms."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._validate import Array
from .errors import ParameterError

__all__ = ["softmask"]


def softmask(X: Array, X_ref: Array, *, power: float = 1, split_zeros: bool = False) -> Array:
    """How much of each element belongs to `X`, as against `X_ref`.

    Parameters
    ----------
    X, X_ref : np.ndarray, real, non-negative, of the same shape
        What is there, and what competes with it.
    power : float > 0
        Exponent of both: the larger, the harder the mask; ``np.inf`` for all or nothing.
    split_zeros : bool
        Whether the mask is 0.5 where both are zero; if not, it is 0.

    Returns
    -------
    mask : np.ndarray
        ``X**power / (X**power + X_ref**power)``, of X's dtype (float32 for integers); for an
        infinite `power`, where ``X > X_ref``, as bool.

    Raises
    ------
    ParameterError
        If the shapes differ, an element is negative or not a number, or `power` is not positive.

    See Also
    --------
    serfast.decompose.hpss

    References
    ----------
    ``librosa.util.softmask`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.util.softmask(np.array([3.0, 0.0]), np.array([1.0, 0.0]))
    array([0.75, 0.  ])
    """
    power = mask_power(power)
    X, X_ref = np.asarray(X), np.asarray(X_ref)
    if X.shape != X_ref.shape:
        raise ParameterError(
            f"X has shape {X.shape} and X_ref {X_ref.shape}; they must be the same"
        )
    if not (np.all(X >= 0) and np.all(X_ref >= 0)):
        raise ParameterError("X and X_ref must be non-negative everywhere")
    if np.isinf(power):
        return np.asarray(X_ref < X)
    dtype = X.dtype if np.issubdtype(X.dtype, np.floating) else np.dtype(np.float32)
    larger = np.maximum(X, X_ref).astype(dtype)
    nothing = larger < np.finfo(dtype).tiny
    larger[nothing] = 1
    ours, theirs = (X / larger) ** power, (X_ref / larger) ** power
    ours[nothing], theirs[nothing] = (1, 1) if split_zeros else (0, 1)
    return np.asarray(ours / (ours + theirs), dtype=np.result_type(ours))


def mask_power(power: Any) -> float:
    """The exponent of a mask, checked."""
    if not (isinstance(power, (int, float, np.number)) and power > 0):
        raise ParameterError(f"power={power!r} must be a number greater than 0, or infinite")
    return float(power)
