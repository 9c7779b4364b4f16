"""Signals changed."""

import numpy as np
import soxr

from . import decompose
from .decibel import amplitude_to_db
from .energy import rms
from .spectrum import istft, stft
from .stretching import phase_vocoder


def hpss(y, *, kernel_size=31, power=2.0, mask=False, margin=1.0, n_fft=2048, hop_length=None,
         win_length=None, window="hann", center=True, pad_mode="constant"):  # fmt: skip
    """Harmonic and percussive parts of a signal."""
    frame = {"n_fft": n_fft, "hop_length": hop_length, "win_length": win_length,
             "window": window, "center": center}  # fmt: skip
    parts = decompose.hpss(
        stft(y, pad_mode=pad_mode, **frame),
        kernel_size=kernel_size, power=power, mask=mask, margin=margin,
    )  # fmt: skip
    return tuple(istft(part, dtype=y.dtype, length=y.shape[-1], **frame) for part in parts)


def harmonic(y, **options):
    """The first of the two parts."""
    return hpss(y, **options)[0]


def percussive(y, **options):
    """The second of the two parts."""
    return hpss(y, **options)[1]


def time_stretch(y, *, rate, **frame):
    """The signal `rate` times as fast, at its old pitch."""
    D = phase_vocoder(stft(y, **frame), rate=rate)
    return istft(D, dtype=y.dtype, length=round(y.shape[-1] / rate), **frame)


def pitch_shift(y, *, sr, n_steps, bins_per_octave=12, res_type="soxr_hq", **frame):
    """The signal at another pitch, at its old speed."""
    if bins_per_octave < 1:
        raise ValueError(f"bins_per_octave={bins_per_octave} must be positive")
    rate = 2.0 ** (-float(n_steps) / bins_per_octave)
    slow = time_stretch(y, rate=rate, **frame)
    if rate != 1:
        slow = np.apply_along_axis(soxr.resample, -1, slow, sr / rate, sr, quality=res_type)
    missing = max(0, y.shape[-1] - slow.shape[-1])
    return np.pad(slow, [(0, 0)] * (y.ndim - 1) + [(0, missing)])[..., : y.shape[-1]]


def trim(y, *, hop_length=512, **silence):
    """The signal from its first frame that sounds to its last, and where they are."""
    frames = np.flatnonzero(_sounding(y, hop_length=hop_length, **silence))
    begin, end = (frames[0], frames[-1] + 1) if len(frames) else (0, 0)
    index = np.array([begin * hop_length, min(y.shape[-1], end * hop_length)])
    return y[..., index[0] : index[1]], index


def split(y, *, hop_length=512, **silence):
    """Where the runs of frames that sound begin and end."""
    sounding = _sounding(y, hop_length=hop_length, **silence)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], sounding, [0]])))
    return np.minimum(edges * hop_length, y.shape[-1]).reshape(-1, 2)


def _sounding(y, *, top_db=60, ref=np.max, frame_length=2048, hop_length=512, aggregate=np.max):
    """1 for each frame that is no more than top_db below the reference, else 0."""
    levels = rms(y=y, frame_length=frame_length, hop_length=hop_length, dtype=y.dtype)[..., 0, :]
    level = np.asarray(amplitude_to_db(levels, ref=ref, top_db=None))
    if level.ndim > 1:
        channels = tuple(range(level.ndim - 1))
        level = np.apply_over_axes(aggregate, level, channels).reshape(-1)
    return (level > -top_db).astype(int)
