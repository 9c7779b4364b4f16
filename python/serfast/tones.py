"""Signals made from scratch: tones, sweeps, clicks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._validate import Array
from .errors import ParameterError
from .times import frames_to_samples, time_to_samples
from .values import valid_audio

__all__ = ["chirp", "clicks", "tone"]


def tone(
    frequency: float,
    *,
    sr: float = 22050,
    length: int | None = None,
    duration: float | None = None,
    phi: float | None = None,
) -> Array:
    """A pure tone.

    Parameters
    ----------
    frequency : number
        Frequency in Hz.
    sr : number > 0
        Sampling rate in Hz.
    length : int >= 0 or None
        Number of samples; counts before `duration`.
    duration : float >= 0 or None
        Length in seconds.
    phi : float or None
        Phase of the cosine in radians. None: ``-pi / 2``, a sine.

    Returns
    -------
    tone_signal : np.ndarray [shape=(length,)], float64
        The tone, of amplitude 1.

    Raises
    ------
    ParameterError
        If neither `length` nor `duration` is given, or an argument is out of its range.

    See Also
    --------
    chirp

    References
    ----------
    ``librosa.tone`` 0.11.

    Examples
    --------
    >>> tone(1000, sr=4000, length=5).round(3) + 0
    array([ 0.,  1.,  0., -1.,  0.])
    """
    hertz = validate.number("frequency", frequency)
    rate = validate.positive("sr", sr)
    phase = -0.5 * np.pi if phi is None else validate.number("phi", phi)
    n = _length(length, duration, rate)
    return np.asarray(np.cos(2 * np.pi * hertz * np.arange(n) / rate + phase))


def chirp(
    *,
    fmin: float,
    fmax: float,
    sr: float = 22050,
    length: int | None = None,
    duration: float | None = None,
    linear: bool = False,
    phi: float | None = None,
) -> Array:
    """A sine that sweeps from one frequency to another.

    Parameters
    ----------
    fmin, fmax : number
        Frequencies at the beginning and the end in Hz; above 0 unless `linear`.
    sr : number > 0
        Sampling rate in Hz.
    length, duration, phi
        As in `tone`.
    linear : bool
        Whether the frequency changes by as many Hz in each second, instead of by as many octaves.

    Returns
    -------
    chirp_signal : np.ndarray [shape=(length,)], float64
        The sweep, of amplitude 1.

    Raises
    ------
    ParameterError
        If neither `length` nor `duration` is given, or an argument is out of its range.

    See Also
    --------
    tone

    References
    ----------
    ``librosa.chirp`` 0.11; ``scipy.signal.chirp``.

    Examples
    --------
    >>> chirp(fmin=100, fmax=400, sr=8000, duration=0.5).shape
    (4000,)
    """
    from scipy.signal import chirp as sweep

    check = validate.number if linear else validate.positive
    low, high, rate = check("fmin", fmin), check("fmax", fmax), validate.positive("sr", sr)
    phase = -0.5 * np.pi if phi is None else validate.number("phi", phi)
    n = _length(length, duration, rate)
    seconds = n / rate if length is not None or duration is None else float(duration)
    return np.asarray(
        sweep(
            np.arange(int(seconds * rate)) / rate, low, seconds, high,
            method="linear" if linear else "logarithmic", phi=np.degrees(phase),
        )
    )  # fmt: skip


def _length(length: Any, duration: Any, sr: float) -> int:
    if length is None and duration is None:
        raise ParameterError("either length or duration must be given")
    if length is None:
        return int(validate.number("duration", duration, 0) * sr)
    return 0 if length == 0 else validate.positive_int("length", length)


def clicks(
    *,
    times: npt.ArrayLike | None = None,
    frames: npt.ArrayLike | None = None,
    sr: float = 22050,
    hop_length: int = 512,
    click_freq: float = 1000.0,
    click_duration: float = 0.1,
    click: Array | None = None,
    length: int | None = None,
) -> Array:
    """A click at each of some times, to listen to beats or onsets.

    Parameters
    ----------
    times : np.ndarray [shape=(n,)], optional
        Times of the clicks in seconds; counts before `frames`.
    frames : np.ndarray [shape=(n,)], optional
        Frames of the clicks.
    sr : number > 0
        Sampling rate in Hz.
    hop_length : int > 0
        Samples from each frame to the next.
    click_freq : float > 0
        Frequency of the default click in Hz.
    click_duration : float > 0
        Its length in seconds.
    click : np.ndarray [shape=(..., m)], optional
        A click of one's own; leading axes are channels.
    length : int > 0 or None
        Number of samples. None: the last click just ends.

    Returns
    -------
    click_signal : np.ndarray [shape=(..., length)], float32
        The clicks.

    Raises
    ------
    ParameterError
        If neither `times` nor `frames` is given, or an argument is out of its range.

    See Also
    --------
    serfast.onset.onset_detect

    References
    ----------
    ``librosa.clicks`` 0.11.

    Examples
    --------
    >>> clicks(times=[0.5, 1.0], sr=8000).shape
    (8800,)
    """
    if times is None and frames is None:
        raise ParameterError("either times or frames must be given")
    if times is not None:
        places = np.atleast_1d(time_to_samples(times, sr=sr))
    else:
        places = np.atleast_1d(frames_to_samples(np.asarray(frames), hop_length=hop_length))
    if click is None:
        n = int(sr * validate.positive("click_duration", click_duration))
        wave = np.sin(2 * np.pi * validate.positive("click_freq", click_freq) / sr * np.arange(n))
        click = np.logspace(0, -10, num=n, base=2.0) * wave
    else:
        valid_audio(click)
    if length is None:
        length = int(places.max(initial=0)) + click.shape[-1]
    samples = np.zeros((*click.shape[:-1], validate.positive_int("length", length)), np.float32)
    for start in places[(places >= 0) & (places < length)]:
        part = samples[..., start : start + click.shape[-1]]
        part += click[..., : part.shape[-1]]
    return samples
