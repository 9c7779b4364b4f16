"""Window functions; public as a part of `serfast.filters`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from . import _core
from . import _validate as validate
from ._validate import Array
from .errors import ParameterError

__all__ = ["get_window", "window_bandwidth"]

Window: TypeAlias = str | float | tuple[Any, ...] | Array | list[float] | Callable[[int], Array]

# Sums of cosines: the windows that nearly everyone uses, without an import of scipy.
_cosine_sums = {
    "hann": (0.5, 0.5),
    "hanning": (0.5, 0.5),
    "han": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "hamm": (0.54, 0.46),
    "ham": (0.54, 0.46),
    "blackman": (0.42, 0.50, 0.08),
    "black": (0.42, 0.50, 0.08),
    "blk": (0.42, 0.50, 0.08),
}

# librosa's figures, which no one formula gives: the noise bandwidth of windows of some length.
_BANDWIDTHS = {
    name: bandwidth
    for names, bandwidth in {
        "bart bartlett brt": 1.3334961334912805,
        "barthann brthan bth": 1.4560255965133932,
        "bkh blackharr blackmanharris": 2.0045975283585014,
        "black blackman blk": 1.7269681554262326,
        "bman bmn bohman": 1.7859588613860062,
        "box boxcar ones rect rectangular": 1.0,
        "cosine halfcosine": 1.2337005350199792,
        "flat flattop flt": 2.7762255046484143,
        "ham hamm hamming": 1.3629455320350348,
        "han hann": 1.50018310546875,
        "nut nutl nuttall": 1.9763500280946082,
        "par parz parzen": 1.9174603174603191,
        "tri triang triangle": 1.3331706523555851,
    }.items()
    for name in names.split()
}


def get_window(window: Window, Nx: int, *, fftbins: bool = True) -> Array:
    """Samples of a window function.

    Parameters
    ----------
    window : str, tuple, number, function or np.ndarray [shape=(Nx,)]
        A name that SciPy knows, such as ``"hann"``; a name with its parameters, such as
        ``("gaussian", 40.0)``; the beta of a Kaiser window; a function of `Nx`; or the samples
        themselves.
    Nx : int > 0
        Number of samples.
    fftbins : bool
        Whether the window is periodic, as a transform wants it, or symmetric. Functions and
        arrays decide for themselves.

    Returns
    -------
    window : np.ndarray [shape=(Nx,)]
        Weights, of float64 unless a function or an array has others.

    Raises
    ------
    ParameterError
        If no such window is known, `Nx` is not a positive integer, or an array has another length.

    See Also
    --------
    serfast.stft

    References
    ----------
    ``librosa.filters.get_window`` 0.11; ``scipy.signal.get_window``.

    Examples
    --------
    >>> import serfast
    >>> serfast.filters.get_window("hann", 4).round(3)
    array([0. , 0.5, 1. , 0.5])
    """
    if callable(window):
        return window(Nx)
    if isinstance(window, (np.ndarray, list)):
        if len(window) == Nx:
            return np.asarray(window)
        raise ParameterError(f"window has {len(window)} samples where {Nx} are needed")
    Nx = validate.positive_int("Nx", Nx)
    if isinstance(window, str) and window in _cosine_sums:
        return _core.cosine_window(_cosine_sums[window], Nx, bool(fftbins))
    if isinstance(window, (str, tuple)) or np.isscalar(window):
        from scipy.signal import get_window as scipy_window

        try:
            result: Array = scipy_window(window, Nx, fftbins=fftbins)
        except (ValueError, TypeError, LookupError) as error:
            raise ParameterError(f"window={window!r}: {error}") from None
        return result
    raise ParameterError(
        f"window={window!r} must be a name or tuple that scipy.signal.get_window takes, a number, "
        "a function, or an array"
    )


def window_bandwidth(window: Window, n: int = 1000) -> float:
    """Equivalent noise bandwidth of a window, in bins.

    Parameters
    ----------
    window : str, tuple, number or function
        As `get_window` takes it.
    n : int > 0
        Number of samples to measure it with, where it is not tabulated.

    Returns
    -------
    bandwidth : float >= 1
        1.0 for a window that is constant.

    Raises
    ------
    ParameterError
        If no such window is known or `n` is not a positive integer.

    See Also
    --------
    get_window, wavelet_lengths

    References
    ----------
    ``librosa.filters.window_bandwidth`` 0.11; Harris, "On the use of windows for harmonic analysis
    with the discrete Fourier transform" (Proceedings of the IEEE, 1978).

    Examples
    --------
    >>> import serfast
    >>> round(serfast.filters.window_bandwidth("hamming"), 3)
    1.363
    """
    name = getattr(window, "__name__", window)
    if isinstance(name, str) and name in _BANDWIDTHS:
        return _BANDWIDTHS[name]
    values = get_window(window, validate.positive_int("n", n))
    smallest = np.finfo(values.dtype).tiny
    return float(n * np.sum(values**2) / (np.sum(values) ** 2 + smallest))
