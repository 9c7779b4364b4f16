"""Tempograms and the tempo."""

import numpy as np

from .filters import get_window
from .framing import frames, normalize
from .spectrum import stft


def tempogram(*, onset_envelope, win_length=384, center=True, window="hann", norm=np.inf):
    """Autocorrelation of windowed stretches over its norm; beyond its ends the envelope fades."""
    x = np.asarray(onset_envelope, dtype=float)
    if win_length < 1 or not np.isfinite(x).all() or x.shape[-1] < (1 if center else win_length):
        raise ValueError("no window fits the envelope")
    n = x.shape[-1] if center else x.shape[-1] - win_length + 1
    if center:
        width = win_length // 2
        fade = np.arange(width) / max(width, 1)
        x = np.concatenate([x[..., :1] * fade, x, x[..., -1:] * fade[::-1]], axis=-1)
    x = frames(x, win_length, 1)[..., :n] * get_window(window, win_length)[:, None]
    lags = [
        np.sum(x[..., lag:, :] * x[..., : win_length - lag, :], axis=-2)
        for lag in range(win_length)
    ]
    return normalize(np.stack(lags, axis=-2), norm, -2)


def fourier_tempogram(*, onset_envelope, win_length=384, center=True, window="hann"):
    """The envelope's own short-time transform, a frame at a time."""
    return stft(np.asarray(onset_envelope), n_fft=win_length, hop_length=1, center=center,
                window=window)  # fmt: skip


def tempo(*, sr=22050, hop_length=512, onset_envelope, start_bpm=120, std_bpm=1.0, ac_size=8.0,
          max_tempo=320.0, aggregate=np.mean):  # fmt: skip
    """The lag where the mean autocorrelation, weighted by how likely its tempo is, peaks."""
    if start_bpm <= 0:
        raise ValueError("start_bpm must be positive")
    win_length = int(ac_size * sr) // hop_length
    lags = tempogram(onset_envelope=onset_envelope, win_length=win_length)
    return _tempo(lags, sr, hop_length, start_bpm, std_bpm, max_tempo, aggregate)


def _tempi(n, sr, hop_length):
    with np.errstate(divide="ignore"):
        return 60 * sr / (hop_length * np.arange(float(n)))


def _tempo(lags, sr, hop_length, start_bpm, std_bpm, max_tempo, aggregate):
    bpm = _tempi(lags.shape[-2], sr, hop_length)
    prior = -0.5 * (np.log2(bpm / start_bpm) / std_bpm) ** 2
    if max_tempo is not None and np.any(bpm < max_tempo):
        prior[bpm >= max_tempo] = -np.inf
    if aggregate is not None:
        lags = aggregate(lags, axis=-1, keepdims=True)
    score = np.log1p(1e6 * np.moveaxis(lags, -2, -1)) + prior
    return bpm[np.argmax(score, axis=-1)]


def tempogram_ratio(*, sr=22050, hop_length=512, onset_envelope, win_length=384, start_bpm=120,
                    std_bpm=1.0, max_tempo=320.0, factors=None, norm=np.inf, aggregate=None,
                    fill_value=0):  # fmt: skip
    """Each frame's autocorrelation at multiples of its tempo, read off between the lags."""
    if factors is None:
        factors = [4, 8 / 3, 3, 2, 4 / 3, 3 / 2, 1, 2 / 3, 3 / 4, 1 / 2, 1 / 3, 3 / 8, 1 / 4]
    lags = tempogram(onset_envelope=onset_envelope, win_length=win_length, norm=norm)
    bpm = _tempo(lags, sr, hop_length, start_bpm, std_bpm, max_tempo, None)
    tempi = _tempi(win_length, sr, hop_length)[:0:-1]
    result = np.empty((*lags.shape[:-2], len(factors), lags.shape[-1]))
    for at in np.ndindex(bpm.shape):
        curve = lags[(*at[:-1], slice(None), at[-1])][:0:-1]
        result[(*at[:-1], slice(None), at[-1])] = np.interp(
            bpm[at] * np.asarray(factors), tempi, curve, left=fill_value, right=fill_value
        )
    return result if aggregate is None else aggregate(result, axis=-1)
