"""Whisper's log-mel spectrogram."""

import numpy as np

from .framing import pad
from .mel import melspectrogram


def log_mel(y, *, n_mels=80, padding=0):
    """(..., n_mels, n // 160), about -1 to 1."""
    y = np.asarray(y, float)
    if padding == "max_length":
        y = y[..., :480000]
        padding = 480000 - y.shape[-1]
    y = pad(pad(y, 0, padding, "constant"), 200, 200, "reflect")
    mel = melspectrogram(y=y, sr=16000, n_fft=400, hop_length=160, n_mels=n_mels, center=False)
    mel = mel[..., :-1]
    log = np.log10(np.maximum(mel, 1e-10))
    return (np.maximum(log, log.max(axis=(-2, -1), keepdims=True) - 8) + 4) / 4
