"""The plot of a corpus."""

from __future__ import annotations

import os

from serfast import display
from serfast._figures import figure_for
from serfast.datasets._clips import Corpus


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
    display.emotion_counts(corpus, ax=figure.subplots())
    figure.savefig(path)
