"""How much of a voice the detectors find in noise, and what they take for one.

    python bench/voice.py RAVDESS             serfast.VoiceActivity
    python bench/voice.py RAVDESS silero      silero-vad, as `serfast listen --detector silero`

The truth is the clean clip behind a second of silence: frames above -35 dB of its loudest one, and
pauses between them up to the hangover. Clips were chosen at random with a fixed seed.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np

import serfast
from serfast.live._listener import DETECTORS

SR = 16000
HOP = SR // 100
HANGOVER_FRAMES = 30
N_CLIPS = 60


def coloured(exponent):
    """Noise whose power falls with that power of the frequency, from 20 Hz on."""

    def noise(n, rng):
        spectrum = np.fft.rfft(rng.standard_normal(n))
        hertz = np.maximum(np.fft.rfftfreq(n, 1 / SR), 20)
        return np.fft.irfft(spectrum / hertz ** (exponent / 2), n)

    return noise


def hum(n, rng):
    """A square wave of 50 Hz in faint hiss."""
    return np.sign(np.sin(2 * np.pi * 50 * np.arange(n) / SR)) + 0.1 * rng.standard_normal(n)


NOISES = {"white": coloured(0), "pink": coloured(1), "brown": coloured(2), "hum": hum}


def truth(y):
    """Frames of 20 ms, every 10 ms, in which the clean clip has voice."""
    level = serfast.rms(y=y, frame_length=2 * HOP, hop_length=HOP, center=False)[0]
    voice = level > level.max() * 10 ** (-35 / 20)
    places = np.flatnonzero(voice)
    for start, end in itertools.pairwise(places):
        voice[start:end] |= end - start <= HANGOVER_FRAMES
    return voice


def main():
    rng = np.random.default_rng(0)
    paths = sorted(
        path for path in Path(sys.argv[1]).rglob("*") if path.suffix in (".wav", ".flac")
    )
    make_stream = DETECTORS[sys.argv[2] if len(sys.argv) > 2 else "energy"]
    clips = [serfast.load(paths[i], sr=SR)[0] for i in rng.permutation(len(paths))[:N_CLIPS]]
    print("| noise | " + " | ".join(f"{snr} dB" for snr in (30, 20, 10, 5)) + " |")
    print("|---|---|---|---|---|")
    for name, noise in NOISES.items():
        cells = []
        for snr in (30, 20, 10, 5):
            found, wrong = [], []
            for clip in clips:
                y = np.concatenate([np.zeros(SR, np.float32), clip])
                expected = truth(y)
                samples = noise(len(y), rng)
                spoken = np.repeat(expected, HOP)
                power = np.sqrt(np.mean(y[: len(spoken)][spoken] ** 2))
                samples *= power * 10 ** (-snr / 20) / samples.std()
                heard = make_stream(SR).push((y + samples).astype(np.float32))
                n = min(len(heard), len(expected))
                heard, expected = heard[:n], expected[:n]
                found.append(heard[expected].mean())
                wrong.append(heard[~expected].mean())
            cells.append(f"{100 * np.mean(found):.0f} / {100 * np.mean(wrong):.0f}")
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
