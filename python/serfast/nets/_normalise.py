"""Normalisation of bands by the clip's own statistics, or by those of a speaker's clips."""

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


@dataclass(frozen=True)
class Voice:
    """The mean and the deviation of each band that a clip is compared with.

    Parameters
    ----------
    mean, deviation : np.ndarray [shape=(bands,)]
        Of log-mel bands: of the training clips, or of a speaker's.
    """

    mean: Array
    deviation: Array

    @classmethod
    def of(cls, clips: BandStatistics) -> Voice:
        """Return the voice of some clips."""
        return cls(clips.mean.astype(np.float32), clips.deviation.astype(np.float32))

    def towards(self, speaker: BandStatistics | None, worth: float = 5.0) -> Voice:
        """Return this voice moved towards a speaker's as far as there are clips.

        With n clips ``n / (n + worth)`` of it is the speaker's: few clips say little.
        """
        if speaker is None:
            return self
        share, own = np.float32(speaker.n_clips / (speaker.n_clips + worth)), Voice.of(speaker)
        return Voice(
            self.mean + share * (own.mean - self.mean),
            self.deviation + share * (own.deviation - self.deviation),
        )


def views(bands: Array, voice: Voice) -> Array:
    """Return a clip by its own measure, and by that of a voice.

    The first view has each band's mean subtracted and is divided by the deviation of the whole:
    most of the speaker and of the recording is gone. The second keeps how the clip differs from
    the voice: how bright it is, and how even.

    Parameters
    ----------
    bands : np.ndarray [shape=(bands, frames)]
        Log-mel bands of a clip.
    voice : Voice
        What it is compared with.

    Returns
    -------
    views : np.ndarray [shape=(2, bands, frames)]
    """
    own = bands - bands.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    own /= max(float(own.std()), SMALLEST_DEVIATION)
    compared = bands - voice.mean[:, None]
    compared /= np.maximum(voice.deviation, np.float32(SMALLEST_DEVIATION))[:, None]
    return np.stack([own, compared])
