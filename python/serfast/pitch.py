"""Spectral peaks and the tuning that they imply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _engine as engine
from . import _validate as validate
from ._validate import Real
from .convert import hz_to_octs
from .errors import ParameterError
from .filters import Window

__all__ = ["estimate_tuning", "piptrack", "pitch_tuning"]


def piptrack(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Real | None = None,
    n_fft: int | None = 2048,
    hop_length: int | None = None,
    fmin: float = 150.0,
    fmax: float = 4000.0,
    threshold: float = 0.1,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    ref: float | Callable[..., Any] | None = None,
) -> tuple[Real, Real]:
    """Frequencies and heights of the peaks of each frame's spectrum, by parabolic interpolation.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], optional
        A spectrogram, of which the magnitude is taken; counts before `y`.
    n_fft : int > 0 or None
        Transform length in samples; with `S` it may be None.
    hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default ``win_length // 4`` samples apart.
    fmin, fmax : float
        Lowest and highest frequency of a peak's bin in Hz, the latter excluded.
    threshold : float
        Peaks exceed this share of the frame's maximum.
    ref : number or None
        Magnitude that peaks exceed instead; its absolute value counts. None: by `threshold`.

    Returns
    -------
    pitches, magnitudes : np.ndarray [shape=(..., 1 + n_fft // 2, frames)]
        Frequencies in Hz and amplitudes, each at the bin of its peak and 0 elsewhere; float32
        for float32, else float64.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats, or an option is out of
        its range.

    See Also
    --------
    estimate_tuning, pitch_tuning

    References
    ----------
    ``librosa.piptrack`` 0.11; Smith, "Spectral Audio Signal Processing" (2011), quadratic
    interpolation of spectral peaks.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> pitches, magnitudes = serfast.piptrack(y=y, sr=22050)
    >>> peak = magnitudes[:, 20].argmax()
    >>> pitches.shape, int(pitches[peak, 20].round())
    ((1025, 44), 440)
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
    S = _spectrogram(y, S, frames, needed=callable(ref))
    floor = None
    if callable(ref):
        # All local maxima, less those that the function's threshold rules out.
        floor = threshold * np.expand_dims(ref(S, axis=-2), -2)
        ref = 0.0
    options = {"sr": sr, **frames, "fmin": fmin, "fmax": fmax, "threshold": threshold, "ref": ref}
    both = engine.of_spectrum("piptrack", y, S, options)
    n_bins = both.shape[-2] // 2
    pitches, magnitudes = both[..., :n_bins, :], both[..., n_bins:, :]
    if floor is not None and S is not None:
        pitches, magnitudes = np.where(floor < S, pitches, 0), np.where(floor < S, magnitudes, 0)
    return pitches, magnitudes


def _spectrogram(y: Any, S: Any, frames: engine.Options, *, needed: bool) -> Real | None:
    """S as magnitudes; of the signal only where it is needed."""
    if S is not None:
        return validate.rows(np.abs(S))
    if frames["n_fft"] is None:
        raise ParameterError("n_fft=None needs a spectrogram S, whose shape tells it")
    if not needed:
        return None
    from .spectrum import stft

    magnitudes: Real = np.abs(stft(y, **frames))
    return magnitudes


@engine.translates("piptrack")
def _piptrack(o: engine.Options) -> engine.Options:
    sr = validate.positive("sr", o["sr"])
    return {
        **engine.spectrum_options(o),
        "sr": sr,
        "peak_fmin": max(validate.number("fmin", o["fmin"]), 0.0),
        "peak_fmax": min(validate.number("fmax", o["fmax"]), sr / 2),
        "threshold": validate.number("threshold", o["threshold"]),
        "ref": None if o["ref"] is None else validate.number("ref", o["ref"]),
    }


@engine.translates("tuning")
def _tuning(o: engine.Options) -> engine.Options:
    return {
        **_piptrack(o),
        "power": 1.0,
        "resolution": _resolution(o["resolution"]),
        "bins_per_octave": validate.positive_int("bins_per_octave", o["bins_per_octave"]),
    }


def estimate_tuning(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Real | None = None,
    n_fft: int | None = 2048,
    resolution: float = 0.01,
    bins_per_octave: int = 12,
    hop_length: int | None = None,
    fmin: float = 150.0,
    fmax: float = 4000.0,
    threshold: float = 0.1,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    ref: float | Callable[..., Any] | None = None,
) -> float:
    """Deviation of a signal from A440, by the commonest one of its louder spectral peaks.

    Parameters
    ----------
    y : np.ndarray [shape=(n,)], float32 or float64, optional
        The signal.
    S : np.ndarray [shape=(1 + n_fft // 2, frames)], optional
        A spectrogram, of which the magnitude is taken; counts before `y`.
    resolution, bins_per_octave
        As in `pitch_tuning`.
    sr, n_fft, hop_length, win_length, window, center, pad_mode, fmin, fmax, threshold, ref
        As in `piptrack`.

    Returns
    -------
    tuning : float
        Deviation in fractions of a bin, -0.5 <= tuning < 0.5; 0 where there is no peak.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, there are several channels, `y` is no array of finite
        floats, or an option is out of its range.

    Warns
    -----
    UserWarning
        If there is no peak.

    See Also
    --------
    pitch_tuning, piptrack, tuning_to_A4

    Notes
    -----
    Peaks at least as high as their median count. librosa takes several channels and counts the
    peaks of all of them together.

    References
    ----------
    ``librosa.estimate_tuning`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * 2 ** (0.3 / 12) * np.arange(22050) / 22050)
    >>> round(serfast.estimate_tuning(y=y, sr=22050), 1)
    0.3
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
    peaks = {"sr": sr, **frames, "fmin": fmin, "fmax": fmax, "threshold": threshold, "ref": ref}
    if callable(ref):
        pitches, magnitudes = piptrack(y=y, S=S, **peaks)
        found = pitches > 0
        least = np.median(magnitudes[found]) if found.any() else 0.0
        return pitch_tuning(
            pitches[found & (magnitudes >= least)],
            resolution=resolution,
            bins_per_octave=bins_per_octave,
        )
    S = _spectrogram(y, S, frames, needed=False)
    return engine.tuning(
        y, S, {**peaks, "resolution": resolution, "bins_per_octave": bins_per_octave}
    )


def pitch_tuning(
    frequencies: npt.ArrayLike, *, resolution: float = 0.01, bins_per_octave: int = 12
) -> float:
    """Deviation of frequencies from A440: the commonest distance to the nearest bin.

    Parameters
    ----------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz; those that are not positive are left out.
    resolution : float from 0 to 1, both excluded
        Width of the histogram's steps, in fractions of a bin.
    bins_per_octave : int > 0
        Bins to the octave; 12 are semitones.

    Returns
    -------
    tuning : float
        Deviation in fractions of a bin, -0.5 <= tuning < 0.5: the lower edge of the fullest step
        of the histogram.

    Raises
    ------
    ParameterError
        If an option is out of its range.

    Warns
    -----
    UserWarning
        If no frequency is positive; the tuning is 0 then.

    See Also
    --------
    estimate_tuning, tuning_to_A4

    References
    ----------
    ``librosa.pitch_tuning`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> round(serfast.pitch_tuning(440 * 2 ** ((np.arange(4) + 0.255) / 12)), 2)
    0.25
    """
    hz = np.atleast_1d(np.asarray(frequencies, dtype=np.float64))
    hz = hz[hz > 0]
    if hz.size == 0:
        return engine.tuning_of_nothing(stacklevel=2)
    n_steps = int(np.ceil(1.0 / _resolution(resolution)))
    residual = np.mod(
        validate.positive_int("bins_per_octave", bins_per_octave) * hz_to_octs(hz), 1.0
    )
    residual[residual >= 0.5] -= 1.0
    counts, edges = np.histogram(residual, np.linspace(-0.5, 0.5, n_steps + 1))
    return float(edges[np.argmax(counts)])


def _resolution(value: float) -> float:
    if not 0 < validate.number("resolution", value) <= 1:
        raise ParameterError(f"resolution={value!r} must lie in the range (0, 1]")
    return float(value)
