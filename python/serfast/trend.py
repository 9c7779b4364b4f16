"""The trend of a spectrum over frequency: polynomials fitted to each frame."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .convert import fft_frequencies
from .filters import Window
from .spectrum import stft

__all__ = ["poly_features"]


def poly_features(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Real | None = None,
    n_fft: int = 2048,
    hop_length: int = 512,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
    order: int = 1,
    freq: Array | None = None,
) -> Array:
    """Coefficients of a polynomial fitted to each frame's spectrum.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], optional
        A spectrogram, taken as it is; counts before `y`, of which the magnitude is taken.
    n_fft, hop_length, win_length, window, center, pad_mode
        Frames of `y`: see `stft`. By default 2048 samples every 512.
    order : int >= 0
        Degree of the polynomial.
    freq : np.ndarray [shape=(1 + n_fft // 2,) or (..., 1 + n_fft // 2, frames)], optional
        Frequencies of the bins in Hz, for all frames or for each. None: those of a Fourier
        transform.

    Returns
    -------
    coefficients : np.ndarray [shape=(..., order + 1, frames)], float64
        The coefficients, that of the highest power first.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, one of them cannot be used, `freq` does not fit, or an
        option is out of its range.

    See Also
    --------
    spectral_centroid, spectral_bandwidth

    References
    ----------
    ``librosa.feature.poly_features`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> hz = serfast.fft_frequencies(sr=8000, n_fft=512)
    >>> serfast.poly_features(S=5 - hz[:, None] / 1000, sr=8000).ravel().round(6).tolist()
    [-0.001, 5.0]
    """
    degree = 0 if order == 0 else validate.positive_int("order", order)
    if S is None:
        options = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
        S = np.abs(stft(engine.checked_signal(y, options), **options))
    S = validate.rows(S)
    n_fft = engine.inferred_n_fft(n_fft, S)
    frequencies = fft_frequencies(sr=validate.positive("sr", sr), n_fft=n_fft)
    if freq is not None:
        frequencies = validate.bin_frequencies(freq, S).astype(np.float64)
    S = S.astype(np.float64, copy=False)
    if frequencies.ndim == 1:
        return np.asarray(_fits(frequencies, degree) @ S)
    fits = _fits(np.moveaxis(frequencies, -2, -1), degree)
    return np.asarray(np.einsum("...tcf,...ft->...ct", fits, S))


def _fits(frequencies: Array, degree: int) -> Array:
    """Matrices (..., coefficients, bins) that fit polynomials by least squares."""
    powers = frequencies[..., None] ** np.arange(degree, -1, -1.0)
    # Columns of equal length are better conditioned.
    scale = np.sqrt(np.sum(np.square(powers), axis=-2, keepdims=True))
    n_bins = frequencies.shape[-1]
    inverse = np.linalg.pinv(powers / scale, rcond=n_bins * np.finfo(np.float64).eps)
    return np.asarray(inverse / np.swapaxes(scale, -2, -1))
