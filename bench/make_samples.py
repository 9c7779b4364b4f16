#!/usr/bin/env python3
"""Make the sample audio that ships with serfast: make_samples.py [DEST].

Needs the program espeak-ng (Debian package espeak-ng, 1.51 was used) besides serfast's own
dependencies. Six "speakers" (odd numbers male, even numbers female, as in RAVDESS) say two
sentences in four "emotions"; an emotion here is a rate, a pitch, a pitch range, a loudness and a
spectral tilt, varied a little from clip to clip so that the task is not a lookup. The names follow
RAVDESS, modality-channel-emotion-intensity-statement-repetition-actor, with the modality 00, which
RAVDESS has not. Every run writes the same
files for one version of espeak-ng.
"""

from __future__ import annotations

import io
import pathlib
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

SR = 16000
MAX_SECONDS = 1.25  # 48 clips of at most 40 kB: under the 2 MB that the package allows itself
SENTENCES = ("Look at the sky", "Open the door")

Signal = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Speaker:
    """An espeak-ng voice with its own pitch and tempo."""

    voice: str
    pitch: int
    rate: float


@dataclass(frozen=True)
class Emotion:
    """Prosody relative to the speaker's own; `tilt` > 0 is brighter, `drive` > 0 is pressed."""

    code: int  # RAVDESS' number of the emotion
    rate: float
    pitch: int
    pitch_range: int
    gain_db: float
    tilt: float
    drive: float = 0.0


SPEAKERS = (
    Speaker("en-us+m3", 40, 1.00),
    Speaker("en-us+f2", 50, 1.04),
    Speaker("en-029+m7", 34, 0.95),
    Speaker("en-gb-x-gbclan+f4", 52, 0.98),
    Speaker("en-gb-scotland+m1", 46, 1.06),
    Speaker("en-gb-x-rp+f5", 44, 1.00),
)
EMOTIONS = (
    Emotion(1, rate=1.00, pitch=0, pitch_range=80, gain_db=-24, tilt=0.00),  # neutral
    Emotion(3, rate=1.12, pitch=14, pitch_range=170, gain_db=-21, tilt=0.25),  # happy
    Emotion(4, rate=0.86, pitch=-8, pitch_range=30, gain_db=-29, tilt=-0.55),  # sad
    Emotion(5, rate=1.22, pitch=6, pitch_range=130, gain_db=-18, tilt=0.35, drive=3.0),  # angry
)


def speak(text: str, voice: str, rate: float, pitch: int, pitch_range: int) -> Signal:
    """Return espeak-ng's speech at `SR`, without the silence at both ends."""
    markup = f'<prosody range="{pitch_range}%">{text}</prosody>'
    command = ["espeak-ng", "-v", voice, "-s", str(round(rate)), "-p", str(pitch)]
    command += ["-m", "--stdout", markup]
    wav = subprocess.run(command, check=True, capture_output=True).stdout
    y, sr = soundfile.read(io.BytesIO(wav))
    y = soxr.resample(y, sr, SR, quality="VHQ")
    loud = np.flatnonzero(np.abs(y) > 0.01 * np.abs(y).max())
    edge = SR // 50
    return np.asarray(y[max(loud[0] - edge, 0) : loud[-1] + edge], dtype=np.float64)


def shape(y: Signal, emotion: Emotion, gain_db: float, rng: np.random.Generator) -> Signal:
    """Apply tilt, drive and loudness; add a faint room noise so that no frame is digital zero."""
    if emotion.drive:
        peak = np.abs(y).max()
        y = np.tanh(emotion.drive * y / peak) * peak
    tilted = y.copy()
    tilted[1:] -= emotion.tilt * y[:-1]
    level = np.sqrt(np.mean(tilted**2))
    tilted *= 10 ** (gain_db / 20) / level
    return tilted + rng.normal(scale=10 ** (-62 / 20), size=tilted.size)


def render(number: int, emotion: Emotion, statement: int) -> Signal:
    """Return one clip of speaker `number` (from 1)."""
    speaker = SPEAKERS[number - 1]
    rng = np.random.default_rng([number, emotion.code, statement])
    y = speak(
        SENTENCES[statement - 1],
        speaker.voice,
        165 * speaker.rate * emotion.rate * rng.uniform(0.94, 1.06),
        int(np.clip(speaker.pitch + emotion.pitch + rng.integers(-5, 6), 0, 99)),
        int(emotion.pitch_range + rng.integers(-10, 11)),
    )
    y = shape(y, emotion, emotion.gain_db + rng.uniform(-2, 2), rng)
    return y[: int(MAX_SECONDS * SR)]


def main(dest: pathlib.Path) -> None:
    """Write every clip below `dest`, one folder per speaker."""
    total = 0
    for number in range(1, len(SPEAKERS) + 1):
        folder = dest / f"Actor_{number:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        for emotion in EMOTIONS:
            for statement in (1, 2):
                path = folder / f"00-01-{emotion.code:02d}-01-{statement:02d}-01-{number:02d}.wav"
                soundfile.write(path, render(number, emotion, statement), SR, subtype="PCM_16")
                total += path.stat().st_size
    print(f"{len(SPEAKERS) * len(EMOTIONS) * 2} clips, {total / 1e6:.2f} MB in {dest}")


if __name__ == "__main__":
    samples = pathlib.Path(__file__).resolve().parent.parent / "python" / "serfast" / "samples"
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else samples)
