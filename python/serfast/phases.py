"""Magnitudes, phases, and signals from magnitudes alone."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._validate import Array, Real
from .errors import ParameterError
from .filters import Window
from .spectrum import istft, stft

__all__ = ["griffinlim", "magphase"]


def magphase(D: Array, *, power: float = 1) -> tuple[Real, Array]:
    """Magnitudes and phases of complex numbers.

    Parameters
    ----------
    D : np.ndarray, complex
        Spectra, or any complex numbers.
    power : float
        Exponent of the magnitudes: 1 for magnitude, 2 for power.

    Returns
    -------
    D_mag : np.ndarray, real
        The magnitudes, to the `power`.
    D_phase : np.ndarray, complex
        ``exp(1j * phase)``; 1 where `D` is 0.

    Raises
    ------
    ParameterError
        If `power` is not a finite number.

    See Also
    --------
    stft, phase_vocoder

    References
    ----------
    ``librosa.magphase`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.magphase(np.array([3 + 4j, 0]))
    (array([5., 0.]), array([0.6+0.8j, 1. +0.j ]))
    """
    power = validate.number("power", power)
    D = np.asarray(D)
    magnitude = np.abs(D)
    if magnitude.dtype not in (np.float32, np.float64):
        magnitude = magnitude.astype(np.float64)
    silent = magnitude == 0
    phase = np.empty(D.shape, np.result_type(magnitude, np.complex64))
    # Part by part: a complex quotient of subnormal numbers overflows.
    phase.real = D.real / (magnitude + silent) + silent
    phase.imag = D.imag / (magnitude + silent)
    return (magnitude if power == 1 else magnitude**power), phase


def griffinlim(
    S: Real,
    *,
    n_iter: int = 32,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: Window = "hann",
    center: bool = True,
    dtype: npt.DTypeLike | None = None,
    length: int | None = None,
    pad_mode: Any = "constant",
    momentum: float = 0.99,
    init: str | None = "random",
    random_state: int | np.random.RandomState | np.random.Generator | None = None,
) -> Real:
    """A signal of which only the magnitudes of the spectra are known: its phases are guessed.

    Parameters
    ----------
    S : np.ndarray [shape=(..., 1 + n_fft // 2, frames)], non-negative
        Magnitudes; leading axes are channels.
    n_iter : int >= 0
        How often to improve the guess.
    hop_length, win_length, n_fft, window, center, dtype, length
        As in `istft`.
    pad_mode : str or function
        As in `stft`.
    momentum : float >= 0
        How much of the step before each step takes along; 0 is the original algorithm, and more
        than 1 may not converge.
    init : "random" or None
        First guess: random phases, or zeros.
    random_state : int, np.random.RandomState, np.random.Generator or None
        Where the random phases come from; an int is a seed, the same phases every time.

    Returns
    -------
    y : np.ndarray [shape=(..., n)]
        The signal: float32 for a float32 `S`, unless `dtype` says otherwise.

    Raises
    ------
    ParameterError
        If `S` is not finite or not of a spectrum's shape, or an option is out of its range.

    See Also
    --------
    istft, magphase

    References
    ----------
    ``librosa.griffinlim`` 0.11; Griffin and Lim, "Signal estimation from modified short-time
    Fourier transform" (IEEE Transactions on ASSP, 1984); Perraudin, Balazs and Søndergaard, "A
    fast Griffin-Lim algorithm" (WASPAA, 2013).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> S = np.abs(serfast.stft(np.sin(np.arange(22050) / 5)))
    >>> serfast.griffinlim(S, random_state=0).shape
    (22016,)
    """
    validate.choice("init", init, ("random", None))
    momentum = validate.number("momentum", momentum, 0)
    if momentum > 1:
        warnings.warn(f"momentum={momentum} is more than 1 and may not converge", stacklevel=2)
    S = validate.rows(S)
    if not isinstance(n_iter, (int, np.integer)) or n_iter < 0:
        raise ParameterError(f"n_iter={n_iter!r} must be an integer, 0 or more")
    if n_fft is None:
        n_fft = 2 * (S.shape[-2] - 1)
    back: dict[str, Any] = {
        "n_fft": n_fft, "hop_length": hop_length, "win_length": win_length, "window": window,
        "center": center,
    }  # fmt: skip
    bins = np.ones(S.shape, np.result_type(S, np.complex64))
    if init == "random":
        turns = 2 * np.pi * _generator(random_state).random(size=S.shape)
        bins[...] = np.cos(turns) + 1j * np.sin(turns)
    bins *= S
    least = np.finfo(S.dtype).tiny
    before = None
    for _ in range(n_iter):
        y = istft(bins, dtype=dtype, length=length, **back)
        now = stft(y, pad_mode=pad_mode, **back)
        bins[...] = now
        if before is not None:
            bins -= momentum / (1 + momentum) * before
        bins /= np.abs(bins) + least
        bins *= S
        before = now
    return istft(bins, dtype=dtype, length=length, **back)


def _generator(random_state: Any) -> np.random.RandomState | np.random.Generator:
    if random_state is None:
        return np.random.default_rng()
    if isinstance(random_state, int):
        return np.random.RandomState(seed=random_state)
    if isinstance(random_state, (np.random.RandomState, np.random.Generator)):
        return random_state
    raise ParameterError(
        f"random_state={random_state!r} must be None, an int, a RandomState or a Generator"
    )
