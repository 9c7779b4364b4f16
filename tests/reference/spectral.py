"""Shape of the spectrum, frame by frame."""

import numpy as np

from .decibel import power_to_db_by_channel
from .framing import normalize
from .spectrum import magnitude


def _magnitude(y, S, n_fft, hop_length, win_length, window, center, pad_mode):
    """Magnitudes that are real and not negative, and their n_fft."""
    S, n_fft = magnitude(y, S, n_fft, hop_length=hop_length, win_length=win_length, window=window,
                         center=center, pad_mode=pad_mode)  # fmt: skip
    if np.iscomplexobj(S) or np.any(S < 0):
        raise ValueError("S must be real and not negative")
    return S, n_fft


def _rows(freq, sr, n_fft):
    """Frequencies as a column; given ones may be a matrix that changes from frame to frame."""
    freq = np.fft.rfftfreq(n_fft, 1.0 / sr) if freq is None else freq
    return freq[:, None] if freq.ndim == 1 else freq


def spectral_centroid(*, y=None, sr=22050, S=None, n_fft=2048, hop_length=512, freq=None,
                      win_length=None, window="hann", center=True,
                      pad_mode="constant"):  # fmt: skip
    """Mean frequency, weighted by magnitude (..., 1, n_frames)."""
    S, n_fft = _magnitude(y, S, n_fft, hop_length, win_length, window, center, pad_mode)
    return np.sum(_rows(freq, sr, n_fft) * normalize(S, 1, axis=-2), axis=-2, keepdims=True)


def spectral_bandwidth(*, y=None, sr=22050, S=None, n_fft=2048, hop_length=512, win_length=None,
                       window="hann", center=True, pad_mode="constant", freq=None, centroid=None,
                       norm=True, p=2):  # fmt: skip
    """Mean distance from the centroid in the p-norm (..., 1, n_frames)."""
    S, n_fft = _magnitude(y, S, n_fft, hop_length, win_length, window, center, pad_mode)
    freq = _rows(freq, sr, n_fft)
    weights = normalize(S, 1, axis=-2)
    if centroid is None:
        centroid = np.sum(freq * weights, axis=-2, keepdims=True)
    distance = np.abs(freq - centroid)
    return np.sum((weights if norm else S) * distance**p, axis=-2, keepdims=True) ** (1 / p)


def spectral_rolloff(*, y=None, sr=22050, S=None, n_fft=2048, hop_length=512, win_length=None,
                     window="hann", center=True, pad_mode="constant", freq=None,
                     roll_percent=0.85):  # fmt: skip
    """Lowest frequency up to which a share of the magnitude is found (..., 1, n_frames)."""
    if not 0 < roll_percent < 1:
        raise ValueError(f"roll_percent={roll_percent} must be between 0 and 1")
    S, n_fft = _magnitude(y, S, n_fft, hop_length, win_length, window, center, pad_mode)
    total = np.cumsum(S, axis=-2)
    reached = total >= roll_percent * total[..., -1:, :]
    return np.where(reached, _rows(freq, sr, n_fft), np.inf).min(axis=-2, keepdims=True)


def spectral_flatness(*, y=None, S=None, n_fft=2048, hop_length=512, win_length=None,
                      window="hann", center=True, pad_mode="constant", amin=1e-10,
                      power=2.0):  # fmt: skip
    """Geometric over arithmetic mean of the power spectrum (..., 1, n_frames)."""
    if amin <= 0:
        raise ValueError(f"amin={amin} must be positive")
    S, _ = _magnitude(y, S, n_fft, hop_length, win_length, window, center, pad_mode)
    S = np.maximum(amin, S**power)
    geometric = np.exp(np.mean(np.log(S), axis=-2, keepdims=True))
    return geometric / np.mean(S, axis=-2, keepdims=True)


def spectral_contrast(*, y=None, sr=22050, S=None, n_fft=2048, hop_length=512, win_length=None,
                      window="hann", center=True, pad_mode="constant", freq=None, fmin=200.0,
                      n_bands=6, quantile=0.02, linear=False, top_db=80.0):  # fmt: skip
    """Peak over valley of each octave band (..., n_bands + 1, n_frames), in dB unless linear.

    The floor of top_db under the maximum is each channel's own (librosa 0.11: 80, of all channels).
    """
    if n_bands < 1 or fmin <= 0 or not 0 < quantile < 1:
        raise ValueError(f"n_bands={n_bands}, fmin={fmin} or quantile={quantile} is out of range")
    S, n_fft = magnitude(y, S, n_fft, hop_length=hop_length, win_length=win_length, window=window,
                         center=center, pad_mode=pad_mode)  # fmt: skip
    freq = np.atleast_1d(np.fft.rfftfreq(n_fft, 1.0 / sr) if freq is None else freq)
    if freq.shape != S.shape[-2:-1]:
        raise ValueError(f"freq must have {S.shape[-2]} values")
    edges = np.concatenate([[0.0], fmin * 2.0 ** np.arange(n_bands + 1)])
    if edges[-2] >= 0.5 * sr:
        raise ValueError("the last band begins above half the sampling rate")
    means = [_valley_and_peak(S, _band(freq, edges, k), k == n_bands, quantile)
             for k in range(n_bands + 1)]  # fmt: skip
    valley, peak = np.stack(means, axis=-2)
    if linear:
        return peak - valley
    return power_to_db_by_channel(peak, top_db) - power_to_db_by_channel(valley, top_db)


def _band(freq, edges, k):
    """Bins of band k: those between its edges and one more below; the last band has all above."""
    inside = np.flatnonzero((freq >= edges[k]) & (freq <= edges[k + 1]))
    chosen = np.isin(np.arange(len(freq)), inside)
    if k > 0:
        chosen[inside[0] - 1] = True
    if k == len(edges) - 2:
        chosen[inside[-1] :] = True
    return chosen


def _valley_and_peak(S, chosen, is_last, quantile):
    """Means of the lowest and the highest bins of a band, whose top bin only the last one has."""
    band = np.sort(S[..., chosen, :][..., : None if is_last else -1, :], axis=-2)
    n = max(int(np.rint(quantile * chosen.sum())), 1)
    return np.stack([band[..., :n, :].mean(axis=-2), band[..., -n:, :].mean(axis=-2)])
