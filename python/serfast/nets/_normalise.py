"""Normalisation of bands by the clip's own statistics, or by those of a speaker's clips."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Moments = npt.NDArray[np.float64]

# Deviations of log-mel bands are 1 to 3; a silent clip has none.
SMALLEST_DEVIATION = 1e-5


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
        first, *others = parts
        for part in others:
            first = first + part
        return first

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


def normalised(
    bands: Array, speaker: BandStatistics | None = None, own_weight: float = 5.0
) -> Array:
    """Subtract each band's mean and divide by the deviation.

    By itself, a clip has a mean per band and one deviation for all bands: a deviation per band
    would be a noisy estimate of so few frames. A speaker's clips give both per band, and as much
    of them is used as there are clips: with n clips ``n / (n + own_weight)`` is the speaker's
    share, the rest is the clip's own.

    Parameters
    ----------
    bands : np.ndarray [shape=(bands, frames)]
        Log-mel bands of a clip.
    speaker : BandStatistics, optional
        Of other clips of the same speaker.
    own_weight : number > 0
        How many of the speaker's clips the clip's own statistics are worth.

    Returns
    -------
    normalised : np.ndarray [shape=(bands, frames)]
        Without `speaker`, every band's mean is 0 and the deviation over all of them 1.
    """
    mean = bands.mean(axis=1, dtype=np.float64)
    deviation = np.full(len(bands), (bands - mean[:, None]).std())
    if speaker is not None:
        share = speaker.n_clips / (speaker.n_clips + own_weight)
        mean += share * (speaker.mean - mean)
        deviation += share * (speaker.deviation - deviation)
    scale = 1 / np.maximum(deviation, SMALLEST_DEVIATION)
    result: Array = ((bands - mean[:, None]) * scale[:, None]).astype(np.float32)
    return result
