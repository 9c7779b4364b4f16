"""Pictures, drawn with matplotlib (the extra ``plot``) into axes that are given, or pyplot's.

Colours are of the maps magma, viridis and coolwarm and of Okabe and Ito's palette, which the
colour-blind tell apart. `specshow`, `waveshow`, `cmap` and the formatters of ticks have librosa's
names and keywords.
"""

from typing import Any

from ._charts import bars, confusion_matrix, emotion_counts, mel_scale, reliability, training_curves
from ._features import chroma, contrast, cqt, mel, mfcc, spectrogram, tonnetz, waveform
from ._files import PICTURES, plot_features
from ._specshow import cmap, specshow
from ._waveshow import AdaptiveWaveplot, waveshow

# Subclasses of matplotlib's: they are made when they are asked for.
_FORMATTERS = (
    "ChromaFormatter",
    "LogHzFormatter",
    "NoteFormatter",
    "TimeFormatter",
    "TonnetzFormatter",
)

__all__ = [
    "PICTURES",
    "AdaptiveWaveplot",
    "bars",
    "chroma",
    "cmap",
    "confusion_matrix",
    "contrast",
    "cqt",
    "emotion_counts",
    "mel",
    "mel_scale",
    "mfcc",
    "plot_features",
    "reliability",
    "specshow",
    "spectrogram",
    "tonnetz",
    "training_curves",
    "waveform",
    "waveshow",
    *_FORMATTERS,
]


def __getattr__(name: str) -> Any:
    if name not in _FORMATTERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import _ticks

    return getattr(_ticks, name)
