"""Kaldi's front end: filter bank energies and cepstra as speech recognizers were trained on.

Options carry the names and defaults of ``torchaudio.compliance.kaldi``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .errors import ParameterError

__all__ = ["fbank", "mfcc"]

_windows = ("povey", "hanning", "hamming", "rectangular", "blackman")
_integers = "in the range of 16-bit integers, e.g. waveform.astype(np.float32)"


def fbank(
    waveform: Real,
    *,
    sample_frequency: float = 16000.0,
    frame_length: float = 25.0,
    frame_shift: float = 10.0,
    snip_edges: bool = True,
    dither: float = 0.0,
    remove_dc_offset: bool = True,
    preemphasis_coefficient: float = 0.97,
    window_type: str = "povey",
    blackman_coeff: float = 0.42,
    round_to_power_of_two: bool = True,
    num_mel_bins: int = 23,
    low_freq: float = 20.0,
    high_freq: float = 0.0,
    use_power: bool = True,
    use_log_fbank: bool = True,
    use_energy: bool = False,
    raw_energy: bool = True,
    energy_floor: float = 1.0,
    htk_compat: bool = False,
    subtract_mean: bool = False,
) -> Real:
    """Log mel energies as Kaldi computes them, frame by frame.

    Parameters
    ----------
    waveform : np.ndarray or CPU tensor [shape=(..., n)], float32 or float64
        The signal, taken as it is; leading axes are channels. Kaldi's own scale is that of 16-bit
        integers, -32768 to 32767: for its values multiply samples in [-1, 1] by 32768.
    sample_frequency : number > 0
        Sampling rate in Hz.
    frame_length, frame_shift : number > 0
        Length of a frame and distance of frames in milliseconds, cut to whole samples.
    snip_edges : bool
        Frames lie inside the signal, ``1 + (n - length) // shift`` of them. False: a frame around
        the middle of each shift, ``(n + shift // 2) // shift`` of them, the signal mirrored at its
        ends.
    dither : 0
        Random noise on each frame is not supported: add noise to the waveform.
    remove_dc_offset : bool
        Whether to subtract each frame's mean.
    preemphasis_coefficient : float, 0 to 1
        Share of the sample before that is subtracted from each sample of a frame.
    window_type : "povey", "hanning", "hamming", "rectangular" or "blackman"
        Symmetric window; "povey" is a Hann window to the power of 0.85.
    blackman_coeff : float
        Constant term of the Blackman window.
    round_to_power_of_two : bool
        Whether frames are filled with zeros to a transform of a power of two. Otherwise their
        number of samples must be even.
    num_mel_bins : int > 0
        Number of mel bands.
    low_freq, high_freq : float
        Where the first band begins and the last one ends, in Hz. Zero or less for `high_freq`
        counts from half the sampling rate.
    use_power : bool
        Whether bands sum power, or magnitude.
    use_log_fbank : bool
        Whether to take the natural logarithm, of 1.2e-7 at least.
    use_energy : bool
        Whether a column with the log energy of the frame comes first.
    raw_energy : bool
        Energy of the frame before preemphasis and window, or after.
    energy_floor : float >= 0
        Least energy of a frame before its logarithm.
    htk_compat : bool
        The energy comes last instead.
    subtract_mean : bool
        Whether to subtract each column's mean over all frames.

    Returns
    -------
    feature : np.ndarray [shape=(..., frames, num_mel_bins + use_energy)]
        A row for each frame, float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If `waveform` is no array of finite floats or shorter than a frame, or an option is out of
        its range.

    See Also
    --------
    mfcc, serfast.melspectrogram

    Notes
    -----
    Not here: warping of the frequencies (VTLN), `channel` and `min_duration`.

    References
    ----------
    ``torchaudio.compliance.kaldi.fbank`` 2.11; ``kaldi_native_fbank.OnlineFbank`` 1.22; Povey et
    al., "The Kaldi speech recognition toolkit" (ASRU 2011).

    Examples
    --------
    >>> import numpy as np, serfast.kaldi
    >>> y = 10000 * np.sin(np.arange(16000, dtype=np.float32) / 10)
    >>> features = serfast.kaldi.fbank(y, num_mel_bins=80)
    >>> features.shape, features.dtype
    ((98, 80), dtype('float32'))
    """
    options = {
        "sample_frequency": sample_frequency, "frame_length": frame_length,
        "frame_shift": frame_shift, "snip_edges": snip_edges, "dither": dither,
        "remove_dc_offset": remove_dc_offset, "preemphasis_coefficient": preemphasis_coefficient,
        "window_type": window_type, "blackman_coeff": blackman_coeff,
        "round_to_power_of_two": round_to_power_of_two, "num_mel_bins": num_mel_bins,
        "low_freq": low_freq, "high_freq": high_freq, "use_power": use_power,
        "use_log_fbank": use_log_fbank, "use_energy": use_energy, "raw_energy": raw_energy,
        "energy_floor": energy_floor, "htk_compat": htk_compat,
    }  # fmt: skip
    return _frames("kaldi_fbank", waveform, options, subtract_mean)


@engine.translates("kaldi_fbank")
def _fbank(o: engine.Options) -> engine.Options:
    return {
        **_common(o),
        "use_power": bool(o["use_power"]),
        "use_log_fbank": bool(o["use_log_fbank"]),
    }


def mfcc(
    waveform: Real,
    *,
    sample_frequency: float = 16000.0,
    frame_length: float = 25.0,
    frame_shift: float = 10.0,
    snip_edges: bool = True,
    dither: float = 0.0,
    remove_dc_offset: bool = True,
    preemphasis_coefficient: float = 0.97,
    window_type: str = "povey",
    blackman_coeff: float = 0.42,
    round_to_power_of_two: bool = True,
    num_mel_bins: int = 23,
    low_freq: float = 20.0,
    high_freq: float = 0.0,
    num_ceps: int = 13,
    cepstral_lifter: float = 22.0,
    use_energy: bool = False,
    raw_energy: bool = True,
    energy_floor: float = 1.0,
    htk_compat: bool = False,
    subtract_mean: bool = False,
) -> Real:
    """Mel-frequency cepstral coefficients as Kaldi computes them, frame by frame.

    Parameters
    ----------
    waveform : np.ndarray or CPU tensor [shape=(..., n)], float32 or float64
        The signal, taken as it is: see `fbank`.
    sample_frequency, frame_length, frame_shift, snip_edges, dither
        Frames: see `fbank`. By default 25 ms every 10 ms.
    remove_dc_offset, preemphasis_coefficient, window_type, blackman_coeff
        Preparation of each frame: see `fbank`.
    round_to_power_of_two, num_mel_bins, low_freq, high_freq
        Transform and mel bands: see `fbank`.
    num_ceps : int > 0
        Number of coefficients, at most `num_mel_bins`.
    cepstral_lifter : float >= 0
        Multiplies coefficient k by ``1 + cepstral_lifter / 2 * sin(pi * k / cepstral_lifter)``; 0:
        not.
    use_energy : bool
        Whether the frame's log energy takes the place of coefficient 0. Kaldi's own programs do
        that unless told otherwise.
    raw_energy, energy_floor
        That energy: see `fbank`.
    htk_compat : bool
        Coefficient 0, times the square root of 2, or the energy, comes last.
    subtract_mean : bool
        Whether to subtract each column's mean over all frames.

    Returns
    -------
    feature : np.ndarray [shape=(..., frames, num_ceps)]
        A row for each frame, float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If `waveform` is no array of finite floats or shorter than a frame, or an option is out of
        its range.

    See Also
    --------
    fbank, serfast.mfcc

    References
    ----------
    ``torchaudio.compliance.kaldi.mfcc`` 2.11; ``kaldi_native_fbank.OnlineMfcc`` 1.22.

    Examples
    --------
    >>> import numpy as np, serfast.kaldi
    >>> y = 10000 * np.sin(np.arange(16000, dtype=np.float32) / 10)
    >>> serfast.kaldi.mfcc(y, snip_edges=False).shape
    (100, 13)
    """
    options = {
        "sample_frequency": sample_frequency, "frame_length": frame_length,
        "frame_shift": frame_shift, "snip_edges": snip_edges, "dither": dither,
        "remove_dc_offset": remove_dc_offset, "preemphasis_coefficient": preemphasis_coefficient,
        "window_type": window_type, "blackman_coeff": blackman_coeff,
        "round_to_power_of_two": round_to_power_of_two, "num_mel_bins": num_mel_bins,
        "low_freq": low_freq, "high_freq": high_freq, "num_ceps": num_ceps,
        "cepstral_lifter": cepstral_lifter, "use_energy": use_energy, "raw_energy": raw_energy,
        "energy_floor": energy_floor, "htk_compat": htk_compat,
    }  # fmt: skip
    return _frames("kaldi_mfcc", waveform, options, subtract_mean)


@engine.translates("kaldi_mfcc")
def _mfcc(o: engine.Options) -> engine.Options:
    translated = _common(o)
    n_ceps = validate.positive_int("num_ceps", o["num_ceps"])
    if n_ceps > translated["n_mels"]:
        raise ParameterError(
            f"num_ceps={n_ceps} must be at most num_mel_bins={translated['n_mels']}"
        )
    return {
        **translated,
        "n_ceps": n_ceps,
        "lifter": validate.number("cepstral_lifter", o["cepstral_lifter"], 0),
    }


def _frames(feature: str, waveform: Any, options: engine.Options, subtract_mean: bool) -> Real:
    """The feature as rows, one for each frame."""
    y = validate.waveform(waveform, hint=_integers)
    made = engine.plan(feature, y, options)
    if y.shape[-1] == 0:
        raise ParameterError("waveform is too short: it is empty")
    result: Real = made.frames(y, engine.threads_for(y.size))
    if subtract_mean:
        result -= result.mean(axis=-2, keepdims=True, dtype=np.float64).astype(result.dtype)
    return result


def _common(o: engine.Options) -> engine.Options:
    """The options of frames, their preparation, mel bands and energy as the core takes them."""
    sr = validate.positive("sample_frequency", o["sample_frequency"])
    length = _samples("frame_length", o["frame_length"], sr, 2)
    if validate.number("dither", o["dither"]) != 0:
        raise ParameterError(
            f"dither={o['dither']!r} must be 0: serfast adds no noise; add it to the waveform"
        )
    n_fft = 1 << (length - 1).bit_length() if o["round_to_power_of_two"] else length
    if n_fft % 2:
        raise ParameterError(
            f"frame_length={o['frame_length']!r} is {length} samples, which must be even with "
            "round_to_power_of_two=False"
        )
    return {
        "sr": sr,
        "frame_length": length,
        "hop_length": _samples("frame_shift", o["frame_shift"], sr, 1),
        "n_fft": n_fft,
        "snip_edges": bool(o["snip_edges"]),
        "remove_dc_offset": bool(o["remove_dc_offset"]),
        "preemphasis": validate.number(
            "preemphasis_coefficient", o["preemphasis_coefficient"], 0, 1
        ),
        "window": _window(o["window_type"], length, o["blackman_coeff"]),
        **_band_options(o, sr),
        "use_energy": bool(o["use_energy"]),
        "raw_energy": bool(o["raw_energy"]),
        "energy_floor": validate.number("energy_floor", o["energy_floor"], 0),
        "htk_compat": bool(o["htk_compat"]),
    }


def _samples(name: str, milliseconds: Any, sr: float, least: int) -> int:
    samples = int(sr * validate.positive(name, milliseconds) * 0.001)
    if samples < least:
        raise ParameterError(
            f"{name}={milliseconds!r} ms is {samples} samples at {sr:g} Hz; at least {least} "
            "must be"
        )
    return validate.positive_int(name, samples)


def _band_options(o: engine.Options, sr: float) -> engine.Options:
    low = validate.number("low_freq", o["low_freq"], 0)
    high = validate.number("high_freq", o["high_freq"])
    if high <= 0:
        high += sr / 2
    if not low < high <= sr / 2:
        raise ParameterError(
            f"low_freq={o['low_freq']!r} and high_freq={o['high_freq']!r} must give a range within "
            f"0 to {sr / 2:g} Hz"
        )
    n_mels = validate.positive_int("num_mel_bins", o["num_mel_bins"])
    return {"n_mels": n_mels, "fmin": low, "fmax": high}


def _window(kind: Any, length: int, blackman_coeff: Any) -> Array:
    validate.choice("window_type", kind, _windows)
    a = validate.number("blackman_coeff", blackman_coeff)
    phase = np.linspace(0, 2 * np.pi, length)
    if kind == "rectangular":
        return np.ones(length)
    if kind == "hamming":
        return 0.54 - 0.46 * np.cos(phase)
    if kind == "blackman":
        return a - 0.5 * np.cos(phase) + (0.5 - a) * np.cos(2 * phase)
    hann = 0.5 - 0.5 * np.cos(phase)
    window: Array = hann**0.85 if kind == "povey" else hann
    return window
