"""A trained model and predictions with it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serfast import _validate as validate
from serfast._engine import thread_count
from serfast.datasets._inspect import NO_SOUND, is_silent
from serfast.errors import AudioError, ParameterError, SerfastError
from serfast.models._composed import described, enrolled
from serfast.models._examples import Progress, silent_rows
from serfast.models._files import FORMAT, FORMAT_VERSION, RECORDINGS, write_files
from serfast.models._networks import Network, softmax
from serfast.tables import FeatureTable

if TYPE_CHECKING:
    from serfast import Extractor

LIMITS = (
    "It tells how acted speech of a few voices sounds, not what a person feels. Its figures hold "
    "for unseen speakers of the corpus that each names; on another corpus, microphone or language "
    "expect far less. Do not use it to decide about people: at work, in school, in court, at "
    "borders, in insurance, in medicine or in policing."
)


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
    """A trained network together with what it is to be given.

    Parameters
    ----------
    name : str
        The name of the model that was trained.
    classes : tuple of str
        The classes, in the order of the network's scores.
    network : Network
        The numbers.
    temperature : float > 0
        Probabilities are ``softmax(logits / temperature)``.
    features : dict or None
        ``names``, ``config`` and ``hash`` of the features that it takes; None if it takes
        recordings.
    rate : int or None
        Sampling rate in Hz of the recordings that it takes.
    training : dict
        On what: corpus, licence, clips, speakers.
    figures : tuple of dict
        What `evaluate` found out about such models, each with the corpus and the folds.
    versions : dict
        Of what made it.
    recordings : np.ndarray [shape=(n,)], uint64
        Fingerprints of the clips that it was trained on, by which `evaluate_trained` knows them.
    """

    name: str
    classes: tuple[str, ...]
    network: Network
    temperature: float
    features: dict[str, Any] | None
    rate: int | None
    training: dict[str, Any]
    figures: tuple[dict[str, Any], ...]
    versions: dict[str, str]
    recordings: npt.NDArray[np.uint64]

    def extractor(self) -> Extractor:
        """Return the extractor of this model's features.

        Raises
        ------
        ParameterError
            If the model takes none, or this version of serfast makes other features of the same
            configuration.
        """
        from serfast import Extractor

        if self.features is None or self.features["config"] is None:
            raise ParameterError("this model does not say how its features are made")
        made = Extractor.from_config(self.features["config"])
        self._check_features(made.names, made.hash, "this version of serfast makes")
        return made

    def predict_table(self, table: FeatureTable) -> list[Prediction]:
        """Predict each row of a table that was extracted with the same configuration.

        Raises
        ------
        ParameterError
            If the table's columns or configuration are not the model's.
        """
        self.check_table(table)
        reasons = {failure.index: failure.reason for failure in table.failures}
        paths = [clip.path for clip in table.clips]
        return self._of_rows(paths, table.values, reasons)

    def predict_files(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> list[Prediction]:
        """Predict audio files, resampled to the model's rate where they have another.

        Parameters
        ----------
        paths : sequence of path
            The files; one that fails costs only its own prediction.
        threads, progress
            As in `Extractor.files`. Models that hear recordings have one thread.

        Returns
        -------
        list of Prediction
            One per file.
        """
        names = _names(paths)
        thread_count(threads)
        if self.rate is None:
            values, reasons = self._rows_of(names, threads=threads, progress=progress)
            return self._of_rows(names, values, reasons)
        from serfast.datasets import Recordings

        recordings = Recordings(names, self.rate)
        predictions = []
        for number, name in enumerate(names):
            try:
                predictions.append(self._named(name, self._heard(recordings[number])))
            except SerfastError as error:
                predictions.append(Prediction(name, {}, str(error)))
            if progress is not None:
                progress(number + 1, len(names))
        return predictions

    def enrolled(self, paths: Sequence[str | os.PathLike[str]]) -> Model:
        """Return the model for one speaker, of whom there are clips, labelled or not.

        Parameters
        ----------
        paths : sequence of path
            Clips of the speaker, best in many emotions; those that fail or are silent are passed
            over, with a UserWarning.

        Returns
        -------
        Model
            One that expects this voice. A few clips change little: docs/emotion.md has the curve.

        Raises
        ------
        ParameterError
            If none of the clips can be used, or the model takes no enrolment.
        """
        x, reasons = self._inputs(_names(paths))
        if reasons and len(x):
            warnings.warn(
                f"passed over {len(reasons)} of {len(paths)} clips to enrol with: "
                + "; ".join(reasons),
                stacklevel=2,
            )
        return self._enrolled(x, len(paths))

    def enrolled_signals(self, signals: Sequence[npt.NDArray[Any]], sr: float) -> Model:
        """Return the model for one speaker, of whom there are signals.

        Parameters
        ----------
        signals : sequence of np.ndarray [shape=(n,)]
            As clips of `enrolled`.
        sr : number > 0
            Their sampling rate in Hz, which must be the model's.

        Returns
        -------
        Model
            As of `enrolled`.

        Raises
        ------
        ParameterError
            As of `enrolled`, or if `sr` is not the model's.
        """
        if self.rate is None:
            extractor = self.extractor()
            _check_rate(sr, extractor.sr)
            values = np.asarray(extractor.batch(signals).values)
            return self._enrolled(values[np.isfinite(values).all(axis=1)], len(signals))
        _check_rate(sr, self.rate)
        usable = [
            y for y in map(validate.mono, signals) if np.isfinite(y).all() and not is_silent(y)
        ]
        return self._enrolled(usable, len(signals))

    def _enrolled(self, x: Any, n_clips: int) -> Model:
        if not len(x):
            raise ParameterError(f"none of the {n_clips} clips to enrol with can be used")
        with np.errstate(over="ignore", invalid="ignore"):
            network = enrolled(self.network, x)
        if not all(np.isfinite(tensor).all() for tensor in network.tensors().values()):
            raise ParameterError("a clip to enrol with is too loud to be computed with")
        return replace(self, network=network)

    def _inputs(self, paths: Sequence[str]) -> tuple[Any, list[str]]:
        """What the network takes of those files that can be used, and why of others it does not."""
        if self.rate is None:
            values, why = self._rows_of(paths)
            there = np.isfinite(values).all(axis=1)
            return values[there], [f"{paths[row]}: {why[row]}" for row in sorted(why)]
        from serfast.datasets import Recordings

        recordings, usable, reasons = Recordings(paths, self.rate), [], []
        for number, path in enumerate(paths):
            try:
                usable.append(_sounding(recordings[number]))
            except SerfastError as error:
                reasons.append(f"{path}: {error}")
        return usable, reasons

    def _rows_of(
        self, paths: Sequence[str], **options: Any
    ) -> tuple[npt.NDArray[np.float32], dict[int, str]]:
        """Features of files, and why those that have none fail, digital silence among them."""
        extractor = self.extractor()
        result = extractor.files(paths, **options)
        values = np.array(result.values)
        reasons = {failure.index: str(failure.reason) for failure in result.failures}
        for row in np.flatnonzero(silent_rows(values, extractor)):
            values[row], reasons[int(row)] = np.nan, f"silent: {NO_SOUND}"
        return values, reasons

    def predict_signal(self, y: npt.NDArray[Any], sr: float) -> Prediction:
        """Predict one signal.

        Raises
        ------
        ParameterError
            If its sampling rate is not the model's, or it is no signal.
        AudioError
            If it is silent, or too loud to be computed with.
        """
        if self.rate is not None:
            _check_rate(sr, self.rate)
            return self._named("", self._heard(y))
        extractor = self.extractor()
        _check_rate(sr, extractor.sr)
        row = np.asarray(extractor(_sounding(validate.mono(y))))
        return self._named("", self._probabilities(row[np.newaxis]))

    @property
    def trainings(self) -> list[dict[str, Any]]:
        """What it was trained on, and before that the model that it started from, and so on."""
        found = [self.training]
        while (before := found[-1].get("start")) is not None:
            found.append(before)
        return found

    @property
    def sr(self) -> float:
        """Sampling rate in Hz of the signals that it takes."""
        return self.extractor().sr if self.rate is None else self.rate

    def check_table(self, table: FeatureTable) -> None:
        """Raise ParameterError if a table's features are not the model's."""
        self._check_features(table.names, table.hash, "the table has")

    def _check_features(self, names: Iterable[str], hash_: str, whose: str) -> None:
        if self.features is None:
            raise ParameterError(f"{self.name} hears recordings, not features")
        names = list(names)
        if (names, hash_) == (self.features["names"], self.features["hash"]):
            return
        raise ParameterError(
            f"the model was trained on {len(self.features['names'])} columns of configuration "
            f"{self.features['hash']} (serfast {self.versions.get('serfast', 'unknown')}); {whose} "
            f"{len(names)} columns of configuration {hash_}: extract as for the model, or train "
            f"again"
        )

    def _of_rows(
        self, paths: Sequence[str], values: npt.NDArray[Any], reasons: dict[int, str]
    ) -> list[Prediction]:
        predictions = []
        for row, path in enumerate(paths):
            if not np.isfinite(values[row]).all():
                why = reasons.get(row, "its features are not finite")
                predictions.append(Prediction(path, {}, why))
                continue
            try:
                # One by one, since the last bits of a product depend on how many rows it has.
                shares = self._probabilities(values[row : row + 1])
                predictions.append(self._named(path, shares))
            except AudioError as error:
                predictions.append(Prediction(path, {}, str(error)))
        return predictions

    def _heard(self, y: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """The probabilities of a recording, of which silence has none."""
        y = validate.mono(y)
        return self._probabilities([_sounding(y) if y.size else y])

    def _probabilities(self, x: Any) -> npt.NDArray[np.float64]:
        """Those of one example."""
        with np.errstate(over="ignore", invalid="ignore"):
            shares: npt.NDArray[np.float64] = softmax(self.network.logits(x) / self.temperature)[0]
        if not np.isfinite(shares).all():
            raise AudioError("too loud to be computed with")
        return shares

    def _named(self, path: str, shares: npt.NDArray[np.float64]) -> Prediction:
        pairs = zip(self.classes, shares.tolist(), strict=True)
        return Prediction(path, dict(sorted(pairs, key=lambda item: -item[1])))

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write ``weights.safetensors`` and ``model.json`` into a folder, made if need be.

        Raises
        ------
        ParameterError
            If `folder` is a file, or may not be written to.

        Examples
        --------
        See `train`.
        """
        tensors = {**self.network.tensors(), RECORDINGS: self.recordings}
        write_files(folder, self.card(), tensors)

    def export_onnx(self, path: str | os.PathLike[str]) -> None:
        """Write the network as an ONNX file, see `serfast.nets.ResidualNet.export_onnx`.

        Raises
        ------
        ParameterError
            If the model is not a residual network, or the package onnx is missing.
        """
        from serfast.models._heard import Residual
        from serfast.nets._onnx import export_onnx

        if not isinstance(self.network, Residual):
            raise ParameterError(
                f"{self.name}: only a residual network can be an ONNX file; this is of the kind "
                f"{self.network.kind}"
            )
        export_onnx(self.network.runtime, path)

    def card(self) -> dict[str, Any]:
        """Return what ``model.json`` holds: everything but the weights."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "model": self.name,
            "classes": list(self.classes),
            "network": described(self.network),
            "temperature": self.temperature,
            "features": self.features,
            "rate": self.rate,
            "training": self.training,
            "figures": list(self.figures),
            "limits": LIMITS,
            "versions": self.versions,
        }


def _sounding(y: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a recording; raise AudioError for silence."""
    if is_silent(y):
        raise AudioError(f"silent: {NO_SOUND}")
    return y


def _names(paths: Sequence[str | os.PathLike[str]]) -> list[str]:
    if isinstance(paths, (str, bytes, os.PathLike)):
        raise ParameterError(f"paths={paths!r} must be a list of files; put one into a list")
    return [os.fspath(path) for path in paths]


def _check_rate(sr: float, rate: float) -> None:
    if sr != rate:
        raise ParameterError(f"sr={sr}: this model takes audio at {rate} Hz; use serfast.resample")
