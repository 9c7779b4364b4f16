"""What serfast's features are: plain float64 numpy, slow on purpose, librosa's names and values."""

from . import decompose, effects, filters
from .chroma import chroma_stft
from .decibel import amplitude_to_db, db_to_amplitude, db_to_power, power_to_db
from .energy import rms, zero_crossing_rate
from .f0 import pyin, yin
from .mel import melspectrogram, mfcc
from .pitch import estimate_tuning, piptrack, pitch_tuning
from .spectral import (
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_flatness,
    spectral_rolloff,
)
from .spectrum import istft, stft
from .temporal import delta, preemphasis

__all__ = [
    "amplitude_to_db",
    "chroma_stft",
    "db_to_amplitude",
    "db_to_power",
    "decompose",
    "delta",
    "effects",
    "estimate_tuning",
    "filters",
    "istft",
    "melspectrogram",
    "mfcc",
    "piptrack",
    "pitch_tuning",
    "power_to_db",
    "preemphasis",
    "pyin",
    "rms",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_flatness",
    "spectral_rolloff",
    "stft",
    "yin",
    "zero_crossing_rate",
]
