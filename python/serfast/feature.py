"""The features under the name that they have in librosa: ``serfast.feature.mfcc``."""

from .chroma import chroma_stft
from .contrast import spectral_contrast
from .dynamics import delta
from .energy import rms, zero_crossing_rate
from .mel import melspectrogram, mfcc
from .spectral import (
    spectral_bandwidth,
    spectral_centroid,
    spectral_flatness,
    spectral_rolloff,
)

__all__ = [
    "chroma_stft",
    "delta",
    "melspectrogram",
    "mfcc",
    "rms",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_flatness",
    "spectral_rolloff",
    "zero_crossing_rate",
]
