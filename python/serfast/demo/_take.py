"""One sound from its beginning to its end: samples in, messages for the page out."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from serfast.demo._tracks import FRAMES_PER_SECOND, Tracks
from serfast.live import Block, Listener, Recorder, Speaker, Update
from serfast.live._sources import Samples

Message = dict[str, Any]


class Take:
    """What the page is told of a sound; it must be closed.

    Parameters
    ----------
    speaker : Speaker
        What predicts.
    rate : int
        Sampling rate in Hz.
    window, every, enrol
        As of `serfast.live.Listener`.
    save_as : str, optional
        Write NAME.wav and NAME.jsonl.
    """

    def __init__(
        self,
        speaker: Speaker,
        rate: int,
        *,
        window: float = 3.0,
        every: float = 1.0,
        enrol: bool = False,
        save_as: str | None = None,
    ) -> None:
        self.listener = Listener(speaker, rate, window=window, every=every, enrol=enrol)
        self._rate = rate
        self._tracks = Tracks(rate)
        self._n_samples = self._n_frames = 0
        self._seconds_on_features = 0.0
        self._files = contextlib.ExitStack()
        self._recorder: Recorder | None = None
        if save_as is not None:
            self._recorder = self._files.enter_context(Recorder(save_as, rate))

    def close(self) -> None:
        """Complete the files."""
        self._files.close()

    def hear(self, samples: Samples) -> Iterator[Message]:
        """The messages about the next samples, each when it is there."""
        block = Block(samples, time.perf_counter())
        self._n_samples += len(samples)
        yield self._sound(self._tracks.push(samples))
        for update in self.listener.hear(block):
            yield from self._about(update)

    def finish(self) -> Iterator[Message]:
        """The last messages; the sound ends."""
        if self._n_samples:
            yield self._sound(self._tracks.flush())
        for update in self.listener.finish():
            yield from self._about(update)
        yield {"kind": "ended", "time": self._time}

    @property
    def _time(self) -> float:
        return self._n_samples / self._rate

    def _sound(self, tracks: Message) -> Message:
        self._n_frames += tracks["frames"]
        self._seconds_on_features += self._tracks.seconds_taken
        cost = self._seconds_on_features * FRAMES_PER_SECOND / max(self._n_frames, 1)
        return {"kind": "sound", "time": self._time, "cost": cost, **tracks}

    def _about(self, update: Update) -> Iterator[Message]:
        if self._recorder is not None:
            self._recorder.add(update)
        yield {
            "kind": "state",
            "time": update.time,
            "level": update.level if math.isfinite(update.level) else None,
            "voice": update.voice,
            "mute": update.mute,
        }
        if update.word is not None:
            yield {"kind": "word", **asdict(update.word)}
