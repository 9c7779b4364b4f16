"""Emotions while one speaks: microphones, files played as if they were one, a listener.

Microphones need the package sounddevice: ``pip install "serfast[mic]"``.
"""

from ._devices import Device, Microphone, input_devices
from ._listener import Listener, Update, Word, listen
from ._recorder import Recorder
from ._sources import Block, FileSource, Source
from ._speaker import Speaker

__all__ = [
    "Block",
    "Device",
    "FileSource",
    "Listener",
    "Microphone",
    "Recorder",
    "Source",
    "Speaker",
    "Update",
    "Word",
    "input_devices",
    "listen",
]
