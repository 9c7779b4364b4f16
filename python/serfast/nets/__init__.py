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
    WhiteNoise,
)
from serfast.nets._front import LogMel
from serfast.nets._net import ResidualNet
from serfast.nets._normalise import BandStatistics, normalised
from serfast.nets._published import cnn1d, cnn_lstm, frames_cnn, frames_cnn_lstm, frames_lstm
from serfast.nets._recipe_fronts import MeanMfcc, MelDecibels, MfccFrames
from serfast.nets._runtime import Runtime
from serfast.nets._sequence_net import SequenceNet

__all__ = [
    "BandStatistics",
    "Chain",
    "Gain",
    "Level",
    "LogMel",
    "MeanMfcc",
    "MelDecibels",
    "MelWarp",
    "MfccFrames",
    "Noise",
    "PitchShift",
    "ResidualNet",
    "Runtime",
    "SequenceNet",
    "Shift",
    "SpecAugment",
    "Speed",
    "TimeStretch",
    "WhiteNoise",
    "cnn1d",
    "cnn_lstm",
    "frames_cnn",
    "frames_cnn_lstm",
    "frames_lstm",
    "normalised",
]
