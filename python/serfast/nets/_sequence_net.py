"""The networks of published recipes as estimators: convolutions, LSTM, or both."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serfast import _validate as validate
from serfast.arrays import fix_length
from serfast.datasets import Recordings
from serfast.errors import ParameterError
from serfast.models._networks import softmax
from serfast.nets._augment import OfSignal
from serfast.nets._base import Array, Loader, Net, Rng, as_recordings
from serfast.nets._normalise import SMALLEST_DEVIATION, BandStatistics
from serfast.nets._numbers import Rows
from serfast.nets._recipe_fronts import MeanMfcc, MelDecibels, MfccFrames
from serfast.nets._store import FeatureStore

if TYPE_CHECKING:
    from serfast.nets._sequence import SequenceModule
    from serfast.nets._training import Loop

Front = MeanMfcc | MelDecibels | MfccFrames


class SequenceNet(Net):
    """Convolutions over a sequence, then LSTM or not, then dense layers, as published recipes have.

    `cnn1d`, `lstm` and `cnn_lstm` make those of the recipes. With LSTM, frames beyond a clip are
    masked; without, clips are cut or padded to `n_frames`, since each position has its own weights.

    Parameters
    ----------
    front : MeanMfcc, MelDecibels or MfccFrames
        What it hears of a recording.
    n_frames : int > 0
        Longer sequences are cut to so many frames.
    by_position : bool
        Standardise each value of the training clips' rows and frames by itself, which needs clips
        of one length; else each row over all frames, by a running mean and deviation.
    convolutions : sequence of sequences of int
        Channels of the convolutions of each group; a group ends with batch norm, pooling, dropout.
    kernel, pool : int > 0
        Widths of the convolutions and of the pooling.
    activation : "relu" or "elu"
        What follows each convolution.
    recurrent, dense : sequence of int
        Units of the LSTM and of the dense layers.
    dropout : number, 0 to 1
        Share of the values that is left out in training.
    optimizer : "adam" or "rmsprop"
        Kingma & Ba 2015, or Tieleman & Hinton 2012.
    weight_decay : number >= 0
        Strength of the squared norm's penalty.
    sr, variants, mixup, epochs, batch_size, learning_rate, schedule, averaging
        As in `ResidualNet`.
    label_smoothing, class_weights, calibrate, validation, patience, seed, threads
        As in `ResidualNet`.
    cache_dir, progress
        As in `ResidualNet`.

    Attributes
    ----------
    classes_, history_, temperature_
        As in `ResidualNet`.
    module_ : torch.nn.Module
        The trained network.

    Examples
    --------
    >>> from serfast.datasets import Recordings, find_clips, samples_dir
    >>> clips = find_clips(samples_dir(), emotions=["angry", "sad"]).clips
    >>> recordings = Recordings([clip.path for clip in clips], sr=16000)
    >>> net = lstm(front=MfccFrames(sr=16000), recurrent=(8,), epochs=1)
    >>> net.fit(recordings, [clip.label for clip in clips]).predict_proba(recordings[:3]).shape
    (3, 2)
    """

    _anywhere = False

    def __init__(
        self,
        *,
        front: Front,
        n_frames: int = 512,
        by_position: bool = False,
        convolutions: Sequence[Sequence[int]] = (),
        kernel: int = 8,
        pool: int = 2,
        activation: str = "relu",
        recurrent: Sequence[int] = (),
        dense: Sequence[int] = (),
        dropout: float = 0.25,
        optimizer: str = "adam",
        weight_decay: float = 0.0,
        variants: Sequence[OfSignal] = (),
        mixup: float = 0.0,
        epochs: int = 60,
        batch_size: int = 32,
        learning_rate: float = 1e-3,
        schedule: str = "plateau",
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
        self.n_frames = n_frames
        self.by_position = by_position
        self.convolutions = convolutions
        self.kernel = kernel
        self.pool = pool
        self.activation = activation
        self.recurrent = recurrent
        self.dense = dense
        self.dropout = dropout
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.variants = variants
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
        self._check_fitted()
        clips = (self._normalised(self.front(y)) for y in as_recordings(X, self.sr))
        rows = [self._scores(clip) for clip in clips]
        scores = np.array(rows, np.float64).reshape(-1, len(self.classes_))
        return softmax(scores / self.temperature_)

    def _check(self, recordings: Recordings, labels: npt.NDArray[Any], groups: Any) -> None:
        super()._check(recordings, labels, groups)
        if not (self.convolutions or self.recurrent):
            raise ParameterError("convolutions and recurrent must not both be empty")
        widths = [width for group in self.convolutions for width in group]
        for name, units in (
            ("convolutions", widths),
            ("recurrent", self.recurrent),
            ("dense", self.dense),
        ):
            for n_units in units:
                validate.positive_int(name, n_units)
        for name in ("kernel", "pool"):
            validate.positive_int(name, getattr(self, name))
        for name in ("dropout", "averaging"):
            validate.number(name, getattr(self, name), 0, 1)
        validate.number("weight_decay", self.weight_decay, low=0)
        validate.choice("activation", self.activation, ("relu", "elu"))
        validate.choice("optimizer", self.optimizer, ("adam", "rmsprop"))

    def _bands(self, y: Array) -> Array:
        return self.front(y)

    def _prepare(self, stores: list[FeatureStore], rows: Rows, groups: Any) -> Loader:
        clips = [store[row] for store in stores for row in rows]
        if self.by_position:
            if len({clip.shape for clip in clips}) > 1:
                raise ParameterError("by_position=True needs a front end with clips of one length")
            self.mean_, self.deviation_ = np.mean(clips, axis=0), np.std(clips, axis=0)
        else:
            statistics = BandStatistics.total(map(BandStatistics.of, clips))
            self.mean_, self.deviation_ = statistics.mean[:, None], statistics.deviation[:, None]

        def load(i: int, rng: Rng) -> Array:
            return self._normalised(stores[int(rng.integers(len(stores)))][rows[i]])

        return load

    def _normalised(self, bands: Array) -> Array:
        scaled = (bands - self.mean_) / np.maximum(self.deviation_, SMALLEST_DEVIATION)
        if not self.recurrent:
            scaled = fix_length(scaled, size=self.n_frames)
        return np.asarray(scaled[:, : self.n_frames], np.float32)

    def _module(self, n_bands: int) -> SequenceModule:
        from serfast.nets._sequence import SequenceModule

        return SequenceModule(
            len(self.classes_), n_bands, self.n_frames, self.convolutions, self.kernel,
            self.activation, self.pool, self.recurrent, self.dense, self.dropout,
        )  # fmt: skip

    def _loop(self, threads: int) -> Loop:
        from torch.optim import Adam, RMSprop

        from serfast.nets._training import Loop

        return Loop(
            optimizer={"adam": Adam, "rmsprop": RMSprop}[self.optimizer],
            optimizer_options={"weight_decay": self.weight_decay},
            learning_rate=self.learning_rate,
            schedule=self.schedule,
            epochs=self.epochs,
            patience=self.patience,
            averaging=self.averaging,
            label_smoothing=self.label_smoothing,
            half_precision=False,
            seed=self.seed,
            threads=threads,
        )

    def _keep(self, module: Any) -> None:
        self.module_ = module

    def _scores(self, x: Array) -> Array:
        from serfast.nets._training import scores_of

        return scores_of(self.module_, x)


def cnn1d(**options: Any) -> SequenceNet:
    """Return the network of the recipe ``cnn1d-mfcc``: convolutions over 40 averaged MFCC.

    Parameters
    ----------
    **options
        Options of `SequenceNet` that shall differ.

    Examples
    --------
    >>> cnn1d(epochs=5).convolutions
    ((256, 256), (128, 128, 128, 128), (64, 64))
    """
    recipe: dict[str, Any] = {
        "front": MeanMfcc(),
        "n_frames": 40,
        "by_position": True,
        "convolutions": ((256,) * 2, (128,) * 4, (64,) * 2),
        "optimizer": "rmsprop",
        "learning_rate": 1e-4,
        "schedule": "constant",
    }
    return SequenceNet(**recipe | options)


def cnn_lstm(**options: Any) -> SequenceNet:
    """Return the network of the recipe ``cnn-lstm-mel``: over 200 mel bands of 3.5 s.

    Parameters
    ----------
    **options
        Options of `SequenceNet` that shall differ.

    Examples
    --------
    >>> cnn_lstm().recurrent
    (540, 256)
    """
    recipe: dict[str, Any] = {
        "front": MelDecibels(),
        "by_position": True,
        "convolutions": ((64,), (128,), (256,)),
        "pool": 4,
        "activation": "elu",
        "recurrent": (540, 256),
        "dense": (100, 50, 20),
        "optimizer": "rmsprop",
        "schedule": "constant",
    }
    return SequenceNet(**recipe | options)


def lstm(**options: Any) -> SequenceNet:
    """Return the LSTM of the recipe ``cnn-lstm-tess``: over the frames' MFCC, masked at the end.

    Parameters
    ----------
    **options
        Options of `SequenceNet` that shall differ; with ``convolutions`` it is that recipe's
        combined network, and with ``recurrent=()`` besides its convolutional one.

    Examples
    --------
    >>> lstm().schedule
    'plateau'
    """
    recipe: dict[str, Any] = {"front": MfccFrames(), "recurrent": (128, 64), "schedule": "plateau"}
    return SequenceNet(**recipe | options)
