"""librosa's audio features many times faster, and honest speech emotion recognition.

Feature functions carry librosa's names, keywords, defaults, shapes and values. `Extractor` computes
many of them in one pass, for one signal, a batch or files.
"""

from typing import TYPE_CHECKING, Any

from . import beat, convert, core, decompose, effects, feature, filters, onset, util
from ._config import __version__, config_info, get_include, show_config
from .audio import deemphasis, get_duration, get_samplerate, load, preemphasis, resample, to_mono
from .blocks import stream
from .chroma import chroma_stft
from .constantq import cqt, hybrid_cqt, pseudo_cqt, vqt
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
from .dynamics import delta, stack_memory
from .energy import rms, zero_crossing_rate
from .errors import AudioError, ParameterError, SerfastError
from .f0 import pyin, yin
from .gain import pcen
from .harmonics import f0_harmonics
from .intervals import (
    cqt_frequencies,
    interval_frequencies,
    plimit_intervals,
    pythagorean_intervals,
)
from .mel import melspectrogram, mfcc
from .notes import hz_to_note, midi_to_note, note_to_hz, note_to_midi
from .patching import patch_librosa, patch_report, patched_librosa, unpatch_librosa
from .phases import griffinlim, magphase
from .pitch import estimate_tuning, piptrack, pitch_tuning
from .rhythm import fourier_tempogram, tempo, tempogram, tempogram_ratio
from .spectral import (
    spectral_bandwidth,
    spectral_centroid,
    spectral_flatness,
    spectral_rolloff,
)
from .spectrum import istft, stft
from .stretching import phase_vocoder
from .times import (
    blocks_to_frames,
    blocks_to_samples,
    blocks_to_time,
    fourier_tempo_frequencies,
    frames_to_samples,
    frames_to_time,
    samples_like,
    samples_to_frames,
    samples_to_time,
    tempo_frequencies,
    time_to_frames,
    time_to_samples,
    times_like,
)
from .tonal import chroma_cens, chroma_cqt, chroma_vqt, tonnetz
from .tones import chirp, clicks, tone
from .trend import poly_features
from .waveform import autocorrelate, lpc, mu_compress, mu_expand, zero_crossings
from .weighting import (
    A_weighting,
    B_weighting,
    C_weighting,
    D_weighting,
    Z_weighting,
    frequency_weighting,
    multi_frequency_weighting,
    perceptual_weighting,
)

if TYPE_CHECKING:
    from . import datasets, kaldi, models, tables, torchaudio, whisper
    from .extractor import Extractor

__all__ = [
    "A4_to_tuning",
    "A_weighting",
    "AudioError",
    "B_weighting",
    "C_weighting",
    "D_weighting",
    "Extractor",
    "ParameterError",
    "SerfastError",
    "Z_weighting",
    "__version__",
    "amplitude_to_db",
    "autocorrelate",
    "beat",
    "blocks_to_frames",
    "blocks_to_samples",
    "blocks_to_time",
    "chirp",
    "chroma_cens",
    "chroma_cqt",
    "chroma_stft",
    "chroma_vqt",
    "clicks",
    "config_info",
    "convert",
    "core",
    "cqt",
    "cqt_frequencies",
    "datasets",
    "db_to_amplitude",
    "db_to_power",
    "decompose",
    "deemphasis",
    "delta",
    "effects",
    "estimate_tuning",
    "f0_harmonics",
    "feature",
    "fft_frequencies",
    "filters",
    "fourier_tempo_frequencies",
    "fourier_tempogram",
    "frames_to_samples",
    "frames_to_time",
    "frequency_weighting",
    "get_duration",
    "get_include",
    "get_samplerate",
    "griffinlim",
    "hybrid_cqt",
    "hz_to_mel",
    "hz_to_midi",
    "hz_to_note",
    "hz_to_octs",
    "interval_frequencies",
    "istft",
    "kaldi",
    "load",
    "lpc",
    "magphase",
    "mel_frequencies",
    "mel_to_hz",
    "melspectrogram",
    "mfcc",
    "midi_to_hz",
    "midi_to_note",
    "models",
    "mu_compress",
    "mu_expand",
    "multi_frequency_weighting",
    "note_to_hz",
    "note_to_midi",
    "octs_to_hz",
    "onset",
    "patch_librosa",
    "patch_report",
    "patched_librosa",
    "pcen",
    "perceptual_weighting",
    "phase_vocoder",
    "piptrack",
    "pitch_tuning",
    "plimit_intervals",
    "poly_features",
    "power_to_db",
    "preemphasis",
    "pseudo_cqt",
    "pyin",
    "pythagorean_intervals",
    "resample",
    "rms",
    "samples_like",
    "samples_to_frames",
    "samples_to_time",
    "show_config",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_flatness",
    "spectral_rolloff",
    "stack_memory",
    "stft",
    "stream",
    "tables",
    "tempo",
    "tempo_frequencies",
    "tempogram",
    "tempogram_ratio",
    "time_to_frames",
    "time_to_samples",
    "times_like",
    "to_mono",
    "tone",
    "tonnetz",
    "torchaudio",
    "tuning_to_A4",
    "unpatch_librosa",
    "util",
    "vqt",
    "whisper",
    "yin",
    "zero_crossing_rate",
    "zero_crossings",
]


def __getattr__(name: str) -> Any:
    """What needs more than numpy is imported when it is first used."""
    from importlib import import_module

    if name in ("datasets", "kaldi", "models", "tables", "torchaudio", "whisper"):
        return import_module(f".{name}", __name__)
    if name == "Extractor":
        return import_module(".extractor", __name__).Extractor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
