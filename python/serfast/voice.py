"""Features of the voice, frame by frame: fundamental frequency and periodicity."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _engine as engine
from . import _validate as validate
from ._validate import Real
from .f0 import check_range

__all__ = ["periodicity", "voiced_f0"]


def voiced_f0(
    *,
    y: Real,
    sr: float = 22050,
    fmin: float = 60.0,
    fmax: float = 600.0,
    frame_length: int = 2048,
    hop_length: int = 512,
    trough_threshold: float = 0.1,
    min_periodicity: float = 0.7,
    center: bool = True,
    pad_mode: Any = "constant",
) -> Real:
    """Fundamental frequency of the voiced frames; NaN in the others.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    fmin, fmax : number > 0
        Lowest and highest frequency in Hz; `fmax` is at most ``sr / 2``, and a period of `fmin`
        fits into a frame (with less than two there is a warning).
    frame_length, hop_length : int > 0
        Samples of a frame, and from each frame to the next.
    trough_threshold : number
        The period is the first trough of YIN's normalized difference function below this, or else
        its lowest point.
    min_periodicity : number, 0 to 1
        A frame is voiced from this `periodicity` on.
    center : bool
        Whether frame t is centred on sample ``t * hop_length``; if not, it begins there.
    pad_mode : str or function
        How a centred signal is padded, as `numpy.pad` takes it. Default: with zeros.

    Returns
    -------
    f0 : np.ndarray [shape=(..., 1, frames)]
        Frequencies in Hz, `fmin` to `fmax`, or NaN; float32 for float32, else float64.

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
    periodicity, yin, pyin

    Notes
    -----
    The frequencies are those of `yin`, within the rounding of the signal's precision, at a fraction
    of its time. Statistics of an `Extractor` leave out the frames without a value.

    References
    ----------
    de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music"
    (Journal of the Acoustical Society of America, 2002).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 200 * np.arange(22050) / 22050)
    >>> y[11025:] = 0
    >>> serfast.voiced_f0(y=y)[0, [10, 40]].round()
    array([200.,  nan])
    """
    options = {
        "sr": sr, "fmin": fmin, "fmax": fmax, "frame_length": frame_length,
        "hop_length": hop_length, "trough_threshold": trough_threshold,
        "min_periodicity": min_periodicity, "center": center, "pad_mode": pad_mode,
    }  # fmt: skip
    return engine.of_signal("voiced_f0", validate.signal(y), options)


@engine.translates("voiced_f0")
def _voiced_f0(o: engine.Options) -> engine.Options:
    least = validate.number("min_periodicity", o["min_periodicity"], 0, 1)
    return {**_periodicity(o), "min_periodicity": least}


def periodicity(
    *,
    y: Real,
    sr: float = 22050,
    fmin: float = 60.0,
    fmax: float = 600.0,
    frame_length: int = 2048,
    hop_length: int = 512,
    trough_threshold: float = 0.1,
    center: bool = True,
    pad_mode: Any = "constant",
) -> Real:
    """How periodic each frame is: near 1 in vowels, near 0 in noise.

    Parameters
    ----------
    y, sr, fmin, fmax, frame_length, hop_length, trough_threshold, center, pad_mode
        As in `voiced_f0`.

    Returns
    -------
    p : np.ndarray [shape=(..., 1, frames)]
        One less YIN's normalized difference function at the period, not less than 0; float32 for
        float32, else float64. 0 in silence.

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
    voiced_f0

    Notes
    -----
    YIN's difference counts the samples that a shift uncovers: even a pure tone stays about
    ``period / (2 * frame_length)`` below 1.

    References
    ----------
    de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music"
    (Journal of the Acoustical Society of America, 2002).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 200 * np.arange(22050) / 22050)
    >>> y[11025:] = np.random.default_rng(0).standard_normal(11025)
    >>> p = serfast.periodicity(y=y)
    >>> bool(p[0, 10] > 0.95), bool(p[0, 40] < 0.3)
    (True, True)
    """
    options = {
        "sr": sr, "fmin": fmin, "fmax": fmax, "frame_length": frame_length,
        "hop_length": hop_length, "trough_threshold": trough_threshold, "center": center,
        "pad_mode": pad_mode,
    }  # fmt: skip
    return engine.of_signal("periodicity", validate.signal(y), options)


@engine.translates("periodicity")
def _periodicity(o: engine.Options) -> engine.Options:
    sr = validate.positive("sr", o["sr"])
    frame_length = validate.positive_int("frame_length", o["frame_length"])
    fmin, fmax = check_range(sr, o["fmin"], o["fmax"], frame_length)
    return {
        "sr": sr,
        "frame_length": frame_length,
        "hop_length": validate.positive_int("hop_length", o["hop_length"]),
        "min_period": int(sr / fmax),
        "max_period": int(np.ceil(sr / fmin)),
        "trough_threshold": validate.number("trough_threshold", o["trough_threshold"]),
        **engine.padding_options(o),
    }
