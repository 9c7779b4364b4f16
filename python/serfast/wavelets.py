"""Filters of constant-Q transforms; public as a part of `serfast.filters`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._validate import Array
from .arrays import normalize
from .convert import hz_to_midi
from .errors import ParameterError
from .notes import note_to_hz
from .windows import Window, get_window, window_bandwidth

__all__ = ["cq_to_chroma", "wavelet", "wavelet_lengths"]


def wavelet_lengths(
    *,
    freqs: npt.ArrayLike,
    sr: float = 22050,
    window: Window = "hann",
    filter_scale: float = 1,
    gamma: float | None = 0,
    alpha: npt.ArrayLike | None = None,
) -> tuple[Array, float]:
    """How many samples the filter of each frequency takes.

    Parameters
    ----------
    freqs : np.ndarray [shape=(n,)]
        Centre frequencies in Hz, ascending.
    sr : number > 0
        Sampling rate in Hz.
    window : str, tuple, number or function
        As `get_window` takes it.
    filter_scale : number > 0
        Scales the lengths: below 1, finer in time and coarser in frequency.
    gamma : number >= 0 or None
        What each bandwidth is widened by, in Hz. 0: constant Q; None: by what makes the bandwidths
        proportional to those of human hearing (ERB).
    alpha : np.ndarray [shape=(n,)], number or None
        Bandwidths relative to the frequencies. None: by the distance to the neighbours, for which
        there must be at least two.

    Returns
    -------
    lengths : np.ndarray [shape=(n,)]
        Lengths in samples, not rounded.
    f_cutoff : float
        The frequency in Hz above which no filter has its main lobe.

    Raises
    ------
    ParameterError
        If frequencies are not positive or do not ascend, or an option is out of its range.

    See Also
    --------
    wavelet, serfast.cqt

    References
    ----------
    ``librosa.filters.wavelet_lengths`` 0.11; Glasberg and Moore, "Derivation of auditory filter
    shapes from notched-noise data" (Hearing Research, 1990).

    Examples
    --------
    >>> import serfast
    >>> lengths, f_cutoff = serfast.filters.wavelet_lengths(freqs=[220.0, 440.0], sr=8000)
    >>> lengths.round(1), round(f_cutoff)
    (array([60.6, 30.3]), 638)
    """
    frequencies = np.asarray(freqs, dtype=float)
    if frequencies.ndim != 1 or not np.all(frequencies > 0) or np.any(np.diff(frequencies) < 0):
        raise ParameterError(f"freqs={freqs!r} must be positive and in ascending order")
    relative = relative_bandwidth(frequencies) if alpha is None else np.asarray(alpha)
    if gamma is None:
        widening = relative * 24.7 / 0.108
    else:
        widening = np.asarray(validate.number("gamma", gamma, 0))
    q = validate.positive("filter_scale", filter_scale) / relative
    edges = frequencies * (1 + 0.5 * window_bandwidth(window) / q) + 0.5 * widening
    lengths = q * validate.positive("sr", sr) / (frequencies + widening / relative)
    return lengths, float(np.max(edges))


def relative_bandwidth(frequencies: Array) -> Array:
    """Bandwidths that reach from neighbour to neighbour, as shares of the frequencies."""
    if len(frequencies) < 2:
        raise ParameterError(f"freqs={frequencies} must be at least 2 to have bandwidths")
    octaves = np.log2(frequencies)
    # At both ends the distance of the only neighbour counts.
    distance = np.diff(octaves, prepend=np.nan, append=np.nan)
    per_octave = 2 / (distance[1:] + distance[:-1])
    per_octave[[0, -1]] = 1 / distance[[1, -2]]
    ratio = 2.0 ** (2 / per_octave)
    return np.asarray((ratio - 1) / (ratio + 1))


def wavelet(
    *,
    freqs: npt.ArrayLike,
    sr: float = 22050,
    window: Window = "hann",
    filter_scale: float = 1,
    pad_fft: bool = True,
    norm: float | None = 1,
    dtype: npt.DTypeLike = np.complex64,
    gamma: float | None = 0,
    alpha: npt.ArrayLike | None = None,
    **kwargs: Any,
) -> tuple[Array, Array]:
    """Filters of a constant-Q transform: windowed complex sinusoids.

    Parameters
    ----------
    freqs : np.ndarray [shape=(n,)]
        Centre frequencies in Hz, ascending.
    sr : number > 0
        Sampling rate in Hz.
    window : str, tuple, number or function
        As `get_window` takes it.
    filter_scale : number > 0
        Scales the lengths: below 1, finer in time and coarser in frequency.
    pad_fft : bool
        Whether the filters are zero-padded to a power of 2, or to the longest of them.
    norm : number > 0, inf, -inf, 0 or None
        Order of the vector norm that each filter is divided by: see `util.normalize`.
    dtype : complex dtype
        Type of the filters.
    gamma, alpha
        Bandwidths: see `wavelet_lengths`.
    **kwargs
        For `numpy.pad`, where something else than zeros shall lie around the filters.

    Returns
    -------
    filters : np.ndarray [shape=(n, samples)]
        The filters in time, centred.
    lengths : np.ndarray [shape=(n,)]
        Their lengths in samples, not rounded.

    Raises
    ------
    ParameterError
        If frequencies are not positive or do not ascend, or an option is out of its range.

    See Also
    --------
    wavelet_lengths, serfast.cqt, serfast.vqt

    References
    ----------
    ``librosa.filters.wavelet`` 0.11.

    Examples
    --------
    >>> import serfast
    >>> filters, lengths = serfast.filters.wavelet(freqs=[220.0, 440.0], sr=8000)
    >>> filters.shape, lengths.round(1)
    ((2, 64), array([60.6, 30.3]))
    """
    lengths, _ = wavelet_lengths(
        freqs=freqs, sr=sr, window=window, filter_scale=filter_scale, gamma=gamma, alpha=alpha
    )
    longest = max(lengths)
    if longest >= 1 << 30:
        raise ParameterError(
            f"the longest filter has {longest:.6g} samples, and less than {1 << 30} are allowed: "
            "raise the lowest frequency, or lower filter_scale or sr"
        )
    size = int(2.0 ** np.ceil(np.log2(longest)) if pad_fft else np.ceil(longest))
    filters = []
    for length, frequency in zip(lengths, np.asarray(freqs), strict=True):
        phase = np.arange(-length // 2, length // 2, dtype=float) * 2 * np.pi * frequency / sr
        sinusoid = np.cos(phase) + 1j * np.sin(phase)
        windowed = sinusoid * get_window(window, len(phase))
        left = (size - len(phase)) // 2
        sides = left, size - len(phase) - left
        filters.append(np.pad(normalize(windowed, norm=norm), sides, **kwargs))
    return np.asarray(filters, dtype=dtype), lengths


def cq_to_chroma(
    n_input: int,
    *,
    bins_per_octave: int = 12,
    n_chroma: int = 12,
    fmin: float | None = None,
    window: Array | None = None,
    base_c: bool = True,
    dtype: npt.DTypeLike = np.float32,
) -> Array:
    """Which bins of a constant-Q transform belong to which pitch class.

    Parameters
    ----------
    n_input : int > 0
        Number of bins.
    bins_per_octave : int > 0
        Bins to the octave, a multiple of `n_chroma`.
    n_chroma : int > 0
        Number of pitch classes to the octave.
    fmin : number > 0 or None
        Frequency of the first bin in Hz. None: C1, about 32.7 Hz.
    window : np.ndarray or None
        What the weights are convolved with along the bins, to let neighbours in.
    base_c : bool
        Whether the first pitch class is C, or A.
    dtype : dtype
        Type of the result.

    Returns
    -------
    weights : np.ndarray [shape=(n_chroma, n_input)]
        1 where a bin belongs to a pitch class, else 0; what `window` makes of it.

    Raises
    ------
    ParameterError
        If `bins_per_octave` is no multiple of `n_chroma` or an option is out of its range.

    See Also
    --------
    serfast.chroma_cqt

    References
    ----------
    ``librosa.filters.cq_to_chroma`` 0.11.

    Examples
    --------
    >>> import serfast
    >>> weights = serfast.filters.cq_to_chroma(36, bins_per_octave=36)
    >>> weights[:2, :6]
    array([[1., 1., 0., 0., 0., 0.],
           [0., 0., 1., 1., 1., 0.]], dtype=float32)
    """
    n_input = validate.positive_int("n_input", n_input)
    n_chroma = validate.positive_int("n_chroma", n_chroma)
    bins_per_octave = validate.positive_int("bins_per_octave", bins_per_octave)
    per_class, rest = divmod(bins_per_octave, n_chroma)
    if rest or not per_class:
        raise ParameterError(
            f"bins_per_octave={bins_per_octave} must be a multiple of n_chroma={n_chroma}"
        )
    lowest = note_to_hz("C1") if fmin is None else validate.positive("fmin", fmin)
    semitones = float(np.mod(hz_to_midi(lowest), 12)) - (0 if base_c else 9)
    shift = int(np.round(semitones * (n_chroma / 12.0)))
    classes = (np.arange(n_input) + per_class // 2) // per_class + shift
    belongs = np.arange(n_chroma)[:, None] == classes % n_chroma
    weights = np.asarray(belongs, dtype=dtype)
    if window is None:
        return weights
    from scipy.signal import convolve

    return np.asarray(convolve(weights, np.atleast_2d(window), mode="same"))
