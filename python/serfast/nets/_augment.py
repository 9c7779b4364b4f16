"""Training clips changed at random: signals, log-mel bands and whole batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from serfast.audio import resample
from serfast.stretching import pitch_shift, time_stretch

Array: TypeAlias = npt.NDArray[np.float32]
Rng: TypeAlias = np.random.Generator
OfSignal: TypeAlias = Callable[[Array, float, Rng], Array]  # (y, sr, rng)
OfBands: TypeAlias = Callable[[Array, Rng], Array]  # (bands, rng)


@dataclass(frozen=True)
class Speed:
    """A signal played faster or slower, which changes its pitch too (Ko et al. 2015).

    Parameters
    ----------
    factor : number > 0
        How many times as fast.

    Examples
    --------
    >>> Speed(1.25)(np.zeros(1000, np.float32), 16000, np.random.default_rng(0)).shape
    (800,)
    """

    factor: float

    def __call__(self, y: Array, sr: float, rng: Rng) -> Array:
        """Return the signal at the new speed."""
        return resample(y, orig_sr=sr * self.factor, target_sr=sr)


@dataclass(frozen=True)
class PitchShift:
    """A signal at another pitch and the same speed.

    Parameters
    ----------
    semitones : number
        How much higher.

    Examples
    --------
    >>> PitchShift(4)(np.zeros(4096, np.float32), 16000, np.random.default_rng(0)).shape
    (4096,)
    """

    semitones: float

    def __call__(self, y: Array, sr: float, rng: Rng) -> Array:
        """Return the signal at the new pitch."""
        return np.asarray(pitch_shift(y, sr=sr, n_steps=self.semitones), np.float32)


@dataclass(frozen=True)
class TimeStretch:
    """A signal at another speed and the same pitch.

    Parameters
    ----------
    rate : number > 0
        How many times as fast.

    Examples
    --------
    >>> TimeStretch(2.0)(np.zeros(4096, np.float32), 16000, np.random.default_rng(0)).shape
    (2048,)
    """

    rate: float

    def __call__(self, y: Array, sr: float, rng: Rng) -> Array:
        """Return the signal at the new speed."""
        return np.asarray(time_stretch(y, rate=self.rate), np.float32)


@dataclass(frozen=True)
class Noise:
    """White noise added at a ratio to the signal.

    Parameters
    ----------
    low, high : number
        The ratio of the signal's power to that of the noise is drawn between these, in dB.

    Examples
    --------
    >>> noisy = Noise(20, 20)(np.ones(10000, np.float32), 16000, np.random.default_rng(0))
    >>> round(float(np.std(noisy)), 2)
    0.1
    """

    low: float = 10.0
    high: float = 30.0

    def __call__(self, y: Array, sr: float, rng: Rng) -> Array:
        """Return the noisy signal; silence stays silent."""
        amplitude = np.sqrt(np.mean(np.square(y))) * 10 ** (-rng.uniform(self.low, self.high) / 20)
        return y + np.float32(amplitude) * rng.standard_normal(len(y), np.float32)


@dataclass(frozen=True)
class WhiteNoise:
    """White noise of one level added, however loud the signal is.

    Parameters
    ----------
    deviation : number >= 0
        Standard deviation of the noise's samples.

    Examples
    --------
    >>> noisy = WhiteNoise(0.5)(np.ones(10000, np.float32), 16000, np.random.default_rng(0))
    >>> round(float(np.std(noisy)), 1)
    0.5
    """

    deviation: float

    def __call__(self, y: Array, sr: float, rng: Rng) -> Array:
        """Return the noisy signal."""
        return y + np.float32(self.deviation) * rng.standard_normal(len(y), np.float32)


@dataclass(frozen=True)
class Gain:
    """A signal made louder or softer.

    Parameters
    ----------
    low, high : number
        The gain is drawn between these, in dB.

    Examples
    --------
    >>> Gain(20, 20)(np.ones(2, np.float32), 16000, np.random.default_rng(0))
    array([10., 10.], dtype=float32)
    """

    low: float = -6.0
    high: float = 6.0

    def __call__(self, y: Array, sr: float, rng: Rng) -> Array:
        """Return the scaled signal."""
        return y * np.float32(10 ** (rng.uniform(self.low, self.high) / 20))


@dataclass(frozen=True)
class Shift:
    """A signal moved in time, around its ends.

    Parameters
    ----------
    seconds : number >= 0
        How far it is moved at most, either way.

    Examples
    --------
    >>> Shift(0.5)(np.arange(4, dtype=np.float32), 4, np.random.default_rng(0))
    array([2., 3., 0., 1.], dtype=float32)
    """

    seconds: float

    def __call__(self, y: Array, sr: float, rng: Rng) -> Array:
        """Return the signal, rolled."""
        furthest = int(self.seconds * sr)
        return np.roll(y, int(rng.integers(-furthest, furthest + 1)))


@dataclass(frozen=True)
class Chain:
    """Some of these functions of signals, one after the other.

    Parameters
    ----------
    steps : tuple of functions
        Of ``(y, sr, rng)``.

    Examples
    --------
    >>> louder = Chain((Gain(20, 20), Gain(20, 20)))
    >>> louder(np.ones(1, np.float32), 16000, np.random.default_rng(0))
    array([100.], dtype=float32)
    """

    steps: tuple[OfSignal, ...]

    def __call__(self, y: Array, sr: float, rng: Rng) -> Array:
        """Return what the last of them returns."""
        for step in self.steps:
            y = step(y, sr, rng)
        return y


@dataclass(frozen=True)
class MelWarp:
    """The mel axis stretched, as by a shorter or longer vocal tract (Jaitly & Hinton 2013).

    Parameters
    ----------
    low, high : number > 0
        The factor is drawn between these.

    Examples
    --------
    >>> MelWarp(0.5, 0.5)(np.array([[0.0], [1.0], [2.0]], np.float32), np.random.default_rng(0)).T
    array([[0. , 0.5, 1. ]], dtype=float32)
    """

    low: float = 0.9
    high: float = 1.1

    def __call__(self, bands: Array, rng: Rng) -> Array:
        """Return bands read at stretched positions; the last band goes on beyond the end."""
        last = bands.shape[-2] - 1
        position = np.arange(last + 1) * rng.uniform(self.low, self.high)
        lower = np.minimum(position.astype(np.intp), last)
        upper = np.minimum(lower + 1, last)
        share = (position - np.floor(position)).astype(np.float32)[:, None]
        warped: Array = bands[..., lower, :] * (1 - share) + bands[..., upper, :] * share
        return warped


@dataclass(frozen=True)
class Level:
    """Normalised bands scaled and moved.

    Parameters
    ----------
    low, high : number > 0
        The factor is drawn between these.
    offset : number >= 0
        What is added is drawn between minus this and this.

    Examples
    --------
    >>> Level(2, 2, 0)(np.ones((1, 2), np.float32), np.random.default_rng(0))
    array([[2., 2.]], dtype=float32)
    """

    low: float = 0.85
    high: float = 1.15
    offset: float = 0.1

    def __call__(self, bands: Array, rng: Rng) -> Array:
        """Return the changed bands."""
        scale = rng.uniform(self.low, self.high)
        return bands * np.float32(scale) + np.float32(rng.uniform(-self.offset, self.offset))


@dataclass(frozen=True)
class SpecAugment:
    """Stretches of bands and of frames set to 0, the mean of normalised bands (Park et al. 2019).

    Parameters
    ----------
    n_masks : int >= 0
        Masks along each axis.
    bands, frames : int >= 0
        How many bands, or frames, a mask covers at most.

    Examples
    --------
    >>> masked = SpecAugment()(np.ones((80, 256), np.float32), np.random.default_rng(0))
    >>> np.unique(masked)
    array([0., 1.], dtype=float32)
    """

    n_masks: int = 2
    bands: int = 12
    frames: int = 32

    def __call__(self, bands: Array, rng: Rng) -> Array:
        """Return a masked copy."""
        masked = bands.copy()
        for axis, widest in ((-2, self.bands), (-1, self.frames)):
            n = masked.shape[axis]
            for _ in range(self.n_masks):
                width = int(rng.integers(0, min(widest, n) + 1))
                start = int(rng.integers(0, n - width + 1))
                masked.swapaxes(0, axis)[start : start + width] = 0
        return masked
