"""Spectra and signals at another speed or pitch."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core
from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .arrays import fix_length
from .audio import resample
from .errors import ParameterError
from .filters import Window
from .spectrum import transform

__all__ = ["phase_vocoder", "pitch_shift", "time_stretch"]


def phase_vocoder(
    D: Array, *, rate: float, hop_length: int | None = None, n_fft: int | None = None
) -> Array:
    """Speed up spectra by a factor, keeping their pitch.

    Frames of the result have magnitudes between those of two neighbouring frames of `D`, and
    phases that go on by as much as those of the two frames differ.

    Parameters
    ----------
    D : np.ndarray [shape=(..., bins, frames)], complex
        Spectra as `stft` gives them; leading axes are channels.
    rate : number > 0
        How many times as fast: 2 leaves half of the frames.
    hop_length, n_fft : int > 0 or None
        Accepted for librosa's sake: whole turns of a bin's centre frequency do not change its
        phase, so that the result depends on neither.

    Returns
    -------
    D_stretched : np.ndarray [shape=(..., bins, ceil(frames / rate))]
        The spectra, of D's dtype. Phases are accumulated in double precision.

    Raises
    ------
    ParameterError
        If `D` is not complex or not finite, or an option is out of its range.

    See Also
    --------
    serfast.effects.time_stretch, serfast.effects.pitch_shift

    References
    ----------
    ``librosa.phase_vocoder`` 0.11; Ellis, "A phase vocoder in Matlab" (2002).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> D = serfast.stft(np.sin(np.arange(22050) / 5))
    >>> D.shape, serfast.phase_vocoder(D, rate=2.0).shape
    ((1025, 44), (1025, 22))
    """
    times = stretched_times(np.shape(D)[-1] if np.ndim(D) else 0, rate)
    D = np.asarray(D)
    if D.ndim < 2 or not np.iscomplexobj(D) or D.size == 0:
        raise ParameterError(
            f"D must be complex with shape (..., bins, frames), not {D.dtype} with {D.shape}"
        )
    if not np.all(np.isfinite(D)):
        raise ParameterError("D is not finite everywhere")
    if hop_length is not None:
        validate.positive_int("hop_length", hop_length)
    if n_fft is not None and validate.positive_int("n_fft", n_fft) // 2 + 1 != D.shape[-2]:
        raise ParameterError(f"n_fft={n_fft} needs {n_fft // 2 + 1} rows; D has {D.shape[-2]}")
    single = D.dtype == np.complex64
    D = validate.contiguous(D, np.complex64 if single else np.complex128)
    result: Array = _core.vocode(D, times)
    return result


def stretched_times(n_frames: int, rate: Any) -> list[float]:
    """Which (fractional) frames are read at this rate."""
    rate = validate.positive("rate", rate)
    if n_frames / rate >= 1 << 30:
        raise ParameterError(f"rate={rate!r} makes {n_frames / rate:.3g} frames of {n_frames}")
    times: list[float] = np.arange(0, n_frames, rate, dtype=np.float64).tolist()
    return times


def time_stretch(
    y: Real,
    *,
    rate: float,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
) -> Real:
    """Speed up a signal by a factor, keeping its pitch.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    rate : number > 0
        How many times as fast: 2 halves the length.
    n_fft, hop_length, win_length, window, center
        Of the spectra, as in `stft`.

    Returns
    -------
    y_stretch : np.ndarray [shape=(..., round(n / rate))]
        The stretched signal, of y's dtype.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, shorter than `n_fft` and not centred, or if an option
        is out of its range.

    See Also
    --------
    pitch_shift, phase_vocoder

    References
    ----------
    ``librosa.effects.time_stretch`` 0.11; Ellis, "A phase vocoder in Matlab" (2002).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> serfast.effects.time_stretch(y, rate=2.0).shape
    (11025,)
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, "constant")
    return _stretched(engine.checked_signal(y, frames), rate, frames)


def pitch_shift(
    y: Real,
    *,
    sr: float,
    n_steps: float,
    bins_per_octave: int = 12,
    res_type: str = "soxr_hq",
    scale: bool = False,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
) -> Real:
    """Shift the pitch of a signal, keeping its speed.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    n_steps : number
        How far to shift, in steps of ``1 / bins_per_octave`` octaves; negative for down.
    bins_per_octave : int > 0
        Steps to the octave; 12 are semitones.
    res_type, scale
        As in `resample`.
    n_fft, hop_length, win_length, window, center
        Of the spectra, as in `stft`.

    Returns
    -------
    y_shift : np.ndarray [shape=(..., n)]
        The shifted signal, of y's dtype and length.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, shorter than `n_fft` and not centred, or if an option
        is out of its range.

    See Also
    --------
    time_stretch, serfast.resample

    References
    ----------
    ``librosa.effects.pitch_shift`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> octave_up = serfast.effects.pitch_shift(y, sr=22050, n_steps=12)
    >>> int(np.abs(np.fft.rfft(octave_up)).argmax())
    880
    """
    validate.positive_int("bins_per_octave", bins_per_octave)
    n_octaves = validate.number("n_steps", n_steps) / bins_per_octave
    if abs(n_octaves) > 20:
        raise ParameterError(f"n_steps={n_steps!r} is {n_octaves:g} octaves; 20 are allowed")
    sr = validate.positive("sr", sr)
    rate = 2.0**-n_octaves
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, "constant")
    y = engine.checked_signal(y, frames)
    stretched = _stretched(y, rate, frames)
    shifted = resample(stretched, orig_sr=sr / rate, target_sr=sr, res_type=res_type, scale=scale)
    return fix_length(shifted, size=y.shape[-1])


def _stretched(y: Real, rate: float, frames: dict[str, Any]) -> Real:
    # In double, since the phases accumulate.
    forward = transform(double=True, **frames)
    inverse = transform(double=y.dtype == np.float64, **frames)
    times = stretched_times(forward.n_frames(y.shape[-1]), rate)
    length = round(y.shape[-1] / rate) or forward.n_samples(len(times))
    result: Real = _core.stretch(forward, inverse, y.astype(np.float64, copy=False), times, length)
    return result
