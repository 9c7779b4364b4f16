"""Seeded test signals: ``signal(kind, length, sr, seed)`` always gives the same float32 samples.

float32, so that a computation in float64 sees the very same signal.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np

_VOWELS = [
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
]
_FORMANT_WIDTHS = (80.0, 110.0, 160.0)
_CHORDS = [(0, 4, 7), (5, 9, 12), (7, 11, 14), (9, 12, 16)]


def signal(kind: str, length: int, sr: int, seed: int, channels: int = 1) -> np.ndarray:
    """Samples of one of KINDS, shape (length,), or (channels, length) of different channels."""
    if channels > 1:
        return np.stack([signal(kind, length, sr, 1000 * seed + c) for c in range(channels)])
    if length == 0:
        return np.zeros(0, dtype=np.float32)
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    return np.asarray(_MAKERS[kind](rng, length, sr), dtype=np.float32)


def _speech(rng, n, sr):
    """Syllables: pulses at a wavering pitch through the formants of a vowel, then a pause."""
    y = 1e-3 * rng.standard_normal(n)
    pitch = rng.uniform(85, 240)
    start = 0
    while start < n:
        size = min(int(sr * rng.uniform(0.12, 0.35)), n - start)
        if size < 2:
            break
        wave = np.sin(2 * np.pi * 5 * np.arange(size) / sr + rng.uniform(0, 6))
        phase = np.cumsum(pitch * (1 + 0.05 * wave) / sr)
        pulses = np.diff(np.floor(phase), prepend=0.0)
        syllable = _formants(pulses, sr, _VOWELS[rng.integers(len(_VOWELS))])
        y[start : start + size] += np.hanning(size) * rng.uniform(0.3, 0.9) * syllable
        start += size + int(sr * rng.choice([0.02, 0.05, 0.3]))
    return y


def _formants(pulses, sr, centres):
    """Pulses through a resonance at each centre frequency, scaled to a peak of 1."""
    frequency = np.fft.rfftfreq(len(pulses), 1 / sr)
    response = sum(
        1 / (1 + ((frequency - centre) / width) ** 2 + 2j * (frequency - centre) / width)
        for centre, width in zip(centres, _FORMANT_WIDTHS, strict=True)
    )
    voice = np.fft.irfft(np.fft.rfft(pulses) * response, n=len(pulses))
    return voice / max(np.abs(voice).max(), 1e-9)


def _music(rng, n, sr):
    """Chords with overtones that decay, a little out of tune, over a trace of noise."""
    y = 1e-4 * rng.standard_normal(n)
    root = 110 * 2 ** rng.uniform(0, 1)
    beat = int(sr * rng.uniform(0.25, 0.6))
    for start in range(0, n, beat):
        time = np.arange(min(4 * beat, n - start)) / sr
        for step in _CHORDS[rng.integers(len(_CHORDS))]:
            for overtone in range(1, 6):
                frequency = root * 2 ** (step / 12) * overtone
                if frequency < 0.45 * sr:
                    decay = np.exp(-3 * overtone * time) / overtone
                    y[start : start + len(time)] += (
                        0.08 * decay * np.sin(2 * np.pi * frequency * time + rng.uniform(0, 6))
                    )
    return y


def _tone(rng, n, sr):
    """A pure tone between 60 Hz and 0.45 sr."""
    frequency = np.exp(rng.uniform(np.log(60), np.log(0.45 * sr)))
    return rng.uniform(0.05, 0.9) * np.sin(2 * np.pi * frequency * np.arange(n) / sr)


def _chirp(rng, n, sr):
    """A sine that sweeps linearly from low to high."""
    low, high = rng.uniform(50, 300), rng.uniform(0.2, 0.48) * sr
    time = np.arange(n) / sr
    return 0.5 * np.sin(2 * np.pi * (low + (high - low) * time / (2 * n / sr)) * time)


def _noise(rng, n, sr):
    """White noise."""
    return 0.2 * rng.standard_normal(n)


def _clicks(rng, n, sr):
    """Single samples of different heights, exact zeros between them."""
    y = np.zeros(n)
    places = rng.integers(0, n, size=1 + n // 5000)
    y[places] = rng.uniform(-1, 1, size=len(places))
    return y


def _tiny(rng, n, sr):
    """Speech 100 dB down."""
    return 1e-5 * _speech(rng, n, sr)


def _recording(pattern):
    """A stretch of a recording, repeated if it is too short; synthetic speech if none is here."""

    def read(rng, n, sr):
        files = _recordings(pattern)
        if not files:
            return _speech(rng, n, sr)
        y = _samples(files[rng.integers(len(files))])
        return np.resize(np.roll(y, -int(rng.integers(len(y)))), n)

    return read


@cache
def _recordings(pattern: str) -> list[Path]:
    """Some 30 recordings of the test data, which lies outside of the repository."""
    root = os.environ.get("SERFAST_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data"
    files = sorted(Path(root).glob(pattern))
    return files[:: 1 + len(files) // 30]


@cache
def _samples(path: Path) -> np.ndarray:
    import soundfile

    y, _ = soundfile.read(path, dtype="float32", always_2d=True)
    return y[:, 0]


_MAKERS = {
    "speech": _speech,
    "music": _music,
    "tone": _tone,
    "chirp": _chirp,
    "noise": _noise,
    "clicks": _clicks,
    "silence": lambda rng, n, sr: np.zeros(n),
    "dc": lambda rng, n, sr: np.full(n, rng.uniform(-0.5, 0.5)),
    "tiny": _tiny,
    "recorded_speech": _recording("ravdess/*/*.flac"),
    "recorded_music": _recording("music/*.ogg"),
}
KINDS = tuple(_MAKERS)
