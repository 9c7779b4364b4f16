"""Short-time Fourier transform and decibels."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .errors import ParameterError
from .filters import Window

__all__ = [
    "amplitude_to_db",
    "db_to_amplitude",
    "db_to_power",
    "istft",
    "power_to_db",
    "stft",
]


@engine.cached
def _transform(*, double: bool, **options: Any) -> Any:
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
    transform = _transform(double=y.dtype == np.float64, **options)
    result: Array = transform.forward(y, engine.threads_for(y.size))
    if dtype is not None:
        result = result.astype(dtype, copy=False)
    return result if out is None else _stored(result, out)


def _stored(result: Array, out: Array) -> Array:
    if out.shape[:-1] != result.shape[:-1] or out.shape[-1] < result.shape[-1]:
        raise ParameterError(f"out has shape {out.shape}; at least {result.shape} is needed")
    if not np.iscomplexobj(out):
        raise ParameterError(f"out has dtype {out.dtype}; it must be complex")
    out = out[..., : result.shape[-1]]
    out[...] = result
    return out


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
    hop_length = (
        (n_fft if win_length is None else win_length) // 4 if hop_length is None else hop_length
    )
    validate.positive_int("hop_length", hop_length)
    padding = n_fft // 2 if center else 0
    n_frames = D.shape[-1]
    if length:
        n_frames = min(
            n_frames, -(-(validate.positive_int("length", length) + 2 * padding) // hop_length)
        )
        samples = length
    else:
        samples = n_fft + hop_length * (n_frames - 1) - 2 * padding
    transform = _transform(
        double=D.dtype == np.complex128, n_fft=n_fft, hop_length=hop_length, win_length=win_length,
        window=window, center=center, pad_mode="constant",
    )  # fmt: skip
    y: Real = transform.inverse(D, n_frames, max(samples, 0))
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
    return np.ascontiguousarray(D, dtype=np.complex64 if single else np.complex128)


def power_to_db(
    S: npt.ArrayLike,
    *,
    ref: float | Callable[[Array], Any] = 1.0,
    amin: float = 1e-10,
    top_db: float | None = 80.0,
) -> Any:
    """Decibels of a power: ``10 * log10(S / ref)``, with a floor.

    Parameters
    ----------
    S : number or np.ndarray [shape=(...)]
        Power.
    ref : number or function
        The power that 0 dB stands for (its absolute value), or a function of `S` that tells it,
        such as ``np.max``.
    amin : float > 0
        `S` and `ref` are taken to be at least this.
    top_db : float >= 0 or None
        Lifts what lies more than so many dB below the maximum of the whole of `S`. None: nothing.

    Returns
    -------
    S_db : number or np.ndarray [shape=(...)]
        Level in dB, float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If `amin` is not positive or `top_db` is negative.

    Warns
    -----
    UserWarning
        If `S` is complex: its phase is discarded, nothing is squared.

    See Also
    --------
    db_to_power, amplitude_to_db

    Notes
    -----
    The maximum is that of all channels together, as in librosa. `mfcc` and `spectral_contrast`
    have a floor for each channel instead.

    References
    ----------
    ``librosa.power_to_db`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.power_to_db(np.array([1.0, 0.1, 0.0]), top_db=60)
    array([  0., -10., -60.])
    """
    power = np.asarray(S)
    if np.iscomplexobj(power):
        warnings.warn(
            "power_to_db was called on complex input, whose phase is discarded; "
            "call power_to_db(np.abs(D) ** 2) instead",
            stacklevel=2,
        )
        power = np.abs(power)
    return _decibels(power, _reference(ref, power), amin, top_db)


def amplitude_to_db(
    S: npt.ArrayLike,
    *,
    ref: float | Callable[[Array], Any] = 1.0,
    amin: float = 1e-5,
    top_db: float | None = 80.0,
) -> Any:
    """Decibels of an amplitude: ``20 * log10(S / ref)``, with a floor.

    Parameters
    ----------
    S : number or np.ndarray [shape=(...)]
        Amplitude; its absolute value counts.
    ref : number or function
        The amplitude that 0 dB stands for (its absolute value), or a function of ``np.abs(S)``
        that tells it, such as ``np.max``.
    amin : float > 0
        `S` and `ref` are taken to be at least this.
    top_db : float >= 0 or None
        Lifts what lies more than so many dB below the maximum of the whole of `S`. None: nothing.

    Returns
    -------
    S_db : number or np.ndarray [shape=(...)]
        Level in dB, float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If `amin` is not positive or `top_db` is negative.

    Warns
    -----
    UserWarning
        If `S` is complex: its phase is discarded.

    See Also
    --------
    db_to_amplitude, power_to_db

    References
    ----------
    ``librosa.amplitude_to_db`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.amplitude_to_db(np.array([2.0, -0.2]), ref=np.max)
    array([  0., -20.])
    """
    amplitude = np.asarray(S)
    if np.iscomplexobj(amplitude):
        warnings.warn(
            "amplitude_to_db was called on complex input, whose phase is discarded; "
            "call amplitude_to_db(np.abs(S)) instead",
            stacklevel=2,
        )
    magnitude = np.abs(amplitude)
    return _decibels(
        np.square(magnitude),
        _reference(ref, magnitude) ** 2,
        validate.positive("amin", amin) ** 2,
        top_db,
    )


def _reference(ref: Any, S: Array) -> Any:
    return ref(S) if callable(ref) else np.abs(ref)


def _decibels(power: Array, reference: Any, amin: float, top_db: float | None) -> Any:
    amin = validate.positive("amin", amin)
    if top_db is not None:
        validate.number("top_db", top_db, 0)
    if power.dtype not in (np.float32, np.float64):
        power = power.astype(np.float64)
    offset = 10.0 * np.log10(np.maximum(amin, reference))
    if np.ndim(offset) == 0 and np.all(np.isfinite(power)):
        db = _core.decibels(
            np.ascontiguousarray(power), amin=amin, reference=float(offset), top_db=top_db
        ).reshape(power.shape)
    else:
        db = 10.0 * np.log10(np.maximum(amin, power))
        db -= offset
        if top_db is not None:
            db = np.maximum(db, db.max() - top_db)
    return db if db.ndim else db[()]


def db_to_power(S_db: npt.ArrayLike, *, ref: float = 1.0) -> Any:
    """Power of a level in decibels: the inverse of `power_to_db`.

    Parameters
    ----------
    S_db : number or np.ndarray [shape=(...)]
        Level in dB.
    ref : float
        The power that 0 dB stands for.

    Returns
    -------
    S : number or np.ndarray [shape=(...)]
        Power, ``ref * 10 ** (S_db / 10)``.

    References
    ----------
    ``librosa.db_to_power`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.db_to_power(np.array([0.0, 10.0]), ref=2)
    array([ 2., 20.])
    """
    return ref * np.power(10.0, np.asarray(S_db) * 0.1)


def db_to_amplitude(S_db: npt.ArrayLike, *, ref: float = 1.0) -> Any:
    """Amplitude of a level in decibels: the inverse of `amplitude_to_db`.

    Parameters
    ----------
    S_db : number or np.ndarray [shape=(...)]
        Level in dB.
    ref : float
        The amplitude that 0 dB stands for.

    Returns
    -------
    S : number or np.ndarray [shape=(...)]
        Amplitude, ``ref * 10 ** (S_db / 20)``.

    References
    ----------
    ``librosa.db_to_amplitude`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.db_to_amplitude(np.array([0.0, 20.0]), ref=2)
    array([ 2., 20.])
    """
    return db_to_power(S_db, ref=ref**2) ** 0.5
