"""torchaudio's transforms of a waveform."""

import numpy as np

from . import filters, framing
from .mel import dct_matrix


def Spectrogram(y, *, n_fft=400, win_length=None, hop_length=None, pad=0, window_fn="hann",
                power=2.0, normalized=False, center=True, pad_mode="reflect"):  # fmt: skip
    """Spectra of windowed frames (..., 1 + n_fft // 2, frames), as magnitude ** power."""
    win_length = n_fft if win_length is None else win_length
    taper = filters.fft_window(window_fn, win_length, n_fft)[:, None]
    y = framing.pad(np.asarray(y, float), pad, pad, "constant")
    if center:
        mode = {"replicate": "edge", "circular": "wrap"}.get(pad_mode, pad_mode)
        y = framing.pad(y, n_fft // 2, n_fft // 2, mode)
    spectrum = np.fft.rfft(taper * framing.frames(y, n_fft, hop_length or win_length // 2), axis=-2)
    if normalized:
        energy = n_fft if normalized == "frame_length" else np.sum(taper**2)
        spectrum /= np.sqrt(energy)
    return spectrum if power is None else np.abs(spectrum) ** power


def AmplitudeToDB(x, *, stype="power", top_db=None):
    """Decibels; the maximum that top_db counts from is that of the last three axes."""
    level = (10 if stype == "power" else 20) * np.log10(np.maximum(x, 1e-10))
    if top_db is None:
        return level
    axes = tuple(range(-min(3, level.ndim), 0))
    return np.maximum(level, level.max(axis=axes, keepdims=True) - top_db)


def MelScale(S, *, n_mels=128, sample_rate=16000, f_min=0.0, f_max=None, norm=None,
             mel_scale="htk"):  # fmt: skip
    """Sums of triangular bands (..., n_mels, frames)."""
    half = sample_rate // 2
    bank = filters.mel(sr=2 * half, n_fft=2 * (S.shape[-2] - 1), n_mels=n_mels, fmin=f_min,
                       fmax=half if f_max is None else f_max, htk=mel_scale == "htk",
                       norm=norm)  # fmt: skip
    return bank.astype(float) @ S


BANDS = ("sample_rate", "n_mels", "f_min", "f_max", "norm", "mel_scale")


def MelSpectrogram(y, **options):
    """Mel bands of the spectrogram."""
    bands = {name: options.pop(name) for name in BANDS if name in options}
    return MelScale(Spectrogram(y, **options), **bands)


def MFCC(y, *, sample_rate=16000, n_mfcc=40, norm="ortho", log_mels=False, melkwargs=None):
    """Cosine transform of the mel bands in decibels."""
    mel = MelSpectrogram(y, sample_rate=sample_rate, **(melkwargs or {}))
    level = np.log(mel + 1e-6) if log_mels else AmplitudeToDB(mel, top_db=80)
    return (dct_matrix(mel.shape[-2], 2, norm) @ level)[..., :n_mfcc, :]
