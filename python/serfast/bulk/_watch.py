"""What there is to see of a job that runs, and to say of one that ended."""

from __future__ import annotations

import contextlib
import heapq
import json
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

from serfast.bulk._records import Input
from serfast.bulk._work import Outcome
from serfast.datasets import Clip

SLOWEST = 5
BETWEEN_LOOKS = 0.1  # seconds
# Times and lengths, of which each file has its own.
FIGURES = re.compile(r"-?\d[\d.e+-]*(?= (?:s|bytes)\b)")


@dataclass(frozen=True)
class Tally:
    """What a few files came to, to be added up, on another machine perhaps.

    Attributes
    ----------
    files, n_bytes : int
        How many files, and of how many bytes.
    audio : float
        Seconds of audio.
    failures : list of (Clip, str, str)
        Clip, stage and reason.
    slowest : list of (float, str)
        Seconds of work and the clip's name.
    """

    files: int
    n_bytes: int
    audio: float
    failures: list[tuple[Clip, str, str]]
    slowest: list[tuple[float, str]]

    @classmethod
    def of(cls, inputs: Sequence[Input], outcomes: Sequence[Outcome]) -> Tally:
        """Add up a chunk."""
        both = [(given.clip, o) for given, o in zip(inputs, outcomes, strict=True)]
        return cls(
            files=len(both),
            n_bytes=sum(given.size or 0 for given in inputs),
            audio=sum(o.duration for _, o in both),
            failures=[(clip, o.stage, str(o.reason)) for clip, o in both if o.stage is not None],
            slowest=heapq.nlargest(SLOWEST, ((o.seconds, clip.name) for clip, o in both)),
        )


class Watch:
    """Counts what is done.

    Attributes
    ----------
    files, failures : int
        How many files were done, and how many of them failed.
    audio : float
        Seconds of audio.
    reasons : Counter
        How many failed, by stage and reason.
    slowest : list of (float, str)
        Seconds of work and path.
    """

    def __init__(
        self, inputs: Sequence[Input], log: Log, look: Callable[[Watch], None] | None
    ) -> None:
        self.total = len(inputs)
        self.files = self.failures = 0
        self.audio = 0.0
        self.reasons: Counter[tuple[str, str]] = Counter()
        self.slowest: list[tuple[float, str]] = []
        self._bytes_left = sum(given.size or 0 for given in inputs)
        self._bytes_done = 0
        self._log, self._look = log, look
        self._lock = threading.Lock()
        self._started = self._looked = time.monotonic()

    def __call__(self, inputs: Sequence[Input], outcomes: Sequence[Outcome]) -> None:
        """Take note of a chunk; any thread may."""
        self.add(Tally.of(inputs, outcomes))

    def add(self, tally: Tally) -> None:
        """Take note of what was done elsewhere."""
        with self._lock:
            self.files += tally.files
            self.audio += tally.audio
            self._bytes_done += tally.n_bytes
            self.slowest = heapq.nlargest(SLOWEST, [*self.slowest, *tally.slowest])
            self.failures += len(tally.failures)
            for clip, stage, reason in tally.failures:
                self.reasons[stage, general(reason, clip.path)] += 1
                self._log("failure", path=clip.name, stage=stage, reason=reason)
            now = time.monotonic()
            if self._look and now - self._looked > BETWEEN_LOOKS:
                self._looked = now
                self._look(self)

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self._started

    @property
    def seconds_left(self) -> float | None:
        """How long it will still take, if bytes take what they took so far."""
        if not self._bytes_done:
            return None
        left = self._bytes_left - self._bytes_done
        return self.seconds * left / self._bytes_done


class Log:
    """Events as lines of JSON; does nothing where there is no file for them."""

    def __init__(self, file: IO[str] | None) -> None:
        self._file = file

    @classmethod
    @contextlib.contextmanager
    def at(cls, path: str | os.PathLike[str] | None) -> Iterator[Log]:
        """Append to the file of this name, if it has one."""
        if path is None:
            yield cls(None)
        else:
            with Path(path).open("a", encoding="utf-8") as file:
                yield cls(file)

    def __call__(self, event: str, **facts: Any) -> None:
        """Write an event."""
        if self._file is not None:
            now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
            self._file.write(json.dumps({"time": now, "event": event, **facts}) + "\n")
            self._file.flush()


def general(reason: str, path: str) -> str:
    """A reason without the file's name and figures, so that equal ones can be counted."""
    for name in (repr(path), path):
        reason = reason.replace(name, "")
    reason = FIGURES.sub("...", reason)
    return " ".join(reason.split()).rstrip(": ")
