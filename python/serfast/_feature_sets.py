"""Sets of features under names that stand for the same columns for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import ParameterError

if TYPE_CHECKING:
    from .extractor import Extractor

# The 180 numbers of the classic pipeline: means over time of librosa's defaults, with the chroma
# of a magnitude (`S=abs(stft)`) as all the published copies of this pipeline have it.
CLASSIC_FEATURES = ("mfcc", "chroma_stft", "melspectrogram")
CLASSIC_OPTIONS: dict[str, Any] = {
    "sr": 16000,
    "n_mfcc": 40,
    "pool": "mean",
    "chroma_stft": {"power": 1.0},
}


@dataclass(frozen=True)
class FeatureSet:
    """Features and options of an extractor, under a name."""

    features: tuple[str, ...]
    options: dict[str, Any]

    def extractor(self) -> Extractor:
        """Return the extractor."""
        from .extractor import Extractor

        return Extractor(list(self.features), **self.options)


# A published set never changes: models know it by name. A better one gets a new name.
FEATURE_SETS = {
    "classic-180": FeatureSet(CLASSIC_FEATURES, CLASSIC_OPTIONS),
    "classic-193": FeatureSet(
        (*CLASSIC_FEATURES, "spectral_contrast", "tonnetz"),
        CLASSIC_OPTIONS | {"tonnetz": {"harmonic": True}},
    ),
    "emotion-v1": FeatureSet(
        (
            "mfcc", "log_mel", "rms", "spectral_centroid", "spectral_bandwidth",
            "spectral_rolloff", "spectral_flatness", "periodicity", "voiced_f0",
        ),
        {
            "sr": 16000,
            "trim": 25,
            "pool": (
                "mean", "std", "p5", "p25", "median", "p75", "p95", "slope", "skewness",
                "kurtosis", "dct1", "dct2", "dct3", "change20ms", "change40ms", "change80ms",
                "change160ms", "change320ms",
            ),
            "n_fft": 512,
            "win_length": 400,
            "hop_length": 160,
            "mfcc": {"n_mfcc": 20, "n_mels": 40},
            "log_mel": {"n_mels": 20},
            "rms": {"frame_length": 400},
            "periodicity": {"frame_length": 1024},
            "voiced_f0": {"frame_length": 1024},
        },
    ),
    "egemaps-like-v1": FeatureSet(("egemaps_like",), {"sr": 16000, "pool": "mean"}),
}  # fmt: skip


def feature_set(name: str) -> FeatureSet:
    """The set of this name."""
    if name not in FEATURE_SETS:
        known = ", ".join(FEATURE_SETS)
        raise ParameterError(f"unknown set of features {name!r}; known: {known}")
    return FEATURE_SETS[name]
