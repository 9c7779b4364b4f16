"""Draws the pictures that tests compare with, into tests/pictures: look at them after a change."""

from pathlib import Path

from matplotlib.figure import Figure

import serfast
from serfast import display
from serfast.datasets import samples_dir

FOLDER = Path(__file__).parent / "pictures"
# Other versions draw other letters.
DRAWN_WITH = "3.11"
CLIP = samples_dir() / "Actor_01" / "00-01-05-01-01-01-01.wav"


def draw(name, path, **options):
    """Draw a feature of a clip, small."""
    y, sr = serfast.load(CLIP, sr=None)
    figure = Figure(figsize=(3.2, 2.4), dpi=60, layout="constrained")
    getattr(display, name)(y, sr=sr, ax=figure.subplots(), **options)
    figure.savefig(path)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in display.PICTURES:
        draw(name, FOLDER / f"{name}.png")
