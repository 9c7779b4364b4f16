"""Weightings of frequencies as the ear hears them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._validate import Array
from .decibel import power_to_db
from .errors import ParameterError

__all__ = [
    "A_weighting",
    "B_weighting",
    "C_weighting",
    "D_weighting",
    "Z_weighting",
    "frequency_weighting",
    "multi_frequency_weighting",
    "perceptual_weighting",
]

# Poles in Hz that the curves of IEC 61672 and its predecessors share.
_HIGH, _LOW = 12194.217**2, 20.598997**2


def A_weighting(frequencies: ArrayLike, *, min_db: float | None = -80.0) -> Any:  # noqa: N802
    """A-weighting: how much quieter than 1 kHz the ear hears soft sounds of a frequency.

    Parameters
    ----------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz.
    min_db : float or None
        The least result. None: no limit.

    Returns
    -------
    A_weighting : number or np.ndarray [shape=(...)]
        Weights in dB.

    See Also
    --------
    frequency_weighting, perceptual_weighting

    References
    ----------
    ``librosa.A_weighting`` 0.11; IEC 61672-1, "Electroacoustics: sound level meters".

    Examples
    --------
    >>> A_weighting([100, 1000, 4000]).round(1)
    array([-19.1,   0. ,   1. ])
    """
    square = _squares(frequencies)
    return _weights(2.0, 2.0, square, {_HIGH: 1, _LOW: 1, 107.65265**2: 0.5, 737.86223**2: 0.5},
                    min_db)  # fmt: skip


def B_weighting(frequencies: ArrayLike, *, min_db: float | None = -80.0) -> Any:  # noqa: N802
    """B-weighting: `A_weighting` for sounds of medium loudness.

    Parameters
    ----------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz.
    min_db : float or None
        The least result. None: no limit.

    Returns
    -------
    B_weighting : number or np.ndarray [shape=(...)]
        Weights in dB.

    See Also
    --------
    frequency_weighting

    References
    ----------
    ``librosa.B_weighting`` 0.11; IEC 60651, "Sound level meters".

    Examples
    --------
    >>> B_weighting([100, 4000]).round(1)
    array([-5.6, -0.7])
    """
    square = _squares(frequencies)
    return _weights(0.17, 1.5, square, {_HIGH: 1, _LOW: 1, 158.48932**2: 0.5}, min_db)


def C_weighting(frequencies: ArrayLike, *, min_db: float | None = -80.0) -> Any:  # noqa: N802
    """C-weighting: `A_weighting` for loud sounds, nearly flat.

    Parameters
    ----------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz.
    min_db : float or None
        The least result. None: no limit.

    Returns
    -------
    C_weighting : number or np.ndarray [shape=(...)]
        Weights in dB.

    See Also
    --------
    frequency_weighting

    References
    ----------
    ``librosa.C_weighting`` 0.11; IEC 61672-1, "Electroacoustics: sound level meters".

    Examples
    --------
    >>> C_weighting([30, 4000]).round(1)
    array([-3.3, -0.8])
    """
    return _weights(0.062, 1.0, _squares(frequencies), {_HIGH: 1, _LOW: 1}, min_db)


def D_weighting(frequencies: ArrayLike, *, min_db: float | None = -80.0) -> Any:  # noqa: N802
    """D-weighting: a curve for the noise of aircraft, with a bump near 6 kHz.

    Parameters
    ----------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz.
    min_db : float or None
        The least result. None: no limit.

    Returns
    -------
    D_weighting : number or np.ndarray [shape=(...)]
        Weights in dB.

    See Also
    --------
    frequency_weighting

    References
    ----------
    ``librosa.D_weighting`` 0.11; IEC 537, "Frequency weighting for the measurement of aircraft
    noise".

    Examples
    --------
    >>> D_weighting([100, 4000]).round(1)
    array([-7.2, 11.1])
    """
    square = _squares(frequencies)
    with np.errstate(divide="ignore"):
        bump = np.log10((1018.7**2 - square) ** 2 + 1039.6**2 * square)
        bump -= np.log10((3136.5**2 - square) ** 2 + 3424.0**2 * square)
        slopes = np.log10(square) - np.log10(282.7**2 + square) - np.log10(1160.0**2 + square)
        return _floored(10.0 * (bump + slopes) - 40.0 * np.log10(8.3046305e-3), min_db)


def Z_weighting(frequencies: ArrayLike, *, min_db: float | None = None) -> Array:  # noqa: N802
    """Z-weighting: none, 0 dB everywhere.

    Parameters
    ----------
    frequencies : np.ndarray [shape=(n,)]
        Frequencies in Hz.
    min_db : float or None
        The least result. None: no limit.

    Returns
    -------
    Z_weighting : np.ndarray [shape=(n,)]
        Weights in dB.

    See Also
    --------
    frequency_weighting

    References
    ----------
    ``librosa.Z_weighting`` 0.11.

    Examples
    --------
    >>> Z_weighting([100, 1000])
    array([0., 0.])
    """
    if np.ndim(frequencies) == 0:
        raise ParameterError(f"frequencies={frequencies!r} must be an array")
    flat: Array = _floored(np.zeros(len(np.asarray(frequencies))), min_db)
    return flat


_WEIGHTINGS: dict[str | None, Callable[..., Any]] = {
    "A": A_weighting, "B": B_weighting, "C": C_weighting, "D": D_weighting, "Z": Z_weighting,
    None: Z_weighting,
}  # fmt: skip


def frequency_weighting(frequencies: ArrayLike, *, kind: str | None = "A", **kwargs: Any) -> Any:
    """One of the weightings of frequencies, by its letter.

    Parameters
    ----------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz.
    kind : "A", "B", "C", "D", "Z" or None
        Which one; None is Z.
    **kwargs
        `min_db`, as in `A_weighting`.

    Returns
    -------
    weighting : number or np.ndarray [shape=(...)]
        Weights in dB.

    Raises
    ------
    ParameterError
        If `kind` is unknown.

    See Also
    --------
    A_weighting, B_weighting, C_weighting, D_weighting, Z_weighting, multi_frequency_weighting

    References
    ----------
    ``librosa.frequency_weighting`` 0.11.

    Examples
    --------
    >>> frequency_weighting([100, 4000], kind="C").round(1)
    array([-0.3, -0.8])
    """
    letter = kind.upper() if isinstance(kind, str) else kind
    if letter not in _WEIGHTINGS:
        raise ParameterError(f"kind={kind!r} must be 'A', 'B', 'C', 'D', 'Z' or None")
    return _WEIGHTINGS[letter](frequencies, **kwargs)


def multi_frequency_weighting(
    frequencies: ArrayLike, *, kinds: Iterable[str | None] = "ZAC", **kwargs: Any
) -> Array:
    """Several weightings of frequencies at once.

    Parameters
    ----------
    frequencies : np.ndarray [shape=(n,)]
        Frequencies in Hz.
    kinds : str or list
        Letters as `frequency_weighting` takes them.
    **kwargs
        `min_db`, as in `A_weighting`.

    Returns
    -------
    weighting : np.ndarray [shape=(len(kinds), n)]
        Weights in dB, a row for each kind.

    Raises
    ------
    ParameterError
        If a kind is unknown.

    See Also
    --------
    frequency_weighting

    References
    ----------
    ``librosa.multi_frequency_weighting`` 0.11.

    Examples
    --------
    >>> multi_frequency_weighting([100, 4000], kinds="ZC").round(1)
    array([[ 0. ,  0. ],
           [-0.3, -0.8]])
    """
    return np.stack([frequency_weighting(frequencies, kind=kind, **kwargs) for kind in kinds])


def perceptual_weighting(
    S: Array, frequencies: ArrayLike, *, kind: str | None = "A", **kwargs: Any
) -> Array:
    """A power spectrogram in decibels, weighted as the ear hears its frequencies.

    Parameters
    ----------
    S : np.ndarray [shape=(..., n, frames)]
        Power.
    frequencies : np.ndarray [shape=(n,)]
        Frequencies of the rows of `S` in Hz.
    kind : "A", "B", "C", "D", "Z" or None
        As in `frequency_weighting`.
    **kwargs
        As in `power_to_db`.

    Returns
    -------
    S_p : np.ndarray [shape=(..., n, frames)]
        Weighted level in dB.

    Raises
    ------
    ParameterError
        If there is not one frequency for each row of `S`, or an option is out of its range.

    See Also
    --------
    power_to_db, frequency_weighting

    References
    ----------
    ``librosa.perceptual_weighting`` 0.11.

    Examples
    --------
    >>> import numpy as np
    >>> perceptual_weighting(np.ones((2, 1)), [100, 1000]).round(1)
    array([[-19.1],
           [  0. ]])
    """
    offset = np.asarray(frequency_weighting(frequencies, kind=kind)).reshape(-1, 1)
    if np.ndim(S) < 2 or np.shape(S)[-2] not in (1, len(offset)):
        raise ParameterError(
            f"S has shape {np.shape(S)}; (..., {len(offset)}, frames) fits the frequencies"
        )
    weighted: Array = offset + power_to_db(S, **kwargs)
    return weighted


def _squares(frequencies: ArrayLike) -> Any:
    hz = np.asarray(frequencies)
    if hz.dtype.kind not in "iuf":
        raise ParameterError(f"frequencies has dtype {hz.dtype}; it must be real numbers")
    return hz.astype(np.float64) ** 2.0


def _weights(
    offset: float, zeros: float, square: Any, poles: dict[float, float], min_db: float | None
) -> Any:
    """A curve of so many zeros at 0 Hz, and poles with their powers, of squared frequencies."""
    with np.errstate(divide="ignore"):
        gain = np.log10(_HIGH) + zeros * np.log10(square)
        for pole, power in poles.items():
            gain = gain - power * np.log10(square + pole)
    return _floored(offset + 20.0 * gain, min_db)


def _floored(weights: Any, min_db: float | None) -> Any:
    return weights if min_db is None else np.maximum(min_db, weights)
