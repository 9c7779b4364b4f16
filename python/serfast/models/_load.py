"""A trained model from its folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.errors import ParameterError
from serfast.models._bundle import Model
from serfast.models._composed import restored
from serfast.models._files import CARD_FILE, RECORDINGS, WEIGHTS_FILE, read_files

DEFAULT_MODEL = Path(__file__).parent / "default"


def load_model(folder: str | os.PathLike[str] | None = None) -> Model:
    """Read a model that `Model.save` wrote. Nothing in it is executed.

    Parameters
    ----------
    folder : path, optional
        Default: the model that ships with the package, of which `Model.card` has the figures.

    Raises
    ------
    ParameterError
        If a file is missing, is not a model of this format, or the two do not belong together.

    Examples
    --------
    >>> load_model().classes
    ('angry', 'disgust', 'fearful', 'happy', 'neutral', 'sad')
    """
    source = DEFAULT_MODEL if folder is None else Path(folder)
    for name in (CARD_FILE, WEIGHTS_FILE):
        if not (source / name).is_file():
            raise ParameterError(f"{source}: not a model folder, it has no {name}")
    try:
        return _from_parts(*read_files(source))
    except Exception as error:  # a damaged file may break in any of the readers
        raise ParameterError(
            f"{source}: not a model that this version of serfast can use "
            f"({type(error).__name__}: {error})"
        ) from error


def _from_parts(card: dict[str, Any], tensors: dict[str, npt.NDArray[Any]]) -> Model:
    recordings = tensors.pop(RECORDINGS)
    network = restored(card["network"], tensors)
    features, classes = card["features"], tuple(card["classes"])
    if features is not None:
        scores = network.logits(np.zeros((1, len(features["names"]))))
        if scores.shape != (1, len(classes)):
            raise ValueError("network, classes and features have sizes that do not belong together")
    return Model(
        name=card["model"],
        classes=classes,
        network=network,
        temperature=float(card["temperature"]),
        features=features,
        rate=card["rate"],
        training=card["training"],
        figures=tuple(card["figures"]),
        versions=card["versions"],
        recordings=recordings,
    )
