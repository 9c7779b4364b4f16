"""Where sound comes from, in blocks."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from serfast.errors import AudioError

Samples = npt.NDArray[np.float32]

BLOCK_SECONDS = 0.02


@dataclass(frozen=True)
class Block:
    """Some samples, and when the last of them was there.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float32
        One channel.
    arrived : float
        Time of `time.perf_counter` at which the program had them.
    """

    samples: Samples
    arrived: float


class Source(Protocol):
    """What a listener hears: a context manager with blocks in it.

    Attributes
    ----------
    name : str
        For people.
    rate : int
        Sampling rate in Hz.
    latency : float
        Seconds from the sound to the program, as the device states it.
    overflows : int
        How many times sound has been lost so far.
    """

    name: str
    rate: int

    @property
    def latency(self) -> float: ...
    @property
    def overflows(self) -> int: ...
    def __enter__(self) -> Source: ...
    def __exit__(self, *exception: object) -> None: ...
    def blocks(self) -> Iterator[Block]:
        """The sound as it comes; ends where there will be none."""
        ...


class FileSource:
    """An audio file played as if it were a microphone.

    Parameters
    ----------
    path : path
        Of any format that `serfast.load` reads; several channels become their mean.
    paced : bool
        Whether it takes as long as it lasts; if not, its blocks come as fast as they are taken.

    Attributes
    ----------
    name, rate, latency, overflows
        As of `Source`: nothing is ever late or lost.

    Raises
    ------
    AudioError
        If the file cannot be read, or holds no samples.

    Examples
    --------
    >>> import serfast
    >>> path = next(serfast.datasets.samples_dir().rglob("*.wav"))
    >>> with serfast.live.FileSource(path, paced=False) as source:
    ...     blocks = list(source.blocks())
    >>> len(blocks[0].samples) / source.rate
    0.02
    """

    latency = 0.0
    overflows = 0

    def __init__(self, path: str | os.PathLike[str], *, paced: bool = True) -> None:
        from serfast import load

        samples, rate = load(path, sr=None)
        if not len(samples):
            raise AudioError(f"{os.fspath(path)}: holds no samples")
        self.name = os.fspath(path)
        self.rate = int(rate)
        self._samples, self._paced = samples, paced

    def __enter__(self) -> FileSource:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def blocks(self) -> Iterator[Block]:
        """The file's samples, 20 ms at a time."""
        size = math.ceil(BLOCK_SECONDS * self.rate)
        started = time.perf_counter()
        for start in range(0, len(self._samples), size):
            samples = self._samples[start : start + size]
            arrived = time.perf_counter()
            if self._paced:
                due = started + (start + len(samples)) / self.rate
                time.sleep(max(0.0, due - arrived))
                arrived = due
            yield Block(samples, arrived)


class Ring:
    """Samples on their way from the thread that records to the one that reads.

    It takes what fits and says so; nothing that it took is lost or comes twice.

    Parameters
    ----------
    capacity : int > 0
        In samples.
    """

    def __init__(self, capacity: int) -> None:
        self._samples: Samples = np.empty(capacity, dtype=np.float32)
        self._n_written = self._n_read = 0
        self._arrived = 0.0
        self._changed = threading.Condition()

    def write(self, samples: npt.NDArray[Any], arrived: float) -> bool:
        """Append samples, or none of them where there is no room for all."""
        with self._changed:
            capacity, n = len(self._samples), len(samples)
            if self._n_written + n - self._n_read > capacity:
                return False
            start = self._n_written % capacity
            before_end = min(n, capacity - start)
            self._samples[start : start + before_end] = samples[:before_end]
            self._samples[: n - before_end] = samples[before_end:]
            self._n_written += n
            self._arrived = arrived
            self._changed.notify()
        return True

    def read(self, timeout: float) -> Block | None:
        """All samples that are there, waiting for some; None if there are none in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._n_written > self._n_read, timeout):
                return None
            places = np.arange(self._n_read, self._n_written) % len(self._samples)
            self._n_read = self._n_written
            return Block(self._samples[places], self._arrived)


def resampler(rate: float, sr: float) -> Any:
    """What resamples a stream of sound, or None where nothing has to be done."""
    if rate == sr:
        return None
    import soxr

    return soxr.ResampleStream(rate, sr, 1, dtype="float32")
