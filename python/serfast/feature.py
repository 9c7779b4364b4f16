"""The features under the name that they have in librosa: ``serfast.feature.mfcc``."""

import sys

from . import inverse, rhythm
from .chroma import chroma_stft
from .contrast import spectral_contrast
from .dynamics import delta, stack_memory
from .energy import rms, zero_crossing_rate
from .mel import melspectrogram, mfcc
from .rhythm import fourier_tempogram, tempo, tempogram, tempogram_ratio
from .spectral import (
    spectral_bandwidth,
    spectral_centroid,
    spectral_flatness,
    spectral_rolloff,
)
from .tonal import chroma_cens, chroma_cqt, chroma_vqt, tonnetz
from .trend import poly_features

# They can be imported by librosa's names, too.
sys.modules |= {f"{__name__}.inverse": inverse, f"{__name__}.rhythm": rhythm}

__all__ = [
    "chroma_cens",
    "chroma_cqt",
    "chroma_stft",
    "chroma_vqt",
    "delta",
    "fourier_tempogram",
    "inverse",
    "melspectrogram",
    "mfcc",
    "poly_features",
    "rhythm",
    "rms",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_flatness",
    "spectral_rolloff",
    "stack_memory",
    "tempo",
    "tempogram",
    "tempogram_ratio",
    "tonnetz",
    "zero_crossing_rate",
]
