"""Silence found and left out, and signals cut and put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from . import _validate as validate
from ._validate import Array, Real
from .audio import to_mono
from .decibel import amplitude_to_db
from .energy import rms
from .errors import ParameterError

__all__ = ["remix", "split", "trim"]

Reference = float | Callable[..., Any]


def trim(
    y: Real,
    *,
    top_db: float = 60,
    ref: Reference = np.max,
    frame_length: int = 2048,
    hop_length: int = 512,
    aggregate: Callable[..., Any] = np.max,
) -> tuple[Real, Array]:
    """Cut silence off the beginning and the end of a signal.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    top_db : float > 0
        Frames so many dB below the reference are silent.
    ref : float > 0 or function
        The reference amplitude, or a function of the frames' RMS that gives it.
    frame_length, hop_length : int > 0
        Samples of a frame, and from each frame to the next.
    aggregate : function
        What becomes of the levels of several channels: the largest, unless told otherwise.

    Returns
    -------
    y_trimmed : np.ndarray [shape=(..., m)]
        The signal from its first frame that is not silent to its last; a view of `y`.
    index : np.ndarray [shape=(2,)]
        Where it begins and ends in `y`, in samples.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, or an option is out of its range.

    See Also
    --------
    split

    References
    ----------
    ``librosa.effects.trim`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.concatenate([np.zeros(8192), np.ones(8192), np.zeros(8192)])
    >>> _, index = serfast.effects.trim(y)
    >>> index
    array([ 7680, 17408])
    """
    sounding = np.flatnonzero(_sounding(y, top_db, ref, frame_length, hop_length, aggregate))
    start = end = 0
    if sounding.size:
        start = int(sounding[0]) * hop_length
        end = min(y.shape[-1], (int(sounding[-1]) + 1) * hop_length)
    return y[..., start:end], np.asarray([start, end])


def split(
    y: Real,
    *,
    top_db: float = 60,
    ref: Reference = np.max,
    frame_length: int = 2048,
    hop_length: int = 512,
    aggregate: Callable[..., Any] = np.max,
) -> Array:
    """The stretches of a signal between silences.

    Parameters
    ----------
    y, top_db, ref, frame_length, hop_length, aggregate
        As in `trim`.

    Returns
    -------
    intervals : np.ndarray [shape=(m, 2)]
        Where each stretch begins and ends, in samples.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, or an option is out of its range.

    See Also
    --------
    trim, remix

    References
    ----------
    ``librosa.effects.split`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.concatenate([np.zeros(8192), np.ones(8192), np.zeros(8192)])
    >>> serfast.effects.split(y)
    array([[ 7680, 17408]])
    """
    sounding = _sounding(y, top_db, ref, frame_length, hop_length, aggregate)
    edges = np.flatnonzero(np.diff(sounding, prepend=False, append=False))
    intervals: Array = np.minimum(edges * hop_length, y.shape[-1]).reshape(-1, 2)
    return intervals


def _sounding(
    y: Any, top_db: Any, ref: Any, frame_length: Any, hop_length: Any, aggregate: Any
) -> Array:
    """Which frames are not silent in all channels together."""
    top_db = validate.number("top_db", top_db)
    levels = rms(y=y, frame_length=frame_length, hop_length=hop_length)[..., 0, :]
    level: Array = np.asarray(amplitude_to_db(levels, ref=ref, top_db=None))
    if level.ndim > 1:
        channels = tuple(range(level.ndim - 1))
        level = np.squeeze(np.apply_over_axes(aggregate, level, channels), axis=channels)
    sounding: Array = level > -top_db
    return sounding


def remix(y: Real, intervals: Iterable[Any], *, align_zeros: bool = True) -> Real:
    """Put stretches of a signal together in a new order.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    intervals : iterable of pairs of int
        Where each stretch begins and ends, in samples.
    align_zeros : bool
        Whether to move each begin and end to the nearest zero crossing (of the mean of the
        channels), or the signal's end.

    Returns
    -------
    y_remix : np.ndarray [shape=(..., m)]
        The stretches, one after the other.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, or there is no interval, or one is no pair.

    See Also
    --------
    split

    References
    ----------
    ``librosa.effects.remix`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.arange(10.0)
    >>> serfast.effects.remix(y, [(6, 8), (0, 2)], align_zeros=False)
    array([6., 7., 0., 1.])
    """
    y = validate.signal(y)
    pairs = [np.asarray(pair) for pair in intervals]
    if not pairs or any(pair.shape != (2,) for pair in pairs):
        raise ParameterError("intervals must be pairs of a begin and an end, at least one")
    if align_zeros:
        places = _zero_crossings(to_mono(y))
        pairs = [_nearest(pair, places) for pair in pairs]
    return np.concatenate([y[..., int(begin) : int(end)] for begin, end in pairs], axis=-1)


def _zero_crossings(y: Real) -> Array:
    """Where the sign changes, the first sample and the end among them."""
    positive = np.where(np.abs(y) <= 1e-10, False, np.signbit(y))
    return np.append(np.flatnonzero(np.diff(positive, prepend=not positive[:1].any())), len(y))


def _nearest(samples: Array, places: Array) -> Array:
    """For each sample the nearest place; of two, the second."""
    if np.any(samples < 0):
        raise ParameterError(f"intervals={samples.tolist()} must not be negative")
    falling = places[::-1]
    nearest: Array = falling[np.abs(np.subtract.outer(samples, falling)).argmin(axis=1)]
    return nearest
