"""A model's folder: weights as safetensors, and the card, JSON that says what they are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast._json import dumps
from serfast._outputs import check_folder, write_durably

FORMAT = "serfast-model"
FORMAT_VERSION = 5
WEIGHTS_FILE = "weights.safetensors"
CARD_FILE = "model.json"
RECORDINGS = "training.recordings"  # a tensor beside the network's


def write_files(
    folder: str | os.PathLike[str], card: dict[str, Any], tensors: Mapping[str, npt.NDArray[Any]]
) -> None:
    """Write both files into a folder, made if need be; each is there whole or as it was before.

    Raises
    ------
    ParameterError
        If `folder` is a file, or may not be written to.
    """
    from safetensors.numpy import save

    target = check_folder(folder, "a model")
    target.mkdir(parents=True, exist_ok=True)
    weights = save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})
    text = dumps({**card, "digest": _digest(card, weights)}, indent=2)

    def write_both(path: Path) -> None:
        path.write_text(text + "\n", encoding="utf-8")
        write_durably(target / WEIGHTS_FILE, lambda beside: beside.write_bytes(weights))

    write_durably(target / CARD_FILE, write_both)


def read_files(folder: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Return card and tensors as they were written together.

    Raises
    ------
    Exception
        Of any kind, where a file is damaged; ValueError for another format, or for files that do
        not belong together.
    """
    from safetensors.numpy import load

    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    if (card["format"], card["format_version"]) != (FORMAT, FORMAT_VERSION):
        raise ValueError(f"format {card['format']} {card['format_version']}")
    weights = (folder / WEIGHTS_FILE).read_bytes()
    if card.pop("digest") != _digest(card, weights):
        raise ValueError(f"{CARD_FILE} and {WEIGHTS_FILE} are not as they were saved together")
    return card, load(weights)


def _digest(card: dict[str, Any], weights: bytes) -> str:
    """What changes with anything in a model's two files."""
    return sha256(weights + dumps(card, sort_keys=True).encode()).hexdigest()
