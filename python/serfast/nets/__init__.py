"""Networks for emotion recognition: training from scratch on a CPU, and predicting without PyTorch.

PyTorch is imported when a network is trained, not before: ``pip install "serfast[torch]"``.
"""

from serfast._lazy import getter, homes

# Training needs scikit-learn too, predictions do not.
_home_of = homes(
    {
        "_augment": (
            "Chain Gain Level MelWarp Noise PitchShift Shift SpecAugment Speed TimeStretch "
            "WhiteNoise"
        ),
        "_front": "LogMel",
        "_net": "ResidualNet",
        "_normalise": "BandStatistics normalised",
        "_published": "cnn1d cnn_lstm frames_cnn frames_cnn_lstm frames_lstm",
        "_recipe_fronts": "MeanMfcc MelDecibels MfccFrames",
        "_runtime": "Runtime",
        "_sequence_net": "SequenceNet",
    }
)

__all__ = sorted(_home_of)
__getattr__ = getter(__name__, _home_of)


def __dir__() -> list[str]:
    return __all__
