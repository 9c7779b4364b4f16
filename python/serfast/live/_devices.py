"""Microphones, through PortAudio."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from serfast.errors import ParameterError
from serfast.live._sources import Block, Ring

RING_SECONDS = 30.0  # longer than any prediction takes
SILENT_DEVICE_SECONDS = 5.0  # without a single block
LIST_THEM = "`serfast devices` lists the inputs"

# PortAudio's numbers for what goes wrong when a device is opened.
_INVALID_CHANNELS = -9998
_reasons = {
    -9997: f"refuses {{rate}} Hz, the rate that it states: choose another, {LIST_THEM}",
    -9996: f"cannot be used: {LIST_THEM}",
    -9985: "cannot be had: another program holds it, or this one lacks the permission to record",
    -9999: "is refused by the system: allow this program to record in its privacy settings",
}


@dataclass(frozen=True)
class Device:
    """An input.

    Parameters
    ----------
    index : int
        Its number, which `Microphone` takes.
    name : str
        Its name, of which `Microphone` takes a part.
    api : str
        The system's interface, such as ALSA, Core Audio or Windows WASAPI.
    channels : int > 0
        How many it has.
    rate : int
        Its own sampling rate in Hz.
    default : bool
        Whether it is the system's choice.
    """

    index: int
    name: str
    api: str
    channels: int
    rate: int
    default: bool


def input_devices() -> list[Device]:
    """Return the devices that sound can come from.

    Returns
    -------
    list of Device
        In PortAudio's order; empty if there are none.

    Raises
    ------
    ParameterError
        If sounddevice or the PortAudio library is missing.
    """
    sounddevice = _sounddevice()
    try:
        found, apis = sounddevice.query_devices(), sounddevice.query_hostapis()
        default = sounddevice.default.device[0]
    except sounddevice.PortAudioError as error:
        raise ParameterError(f"PortAudio cannot list the inputs: {error}") from error
    return [
        Device(
            index=info["index"],
            name=info["name"],
            api=apis[info["hostapi"]]["name"],
            channels=info["max_input_channels"],
            rate=round(info["default_samplerate"]),
            default=info["index"] == default,
        )
        for info in found
        if info["max_input_channels"] > 0
    ]


class Microphone:
    """An input, open at its own rate while it is entered as a context.

    Sound is kept for 30 s until it is taken; what comes after that is lost, and counted.

    Parameters
    ----------
    device : int or str, optional
        The number of an input, or part of its name. Default: the system's choice.

    Attributes
    ----------
    name : str
        The device's.
    rate : int
        Its own sampling rate in Hz.
    latency : float
        Seconds from the sound to the program, as PortAudio states it.
    overflows : int
        How many times sound has been lost so far, by the system or here.

    Raises
    ------
    ParameterError
        If sounddevice, PortAudio or the device is missing, or it cannot be opened: in words.
    """

    latency = 0.0

    def __init__(self, device: int | str | None = None) -> None:
        chosen = _chosen(device)
        self.name, self.rate = chosen.name, chosen.rate
        self._device = chosen
        self._ring = Ring(round(RING_SECONDS * self.rate))
        self._stream: Any = None
        self.overflows = 0

    def __enter__(self) -> Microphone:
        sounddevice = _sounddevice()
        try:
            self._stream = self._opened(sounddevice)
            self._stream.start()
        except sounddevice.PortAudioError as error:
            reason = _reasons.get(_number(error), "cannot be opened").format(rate=self.rate)
            raise ParameterError(f"{self.name}: {reason} ({error})") from error
        self.latency = float(self._stream.latency)
        return self

    def __exit__(self, *exception: object) -> None:
        self._stream.close()

    def blocks(self) -> Iterator[Block]:
        """The sound as it comes, for ever.

        Raises
        ------
        ParameterError
            If none comes for five seconds, as from a device that was unplugged.
        """
        while True:
            block = self._ring.read(SILENT_DEVICE_SECONDS)
            if block is None:
                raise ParameterError(
                    f"{self.name}: nothing has come from it for {SILENT_DEVICE_SECONDS:g} s; is it "
                    "plugged in, and is this program allowed to record?"
                )
            yield block

    def _opened(self, sounddevice: Any) -> Any:
        """A stream of one channel, or of all where the device gives no less."""

        def stream(channels: int) -> Any:
            return sounddevice.InputStream(
                samplerate=self.rate,
                device=self._device.index,
                channels=channels,
                dtype="float32",
                latency="high",  # the callback waits for Python, which may be busy
                callback=self._take,
            )

        try:
            return stream(1)
        except sounddevice.PortAudioError as error:
            if _number(error) != _INVALID_CHANNELS:
                raise
            return stream(self._device.channels)

    def _take(self, samples: Any, n: int, times: Any, status: Any) -> None:
        """What PortAudio's thread calls with each block."""
        kept = self._ring.write(samples.mean(axis=1), time.perf_counter())
        self.overflows += bool(status.input_overflow) + (not kept)


def _sounddevice() -> Any:
    try:
        import sounddevice
    except ImportError:
        raise ParameterError(
            'microphones need the package sounddevice: pip install "serfast[mic]"'
        ) from None
    except OSError as error:
        raise ParameterError(
            f"{error}: install it (Debian and Ubuntu: apt install libportaudio2; Fedora: dnf "
            "install portaudio; conda install -c conda-forge portaudio)"
        ) from None
    return sounddevice


def _chosen(device: int | str | None) -> Device:
    devices = input_devices()
    if not devices:
        raise ParameterError(
            "there is no input device: plug in a microphone, or give a file in its place (--from)"
        )
    if device is None:
        matching = [one for one in devices if one.default] or devices[:1]
    elif isinstance(device, int):
        matching = [one for one in devices if one.index == device]
    else:
        matching = [one for one in devices if device.lower() in one.name.lower()]
        # Interfaces of one system show the same device: the first is its usual one.
        matching = [one for one in matching if one.name == device] or matching
    if not matching:
        raise ParameterError(f"device={device!r} is no input: {LIST_THEM}")
    if len({one.name for one in matching}) > 1:
        names = ", ".join(one.name for one in matching)
        raise ParameterError(f"device={device!r} may be any of {names}: give more of the name")
    return matching[0]


def _number(error: Exception) -> int:
    """PortAudio's number of an error, 0 where it has none."""
    return int(error.args[1]) if len(error.args) > 1 else 0
