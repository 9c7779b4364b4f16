"""A trained model, its folder of safetensors and JSON, and predictions with it."""

from __future__ import annotations

import itertools
import json
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serfast.datasets import count_labels
from serfast.errors import ParameterError
from serfast.models._data import class_array, prepare
from serfast.models._mlp import Mlp, fit_mlp
from serfast.models._specs import find_model
from serfast.tables import FeatureTable

if TYPE_CHECKING:
    from serfast import Extractor

FORMAT = "serfast-model"
FORMAT_VERSION = 1
WEIGHTS_FILE = "weights.safetensors"
CARD_FILE = "model.json"


@dataclass(frozen=True)
class Prediction:
    """The classes of one clip with their probabilities, or why there are none.

    Parameters
    ----------
    path : str
        The file.
    probabilities : dict
        Probability of each class, likeliest first; empty if the clip failed.
    reason : str
        Why it failed, else empty.

    Examples
    --------
    >>> Prediction("a.wav", {"sad": 0.9, "happy": 0.1}).label
    'sad'
    """

    path: str
    probabilities: dict[str, float]
    reason: str = ""

    @property
    def label(self) -> str | None:
        """The likeliest class, None if the clip failed."""
        return next(iter(self.probabilities), None)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain numbers and texts."""
        return {"label": self.label, **asdict(self)}


@dataclass(frozen=True)
class Model:
    """A trained network together with the features that it was trained on.

    Parameters
    ----------
    name : str
        The name of the model that was trained.
    network : Mlp
        The numbers.
    names : tuple of str
        The feature of each input, `config` the extractor's configuration, `hash` its hash.
    training : dict
        On what, and how well it fits that (which is no evidence of quality; see `evaluate`).
    versions : dict
        Of what made it.
    """

    name: str
    network: Mlp
    names: tuple[str, ...]
    config: dict[str, Any] | None
    hash: str
    training: dict[str, Any]
    versions: dict[str, str]

    def extractor(self) -> Extractor:
        """Return the extractor that makes this model's features.

        Raises
        ------
        ParameterError
            If this version of serfast makes other features of the same configuration.
        """
        from serfast import Extractor

        if self.config is None:
            raise ParameterError("this model does not say how its features were made")
        made = Extractor.from_config(self.config)
        self._check_features(tuple(made.names), made.hash, "this version of serfast makes")
        return made

    def predict_table(self, table: FeatureTable) -> list[Prediction]:
        """Predict each row of a table that was extracted with the same configuration.

        Raises
        ------
        ParameterError
            If the table's columns or configuration are not the model's.
        """
        self._check_features(table.names, table.hash, "the table has")
        reasons = {failure.index: failure.reason for failure in table.failures}
        paths = [clip.path for clip in table.clips]
        return self._predict(paths, table.values, reasons)

    def predict_files(
        self,
        paths: Sequence[str],
        *,
        threads: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Prediction]:
        """Predict audio files, resampled to the model's rate where they have another.

        Parameters
        ----------
        paths : sequence of str
            The files; one that fails costs only its own prediction.
        threads, progress
            As in `Extractor.files`.

        Returns
        -------
        list of Prediction
            One per file.
        """
        result = self.extractor().files(list(paths), threads=threads, progress=progress)
        reasons = {failure.index: str(failure.reason) for failure in result.failures}
        return self._predict(paths, np.asarray(result.values), reasons)

    def predict_signal(self, y: npt.NDArray[Any], sr: float) -> Prediction:
        """Predict one signal.

        Raises
        ------
        ParameterError
            If its sampling rate is not the model's.
        """
        extractor = self.extractor()
        if sr != extractor.sr:
            raise ParameterError(
                f"sr={sr}: this model takes audio at {extractor.sr} Hz; use serfast.resample"
            )
        return self._predict([""], np.asarray(extractor(y))[np.newaxis], {})[0]

    def _check_features(self, names: tuple[str, ...], hash_: str, whose: str) -> None:
        if names == self.names and hash_ == self.hash:
            return
        raise ParameterError(
            f"the model was trained on {len(self.names)} columns of configuration {self.hash} "
            f"(serfast {self.versions.get('serfast', 'unknown')}); {whose} {len(names)} columns "
            f"of configuration {hash_}: extract as for the model, or train again"
        )

    def _predict(
        self, paths: Sequence[str], values: npt.NDArray[Any], reasons: dict[int, str]
    ) -> list[Prediction]:
        predictions = []
        for row, path in enumerate(paths):
            if not np.isfinite(values[row]).all():
                why = reasons.get(row, "its features are not finite")
                predictions.append(Prediction(path, {}, why))
                continue
            shares = self.network.predict_proba(values[row : row + 1])[0]
            ranked = sorted(
                zip(self.network.classes, shares.tolist(), strict=True), key=lambda item: -item[1]
            )
            predictions.append(Prediction(path, dict(ranked)))
        return predictions

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write ``weights.safetensors`` and ``model.json`` into a folder, made if need be.

        Raises
        ------
        ParameterError
            If `folder` is a file.

        Examples
        --------
        See `train`.
        """
        from safetensors.numpy import save

        target = Path(folder)
        if target.exists() and not target.is_dir():
            raise ParameterError(f"{target}: is a file; a model is saved as a folder")
        target.mkdir(parents=True, exist_ok=True)
        tensors = {"scaler.mean": self.network.mean, "scaler.scale": self.network.scale}
        for i, (weight, bias) in enumerate(self.network.layers):
            tensors |= {f"layers.{i}.weight": weight, f"layers.{i}.bias": bias}
        packed = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
        (target / WEIGHTS_FILE).write_bytes(save(packed))
        text = json.dumps(self.card(), indent=2)
        (target / CARD_FILE).write_text(text + "\n", encoding="utf-8")

    def card(self) -> dict[str, Any]:
        """Return what ``model.json`` holds: everything but the weights."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "model": self.name,
            "classes": list(self.network.classes),
            "layers": [list(weight.shape) for weight, _ in self.network.layers],
            "activation": "relu",
            "output": "softmax",
            "features": {"hash": self.hash, "config": self.config, "names": list(self.names)},
            "training": self.training,
            "versions": self.versions,
        }


def train(table: FeatureTable, model: str = "mlp", *, seed: int = 0) -> Model:
    """Train a model on all complete, labelled rows of a table.

    Parameters
    ----------
    table : FeatureTable
        Features with labels.
    model : str
        A name of `serfast.models.MODELS`.
    seed : int
        Of the network's first weights and batches.

    Returns
    -------
    Model
        Ready to predict; how good it is, only `evaluate` tells.

    Raises
    ------
    ParameterError
        If there is no such model, or the table does not fit it.

    Examples
    --------
    >>> import tempfile
    >>> from serfast.datasets import Clip
    >>> clips = tuple(Clip(f"{i}.wav", "ab"[i % 2]) for i in range(8))
    >>> values = np.array([[i % 2] for i in range(8)], np.float32)
    >>> trained = train(FeatureTable(clips, ("x",), values))
    >>> folder = tempfile.mkdtemp()
    >>> trained.save(folder)
    >>> load_model(folder).network.classes
    ('a', 'b')
    """
    spec = find_model(model)
    table, notes = prepare(table, spec)
    labels = class_array(table)
    pipeline = fit_mlp(table.values, labels, spec.mlp, seed)
    network = Mlp.from_pipeline(pipeline)
    return Model(
        name=model,
        network=network,
        names=table.names,
        config=table.config,
        hash=table.hash,
        training={
            "corpus": table.corpus,
            "clips": len(labels),
            "counts": count_labels(table.clips),
            "speakers": sorted({name for name in table.speakers if name is not None}),
            "seed": seed,
            "iterations": int(pipeline[-1].n_iter_),
            "loss": float(pipeline[-1].loss_),
            "training_accuracy": float(np.mean(network.predict(table.values) == labels)),
            "notes": notes,
        },
        versions=_versions(),
    )


def load_model(folder: str | os.PathLike[str]) -> Model:
    """Read a model that `Model.save` wrote. Nothing in it is executed.

    Raises
    ------
    ParameterError
        If a file is missing, is not a model of this format, or the two do not belong together.

    Examples
    --------
    See `train`.
    """
    from safetensors.numpy import load_file

    source = Path(folder)
    for name in (CARD_FILE, WEIGHTS_FILE):
        if not (source / name).is_file():
            raise ParameterError(f"{source}: not a model folder, it has no {name}")
    try:
        card = json.loads((source / CARD_FILE).read_text(encoding="utf-8"))
        if (card["format"], card["format_version"]) != (FORMAT, FORMAT_VERSION):
            raise ValueError(f"format {card['format']} {card['format_version']}")
        model = _from_parts(card, load_file(source / WEIGHTS_FILE))
    except Exception as error:  # a damaged file may break in any of the readers
        raise ParameterError(
            f"{source}: not a model that this version of serfast can use "
            f"({type(error).__name__}: {error})"
        ) from error
    return model


def _from_parts(card: dict[str, Any], tensors: dict[str, npt.NDArray[Any]]) -> Model:
    shapes = card["layers"]
    network = Mlp(
        classes=tuple(card["classes"]),
        mean=tensors["scaler.mean"],
        scale=tensors["scaler.scale"],
        layers=tuple(
            (tensors[f"layers.{i}.weight"], tensors[f"layers.{i}.bias"]) for i in range(len(shapes))
        ),
    )
    names = tuple(card["features"]["names"])
    widths = [len(names), *(bias.size for _, bias in network.layers)]
    fits = (
        [list(weight.shape) for weight, _ in network.layers] == shapes
        and shapes == [list(pair) for pair in itertools.pairwise(widths)]
        and network.mean.shape == network.scale.shape == (len(names),)
        and widths[-1] == len(network.classes)
    )
    if not fits:
        raise ValueError("weights, classes and features have sizes that do not belong together")
    return Model(
        name=card["model"],
        network=network,
        names=names,
        config=card["features"]["config"],
        hash=card["features"]["hash"],
        training=card["training"],
        versions=card["versions"],
    )


def _versions() -> dict[str, str]:
    import sklearn

    from serfast import __version__

    return {
        "serfast": __version__,
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
