"""Beats: when they are, and how fast they follow each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _validate as validate
from ._validate import Array, Real
from .arrays import expand_to, normalize
from .errors import ParameterError
from .onset import checked_envelope
from .rhythm import fourier_tempogram, tempo
from .spectrum import istft
from .times import fourier_tempo_frequencies
from .values import tiny

__all__ = ["plp", "tempo"]


def plp(
    *,
    y: Real | None = None,
    sr: float = 22050,
    onset_envelope: Array | None = None,
    hop_length: int = 512,
    win_length: int = 384,
    tempo_min: float | None = 30,
    tempo_max: float | None = 300,
    prior: Any = None,
) -> Array:
    """Predominant local pulse: a curve that peaks at the beats, whatever their loudness.

    Around each frame the one pulse that fits the onset strength best is kept.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    onset_envelope : np.ndarray [shape=(..., frames)], optional
        Onset strength; counts before `y`.
    hop_length : int > 0
        Samples from each frame to the next.
    win_length : int > 0
        Frames under the window of the tempogram.
    tempo_min, tempo_max : float or None
        The slowest and the fastest pulse in beats per minute. None: no limit.
    prior : scipy.stats.rv_continuous, optional
        Probability of tempi.

    Returns
    -------
    pulse : np.ndarray [shape=(..., frames)]
        The pulse, from 0 to 1.

    Raises
    ------
    ParameterError
        If neither `y` nor `onset_envelope` is given, one of them cannot be used, or an option is
        out of its range.

    See Also
    --------
    serfast.fourier_tempogram, serfast.onset.onset_strength

    References
    ----------
    ``librosa.beat.plp`` 0.11; Grosche and Mueller, "Extracting predominant local pulse information
    from music recordings" (IEEE Transactions on Audio, Speech, and Language Processing, 2011).

    Examples
    --------
    >>> import serfast
    >>> envelope = np.zeros(600)
    >>> envelope[::20] = 1
    >>> pulse = serfast.beat.plp(onset_envelope=envelope)
    >>> int(pulse[250:270].argmax()) + 250
    260
    """
    limits = [limit for limit in (tempo_min, tempo_max) if limit is not None]
    for limit in limits:
        validate.number("tempo_min or tempo_max", limit)
    if len(limits) == 2 and limits[1] <= limits[0]:
        raise ParameterError(f"tempo_max={tempo_max} must be more than tempo_min={tempo_min}")
    envelope = checked_envelope(y, sr, onset_envelope, hop_length, np.median)
    waves = fourier_tempogram(
        onset_envelope=envelope, sr=sr, hop_length=hop_length, win_length=win_length
    )
    bpm = fourier_tempo_frequencies(sr=sr, hop_length=hop_length, win_length=win_length)
    if tempo_min is not None:
        waves[..., bpm < tempo_min, :] = 0
    if tempo_max is not None:
        waves[..., bpm > tempo_max, :] = 0
    strength = np.log1p(1e6 * np.abs(waves))
    if prior is not None:
        strength += prior.logpdf(expand_to(bpm, ndim=waves.ndim, axes=-2))
    waves[strength < strength.max(axis=-2, keepdims=True)] = 0
    # Only the phase counts; complex numbers are ordered by their real part, then the imaginary one.
    waves /= tiny(waves) ** 0.5 + np.abs(waves.max(axis=-2, keepdims=True))
    pulse = istft(waves, hop_length=1, n_fft=win_length, length=envelope.shape[-1])
    return normalize(np.maximum(pulse, 0), axis=-1)
