"""What the networks share: scikit-learn's contract over features, batches and the loop."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError

from serfast import _engine as engine
from serfast import _validate as validate
from serfast.arrays import fix_length
from serfast.datasets import Recordings
from serfast.errors import ParameterError
from serfast.models._temperature import find_temperature
from serfast.nets._augment import OfSignal
from serfast.nets._batches import PlainBatches, TrainingBatches
from serfast.nets._extra import require_torch
from serfast.nets._numbers import Rows, held_out, one_blas_thread
from serfast.nets._store import FeatureStore, store_files

if TYPE_CHECKING:
    from serfast.nets._training import Loop

Array = npt.NDArray[np.float32]
Rng = np.random.Generator
# Loads a clip of the training set, changed at random.
Loader = Callable[[int, Rng], Array]


class Net(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A network over recordings; subclasses say what it hears and what it is made of."""

    # Whether an epoch takes all variants of each clip, or one at random.
    _all_variants = False
    # Whether the weights of the epoch that was best on held-out clips are kept.
    checkpoint = False
    # Samples that a clip needs.
    _n_least = 0

    sr: float
    variants: Sequence[OfSignal]
    n_frames: int
    batch_size: int
    mixup: float
    learning_rate: float
    label_smoothing: float
    class_weights: bool
    schedule: str
    patience: int | None
    validation: float
    calibrate: bool
    epochs: int
    seed: int
    threads: int | None
    cache_dir: str | os.PathLike[str] | None
    progress: Callable[[int, int], object] | None

    def fit(
        self,
        X: Any,
        y: npt.ArrayLike,
        groups: npt.ArrayLike | None = None,
        validation_data: tuple[Any, npt.ArrayLike] | None = None,
    ) -> Net:
        """Train the network.

        Parameters
        ----------
        X : Recordings or sequence of np.ndarray [shape=(n,)]
            Clips; signals must have the sampling rate `sr`.
        y : sequence
            The class of each clip.
        groups : sequence, optional
            The speaker of each clip; clips are held out by speaker then.
        validation_data : tuple of clips and their classes, optional
            What is used where clips would be held out. A figure on clips that were used so is too
            good: they chose when the training ends.

        Returns
        -------
        self
            The estimator.

        Raises
        ------
        ParameterError
            If PyTorch or skorch is missing, a parameter is out of its range, the lengths differ,
            there is only one class, `validation_data` has others, or the training diverges.
        AudioError
            If a clip cannot be read.
        """
        require_torch()
        recordings = as_recordings(X, self.sr)
        labels = np.asarray(y)
        speakers = None if groups is None else np.asarray(groups)
        self._check(recordings, labels, speakers)
        held = None
        if validation_data is not None:
            others, their_labels = as_recordings(validation_data[0], self.sr), validation_data[1]
            held = np.arange(len(labels), len(labels) + len(others))
            _check_held(others, np.asarray(their_labels), labels)
            recordings = recordings + others
            labels = np.concatenate([labels, np.asarray(their_labels)])
        self._forget()
        try:
            self.classes_, classes = np.unique(labels, return_inverse=True)
            with store_files(self.cache_dir) as files:
                stores = [
                    FeatureStore(self._heard(recordings, which), next(files))
                    for which in range(1 + len(self.variants))
                ]
                self._learn(stores, classes, speakers, held)
        except BaseException:
            self._forget()
            raise
        return self

    def _forget(self) -> None:
        """Be as before `fit`: what one training learnt is not mixed with what another did."""
        for name in [name for name in vars(self) if name.endswith("_")]:
            delattr(self, name)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the most probable class of each clip."""
        best: npt.NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return best

    @abstractmethod
    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the probability of each class for each clip."""

    @abstractmethod
    def _bands(self, y: Array) -> Array:
        """What the network hears of a signal, ``(bands, frames)``."""

    @abstractmethod
    def _prepare(self, stores: list[FeatureStore], rows: Rows, groups: Any) -> Loader:
        """Learn what is to be learnt before the training, and return the loader of clips."""

    @abstractmethod
    def _normalised(self, bands: Array) -> Array:
        """What the module takes of a clip, ``(1, bands, frames)`` or ``(bands, frames)``."""

    @abstractmethod
    def _module(self, n_bands: int) -> Any:
        """A new module."""

    @abstractmethod
    def _loop(self, threads: int) -> Loop:
        """How it is trained."""

    @abstractmethod
    def _keep(self, module: Any) -> None:
        """Keep what predictions need of the trained module."""

    @abstractmethod
    def _scores(self, bands: Array) -> Array:
        """The trained module's scores of a clip."""

    def _heard(self, recordings: Recordings, which: int) -> Iterator[Array]:
        """The bands of each clip: 0 as it is, else in that variant."""
        for row in range(len(recordings)):
            y = recordings[row]
            if which:
                rng = np.random.default_rng([self.seed, which, row])
                changed = self.variants[which - 1](y, self.sr, rng)
                y = fix_length(changed, size=max(len(changed), min(len(y), self._n_least)))
            yield self._bands(y)

    def _learn(
        self, stores: list[FeatureStore], classes: Rows, groups: Any, given: Rows | None
    ) -> None:
        """Train with all clips, or where some steer the training with the others."""
        self._n_told = 0
        self.history_: dict[str, list[dict[str, Any]]] = {}
        self.temperature_ = 1.0
        if self._holds_out:
            if given is None:
                train, held = held_out(classes, groups, self.validation, self.seed)
            else:
                train, held = np.arange(given[0]), given
            self.history_["held out"] = self._train(
                stores, classes, groups, train, held, self._n_first
            )
            if self.calibrate:
                with one_blas_thread():
                    scores = [self._scores(stores[0][row]) for row in held]
                self.temperature_ = find_temperature(np.array(scores, np.float64), classes[held])
        if not self.steered:
            everything = np.arange(len(classes) if given is None else given[0])
            self.history_["all"] = self._train(
                stores, classes, groups, everything, None, self.epochs
            )

    @property
    def steered(self) -> bool:
        """Whether held-out clips decide how the training goes on."""
        return self.schedule == "plateau" or self.patience is not None or self.checkpoint

    @property
    def _holds_out(self) -> bool:
        return self.steered or self.calibrate

    @property
    def _n_first(self) -> int:
        """Epochs of the training without the held-out clips."""
        # Measured on RAVDESS: temperatures of 0.93 and 0.87 of a quarter of the epochs, 0.80 and
        # 0.96 of all of them; other speakers change it as much.
        return self.epochs if self.steered else -(-self.epochs // 4)

    @property
    def n_epochs(self) -> int:
        """How many epochs `progress` is told of."""
        return self.epochs + (self._n_first if self.calibrate and not self.steered else 0)

    def _train(
        self,
        stores: list[FeatureStore],
        classes: Rows,
        groups: Any,
        rows: Rows,
        held: Rows | None,
        epochs: int,
    ) -> list[dict[str, Any]]:
        from serfast.nets._training import trained

        one_hot = np.eye(len(self.classes_), dtype=np.float32)[classes]
        n_copies = len(stores) if self._all_variants else 1
        batches = TrainingBatches(
            load=self._prepare(stores, rows, None if groups is None else groups[rows]),
            targets=np.tile(one_hot[rows], (n_copies, 1)),
            n_frames=self.n_frames,
            batch_size=self.batch_size,
            mixup=self.mixup,
            seed=self.seed,
        )
        validation = held is not None and PlainBatches(
            lambda i: self._normalised(stores[0][held[i]]), one_hot[held], self.batch_size
        )
        counts = one_hot[rows].sum(axis=0)
        weights = counts.mean() / counts if self.class_weights else np.ones_like(counts)
        module, history = trained(
            lambda: self._module(stores[0][0].shape[0]),
            batches,
            validation or None,
            weights,
            replace(self._loop(self.threads or engine.default_threads()), epochs=epochs),
            self._tell,
        )
        self._keep(module)
        return history

    def _tell(self) -> None:
        self._n_told += 1
        if self.progress is not None:
            self.progress(self._n_told, self.n_epochs)

    def _check(self, recordings: Recordings, labels: npt.NDArray[Any], groups: Any) -> None:
        for name, given in (("y", labels), ("groups", groups)):
            if given is not None and len(given) != len(recordings):
                raise ParameterError(f"{name} has {len(given)} entries for {len(recordings)} clips")
        if len(np.unique(labels)) < 2:
            raise ParameterError("y must hold at least two classes")
        if groups is not None and any(name is None or name != name for name in groups.tolist()):
            raise ParameterError("groups must name the speaker of every clip, or be None")
        for name in ("n_frames", "batch_size", "epochs"):
            validate.positive_int(name, getattr(self, name))
        if self.batch_size < 2:
            raise ParameterError(f"batch_size={self.batch_size} must be at least 2")
        validate.positive("learning_rate", self.learning_rate)
        validate.number("mixup", self.mixup, low=0)
        validate.seed(self.seed)
        validate.number("label_smoothing", self.label_smoothing, 0, 1)
        if self.cache_dir is not None and not os.path.isdir(self.cache_dir):
            raise ParameterError(f"cache_dir={os.fspath(self.cache_dir)!r} is not a folder")
        validate.choice("schedule", self.schedule, ("one-cycle", "plateau", "constant"))
        for name in ("threads", "patience"):
            if getattr(self, name) is not None:
                validate.positive_int(name, getattr(self, name))
        validate.fraction("validation", self.validation)

    def _check_fitted(self) -> None:
        if not hasattr(self, "classes_"):
            raise NotFittedError(f"this {type(self).__name__} is not trained: call fit first")


def _check_held(
    recordings: Recordings, labels: npt.NDArray[Any], trained: npt.NDArray[Any]
) -> None:
    if len(labels) != len(recordings) or not len(labels):
        raise ParameterError(
            f"validation_data has {len(labels)} classes for {len(recordings)} clips"
        )
    if more := sorted({*labels.tolist()} - {*trained.tolist()}):
        raise ParameterError(f"validation_data has the class {more[0]}, which y has not")


def as_recordings(X: Any, sr: float) -> Recordings:
    """Recordings at the rate, of recordings or of signals."""
    if not isinstance(X, Recordings):
        return Recordings(X, sr)
    if sr != X.sr:
        raise ParameterError(f"these recordings are read at {X.sr} Hz, the network hears {sr} Hz")
    return X
