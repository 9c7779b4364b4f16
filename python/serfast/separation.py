"""Harmonic and percussive parts of a signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _core, decompose
from . import _engine as engine
from ._validate import Real
from .filters import Window
from .spectrum import istft, stft, transform

__all__ = ["harmonic", "hpss", "percussive"]


def hpss(
    y: Real,
    *,
    kernel_size: int | Sequence[int] = 31,
    power: float = 2.0,
    mask: bool = False,
    margin: float | Sequence[float] = 1.0,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
) -> tuple[Real, Real]:
    """Split a signal into what sounds on and what strikes.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    kernel_size, power, mask, margin
        As in `serfast.decompose.hpss`. With `mask`, the masks themselves are transformed back.
    n_fft, hop_length, win_length, window, center, pad_mode
        Of the spectra, as in `stft`.

    Returns
    -------
    y_harmonic, y_percussive : np.ndarray [shape=(..., n)]
        The parts, of y's dtype.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, shorter than `n_fft` and not centred, or if an option
        is out of its range.

    See Also
    --------
    harmonic, percussive, serfast.decompose.hpss

    Notes
    -----
    librosa 0.11 ignores `window`; here it is used.

    References
    ----------
    ``librosa.effects.hpss`` 0.11; Fitzgerald, "Harmonic/percussive separation using median
    filtering" (DAFx, 2010).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(np.arange(22050) / 5)
    >>> y_harmonic, y_percussive = serfast.effects.hpss(y)
    >>> bool(np.abs(y_harmonic + y_percussive - y).max() < 1e-12)
    True
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
    separation = {"kernel_size": kernel_size, "power": power, "margin": margin}
    harmonic, percussive = _parts(y, separation, mask, frames, (True, True))
    return harmonic, percussive


def harmonic(
    y: Real,
    *,
    kernel_size: int | Sequence[int] = 31,
    power: float = 2.0,
    mask: bool = False,
    margin: float | Sequence[float] = 1.0,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
) -> Real:
    """What sounds on in a signal: its harmonic part.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    kernel_size, power, mask, margin
        As in `serfast.decompose.hpss`. With `mask`, the mask itself is transformed back.
    n_fft, hop_length, win_length, window, center, pad_mode
        Of the spectra, as in `stft`.

    Returns
    -------
    y_harmonic : np.ndarray [shape=(..., n)]
        The harmonic part, of y's dtype.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, shorter than `n_fft` and not centred, or if an option
        is out of its range.

    See Also
    --------
    hpss, percussive

    Notes
    -----
    librosa 0.11 ignores `window`; here it is used.

    References
    ----------
    ``librosa.effects.harmonic`` 0.11; Fitzgerald, "Harmonic/percussive separation using median
    filtering" (DAFx, 2010).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = 0.1 * np.sin(np.arange(22050) / 5)
    >>> y[10000] += 1.0
    >>> bool(abs(serfast.effects.harmonic(y)[10000]) < 0.2)
    True
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
    separation = {"kernel_size": kernel_size, "power": power, "margin": margin}
    y_harmonic: Real = _parts(y, separation, mask, frames, (True, False))[0]
    return y_harmonic


def percussive(
    y: Real,
    *,
    kernel_size: int | Sequence[int] = 31,
    power: float = 2.0,
    mask: bool = False,
    margin: float | Sequence[float] = 1.0,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Window = "hann",
    center: bool = True,
    pad_mode: Any = "constant",
) -> Real:
    """What strikes in a signal: its percussive part.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    kernel_size, power, mask, margin
        As in `serfast.decompose.hpss`. With `mask`, the mask itself is transformed back.
    n_fft, hop_length, win_length, window, center, pad_mode
        Of the spectra, as in `stft`.

    Returns
    -------
    y_percussive : np.ndarray [shape=(..., n)]
        The percussive part, of y's dtype.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, shorter than `n_fft` and not centred, or if an option
        is out of its range.

    See Also
    --------
    harmonic, hpss

    Notes
    -----
    librosa 0.11 ignores `window`; here it is used.

    References
    ----------
    ``librosa.effects.percussive`` 0.11; Fitzgerald, "Harmonic/percussive separation using median
    filtering" (DAFx, 2010).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = 0.1 * np.sin(np.arange(22050) / 5)
    >>> y[10000] += 1.0
    >>> int(serfast.effects.percussive(y).argmax())
    10000
    """
    frames = engine.frame_options(n_fft, hop_length, win_length, window, center, pad_mode)
    separation = {"kernel_size": kernel_size, "power": power, "margin": margin}
    y_percussive: Real = _parts(y, separation, mask, frames, (False, True))[1]
    return y_percussive


def _parts(
    y: Any,
    separation: dict[str, Any],
    mask: bool,
    frames: engine.Options,
    wanted: tuple[bool, bool],
) -> tuple[Any, Any]:
    """The wanted ones of (harmonic, percussive); None for the other."""
    y = engine.checked_signal(y, frames)
    if mask or (frames["center"] and frames["pad_mode"] not in engine.core_pad_modes):
        spectra = decompose.hpss(stft(y, **frames), mask=mask, **separation)
        back = {name: value for name, value in frames.items() if name != "pad_mode"}
        back |= {"dtype": y.dtype, "length": y.shape[-1]}
        parts = (
            istft(D, **back) if want else None for D, want in zip(spectra, wanted, strict=True)
        )
        return next(parts), next(parts)
    options = decompose.separation_options(**separation)
    plan = transform(double=y.dtype == np.float64, **frames)
    threads = engine.threads_for(y.size)
    result: tuple[Any, Any] = _core.separate(
        plan, y, options, harmonic=wanted[0], percussive=wanted[1], threads=threads
    )
    return result
