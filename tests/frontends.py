"""The front ends of other toolkits: what each is compared with, and the cases to compare.

Results in float64 must be those of tests/reference, which shows that the definition is the same;
results in float32 must be those of the toolkit itself, as far as rounding allows.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest import mock

import numpy as np

import reference.kaldi
import reference.torchaudio
import reference.whisper
import serfast.kaldi
import serfast.torchaudio
import serfast.whisper
import toolkits
from serfast.datasets import samples_dir
from signals import signal

# A transform in float32 leaves noise 140 dB under a frame's peak, of which logarithms make much.
# These signals have a noise of their own above that, or nothing at all; the others are compared in
# float64 only, where the same holds 300 dB down.
NOISY = ("speech", "noise", "recorded_speech", "sample", "silence", "tiny", "clicks")
KINDS = (*NOISY, "music", "tone", "chirp", "dc")

# How loud the rounding of a spectrum is, in units of the resolution and of the frame's peak, and
# how many times as far as such noise a result may go: as in conditioning.py.
NOISE, REACH = 2.0, 4.0


@dataclass(frozen=True)
class Frontend:
    """A public function, its reference, and the same function of each toolkit, by its package.

    bound is the largest difference allowed in float32, as a share of the largest absolute value
    where the result is relative. Options are drawn, each left out in half of the cases.
    """

    ours: Callable[..., Any]
    reference: Callable[..., Any]
    theirs: Mapping[str, toolkits.Call]
    options: Mapping[str, tuple]
    bound: float
    relative: bool = True
    rate_option: str | None = None
    rates: tuple[int, ...] = (16000, 8000)
    loudness: float = 1.0
    channels: tuple[int, ...] = (1,)


@dataclass(frozen=True)
class Case:
    """One call: its signal and options."""

    kind: str
    length: int
    sr: int
    seed: int
    channels: int
    loudness: float
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def noisy(self) -> bool:
        """Whether float32 is exact enough for its logarithms."""
        return self.kind in NOISY

    @property
    def exact(self) -> float:
        """How far float64 may be from the definition."""
        return 1e-9 if self.noisy else 1e-7

    def signal(self) -> np.ndarray:
        """Its samples, float32."""
        if self.kind == "sample":
            y = _sample(self.seed)
            return np.resize(y * np.float32(self.loudness), (self.channels, self.length))[0]
        y = signal(self.kind, self.length, self.sr, self.seed, self.channels)
        return y * np.float32(self.loudness)


@cache
def _sample(seed: int) -> np.ndarray:
    files = sorted(samples_dir().rglob("*.wav"))
    return serfast.load(files[seed % len(files)], sr=None)[0]


_KALDI = {
    "frame_length": (20.0, 32.0, 30.5),
    "frame_shift": (5.0, 12.5, 40.0),
    "snip_edges": (False,),
    "remove_dc_offset": (False,),
    "preemphasis_coefficient": (0.0, 0.5, 1.0),
    "window_type": ("hanning", "hamming", "rectangular", "blackman"),
    "blackman_coeff": (0.4,),
    "round_to_power_of_two": (False,),
    "num_mel_bins": (40, 30),
    "low_freq": (0.0, 100.0),
    "high_freq": (-400.0, 3800.0),
    "use_energy": (True,),
    "raw_energy": (False,),
    "energy_floor": (0.0, 1e5),
    "htk_compat": (True,),
    "subtract_mean": (True,),
}
_FRAMES = {
    "n_fft": (512, 401, 1024, 441),
    "win_length": (400, 333),
    "hop_length": (160, 100, 512),
    "pad": (100,),
    "window_fn": ("hamming", "blackman"),
    "power": (1.0, 3.0),
    "normalized": (True, "window", "frame_length"),
    "center": (False,),
    "pad_mode": ("constant", "replicate", "circular"),
}
_BANDS = {
    "n_mels": (40, 80, 13),
    "f_min": (20.0, 300.0),
    "f_max": (3000.0, 3900.0),
    "norm": ("slaney",),
    "mel_scale": ("slaney",),
}


def _kaldi(feature: str, options: dict[str, tuple]) -> Frontend:
    theirs = {
        "kaldi-native-fbank": toolkits.kaldi_native(feature),
        "torchaudio": toolkits.torchaudio_kaldi(feature),
    }
    return Frontend(
        getattr(serfast.kaldi, feature), getattr(reference.kaldi, feature), theirs,
        _KALDI | options, 1e-3, False, "sample_frequency", loudness=32768.0,
    )  # fmt: skip


def _torchaudio(name: str, options: dict[str, tuple], takes_rate: bool = True) -> Frontend:
    return Frontend(
        getattr(serfast.torchaudio, name), getattr(reference.torchaudio, name),
        {"torchaudio": toolkits.torchaudio_transform(name)}, options, 1e-4,
        rate_option="sample_rate" if takes_rate else None, rates=(16000, 8000, 22050, 11025),
        channels=(1, 1, 2),
    )  # fmt: skip


FRONTENDS = {
    "kaldi.fbank": _kaldi("fbank", {"use_log_fbank": (False,), "use_power": (False,)}),
    "kaldi.mfcc": _kaldi("mfcc", {"num_ceps": (20, 5, 1), "cepstral_lifter": (0.0, 30.0)}),
    "whisper.log_mel": Frontend(
        serfast.whisper.log_mel, reference.whisper.log_mel,
        {
            "openai-whisper": toolkits.openai_whisper,
            "transformers": toolkits.transformers_whisper,
        },
        {"n_mels": (128,), "padding": ("max_length", "max_length", 160, 12345)}, 1e-4, False,
        rates=(16000,),
    ),
    "torchaudio.Spectrogram": _torchaudio("Spectrogram", _FRAMES | {"power": (None, 1.0)}, False),
    "torchaudio.MelSpectrogram": _torchaudio("MelSpectrogram", _FRAMES | _BANDS),
    "torchaudio.MFCC": _torchaudio(
        "MFCC",
        {
            "n_mfcc": (13, 20),
            "norm": (None,),
            "log_mels": (True,),
            "melkwargs": ({"n_fft": 512, "hop_length": 160, "n_mels": 64}, {"center": False},
                          {"n_mels": 40, "f_min": 20.0, "window_fn": "hamming"}),
        },
    ),
}  # fmt: skip


def cases(name: str, n: int) -> Iterator[Case]:
    """Seeded combinations, the plain options first."""
    frontend = FRONTENDS[name]
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    for i in range(n):
        sr = int(rng.choice(frontend.rates))
        options: dict[str, Any] = {}
        for option, values in frontend.options.items():
            if i >= len(KINDS) and rng.random() < 0.5:
                options[option] = values[rng.integers(len(values))]
        if options.get("win_length", 0) > options.get("n_fft", 400):
            del options["win_length"]
        if options.get("use_log_fbank") is False:
            options.pop("subtract_mean", None)  # which may leave nothing but rounding
        if frontend.rate_option:
            options[frontend.rate_option] = sr
        short, long = 0.065 * sr, 12 * sr
        length = int(np.exp(rng.uniform(np.log(short), np.log(long))))
        kind, channels = KINDS[i % len(KINDS)], int(rng.choice(frontend.channels))
        if kind == "sample":
            channels = 1
        yield Case(kind, length, sr, i, channels, frontend.loudness, options)


def from_reference(name: str, case: Case, precision: type) -> float:
    """How far serfast's result in a precision is from the definition."""
    frontend, y = FRONTENDS[name], case.signal()
    got = frontend.ours(y.astype(precision), **case.options)
    truth = frontend.reference(y, **case.options)
    return difference(frontend, case, got, truth)


def from_toolkit(name: str, package: str, case: Case) -> float:
    """How far serfast's result in float32 is from the toolkit's."""
    frontend, y = FRONTENDS[name], case.signal()
    theirs = frontend.theirs[package](y, **case.options)
    return difference(frontend, case, frontend.ours(y, **case.options), theirs)


def toolkit_from_reference(name: str, package: str, case: Case) -> float:
    """How far the toolkit's own result is from the definition."""
    frontend, y = FRONTENDS[name], case.signal()
    truth = frontend.reference(y, **case.options)
    return difference(frontend, case, frontend.theirs[package](y, **case.options), truth)


def excused(name: str, package: str, case: Case, far: float) -> bool:
    """Whether results may be as far apart: rounding carries as far, or the toolkit is to blame.

    torchaudio, for one, makes windows and bands in float32.
    """
    if explained(name, case, far):
        return True
    bound = FRONTENDS[name].bound
    ours = from_reference(name, case, np.float32)
    return ours <= bound < toolkit_from_reference(name, package, case)


def explained(name: str, case: Case, far: float) -> bool:
    """Whether noise of float32's resolution in the spectra carries the result as far."""
    frontend, y, clean = FRONTENDS[name], case.signal(), np.fft.rfft
    truth = frontend.reference(y, **case.options)
    rng = np.random.default_rng(case.seed)
    level = NOISE * np.finfo(np.float32).eps

    def noisy(*args: Any, axis: int = -1) -> np.ndarray:
        S = clean(*args, axis=axis)
        noise = rng.standard_normal(S.shape) + 1j * rng.standard_normal(S.shape)
        return S + level * np.abs(S).max(axis=axis, keepdims=True) * noise

    with mock.patch("numpy.fft.rfft", noisy):
        runs = [frontend.reference(y, **case.options) for _ in range(4)]
    return far <= REACH * max(difference(frontend, case, run, truth) for run in runs)


def difference(frontend: Frontend, case: Case, got: Any, truth: Any) -> float:
    """The largest difference; infinite if shapes differ."""
    if got.shape != truth.shape:
        return np.inf
    scale = np.abs(truth).max() if frontend.relative else 1.0
    if case.options.get("use_log_fbank") is False:
        scale = max(scale, np.abs(truth).max())
    return float(np.abs(got - truth).max() / (scale or 1.0))
