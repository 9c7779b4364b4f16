"""The work of one thread: a few files, from their bytes to their rows of features."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from serfast._decode import decode, mean_of_channels, opened
from serfast.bulk._content import Content, LocalFile, contents, is_plain, runs
from serfast.bulk._long import mapped_samples
from serfast.bulk._parts import frames_of, refuse_missing, wav_header
from serfast.bulk._records import Input, Record
from serfast.bulk._rows import Keep, Row, Rows, TooLongError
from serfast.bulk._spill import Values
from serfast.datasets import Clip
from serfast.datasets._remote import FetchError, words
from serfast.errors import AudioError

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


def _as_it_is(values: Values) -> Values:
    return values


@dataclass(frozen=True)
class Worker:
    """What all chunks of a job need.

    Attributes
    ----------
    rows : Rows
        What becomes of a signal.
    memory : int
        Bytes that one thread may use for the signals that it works on.
    folder : Path
        Where temporary files may lie.
    stopped : callable
        Returns whether no further file shall be begun.
    """

    rows: Rows
    memory: int
    folder: Path
    stopped: Callable[[], bool]

    def chunk(
        self, inputs: Sequence[Input], known: Sequence[Record | None], keep: Keep = _as_it_is
    ) -> list[Outcome]:
        """Return what each clip gives; `known` are records whose content may still be the same.

        Raises CancelledError where it was stopped, so that half a chunk is never taken for one.
        """
        with self.rows.hands.own():
            return self._chunk(inputs, known, keep)

    def _chunk(
        self, inputs: Sequence[Input], known: Sequence[Record | None], keep: Keep
    ) -> list[Outcome]:
        outcomes = [Outcome() for _ in inputs]
        plain = [i for i, given in enumerate(inputs) if is_plain(given.clip)]
        files: dict[str, Content] = {}
        for i in plain:
            files[inputs[i].clip.path] = LocalFile(inputs[i].clip.path)
        self._do(inputs, plain, files, known, outcomes, keep)
        others = sorted(set(range(len(inputs))).difference(plain))
        # What is fetched, and what becomes of it.
        limit = self.memory // MEMORY_PER_WAV_BYTE
        for run in runs(inputs, others, limit):
            self._refuse_stopped()
            files = contents([inputs[i].clip for i in run], limit)
            self._do(inputs, run, files, known, outcomes, keep)
        return outcomes

    def _refuse_stopped(self) -> None:
        if self.stopped():
            raise CancelledError

    def _do(
        self,
        inputs: Sequence[Input],
        which: Sequence[int],
        files: Mapping[str, Content],
        known: Sequence[Record | None],
        outcomes: list[Outcome],
        keep: Keep,
    ) -> None:
        """Put into `outcomes` what some of the clips give, whose files hold these contents."""
        new = []
        for i in which:
            record = known[i]
            if record is not None and _holds(files[record.path], record.hash):
                outcomes[i].known = record
            else:
                new.append(i)
        if not self.rows.extractor._whole and self.rows.chunks is None:
            new = [
                i
                for some in self._fitting(inputs, new)
                for i in self._wav_files(inputs, some, files, outcomes, keep)
            ]
        for i in new:
            self._refuse_stopped()
            started = time.perf_counter()
            clip = inputs[i].clip
            self._decoded_file(clip, files[clip.path], outcomes[i], keep)
            outcomes[i].seconds = time.perf_counter() - started

    def _fitting(self, inputs: Sequence[Input], which: list[int]) -> Iterator[list[int]]:
        """Divide files into runs of which the frames fit into memory together."""
        if self.rows.extractor.pool is not None:
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
        return self.rows.extractor._bytes_kept(1 << 20) / (1 << 20)

    def _wav_files(
        self,
        inputs: Sequence[Input],
        new: list[int],
        files: Mapping[str, Content],
        outcomes: list[Outcome],
        keep: Keep,
    ) -> list[int]:
        """Let the core do the WAV files; return the indices of the others."""
        # A part is not the core's, nor what has neither a name nor its bytes here.
        which, others, sources = [], [], []
        for i in new:
            content = files[inputs[i].clip.path]
            source = content.name if isinstance(content, LocalFile) else content.data
            if source is None or inputs[i].clip.is_part:
                others.append(i)
            else:
                which.append(i)
                sources.append(source)
        fitting = int(self.memory / (MEMORY_PER_WAV_BYTE + self._kept_of_a_byte))
        values, failures, deferred, facts = self.rows.extractor._core_files(
            sources, threads=1, max_bytes=max(1, min(fitting, LONG_BYTES))
        )
        without = {*deferred, *(at for at, _, _ in failures)}
        for at, (i, read) in enumerate(zip(which, facts, strict=True)):
            outcome = outcomes[i]
            if at not in without:
                outcome.rows = [Row(keep(values[at]))]
            if read is not None:
                outcome.hash = f"{read[0]:016x}"
                _, outcome.rate, outcome.channels, outcome.n_frames, outcome.seconds = read
        for at, stage, reason in failures:
            outcomes[which[at]].stage, outcomes[which[at]].reason = stage, reason
        for at in deferred:
            outcomes[which[at]] = Outcome()
        return sorted([*others, *(which[at] for at in deferred)])

    def _decoded_file(self, clip: Clip, content: Content, outcome: Outcome, keep: Keep) -> None:
        outcome.stage = "read"
        try:
            outcome.hash = content.hash()
            try:
                outcome.stage = "decode"
                rows = self._rows(clip, content, outcome, keep)
            finally:
                content.check()
            outcome.rows, outcome.stage = rows, None
        except Exception as error:  # whatever a damaged file does to its reader
            outcome.reason = words(error)
            if _may_pass(error):
                outcome.hash = None
            if isinstance(error, FetchError):
                outcome.stage = "read"

    def _rows(self, clip: Clip, content: Content, outcome: Outcome, keep: Keep) -> list[Row]:
        sr = self.rows.extractor.sr
        y = self._samples(clip, content, outcome)
        if y is None:
            with mapped_samples(content, clip, sr, self.folder) as (y, outcome.n_frames):
                outcome.stage = "extract"
                return list(self.rows.of(y, keep))
        outcome.n_frames = y.size
        if outcome.rate != sr:
            from serfast.audio import resample

            y = resample(y, orig_sr=outcome.rate, target_sr=sr)
        outcome.stage = "extract"
        return list(self.rows.of(y, keep))

    def _samples(self, clip: Clip, content: Content, outcome: Outcome) -> Samples | None:
        """Return the mono samples at the file's own rate; None where memory does not hold them."""
        header = wav_header(clip, content)
        if header is not None:
            _, rate, n_frames, channels = header
            part = self._part(clip, outcome, rate, channels, n_frames)
            if part is None:
                return None
            name, kind = content.name, np.dtype(np.float32)
            y, _ = decode(name, mono=True, offset=0, duration=None, dtype=kind)
        else:
            with opened(content.open(), content.name) as file:
                part = self._part(clip, outcome, file.samplerate, file.channels, file.frames)
                if part is None:
                    return None
                if part.start:
                    file.seek(part.start)
                n_frames = len(part) if clip.is_part else -1
                y = mean_of_channels(file.read(n_frames, dtype="float32").T)
        if not y.size:
            raise AudioError(f"{content.name!r} holds no samples")
        refuse_missing(clip, part, y.size, outcome.rate)
        return y

    def _part(
        self, clip: Clip, outcome: Outcome, rate: int, channels: int, n_frames: int
    ) -> range | None:
        """Return which frames a clip is, by what its file declares; None if they do not fit."""
        sr = self.rows.extractor.sr
        outcome.rate, outcome.channels = rate, channels
        if not sr / FARTHEST_RATE <= rate <= sr * FARTHEST_RATE:
            raise AudioError(f"says that its sampling rate is {rate} Hz")
        part = frames_of(clip, rate, n_frames)
        n_frames = part.stop - part.start
        # Of other formats than WAV all channels are there before they are mixed.
        needed = BYTES_OF_A_SAMPLE * n_frames * (channels + 1 + (rate != sr) * sr / rate)
        needed += self.rows.bytes_kept(min(MANY, max(1, math.ceil(n_frames * sr / rate))))
        return part if needed <= self.memory else None


def _holds(content: Content, expected: str | None) -> bool:
    """Whether a file can be read and has this hash."""
    if expected is None:
        return False
    try:
        return content.hash() == expected
    except OSError:
        return False


def _may_pass(error: Exception) -> bool:
    """Whether the machine is at fault rather than the file, so that it is worth another try."""
    from_system = isinstance(error, OSError) and error.errno is not None
    return from_system or isinstance(error, (MemoryError, TooLongError, FetchError))
