"""Rhythm: tempograms and the tempo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _core
from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .arrays import expand_to
from .errors import ParameterError
from .filters import Window, get_window
from .harmonics import f0_harmonics
from .onset import checked_envelope
from .spectrum import stft
from .times import tempo_frequencies, time_to_frames

__all__ = ["fourier_tempogram", "tempo", "tempogram", "tempogram_ratio"]


def tempogram(
    *,
    y: Real | None = None,
    sr: float = 22050,
    onset_envelope: Array | None = None,
    hop_length: int = 512,
    win_length: int = 384,
    center: bool = True,
    window: Window = "hann",
    norm: float | None = np.inf,
) -> Array:
    """Tempogram: how well the onset strength around each frame matches itself some frames later.

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
        Frames under the window; 384 are about 9 s by default.
    center : bool
        Whether windows are centred on frames; if not, they begin there.
    window : str, tuple, number, function or np.ndarray [shape=(win_length,)]
        As `filters.get_window` takes it.
    norm : number >= 0, inf, -inf or None
        Order of the vector norm that each frame is divided by. None: not.

    Returns
    -------
    tempogram : np.ndarray [shape=(..., win_length, frames)], float64
        Autocorrelation of the onset strength; row k is that at a lag of k frames.

    Raises
    ------
    ParameterError
        If neither `y` nor `onset_envelope` is given, one of them cannot be used or is too short,
        or an option is out of its range.

    See Also
    --------
    fourier_tempogram, tempo, tempo_frequencies

    References
    ----------
    ``librosa.feature.tempogram`` 0.11; Grosche, Mueller and Kurth, "Cyclic tempogram: a mid-level
    tempo representation for music signals" (ICASSP, 2010).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> envelope = np.zeros(600)
    >>> envelope[::20] = 1  # a beat every 20 frames
    >>> T = serfast.tempogram(onset_envelope=envelope)
    >>> T.shape, int(T[10:, 300].argmax()) + 10
    ((384, 600), 20)
    """
    length = validate.positive_int("win_length", win_length)
    weights = _weights(window, length)
    envelope = checked_envelope(y, sr, onset_envelope, hop_length).astype(np.float64)
    n_frames = envelope.shape[-1]
    if not np.all(np.isfinite(envelope)):
        raise ParameterError("onset_envelope is not finite everywhere")
    if n_frames < (1 if center else length):
        raise ParameterError(
            f"onset_envelope of {n_frames} frames is too short for win_length={length} with "
            f"center={center}"
        )
    if center:
        sides = [(0, 0)] * (envelope.ndim - 1) + [(length // 2, length // 2)]
        envelope = np.pad(envelope, sides, mode="linear_ramp")
    else:
        n_frames += 1 - length
    curves = validate.contiguous(envelope).reshape(-1, envelope.shape[-1])
    threads = engine.threads_for(curves.size * length)
    lags = [
        _core.autocorrelations(
            curve, window=weights, n_frames=n_frames, norm=validate.norm("norm", norm),
            threads=threads,
        )
        for curve in curves
    ]  # fmt: skip
    return np.asarray(lags).reshape(*envelope.shape[:-1], length, n_frames)


def _weights(window: Window, length: int) -> list[float]:
    weights = np.asarray(get_window(window, length))
    if weights.shape != (length,) or weights.dtype.kind not in "fiu":
        raise ParameterError(f"window must have {length} real samples, not shape {weights.shape}")
    values: list[float] = weights.astype(np.float64).tolist()
    return values


def fourier_tempogram(
    *,
    y: Real | None = None,
    sr: float = 22050,
    onset_envelope: Array | None = None,
    hop_length: int = 512,
    win_length: int = 384,
    center: bool = True,
    window: Window = "hann",
) -> Array:
    """Fourier tempogram: short-time Fourier transform of the onset strength.

    Parameters
    ----------
    y, sr, onset_envelope, hop_length
        As in `tempogram`.
    win_length : int > 0
        Frames under the window.
    center : bool
        Whether windows are centred on frames; if not, they begin there.
    window : str, tuple, number, function or np.ndarray [shape=(win_length,)]
        As `filters.get_window` takes it.

    Returns
    -------
    tempogram : np.ndarray [shape=(..., 1 + win_length // 2, frames)], complex
        Spectra of the onset strength; `fourier_tempo_frequencies` are the tempi of the rows.

    Raises
    ------
    ParameterError
        If neither `y` nor `onset_envelope` is given, one of them cannot be used or is too short,
        or an option is out of its range.

    See Also
    --------
    tempogram, stft, fourier_tempo_frequencies

    References
    ----------
    ``librosa.feature.fourier_tempogram`` 0.11; Grosche, Mueller and Kurth, "Cyclic tempogram: a
    mid-level tempo representation for music signals" (ICASSP, 2010).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> envelope = 1 + np.cos(2 * np.pi * np.arange(600) / 20)
    >>> F = serfast.fourier_tempogram(onset_envelope=envelope, win_length=400)
    >>> F.shape, int(np.abs(F[2:, 300]).argmax()) + 2
    ((201, 601), 20)
    """
    length = validate.positive_int("win_length", win_length)
    envelope = checked_envelope(y, sr, onset_envelope, hop_length)
    return stft(envelope, n_fft=length, hop_length=1, center=center, window=window)


def tempo(
    *,
    y: Real | None = None,
    sr: float = 22050,
    onset_envelope: Array | None = None,
    tg: Array | None = None,
    hop_length: int = 512,
    start_bpm: float = 120,
    std_bpm: float = 1.0,
    ac_size: float = 8.0,
    max_tempo: float | None = 320.0,
    aggregate: Callable[..., Any] | None = np.mean,
    prior: Any = None,
) -> Array:
    """Tempo in beats per minute.

    Parameters
    ----------
    y, sr, onset_envelope, hop_length
        As in `tempogram`.
    tg : np.ndarray [shape=(..., lags, frames)], optional
        A tempogram; counts before the others.
    start_bpm : float > 0
        The tempo that is most likely beforehand, in beats per minute.
    std_bpm : float > 0
        Standard deviation of tempi from it, in octaves.
    ac_size : float > 0
        Seconds under the window of the tempogram.
    max_tempo : float > 0 or None
        Tempi from here on are not considered.
    aggregate : function or None
        How the frames of the tempogram are put together. None: a tempo for each frame.
    prior : scipy.stats.rv_continuous, optional
        Probability of tempi, instead of that of `start_bpm` and `std_bpm`.

    Returns
    -------
    tempo : np.ndarray [shape=(..., 1) or (..., frames)], float64
        Tempo in beats per minute.

    Raises
    ------
    ParameterError
        If there is no input that can be used, or an option is out of its range.

    See Also
    --------
    tempogram, serfast.beat.beat_track

    References
    ----------
    ``librosa.feature.tempo`` 0.11; Ellis, "Beat tracking by dynamic programming" (Journal of New
    Music Research, 2007).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> envelope = np.zeros(600)
    >>> envelope[::20] = 1
    >>> serfast.tempo(onset_envelope=envelope).round(2)
    array([129.2])
    """
    validate.positive("start_bpm", start_bpm)
    validate.positive("std_bpm", std_bpm)
    if tg is None:
        frames = int(time_to_frames(ac_size, sr=sr, hop_length=hop_length))
        if frames < 1:
            raise ParameterError(f"ac_size={ac_size} seconds must be at least one frame")
        tg = tempogram(
            y=y, sr=sr, onset_envelope=onset_envelope, hop_length=hop_length, win_length=frames
        )
    tg = _checked_tempogram(tg)
    bpms = tempo_frequencies(tg.shape[-2], hop_length=hop_length, sr=sr)
    if aggregate is not None:
        tg = np.asarray(aggregate(tg, axis=-1, keepdims=True))
    if prior is None:
        likely = -0.5 * ((np.log2(bpms) - np.log2(start_bpm)) / std_bpm) ** 2
    else:
        likely = prior.logpdf(bpms)
    if max_tempo is not None:
        likely[: int(np.argmax(bpms < max_tempo))] = -np.inf
    likely = expand_to(likely, ndim=tg.ndim, axes=-2)
    estimate: Array = np.take(bpms, np.argmax(np.log1p(1e6 * tg) + likely, axis=-2))
    return estimate


def _checked_tempogram(tg: Any) -> Array:
    rows = np.asarray(tg)
    if rows.ndim < 2 or rows.dtype.kind not in "fiu" or 0 in rows.shape:
        raise ParameterError(
            f"tg must be real, of shape (..., lags, frames), not {rows.dtype} of {rows.shape}"
        )
    return rows


def tempogram_ratio(
    *,
    y: Real | None = None,
    sr: float = 22050,
    onset_envelope: Array | None = None,
    tg: Array | None = None,
    bpm: Array | None = None,
    hop_length: int = 512,
    win_length: int = 384,
    start_bpm: float = 120,
    std_bpm: float = 1.0,
    max_tempo: float | None = 320.0,
    freqs: Array | None = None,
    factors: Array | None = None,
    aggregate: Callable[..., Any] | None = None,
    prior: Any = None,
    center: bool = True,
    window: Window = "hann",
    kind: str = "linear",
    fill_value: float = 0,
    norm: float | None = np.inf,
) -> Array:
    """Tempogram ratio features: the tempogram at multiples of the tempo.

    Parameters
    ----------
    y, sr, onset_envelope, hop_length, win_length, center, window, norm
        As in `tempogram`.
    tg : np.ndarray [shape=(..., lags, frames)], optional
        A tempogram; counts before `y` and `onset_envelope`.
    bpm : np.ndarray [shape=(..., frames)], optional
        Tempo of each frame in beats per minute. None: as `tempo` estimates it.
    start_bpm, std_bpm, max_tempo, prior
        As in `tempo`.
    freqs : np.ndarray [shape=(lags,)], optional
        Tempi of the rows of `tg`. None: `tempo_frequencies`.
    factors : np.ndarray [shape=(n_factors,)], optional
        Multiples of the tempo. None: 13 of them, from 4 to 1/4, that note values have.
    aggregate : function, optional
        How frames are put together. None: not at all.
    kind, fill_value
        As in `f0_harmonics`.

    Returns
    -------
    tgr : np.ndarray [shape=(..., n_factors, frames) or (..., n_factors)]
        Values of the tempogram.

    Raises
    ------
    ParameterError
        If there is no input that can be used, or an option is out of its range.

    See Also
    --------
    tempogram, tempo, f0_harmonics

    References
    ----------
    ``librosa.feature.tempogram_ratio`` 0.11; Peeters, "Rhythm classification using spectral rhythm
    patterns" (ISMIR, 2005); Prockup et al., "Modeling genre with the music genome project" (ISMIR,
    2015).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> envelope = np.zeros(600)
    >>> envelope[::20] = 1
    >>> serfast.tempogram_ratio(onset_envelope=envelope).shape
    (13, 600)
    """
    if tg is None:
        tg = tempogram(
            y=y, sr=sr, onset_envelope=onset_envelope, hop_length=hop_length,
            win_length=win_length, center=center, window=window, norm=norm,
        )  # fmt: skip
    tg = _checked_tempogram(tg)
    if freqs is None:
        freqs = tempo_frequencies(tg.shape[-2], sr=sr, hop_length=hop_length)
    if bpm is None:
        bpm = tempo(
            sr=sr, tg=tg, hop_length=hop_length, start_bpm=start_bpm, std_bpm=std_bpm,
            max_tempo=max_tempo, aggregate=None, prior=prior,
        )  # fmt: skip
    if factors is None:
        factors = np.array([4, 8 / 3, 3, 2, 4 / 3, 3 / 2, 1, 2 / 3, 3 / 4, 1 / 2, 1 / 3, 3 / 8,
                            1 / 4])  # fmt: skip
    ratios = f0_harmonics(
        tg, f0=bpm, freqs=freqs, harmonics=factors, kind=kind, fill_value=fill_value
    )
    return ratios if aggregate is None else np.asarray(aggregate(ratios, axis=-1))
