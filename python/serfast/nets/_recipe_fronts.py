"""What the networks of published recipes hear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.arrays import fix_length
from serfast.decibel import power_to_db
from serfast.emphasis import preemphasis
from serfast.errors import ParameterError
from serfast.mel import melspectrogram, mfcc
from serfast.nets._normalise import SMALLEST_DEVIATION

Array = npt.NDArray[np.float32]

HOP_LENGTH = 512  # librosa's default, and the recipe's


@dataclass(frozen=True)
class Excerpt:
    """A stretch of a recording, shorter where the recording ends too early.

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
        """Return the stretch.

        Raises
        ------
        ParameterError
            If the recording ends before it begins.
        """
        begin = round(self.offset * self.sr)
        found = y[begin : begin + round(self.duration * self.sr)]
        if not len(found):
            raise ParameterError(
                f"a recording of {len(y) / self.sr:.2f} s has no sound after {self.offset} s"
            )
        return found


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
    """Mel bands of an excerpt in decibels below its loudest: a sequence of bands, low to high.

    As in the recipe's own code, bands take the place of time and frames that of channels, and
    frames that are missing at the end are as loud as the loudest: 0 dB.

    Parameters
    ----------
    sr, offset, duration
        Of the excerpt.
    n_mels : int > 0
        How many bands.

    Examples
    --------
    >>> MelDecibels()(np.ones(200000, np.float32)).shape
    (302, 200)
    """

    duration: float = 3.5
    n_mels: int = 200

    def __call__(self, y: Array) -> Array:
        """Return the bands, ``(frames, n_mels)``."""
        power = melspectrogram(
            y=self.excerpt(y), sr=self.sr, n_mels=self.n_mels, hop_length=HOP_LENGTH
        )
        n_frames = 1 + round(self.duration * self.sr) // HOP_LENGTH
        bands = fix_length(power_to_db(power, ref=np.max), size=n_frames)
        return np.asarray(bands.T, np.float32)


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


Front = MeanMfcc | MelDecibels | MfccFrames
FRONTS: dict[str, type[Front]] = {
    front.__name__: front for front in (MeanMfcc, MelDecibels, MfccFrames)
}


@dataclass(frozen=True)
class SequenceInput:
    """What a network over sequences is given of a recording.

    Parameters
    ----------
    front : MeanMfcc, MelDecibels or MfccFrames
        What it hears.
    mean, deviation : np.ndarray [shape=(rows, positions or 1)]
        Of the training clips.
    n_frames : int > 0
        Longer sequences are cut to so many frames.
    filled : bool
        Whether shorter ones are filled up with zeros.
    """

    front: Front
    mean: Array
    deviation: Array
    n_frames: int
    filled: bool

    def __call__(self, y: Array) -> Array:
        """Return the standardised sequence of a recording."""
        return self.standardised(self.front(y))

    def standardised(self, rows: Array) -> Array:
        """Return the sequence ``(rows, frames)``, standardised and cut or filled up."""
        if self.mean.shape[1] not in (1, rows.shape[1]):
            raise ParameterError(
                f"a clip of {rows.shape[1]} frames: this network hears {self.mean.shape[1]}, each "
                f"by its own mean"
            )
        scaled = (rows - self.mean) / np.maximum(self.deviation, SMALLEST_DEVIATION)
        if self.filled:
            scaled = fix_length(scaled, size=self.n_frames)
        return np.asarray(scaled[:, : self.n_frames], np.float32)

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return settings that JSON can hold, and arrays: see `from_parts`."""
        front = {"kind": type(self.front).__name__, **asdict(self.front)}
        settings = {"front": front, "n_frames": self.n_frames, "filled": self.filled}
        return settings, {"mean": self.mean, "deviation": self.deviation}

    @classmethod
    def from_parts(cls, settings: Mapping[str, Any], arrays: Mapping[str, Array]) -> SequenceInput:
        """Return the input that was taken to these parts."""
        kind, options = settings["front"]["kind"], dict(settings["front"])
        del options["kind"]
        return cls(
            FRONTS[kind](**options),
            arrays["mean"],
            arrays["deviation"],
            settings["n_frames"],
            settings["filled"],
        )
