"""Windows, and the matrices that gather FFT bins into mel bands and pitch classes."""

import numpy as np
import scipy.signal

from .framing import normalize


def get_window(window, Nx, *, fftbins=True):
    """Window of Nx samples: a SciPy name, tuple or number, a function of Nx, or the samples."""
    if callable(window):
        return window(Nx)
    if isinstance(window, (str, tuple)) or np.isscalar(window):
        return scipy.signal.get_window(window, Nx, fftbins=fftbins)
    if window is None or len(window) != Nx:
        raise ValueError(f"window={window!r} must have {Nx} samples")
    return np.asarray(window)


def fft_window(window, win_length, n_fft):
    """Window in the middle of n_fft samples, zeros around it."""
    before = (n_fft - win_length) // 2
    if before < 0:
        raise ValueError(f"win_length={win_length} must not exceed n_fft={n_fft}")
    return np.pad(get_window(window, win_length), (before, n_fft - win_length - before))


def mel(*, sr, n_fft, n_mels=128, fmin=0.0, fmax=None, htk=False, norm="slaney", dtype=np.float32):
    """Triangles between neighbouring mel frequencies (n_mels, bins).

    The weights are rounded to dtype before and after the norm, as librosa does.
    """
    edges = _mel_frequencies(n_mels + 2, fmin, sr / 2 if fmax is None else fmax, htk)
    frequencies = np.fft.rfftfreq(n_fft, 1.0 / sr)
    weights = np.zeros((n_mels, len(frequencies)), dtype=dtype)
    for band, (low, centre, high) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        rise = (frequencies - low) / (centre - low)
        fall = (high - frequencies) / (high - centre)
        weights[band] = np.maximum(0, np.minimum(rise, fall))
    if isinstance(norm, str):
        if norm != "slaney":
            raise ValueError(f"norm={norm!r} is not supported")
        return (weights * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(dtype)
    return normalize(weights, norm, axis=-1).astype(dtype)


def _mel_frequencies(n, fmin, fmax, htk):
    """Frequencies with equal steps in mel, by HTK's formula or Slaney's."""
    if htk:
        steps = np.linspace(*(2595 * np.log10(1 + np.array([fmin, fmax]) / 700)), n)
        return 700 * (10 ** (steps / 2595) - 1)
    log_step = np.log(6.4) / 27
    low, high = (
        15 + np.log(f / 1000) / log_step if f >= 1000 else 3 * f / 200 for f in (fmin, fmax)
    )
    steps = np.linspace(low, high, n)
    return np.where(steps >= 15, 1000 * np.exp(log_step * (steps - 15)), 200 * steps / 3)


def chroma(*, sr, n_fft, n_chroma=12, tuning=0.0, ctroct=5.0, octwidth=2, norm=2, base_c=True,
           dtype=np.float32):  # fmt: skip
    """Gaussian bumps around each pitch class (n_chroma, bins), the octaves weighted too."""
    a440 = 440.0 * 2.0 ** (tuning / n_chroma)
    frequencies = np.linspace(0, sr, n_fft, endpoint=False)[1:]
    pitch = n_chroma * np.log2(frequencies / (a440 / 16))
    pitch = np.concatenate([[pitch[0] - 1.5 * n_chroma], pitch])
    width = np.concatenate([np.maximum(np.diff(pitch), 1.0), [1.0]])
    half = np.round(n_chroma / 2)
    distance = pitch - np.arange(n_chroma)[:, None]
    distance = np.remainder(distance + half + 10 * n_chroma, n_chroma) - half
    weights = normalize(np.exp(-0.5 * (2 * distance / width) ** 2), norm, axis=0)
    if octwidth is not None:
        weights = weights * np.exp(-0.5 * ((pitch / n_chroma - ctroct) / octwidth) ** 2)
    if base_c:
        weights = np.roll(weights, -3 * (n_chroma // 12), axis=0)
    return weights[:, : n_fft // 2 + 1].astype(dtype)
