"""The short-time Fourier transform and its inverse."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .errors import ParameterError
from .filters import Window

__all__ = ["istft", "stft"]


@engine.cached
def transform(*, double: bool, **options: Any) -> Any:
    o = engine.stft_options(options)
    return (_core.Stft64 if double else _core.Stft32)(
        window=o["window"], hop_length=o["hop_length"], center=o["center"], pad_mode=o["pad_mode"]
    )


def stft(
    y: Real,
    *,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    dtype: npt.DTypeLike | None = None,
    pad_mode: Any = "constant",
    out: Array | None = None,
) -> Array:
    """Short-time Fourier transform: the spectra of overlapping windowed frames.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    n_fft : int > 0
        Transform length in samples: any number, not only powers of two.
    hop_length : int > 0 or None
        Samples from each frame to the next. None: ``win_length // 4``.
    win_length : int from 1 to n_fft, or None
        Samples under the window, which is zero-padded on both sides to `n_fft`. None: `n_fft`.
    window : str, tuple, number, function or np.ndarray [shape=(win_length,)]
        As `filters.get_window` takes it.
    center : bool
        Whether frame t is centred on sample ``t * hop_length``, for which the signal is padded by
        ``n_fft // 2`` at both ends; if not, the frame begins there.
    dtype : complex dtype or None
        Type of the result. None: complex64 for float32, complex128 for float64.
    pad_mode : str or function
        How a centred signal is padded: ``"constant"`` (zeros), ``"edge"``, ``"reflect"``,
        ``"symmetric"``, ``"linear_ramp"``, ``"empty"``, or a function that `numpy.pad` takes.
    out : complex np.ndarray [shape=(..., 1 + n_fft // 2, frames or more)], optional
        Where to store the result.

    Returns
    -------
    D : np.ndarray [shape=(..., 1 + n_fft // 2, frames)]
        The spectra, unscaled; row k holds the frequency ``k * sr / n_fft`` in Hz. Frames:
        ``1 + n // hop_length`` for an even `n_fft`, ``1 + (n - n_fft) // hop_length`` uncentred.
        With `out`, the part of it that was filled.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, or empty where the padding needs a sample; if it is
        shorter than `n_fft` and not centred; if an option is out of its range or `out` does not
        fit.

    See Also
    --------
    istft, melspectrogram, power_to_db

    References
    ----------
    ``librosa.stft`` 0.11; Allen and Rabiner, "A unified approach to short-time Fourier analysis
    and synthesis" (Proceedings of the IEEE, 1977).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    >>> D = serfast.stft(y, n_fft=400, hop_length=160)
    >>> D.shape, D.dtype, int(np.abs(D[:, 25]).argmax()) * 8000 / 400
    ((201, 51), dtype('complex128'), 1000.0)
    """
    options = {
        "n_fft": validate.positive_int("n_fft", n_fft), "hop_length": hop_length,
        "win_length": win_length, "window": window, "center": center, "pad_mode": pad_mode,
    }  # fmt: skip
    y, options = engine.prepared(engine.checked_signal(y, options), options)
    plan = transform(double=y.dtype == np.float64, **options)
    result: Array = plan.forward(y, engine.threads_for(y.size))
    if dtype is not None:
        result = result.astype(dtype, copy=False)
    return result if out is None else _stored(result, out)


def _stored(result: Array, out: Array) -> Array:
    if out.shape[:-1] != result.shape[:-1] or out.shape[-1] < result.shape[-1]:
        raise ParameterError(f"out has shape {out.shape}; at least {result.shape} is needed")
    if not np.iscomplexobj(out):
        raise ParameterError(f"out has dtype {out.dtype}; it must be complex")
    filled = out if out.shape == result.shape else out[..., : result.shape[-1]]
    filled[...] = result
    return filled


def istft(
    stft_matrix: Array,
    *,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: Window = "hann",
    center: bool = True,
    dtype: npt.DTypeLike | None = None,
    length: int | None = None,
    out: Array | None = None,
) -> Real:
    """Inverse short-time Fourier transform: the signal whose spectra fit best.

    Parameters
    ----------
    stft_matrix : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], complex
        Spectra as `stft` gives them; leading axes are channels.
    hop_length, win_length, window, center
        As they were in `stft`, with the same defaults.
    n_fft : int > 0 or None
        Transform length in samples. None: the even one that fits the rows; an odd one must be
        given.
    dtype : float dtype or None
        Type of the result. None: float32 for complex64, else float64.
    length : int > 0 or None
        Cuts or zero-pads the result to so many samples. None: as many as the frames cover.
    out : np.ndarray [shape=(..., n)], optional
        Where to store the result.

    Returns
    -------
    y : np.ndarray [shape=(..., n)]
        The signal, at the scale that `stft` was given.

    Raises
    ------
    ParameterError
        If there are no frames, the rows do not fit `n_fft`, an option is out of its range, or
        `out` has another shape.

    See Also
    --------
    stft

    Notes
    -----
    Frames are windowed again, added, and divided by the sum of the squared windows where that is
    not zero. Samples under the first and last edges of uncentred windows are badly conditioned.

    References
    ----------
    ``librosa.istft`` 0.11; Griffin and Lim, "Signal estimation from modified short-time Fourier
    transform" (IEEE Transactions on ASSP, 1984).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(np.arange(5000) / 10)
    >>> bool(np.allclose(serfast.istft(serfast.stft(y), length=5000), y))
    True
    """
    D = _checked_stft(stft_matrix)
    if n_fft is None:
        n_fft = 2 * (D.shape[-2] - 1)
    if D.shape[-2] != validate.positive_int("n_fft", n_fft) // 2 + 1:
        raise ParameterError(
            f"stft_matrix has {D.shape[-2]} rows; n_fft={n_fft} needs {n_fft // 2 + 1}"
        )
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, "constant")
    plan = transform(double=D.dtype == np.complex128, **frames)
    hop_length = engine.hop_length(frames)
    n_frames = D.shape[-1]
    if length:
        padding = n_fft // 2 if center else 0
        n_frames = min(
            n_frames, -(-(validate.positive_int("length", length) + 2 * padding) // hop_length)
        )
    samples = length or plan.n_samples(n_frames)
    y: Real = plan.inverse(D, n_frames, max(samples, 0), engine.threads_for(samples))
    if dtype is not None:
        y = y.astype(dtype, copy=False)
    if out is None:
        return y
    if out.shape != y.shape:
        raise ParameterError(f"out has shape {out.shape}; {y.shape} is needed")
    out[...] = y
    return out


def _checked_stft(stft_matrix: Any) -> Array:
    D = np.asarray(stft_matrix)
    if D.ndim < 2 or D.shape[-1] == 0:
        raise ParameterError(f"stft_matrix must have shape (..., bins, frames), not {D.shape}")
    single = D.dtype in (np.complex64, np.float32)
    return validate.contiguous(D, dtype=np.complex64 if single else np.complex128)
