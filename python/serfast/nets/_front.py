"""What the residual network hears: log-mel bands of a clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from serfast import _validate as validate
from serfast.arrays import fix_length
from serfast.errors import ParameterError
from serfast.mel import melspectrogram
from serfast.trimming import trim

# A peak below this cannot be scaled up in float32.
TINY = 1e-37

Bands = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LogMel:
    """Logarithmic mel bands of a clip with its silence cut off.

    Parameters
    ----------
    sr : number > 0
        Sampling rate in Hz.
    n_fft, hop_length : int > 0
        Samples of a frame, and from each frame to the next.
    n_mels : int > 0
        Number of bands.
    fmin, fmax : number >= 0
        Where the bands begin and end, in Hz.
    peak : number > 0
        The largest sample, to which each clip is scaled.
    top_db : number > 0
        Ends of the clip so many dB below its loudest frame are cut off.
    floor : number > 0
        Added to the power before the logarithm.
    band_range : number > 0
        No band lies more dB than this below its 95th percentile. With 20 the room is not heard: of
        corpora that were recorded in loud ones a network learns that loud speech, which stands out
        from the noise, is angry, and then takes all clean recordings for angry.

    Examples
    --------
    >>> LogMel()(np.sin(np.arange(16000, dtype=np.float32))).shape
    (80, 84)
    """

    sr: float = 16000
    n_fft: int = 640
    hop_length: int = 192
    n_mels: int = 80
    fmin: float = 50.0
    fmax: float = 8000.0
    peak: float = 0.5
    top_db: float = 35.0
    floor: float = 1e-7
    band_range: float = 60.0

    def __call__(self, y: npt.NDArray[np.float32]) -> Bands:
        """Return the bands, ``(n_mels, frames)``; a silent clip is not cut.

        Raises
        ------
        ParameterError
            If `y` is shorter than a frame, or no one-dimensional array of finite floats.
        """
        y = validate.mono(y)
        if len(y) < self.n_fft:
            raise ParameterError(
                f"a recording of {len(y)} samples is shorter than a frame of {self.n_fft}"
            )
        largest = float(np.abs(y).max(initial=0.0))
        if largest > TINY:
            y, _ = trim(y * np.float32(self.peak / largest), top_db=self.top_db)
            y = fix_length(y, size=max(len(y), self.n_fft))
        power = melspectrogram(
            y=y, sr=self.sr, n_fft=self.n_fft, hop_length=self.hop_length,
            n_mels=self.n_mels, fmin=self.fmin, fmax=self.fmax,
        )  # fmt: skip
        return in_range(np.log(power + np.float32(self.floor)), self.band_range)


def in_range(bands: Bands, band_range: float) -> Bands:
    """Return log-mel bands none of which lies more dB than this below its 95th percentile."""
    loud = np.quantile(bands, 0.95, axis=1, keepdims=True).astype(np.float32)
    heard: Bands = np.maximum(bands, loud - np.float32(band_range * np.log(10) / 10))
    return heard
