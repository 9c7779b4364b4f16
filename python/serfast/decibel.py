"""Decibels of powers and amplitudes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from . import _validate as validate
from ._validate import Array
from .errors import ParameterError

__all__ = ["amplitude_to_db", "db_to_amplitude", "db_to_power", "power_to_db"]


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
    if power.dtype.kind not in "fiub":
        raise ParameterError(f"S has dtype {power.dtype}; it must be numbers")
    if power.dtype not in (np.float32, np.float64):
        power = power.astype(np.float64)
    offset = 10.0 * np.log10(np.maximum(amin, reference))
    if np.ndim(offset) == 0 and np.all(np.isfinite(power)):
        db = _core.decibels(
            validate.contiguous(power), amin=amin, reference=float(offset), top_db=top_db
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
