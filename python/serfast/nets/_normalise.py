"""Normalisation of bands by the clip's own statistics, and by those of many clips."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Moments = npt.NDArray[np.float64]

# Deviations of log-mel bands are 1 to 3; a silent clip has none.
SMALLEST_DEVIATION = 1e-5
# A band that is empty in all that was heard of a voice may hold something in the next clip.
SMALLEST_OF_A_VOICE = 0.1


@dataclass(frozen=True)
class BandStatistics:
    """Mean and squared deviations of each band over the frames of some clips.

    Statistics add up, clip by clip, without a second look at the frames (Welford 1962, and
    Chan, Golub & LeVeque 1983 for groups of values).

    Parameters
    ----------
    n_clips, n_frames : int
        How much was counted.
    mean : np.ndarray [shape=(bands,)]
        Mean of each band.
    squares : np.ndarray [shape=(bands,)]
        Sum of each band's squared deviations from its mean.

    Examples
    --------
    >>> bands = np.arange(12, dtype=np.float32).reshape(2, 6)
    >>> parts = [BandStatistics.of(bands[:, :2]), BandStatistics.of(bands[:, 2:])]
    >>> BandStatistics.total(parts).mean
    array([2.5, 8.5])
    """

    n_clips: int
    n_frames: int
    mean: Moments
    squares: Moments

    @classmethod
    def of(cls, bands: Array) -> BandStatistics:
        """Return the statistics of one clip ``(bands, frames)``."""
        mean = bands.mean(axis=1, dtype=np.float64)
        squares = np.square(bands - mean[:, None]).sum(axis=1)
        return cls(1, bands.shape[1], mean, squares)

    @classmethod
    def total(cls, parts: Iterable[BandStatistics]) -> BandStatistics:
        """Return the statistics of all parts together; there must be at least one."""
        return reduce(add, parts)

    def __add__(self, other: BandStatistics) -> BandStatistics:
        n_frames = self.n_frames + other.n_frames
        apart = other.mean - self.mean
        return BandStatistics(
            self.n_clips + other.n_clips,
            n_frames,
            self.mean + apart * (other.n_frames / n_frames),
            self.squares + other.squares + apart**2 * (self.n_frames * other.n_frames / n_frames),
        )

    @property
    def deviation(self) -> Moments:
        """Standard deviation of each band."""
        return np.sqrt(self.squares / self.n_frames)

    def normalised(self, bands: Array) -> Array:
        """Return a clip by the measure of these: each band less its mean, by its deviation."""
        deviation = np.maximum(self.deviation, SMALLEST_OF_A_VOICE)[:, np.newaxis]
        return ((bands - self.mean[:, np.newaxis]) / deviation).astype(np.float32)


def normalised(bands: Array) -> Array:
    """Return a clip by its own measure: most of the speaker and of the recording is gone.

    Parameters
    ----------
    bands : np.ndarray [shape=(bands, frames)]
        Log-mel bands of a clip.

    Returns
    -------
    normalised : np.ndarray [shape=(bands, frames)]
        Each band less its mean, divided by the deviation of the whole; zeros for silence.

    Examples
    --------
    >>> normalised(np.array([[0, 2], [5, 7]], np.float32))
    array([[-1.,  1.],
           [-1.,  1.]], dtype=float32)
    """
    own: Array = bands - bands.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    own /= np.float32(max(float(own.std()), SMALLEST_DEVIATION))
    return own
