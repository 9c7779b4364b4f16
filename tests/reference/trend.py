"""Polynomials fitted to spectra."""

import numpy as np

from .spectrum import magnitude


def poly_features(*, y=None, sr=22050, S=None, order=1, freq=None, n_fft=2048, hop_length=512,
                  **frame):  # fmt: skip
    """Coefficients of the polynomial over frequency nearest to each frame, highest power first."""
    S, n_fft = magnitude(y, S, n_fft, hop_length=hop_length, **frame)
    if freq is None:
        freq = np.arange(n_fft // 2 + 1) * sr / n_fft
    flat = np.moveaxis(S, -2, 0).reshape(S.shape[-2], -1)
    fits = np.polyfit(freq, flat, order)
    return np.moveaxis(fits.reshape(order + 1, *S.shape[:-2], S.shape[-1]), 0, -2)
