"""What the page draws of a sound: envelope, mel spectrogram, MFCC, pitch, loudness, brightness."""

from __future__ import annotations

import base64
import math
import time
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.extractor import Extractor
from serfast.live._sources import Samples

FRAMES_PER_SECOND = 100
N_MELS = 64
N_MFCC = 13
MAX_HZ = 8000.0
PITCH_HZ = (75.0, 500.0)
FRAME_SECONDS = 0.04
SILENT_DB = -90.0
LOUDEST = 100.0  # samples beyond full scale, which nobody sees
# dB that the bytes 0 and 255 stand for.
MEL_DB = (-80.0, 47.5)


class Tracks:
    """The frames of a sound that comes in blocks, ready for JSON.

    Parameters
    ----------
    rate : int
        Sampling rate in Hz.

    Attributes
    ----------
    seconds_taken : float
        CPU time that the last frames took.
    """

    def __init__(self, rate: int) -> None:
        self._hop = round(rate / FRAMES_PER_SECOND)
        length = 2 ** round(math.log2(FRAME_SECONDS * rate))
        mel = {"n_fft": length, "n_mels": N_MELS, "fmax": min(MAX_HZ, rate / 2), "top_db": None}
        pitch = {"frame_length": length, "fmin": PITCH_HZ[0], "fmax": PITCH_HZ[1]}
        self._stream = Extractor(
            ["log_mel", "mfcc", "rms", "spectral_centroid", "voiced_f0"],
            sr=rate,
            hop_length=self._hop,
            log_mel=mel,
            mfcc={**mel, "n_mfcc": N_MFCC},
            rms={"frame_length": length},
            spectral_centroid={"n_fft": length},
            voiced_f0=pitch,
        ).stream()
        self._rest: Samples = np.zeros(0, np.float32)
        self.seconds_taken = 0.0

    def push(self, samples: Samples) -> dict[str, Any]:
        """What has become complete with some samples."""
        return self._described(samples, self._stream.push)

    def flush(self) -> dict[str, Any]:
        """What reaches over the end."""
        return self._described(np.zeros(0, np.float32), lambda _: self._stream.flush())

    def _described(self, samples: Samples, frames_of: Any) -> dict[str, Any]:
        started = time.thread_time()
        found = frames_of(samples)
        self.seconds_taken = time.thread_time() - started
        frames = np.array(found, np.float32).reshape(len(found), N_MELS + N_MFCC + 3)
        mel, mfcc, others = np.split(frames, [N_MELS, N_MELS + N_MFCC], axis=1)
        rms, centroid, pitch = others.T
        loudness = 20 * np.log10(np.maximum(rms, 10 ** (SILENT_DB / 20)))
        return {
            "frames": len(frames),
            "envelope": self._envelope(samples),
            "mel": _packed((mel - MEL_DB[0]) / (MEL_DB[1] - MEL_DB[0]) * 255),
            "mfcc": _packed(128 + mfcc[:, 1:]),
            "loudness": _numbers(loudness, 1),
            "brightness": _numbers(centroid, 0),
            "pitch": _numbers(pitch, 1),
        }

    def _envelope(self, samples: Samples) -> list[float]:
        """The lowest and the highest sample of each hop that is complete."""
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) - len(samples) % self._hop
        self._rest = samples[whole:]
        hops = samples[:whole].reshape(-1, self._hop)
        edges = np.stack([hops.min(axis=1, initial=1), hops.max(axis=1, initial=-1)], axis=1)
        rounded: list[float] = np.round(edges.clip(-LOUDEST, LOUDEST), 4).ravel().tolist()
        return rounded


def _packed(values: npt.NDArray[Any]) -> str:
    """Bytes of base 64, frame by frame, which take a third of the digits."""
    return base64.b64encode(np.clip(np.rint(values), 0, 255).astype(np.uint8)).decode()


def _numbers(values: npt.NDArray[Any], digits: int) -> list[float | None]:
    """Numbers that JSON has: None where there is no value."""
    rounded = np.round(values.astype(float), digits).tolist()
    return [number if math.isfinite(number) else None for number in rounded]
