"""Pitch class profile of the power spectrum."""

import numpy as np

from . import filters
from .framing import normalize
from .pitch import estimate_tuning
from .spectrum import magnitude


def chroma_stft(*, y=None, sr=22050, S=None, norm=np.inf, n_fft=2048, hop_length=512,
                win_length=None, window="hann", center=True, pad_mode="constant", tuning=None,
                n_chroma=12, **filter_options):  # fmt: skip
    """Energy of each pitch class (n_chroma, n_frames), scaled by norm in each frame.

    The tuning is estimated from the same power spectrum, and as librosa does it without naming
    n_fft: unless it has 1025 rows, the estimate takes it to come from an even transform. Each
    channel has a tuning of its own (librosa 0.11: one for all channels).
    """
    S, n_fft = magnitude(y, S, n_fft, 2, hop_length=hop_length, win_length=win_length,
                         window=window, center=center, pad_mode=pad_mode)  # fmt: skip
    profiles = []
    for channel in S.reshape(-1, *S.shape[-2:]):
        found = tuning
        if tuning is None:
            found = estimate_tuning(S=channel, sr=sr, bins_per_octave=n_chroma)
        weights = filters.chroma(sr=sr, n_fft=n_fft, tuning=found, n_chroma=n_chroma,
                                 **filter_options)  # fmt: skip
        profiles.append(normalize(weights.astype(float) @ channel, norm, axis=-2))
    return np.reshape(profiles, (*S.shape[:-2], n_chroma, S.shape[-1]))
