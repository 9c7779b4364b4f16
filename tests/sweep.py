"""The cases of the agreement sweep: for each feature its inputs and the options to draw from.

``cases(feature, n, seed)`` gives n seeded combinations of signal, length, sampling rate, channels
and options, then those that librosa refuses.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from signals import KINDS

RATES = (8000, 16000, 22050, 44100, 48000)
FFT_SIZES = (2048, 2048, 2048, 512, 1024, 400, 882, 1001, 1009, 256, 480, 1200, 4096, 2049, 16, 7)
PAD_MODES = ("constant", "constant", "reflect", "edge", "symmetric", "linear_ramp")
WINDOWS = (
    "hann", "hamming", "blackman", "bartlett", "boxcar", "triang", "parzen", "bohman", "cosine",
    "blackmanharris", "nuttall", "barthann", "flattop", "exponential", "tukey", "taylor",
    "lanczos", ("kaiser", 8.6), ("gaussian", 90.0), ("general_hamming", 0.6), ("tukey", 0.3),
    ("general_gaussian", 1.5, 80.0), ("exponential", None, 200.0), ("dpss", 2.5),
    ("chebwin", 90.0), ("general_cosine", [0.4, 0.5, 0.1]), 5.0,
)  # fmt: skip
MOST_FRAMES = 900


@dataclass(frozen=True)
class Case:
    """One call: how to make its input, and its options."""

    feature: str
    source: str
    kind: str = "noise"
    length: int = 6000
    sr: int = 22050
    channels: int = 1
    seed: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    frame: dict[str, Any] = field(default_factory=dict)

    @property
    def character(self) -> str:
        """Kind of signal; one of a few samples is a click, whatever it was cut from."""
        return "clicks" if 0 < self.length < 32 and self.kind != "silence" else self.kind


@dataclass(frozen=True)
class Feature:
    """What a feature accepts: sources of its input (one keyword), and values of each option.

    frames says which keywords cut the signal: "stft", "onset", "samples" or None. An option is left
    out in half of the cases, those under `given` never. Options of frames that the feature lacks,
    or that librosa ignores, are left out by `without`. Where librosa is slow, there are fewer cases
    and shorter signals.
    """

    sources: tuple[str, ...]
    options: dict[str, tuple] = field(default_factory=dict)
    frames: str | None = None
    takes_sr: bool = True
    refused: tuple[dict[str, Any], ...] = ()
    n_cases: int = 200
    seconds: float = 10
    given: dict[str, tuple] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def skewed(n: int) -> np.ndarray:
    """A window without symmetry, as a function of its length."""
    return np.sin(np.pi * np.arange(n) / n) * np.linspace(0.5, 1.0, n)


MEL = {
    "n_mels": (128, 40, 80, 13, 1),
    "fmin": (0.0, 20.0, 300.0, 1000.0),
    "fmax": (None, 3999.0, 3000.0),
    "htk": (False, True),
    "dtype": (np.float32, np.float64),
}
MEL_NORMS = ("slaney", None, 1, 2, np.inf)
PEAKS = {
    "fmin": (150.0, 50.0, 0.0),
    "fmax": (4000.0, 1500.0, 1e5),
    "threshold": (0.1, 0.01, 0.5),
    "ref": (None, np.max, np.mean, 1.0),
}
CHROMA = {
    "n_chroma": (12, 24, 36, 7),
    "ctroct": (5.0, 4.0),
    "octwidth": (2, 1.5, None),
    "base_c": (True, False),
    "dtype": (np.float32, np.float64),
}
CONSTANT_Q = {
    "hop_length": (512, 256, 1024, 441, 80),
    "fmin": (None, 55.0, 110.0),
    "n_bins": (84, 60, 36, 25, 1),
    "bins_per_octave": (12, 24),
    "tuning": (0.0, 0.3, None),
    "filter_scale": (1, 0.5, 2),
    "norm": (1, 2, np.inf, None),
    "sparsity": (0.01, 0.0, 0.1),
    "window": ("hann", "hamming", ("kaiser", 6.0), skewed),
    "scale": (True, False),
    "pad_mode": PAD_MODES,
}
TRANSFORM = {"res_type": ("soxr_hq", "soxr_mq")}
CQ_CHROMA = {
    "hop_length": (512, 256, 441),
    "fmin": (None, 55.0),
    "norm": (np.inf, 1, 2, None),
    "tuning": (None, 0.0, -0.2),
    "n_octaves": (7, 6, 3),
    "bins_per_octave": (36, 12, None),
}
DECIBEL = {"ref": (1.0, 0.3, np.max, np.median), "top_db": (80.0, 20.0, 0.0, None)}

SEPARATION = {
    "kernel_size": (31, 17, 8, 1, (15, 31), (4, 3), (64, 9)),
    "power": (2.0, 1.0, 0.7, np.inf),
    "margin": (1.0, 2.0, (1.0, 3.5)),
}

RATES_OF_CHANGE = (2.0, 0.8, 1.25, 0.5, 3.7, 0.31, 1.0)
SILENCE = {
    "top_db": (60, 20, 35.5, 100),
    "ref": (np.max, np.median, 0.1),
    "aggregate": (np.max, np.median, np.min),
}
_BAD_SILENCE = ({"hop_length": 0}, {"source": "list"}, {"ref": -1.0})

_BAD_FRAMES = (
    {"hop_length": 0}, {"hop_length": -1}, {"hop_length": 512.0}, {"win_length": 2049},
    {"n_fft": 0}, {"pad_mode": "wrap"}, {"pad_mode": "mean"}, {"pad_mode": "nonsense"},
    {"window": "nonsense"}, {"window": None}, {"window": "short"}, {"source": "nothing"},
    {"source": "nan"}, {"source": "inf"}, {"source": "int16"}, {"source": "list"},
    {"length": 0, "pad_mode": "reflect"}, {"length": 2047, "center": False},
)  # fmt: skip
# librosa's effects ignore the window.
_BAD_UNWINDOWED = tuple(wrong for wrong in _BAD_FRAMES if "window" not in wrong)
_BAD_SEPARATION = (
    {"kernel_size": 0}, {"kernel_size": (31, -1)}, {"margin": 0.5}, {"margin": (1.0, 0.0)},
    {"power": 0}, {"power": -1.0},
)  # fmt: skip
_BAD_TRANSFORM = (
    {"hop_length": 0}, {"n_bins": 0}, {"fmin": 0.0}, {"filter_scale": 0.0}, {"sparsity": 1.0},
    {"norm": "nonsense"}, {"window": "nonsense"}, {"pad_mode": "wrap"}, {"pad_mode": "nonsense"},
    {"source": "nan"}, {"source": "inf"}, {"source": "int16"}, {"source": "list"},
    {"length": 0, "pad_mode": "reflect"},
)  # fmt: skip
_BAD_CQ_CHROMA = (
    {"hop_length": 0}, {"bins_per_octave": 13}, {"n_octaves": 9}, {"source": "nan"},
    {"source": "int16"},
)  # fmt: skip
_BAD_MEL = ({"norm": "nonsense"}, {"norm": -1})

PITCH_RANGE = {"fmin": (100.0, 65.4, 220.0, 900.0), "fmax": (1000.0, 2093.0, 500.0, 3900.0)}
_BAD_PITCH = (
    {"hop_length": 0}, {"hop_length": -1}, {"source": "nan"}, {"source": "inf"},
    {"source": "int16"}, {"source": "list"}, {"length": 2047, "center": False},
    {"length": 0, "pad_mode": "edge"}, {"pad_mode": "nonsense"}, {"fmin": None}, {"fmax": None},
    {"fmin": 0.0}, {"fmin": -1.0}, {"fmin": 1000.0}, {"fmax": 11026.0}, {"fmin": 10.0},
    {"frame_length": 221}, {"frame_length": 0},
)  # fmt: skip

FEATURES = {
    "stft": Feature(("y",), frames="stft", takes_sr=False,
                    refused=(*_BAD_FRAMES, {"n_fft": 3}, {"win_length": 3})),
    "istft": Feature(
        ("complex",), {"length": ("exact", "short", "long")}, takes_sr=False,
        refused=({"window": "nonsense"}, {"win_length": 4097}, {"window": "short"}),
    ),
    "melspectrogram": Feature(
        ("y", "y", "y", "power"), {"power": (2.0, 1.0, 0.5, 3.0), "norm": MEL_NORMS} | MEL,
        frames="stft", refused=_BAD_FRAMES + _BAD_MEL,
    ),
    "mfcc": Feature(
        ("y", "y", "y", "level"),
        {"n_mfcc": (20, 13, 40, 1, 200), "dct_type": (1, 2, 3), "norm": ("ortho", None),
         "lifter": (0, 22, 8.5), "mel_norm": MEL_NORMS, "power": (2.0, 1.0)} | MEL,
        frames="stft",
        refused=(*_BAD_FRAMES, {"lifter": -1}, {"dct_type": 5}, {"norm": "nonsense"},
                 {"n_mfcc": 200, "lifter": 22}, {"dct_type": 1, "n_mels": 1}),
    ),
    "chroma_stft": Feature(
        ("y", "y", "y", "power"),
        {"tuning": (None, 0.0, -0.23, 0.5), "norm": (np.inf, 1, 2, None)} | CHROMA,
        frames="stft", refused=(*_BAD_FRAMES, {"norm": "nonsense"}),
    ),
    "cqt": Feature(("y",), CONSTANT_Q | TRANSFORM, refused=_BAD_TRANSFORM,
                   n_cases=80, seconds=3),
    "vqt": Feature(
        ("y",), CONSTANT_Q | TRANSFORM
        | {"intervals": ("equal", "pythagorean", (1, 9 / 8, 5 / 4, 3 / 2)), "gamma": (None, 0, 20)},
        refused=(*_BAD_TRANSFORM, {"intervals": "nonsense"}, {"gamma": -1}), n_cases=40, seconds=3,
    ),
    "pseudo_cqt": Feature(("y",), CONSTANT_Q, refused=_BAD_TRANSFORM, n_cases=30, seconds=1),
    "hybrid_cqt": Feature(("y",), CONSTANT_Q | TRANSFORM, refused=_BAD_TRANSFORM, n_cases=30,
                          seconds=2),
    "chroma_cqt": Feature(
        ("y",), {"cqt_mode": ("full", "hybrid"), "threshold": (0.0, 0.01, None)} | CQ_CHROMA,
        refused=(*_BAD_CQ_CHROMA, {"cqt_mode": "nonsense"}), n_cases=30, seconds=2,
    ),
    "chroma_cens": Feature(
        ("y",), {"win_len_smooth": (41, 8, None), "smoothing_window": ("hann", "boxcar")}
        | CQ_CHROMA,
        refused=(*_BAD_CQ_CHROMA, {"win_len_smooth": 0}, {"win_len_smooth": 2.5}), n_cases=30,
        seconds=2,
    ),
    "chroma_vqt": Feature(
        ("y",), {"intervals": ("equal", "pythagorean", (1, 6 / 5, 3 / 2)), "gamma": (0, 10)}
        | {name: CQ_CHROMA[name] for name in ("hop_length", "fmin", "norm", "n_octaves")},
        refused=({"source": "nan"}, {"intervals": "nonsense"}, {"n_octaves": 9}), n_cases=40,
        seconds=2,
    ),
    "tonnetz": Feature(
        ("y",), {name: CQ_CHROMA[name] for name in ("hop_length", "tuning", "n_octaves")},
        refused=_BAD_CQ_CHROMA, n_cases=30, seconds=2,
    ),
    "piptrack": Feature(("y", "y", "magnitude"), PEAKS, frames="stft", refused=_BAD_FRAMES),
    "estimate_tuning": Feature(
        ("y", "y", "magnitude"),
        {"resolution": (0.01, 0.02, 0.05), "bins_per_octave": (12, 24, 36)} | PEAKS,
        frames="stft", refused=_BAD_FRAMES,
    ),
    "pitch_tuning": Feature(
        ("frequencies",), {"resolution": (0.01, 0.02, 0.03), "bins_per_octave": (12, 24, 36)},
        takes_sr=False,
    ),
    "spectral_centroid": Feature(
        ("y", "y", "magnitude"), {"freq": (None, "warped")}, frames="stft",
        refused=(*_BAD_FRAMES, {"source": "complex_S"}, {"source": "negative"}),
    ),
    "spectral_bandwidth": Feature(
        ("y", "y", "magnitude"),
        {"freq": (None, "warped"), "norm": (True, False), "p": (2, 1, 3, 2.5)}, frames="stft",
        refused=(*_BAD_FRAMES, {"source": "complex_S"}, {"source": "negative"}),
    ),
    "spectral_rolloff": Feature(
        ("y", "y", "magnitude"), {"freq": (None, "warped"), "roll_percent": (0.85, 0.1, 0.5, 0.99)},
        frames="stft",
        refused=(*_BAD_FRAMES, {"roll_percent": 0.0}, {"roll_percent": 1.0},
                 {"source": "complex_S"}, {"source": "negative"}),
    ),
    "spectral_flatness": Feature(
        ("y", "y", "magnitude"), {"amin": (1e-10, 1e-5), "power": (2.0, 1.0, 3)}, frames="stft",
        takes_sr=False, refused=(*_BAD_FRAMES, {"amin": 0}, {"source": "complex_S"},
                                 {"source": "negative"}),
    ),
    "spectral_contrast": Feature(
        ("y", "y", "magnitude"),
        {"fmin": (200.0, 100.0), "n_bands": (6, 4, 3, 1), "quantile": (0.02, 0.2, 0.6),
         "linear": (False, True)},
        frames="stft",
        refused=(*_BAD_FRAMES, {"n_bands": 0}, {"n_bands": 2.0}, {"n_bands": 9}, {"fmin": 0.0},
                 {"quantile": 0.0}, {"quantile": 1.0}),
    ),
    "yin": Feature(
        ("y",),
        {"trough_threshold": (0.1, 0.3, 0.02, 1.0), "pad_mode": (*PAD_MODES, "wrap", "mean")},
        frames="samples", refused=_BAD_PITCH, seconds=3, given=PITCH_RANGE,
    ),
    "pyin": Feature(
        ("y",),
        {"pad_mode": (*PAD_MODES, "wrap", "mean"), "n_thresholds": (100, 50, 7),
         "beta_parameters": ((2, 18), (1, 18), (2, 34 / 3)), "boltzmann_parameter": (2, 0.5),
         "resolution": (0.1, 0.25, 0.3, 0.5), "max_transition_rate": (35.92, 10.0, 1.0, 0.0),
         "switch_prob": (0.01, 0.3, 0.0), "no_trough_prob": (0.01, 0.5, 0.0),
         "fill_na": (None, 0.0)},
        frames="samples", n_cases=66, seconds=0.7, given=PITCH_RANGE,
        refused=(*_BAD_PITCH, {"switch_prob": 1.1}, {"switch_prob": -0.1}, {"hop_length": 4096},
                 {"fmin": 990.0, "resolution": 0.9},
                 {"n_thresholds": 1.5}, {"resolution": 0}),
    ),
    "zero_crossing_rate": Feature(
        ("y",),
        {"threshold": (1e-10, 0.0, 0.01), "ref_magnitude": (None, 0.5, np.max, np.mean),
         "zero_pos": (True, False), "pad": (False, True)},
        frames="samples", takes_sr=False,
        refused=({"hop_length": 0}, {"source": "nan"}, {"source": "int16"}, {"length": 0},
                 {"length": 2047, "center": False}),
    ),
    "rms": Feature(
        ("y", "y", "magnitude"), {"pad_mode": (*PAD_MODES, "wrap", "mean", "maximum", "minimum",
                                               "median"), "dtype": (np.float32, np.float64)},
        frames="samples", takes_sr=False,
        refused=({"hop_length": 0}, {"length": 2047, "center": False}, {"pad_mode": "nonsense"},
                 {"length": 0, "pad_mode": "edge"}, {"source": "nothing"},
                 {"source": "magnitude", "frame_length": 1000}),
    ),
    "power_to_db": Feature(
        ("power", "magnitude", "complex_S"), {"amin": (1e-10, 1e-3)} | DECIBEL, takes_sr=False,
        refused=({"amin": 0}, {"amin": -1.0}, {"top_db": -1.0}),
    ),
    "amplitude_to_db": Feature(
        ("magnitude", "complex_S"), {"amin": (1e-5, 1e-3)} | DECIBEL, takes_sr=False,
        refused=({"amin": 0}, {"top_db": -1.0}),
    ),
    "db_to_power": Feature(("decibels",), {"ref": (1.0, 0.3)}, takes_sr=False),
    "db_to_amplitude": Feature(("decibels",), {"ref": (1.0, 0.3)}, takes_sr=False),
    "delta": Feature(
        ("data",),
        {"width": (9, 3, 5, 21), "order": (1, 2), "axis": (-1, 0),
         "mode": ("interp", "interp", "nearest", "mirror", "constant", "wrap")},
        takes_sr=False,
        refused=({"width": 4}, {"width": 1}, {"order": 0}, {"order": 1.5}, {"mode": "nonsense"},
                 {"width": 101}, {"width": 3, "order": 3}),
    ),
    "preemphasis": Feature(
        ("y",), {"coef": (0.97, 0.5, 0.0, -0.9), "zi": ("given",), "return_zf": (False, True)},
        takes_sr=False, refused=({"length": 0}, {"length": 1}, {"source": "int16"}),
    ),
    "decompose.hpss": Feature(
        ("magnitude", "complex_S"), SEPARATION | {"mask": (False, True)}, takes_sr=False,
        n_cases=44, seconds=1, refused=(*_BAD_SEPARATION, {"source": "negative"}),
    ),
    **{
        f"effects.{part}": Feature(
            ("y",), SEPARATION, frames="stft", takes_sr=False, n_cases=22, seconds=1,
            without=("window",), refused=(*_BAD_SEPARATION, *_BAD_UNWINDOWED),
        )
        for part in ("hpss", "harmonic", "percussive")
    },
    "stack_memory": Feature(
        ("data",),
        {"n_steps": (2, 1, 3, 5), "delay": (1, 2, -1, -3), "mode": ("constant", "edge", "reflect")},
        takes_sr=False, n_cases=44, seconds=2,
        refused=({"n_steps": 0}, {"delay": 0}, {"mode": "nonsense"}),
    ),
    "poly_features": Feature(
        ("y", "y", "magnitude"), {"order": (0, 1, 2, 3), "freq": (None, "warped")}, frames="stft",
        refused=(*_BAD_FRAMES, {"order": -1}), n_cases=80, seconds=2,
    ),
    "pcen": Feature(
        ("power", "magnitude", "complex_S"),
        {"hop_length": (512, 160), "gain": (0.98, 0.5, 0.0), "bias": (2, 10.0, 0),
         "power": (0.5, 0.25, 1, 0), "time_constant": (0.4, 0.06, 2.0), "eps": (1e-6, 1e-3),
         "b": (None, 0.025, 1), "max_size": (1, 1, 3, 4), "return_zf": (False, True)},
        refused=({"gain": -1}, {"bias": -1}, {"power": -1}, {"time_constant": 0}, {"eps": 0},
                 {"b": 1.5}, {"b": 0}, {"max_size": 0}, {"max_size": 2.5}),
        seconds=4,
    ),
    "onset.onset_strength": Feature(
        ("y", "y", "level"),
        {"lag": (1, 2, 5), "max_size": (1, 3, 4), "detrend": (False, True), "n_mels": (128, 40),
         "aggregate": (None, np.median, np.max), "fmax": (None, 3000.0)},
        frames="onset",
        refused=({"lag": 0}, {"lag": 1.5}, {"max_size": 0}, {"max_size": 1.0}, {"hop_length": 0},
                 {"aggregate": False}, {"source": "nothing"}, {"source": "nan"},
                 {"source": "int16"}),
        n_cases=80, seconds=4,
    ),
    "tempogram": Feature(
        ("envelope",),
        {"win_length": (384, 1, 2, 33, 100, 191), "center": (True, False),
         "window": ("hann", "boxcar", ("kaiser", 8.6), skewed), "norm": (np.inf, 1, 2, None)},
        takes_sr=False, n_cases=80,
        refused=({"win_length": 0}, {"window": "nonsense"}, {"norm": "nonsense"}, {"length": 0},
                 {"source": "no_envelope"}, {"length": 300, "center": False}),
    ),
    "fourier_tempogram": Feature(
        ("envelope",),
        {"win_length": (384, 1, 2, 33, 100, 191), "center": (True, False),
         "window": ("hann", "boxcar", ("kaiser", 8.6), skewed)},
        takes_sr=False, n_cases=80,
        refused=({"win_length": 0}, {"window": "nonsense"}, {"length": 300, "center": False}),
    ),
    "tempo": Feature(
        ("envelope",),
        {"hop_length": (512, 160), "start_bpm": (120, 60.0), "std_bpm": (1.0, 0.3),
         "ac_size": (8.0, 3.0), "max_tempo": (320.0, 200, None),
         "aggregate": (np.mean, np.median, None)},
        n_cases=40, refused=({"start_bpm": 0}, {"start_bpm": -2}, {"source": "no_envelope"}),
    ),
    "tempogram_ratio": Feature(
        ("envelope",),
        {"hop_length": (512, 160), "win_length": (384, 100), "factors": ((1, 2, 0.5),),
         "fill_value": (0, 0.5), "norm": (np.inf, None), "aggregate": (None, np.mean)},
        n_cases=22, refused=({"win_length": 0},),
    ),
    "phase_vocoder": Feature(
        ("complex_D",), given={"rate": RATES_OF_CHANGE}, takes_sr=False, n_cases=44, seconds=1,
        refused=({"rate": 0}, {"n_fft": 512}),
    ),
    "magphase": Feature(("complex_D",), {"power": (1, 2, 0.5)}, takes_sr=False, n_cases=22),
    "griffinlim": Feature(
        ("magnitude",),
        {"momentum": (0.99, 0.0, 1.2), "init": ("random", None)},
        given={"n_iter": (0, 1), "random_state": (0, 5)},
        frames="stft", takes_sr=False, n_cases=33, seconds=1, without=("window",),
        refused=({"momentum": -0.1}, {"init": "nonsense"}, {"random_state": "seed"},
                 {"hop_length": 0}, {"window": "nonsense"}),
    ),
    "effects.time_stretch": Feature(
        ("y",), given={"rate": RATES_OF_CHANGE}, frames="stft", takes_sr=False, n_cases=33,
        seconds=1, without=("pad_mode",),
        refused=({"rate": 0}, {"rate": -1.0}, {"hop_length": 0}, {"window": "nonsense"},
                 {"source": "nan"}, {"source": "list"}, {"length": 2047, "center": False}),
    ),
    "effects.pitch_shift": Feature(
        ("y",), {"bins_per_octave": (12, 24)}, given={"n_steps": (2, -3, 4.5, 12, -7.25, 0)},
        frames="stft", n_cases=33, seconds=1,
        without=("pad_mode", "center"),
        refused=({"bins_per_octave": 0}, {"n_steps": "up"}, {"hop_length": 0},
                 {"source": "inf"}, {"source": "int16"}, {"res_type": "soxr_nonsense"}),
    ),
    "effects.trim": Feature(("y",), SILENCE, frames="samples", takes_sr=False, n_cases=66,
                            without=("center",), refused=_BAD_SILENCE),
    "effects.split": Feature(("y",), SILENCE, frames="samples", takes_sr=False, n_cases=66,
                             without=("center",), refused=_BAD_SILENCE),
    "deemphasis": Feature(
        ("y",), {"coef": (0.97, 0.5, 0.0, -0.9), "zi": ("given",), "return_zf": (False, True)},
        takes_sr=False, n_cases=66, refused=({"length": 1}, {"source": "int16"}),
    ),
    "filters.mel": Feature(
        ("none",), {"n_fft": FFT_SIZES, "norm": MEL_NORMS} | MEL,
        refused=({"norm": "nonsense"}, {"norm": -1}),
    ),
    "filters.chroma": Feature(
        ("none",), {"n_fft": FFT_SIZES, "tuning": (0.0, -0.23, 0.5), "norm": (2, 1, np.inf, None)}
        | CHROMA, refused=({"norm": "nonsense"},),
    ),
    "filters.get_window": Feature(
        ("none",), {"window": (*WINDOWS, skewed), "Nx": (1, 2, 7, 400, 512, 1001, 2048),
                    "fftbins": (True, False)},
        takes_sr=False,
        refused=({"window": "nonsense"}, {"window": None}, {"Nx": 0}, {"Nx": -1},
                 {"window": [1.0, 2.0, 3.0]}),
    ),
}  # fmt: skip
_REQUIRED = {"n_fft": 2048, "window": "hann", "Nx": 2048}


def cases(feature: str, most: int = 200, seed: int = 0) -> Iterator[Case]:
    """Yield the drawn cases of a feature, at most so many, then the refused ones."""
    rng = np.random.default_rng([seed, zlib.crc32(feature.encode())])
    for index in range(min(most, FEATURES[feature].n_cases)):
        yield _draw(feature, index, rng)
    for refused in FEATURES[feature].refused:
        yield _refuse(feature, dict(refused))


def _draw(feature: str, index: int, rng: np.random.Generator) -> Case:
    """A case: the kinds of signal in turn, all else at random."""
    table = FEATURES[feature]
    source = str(rng.choice(table.sources))
    frame = _stft_options(rng)
    frame = {name: value for name, value in frame.items() if name not in table.without}
    if table.frames == "samples":
        frame = {"frame_length": frame["n_fft"]} | {
            name: frame[name] for name in ("hop_length", "center") if name in frame
        }
    if table.frames == "onset":  # centred frames, whatever center says
        frame = {name: frame[name] for name in frame if name not in ("pad_mode", "window")}
    options = {name: _pick(rng, values) for name, values in table.options.items()
               if rng.random() < 0.5 or (source == "none" and name in _REQUIRED)}  # fmt: skip
    options |= {name: _pick(rng, values) for name, values in table.given.items()}
    sr = int(rng.choice(RATES))
    return Case(
        feature, source, KINDS[index % len(KINDS)], _length(rng, frame, sr, table.seconds), sr,
        int(rng.choice((1, 1, 1, 2))), int(rng.integers(1 << 30)), options, frame,
    )  # fmt: skip


def _refuse(feature: str, wrong: dict[str, Any]) -> Case:
    """A case that is right but for one thing."""
    source = wrong.pop("source", FEATURES[feature].sources[0])
    length = wrong.pop("length", 6000)
    names = FEATURES[feature].options
    required = {name: _REQUIRED[name] for name in _REQUIRED if name in names}
    required |= {name: values[0] for name, values in FEATURES[feature].given.items()}
    return Case(feature, source, length=length, options=required | wrong)


def _pick(rng: np.random.Generator, values: tuple) -> Any:
    return values[rng.integers(len(values))]


def _stft_options(rng: np.random.Generator) -> dict[str, Any]:
    """n_fft always; the other options of a short-time transform now and then."""
    n_fft = _pick(rng, FFT_SIZES)
    chances = {
        "hop_length": (0.8, (max(n_fft // 4, 1), n_fft // 2 + 7, n_fft + 13, 3 * n_fft, 160, 441)),
        "win_length": (0.3, (n_fft, n_fft - 1, 3 * n_fft // 4, n_fft // 2 + 1)),
        "window": (0.4, (*WINDOWS, skewed, "array")),
        "center": (0.4, (True, False)),
        "pad_mode": (0.5, PAD_MODES),
    }
    drawn = {name: _pick(rng, values) for name, (chance, values) in chances.items()
             if rng.random() < chance}  # fmt: skip
    return {"n_fft": n_fft} | drawn


def _length(rng: np.random.Generator, frame: dict[str, Any], sr: int, seconds: float) -> int:
    """Samples of a signal: around the frame's own sizes, or up to so many seconds."""
    size = frame.get("n_fft", frame.get("frame_length", 2048))
    hop = frame.get("hop_length", 512)
    around = (0, 1, 2, hop - 1, hop, size // 2, size - 1, size, size + 1, 3 * size + 5)
    wide = (4999, 7 * size + 3, sr // 2, sr // 3 + 1, sr, 2 * sr + 11, 10 * sr)
    chosen = _pick(rng, around if rng.random() < 0.4 else wide)
    return int(min(chosen, MOST_FRAMES * min(hop, size), seconds * sr))
