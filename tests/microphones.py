"""A stand-in for the package sounddevice, whose devices play what they are given."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np


class PortAudioError(Exception):
    """A text and a number, as sounddevice has them."""

    def __str__(self):
        return f"{self.args[0]} [PaErrorCode {self.args[1]}]"


class FakeSoundDevice:
    """What of sounddevice serfast uses.

    Inputs are given as dictionaries of what differs from a microphone of one channel at 48 kHz;
    `sound` is what each plays, in blocks of 10 ms, `opening` the numbers of PortAudio's errors for
    the next attempts to open one.
    """

    PortAudioError = PortAudioError

    def __init__(self, *inputs, sound=(), opening=(), lost=(), endless=True):
        usual = {
            "name": "Mic",
            "hostapi": 0,
            "max_input_channels": 1,
            "default_samplerate": 48000.0,
        }
        self.inputs = [
            {**usual, **own, "index": number} for number, own in enumerate(inputs or ({},))
        ]
        self.default = SimpleNamespace(device=[0, -1])
        self.sound = np.asarray(sound, np.float32)
        self.opening, self.lost, self.endless = list(opening), set(lost), endless
        self.opened = []

    def query_devices(self):
        return self.inputs

    def query_hostapis(self):
        return [{"name": "Fake"}]

    def InputStream(self, **options):  # noqa: N802
        number = self.opening.pop(0) if self.opening else 0
        if number:
            raise PortAudioError("Error opening InputStream: Some reason", number)
        self.opened.append(FakeStream(self, **options))
        return self.opened[-1]


class FakeStream:
    """Calls back from a thread of its own, as PortAudio does."""

    latency = 0.01

    def __init__(self, module, *, samplerate, device, channels, dtype, latency, callback):
        assert (dtype, latency) == ("float32", "high")
        self.module, self.rate, self.device, self.channels = module, samplerate, device, channels
        self.callback, self.stopped = callback, threading.Event()
        self.thread = threading.Thread(target=self._play)

    def start(self):
        self.thread.start()

    def close(self):
        self.stopped.set()
        self.thread.join()

    def _play(self):
        n = self.rate // 100
        sound = self.module.sound
        for number, start in enumerate(range(0, len(sound), n)):
            block = np.repeat(sound[start : start + n, None], self.channels, axis=1)
            status = SimpleNamespace(input_overflow=number in self.module.lost)
            self.callback(block, len(block), None, status)
        while self.module.endless and not self.stopped.wait(0.001):
            status = SimpleNamespace(input_overflow=False)
            self.callback(np.zeros((n, self.channels), np.float32), n, None, status)
