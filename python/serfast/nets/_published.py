"""The networks of published recipes, as their authors lay them out."""

from __future__ import annotations

from typing import Any

from serfast.nets._augment import PitchShift, WhiteNoise
from serfast.nets._recipe_fronts import MeanMfcc, MelDecibels, MfccFrames
from serfast.nets._sequence_net import SequenceNet

_GROUP_END = ("norm", "relu", "dropout 0.25")


def cnn1d(**options: Any) -> SequenceNet:
    """Return the network of the recipe ``cnn1d-mfcc``: convolutions over 40 averaged MFCC.

    Parameters
    ----------
    **options
        Options of `SequenceNet` that shall differ.

    Examples
    --------
    >>> cnn1d(epochs=5).batch_size
    16
    """
    recipe: dict[str, Any] = {
        "front": MeanMfcc(),
        "layers": (
            *("conv 256 8", "relu", "conv 256 8", *_GROUP_END, "pool 5"),
            *("conv 128 8", "relu") * 3,
            *("conv 128 8", *_GROUP_END, "pool 8"),
            *("conv 64 8", "relu") * 2,
            "flatten",
        ),
        "n_frames": 40,
        "by_position": True,
        "learning_rate": 1e-5,
        "batch_size": 16,
        "epochs": 100,
    }
    return SequenceNet(**recipe | options)


def cnn_lstm(**options: Any) -> SequenceNet:
    """Return the network of the recipe ``cnn-lstm-mel``: over 200 mel bands of 3.5 s.

    Parameters
    ----------
    **options
        Options of `SequenceNet` that shall differ.

    Examples
    --------
    >>> cnn_lstm().checkpoint
    True
    """
    groups = [(f"conv {n} 3", "relu", "norm", "elu", "pool 4") for n in (64, 128, 256)]
    noise = WhiteNoise(0.008)
    recipe: dict[str, Any] = {
        "front": MelDecibels(),
        "layers": (
            *(layer for group in groups for layer in group),
            *("lstm 540", "lstm 256", "flatten"),
            *("dense 100", "relu", "norm", "dense 50", "relu", "norm", "dense 20", "relu"),
        ),
        "n_frames": 200,
        "by_position": True,
        "variants": (noise, noise, PitchShift(4)),
        "optimizer": "rmsprop",
        "batch_size": 200,
        "epochs": 150,
        "checkpoint": True,
        "calibrate": True,
    }
    return SequenceNet(**recipe | options)


_CONVOLUTIONS = tuple(layer for n in (64, 128) for layer in (f"conv {n} 5", *_GROUP_END, "pool 2"))
_RECURRENT = ("lstm 128", "lstm 64", "last")


def _over_frames(layers: tuple[str, ...], options: dict[str, Any]) -> SequenceNet:
    recipe: dict[str, Any] = {
        "front": MfccFrames(),
        "layers": layers,
        "n_frames": 128,
        "weight_decay": 1e-4,
        "schedule": "plateau",
        "calibrate": True,
    }
    return SequenceNet(**recipe | options)


def frames_cnn(**options: Any) -> SequenceNet:
    """Return the convolutions of the recipe ``cnn-tess``, over the frames' MFCC.

    Parameters
    ----------
    **options
        Options of `SequenceNet` that shall differ.

    Examples
    --------
    >>> frames_cnn().layers[-1]
    'flatten'
    """
    return _over_frames((*_CONVOLUTIONS, "flatten"), options)


def frames_lstm(**options: Any) -> SequenceNet:
    """Return the LSTM of the recipe ``lstm-tess``, over the frames' MFCC.

    Parameters
    ----------
    **options
        Options of `SequenceNet` that shall differ.

    Examples
    --------
    >>> frames_lstm().layers
    ('lstm 128', 'lstm 64', 'last')
    """
    return _over_frames(_RECURRENT, options)


def frames_cnn_lstm(**options: Any) -> SequenceNet:
    """Return the network of the recipe ``cnn-lstm-tess``: convolutions, then LSTM.

    Parameters
    ----------
    **options
        Options of `SequenceNet` that shall differ.

    Examples
    --------
    >>> frames_cnn_lstm().schedule
    'plateau'
    """
    return _over_frames((*_CONVOLUTIONS, *_RECURRENT), options)
