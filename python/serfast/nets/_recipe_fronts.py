"""What the networks of published recipes hear."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from serfast.arrays import fix_length
from serfast.decibel import power_to_db
from serfast.emphasis import preemphasis
from serfast.mel import melspectrogram, mfcc

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Excerpt:
    """A stretch of a recording, with zeros where it ends too early.

    Parameters
    ----------
    sr : number > 0
        Sampling rate in Hz.
    offset, duration : number >= 0
        Where it begins and how long it is, in seconds.
    """

    sr: float = 44100
    offset: float = 0.5
    duration: float = 2.5

    def excerpt(self, y: Array) -> Array:
        """Return the stretch."""
        begin = round(self.offset * self.sr)
        return np.asarray(fix_length(y[begin:], size=round(self.duration * self.sr)), np.float32)


@dataclass(frozen=True)
class MeanMfcc(Excerpt):
    """MFCC of an excerpt, averaged over time: a sequence of coefficients.

    Parameters
    ----------
    sr, offset, duration
        Of the excerpt.
    n_mfcc : int > 0
        How many coefficients.

    Examples
    --------
    >>> MeanMfcc()(np.ones(200000, np.float32)).shape
    (1, 40)
    """

    n_mfcc: int = 40

    def __call__(self, y: Array) -> Array:
        """Return the coefficients, ``(1, n_mfcc)``."""
        rows = mfcc(y=self.excerpt(y), sr=self.sr, n_mfcc=self.n_mfcc)
        return np.asarray(rows.mean(axis=1)[None], np.float32)


@dataclass(frozen=True)
class MelDecibels(Excerpt):
    """Mel bands of an excerpt in decibels below its loudest.

    Parameters
    ----------
    sr, offset, duration
        Of the excerpt.
    n_mels : int > 0
        How many bands.

    Examples
    --------
    >>> MelDecibels()(np.ones(200000, np.float32)).shape
    (200, 302)
    """

    duration: float = 3.5
    n_mels: int = 200

    def __call__(self, y: Array) -> Array:
        """Return the bands, ``(n_mels, frames)``."""
        power = melspectrogram(y=self.excerpt(y), sr=self.sr, n_mels=self.n_mels)
        return np.asarray(power_to_db(power, ref=np.max), np.float32)


@dataclass(frozen=True)
class MfccFrames:
    """MFCC of a recording with its high frequencies raised, frame by frame.

    Parameters
    ----------
    sr : number > 0
        Sampling rate in Hz.
    n_mfcc : int > 0
        How many coefficients.

    Examples
    --------
    >>> MfccFrames()(np.ones(22050, np.float32)).shape
    (40, 44)
    """

    sr: float = 22050
    n_mfcc: int = 40

    def __call__(self, y: Array) -> Array:
        """Return the coefficients, ``(n_mfcc, frames)``."""
        rows = mfcc(y=preemphasis(y), sr=self.sr, n_mfcc=self.n_mfcc)
        return np.asarray(rows, np.float32)
