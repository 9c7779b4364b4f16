"""The features that are compared with librosa: one row each, with the goals of the project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

import librosa
import numpy as np

import serfast
from audio import CLIP_SR, clip_files, speech
from measure import Call
from peers import peer_calls


@dataclass(frozen=True)
class Case:
    """Two calls that return the same values, and how many times faster serfast's must be."""

    name: str
    serfast: Call
    librosa: Call
    units: int
    goal: float | None
    beyond: float | None
    unit: str = "µs per frame"
    peers: dict[str, Call] = field(default_factory=dict)
    truth: Call | None = None  # where librosa's own float32 is too far from it to compare with

    @property
    def calls(self) -> dict[str, Call]:
        """All calls by library."""
        return {"serfast": self.serfast, "librosa": self.librosa, **self.peers}

    @property
    def scale(self) -> float:
        """From seconds of a call to the unit of the case."""
        return (1e3 if self.unit.startswith("ms") else 1e6) / self.units

    def check(self) -> None:
        """Are both the same feature? How close they come is in docs/accuracy.md."""
        ours, truth = np.asarray(self.serfast()), np.asarray((self.truth or self.librosa)())
        assert ours.shape == truth.shape, f"{self.name}: {ours.shape}, librosa {truth.shape}"
        error = np.abs(ours - truth).max() / np.abs(truth).max()
        assert error < 1e-2, f"{self.name} differs from librosa by {error:.0e} of the scale"


EMOTION_FEATURES = ["mfcc", "chroma_stft", "melspectrogram"]


def emotion_extractor(*more: str) -> serfast.Extractor:
    """The 180 numbers of the classic recipe of emotion recognition, and more."""
    own = {"tonnetz": {"harmonic": True}} if "tonnetz" in more else {}
    return serfast.Extractor(
        [*EMOTION_FEATURES, *more], sr=CLIP_SR, n_mfcc=40, pool="mean",
        chroma_stft={"power": 1.0}, **own,
    )  # fmt: skip


def emotion_row(path: str, more: tuple[str, ...]) -> np.ndarray:
    """The same numbers as the recipe's users compute them with librosa."""
    y, sr = librosa.load(path, sr=CLIP_SR)
    magnitude = np.abs(librosa.stft(y))
    rows = [
        librosa.feature.mfcc(y=y, sr=sr, n_mfcc=40),
        librosa.feature.chroma_stft(S=magnitude, sr=sr),
        librosa.feature.melspectrogram(y=y, sr=sr),
    ]
    if "spectral_contrast" in more:
        rows.append(librosa.feature.spectral_contrast(S=magnitude, sr=sr))
    if "tonnetz" in more:
        rows.append(librosa.feature.tonnetz(y=librosa.effects.harmonic(y), sr=sr))
    return np.hstack([row.mean(axis=1) for row in rows])


def clip_case(name: str, *more: str, goal: float | None, beyond: float | None) -> Case:
    """From a folder of WAV files to a table of numbers."""
    extractor = emotion_extractor(*more)
    paths = clip_files("wav")
    return Case(
        name,
        lambda: extractor.files(paths).values,
        lambda: np.stack([emotion_row(path, more) for path in paths]),
        len(paths), goal, beyond, "ms per clip",
    )  # fmt: skip


def log_mel(module: Any, mel: Callable[..., Any], y: np.ndarray) -> np.ndarray:
    """The input of speech recognizers."""
    return module.power_to_db(mel(y=y, sr=16000, n_fft=400, hop_length=160, n_mels=80))


def harmonic_tonnetz(effects: Any, tonnetz: Callable[..., Any], y: np.ndarray) -> np.ndarray:
    """Tonal centroids as emotion recognition takes them."""
    return tonnetz(y=effects.harmonic(y))


@cache
def cases(peers: bool = True) -> list[Case]:
    """All cases, with or without the packages besides librosa."""
    y, asr = speech(30), speech(30, 16000)
    clip = np.ascontiguousarray(y[: int(3.5 * 22050)])
    others = peer_calls(y, asr, clip) if peers else {}
    # Which name the feature has in both, its input and options, and the goals.
    table: list[tuple[str, str, np.ndarray, dict[str, Any], float, float]] = [
        ("melspectrogram", "melspectrogram", y, {}, 11, 15),
        ("mfcc, 40", "mfcc", y, {"n_mfcc": 40}, 11, 16),
        ("mfcc, 40, of a 3.5 s clip", "mfcc", clip, {"n_mfcc": 40}, 14, 22),
        ("chroma_stft, tuning estimated", "chroma_stft", y, {}, 12, 20),
        ("chroma_stft, tuning=0", "chroma_stft", y, {"tuning": 0.0}, 7, 10),
        ("spectral_contrast", "spectral_contrast", y, {}, 6, 10),
        ("spectral_centroid", "spectral_centroid", y, {}, 12, 16),
        ("spectral_bandwidth", "spectral_bandwidth", y, {}, 12, 16),
        ("spectral_rolloff", "spectral_rolloff", y, {}, 12, 16),
        ("spectral_flatness", "spectral_flatness", y, {}, 12, 16),
        ("chroma_cqt", "chroma_cqt", y, {}, 12, 30),
        ("tonnetz", "tonnetz", y, {}, 12, 30),
        ("zero_crossing_rate", "zero_crossing_rate", y, {}, 40, 90),
        ("rms", "rms", y, {}, 4, 10),
    ]

    def case(
        name: str, ours: Call, theirs: Call, frames: int, goal: float | None, beyond: float | None
    ) -> Case:
        found = {peer: calls[name] for peer, calls in others.items() if name in calls}
        return Case(name, ours, theirs, frames, goal, beyond, peers=found)

    rows = [case("stft", partial(serfast.stft, y), partial(librosa.stft, y), frames(y), 5, 6.5)]
    rows.append(case("cqt", partial(serfast.cqt, y), partial(librosa.cqt, y), frames(y), 4, 10))
    for name, function, signal, options, goal, beyond in table:
        ours, theirs = (
            partial(getattr(module, function), y=signal, **options)
            for module in (serfast, librosa.feature)
        )
        rows.append(case(name, ours, theirs, frames(signal), goal, beyond))
    envelope, mel = serfast.onset.onset_strength(y=y), serfast.melspectrogram(y=y)
    for name, ours, theirs in (
        ("onset_strength", *(partial(m.onset.onset_strength, y=y) for m in (serfast, librosa))),
        ("tempogram", *(
            partial(m.feature.tempogram, onset_envelope=envelope) for m in (serfast, librosa))),
        ("pcen", *(partial(m.pcen, mel) for m in (serfast, librosa))),
    ):  # fmt: skip
        rows.append(case(name, ours, theirs, frames(y), None, None))
    mfcc = serfast.mfcc(y=y)
    ours, theirs = partial(serfast.delta, mfcc), partial(librosa.feature.delta, mfcc)
    rows.append(case("delta", ours, theirs, frames(y), 2, 5))
    ours = partial(log_mel, serfast, serfast.melspectrogram, asr)
    theirs = partial(log_mel, librosa, librosa.feature.melspectrogram, asr)
    rows.append(case("log-mel for speech recognition", ours, theirs, frames(asr, 160), 6, 8))
    pitches: dict[str, Any] = {"fmin": 65.4, "fmax": 2093}
    for name, options, goal, beyond in (
        ("yin", pitches, 14, 20), ("pyin", pitches | {"fill_na": 0.0}, 20, 60),
    ):  # fmt: skip
        ours, theirs = (
            partial(getattr(module, name), y, **options) for module in (serfast, librosa)
        )
        rows.append(case(name, ours, theirs, frames(y), goal, beyond))
    ours, theirs = (partial(module.effects.harmonic, y) for module in (serfast, librosa))
    rows.append(case("effects.harmonic", ours, theirs, frames(y), 70, 150))
    shift = {"sr": 22050, "n_steps": 4}
    ours, theirs = (
        partial(module.effects.pitch_shift, y, **shift) for module in (serfast, librosa)
    )
    truth = partial(librosa.effects.pitch_shift, y.astype(np.float64), **shift)
    rows.append(replace(case("pitch_shift", ours, theirs, frames(y), 6, 15), truth=truth))
    ours = partial(harmonic_tonnetz, serfast.effects, serfast.tonnetz, y)
    theirs = partial(harmonic_tonnetz, librosa.effects, librosa.feature.tonnetz, y)
    rows.append(case("tonnetz(harmonic(y))", ours, theirs, frames(y), 45, 100))
    return [
        *rows,
        clip_case("180 numbers a clip", goal=30, beyond=60),
        clip_case("187 numbers a clip (+ contrast)", "spectral_contrast", goal=None, beyond=None),
        clip_case(
            "193 numbers a clip (+ contrast, tonnetz of the harmonic part)",
            "spectral_contrast",
            "tonnetz",
            goal=45,
            beyond=100,
        ),
    ]


def frames(y: np.ndarray, hop_length: int = 512) -> int:
    """Frames of a centred analysis."""
    return 1 + len(y) // hop_length
