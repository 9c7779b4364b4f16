"""Decibels and back."""

import numpy as np


def power_to_db(S, *, ref=1.0, amin=1e-10, top_db=80.0):
    """10 log10(S / ref), nothing below amin, nothing more than top_db under the maximum of all S.

    In `mfcc` and `spectral_contrast` each leading channel has a maximum of its own, here and in
    serfast; librosa 0.11 takes the maximum over all channels there.
    """
    if amin <= 0:
        raise ValueError(f"amin={amin} must be positive")
    if top_db is not None and top_db < 0:
        raise ValueError(f"top_db={top_db} must not be negative")
    S = np.abs(S) if np.iscomplexobj(S) else np.asarray(S)
    reference = ref(S) if callable(ref) else np.abs(ref)
    level = 10 * np.log10(np.maximum(amin, S)) - 10 * np.log10(np.maximum(amin, reference))
    return level if top_db is None else np.maximum(level, level.max() - top_db)


def power_to_db_by_channel(S, top_db):
    """`power_to_db`, each (rows, frames) on its own."""
    channels = [power_to_db(channel, top_db=top_db) for channel in S.reshape(-1, *S.shape[-2:])]
    return np.reshape(channels, S.shape)


def amplitude_to_db(S, *, ref=1.0, amin=1e-5, top_db=80.0):
    """20 log10(|S| / ref), with the limits of `power_to_db`."""
    S = np.abs(S)
    reference = ref(S) if callable(ref) else np.abs(ref)
    return power_to_db(S**2, ref=reference**2, amin=amin**2, top_db=top_db)


def db_to_power(S_db, *, ref=1.0):
    """Power of decibels."""
    return ref * 10.0 ** (S_db / 10)


def db_to_amplitude(S_db, *, ref=1.0):
    """Amplitude of decibels."""
    return np.sqrt(db_to_power(S_db, ref=ref**2))
