"""Changed signals under the names that they have in librosa: ``serfast.effects.trim``."""

from .emphasis import deemphasis, preemphasis
from .separation import harmonic, hpss, percussive
from .stretching import pitch_shift, time_stretch
from .trimming import remix, split, trim

__all__ = [
    "deemphasis",
    "harmonic",
    "hpss",
    "percussive",
    "pitch_shift",
    "preemphasis",
    "remix",
    "split",
    "time_stretch",
    "trim",
]
