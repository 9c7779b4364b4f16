"""The plot of a training."""

from __future__ import annotations

import os

from serfast import display
from serfast._figures import figure_for
from serfast.errors import ParameterError
from serfast.models._bundle import Model


def plot_training(model: Model, path: str | os.PathLike[str]) -> None:
    """Draw the losses, and the accuracy on held-out clips, of each epoch into an image file.

    Parameters
    ----------
    model : Model
        One that was trained in epochs: a network.
    path : path
        Its extension names the format: ``.png``, ``.svg``, ``.pdf``...

    Raises
    ------
    ParameterError
        If the model has no epochs, matplotlib is not installed or does not know the format, or the
        folder does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from dataclasses import replace
    >>> from pathlib import Path
    >>> from serfast.datasets import find_clips, samples_dir
    >>> from serfast.models import train
    >>> history = {"all": [{"epoch": 1, "train_loss": 2.0}, {"epoch": 2, "train_loss": 1.5}]}
    >>> trained = train(find_clips(samples_dir()), "svm")
    >>> model = replace(trained, training={"history": history})
    >>> plot_training(model, Path(tempfile.mkdtemp()) / "curves.svg")
    """
    history = model.training.get("history")
    if not history:
        raise no_curves(model.name)
    figure = figure_for(path)
    curves = {
        f"{name.replace('_', ' ')} ({clips})": [row[name] for row in epochs]
        for clips, epochs in history.items()
        for name in epochs[0]
        if name != "epoch"
    }
    display.training_curves(curves, ax=figure.subplots())
    figure.savefig(path)


def no_curves(name: str) -> ParameterError:
    """What is wrong with drawing the training of a model without epochs."""
    return ParameterError(f"{name} is not trained in epochs: it has no training curves")
