"""The plot of a corpus."""

from __future__ import annotations

import os

import numpy as np

from serfast._figures import figure_for
from serfast.datasets._clips import Corpus, count_labels


def plot_emotions(corpus: Corpus, path: str | os.PathLike[str]) -> None:
    """Draw how many clips each emotion has, by the speakers' sex, into an image file.

    Parameters
    ----------
    corpus : Corpus
        The clips.
    path : path
        Its extension names the format: ``.png``, ``.svg``, ``.pdf``...

    Raises
    ------
    ParameterError
        If matplotlib is not installed or does not know the format, or the folder does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from serfast.datasets import find_clips, samples_dir
    >>> image = Path(tempfile.mkdtemp()) / "emotions.svg"
    >>> plot_emotions(find_clips(samples_dir()), image)
    """
    figure = figure_for(path)
    axes = figure.subplots()
    emotions = list(count_labels(corpus.clips))
    below = np.zeros(len(emotions))
    for sex in ("female", "male", None):
        counts = count_labels([clip for clip in corpus.clips if clip.sex == sex])
        if counts:
            heights = np.array([counts.get(name, 0) for name in emotions])
            axes.bar(emotions, heights, bottom=below, label=sex or "sex unknown")
            below += heights
    axes.set_ylabel("clips")
    axes.set_title(f"{corpus.name}: {len(corpus.clips)} clips")
    axes.tick_params(axis="x", rotation=30)
    axes.legend()
    figure.savefig(path)
