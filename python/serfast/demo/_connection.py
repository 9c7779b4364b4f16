"""What a page and the server say to each other over a WebSocket.

The page sends commands as JSON objects, ``{"do": ..., ...}``, and data as bytes: float32 samples
while a take goes on, a piece of the file while one is uploaded. The server sends JSON objects,
``{"kind": ..., ...}``; those about a sound carry the number ``take`` that its first command had.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from serfast import _validate as validate
from serfast.demo._take import Message, Take
from serfast.errors import AudioError, ParameterError, SerfastError
from serfast.live import Speaker
from serfast.live._sources import Samples

if TYPE_CHECKING:
    from serfast.demo._server import Demo

MAX_UPLOAD_BYTES = 20_000_000
MAX_UPLOAD_SECONDS = 300.0
MAX_UPLOAD_SAMPLES = 60_000_000  # of all channels: little is much, compressed
MAX_WHOLE_SECONDS = 30.0  # nobody is in one mood for longer
MIN_RATE, MAX_RATE = 8000, 192_000
UPLOAD_PIECE_SECONDS = 0.5

Send = Callable[[Message], Any]
_T = TypeVar("_T")


class Connection:
    """The state of one open page.

    Parameters
    ----------
    demo : Demo
        What there is to choose from.
    send : coroutine function of a Message
        Sends it to the page.
    """

    def __init__(self, demo: Demo, send: Send) -> None:
        self._demo, self._send = demo, send
        self._speaker = Speaker(next(iter(demo.models.values())))
        self._learning = False
        self._take: Take | None = None
        self._number: Any = None
        self._upload: _Upload | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._abandoned = False

    async def command(self, text: str) -> None:
        """Do what a text from the page says; errors are told to it."""
        try:
            message = _parsed(text)
            actions = {
                "start": self._start,
                "stop": self._stop,
                "file": self._begin_file,
                "model": self._choose_model,
                "learn": self._set_learning,
                "forget": self._forget,
            }
            do = validate.choice("do", message.get("do"), tuple(actions))
            await self._end_of_hearing(abandon=do not in ("learn", "forget"))
            await actions[do](message)
        except (SerfastError, OSError) as error:
            await self._fail(error)

    async def data(self, data: bytes) -> None:
        """Take bytes from the page, of whatever it has begun; errors are told to it."""
        try:
            if self._upload is not None:
                if self._upload.add(data):
                    upload, self._upload = self._upload, None
                    self._hearing = asyncio.create_task(self._hear_file(upload))
            elif self._take is not None:
                await self._say_all(self._take.hear(_samples(data)))
            # Else it comes after an error, of which the page will hear yet.
        except (SerfastError, OSError) as error:
            await self._fail(error)

    async def end(self) -> None:
        """End what goes on, and wait until it has ended."""
        await self._end_of_hearing(abandon=True)
        self.close()

    async def _end_of_hearing(self, *, abandon: bool) -> None:
        """Wait for a file that is heard, to its end, or to that of the piece it has come to."""
        self._abandoned = abandon
        if self._hearing is not None:
            hearing, self._hearing = self._hearing, None
            await hearing
        self._abandoned = False

    def close(self) -> None:
        """End what goes on."""
        self._upload = None
        if self._take is not None:
            self._take.close()
            self._take = None

    async def _fail(self, error: Exception) -> None:
        self.close()
        await self._say({"kind": "error", "message": " ".join(str(error).split())})

    async def _say(self, message: Message) -> None:
        await self._send({**message, "take": self._number})

    async def _start(self, message: Message) -> None:
        self._begin(message)
        rate = _whole("rate", message.get("rate"), MIN_RATE, MAX_RATE)
        picture, purpose = message.get("picture"), "talk"
        options: dict[str, Any] = {}
        if picture is not None:
            number = _whole("picture", picture, 0, len(self._demo.pictures) - 1)
            purpose = self._demo.pictures[number].emotion
            options = {"window": self._demo.seconds, "every": self._demo.seconds}
        await self._open_take(rate, save_as=self._demo.path_to_save(purpose), **options)

    async def _stop(self, _: Message) -> None:
        if self._take is not None:
            await self._say_all(self._take.finish())
        self.close()

    def _begin(self, message: Message) -> None:
        self.close()
        self._number = message.get("take")

    async def _begin_file(self, message: Message) -> None:
        self._begin(message)
        if message.get("size") == 0:
            raise ParameterError("the file is empty")
        size = _whole("size", message.get("size"), 1, 1 << 53)
        if size > MAX_UPLOAD_BYTES:
            raise ParameterError(
                f"the file has {size / 1e6:.1f} MB; at most {MAX_UPLOAD_BYTES / 1e6:g} MB are taken"
            )
        self._upload = _Upload(size)

    async def _choose_model(self, message: Message) -> None:
        self.close()
        name = validate.choice("model", message.get("name"), tuple(self._demo.models))
        self._speaker, self._learning = Speaker(self._demo.models[name]), False
        await self._tell_learnt()

    async def _set_learning(self, message: Message) -> None:
        on = message.get("on") is True
        try:
            await _in_thread(lambda: self._speaker.warm_up(enrol=on))
        except ParameterError as error:
            await self._send({"kind": "refused", "message": str(error)})
            return
        self._learning = on
        if self._take is not None:
            self._take.listener.enrol = on
        await self._tell_learnt()

    async def _forget(self, _: Message) -> None:
        self._speaker.forget()
        await self._tell_learnt()

    async def _tell_learnt(self) -> None:
        told = {"on": self._learning, "windows": self._speaker.n_windows}
        await self._send({"kind": "learnt", **told})

    async def _open_take(self, rate: int, **options: Any) -> Take:
        speaker, enrol = self._speaker, self._learning
        self._take = await _in_thread(lambda: Take(speaker, rate, enrol=enrol, **options))
        return self._take

    async def _hear_file(self, upload: _Upload) -> None:
        """Hear a file while the page may ask for something else; errors are told to it."""
        try:
            with contextlib.suppress(ConnectionError):  # the page has been closed
                await self._hear(*await _in_thread(upload.decoded))
        except (SerfastError, OSError) as error:
            await self._fail(error)

    async def _hear(self, y: Samples, rate: int) -> None:
        take = await self._open_take(rate)
        n = round(UPLOAD_PIECE_SECONDS * rate)
        for start in range(0, len(y), n):
            if self._abandoned:
                return
            await self._say_all(take.hear(y[start : start + n]))
        if len(y) <= MAX_WHOLE_SECONDS * rate:
            await self._say(await _in_thread(lambda: self._about_all(y, rate)))
        await self._stop({})

    def _about_all(self, y: Samples, rate: int) -> Message:
        from serfast import resample

        model = self._speaker.model
        prediction = model.predict_signal(resample(y, orig_sr=rate, target_sr=model.sr), model.sr)
        return {"kind": "whole", "probabilities": prediction.probabilities}

    async def _say_all(self, messages: Iterator[Message]) -> None:
        n_learnt = self._speaker.n_windows
        while (message := await _in_thread(lambda: next(messages, None))) is not None:
            await self._say(message)
        if self._speaker.n_windows != n_learnt:
            await self._tell_learnt()


class _Upload:
    """A file that comes in pieces, of which the size is known."""

    def __init__(self, size: int) -> None:
        self._size, self._data = size, bytearray()

    def add(self, data: bytes) -> bool:
        """Append a piece, and tell whether it was the last one."""
        if len(self._data) + len(data) > self._size:
            raise ParameterError(f"more came than the {self._size} bytes that were announced")
        self._data += data
        return len(self._data) == self._size

    def decoded(self) -> tuple[Samples, int]:
        """The mean of the channels, and the sampling rate in Hz."""
        from serfast import load
        from serfast._decode import opened

        try:
            with opened(io.BytesIO(self._data)) as file:
                _check_length(file.frames, file.channels, file.samplerate)
                y, rate = load(file, sr=None)
        except AudioError as error:
            # Readers call a file without a name after its type.
            raise AudioError(re.sub(r"<\w+>", "the file", str(error))) from error
        return y, int(rate)


def _check_length(n_frames: int, n_channels: int, rate: int) -> None:
    if not n_frames:
        raise AudioError("the file holds no samples")
    if not MIN_RATE <= rate <= MAX_RATE:
        raise AudioError(f"the file has {rate} Hz; it must have {MIN_RATE} to {MAX_RATE} Hz")
    if n_frames > MAX_UPLOAD_SECONDS * rate:
        raise AudioError(
            f"the file lasts {n_frames / rate:.0f} s; at most {MAX_UPLOAD_SECONDS:g} s are taken"
        )
    if n_frames * n_channels > MAX_UPLOAD_SAMPLES:
        raise AudioError(
            f"the file has {n_channels} channels of {n_frames} samples; at most "
            f"{MAX_UPLOAD_SAMPLES} samples are taken"
        )


async def _in_thread(function: Callable[[], _T]) -> _T:
    """What a function returns that would keep the server from answering."""
    return await asyncio.to_thread(function)


def _whole(name: str, value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ParameterError(f"{name}={value!r} must be a whole number from {low} to {high}")
    return value


def _parsed(text: str) -> Message:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise ParameterError("a command must be a JSON object")
    return message


def _samples(data: bytes) -> Samples:
    if len(data) % 4:
        raise ParameterError(f"{len(data)} bytes are no float32 samples")
    samples = np.frombuffer(data, "<f4").astype(np.float32)
    if not np.isfinite(samples).all():
        raise ParameterError("samples must be finite")
    return samples
