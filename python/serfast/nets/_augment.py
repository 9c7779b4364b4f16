"""Training clips changed at random: signals, log-mel bands and whole batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from serfast.audio import resample

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
class MelWarp:
    """The mel axis stretched, as by a shorter or longer vocal tract (Jaitly & Hinton 2013).

    Parameters
    ----------
    low, high : number > 0
        The factor is drawn between these.
    """

    low: float = 0.9
    high: float = 1.1

    def __call__(self, bands: Array, rng: Rng) -> Array:
        """Return bands read at stretched positions; the last band goes on beyond the end."""
        position = np.arange(len(bands)) * rng.uniform(self.low, self.high)
        lower = np.minimum(position.astype(np.intp), len(bands) - 1)
        upper = np.minimum(lower + 1, len(bands) - 1)
        share = (position - np.floor(position)).astype(np.float32)[:, None]
        return bands[lower] * (1 - share) + bands[upper] * share


@dataclass(frozen=True)
class Level:
    """Normalised bands scaled and moved.

    Parameters
    ----------
    low, high : number > 0
        The factor is drawn between these.
    offset : number >= 0
        What is added is drawn between minus this and this.
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
    """

    n_masks: int = 2
    bands: int = 12
    frames: int = 32

    def __call__(self, bands: Array, rng: Rng) -> Array:
        """Return a masked copy."""
        masked = bands.copy()
        for axis, widest in enumerate((self.bands, self.frames)):
            n = masked.shape[axis]
            for _ in range(self.n_masks):
                width = int(rng.integers(0, min(widest, n) + 1))
                start = int(rng.integers(0, n - width + 1))
                masked.swapaxes(0, axis)[start : start + width] = 0
        return masked
