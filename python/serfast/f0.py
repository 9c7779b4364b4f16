"""Fundamental frequency: YIN, and its probabilistic version."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from . import _core
from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .errors import ParameterError

__all__ = ["pyin", "yin"]

# States are counted in 16 bits, as librosa does: voiced and unvoiced ones.
_MOST_BINS = 1 << 15


class _Deprecated:
    """Stands for an argument that nobody should give any more."""

    def __repr__(self) -> str:
        return "<deprecated>"


_DEPRECATED: Any = _Deprecated()


def yin(
    y: Real,
    *,
    fmin: float,
    fmax: float,
    sr: float = 22050,
    frame_length: int = 2048,
    win_length: int | None = _DEPRECATED,
    hop_length: int | None = None,
    trough_threshold: float = 0.1,
    center: bool = True,
    pad_mode: Any = "constant",
) -> Real:
    """Fundamental frequency of each frame, by the YIN algorithm.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    fmin : number > 0
        Lowest frequency in Hz; less than one period of it in a frame is refused, less than two
        bring a warning. For voices and most instruments 65 (C2) will do.
    fmax : number > fmin, at most sr / 2
        Highest frequency in Hz. For voices and most instruments 2093 (C7) will do.
    sr : number > 0
        Sampling rate in Hz.
    frame_length : int > 0
        Samples of a frame.
    win_length : deprecated
        Does nothing, except to warn.
    hop_length : int > 0 or None
        Samples from each frame to the next. None: ``frame_length // 4``.
    trough_threshold : number
        The period is the first trough of the normalized difference function below this, or else
        its lowest point.
    center : bool
        Whether frame t is centred on sample ``t * hop_length``; if not, it begins there.
    pad_mode : str or function
        How a centred signal is padded, as `numpy.pad` takes it. Default: with zeros.

    Returns
    -------
    f0 : np.ndarray [shape=(..., frames)], float64
        Frequencies in Hz, also for frames that have no pitch.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats or too short, or an option is out of its range.

    Warns
    -----
    UserWarning
        If less than two periods of `fmin` fit into a frame.

    See Also
    --------
    pyin, piptrack

    Notes
    -----
    Computed in float64 also for float32: comparisons of nearly equal numbers decide.

    References
    ----------
    ``librosa.yin`` 0.11; de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for
    speech and music" (Journal of the Acoustical Society of America, 2002).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> f0 = serfast.yin(y, fmin=65, fmax=2093)
    >>> f0.shape, float(f0[20].round(-1))
    ((44,), 440.0)
    """
    y, options = _checked(
        y, sr, fmin, fmax, frame_length, win_length, hop_length, center, pad_mode
    )  # fmt: skip
    threshold = validate.number("trough_threshold", trough_threshold)
    periods = _finder(**options).yin(y, threshold, engine.threads_for(y.size))
    f0: Real = sr / periods
    return f0


def pyin(
    y: Real,
    *,
    fmin: float,
    fmax: float,
    sr: float = 22050,
    frame_length: int = 2048,
    win_length: int | None = _DEPRECATED,
    hop_length: int | None = None,
    n_thresholds: int = 100,
    beta_parameters: tuple[float, float] = (2, 18),
    boltzmann_parameter: float = 2,
    resolution: float = 0.1,
    max_transition_rate: float = 35.92,
    switch_prob: float = 0.01,
    no_trough_prob: float = 0.01,
    fill_na: float | None = np.nan,
    center: bool = True,
    pad_mode: Any = "constant",
) -> tuple[Real, Array, Real]:
    """Fundamental frequency and voicing of each frame, by the probabilistic YIN algorithm.

    Each frame gives pitch candidates with probabilities; a Viterbi search finds the likeliest path
    through pitch bins, voiced or not.

    Parameters
    ----------
    y, fmin, fmax, sr, frame_length, win_length, hop_length, center, pad_mode
        As in `yin`.
    n_thresholds : int > 0
        Thresholds for troughs, evenly spaced from 0 to 1, the former excluded.
    beta_parameters : two numbers > 0
        Shape of the beta distribution of belief in the thresholds.
    boltzmann_parameter : number > 0
        Decay of the belief in the troughs under a threshold, from shorter to longer periods.
    resolution : number > 0
        Width of a pitch bin in semitones; a whole number of bins makes a semitone.
    max_transition_rate : number >= 0
        Fastest change of pitch in octaves per second.
    switch_prob : number from 0 to 1
        Probability that voicing changes from a frame to the next.
    no_trough_prob : number from 0 to 1
        Share of the belief in thresholds without a trough that the lowest trough gets.
    fill_na : number or None
        What `f0` is where a frame is unvoiced. None: the best guess.

    Returns
    -------
    f0 : np.ndarray [shape=(..., frames)], float64
        Frequencies of the pitch bins in Hz.
    voiced_flag : np.ndarray [shape=(..., frames)], bool
        Whether the frame is voiced.
    voiced_prob : np.ndarray [shape=(..., frames)], float64
        Probability that it is, from 0 to 1, by the frame alone.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats or too short, if an option is out of its range, or if
        the fastest change of pitch from a frame to the next exceeds the range of pitches.

    Warns
    -----
    UserWarning
        If less than two periods of `fmin` fit into a frame.

    See Also
    --------
    yin, piptrack

    Notes
    -----
    Computed in float64 also for float32: comparisons of nearly equal numbers decide.

    References
    ----------
    ``librosa.pyin`` 0.11; Mauch and Dixon, "pYIN: a fundamental frequency estimator using
    probabilistic threshold distributions" (ICASSP 2014).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> f0, voiced_flag, voiced_prob = serfast.pyin(y, fmin=65.41, fmax=2093)
    >>> f0.shape, float(f0[20].round()), bool(voiced_flag[20])
    ((44,), 440.0, True)
    """
    y, options = _checked(
        y, sr, fmin, fmax, frame_length, win_length, hop_length, center, pad_mode
    )  # fmt: skip
    tracker, frequencies = _tracker(
        **options, n_thresholds=n_thresholds, beta_parameters=beta_parameters,
        boltzmann_parameter=boltzmann_parameter, resolution=resolution,
        max_transition_rate=max_transition_rate, switch_prob=switch_prob,
        no_trough_prob=no_trough_prob,
    )  # fmt: skip
    states, voiced_prob = tracker.track(y, engine.threads_for(y.size))
    f0 = frequencies[states % len(frequencies)]
    voiced_flag = states < len(frequencies)
    if fill_na is not None:
        f0[~voiced_flag] = _filling(fill_na)
    return f0, voiced_flag, voiced_prob


def _checked(
    y: Any, sr: Any, fmin: Any, fmax: Any, frame_length: Any, win_length: Any, hop_length: Any,
    center: bool, pad_mode: Any,
) -> tuple[Real, engine.Options]:  # fmt: skip
    """The signal, padded where the core does not know how to, and the options of `_finder`."""
    if win_length is not _DEPRECATED:
        warnings.warn(
            "win_length has no effect; it is deprecated and will go", FutureWarning, stacklevel=3
        )
    sr = validate.positive("sr", sr)
    frame_length = validate.positive_int("frame_length", frame_length)
    fmin, fmax = check_range(sr, fmin, fmax, frame_length)
    options = {
        "sr": sr, "fmin": fmin, "fmax": fmax, "frame_length": frame_length,
        "hop_length": frame_length // 4 if hop_length is None else hop_length, "center": center,
        "pad_mode": pad_mode,
    }  # fmt: skip
    validate.positive_int("hop_length", options["hop_length"])
    return engine.prepared(validate.signal(y), options)


def _filling(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ParameterError(f"fill_na={value!r} must be a number or None") from None


def check_range(sr: float, fmin: Any, fmax: Any, frame_length: int) -> tuple[float, float]:
    """The frequencies, if a frame holds a period of the lowest."""
    if fmin is None or fmax is None:
        raise ParameterError(f"fmin={fmin!r} and fmax={fmax!r} must both be given")
    fmin, fmax = validate.positive("fmin", fmin), validate.positive("fmax", fmax)
    if fmax > sr / 2:
        raise ParameterError(f"fmax={fmax:g} must be at most sr / 2 = {sr / 2:g}")
    if fmin >= fmax:
        raise ParameterError(f"fmin={fmin:g} must be less than fmax={fmax:g}")
    period = sr / fmin
    if period >= frame_length - 1:
        raise ParameterError(
            f"fmin={fmin:g} has a period of {period:.6g} samples at sr={sr:g}: too long for "
            f"frame_length={frame_length}, which must be at least {np.ceil(period) + 2:.9g}"
        )
    if period >= frame_length // 2:
        warnings.warn(
            f"less than two periods of fmin={fmin:g} at sr={sr:g} fit into frames of "
            f"frame_length={frame_length}: pitches may be wrong",
            stacklevel=4,
        )
    return fmin, fmax


@engine.cached
def _finder(
    *, sr: float, fmin: float, fmax: float, frame_length: int, hop_length: int, center: bool,
    pad_mode: Any,
) -> _core.PeriodFinder:  # fmt: skip
    return _core.PeriodFinder(
        frame_length=frame_length,
        hop_length=hop_length,
        **engine.padding_options({"center": center, "pad_mode": pad_mode}),
        min_period=int(np.floor(sr / fmax)),
        max_period=int(np.ceil(sr / fmin)),
    )


@engine.cached
def _tracker(
    *, n_thresholds: Any, beta_parameters: Any, boltzmann_parameter: Any, resolution: Any,
    max_transition_rate: Any, switch_prob: Any, no_trough_prob: Any, **frames: Any,
) -> tuple[_core.Pyin, Real]:  # fmt: skip
    """What finds the states, and the frequency of each pitch bin."""
    sr, fmin = frames["sr"], frames["fmin"]
    per_octave = 12 * int(np.ceil(1.0 / validate.positive("resolution", resolution)))
    n_bins = int(np.floor(per_octave * np.log2(frames["fmax"] / fmin))) + 1
    if not 1 < n_bins <= _MOST_BINS:
        raise ParameterError(
            f"resolution={resolution!r} makes {n_bins} pitch bins between fmin and fmax; "
            f"allowed are 2 to {_MOST_BINS}"
        )
    rate = validate.number("max_transition_rate", max_transition_rate, 0)
    semitones = round(rate * 12 * frames["hop_length"] / sr)
    width = semitones * (per_octave // 12) + 1
    if width > n_bins:
        raise ParameterError(
            f"max_transition_rate={rate:g} octaves per second reach over {width} pitch bins from "
            f"a frame to the next; there are {n_bins} between fmin and fmax"
        )
    thresholds = np.linspace(0, 1, validate.positive_int("n_thresholds", n_thresholds) + 1)
    model = _core.PitchModel(
        thresholds=thresholds[1:].tolist(),
        beliefs=_beliefs(thresholds, beta_parameters).tolist(),
        decay=validate.positive("boltzmann_parameter", boltzmann_parameter),
        no_trough_prob=validate.number("no_trough_prob", no_trough_prob, 0, 1),
        sr=sr,
        fmin=fmin,
        bins_per_octave=per_octave,
    )
    stay = 1 - validate.number("switch_prob", switch_prob, 0, 1)
    steps = _steps(n_bins, width)
    tiny = np.finfo(np.float64).tiny
    tracker = _core.Pyin(
        _finder(**frames), model, np.log(stay * steps + tiny), np.log((1 - stay) * steps + tiny)
    )
    return tracker, fmin * 2 ** (np.arange(n_bins) / per_octave)


def _beliefs(thresholds: Real, parameters: Any) -> Real:
    """The probability of each threshold: a beta distribution, cut at the thresholds."""
    from scipy.special import betainc

    if np.shape(parameters) != (2,):
        raise ParameterError(f"beta_parameters={parameters!r} must be two positive numbers")
    a, b = (validate.positive("beta_parameters", value) for value in parameters)
    beliefs: Real = np.diff(betainc(a, b, thresholds))
    return beliefs


def _steps(n_bins: int, width: int) -> Real:
    """Probability of each step: row r, column j is that from bin ``j + r - width // 2`` to bin j.

    Steps from a bin are distributed as a triangle, which the ends of the range cut.
    """
    count = np.arange(1, (width + 1) // 2 + 1)
    rise = 2 * count / (width + 1) if width % 2 else (2 * count - 1) / width
    triangle = np.append(rise, rise[::-1][width % 2 :])
    reach = width // 2
    # An even triangle has no middle; librosa centres it among all the bins.
    left = (n_bins - width) // 2 + n_bins // 2 + 1 - n_bins
    steps = np.zeros((2 * reach + 1, n_bins))
    for source in range(n_bins):
        to = (source + left + np.arange(width)) % n_bins
        near = np.abs(to - source) <= reach
        row = np.zeros(n_bins)
        row[to[near]] = triangle[near]
        row /= row.sum()
        steps[(source - to + reach)[near], to[near]] = row[to[near]]
    return steps
