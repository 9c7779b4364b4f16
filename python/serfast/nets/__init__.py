"""Networks for emotion recognition: training from scratch on a CPU, and predicting without PyTorch.

PyTorch is imported when a network is trained, not before: ``pip install "serfast[torch]"``.
"""

from serfast.nets._augment import (
    Chain,
    Gain,
    Level,
    MelWarp,
    Noise,
    PitchShift,
    Shift,
    SpecAugment,
    Speed,
    TimeStretch,
)
from serfast.nets._front import LogMel
from serfast.nets._net import ResidualNet
from serfast.nets._normalise import BandStatistics
from serfast.nets._runtime import Runtime

__all__ = [
    "BandStatistics",
    "Chain",
    "Gain",
    "Level",
    "LogMel",
    "MelWarp",
    "Noise",
    "PitchShift",
    "ResidualNet",
    "Runtime",
    "Shift",
    "SpecAugment",
    "Speed",
    "TimeStretch",
]
