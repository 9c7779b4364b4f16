"""Onset strength: rises of the bands of a mel spectrogram."""

import numpy as np

from .decibel import power_to_db
from .mel import melspectrogram


def onset_strength(*, y=None, sr=22050, S=None, lag=1, max_size=1, detrend=False, center=True,
                   aggregate=np.mean, n_fft=2048, hop_length=512, **mel):  # fmt: skip
    """The mean over bands of max(0, S[t] - (S around the band)[t - lag]), moved to frame t."""
    for value in (lag, max_size, n_fft, hop_length):
        if not isinstance(value, (int, np.integer)) or value < 1:
            raise ValueError(f"{value} must be a positive integer")
    if aggregate is False:
        raise ValueError("the bands must be put together")
    if S is None:
        if y is None:
            raise ValueError("y or S must be given")
        mel = {"fmax": 0.5 * sr} | mel
        S = power_to_db(melspectrogram(y=y, sr=sr, n_fft=n_fft, hop_length=hop_length, **mel))
    n_bands, n_frames = S.shape[-2:]
    earlier = np.stack(
        [
            S[..., max(0, k - max_size // 2) : k + max_size - max_size // 2, :].max(axis=-2)
            for k in range(n_bands)
        ],
        axis=-2,
    )
    rises = np.maximum(0.0, S[..., lag:] - earlier[..., :-lag])
    strength = (aggregate or np.mean)(rises, axis=-2)
    late = lag + (n_fft // (2 * hop_length) if center else 0)
    strength = np.concatenate([np.zeros((*S.shape[:-2], late)), strength], axis=-1)
    if detrend:
        strength = _without_trend(strength)
    return strength[..., :n_frames] if center else strength


def _without_trend(x):
    """y[t] = x[t] - x[t - 1] + 0.99 y[t - 1]."""
    result = np.array(x)
    for t in range(1, x.shape[-1]):
        result[..., t] = x[..., t] - x[..., t - 1] + 0.99 * result[..., t - 1]
    return result
