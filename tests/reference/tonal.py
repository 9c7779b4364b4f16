"""Chroma of constant-Q transforms, and tonal centroids."""

import numpy as np
import scipy.ndimage

from .constantq import _C1, cqt, hybrid_cqt, vqt
from .filters import get_window
from .framing import normalize


def chroma_cqt(*, y=None, sr=22050, C=None, hop_length=512, fmin=None, norm=np.inf, threshold=0.0,
               tuning=None, n_chroma=12, n_octaves=7, bins_per_octave=36,
               cqt_mode="full"):  # fmt: skip
    """Magnitudes of the bins around each pitch class, summed over the octaves."""
    n = n_chroma if bins_per_octave is None else bins_per_octave
    if n % n_chroma:
        raise ValueError(f"bins_per_octave={n} is no multiple of n_chroma={n_chroma}")
    if C is None:
        transform = {"full": cqt, "hybrid": hybrid_cqt}[cqt_mode]
        C = np.abs(transform(y, sr=sr, hop_length=hop_length, fmin=fmin, n_bins=n_octaves * n,
                             bins_per_octave=n, tuning=tuning))  # fmt: skip
    return _folded(C, fmin, n_chroma, n // n_chroma, norm, threshold)


def chroma_cens(*, norm=2, win_len_smooth=41, smoothing_window="hann", **options):
    """Chroma in five steps, smoothed over time."""
    shares = normalize(chroma_cqt(norm=None, **options), 1, axis=-2)
    steps = sum(np.where(shares > step, 0.25, 0.0) for step in (0.05, 0.1, 0.2, 0.4))
    if win_len_smooth is not None:
        if win_len_smooth < 1:
            raise ValueError(f"win_len_smooth={win_len_smooth} must be positive")
        taper = get_window(smoothing_window, win_len_smooth + 2, fftbins=False)
        steps = scipy.ndimage.convolve1d(steps, taper / taper.sum(), mode="constant")
    return normalize(steps, norm, axis=-2)


def chroma_vqt(*, y=None, sr=22050, V=None, hop_length=512, fmin=None, intervals, norm=np.inf,
               threshold=0.0, n_octaves=7, bins_per_octave=12, gamma=0):  # fmt: skip
    """The same for any scale, one bin to the pitch class."""
    n = bins_per_octave if isinstance(intervals, str) else len(intervals)
    if V is None:
        V = np.abs(vqt(y, sr=sr, hop_length=hop_length, fmin=fmin, n_bins=n_octaves * n,
                       intervals=intervals, bins_per_octave=n, gamma=gamma))  # fmt: skip
    return _folded(V, fmin, n, 1, norm, threshold)


def tonnetz(*, y=None, sr=22050, chroma=None, **options):
    """Shares of the pitch classes, as points on circles of fifths, minor and major thirds."""
    if chroma is None:
        chroma = chroma_cqt(y=y, sr=sr, **options)
    pitch = np.arange(chroma.shape[-2]) * 12 / chroma.shape[-2]
    rows = []
    for radius, turn in ((1, 7 / 6), (1, 3 / 2), (0.5, 2 / 3)):
        angle = np.pi * turn * pitch
        rows += [radius * np.sin(angle), radius * np.cos(angle)]
    return np.array(rows) @ normalize(chroma, 1, axis=-2)


def _folded(C, fmin, n_chroma, per_class, norm, threshold):
    """Bins summed by the pitch class that they are nearest to, counted from C."""
    octaves_above_c = np.log2((_C1 if fmin is None else fmin) / _C1) % 1
    first = int(np.round(octaves_above_c * 12 * (n_chroma / 12)))
    belongs = (np.arange(C.shape[-2]) + per_class // 2) // per_class + first
    weights = (belongs % n_chroma == np.arange(n_chroma)[:, None]).astype(float)
    chroma = weights @ C
    if threshold is not None:
        chroma[chroma < threshold] = 0
    return normalize(chroma, norm, axis=-2)
