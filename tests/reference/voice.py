"""Fundamental frequency of voiced frames, and periodicity."""

import numpy as np

from .f0 import chosen_troughs


def voiced_f0(*, min_periodicity=0.7, **options):
    """YIN's frequencies where the frame is periodic enough, else NaN."""
    f0, trough = _pitch(**options)
    return np.where(1 - trough >= min_periodicity, f0, np.nan)[..., None, :]


def periodicity(**options):
    """One less the difference function at the period."""
    _, trough = _pitch(**options)
    return np.clip(1 - trough, 0, 1)[..., None, :]


def _pitch(*, y, sr=22050, fmin=60.0, fmax=600.0, hop_length=512, **options):
    periods, troughs = chosen_troughs(
        y, fmin=fmin, fmax=fmax, sr=sr, hop_length=hop_length, **options
    )
    return sr / periods, troughs
