"""Constant-Q and variable-Q transforms, octave by octave.

librosa makes the filters in single precision whatever the signal's, and soxr works in single
precision too: both are part of what the values are.
"""

import numpy as np
import scipy.fft
import soxr

from .filters import get_window
from .framing import normalize
from .pitch import estimate_tuning
from .spectrum import stft

_C1 = 440 * 2.0 ** (-45 / 12)
_HANN_BANDWIDTH = 1.50018310546875


def cqt(y, **options):
    """The variable-Q transform with equal steps and nothing added to the bandwidths."""
    return vqt(y, gamma=0, **options)


def vqt(y, *, sr=22050, hop_length=512, fmin=None, n_bins=84, intervals="equal", gamma=None,
        bins_per_octave=12, tuning=0.0, filter_scale=1, norm=1, sparsity=0.01, window="hann",
        scale=True, pad_mode="constant", res_type="soxr_hq", dtype=None):  # fmt: skip
    """Complex responses of filters to the frames of a signal that is halved octave by octave."""
    if not isinstance(intervals, str):
        bins_per_octave = len(intervals)
    filters = _Filters(y, sr, fmin, n_bins, intervals, gamma, bins_per_octave, tuning, filter_scale,
                       norm, sparsity, window)  # fmt: skip
    if filters.cutoff() > sr / 2:
        raise ValueError("the highest filter reaches beyond half of the sampling rate")
    n_octaves = int(np.ceil(n_bins / bins_per_octave))
    y, sr, hop = _early(y, sr, hop_length, filters.cutoff(), n_octaves, scale, res_type)
    parts, rate = [], sr
    for end in range(n_bins, 0, -bins_per_octave):
        spectra, n_fft = filters.spectra(slice(max(end - bins_per_octave, 0), end), rate)
        D = stft(y, n_fft=n_fft, hop_length=hop, window="boxcar", pad_mode=pad_mode)
        parts.append(np.sqrt(sr / rate) * spectra @ D)
        if hop % 2 == 0:
            y, rate, hop = _decimated(y, 2, res_type), rate / 2, hop // 2
    result = _stacked(parts)
    if scale:
        result /= np.sqrt(filters.lengths(sr))[:, None]
    return result if dtype is None else result.astype(dtype)


def pseudo_cqt(y, *, sr=22050, hop_length=512, fmin=None, n_bins=84, bins_per_octave=12, tuning=0.0,
               filter_scale=1, norm=1, sparsity=0.01, window="hann", scale=True,
               pad_mode="constant"):  # fmt: skip
    """Magnitudes of the filters' spectra times those of the frames, all frames equally long."""
    filters = _Filters(y, sr, fmin, n_bins, "equal", 0, bins_per_octave, tuning, filter_scale, norm,
                       sparsity, window)  # fmt: skip
    least = int(2 ** (1 + np.ceil(np.log2(hop_length))))
    spectra, n_fft = filters.spectra(slice(None), sr, least)
    D = stft(y, n_fft=n_fft, hop_length=hop_length, pad_mode=pad_mode)
    C = np.abs(spectra) @ np.abs(D)
    return C / np.sqrt(n_fft) if scale else C * np.sqrt(filters.lengths(sr) / n_fft)[:, None]


def hybrid_cqt(y, *, sr=22050, hop_length=512, fmin=None, n_bins=84, bins_per_octave=12, tuning=0.0,
               filter_scale=1, window="hann", res_type="soxr_hq", **options):  # fmt: skip
    """pseudo_cqt for the filters shorter than two hops, cqt for the others."""
    filters = _Filters(y, sr, fmin, n_bins, "equal", 0, bins_per_octave, tuning, filter_scale, 1, 0,
                       window)  # fmt: skip
    short = 2.0 ** np.ceil(np.log2(filters.lengths(sr))) < 2 * hop_length
    same = options | {"sr": sr, "hop_length": hop_length, "bins_per_octave": bins_per_octave,
                      "filter_scale": filter_scale, "window": window}  # fmt: skip
    parts = []
    if short.any():
        lowest = filters.frequencies[short].min()
        parts.append(pseudo_cqt(y, fmin=lowest, n_bins=int(short.sum()), **same))
    if not short.all():
        n_long, lowest = int((~short).sum()), filters.frequencies[0]
        parts.append(np.abs(cqt(y, fmin=lowest, n_bins=n_long, res_type=res_type, **same)))
    return _stacked(parts)


class _Filters:
    """Complex sinusoids under a window, of as many periods each (gamma = 0) or fewer."""

    def __init__(self, y, sr, fmin, n_bins, intervals, gamma, bins_per_octave, tuning, filter_scale,
                 norm, sparsity, window):  # fmt: skip
        if not (np.issubdtype(y.dtype, np.floating) and np.isfinite(y).all()):
            raise ValueError("y must be finite floating-point samples")
        if not (n_bins > 0 and filter_scale > 0 and 0 <= sparsity < 1 and (gamma or 0) >= 0):
            raise ValueError("an option is out of its range")
        if tuning is None:
            tuning = estimate_tuning(y=y, sr=sr, bins_per_octave=bins_per_octave)
        fmin = (_C1 if fmin is None else fmin) * 2.0 ** (tuning / bins_per_octave)
        octaves = 2.0 ** np.arange(np.ceil(n_bins / bins_per_octave))
        steps = _steps(intervals, bins_per_octave)
        self.frequencies = np.sort(np.multiply.outer(octaves, steps).ravel()[:n_bins]) * fmin
        self.alpha = _relative_bandwidth(self.frequencies, bins_per_octave)
        self.q = filter_scale / self.alpha
        self.gamma = self.alpha * 24.7 / 0.108 if gamma is None else gamma
        self.window, self.norm, self.sparsity = window, norm, sparsity

    def cutoff(self):
        """Where the highest main lobe ends."""
        window = get_window(self.window, 1000)
        width = 1000 * np.sum(window**2) / np.sum(window) ** 2
        if self.window == "hann":
            width = _HANN_BANDWIDTH
        return np.max(self.frequencies * (1 + 0.5 * width / self.q) + 0.5 * self.gamma)

    def lengths(self, sr):
        """Samples of each filter, not rounded."""
        return self.q * sr / (self.frequencies + self.gamma / self.alpha)

    def spectra(self, rows, sr, least_n_fft=0):
        """Spectra of some filters, less the smallest bins, and how long the frames are."""
        lengths = self.lengths(sr)[rows]
        size = int(2.0 ** np.ceil(np.log2(lengths.max())))
        filters = np.zeros((len(lengths), size), dtype=np.complex64)
        for row, length, frequency in zip(filters, lengths, self.frequencies[rows], strict=True):
            phase = np.arange(-length // 2, length // 2) * 2 * np.pi * frequency / sr
            n = len(phase)
            taper = get_window(self.window, n)
            wave = normalize((np.cos(phase) + 1j * np.sin(phase)) * taper, self.norm, axis=0)
            row[(size - n) // 2 : (size - n) // 2 + n] = wave
        n_fft = max(size, least_n_fft)
        filters *= lengths[:, None] / float(n_fft)
        spectra = scipy.fft.fft(filters, n=n_fft, axis=1)[:, : n_fft // 2 + 1]
        for row in spectra:
            size = np.sort(np.abs(row))
            share = np.cumsum(size / np.abs(row).sum())
            row[np.abs(row) < size[np.argmin(share < self.sparsity)]] = 0
        return spectra.astype(complex), n_fft


def _steps(intervals, n):
    """Ratios within an octave."""
    if not isinstance(intervals, str):
        return np.asarray(intervals, dtype=float)
    if intervals == "equal":
        return 2.0 ** (np.arange(n) / n)
    if intervals == "pythagorean":
        return 2.0 ** np.sort(np.arange(n) * np.log2(3) % 1)
    raise ValueError(f"intervals={intervals!r} is not known here")


def _relative_bandwidth(frequencies, bins_per_octave):
    """Half of the distance between the neighbours, or twice that to the only one."""
    octaves = np.log2(frequencies)
    if len(octaves) == 1:
        octaves = np.array([octaves[0], octaves[0] + 1 / bins_per_octave])
    ends = 2 * octaves[0] - octaves[1], 2 * octaves[-1] - octaves[-2]
    padded = np.concatenate([ends[:1], octaves, ends[1:]])
    ratio = 2.0 ** (padded[2:] - padded[:-2])
    return ((ratio - 1) / (ratio + 1))[: len(frequencies)]


def _early(y, sr, hop, cutoff, n_octaves, scale, res_type):
    """Signal, rate and hop, decimated as far as filters and hops of all octaves allow."""
    factor = 1
    while 4 * factor * 2 * cutoff < sr and hop % (2**n_octaves * factor) == 0:
        factor *= 2
    if factor == 1:
        return y, sr, hop
    if y.shape[-1] < factor:
        raise ValueError("too short")
    y = _decimated(y, factor, res_type)
    return (y if scale else y * np.sqrt(factor)), sr / factor, hop // factor


def _decimated(y, factor, res_type):
    """Every factor-th sample, of a band-limited signal, with the signal's energy."""
    n = -(-y.shape[-1] // factor)
    out = np.zeros((*y.shape[:-1], n))
    for index in np.ndindex(y.shape[:-1]):
        part = soxr.resample(y[index], factor, 1, quality=res_type)[:n]
        out[index][: len(part)] = part
    return out * np.sqrt(factor)


def _stacked(parts):
    """Octaves from the lowest to the highest, as many frames as all of them have."""
    n_frames = min(part.shape[-1] for part in parts)
    return np.concatenate([part[..., :n_frames] for part in parts[::-1]], axis=-2)
