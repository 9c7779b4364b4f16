"""librosa's audio features many times faster, and honest speech emotion recognition.

Feature functions carry librosa's names, keywords, defaults, shapes and values. `Extractor` computes
many of them in one pass, for one signal, a batch or files.
"""

from typing import TYPE_CHECKING, Any

from . import convert, feature, filters
from ._config import __version__, config_info, show_config
from .audio import get_duration, get_samplerate, load, preemphasis, resample, to_mono
from .chroma import chroma_stft
from .contrast import spectral_contrast
from .convert import (
    A4_to_tuning,
    fft_frequencies,
    hz_to_mel,
    hz_to_midi,
    hz_to_octs,
    mel_frequencies,
    mel_to_hz,
    midi_to_hz,
    octs_to_hz,
    tuning_to_A4,
)
from .decibel import amplitude_to_db, db_to_amplitude, db_to_power, power_to_db
from .dynamics import delta
from .energy import rms, zero_crossing_rate
from .errors import AudioError, ParameterError, SerfastError
from .f0 import pyin, yin
from .mel import melspectrogram, mfcc
from .notes import hz_to_note, midi_to_note, note_to_hz, note_to_midi
from .pitch import estimate_tuning, piptrack, pitch_tuning
from .spectral import (
    spectral_bandwidth,
    spectral_centroid,
    spectral_flatness,
    spectral_rolloff,
)
from .spectrum import istft, stft

if TYPE_CHECKING:
    from . import datasets, models, tables
    from .extractor import Extractor

__all__ = [
    "A4_to_tuning",
    "AudioError",
    "Extractor",
    "ParameterError",
    "SerfastError",
    "__version__",
    "amplitude_to_db",
    "chroma_stft",
    "config_info",
    "convert",
    "datasets",
    "db_to_amplitude",
    "db_to_power",
    "delta",
    "estimate_tuning",
    "feature",
    "fft_frequencies",
    "filters",
    "get_duration",
    "get_samplerate",
    "hz_to_mel",
    "hz_to_midi",
    "hz_to_note",
    "hz_to_octs",
    "istft",
    "load",
    "mel_frequencies",
    "mel_to_hz",
    "melspectrogram",
    "mfcc",
    "midi_to_hz",
    "midi_to_note",
    "models",
    "note_to_hz",
    "note_to_midi",
    "octs_to_hz",
    "piptrack",
    "pitch_tuning",
    "power_to_db",
    "preemphasis",
    "resample",
    "pyin",
    "rms",
    "show_config",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_flatness",
    "spectral_rolloff",
    "stft",
    "tables",
    "to_mono",
    "tuning_to_A4",
    "yin",
    "zero_crossing_rate",
]


def __getattr__(name: str) -> Any:
    """What needs more than numpy is imported when it is first used."""
    from importlib import import_module

    if name in ("datasets", "models", "tables"):
        return import_module(f".{name}", __name__)
    if name == "Extractor":
        return import_module(".extractor", __name__).Extractor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
