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
    """Short-time Fourier transform (..., 1 + n_fft // 2, frames), complex."""
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
    """Inverse short-time Fourier transform (..., samples)."""
    D = _checked_stft(stft_matrix)
    if n_fft is None:
        n_fft = 2 * (D.shape[-2] - 1)
    if D.shape[-2] != validate.positive_int("n_fft", n_fft) // 2 + 1:
        raise ParameterError(
            f"stft_matrix has {D.shape[-2]} rows; n_fft={n_fft} needs {n_fft // 2 + 1}"
        )
    hop_length = (n_fft if win_length is None else win_length) // 4 if hop_length is None else hop_length
    validate.positive_int("hop_length", hop_length)
    padding = n_fft // 2 if center else 0
    n_frames = D.shape[-1]
    if length:
        n_frames = min(n_frames, -(-(validate.positive_int("length", length) + 2 * padding) // hop_length))
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
    """Decibels of a power: 10 log10(max(amin, S) / max(amin, ref)), clipped top_db below the top."""
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
    """Decibels of an amplitude: power_to_db(S ** 2) with ref and amin squared."""
    amplitude = np.asarray(S)
    if np.iscomplexobj(amplitude):
        warnings.warn(
            "amplitude_to_db was called on complex input, whose phase is discarded; "
            "call amplitude_to_db(np.abs(S)) instead",
            stacklevel=2,
        )
    magnitude = np.abs(amplitude)
    return _decibels(
        np.square(magnitude), _reference(ref, magnitude) ** 2, validate.positive("amin", amin) ** 2, top_db
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
        )
    else:
        db = 10.0 * np.log10(np.maximum(amin, power)) - offset
        if top_db is not None:
            db = np.maximum(db, db.max() - top_db)
    return db if db.ndim else db[()]


def db_to_power(S_db: npt.ArrayLike, *, ref: float = 1.0) -> Any:
    """The power whose decibels are S_db: ref * 10 ** (S_db / 10)."""
    return ref * np.power(10.0, np.asarray(S_db) * 0.1)


def db_to_amplitude(S_db: npt.ArrayLike, *, ref: float = 1.0) -> Any:
    """The amplitude whose decibels are S_db."""
    return db_to_power(S_db, ref=ref**2) ** 0.5
