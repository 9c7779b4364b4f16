"""How far results may be from the truth, and where rounding may carry them farther."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signals import KINDS
from sweep import Case

# Largest and RMS error allowed, as a share of the largest absolute value of the truth.
BOUNDS = {np.float64: (1e-9, 1e-9), np.float32: (1e-5, 1e-6)}

# Sums that may cancel: their scale is never taken below the input's, or below 10 dB.
CANCELLING = ("delta", "preemphasis", "deemphasis", "istft", "tempogram_ratio")
DECIBELS = ("power_to_db", "amplitude_to_db", "spectral_contrast", "onset.onset_strength")


SOUNDING = tuple(kind for kind in KINDS if kind != "silence")


@dataclass(frozen=True)
class Allowance:
    """Features that rounding may carry beyond the bounds, on which signals, and why.

    How far is measured for each case: see conditioning.py.
    """

    features: tuple[str, ...]
    signals: tuple[str, ...]
    why: str

    def covers(self, case: Case) -> bool:
        """Whether it speaks of this case."""
        return case.feature in self.features and case.character in self.signals


CONSTANT_Q = ("cqt", "vqt", "pseudo_cqt", "hybrid_cqt")
CQ_CHROMA = ("chroma_cqt", "chroma_cens", "chroma_vqt", "tonnetz")
NOISELESS = ("tone", "chirp", "clicks", "dc", "music", "recorded_music")
EXCEPTIONS = (
    Allowance(
        ("melspectrogram", "mfcc", "onset.onset_strength"),
        NOISELESS,
        "a band far from all that sounds holds only the rounding of the transform",
    ),
    Allowance(
        ("spectral_centroid", "spectral_bandwidth"),
        (*NOISELESS, "recorded_speech"),
        "the distance from a narrow peak multiplies the rounding in a thousand empty bins",
    ),
    Allowance(
        ("spectral_flatness", "spectral_contrast"),
        SOUNDING,
        "the lowest bins count as much as the peak",
    ),
    Allowance(
        ("spectral_rolloff", "piptrack", "estimate_tuning", "chroma_stft"),
        SOUNDING,
        "a comparison of nearly equal numbers decides (a bin, a peak, the tuning)",
    ),
    Allowance(
        ("decompose.hpss", "effects.hpss", "effects.harmonic", "effects.percussive"),
        SOUNDING,
        "a mask compares two medians, in empty bins two roundings",
    ),
    Allowance(("yin",), ("clicks",), "around a lone sample the difference function is flat"),
    Allowance(
        ("pyin",),
        SOUNDING,
        "many paths through frames without a pitch are equally likely",
    ),
    Allowance(
        CONSTANT_Q,
        tuple(kind for kind in KINDS if kind not in ("silence", "noise")),
        "a filter far from all that sounds gives only rounding; peaks of equal height decide the "
        "tuning",
    ),
    Allowance(
        CQ_CHROMA,
        SOUNDING,
        "frames are divided by their sum or maximum; comparisons decide the tuning and the steps",
    ),
    Allowance(
        ("phase_vocoder", "effects.time_stretch", "effects.pitch_shift", "griffinlim"),
        SOUNDING,
        "the phase of an empty bin is that of its rounding, and goes on to all later frames",
    ),
    Allowance(("istft",), KINDS, "it divides by the windows' energy, at the ends nearly nothing"),
)
