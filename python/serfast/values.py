"""Single values and their types: what is valid, tiny, or of which precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._validate import Array
from .errors import ParameterError

__all__ = [
    "abs2",
    "buf_to_float",
    "dtype_c2r",
    "dtype_r2c",
    "is_positive_int",
    "phasor",
    "tiny",
    "valid_audio",
    "valid_int",
]


def valid_audio(y: Any) -> bool:
    """Check that an array can be a signal.

    Parameters
    ----------
    y : np.ndarray
        Samples.

    Returns
    -------
    valid : bool
        True.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats with at least one axis.

    References
    ----------
    ``librosa.util.valid_audio`` 0.11.

    Examples
    --------
    >>> valid_audio(np.zeros(3))
    True
    """
    if not isinstance(y, np.ndarray) or y.dtype.kind != "f" or y.ndim == 0:
        found = f"{y.dtype} of shape {y.shape}" if isinstance(y, np.ndarray) else type(y).__name__
        raise ParameterError(f"y must be a numpy array of floats, not {found}")
    if not np.all(np.isfinite(y)):
        raise ParameterError("y is not finite everywhere")
    return True


def valid_int(x: float, *, cast: Callable[[float], float] | None = None) -> int:
    """A number made an integer.

    Parameters
    ----------
    x : number
        The number.
    cast : function, optional
        How it is rounded. Default: down.

    Returns
    -------
    x_int : int
        The integer.

    Raises
    ------
    ParameterError
        If `cast` is no function.

    References
    ----------
    ``librosa.util.valid_int`` 0.11.

    Examples
    --------
    >>> valid_int(3.7), valid_int(3.2, cast=np.ceil)
    (3, 4)
    """
    if cast is not None and not callable(cast):
        raise ParameterError(f"cast={cast!r} must be a function")
    return int((np.floor if cast is None else cast)(x))


def is_positive_int(x: Any) -> bool:
    """Whether something is an integer above 0.

    Parameters
    ----------
    x : any
        What is asked about.

    Returns
    -------
    positive : bool
        The answer.

    References
    ----------
    ``librosa.util.is_positive_int`` 0.11.

    Examples
    --------
    >>> is_positive_int(3), is_positive_int(3.0)
    (True, False)
    """
    return isinstance(x, (int, np.integer)) and bool(x > 0)


def tiny(x: npt.ArrayLike) -> Any:
    """The least normal number of a type.

    Parameters
    ----------
    x : number or np.ndarray
        Values, whose type counts. That of integers is taken to be float32.

    Returns
    -------
    tiny_value : np.floating
        The least number above 0 with full precision.

    References
    ----------
    ``librosa.util.tiny`` 0.11.

    Examples
    --------
    >>> float(tiny(1.0))
    2.2250738585072014e-308
    """
    dtype = np.asarray(x).dtype
    return np.finfo(dtype if dtype.kind in "fc" else np.float32).tiny


def buf_to_float(x: Any, *, n_bytes: int = 2, dtype: npt.DTypeLike = np.float32) -> Array:
    """Samples of a buffer of little-endian integers, brought to the range from -1 to 1.

    Parameters
    ----------
    x : bytes or np.ndarray of int
        The buffer.
    n_bytes : 1, 2, 4 or 8
        Bytes of a sample.
    dtype : float dtype
        Type of the result.

    Returns
    -------
    x_float : np.ndarray [shape=(n,)]
        The samples.

    Raises
    ------
    ParameterError
        If there are no integers of so many bytes, or the buffer does not hold a whole number.

    References
    ----------
    ``librosa.util.buf_to_float`` 0.11.

    Examples
    --------
    >>> buf_to_float(np.array([0, 16384, -32768], dtype=np.int16))
    array([ 0. ,  0.5, -1. ], dtype=float32)
    """
    validate.choice("n_bytes", n_bytes, (1, 2, 4, 8))
    try:
        samples = np.frombuffer(x, f"<i{n_bytes}").astype(dtype)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"x is no buffer of {n_bytes}-byte samples: {error}") from None
    scaled: Array = samples * (1.0 / (1 << (8 * n_bytes - 1)))
    return scaled


def dtype_r2c(d: npt.DTypeLike, *, default: npt.DTypeLike = np.complex64) -> np.dtype[Any]:
    """The complex type of a real type's precision.

    Parameters
    ----------
    d : dtype
        A real type; a complex one is returned as it is.
    default : dtype
        For types that have none.

    Returns
    -------
    d_c : np.dtype
        The complex type.

    See Also
    --------
    dtype_c2r

    References
    ----------
    ``librosa.util.dtype_r2c`` 0.11.

    Examples
    --------
    >>> dtype_r2c(np.float64)
    dtype('complex128')
    """
    dtype: np.dtype[Any] = np.dtype(d)
    known = {"f4": np.complex64, "f8": np.complex128}
    return dtype if dtype.kind == "c" else np.dtype(known.get(dtype.str[1:], default))


def dtype_c2r(d: npt.DTypeLike, *, default: npt.DTypeLike = np.float32) -> np.dtype[Any]:
    """The real type of a complex type's precision.

    Parameters
    ----------
    d : dtype
        A complex type; a real one is returned as it is.
    default : dtype
        For types that have none.

    Returns
    -------
    d_r : np.dtype
        The real type.

    See Also
    --------
    dtype_r2c

    References
    ----------
    ``librosa.util.dtype_c2r`` 0.11.

    Examples
    --------
    >>> dtype_c2r(np.complex64)
    dtype('float32')
    """
    dtype: np.dtype[Any] = np.dtype(d)
    known = {"c8": np.float32, "c16": np.float64}
    return dtype if dtype.kind == "f" else np.dtype(known.get(dtype.str[1:], default))


def abs2(x: npt.ArrayLike, dtype: npt.DTypeLike | None = None) -> Any:
    """Squared magnitudes, without the root that ``np.abs(x) ** 2`` takes.

    Parameters
    ----------
    x : number or np.ndarray
        Real or complex values.
    dtype : dtype, optional
        Type of the result. Default: the real type of x's precision.

    Returns
    -------
    p : number or np.ndarray
        The squares.

    References
    ----------
    ``librosa.util.abs2`` 0.11.

    Examples
    --------
    >>> float(abs2(3 + 4j))
    25.0
    """
    if not np.iscomplexobj(x):
        return np.square(x, dtype=dtype)
    values = np.asarray(x)
    squares = np.square(values.real) + np.square(values.imag)
    return squares if dtype is None else squares.astype(dtype)


def phasor(angles: npt.ArrayLike, *, mag: npt.ArrayLike | None = None) -> Any:
    """Complex numbers of given angles.

    Parameters
    ----------
    angles : number or np.ndarray
        Angles in radians.
    mag : number or np.ndarray, optional
        Their magnitudes. Default: 1.

    Returns
    -------
    z : number or np.ndarray, complex
        ``mag * exp(1j * angles)``; complex64 for float32, else complex128.

    References
    ----------
    ``librosa.util.phasor`` 0.11.

    Examples
    --------
    >>> phasor(np.array([0.0, np.pi / 2])).round(3)
    array([1.+0.j, 0.+1.j])
    """
    values = np.asarray(angles)
    if values.dtype != np.float32:
        values = values.astype(np.float64)
    z = np.empty(values.shape, dtype=dtype_r2c(values.dtype))
    np.cos(values, out=z.real)
    np.sin(values, out=z.imag)
    if mag is not None:
        z = np.multiply(z, mag, out=z if z.ndim else None)
    return z if z.ndim else z[()]
