"""What serfast's features are: plain float64 numpy, slow on purpose, librosa's names and values."""

from . import decompose, effects, filters, onset
from .activity import voice_activity
from .chroma import chroma_stft
from .constantq import cqt, hybrid_cqt, pseudo_cqt, vqt
from .decibel import amplitude_to_db, db_to_amplitude, db_to_power, power_to_db
from .egemaps import egemaps_like
from .energy import rms, zero_crossing_rate
from .f0 import pyin, yin
from .gain import pcen
from .mel import log_mel, melspectrogram, mfcc
from .pitch import estimate_tuning, piptrack, pitch_tuning
from .rhythm import fourier_tempogram, tempo, tempogram, tempogram_ratio
from .spectral import (
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_flatness,
    spectral_rolloff,
)
from .spectrum import istft, stft
from .stretching import griffinlim, magphase, phase_vocoder
from .temporal import deemphasis, delta, preemphasis, stack_memory
from .tonal import chroma_cens, chroma_cqt, chroma_vqt, tonnetz
from .trend import poly_features
from .voice import periodicity, voiced_f0

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
    "deemphasis",
    "delta",
    "effects",
    "egemaps_like",
    "estimate_tuning",
    "filters",
    "fourier_tempogram",
    "griffinlim",
    "hybrid_cqt",
    "istft",
    "log_mel",
    "magphase",
    "melspectrogram",
    "mfcc",
    "onset",
    "pcen",
    "periodicity",
    "phase_vocoder",
    "piptrack",
    "pitch_tuning",
    "poly_features",
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
    "stack_memory",
    "stft",
    "tempo",
    "tempogram",
    "tempogram_ratio",
    "tonnetz",
    "voice_activity",
    "voiced_f0",
    "vqt",
    "yin",
    "zero_crossing_rate",
]

# What librosa has no function for.
OWN = ("egemaps_like", "log_mel", "periodicity", "voice_activity", "voiced_f0")
