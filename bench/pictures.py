"""Draws the pictures of docs/index.md and docs/pictures.md: ``python bench/pictures.py``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import serfast
from serfast import display
from serfast.datasets import find_clips, samples_dir

FOLDER = Path(__file__).parents[1] / "docs" / "img"
CLIP = samples_dir() / "Actor_01" / "00-01-05-01-01-01-01.wav"
# Rows of the benchmarks that stand for the others on the first page.
SHOWN = (
    "stft", "melspectrogram", "mfcc, 40", "chroma_stft, tuning estimated", "spectral_contrast",
    "cqt", "pyin", "effects.harmonic", "180 numbers a clip",
)  # fmt: skip


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    y, sr = serfast.load(CLIP, sr=None)
    display.plot_features(y, FOLDER / "voice.png", sr=sr, title=CLIP.name, dpi=64)

    figure = Figure(figsize=(13, 5), layout="constrained")
    panels = iter(figure.subplots(2, 4).flat)
    for name in ("spectrogram", "mfcc", "chroma", "contrast", "tonnetz", "cqt"):
        display.PICTURES[name](y, sr=sr, ax=next(panels))
    display.mel_scale(ax=next(panels)).set_title("The mel scale")
    display.emotion_counts(find_clips(samples_dir()), ax=next(panels))
    figure.savefig(FOLDER / "pictures.png", dpi=60)

    draw_front(y, sr)


def draw_front(y: np.ndarray, sr: float) -> None:
    """A clip and its mel spectrogram, beside how many times faster than librosa features are."""
    results = json.loads((FOLDER.parent / "benchmarks.json").read_text())
    ratios = {row["name"]: row["ratio"] for row in results["features"] if row["name"] in SHOWN}

    figure = Figure(figsize=(11, 4), layout="constrained")
    panels = figure.subplot_mosaic([["wave", "speed"], ["mel", "speed"]], height_ratios=[1, 2])
    display.waveform(y, sr=sr, ax=panels["wave"]).set(title="A clip", xlabel="")
    display.mel(y, sr=sr, ax=panels["mel"]).set(title="Mel spectrogram")

    speed = panels["speed"]
    bars = speed.barh(list(ratios), list(ratios.values()), color="#0072b2")
    speed.bar_label(bars, fmt="%.0f", padding=3)
    speed.set(title="Times as fast as librosa, one thread", xscale="log", xlim=(1, 400))
    speed.set_xticks([1, 10, 100], ["1", "10", "100"])
    speed.invert_yaxis()
    speed.spines[["top", "right"]].set_visible(False)
    figure.savefig(FOLDER / "front.png", dpi=80)


if __name__ == "__main__":
    main()
