"""Frames of a signal, and scaling of columns."""

import numpy as np


def frames(y, length, hop):
    """Matrix (..., length, n_frames): column t holds the samples from t * hop on."""
    if y.shape[-1] < length:
        raise ValueError(f"{y.shape[-1]} samples are too few for a frame of {length}")
    if hop < 1:
        raise ValueError(f"hop_length={hop} must be positive")
    starts = np.arange(0, y.shape[-1] - length + 1, hop)
    return y[..., np.arange(length)[:, None] + starts]


def pad(y, before, after, mode):
    """Numpy's padding along the last axis."""
    return np.pad(y, [(0, 0)] * (y.ndim - 1) + [(before, after)], mode=mode)


def normalize(x, norm, axis):
    """Scale along an axis to norm 1; what is too small to divide by is left as it is."""
    size = np.abs(x).astype(float)
    if norm is None:
        return x
    if norm == np.inf:
        length = size.max(axis=axis, keepdims=True)
    elif norm == -np.inf:
        length = size.min(axis=axis, keepdims=True)
    elif norm == 0:
        length = (size > 0).sum(axis=axis, keepdims=True)
    elif np.isreal(norm) and norm > 0:
        length = (size**norm).sum(axis=axis, keepdims=True) ** (1 / norm)
    else:
        raise ValueError(f"norm={norm!r} is not supported")
    return x / np.where(length < np.finfo(x.dtype).tiny, 1.0, length)
