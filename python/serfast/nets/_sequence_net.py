"""Networks over sequences as estimators, which published recipes are made of."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serfast import _validate as validate
from serfast.datasets import Recordings
from serfast.errors import ParameterError
from serfast.models._networks import softmax
from serfast.nets._augment import OfSignal
from serfast.nets._base import Array, Loader, Net, Rng, as_recordings
from serfast.nets._layers import check_layers
from serfast.nets._normalise import BandStatistics
from serfast.nets._numbers import Rows
from serfast.nets._recipe_fronts import Front, SequenceInput
from serfast.nets._store import FeatureStore

if TYPE_CHECKING:
    from serfast.models._heard import HeardSequence
    from serfast.nets._sequence import SequenceModule
    from serfast.nets._training import Loop


class SequenceNet(Net):
    """A network of the layers that a published recipe lists, over a sequence of rows.

    `cnn1d`, `cnn_lstm`, `frames_cnn`, `frames_lstm` and `frames_cnn_lstm` make those of the
    recipes. Weights start, and batches are normalised, as in Keras, where they come from. Frames
    beyond a clip are masked, unless ``flatten`` gives each position weights of its own: clips are
    then cut or filled up to `n_frames`.

    Parameters
    ----------
    front : MeanMfcc, MelDecibels or MfccFrames
        What it hears of a recording.
    layers : sequence of str
        Over sequences: ``"conv UNITS WIDTH"``, ``"pool WIDTH"`` (maxima), ``"lstm UNITS"``; from a
        sequence to its last frame or to all of its values: ``"last"``, ``"flatten"``; afterwards
        ``"dense UNITS"``; anywhere ``"norm"`` (batch norm), ``"relu"``, ``"elu"``,
        ``"dropout SHARE"``. The layer that gives the scores of the classes comes by itself.
    n_frames : int > 0
        Longer sequences are cut to so many frames.
    by_position : bool
        Standardise each value of the training clips' rows and frames by itself, which needs clips
        of one length; else each row over all frames; either way by a running mean and deviation.
    optimizer : "adam" or "rmsprop"
        Kingma & Ba 2015, or Tieleman & Hinton 2012, with Keras' constants.
    weight_decay : number >= 0
        Strength of the squared norm's penalty.
    variants : sequence of functions
        Of ``(y, sr, rng)``: each makes one more copy of the training clips; an epoch takes all.
    checkpoint : bool
        Keep the weights of the epoch that recognises most of the clips that are held out, instead
        of the last epoch's.
    mixup, epochs, batch_size, learning_rate, schedule, averaging
        As in `ResidualNet`.
    label_smoothing, class_weights, calibrate, validation, patience, seed, threads
        As in `ResidualNet`.
    cache_dir, progress
        As in `ResidualNet`.

    Attributes
    ----------
    classes_, history_, temperature_
        As in `ResidualNet`.
    input_ : SequenceInput
        What makes the module's input of a recording.
    module_ : torch.nn.Module
        The trained network.

    Examples
    --------
    >>> from serfast.datasets import Recordings, find_clips, samples_dir
    >>> clips = find_clips(samples_dir(), emotions=["angry", "sad"]).clips
    >>> recordings = Recordings([clip.path for clip in clips], sr=16000)
    >>> from serfast.nets import MfccFrames
    >>> net = SequenceNet(front=MfccFrames(sr=16000), layers=("lstm 8", "last"), epochs=1)
    >>> net.fit(recordings, [clip.label for clip in clips]).predict_proba(recordings[:3]).shape
    (3, 2)
    """

    _all_variants = True

    def __init__(
        self,
        *,
        front: Front,
        layers: Sequence[str],
        n_frames: int = 512,
        by_position: bool = False,
        optimizer: str = "adam",
        weight_decay: float = 0.0,
        variants: Sequence[OfSignal] = (),
        checkpoint: bool = False,
        mixup: float = 0.0,
        epochs: int = 60,
        batch_size: int = 32,
        learning_rate: float = 1e-3,
        schedule: str = "constant",
        averaging: float = 0.0,
        label_smoothing: float = 0.0,
        class_weights: bool = False,
        calibrate: bool = False,
        validation: float = 0.2,
        patience: int | None = None,
        seed: int = 0,
        threads: int | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        self.front = front
        self.layers = layers
        self.n_frames = n_frames
        self.by_position = by_position
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.variants = variants
        self.checkpoint = checkpoint
        self.mixup = mixup
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.averaging = averaging
        self.label_smoothing = label_smoothing
        self.class_weights = class_weights
        self.calibrate = calibrate
        self.validation = validation
        self.patience = patience
        self.seed = seed
        self.threads = threads
        self.cache_dir = cache_dir
        self.progress = progress

    @property
    def sr(self) -> float:  # type: ignore[override]
        """Sampling rate in Hz: what the front end asks for."""
        return self.front.sr

    @property
    def network_(self) -> HeardSequence:
        """The trained network as `serfast.models` keeps it."""
        from serfast.models._heard import HeardSequence

        self._check_fitted()
        return HeardSequence(self.input_, tuple(self.layers), self.module_)

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the probability of each class for each clip.

        Parameters
        ----------
        X : Recordings or sequence of np.ndarray [shape=(n,)]
            Clips; signals must have the front end's sampling rate. Each is heard by itself: its
            result does not depend on the others.

        Returns
        -------
        probabilities : np.ndarray [shape=(len(X), n_classes)]
            Rows add up to 1.

        Raises
        ------
        ParameterError
            If the sampling rates differ.
        AudioError
            If a clip cannot be read.
        """
        logits = self.network_.logits(as_recordings(X, self.sr))
        return softmax(logits / self.temperature_)

    def _check(self, recordings: Recordings, labels: npt.NDArray[Any], groups: Any) -> None:
        super()._check(recordings, labels, groups)
        check_layers(self.layers)
        validate.number("averaging", self.averaging, 0, 1)
        validate.number("weight_decay", self.weight_decay, low=0)
        validate.choice("optimizer", self.optimizer, ("adam", "rmsprop"))

    def _bands(self, y: Array) -> Array:
        return self.front(y)

    def _prepare(self, stores: list[FeatureStore], rows: Rows, groups: Any) -> Loader:
        clips = [store[row] for store in stores for row in rows]
        shape: tuple[int, ...] = (len(clips[0]), 1)
        if self.by_position:
            shape = clips[0].shape
            if any(clip.shape != shape for clip in clips):
                raise ParameterError("by_position=True needs a front end with clips of one length")
        n_values = shape[0] * shape[1]
        found = BandStatistics.total(
            BandStatistics.of(clip.reshape(n_values, -1)) for clip in clips
        )
        self.input_ = SequenceInput(
            self.front,
            found.mean.reshape(shape).astype(np.float32),
            found.deviation.reshape(shape).astype(np.float32),
            self.n_frames,
            filled="flatten" in self.layers,
        )

        def load(i: int, rng: Rng) -> Array:
            return self._normalised(clips[i])

        return load

    def _normalised(self, bands: Array) -> Array:
        return self.input_.standardised(bands)

    def _module(self, n_bands: int) -> SequenceModule:
        from serfast.nets._sequence import SequenceModule

        return SequenceModule(len(self.classes_), n_bands, self.n_frames, self.layers)

    def _loop(self, threads: int) -> Loop:
        from torch.optim import Adam, RMSprop

        from serfast.nets._training import Loop

        options: dict[str, Any] = {"weight_decay": self.weight_decay, "eps": 1e-7}
        if self.optimizer == "rmsprop":
            options["alpha"] = 0.9
        return Loop(
            optimizer={"adam": Adam, "rmsprop": RMSprop}[self.optimizer],
            optimizer_options=options,
            learning_rate=self.learning_rate,
            schedule=self.schedule,
            epochs=self.epochs,
            patience=self.patience,
            checkpoint=self.checkpoint,
            averaging=self.averaging,
            label_smoothing=self.label_smoothing,
            half_precision=False,
            seed=self.seed,
            threads=threads,
        )

    def _keep(self, module: Any) -> None:
        self.module_ = module

    def _scores(self, bands: Array) -> Array:
        from serfast.nets._scoring import scores_of

        return scores_of(self.module_, self._normalised(bands))
