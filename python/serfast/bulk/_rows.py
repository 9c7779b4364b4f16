"""From a signal to its rows: whole or cut into chunks, by one thread or by all that are free."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from serfast.bulk._chunks import Chunks
from serfast.bulk._spill import Spilled, Values
from serfast.errors import SerfastError

if TYPE_CHECKING:
    from serfast import Extractor

# Of a shorter signal the core is done before other threads have begun.
ALONE_SAMPLES = 1 << 17
# Chunks of a recording that are handed to the core at once.
CHUNKS_AT_ONCE = 256

# Where values are kept until their shard is written.
Keep: TypeAlias = Callable[[Values], Values | Spilled]


class TooLongError(SerfastError):
    """A signal is too long for the memory that its thread may use."""


class Row(NamedTuple):
    """The values of a row, and the part of the signal that they are of, in samples."""

    values: Values | Spilled
    span: tuple[int, int] | None = None


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
        """Give the number of threads to work with: the own one, and all that are free."""
        helpers = 0
        try:
            while helpers < self._n_threads - 1 and self._free.acquire(blocking=False):
                helpers += 1
            yield 1 + helpers
        finally:
            for _ in range(helpers):
                self._free.release()


@dataclass(frozen=True)
class Rows:
    """What becomes of a signal.

    Attributes
    ----------
    extractor : Extractor
        What to compute.
    chunks : Chunks or None
        Where signals are cut.
    memory : int
        Bytes that one thread may use.
    hands : Hands
        The threads of the job.
    """

    extractor: Extractor
    chunks: Chunks | None
    memory: int
    hands: Hands

    def of(self, y: Values, keep: Keep) -> Iterator[Row]:
        """Yield the rows of a signal.

        Raises
        ------
        TooLongError
            If a row needs more memory than there is.
        """
        if self.chunks is None:
            self._check_memory(y.size)
            yield Row(keep(self._computed(y)))
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

    def bytes_kept(self, n_samples: int) -> int:
        """Return how much of a signal of this length is kept beside its samples, about."""
        if self.chunks is not None:
            n_samples = min(n_samples, 2 * self.chunks.length)
        return self.extractor._bytes_kept(n_samples)

    def _computed(self, y: Values) -> Values:
        if y.size < ALONE_SAMPLES:
            return self.extractor._computed(y)
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

    def _check_memory(self, n_samples: int) -> None:
        """Refuse what keeps so much of a signal that it would not fit."""
        needed = self.extractor._bytes_kept(n_samples)
        if needed > self.memory:
            raise TooLongError(
                f"{n_samples / self.extractor.sr / 3600:.3g} h of audio need {_megabytes(needed)} "
                f"for these features, and a thread may use {_megabytes(self.memory)}: give more "
                "--memory" + (", or --chunk" if self.chunks is None else "")
            )


def _megabytes(n: float) -> str:
    return f"{n / 1e6:.0f} MB"
