"""Spectrograms taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _core
from . import _engine as engine
from . import _validate as validate
from ._validate import Array
from .errors import ParameterError
from .masks import mask_power

__all__ = ["hpss"]


def hpss(
    S: Array,
    *,
    kernel_size: int | Sequence[int] = 31,
    power: float = 2.0,
    mask: bool = False,
    margin: float | Sequence[float] = 1.0,
) -> tuple[Array, Array]:
    """Split a spectrogram into harmonic and percussive parts by median filtering.

    What goes on in time is harmonic: it survives a running median along each row. What spreads
    over frequency is percussive: it survives one along each column.

    Parameters
    ----------
    S : np.ndarray [shape=(..., bins, frames)], float, non-negative, or complex
        A magnitude spectrogram, or the spectra themselves; leading axes are channels.
    kernel_size : int > 0 or pair of int > 0
        Elements under the medians; as a pair, in frames (harmonic) and in bins (percussive).
    power : float > 0
        Exponent of the soft masks: the larger, the harder; ``np.inf`` for all or nothing.
    mask : bool
        Whether to return the masks instead of the parts.
    margin : float >= 1 or pair of float >= 1
        By how much a part must outweigh the other one, times the other's margin if a pair:
        (harmonic, percussive). With more than 1, the parts no longer sum to `S`.

    Returns
    -------
    harmonic, percussive : np.ndarray [shape=(..., bins, frames)]
        The parts, of S's dtype; with `mask` the masks, from 0 to 1 (bool for an infinite
        `power`).

    Raises
    ------
    ParameterError
        If `S` is negative or not finite somewhere, or has fewer than two axes; if an option is out
        of its range.

    See Also
    --------
    serfast.effects.hpss, serfast.effects.harmonic, serfast.effects.percussive

    References
    ----------
    ``librosa.decompose.hpss`` 0.11; Fitzgerald, "Harmonic/percussive separation using median
    filtering" (DAFx, 2010); Driedger, Müller and Disch, "Extending harmonic-percussive separation
    of audio" (ISMIR, 2014).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> S = np.zeros((80, 80))
    >>> S[40, :] = 1.0  # a tone
    >>> S[:, 20] = 1.0  # a click
    >>> harmonic, percussive = serfast.decompose.hpss(S)
    >>> harmonic[[40, 60], [60, 20]], percussive[[40, 60], [60, 20]]
    (array([1., 0.]), array([0., 1.]))
    """
    options = separation_options(kernel_size, power, margin)
    S = np.asarray(S)
    magnitude = validate.nonnegative_rows(np.abs(S) if np.iscomplexobj(S) else S, "hpss")
    masks = _core.separation_masks(magnitude, options, threads=engine.threads_for(S.size))
    if mask:
        harmonic, percussive = (one > 0 for one in masks) if np.isinf(power) else masks
    else:
        harmonic, percussive = (S * one for one in masks)
    return harmonic, percussive


def separation_options(kernel_size: Any, power: Any, margin: Any) -> _core.SeparationOptions:
    """The options of all that separates, checked."""
    harmonic_size, percussive_size = (
        validate.positive_int("kernel_size", size) for size in _pair("kernel_size", kernel_size)
    )
    harmonic_margin, percussive_margin = (
        validate.number("margin", value, 1) for value in _pair("margin", margin)
    )
    return _core.SeparationOptions(
        harmonic_size=harmonic_size, percussive_size=percussive_size, power=mask_power(power),
        harmonic_margin=harmonic_margin, percussive_margin=percussive_margin,
    )  # fmt: skip


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    """What is given for both parts, or for each."""
    if not isinstance(value, (tuple, list)):
        return value, value
    if len(value) != 2:
        raise ParameterError(f"{name}={value!r} must be one number or a pair of them")
    return value[0], value[1]
