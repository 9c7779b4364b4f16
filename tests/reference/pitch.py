"""Spectral peaks, and how far they are from the notes of A440."""

import numpy as np

from .spectrum import magnitude


def piptrack(*, y=None, sr=22050, S=None, n_fft=2048, hop_length=None, fmin=150.0, fmax=4000.0,
             threshold=0.1, win_length=None, window="hann", center=True, pad_mode="constant",
             ref=None):  # fmt: skip
    """Frequency and height of each spectral peak, interpolated by a parabola; 0 where none is.

    A peak is higher than its left neighbour, no lower than its right one, after all that does not
    exceed the reference (threshold * the column's maximum, unless given) has been set to 0.
    """
    S, n_fft = magnitude(y, S, n_fft, hop_length=hop_length, win_length=win_length, window=window,
                         center=center, pad_mode=pad_mode)  # fmt: skip
    S = np.abs(S)
    if ref is None:
        ref = np.max
    floor = threshold * np.expand_dims(ref(S, axis=-2), -2) if callable(ref) else np.abs(ref)
    frequencies = np.fft.rfftfreq(n_fft, 1.0 / sr)[:, None]
    allowed = (max(fmin, 0) <= frequencies) & (frequencies < min(fmax, sr / 2))
    peak = allowed & _local_maxima(S * (floor < S))
    shift = _parabola_shift(S)
    bins = np.arange(S.shape[-2])[:, None]
    height = S + 0.5 * np.gradient(S, axis=-2) * shift
    return np.where(peak, (bins + shift) * float(sr) / n_fft, 0.0), np.where(peak, height, 0.0)


def _local_maxima(x):
    """Where a bin is above the one before and no lower than the one after; bin 0 never is."""
    found = np.zeros(x.shape, dtype=bool)
    found[..., 1:, :] = x[..., 1:, :] > x[..., :-1, :]
    found[..., :-1, :] &= x[..., :-1, :] >= x[..., 1:, :]
    return found


def _parabola_shift(S):
    """Offset in bins of the vertex of the parabola through three bins; 0 where it is too far."""
    shift = np.zeros_like(S)
    before, here, after = S[..., :-2, :], S[..., 1:-1, :], S[..., 2:, :]
    curve, slope = after + before - 2 * here, (after - before) / 2
    near = np.abs(slope) < np.abs(curve)
    shift[..., 1:-1, :] = np.where(near, -slope / np.where(near, curve, 1.0), 0.0)
    return shift


def pitch_tuning(frequencies, *, resolution=0.01, bins_per_octave=12):
    """Deviation from A440, in bins: the left edge of the fullest cell of a histogram."""
    frequencies = np.atleast_1d(frequencies)
    frequencies = frequencies[frequencies > 0]
    if not len(frequencies):
        return 0.0
    deviation = np.mod(bins_per_octave * np.log2(frequencies / (440.0 / 16)), 1.0)
    deviation[deviation >= 0.5] -= 1.0
    edges = np.linspace(-0.5, 0.5, int(np.ceil(1.0 / resolution)) + 1)
    counts, _ = np.histogram(deviation, edges)
    return edges[np.argmax(counts)]


def estimate_tuning(*, y=None, sr=22050, S=None, n_fft=2048, resolution=0.01, bins_per_octave=12,
                    **peak_options):  # fmt: skip
    """`pitch_tuning` of those peaks that are at least as high as the median peak."""
    pitch, height = piptrack(y=y, sr=sr, S=S, n_fft=n_fft, **peak_options)
    peak = pitch > 0
    floor = np.median(height[peak]) if peak.any() else 0.0
    return pitch_tuning(pitch[peak & (height >= floor)], resolution=resolution,
                        bins_per_octave=bins_per_octave)  # fmt: skip
