"""Conversions between frames, samples, blocks and seconds, and the tempi of tempograms' rows.

Every function takes a number or an array and answers in kind, with librosa's names and values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import _validate as validate
from ._validate import Array
from .convert import fft_frequencies
from .errors import ParameterError

__all__ = [
    "blocks_to_frames",
    "blocks_to_samples",
    "blocks_to_time",
    "fourier_tempo_frequencies",
    "frames_to_samples",
    "frames_to_time",
    "samples_like",
    "samples_to_frames",
    "samples_to_time",
    "tempo_frequencies",
    "time_to_frames",
    "time_to_samples",
    "times_like",
]


def frames_to_samples(frames: ArrayLike, *, hop_length: int = 512, n_fft: int | None = None) -> Any:
    """Samples at which frames begin, or are centred.

    Parameters
    ----------
    frames : number or np.ndarray [shape=(...)]
        Indices of frames.
    hop_length : int > 0
        Samples from each frame to the next.
    n_fft : int > 0 or None
        Length of the frames in samples, if the analysis did not centre them: half of it is added.

    Returns
    -------
    samples : int or np.ndarray [shape=(...)], int64
        Indices of samples.

    Raises
    ------
    ParameterError
        If an argument is not a finite number or `hop_length` is not positive.

    See Also
    --------
    samples_to_frames, frames_to_time

    References
    ----------
    ``librosa.frames_to_samples`` 0.11.

    Examples
    --------
    >>> frames_to_samples([0, 1, 10], hop_length=256)
    array([   0,  256, 2560])
    """
    hop = validate.positive("hop_length", hop_length)
    hop = int(hop) if hop.is_integer() else hop
    indices = _numbers("frames", frames)
    if indices.dtype.kind != "f":
        indices = indices.astype(np.int64)
    elif isinstance(hop_length, np.generic):  # as librosa, whose product is then a wide one
        indices = indices.astype(np.float64)
    return (indices * hop + _half(n_fft)).astype(int)


def samples_to_frames(
    samples: ArrayLike, *, hop_length: int = 512, n_fft: int | None = None
) -> Any:
    """Frames that begin, or are centred, at or last before samples.

    Parameters
    ----------
    samples : number or np.ndarray [shape=(...)]
        Indices of samples.
    hop_length : int > 0
        Samples from each frame to the next.
    n_fft : int > 0 or None
        Length of the frames in samples, if the analysis did not centre them: half of it is
        subtracted.

    Returns
    -------
    frames : np.ndarray [shape=(...)], int64
        Indices of frames, rounded down.

    Raises
    ------
    ParameterError
        If an argument is not a finite number or `hop_length` is not positive.

    See Also
    --------
    frames_to_samples, time_to_frames

    References
    ----------
    ``librosa.samples_to_frames`` 0.11.

    Examples
    --------
    >>> samples_to_frames([0, 511, 512, 1500])
    array([0, 0, 1, 2])
    """
    hop = validate.positive("hop_length", hop_length)
    return np.asarray((_numbers("samples", samples) - _half(n_fft)) // hop, dtype=int)


def frames_to_time(
    frames: ArrayLike, *, sr: float = 22050, hop_length: int = 512, n_fft: int | None = None
) -> Any:
    """Times at which frames begin, or are centred.

    Parameters
    ----------
    frames : number or np.ndarray [shape=(...)]
        Indices of frames.
    sr : number > 0
        Sampling rate in Hz.
    hop_length, n_fft
        As in `frames_to_samples`.

    Returns
    -------
    times : number or np.ndarray [shape=(...)], float64
        Times in seconds.

    Raises
    ------
    ParameterError
        If an argument is not a finite number, or `sr` or `hop_length` is not positive.

    See Also
    --------
    time_to_frames, times_like

    References
    ----------
    ``librosa.frames_to_time`` 0.11.

    Examples
    --------
    >>> frames_to_time([0, 10, 100], sr=16000, hop_length=160)
    array([0. , 0.1, 1. ])
    """
    return samples_to_time(frames_to_samples(frames, hop_length=hop_length, n_fft=n_fft), sr=sr)


def time_to_frames(
    times: ArrayLike, *, sr: float = 22050, hop_length: int = 512, n_fft: int | None = None
) -> Any:
    """Frames that begin, or are centred, at or last before times.

    Parameters
    ----------
    times : number or np.ndarray [shape=(...)]
        Times in seconds.
    sr : number > 0
        Sampling rate in Hz.
    hop_length, n_fft
        As in `samples_to_frames`.

    Returns
    -------
    frames : np.ndarray [shape=(...)], int64
        Indices of frames, rounded down.

    Raises
    ------
    ParameterError
        If an argument is not a finite number, or `sr` or `hop_length` is not positive.

    See Also
    --------
    frames_to_time

    References
    ----------
    ``librosa.time_to_frames`` 0.11.

    Examples
    --------
    >>> time_to_frames([0, 0.1, 1], sr=16000, hop_length=160)
    array([  0,  10, 100])
    """
    return samples_to_frames(time_to_samples(times, sr=sr), hop_length=hop_length, n_fft=n_fft)


def time_to_samples(times: ArrayLike, *, sr: float = 22050) -> Any:
    """Samples at or last before times.

    Parameters
    ----------
    times : number or np.ndarray [shape=(...)]
        Times in seconds.
    sr : number > 0
        Sampling rate in Hz.

    Returns
    -------
    samples : int or np.ndarray [shape=(...)], int64
        Indices of samples, rounded towards 0.

    Raises
    ------
    ParameterError
        If `times` are not finite numbers or `sr` is not positive.

    See Also
    --------
    samples_to_time

    References
    ----------
    ``librosa.time_to_samples`` 0.11.

    Examples
    --------
    >>> time_to_samples([0, 0.5], sr=8000)
    array([   0, 4000])
    """
    return (_numbers("times", times) * validate.positive("sr", sr)).astype(int)


def samples_to_time(samples: ArrayLike, *, sr: float = 22050) -> Any:
    """Times of samples.

    Parameters
    ----------
    samples : number or np.ndarray [shape=(...)]
        Indices of samples.
    sr : number > 0
        Sampling rate in Hz.

    Returns
    -------
    times : number or np.ndarray [shape=(...)]
        Times in seconds.

    Raises
    ------
    ParameterError
        If `samples` are not finite numbers or `sr` is not positive.

    See Also
    --------
    time_to_samples

    References
    ----------
    ``librosa.samples_to_time`` 0.11.

    Examples
    --------
    >>> samples_to_time([0, 4000], sr=8000)
    array([0. , 0.5])
    """
    return _numbers("samples", samples) / validate.positive("sr", sr)


def blocks_to_frames(blocks: ArrayLike, *, block_length: int) -> Any:
    """First frames of blocks, as `stream` cuts them.

    Parameters
    ----------
    blocks : int or np.ndarray [shape=(...)]
        Indices of blocks.
    block_length : int > 0
        Frames of a block.

    Returns
    -------
    frames : int or np.ndarray [shape=(...)]
        Indices of frames.

    Raises
    ------
    ParameterError
        If `blocks` are not finite numbers or `block_length` is not a positive integer.

    See Also
    --------
    blocks_to_samples, stream

    References
    ----------
    ``librosa.blocks_to_frames`` 0.11.

    Examples
    --------
    >>> blocks_to_frames([0, 1, 2], block_length=16)
    array([ 0, 16, 32])
    """
    return validate.positive_int("block_length", block_length) * _numbers("blocks", blocks)


def blocks_to_samples(blocks: ArrayLike, *, block_length: int, hop_length: int) -> Any:
    """First samples of blocks, as `stream` cuts them.

    Parameters
    ----------
    blocks : int or np.ndarray [shape=(...)]
        Indices of blocks.
    block_length : int > 0
        Frames of a block.
    hop_length : int > 0
        Samples from each frame to the next.

    Returns
    -------
    samples : int or np.ndarray [shape=(...)], int64
        Indices of samples.

    Raises
    ------
    ParameterError
        If an argument is not a number or a length is not positive.

    See Also
    --------
    blocks_to_frames, blocks_to_time

    References
    ----------
    ``librosa.blocks_to_samples`` 0.11.

    Examples
    --------
    >>> blocks_to_samples([0, 1, 2], block_length=16, hop_length=512)
    array([    0,  8192, 16384])
    """
    return frames_to_samples(
        blocks_to_frames(blocks, block_length=block_length), hop_length=hop_length
    )


def blocks_to_time(blocks: ArrayLike, *, block_length: int, hop_length: int, sr: float) -> Any:
    """Times at which blocks begin, as `stream` cuts them.

    Parameters
    ----------
    blocks : int or np.ndarray [shape=(...)]
        Indices of blocks.
    block_length : int > 0
        Frames of a block.
    hop_length : int > 0
        Samples from each frame to the next.
    sr : number > 0
        Sampling rate in Hz.

    Returns
    -------
    times : number or np.ndarray [shape=(...)], float64
        Times in seconds.

    Raises
    ------
    ParameterError
        If an argument is not a number, or a length or `sr` is not positive.

    See Also
    --------
    blocks_to_samples

    References
    ----------
    ``librosa.blocks_to_time`` 0.11.

    Examples
    --------
    >>> blocks_to_time([0, 1, 2], block_length=16, hop_length=500, sr=16000)
    array([0. , 0.5, 1. ])
    """
    samples = blocks_to_samples(blocks, block_length=block_length, hop_length=hop_length)
    return samples_to_time(samples, sr=sr)


def samples_like(
    X: ArrayLike, *, hop_length: int = 512, n_fft: int | None = None, axis: int = -1
) -> Array:
    """Samples of all frames of a feature.

    Parameters
    ----------
    X : np.ndarray or int
        A feature, or the number of its frames.
    hop_length, n_fft
        As in `frames_to_samples`.
    axis : int
        The axis of time.

    Returns
    -------
    samples : np.ndarray [shape=(frames,)], int64
        Indices of samples.

    Raises
    ------
    ParameterError
        If `X` has no such axis or `hop_length` is not positive.

    See Also
    --------
    times_like, frames_to_samples

    References
    ----------
    ``librosa.samples_like`` 0.11.

    Examples
    --------
    >>> samples_like(4, hop_length=256)
    array([  0, 256, 512, 768])
    """
    if np.isscalar(X):
        n_frames = int(np.ceil(validate.number("X", X, 0)))
    else:
        shape = np.shape(X)
        if not -len(shape) <= axis < len(shape):
            raise ParameterError(f"axis={axis} is not an axis of X of shape {shape}")
        n_frames = shape[axis]
    samples: Array = frames_to_samples(np.arange(n_frames), hop_length=hop_length, n_fft=n_fft)
    return samples


def times_like(
    X: ArrayLike,
    *,
    sr: float = 22050,
    hop_length: int = 512,
    n_fft: int | None = None,
    axis: int = -1,
) -> Array:
    """Times of all frames of a feature.

    Parameters
    ----------
    X : np.ndarray or int
        A feature, or the number of its frames.
    sr : number > 0
        Sampling rate in Hz.
    hop_length, n_fft
        As in `frames_to_samples`.
    axis : int
        The axis of time.

    Returns
    -------
    times : np.ndarray [shape=(frames,)], float64
        Times in seconds.

    Raises
    ------
    ParameterError
        If `X` has no such axis, or `sr` or `hop_length` is not positive.

    See Also
    --------
    samples_like, frames_to_time

    References
    ----------
    ``librosa.times_like`` 0.11.

    Examples
    --------
    >>> times_like(4, sr=16000, hop_length=160)
    array([0.  , 0.01, 0.02, 0.03])
    """
    samples = samples_like(X, hop_length=hop_length, n_fft=n_fft, axis=axis)
    times: Array = samples_to_time(samples, sr=sr)
    return times


def tempo_frequencies(n_bins: int, *, hop_length: int = 512, sr: float = 22050) -> Array:
    """Tempi of the rows of a `tempogram`: those whose beats are so many frames apart.

    Parameters
    ----------
    n_bins : int > 0
        Number of rows, the first one being that of lag 0.
    hop_length : int > 0
        Samples from each frame to the next.
    sr : number > 0
        Sampling rate in Hz.

    Returns
    -------
    bin_frequencies : np.ndarray [shape=(n_bins,)]
        Tempi in beats per minute; the first one is infinite.

    Raises
    ------
    ParameterError
        If an argument is not positive.

    See Also
    --------
    fourier_tempo_frequencies, tempogram

    References
    ----------
    ``librosa.tempo_frequencies`` 0.11.

    Examples
    --------
    >>> tempo_frequencies(4, hop_length=500, sr=1000)
    array([ inf, 120.,  60.,  40.])
    """
    lags = np.arange(1.0, validate.positive_int("n_bins", n_bins))
    seconds = validate.positive("hop_length", hop_length) * lags
    return np.concatenate([[np.inf], 60.0 * validate.positive("sr", sr) / seconds])


def fourier_tempo_frequencies(
    *, sr: float = 22050, win_length: int = 384, hop_length: int = 512
) -> Array:
    """Tempi of the rows of a `fourier_tempogram`.

    Parameters
    ----------
    sr : number > 0
        Sampling rate in Hz.
    win_length : int > 0
        Frames under the tempogram's window.
    hop_length : int > 0
        Samples from each frame to the next.

    Returns
    -------
    bin_frequencies : np.ndarray [shape=(1 + win_length // 2,)]
        Tempi in beats per minute.

    Raises
    ------
    ParameterError
        If an argument is not positive.

    See Also
    --------
    tempo_frequencies, fourier_tempogram

    References
    ----------
    ``librosa.fourier_tempo_frequencies`` 0.11.

    Examples
    --------
    >>> fourier_tempo_frequencies(sr=1000, win_length=6, hop_length=100)
    array([  0., 100., 200., 300.])
    """
    frames_a_minute = validate.positive("sr", sr) * 60 / validate.positive("hop_length", hop_length)
    return fft_frequencies(
        sr=frames_a_minute, n_fft=validate.positive_int("win_length", win_length)
    )


def _numbers(name: str, values: ArrayLike) -> Any:
    """Finite real numbers; a scalar stays one."""
    numbers = np.asanyarray(values)
    if numbers.dtype.kind not in "iufb":
        raise ParameterError(f"{name} has dtype {numbers.dtype}; it must be real numbers")
    if not np.all(np.isfinite(numbers)):
        raise ParameterError(f"{name} is not finite everywhere")
    is_narrow = numbers.dtype.kind != "f" and numbers.dtype.itemsize < 4
    return numbers.astype(np.int64) if is_narrow else numbers  # else products would wrap


def _half(n_fft: int | None) -> int:
    return 0 if n_fft is None else validate.positive_int("n_fft", n_fft) // 2
