"""Derivatives and copies over time, and pre-emphasis."""

import numpy as np

from .framing import pad

_PAD_MODES = {"mirror": "reflect", "constant": "constant", "nearest": "edge", "wrap": "wrap"}


def delta(data, *, width=9, order=1, axis=-1, mode="interp"):
    """Derivative of the polynomial fitted to the width values around each value.

    With mode="interp" the values near an end take the polynomial of the width values at that end.
    """
    if width < 3 or width % 2 != 1 or order < 1 or order >= width:
        raise ValueError(f"width={width} must be odd, at least 3 and more than order={order}")
    data = np.moveaxis(np.asarray(data, dtype=float), axis, -1)
    n, half = data.shape[-1], width // 2
    if mode == "interp":
        if width > n:
            raise ValueError(f"width={width} must not exceed the {n} values")
        starts = np.clip(np.arange(n) - half, 0, n - width)
        centres = np.arange(n) - starts
    else:
        data = pad(data, half, half, _PAD_MODES[mode])
        starts, centres = np.arange(n), np.full(n, half)
    windows = data[..., starts[:, None] + np.arange(width)]
    weights = np.array([_slope_weights(width, order, centre) for centre in range(width)])
    return np.moveaxis(np.sum(windows * weights[centres], axis=-1), -1, axis)


def _slope_weights(width, order, centre):
    """Weights that give the order-th derivative at a position of the fit of that order."""
    powers = np.vander(np.arange(width) - centre, order + 1, increasing=True)
    return np.linalg.pinv(powers)[order] * np.prod(np.arange(1, order + 1))


def preemphasis(y, *, coef=0.97, zi=None, return_zf=False):
    """y[n] - coef * y[n - 1]; zi stands for the missing -coef * y[-1] (a straight line back)."""
    if not np.issubdtype(y.dtype, np.floating):
        raise ValueError("y must be floating-point samples")
    if y.shape[-1] < (2 if zi is None else 1):
        raise ValueError("y needs two samples, or one and zi")
    if zi is None:
        zi = 2 * y[..., :1] - y[..., 1:2]
    zi = np.atleast_1d(zi)
    result = y - coef * np.concatenate([np.zeros_like(y[..., :1]), y[..., :-1]], axis=-1)
    result[..., :1] += zi
    return (result, -coef * y[..., -1:]) if return_zf else result


def stack_memory(data, *, n_steps=2, delay=1, mode="constant"):
    """Copies of the rows, copy k showing at frame t what was at t - k * delay."""
    if n_steps < 1 or delay == 0:
        raise ValueError("n_steps must be positive and delay not 0")
    data = np.atleast_2d(data)
    reach, n = (n_steps - 1) * delay, data.shape[-1]
    wide = pad(data, max(reach, 0), max(-reach, 0), mode)
    starts = [max(reach, 0) - k * delay for k in range(n_steps)]
    return np.concatenate([wide[..., start : start + n] for start in starts], axis=-2)


def deemphasis(y, *, coef=0.97, zi=None, return_zf=False):
    """The signal before pre-emphasis: y[n] + coef * (what came out at n - 1)."""
    if not np.issubdtype(y.dtype, np.floating):
        raise ValueError("y must be floating-point samples")
    if y.shape[-1] == (1 if zi is None else 0):
        raise ValueError("y needs two samples, or one and zi")
    state = np.zeros_like(y[..., :1]) if zi is None else np.asarray(zi, dtype=y.dtype)
    y_out = np.empty_like(y)
    for n in range(y.shape[-1]):
        y_out[..., n : n + 1] = y[..., n : n + 1] + state
        state = coef * y_out[..., n : n + 1]
    if zi is None:
        lead = ((2 - coef) * y[..., :1] - y[..., 1:2]) / (3 - coef)
        y_out = y_out - lead * coef ** np.arange(y.shape[-1])
    return (y_out, state) if return_zf else y_out
