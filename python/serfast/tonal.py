"""Chroma of constant-Q transforms, and the tonal centroids made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .arrays import normalize
from .constantq import hybrid_cqt, magnitudes
from .errors import ParameterError
from .intervals import Intervals, steps_per_octave
from .wavelets import cq_to_chroma
from .windows import Window, get_window

__all__ = ["chroma_cens", "chroma_cqt", "chroma_vqt", "tonnetz"]

# Shares of a frame's chroma that each add a quarter to the quantized value.
_CENS_STEPS = (0.4, 0.2, 0.1, 0.05)


def chroma_cqt(
    *,
    y: Real | None = None,
    sr: float = 22050,
    C: Real | None = None,
    hop_length: int = 512,
    fmin: float | None = None,
    norm: float | None = np.inf,
    threshold: float | None = 0.0,
    tuning: float | None = None,
    n_chroma: int = 12,
    n_octaves: int = 7,
    window: Array | None = None,
    bins_per_octave: int | None = 36,
    cqt_mode: str = "full",
) -> Real:
    """Chromagram of a constant-Q transform.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    C : np.ndarray [shape=(..., bins, frames)], optional
        Magnitudes of a constant-Q transform; count before `y`.
    hop_length : int > 0
        Samples from each frame to the next.
    fmin : number > 0 or None
        Frequency of the first bin in Hz. None: C1, about 32.7 Hz.
    norm : number > 0, inf, -inf, 0 or None
        Order of the vector norm that each frame is divided by. inf: by its maximum; None: not.
    threshold : float or None
        Values below it become 0, before frames are divided.
    tuning : float or None
        Deviation from A440 in fractions of a bin. None: estimated, as by `estimate_tuning`, for
        all channels together.
    n_chroma : int > 0
        Number of pitch classes to the octave.
    n_octaves : int > 0
        Number of octaves of the transform of `y`.
    window : np.ndarray or None
        As in `filters.cq_to_chroma`.
    bins_per_octave : int > 0 or None
        Bins to the octave, a multiple of `n_chroma`. None: `n_chroma`.
    cqt_mode : "full" or "hybrid"
        Whether `cqt` or `hybrid_cqt` transforms `y`.

    Returns
    -------
    chroma : np.ndarray [shape=(..., n_chroma, frames)]
        Strength of each pitch class, from 0 to 1 by default.

    Raises
    ------
    ParameterError
        If neither `y` nor `C` is given, `y` is no array of finite floats, `C` is complex, or an
        option is out of its range.

    See Also
    --------
    cqt, chroma_cens, chroma_stft, tonnetz

    References
    ----------
    ``librosa.feature.chroma_cqt`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> chroma = serfast.chroma_cqt(y=y, sr=22050)
    >>> chroma.shape, int(chroma[:, 20].argmax())  # row 9, counted from C: A
    ((12, 44), 9)
    """
    n_chroma = validate.positive_int("n_chroma", n_chroma)
    per_octave = n_chroma if bins_per_octave is None else bins_per_octave
    mode = validate.choice("cqt_mode", cqt_mode, ("full", "hybrid"))
    transform: Callable[..., Real] = magnitudes if mode == "full" else hybrid_cqt
    options: dict[str, Any] = {
        "bins_per_octave": per_octave, "n_chroma": n_chroma, "fmin": fmin, "window": window,
    }  # fmt: skip
    n_bins = _n_bins(n_octaves, per_octave)
    if C is None:
        _weights(n_input=n_bins, **options)  # refuses before the work is done
        C = transform(
            _given(y, "C"), sr=sr, hop_length=hop_length, fmin=fmin, n_bins=n_bins,
            bins_per_octave=per_octave, tuning=tuning,
        )  # fmt: skip
    return _folded(validate.rows(C, "C"), threshold, norm, **options)


def chroma_cens(
    *,
    y: Real | None = None,
    sr: float = 22050,
    C: Real | None = None,
    hop_length: int = 512,
    fmin: float | None = None,
    tuning: float | None = None,
    n_chroma: int = 12,
    n_octaves: int = 7,
    bins_per_octave: int | None = 36,
    cqt_mode: str = "full",
    window: Array | None = None,
    norm: float | None = 2,
    win_len_smooth: int | None = 41,
    smoothing_window: Window = "hann",
) -> Real:
    """Chroma energy normalized statistics: coarse, smooth chroma to match recordings by.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr, C, hop_length, fmin, tuning, n_chroma, n_octaves, bins_per_octave, cqt_mode, window
        As in `chroma_cqt`.
    norm : number > 0, inf, -inf, 0 or None
        Order of the vector norm that each frame is divided by in the end. None: not.
    win_len_smooth : int > 0 or None
        Length of the smoothing window in frames. None: no smoothing.
    smoothing_window : str, tuple, number, function or np.ndarray
        As `filters.get_window` takes it, for ``win_len_smooth + 2`` samples.

    Returns
    -------
    cens : np.ndarray [shape=(..., n_chroma, frames)]
        Smoothed statistics, from 0 to 1 by default.

    Raises
    ------
    ParameterError
        As `chroma_cqt`, and if `win_len_smooth` is not a positive integer or None.

    See Also
    --------
    chroma_cqt

    Notes
    -----
    Each frame's chroma becomes shares of its sum; each share gets a quarter for each of 0.05, 0.1,
    0.2 and 0.4 that it exceeds; that is smoothed over time.

    References
    ----------
    ``librosa.feature.chroma_cens`` 0.11; Mueller and Ewert, "Chroma toolbox" (ISMIR, 2011).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> cens = serfast.chroma_cens(y=y, sr=22050)
    >>> cens.shape, int(cens[:, 20].argmax())
    ((12, 44), 9)
    """
    if win_len_smooth is not None:
        validate.positive_int("win_len_smooth", win_len_smooth)
    chroma = chroma_cqt(
        y=y, C=C, sr=sr, hop_length=hop_length, fmin=fmin, bins_per_octave=bins_per_octave,
        tuning=tuning, norm=None, n_chroma=n_chroma, n_octaves=n_octaves, cqt_mode=cqt_mode,
        window=window,
    )  # fmt: skip
    shares = normalize(chroma, norm=1, axis=-2)
    steps = np.zeros_like(chroma)
    for step in _CENS_STEPS:
        steps += 0.25 * (shares > step)
    if win_len_smooth is not None:
        from scipy.ndimage import convolve1d

        smooth = get_window(smoothing_window, win_len_smooth + 2, fftbins=False)
        steps = convolve1d(steps, smooth / np.sum(smooth), mode="constant")
    return normalize(steps, norm=norm, axis=-2)


def chroma_vqt(
    *,
    y: Real | None = None,
    sr: float = 22050,
    V: Real | None = None,
    hop_length: int = 512,
    fmin: float | None = None,
    intervals: Intervals,
    norm: float | None = np.inf,
    threshold: float | None = 0.0,
    n_octaves: int = 7,
    bins_per_octave: int = 12,
    gamma: float | None = 0,
) -> Real:
    """Chromagram of a variable-Q transform, in any scale.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    V : np.ndarray [shape=(..., bins, frames)], optional
        Magnitudes of a variable-Q transform; count before `y`.
    hop_length : int > 0
        Samples from each frame to the next.
    fmin : number > 0 or None
        Frequency of the first bin in Hz. None: C1, about 32.7 Hz.
    intervals : str or np.ndarray [shape=(bins_per_octave,)]
        The scale within an octave: see `interval_frequencies`.
    norm : number > 0, inf, -inf, 0 or None
        Order of the vector norm that each frame is divided by. inf: by its maximum; None: not.
    threshold : float or None
        Values below it become 0, before frames are divided.
    n_octaves : int > 0
        Number of octaves of the transform of `y`.
    bins_per_octave : int > 0
        Pitch classes to the octave, where `intervals` is a name.
    gamma : number >= 0 or None
        As in `vqt`.

    Returns
    -------
    chroma : np.ndarray [shape=(..., bins_per_octave, frames)]
        Strength of each pitch class, from 0 to 1 by default.

    Raises
    ------
    ParameterError
        If neither `y` nor `V` is given, `y` is no array of finite floats, `V` is complex, or an
        option is out of its range.

    See Also
    --------
    vqt, chroma_cqt

    References
    ----------
    ``librosa.feature.chroma_vqt`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> chroma = serfast.chroma_vqt(y=y, sr=22050, intervals="ji5")
    >>> chroma.shape, int(chroma[:, 20].argmax())
    ((12, 44), 9)
    """
    per_octave = steps_per_octave(intervals, bins_per_octave)
    if V is None:
        V = magnitudes(
            _given(y, "V"), sr=sr, hop_length=hop_length, fmin=fmin, intervals=intervals,
            n_bins=_n_bins(n_octaves, per_octave), bins_per_octave=per_octave, gamma=gamma,
        )  # fmt: skip
    return _folded(
        validate.rows(V, "V"), threshold, norm, bins_per_octave=per_octave, n_chroma=per_octave,
        fmin=fmin, window=None,
    )  # fmt: skip


def tonnetz(
    *, y: Real | None = None, sr: float = 22050, chroma: Real | None = None, **kwargs: Any
) -> Real:
    """Tonal centroids: chroma on the circles of fifths, minor thirds and major thirds.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    chroma : np.ndarray [shape=(..., n_chroma, frames)], optional
        A chromagram; counts before `y`.
    **kwargs
        For `chroma_cqt`, where `chroma` is not given.

    Returns
    -------
    tonnetz : np.ndarray [shape=(..., 6, frames)], float64
        Coordinates x and y on the circles of fifths, minor thirds and major thirds.

    Raises
    ------
    ParameterError
        If neither `y` nor `chroma` is given, or as `chroma_cqt`.

    See Also
    --------
    chroma_cqt

    References
    ----------
    ``librosa.feature.tonnetz`` 0.11; Harte, Sandler and Gasser, "Detecting harmonic change in
    musical audio" (ACM Workshop on Audio and Music Computing Multimedia, 2006).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> serfast.tonnetz(y=y, sr=22050).shape
    (6, 44)
    """
    if chroma is None:
        chroma = chroma_cqt(y=_given(y, "chroma"), sr=sr, **kwargs)
    chroma = validate.rows(chroma, "chroma")
    return np.asarray(_circles(n_chroma=chroma.shape[-2]) @ normalize(chroma, norm=1, axis=-2))


@engine.cached
def _circles(*, n_chroma: int) -> Array:
    """Coordinates of each pitch class on the three circles; the last has half the radius."""
    pitch = np.linspace(0, 12, num=n_chroma, endpoint=False)
    angles = np.multiply.outer(np.repeat([7 / 6, 3 / 2, 2 / 3], 2), pitch)
    angles[::2] -= 0.5  # a cosine a quarter turn late is a sine
    radii = np.repeat([1, 1, 0.5], 2)
    return np.asarray(radii[:, None] * np.cos(np.pi * angles))


def _given(y: Any, other: str) -> Any:
    if y is None:
        raise ParameterError(f"either y or {other} must be given")
    return y


def _n_bins(n_octaves: Any, per_octave: Any) -> int:
    return validate.positive_int("n_octaves", n_octaves) * validate.positive_int(
        "bins_per_octave", per_octave
    )


def _folded(magnitude: Real, threshold: float | None, norm: float | None, **options: Any) -> Real:
    """Pitch classes' sums over the octaves, each frame divided by its norm."""
    chroma = _weights(n_input=magnitude.shape[-2], **options) @ magnitude
    if threshold is not None:
        chroma[chroma < validate.number("threshold", threshold)] = 0.0
    return normalize(chroma, norm=norm, axis=-2)


@engine.cached
def _weights(**options: Any) -> Array:
    return cq_to_chroma(options.pop("n_input"), **options)
