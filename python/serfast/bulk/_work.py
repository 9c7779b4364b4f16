"""The work of one thread: a few files, from their bytes to their rows of features."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from serfast import _core
from serfast._decode import decode, mean_of_channels, opened
from serfast.bulk._long import mapped_samples
from serfast.bulk._records import Input, Record
from serfast.errors import AudioError, SerfastError

if TYPE_CHECKING:
    from serfast import Extractor

Samples = npt.NDArray[np.float32]
BYTES_OF_A_SAMPLE = 4
# A WAV file in memory and its samples: at least a byte of it, and four of them, a sample.
MEMORY_PER_WAV_BYTE = 5
# From rates that are so many times higher or lower no recording comes, and to resample a file whose
# header lies would take hours.
FARTHEST_RATE = 64
# Samples that no memory holds, where a header declares more than can be counted.
MANY = 1 << 40


class TooLongError(SerfastError):
    """A signal is too long for the memory that its thread may use."""


@dataclass(slots=True)
class Outcome:
    """What a file gave: its values, or where and why it failed.

    Attributes
    ----------
    hash : str or None
        Of the file's bytes; None where they could not be read.
    rate, channels, n_frames : int
        Of the file; 0 where its header could not be read.
    seconds : float
        What it took.
    known : Record or None
        What an earlier run found, where the content is still the same.
    """

    hash: str | None = None
    rate: int = 0
    channels: int = 0
    n_frames: int = 0
    seconds: float = 0.0
    values: npt.NDArray[np.float32] | None = None
    stage: str | None = None
    reason: str | None = None
    known: Record | None = None

    @property
    def duration(self) -> float:
        """Seconds of audio."""
        return self.n_frames / self.rate if self.rate else 0.0


@dataclass(frozen=True)
class Worker:
    """What all chunks of a job need.

    Attributes
    ----------
    extractor : Extractor
        A pooled one.
    memory : int
        Bytes that one thread may use for the signals that it works on.
    folder : Path
        Where temporary files may lie.
    stopped : callable
        Returns whether no further file shall be begun.
    """

    extractor: Extractor
    memory: int
    folder: Path
    stopped: Callable[[], bool]

    def chunk(self, inputs: Sequence[Input], known: Sequence[Record | None]) -> list[Outcome]:
        """Return what each file gives; `known` are records whose content may still be the same.

        Raises CancelledError where it was stopped, so that half a chunk is never taken for one.
        """
        outcomes = [Outcome() for _ in inputs]
        new = []
        for i, record in enumerate(known):
            if record is not None and _holds(inputs[i].clip.path, record.hash):
                outcomes[i].known = record
            else:
                new.append(i)
        if not self.extractor._whole:
            new = self._wav_files(inputs, new, outcomes)
        for i in new:
            if self.stopped():
                raise CancelledError
            started = time.perf_counter()
            self._decoded_file(inputs[i].clip.path, outcomes[i])
            outcomes[i].seconds = time.perf_counter() - started
        return outcomes

    def _wav_files(
        self, inputs: Sequence[Input], which: list[int], outcomes: list[Outcome]
    ) -> list[int]:
        """Let the core do the WAV files; return the indices of the others."""
        paths = [inputs[i].clip.path for i in which]
        kept = self.extractor._bytes_kept(1 << 20) / (1 << 20)
        values, failures, deferred, facts = self.extractor._core_files(
            paths, threads=1, max_bytes=max(1, int(self.memory / (MEMORY_PER_WAV_BYTE + kept)))
        )
        for i, row, read in zip(which, values, facts, strict=True):
            outcome = outcomes[i]
            outcome.values = row
            if read is not None:
                outcome.hash = f"{read[0]:016x}"
                _, outcome.rate, outcome.channels, outcome.n_frames, outcome.seconds = read
        for at, stage, reason in failures:
            outcomes[which[at]].values = None
            outcomes[which[at]].stage, outcomes[which[at]].reason = stage, reason
        others = [which[at] for at in deferred]
        for i in others:
            outcomes[i] = Outcome()
        return others

    def _decoded_file(self, path: str, outcome: Outcome) -> None:
        outcome.stage = "read"
        try:
            before = os.stat(path)
            outcome.hash = f"{_core.hash_file(path):016x}"
            outcome.stage = "decode"
            with self._samples(path, outcome) as y:
                outcome.stage = "extract"
                self._check_memory(y.size)
                values = self.extractor._computed(y)
            after = os.stat(path)
            if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                outcome.hash, outcome.stage = None, "read"
                raise AudioError(f"{path!r} changed while it was read")
            outcome.values, outcome.stage = values, None
        except Exception as error:  # whatever a damaged file does to its reader
            outcome.reason = _words(error)
            if _may_pass(error):
                outcome.hash = None

    @contextlib.contextmanager
    def _samples(self, path: str, outcome: Outcome) -> Iterator[Samples]:
        sr = self.extractor.sr
        with _opened(path) as (rate, channels, n_frames, read):
            outcome.rate, outcome.channels = rate, channels
            if not sr / FARTHEST_RATE <= rate <= sr * FARTHEST_RATE:
                raise AudioError(f"says that its sampling rate is {rate} Hz")
            # Of other formats than WAV all channels are there before they are mixed.
            needed = BYTES_OF_A_SAMPLE * n_frames * (channels + 1 + (rate != sr) * sr / rate)
            needed += self.extractor._bytes_kept(min(MANY, int(n_frames * sr / rate)))
            y = read() if needed <= self.memory else None
        if y is None:
            with mapped_samples(path, sr, self.folder) as (y, outcome.n_frames):
                yield y
            return
        from serfast.audio import resample

        outcome.n_frames = y.size
        yield y if rate == sr else resample(y, orig_sr=rate, target_sr=sr)

    def _check_memory(self, n_samples: int) -> None:
        """Refuse what keeps so much of a signal that it would not fit."""
        needed = self.extractor._bytes_kept(n_samples)
        if needed > self.memory:
            raise TooLongError(
                f"{n_samples / self.extractor.sr / 3600:.3g} h of audio need {_megabytes(needed)} "
                f"for these features, and a thread may use {_megabytes(self.memory)}: give more "
                "--memory"
            )


@contextlib.contextmanager
def _opened(path: str) -> Iterator[tuple[int, int, int, Callable[[], Samples]]]:
    """Give sampling rate, channels and frames as the file declares them, and its mono samples."""
    header = _core.read_wav(path, float64=False, mono=True, offset=0.0, duration=0.0)
    if header is not None:
        _, rate, n_frames, channels = header

        def read() -> Samples:
            y, _ = decode(path, mono=True, offset=0, duration=None, dtype=np.dtype(np.float32))
            return y

        yield rate, channels, n_frames, read
        return
    with opened(path) as file:

        def read() -> Samples:
            return mean_of_channels(file.read(dtype="float32").T)

        yield file.samplerate, file.channels, file.frames, read


def _holds(path: str, content: str | None) -> bool:
    """Whether a file can be read and has this hash."""
    if content is None:
        return False
    try:
        return f"{_core.hash_file(path):016x}" == content
    except OSError:
        return False


def _may_pass(error: Exception) -> bool:
    """Whether the machine is at fault rather than the file, so that it is worth another try."""
    from_system = isinstance(error, OSError) and error.errno is not None
    return from_system or isinstance(error, (MemoryError, TooLongError))


def _megabytes(n: float) -> str:
    return f"{n / 1e6:.0f} MB"


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
