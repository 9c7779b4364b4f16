"""Spectrograms taken apart."""

import numpy as np


def hpss(S, *, kernel_size=31, power=2.0, mask=False, margin=1.0):
    """Harmonic and percussive parts (or masks) by running medians along time and frequency."""
    sizes, margins = (_pair(value) for value in (kernel_size, margin))
    if min(margins) < 1:
        raise ValueError(f"margin={margin} must be at least 1")
    magnitude = np.abs(S) if np.iscomplexobj(S) else S
    medians = [_running_median(magnitude, sizes[part], -1 - part) for part in range(2)]
    split_zeros = margins[0] == margins[1] == 1
    masks = tuple(
        softmask(medians[part], medians[1 - part] * margins[part], power, split_zeros)
        for part in range(2)
    )
    return masks if mask else tuple(S * one for one in masks)


def _pair(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def _running_median(S, size, axis):
    """Element of rank size // 2 of the windows; the borders mirrored, the edge repeated."""
    if size < 1:
        raise ValueError(f"a median of {size} elements is not defined")
    widths = [(0, 0)] * S.ndim
    widths[axis] = (size // 2, (size - 1) // 2)
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(S, widths, mode="symmetric"), size, axis=axis
    )
    return np.sort(windows, axis=-1)[..., size // 2]


def softmask(x, reference, power, split_zeros):
    """How much of each element belongs to x."""
    if np.any(x < 0) or np.any(reference < 0):
        raise ValueError("masks need non-negative values")
    if power <= 0:
        raise ValueError(f"power={power} must be positive")
    if np.isinf(power):
        return x > reference
    larger = np.maximum(x, reference)
    nothing = larger < np.finfo(x.dtype).tiny
    larger = np.where(nothing, 1.0, larger)
    ours, theirs = (x / larger) ** power, (reference / larger) ** power
    return np.where(
        nothing, 0.5 if split_zeros else 0.0, ours / np.where(nothing, 1, ours + theirs)
    )
