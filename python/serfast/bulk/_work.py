"""The work of one thread: a few files, from their bytes to their rows of features."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from serfast import _core
from serfast._decode import decode, mean_of_channels, opened
from serfast.bulk._chunks import Chunks
from serfast.bulk._long import mapped_samples
from serfast.bulk._records import Input, Record
from serfast.bulk._spill import Spilled, Values
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


# Longer WAV files are not left to the core, which has one thread for each.
LONG_BYTES = 1 << 24
# Chunks of a recording that are handed to the core at once.
CHUNKS_AT_ONCE = 256

# Where values are kept until their shard is written.
Keep: TypeAlias = Callable[[Values], Values | Spilled]


class Row(NamedTuple):
    """The values of a row, and the part of the signal that they are of, in samples."""

    values: Values | Spilled
    span: tuple[int, int] | None = None


class TooLongError(SerfastError):
    """A signal is too long for the memory that its thread may use."""


@dataclass(slots=True)
class Outcome:
    """What a file gave: its rows, or where and why it failed.

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
    rows: list[Row] | None = None
    stage: str | None = None
    reason: str | None = None
    known: Record | None = None

    @property
    def duration(self) -> float:
        """Seconds of audio."""
        return self.n_frames / self.rate if self.rate else 0.0


class Hands:
    """The threads of a job: those that have nothing to do help with a long signal.

    Parameters
    ----------
    n_threads : int > 0
        How many there are.
    """

    def __init__(self, n_threads: int) -> None:
        self._n_threads = n_threads
        self._free = threading.Semaphore(n_threads)

    @contextlib.contextmanager
    def own(self) -> Iterator[None]:
        """Work with one of them, when one is free."""
        with self._free:
            yield

    @contextlib.contextmanager
    def helped(self) -> Iterator[int]:
        """Give the number of threads to work with: this one, and all that are free."""
        helpers = 0
        try:
            while helpers < self._n_threads - 1 and self._free.acquire(blocking=False):
                helpers += 1
            yield 1 + helpers
        finally:
            for _ in range(helpers):
                self._free.release()


@dataclass(frozen=True)
class Worker:
    """What all chunks of a job need.

    Attributes
    ----------
    extractor : Extractor
        What to compute.
    chunks : Chunks or None
        Where signals are cut.
    hands : Hands
        The threads of the job.
    memory : int
        Bytes that one thread may use for the signals that it works on.
    folder : Path
        Where temporary files may lie.
    stop : threading.Event
        Set where no further file shall be begun.
    """

    extractor: Extractor
    chunks: Chunks | None
    hands: Hands
    memory: int
    folder: Path
    stop: threading.Event

    def chunk(
        self, inputs: Sequence[Input], known: Sequence[Record | None], keep: Keep
    ) -> list[Outcome]:
        """Return what each file gives; `known` are records whose content may still be the same."""
        with self.hands.own():
            return self._chunk(inputs, known, keep)

    def _chunk(
        self, inputs: Sequence[Input], known: Sequence[Record | None], keep: Keep
    ) -> list[Outcome]:
        outcomes = [Outcome() for _ in inputs]
        new = []
        for i, record in enumerate(known):
            if record is not None and _holds(inputs[i].clip.path, record.hash):
                outcomes[i].known = record
            else:
                new.append(i)
        if not self.extractor._whole and self.chunks is None:
            new = [
                i
                for some in self._fitting(inputs, new)
                for i in self._wav_files(inputs, some, outcomes, keep)
            ]
        for i in new:
            if self.stop.is_set():
                break
            started = time.perf_counter()
            self._decoded_file(inputs[i].clip.path, outcomes[i], keep)
            outcomes[i].seconds = time.perf_counter() - started
        return outcomes

    def _fitting(self, inputs: Sequence[Input], which: list[int]) -> Iterator[list[int]]:
        """Divide files into runs of which the frames fit into memory together."""
        if self.extractor.pool is not None:
            yield which
            return
        some: list[int] = []
        needed = 0.0
        for i in which:
            more = self._kept_of_a_byte * (inputs[i].size or 0)
            if some and needed + more > self.memory:
                yield some
                some, needed = [], 0.0
            some.append(i)
            needed += more
        yield some

    @property
    def _kept_of_a_byte(self) -> float:
        return self.extractor._bytes_kept(1 << 20) / (1 << 20)

    def _wav_files(
        self, inputs: Sequence[Input], which: list[int], outcomes: list[Outcome], keep: Keep
    ) -> list[int]:
        """Let the core do the WAV files; return the indices of the others."""
        paths = [inputs[i].clip.path for i in which]
        fitting = int(self.memory / (MEMORY_PER_WAV_BYTE + self._kept_of_a_byte))
        values, failures, deferred, facts = self.extractor._core_files(
            paths, threads=1, max_bytes=max(1, min(fitting, LONG_BYTES))
        )
        for i, read in zip(which, facts, strict=True):
            outcome = outcomes[i]
            if read is not None:
                outcome.hash = f"{read[0]:016x}"
                _, outcome.rate, outcome.channels, outcome.n_frames, outcome.seconds = read
        for at, stage, reason in failures:
            outcomes[which[at]].stage, outcomes[which[at]].reason = stage, reason
        others = [which[at] for at in deferred]
        without = {*others, *(which[at] for at, _, _ in failures)}
        for i, row in zip(which, values, strict=True):
            if i not in without:
                outcomes[i].rows = [Row(keep(row))]
        for i in others:
            outcomes[i] = Outcome()
        return others

    def _decoded_file(self, path: str, outcome: Outcome, keep: Keep) -> None:
        outcome.stage = "read"
        try:
            before = os.stat(path)
            outcome.hash = f"{_core.hash_file(path):016x}"
            outcome.stage = "decode"
            with self._samples(path, outcome) as y:
                outcome.stage = "extract"
                rows = list(self._rows(y, keep))
            after = os.stat(path)
            if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                outcome.hash, outcome.stage = None, "read"
                raise AudioError(f"{path!r} changed while it was read")
            outcome.rows, outcome.stage = rows, None
        except Exception as error:  # whatever a damaged file does to its reader
            outcome.reason = _words(error)
            if _may_pass(error):
                outcome.hash = None

    def _rows(self, y: Samples, keep: Keep) -> Iterator[Row]:
        if self.chunks is None:
            self._check_memory(y.size)
            yield Row(keep(self._helped(y)))
            return
        spans = self.chunks.spans(y.size)
        longest = max(end - begin for begin, end in spans)
        self._check_memory(longest)
        rest = iter(spans)
        while some := list(itertools.islice(rest, self._chunks_at_once(longest))):
            with self.hands.helped() as threads:
                result = self.extractor.batch([y[b:e] for b, e in some], threads=threads)
            for failure in result.failures:
                at = some[failure.index][0] / self.extractor.sr
                raise SerfastError(f"chunk from {at:g} s: {failure.reason}")
            for values, span in zip(result.values, some, strict=True):
                yield Row(keep(values), span)

    def _helped(self, y: Samples) -> Values:
        with self.hands.helped() as threads:
            try:
                return self.extractor._computed(y, threads)
            except MemoryError:
                if threads == 1:
                    raise
        return self.extractor._computed(y)  # each helper needs its own scratch

    def _chunks_at_once(self, n_samples: int) -> int:
        each = self.extractor._bytes_kept(n_samples) + 4 * len(self.extractor.names)
        return max(1, min(CHUNKS_AT_ONCE, self.memory // each))

    @contextlib.contextmanager
    def _samples(self, path: str, outcome: Outcome) -> Iterator[Samples]:
        sr = self.extractor.sr
        with _opened(path) as (rate, channels, n_frames, read):
            outcome.rate, outcome.channels = rate, channels
            if not sr / FARTHEST_RATE <= rate <= sr * FARTHEST_RATE:
                raise AudioError(f"says that its sampling rate is {rate} Hz")
            # Of other formats than WAV all channels are there before they are mixed.
            needed = BYTES_OF_A_SAMPLE * n_frames * (channels + 1 + (rate != sr) * sr / rate)
            n_samples = min(MANY, int(n_frames * sr / rate))
            if self.chunks is not None:
                n_samples = min(n_samples, 2 * self.chunks.length)
            needed += self.extractor._bytes_kept(n_samples)
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
                "--memory" + (", or --chunk" if self.chunks is None else "")
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
