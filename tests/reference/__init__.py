"""What serfast's features are: plain float64 numpy, slow on purpose, librosa's names and values."""

from . import decompose, effects, filters
from .chroma import chroma_stft
from .constantq import cqt, hybrid_cqt, pseudo_cqt, vqt
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
from .tonal import chroma_cens, chroma_cqt, chroma_vqt, tonnetz

__all__ = [
    "amplitude_to_db",
    "chroma_cens",
    "chroma_cqt",
    "chroma_stft",
    "chroma_vqt",
    "cqt",
    "db_to_amplitude",
    "db_to_power",
    "decompose",
    "delta",
    "effects",
    "estimate_tuning",
    "filters",
    "hybrid_cqt",
    "istft",
    "melspectrogram",
    "mfcc",
    "piptrack",
    "pitch_tuning",
    "power_to_db",
    "preemphasis",
    "pseudo_cqt",
    "pyin",
    "rms",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_flatness",
    "spectral_rolloff",
    "stft",
    "tonnetz",
    "vqt",
    "yin",
    "zero_crossing_rate",
]
