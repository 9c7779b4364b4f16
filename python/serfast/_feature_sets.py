"""Sets of features under names that stand for the same columns for ever."""

from __future__ import annotations

from typing import Any

from .errors import ParameterError

# A set that has been published is never changed: models know it by name. A better one has a new name.
FEATURE_SETS: dict[str, dict[str, Any]] = {
    "emotion-v1": {
        "features": (
            "mfcc", "log_mel", "rms", "spectral_centroid", "spectral_bandwidth",
            "spectral_rolloff", "spectral_flatness", "periodicity", "voiced_f0",
        ),
        "sr": 16000,
        "trim": 35,
        "pool": (
            "mean", "std", "p5", "p25", "median", "p75", "p95", "slope", "skewness", "kurtosis",
            *(f"dct{k}" for k in range(1, 7)),
            *(f"change{ms}ms" for ms in (20, 40, 80, 160, 320)),
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
}  # fmt: skip


def feature_set(name: str) -> dict[str, Any]:
    """The arguments of the Extractor that a set is."""
    if name not in FEATURE_SETS:
        raise ParameterError(
            f"unknown set of features {name!r}; there is {', '.join(FEATURE_SETS)}"
        )
    return FEATURE_SETS[name]
