"""eGeMAPS: the extended Geneva minimalistic acoustic parameter set."""

from __future__ import annotations

from functools import cache

import numpy as np

from . import _core
from . import _validate as validate
from ._validate import Real
from .errors import ParameterError

__all__ = ["egemaps_like"]

RATE = 16000  # Hz


def egemaps_like(*, y: Real, sr: float) -> Real:
    """The 88 numbers of eGeMAPS, which describe how a clip of speech is spoken.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal, at least 60 ms of it; leading axes are channels.
    sr : number
        Sampling rate in Hz; the definitions are filled in for 16000.

    Returns
    -------
    values : np.ndarray [shape=(..., 88)]
        In the order of ``Extractor.preset("egemaps-like-v1").names``, which are openSMILE's names;
        float32 for float32, else float64. Columns that nothing was found for are 0, such as those
        of the pitch where no frame is voiced.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats or too short, or `sr` is another.

    See Also
    --------
    Extractor.preset

    Notes
    -----
    The descriptors are those of Eyben et al. with openSMILE's settings. Where openSMILE 3.0 does
    otherwise than the definition says, the definition counts: formants, slopes of the spectrum, and
    the levels of formants in unvoiced frames. ``docs/egemaps.md`` compares each column.

    References
    ----------
    Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice Research and
    Affective Computing" (IEEE Transactions on Affective Computing, 2016).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sign(np.sin(2 * np.pi * 220 * np.arange(16000) / 16000)) / 4
    >>> values = serfast.egemaps_like(y=y, sr=16000)
    >>> values.shape, values[0].round()  # 12 semitones in each of 3 octaves above 27.5 Hz
    ((88,), np.float64(36.0))
    """
    y = validate.signal(y)
    if validate.positive("sr", sr) != RATE:
        raise ParameterError(f"sr={sr!r} must be {RATE}: resample the signal")
    channels = y.reshape(-1, y.shape[-1])
    values = np.empty((len(channels), len(column_names())), dtype=y.dtype)
    for row, channel in zip(values, channels, strict=True):
        row[:] = _core_set().functionals(channel)
    return values.reshape(*y.shape[:-1], -1)


def column_names() -> list[str]:
    """Names of the columns of `egemaps_like`."""
    return _core_set().names


@cache
def _core_set() -> _core.Gemaps:
    return _core.Gemaps()
