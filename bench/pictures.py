"""Draws the pictures of docs/pictures.md from the sample audio: ``python bench/pictures.py``."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

import serfast
from serfast import display
from serfast.datasets import find_clips, samples_dir

FOLDER = Path(__file__).parents[1] / "docs" / "img"
CLIP = samples_dir() / "Actor_01" / "00-01-05-01-01-01-01.wav"


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


if __name__ == "__main__":
    main()
