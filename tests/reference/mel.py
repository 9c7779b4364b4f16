"""Mel spectrogram and MFCC."""

import numpy as np

from . import filters
from .decibel import power_to_db_by_channel
from .spectrum import magnitude


def melspectrogram(*, y=None, sr=22050, S=None, n_fft=2048, hop_length=512, win_length=None,
                   window="hann", center=True, pad_mode="constant", power=2.0, n_mels=128,
                   fmin=0.0, fmax=None, htk=False, norm="slaney", dtype=np.float32):  # fmt: skip
    """Mel-weighted sums of the power spectrum (..., n_mels, n_frames)."""
    S, n_fft = magnitude(y, S, n_fft, power, hop_length=hop_length, win_length=win_length,
                         window=window, center=center, pad_mode=pad_mode)  # fmt: skip
    weights = filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk,
                          norm=norm, dtype=dtype)  # fmt: skip
    return weights.astype(float) @ S


def log_mel(*, ref=1.0, amin=1e-10, top_db=80.0, **mel_options):
    """The mel spectrum in dB; the maximum and the floor under it are each channel's own."""
    S = np.maximum(amin, melspectrogram(**mel_options))
    top = S.max(axis=(-2, -1), keepdims=True)
    if top_db is not None:
        S = np.maximum(S, top * 10 ** (-top_db / 10))
    return 10 * np.log10(S / (top if ref == "max" else max(amin, ref)))


def mfcc(*, y=None, sr=22050, S=None, n_mfcc=20, dct_type=2, norm="ortho", lifter=0,
         mel_norm="slaney", top_db=80.0, **mel_options):  # fmt: skip
    """Cosine transform of the log-mel spectrum (..., n_mfcc, n_frames).

    The floor of top_db under the maximum is each channel's own (librosa 0.11: 80, of all channels).
    """
    if lifter < 0:
        raise ValueError(f"lifter={lifter} must not be negative")
    if S is None:
        S = power_to_db_by_channel(melspectrogram(y=y, sr=sr, norm=mel_norm, **mel_options), top_db)
    cepstrum = (dct_matrix(S.shape[-2], dct_type, norm) @ S)[..., :n_mfcc, :]
    if lifter > 0:
        if cepstrum.shape[-2] != n_mfcc:
            raise ValueError(f"lifter needs n_mfcc={n_mfcc} rows, there are {cepstrum.shape[-2]}")
        cepstrum = cepstrum * (
            1 + lifter / 2 * np.sin(np.pi * np.arange(1, n_mfcc + 1) / lifter)[:, None]
        )
    return cepstrum


def dct_matrix(n, dct_type, norm):
    """DCT of type 1, 2 or 3 of n values as a matrix, with SciPy's norms."""
    if dct_type not in (1, 2, 3) or norm not in (None, "backward", "forward", "ortho"):
        raise ValueError(f"dct_type={dct_type!r}, norm={norm!r} is not supported")
    if dct_type == 1 and n < 2:
        raise ValueError("dct_type=1 needs two values")
    k, i, ones = np.arange(n)[:, None], np.arange(n), np.ones(n)
    first = np.where(i == 0, np.sqrt(0.5), 1.0)
    ends = np.where((i == 0) | (i == n - 1), np.sqrt(0.5), 1.0)
    angle, row, column, length = {
        1: (k * i / max(n - 1, 1), ends, ends, 2 * (n - 1)),
        2: (k * (2 * i + 1) / (2 * n), first, ones, 2 * n),
        3: ((2 * k + 1) * i / (2 * n), ones, first, 2 * n),
    }[dct_type]
    if norm == "ortho":
        return 2 * row[:, None] * np.cos(np.pi * angle) * column / np.sqrt(length)
    return 2 * np.cos(np.pi * angle) * column**2 / (length if norm == "forward" else 1)
