"""Checks at the door: each names the value and what was allowed."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .errors import ParameterError

Array: TypeAlias = npt.NDArray[Any]
Real: TypeAlias = npt.NDArray[np.floating[Any]]


def positive_int(name: str, value: Any) -> int:
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value <= 0:
        raise ParameterError(f"{name}={value!r} must be a positive integer")
    if value >= 1 << 30:
        raise ParameterError(f"{name}={value!r} must be less than {1 << 30}")
    return int(value)


def number(name: str, value: Any, low: float = -np.inf, high: float = np.inf) -> float:
    """A finite number, low <= value <= high."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise ParameterError(f"{name}={value!r} must be a number") from None
    if not np.isfinite(result) or not low <= result <= high:
        raise ParameterError(f"{name}={value!r} must be a finite number{_range(low, high)}")
    return result


def _range(low: float, high: float) -> str:
    if np.isfinite(low) and np.isfinite(high):
        return f" from {low:g} to {high:g}"
    if np.isfinite(low):
        return f", at least {low:g}"
    return f", at most {high:g}" if np.isfinite(high) else ""


def positive(name: str, value: Any) -> float:
    result = number(name, value)
    if result <= 0:
        raise ParameterError(f"{name}={value!r} must be greater than 0")
    return result


def fraction(name: str, value: Any) -> float:
    result = number(name, value)
    if not 0 < result < 1:
        raise ParameterError(f"{name}={value!r} must lie in the range (0, 1)")
    return result


def seed(value: Any) -> int:
    """A seed of random numbers that numpy's and scikit-learn's generators all take."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or not 0 <= value < 1 << 32:
        raise ParameterError(f"seed={value!r} must be a whole number from 0 to {(1 << 32) - 1}")
    return int(value)


def choice(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    for known in allowed:
        if value is known or (type(value) is type(known) and value == known):
            return known
    raise ParameterError(f"{name}={value!r} must be one of {', '.join(map(repr, allowed))}")


def axis(name: str, a: Array, axis: int) -> int:
    """The number of an axis, counted from the front."""
    if not isinstance(axis, (int, np.integer)) or not -a.ndim <= axis < a.ndim:
        raise ParameterError(f"axis={axis!r} is not an axis of {name} of shape {a.shape}")
    return int(axis) % a.ndim


def float_dtype(value: Any) -> np.dtype[Any]:
    dtype: np.dtype[Any] = np.dtype(value)
    if dtype not in (np.float32, np.float64):
        raise ParameterError(f"dtype={value!r} must be float32 or float64")
    return dtype


def norm(name: str, value: Any) -> float | None:
    """The order of a vector norm: inf, -inf, 0 or any positive number; None for no norm."""
    if value is None:
        return None
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        order = float(value)
        if order >= 0 or order == -np.inf:
            return order
    raise ParameterError(f"{name}={value!r} must be None, inf, -inf, 0 or a positive number")


def contiguous(a: Any, dtype: npt.DTypeLike | None = None) -> Array:
    """The array in C order and aligned, as the core reads it; copied only where it is not."""
    a = np.ascontiguousarray(a, dtype=dtype)
    aligned: Array = a if a.flags.aligned else a.copy()
    return aligned


def waveform(x: Any, name: str = "waveform", hint: str = "") -> Real:
    """A signal that may also be a tensor; a hint for who brings integers."""
    if not isinstance(x, np.ndarray) and hasattr(x, "__array__"):
        try:
            x = np.asarray(x)
        except (TypeError, RuntimeError) as error:
            raise ParameterError(f"{name}: {error}") from None
    return signal(x, name, hint)


def signal(y: Any, name: str = "y", hint: str = "") -> Real:
    """A contiguous float32 or float64 array of at least one axis, the last one being time."""
    if type(y) is np.ndarray and y.dtype in (np.float32, np.float64) and y.ndim >= 1:
        return contiguous(y)
    if not isinstance(y, np.ndarray):
        raise ParameterError(f"{name} must be a numpy array of samples, not {type(y).__name__}")
    if y.ndim == 0:
        raise ParameterError(f"{name} must have at least one axis; its shape is ()")
    if np.issubdtype(y.dtype, np.integer):
        bits = y.dtype.itemsize * 8
        hint = (
            hint or f"in [-1, 1]: divide first, e.g. {name}.astype(np.float32) / {2 ** (bits - 1)}"
        )
        raise ParameterError(
            f"{name} has dtype {y.dtype}; samples must be float32 or float64 {hint}"
        )
    if not np.issubdtype(y.dtype, np.floating):
        raise ParameterError(f"{name} has dtype {y.dtype}; samples must be float32 or float64")
    return contiguous(y, np.float32 if y.dtype.itemsize <= 4 else np.float64)


def mono(y: Any) -> npt.NDArray[np.float32]:
    """A signal of one channel, float32."""
    checked = signal(y)
    if checked.ndim != 1:
        raise ParameterError(
            f"y must have one axis, time, not shape {checked.shape}: "
            "mix it down with serfast.to_mono"
        )
    return checked.astype(np.float32, copy=False)


def rows(S: Any, name: str = "S") -> Real:
    """A contiguous float32 or float64 array (..., rows, frames)."""
    S = np.asarray(S)
    if np.iscomplexobj(S):
        raise ParameterError(f"{name} must be real-valued; take np.abs({name}) first")
    if S.ndim < 2:
        raise ParameterError(f"{name} must have shape (..., rows, frames), not {S.shape}")
    if S.dtype not in (np.float32, np.float64):
        S = S.astype(np.float64)
    if not np.all(np.isfinite(S)):
        raise ParameterError(f"{name} is not finite everywhere")
    return contiguous(S)


def nonnegative_rows(S: Any, feature: str) -> Real:
    checked = rows(S)
    if np.any(checked < 0):
        raise ParameterError(
            f"{feature} is only defined for non-negative S; its minimum is {checked.min()}"
        )
    return checked
