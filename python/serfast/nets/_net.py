"""The residual log-mel network as an estimator."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serfast import _validate as validate
from serfast.datasets import Recordings
from serfast.errors import ParameterError
from serfast.nets._augment import Level, MelWarp, OfBands, OfSignal, SpecAugment, Speed
from serfast.nets._base import Array, Loader, Net, Rng, as_recordings
from serfast.nets._batches import among_zeros
from serfast.nets._front import LogMel, in_range
from serfast.nets._normalise import normalised
from serfast.nets._numbers import Rows
from serfast.nets._runtime import Runtime
from serfast.nets._store import FeatureStore

if TYPE_CHECKING:
    from serfast.models._heard import Residual
    from serfast.nets._residual import ResidualModule
    from serfast.nets._training import Loop


class ResidualNet(Net):
    """A residual network over log-mel bands, trained from scratch in minutes on a CPU.

    Silence is cut off (`serfast.nets.LogMel`), and the bands are seen by the clip's own measure
    (`serfast.nets.normalised`), which takes much of the speaker and of the level out. A convolution
    of 5x5 and residual blocks with squeeze-and-excitation halve bands and frames each; bands and
    channels are joined; an attention weights the frames for their mean and deviation, which decide.
    Predictions need numpy only.

    Parameters
    ----------
    sr : number > 0
        Sampling rate in Hz.
    channels : sequence of int
        Channels of the first convolution and of each residual block.
    embedding : int > 0
        Channels over time that the attention sees.
    dropout : number, 0 to 1
        Share of the pooled values that is left out in training.
    band_range : pair of numbers > 0
        How far below its loud frames a band is heard, in dB, see `LogMel`: in training a number
        between these, each time anew, as if recorded in rooms of different noise; afterwards the
        larger one.
    variants : sequence of functions
        Of ``(y, sr, rng)``: each makes one more copy of the training clips, which is computed once.
        An epoch takes one of a clip's copies at random.
    augment : sequence of functions
        Of ``(bands, rng)``: applied to normalised bands, each time anew.
    mixup : number >= 0
        Parameter of the beta distribution that clips of a batch are mixed by; 0 for none.
    n_frames : int > 0
        Frames that the network hears at once. Shorter clips lie among zeros, anywhere in training
        and in the middle afterwards; of longer ones a random part is trained on, and the scores of
        as many parts as cover the clip are averaged afterwards.
    epochs : int > 0
        How long it is trained.
    batch_size : int > 1
        With how many clips at a time.
    learning_rate, weight_decay : number
        Of AdamW (Loshchilov & Hutter 2019).
    schedule : "one-cycle", "plateau" or "constant"
        How the learning rate goes: up and down once (Smith & Topin 2018), halved when the loss of
        held-out clips has not fallen for five epochs, or nowhere.
    averaging : number, 0 to 1
        Decay of the moving average of the weights, which is what is kept.
    label_smoothing : number, 0 to 1
        Share of each label that is spread over all classes.
    class_weights : bool
        Weight classes by how rare they are.
    calibrate : bool
        Divide the scores by a temperature found on held-out clips. Where these do not steer the
        training, a network that learns a quarter as long finds it, and what is kept learns from all
        clips.
    validation : number, 0 to 1
        Share of the speakers that is held out, or of the clips where `groups` are not given.
    start : Runtime, optional
        A trained network, of any classes, whose weights the training starts from; those of the
        last layer only if the classes are the same. It must have these `channels` and this
        `embedding`.
    patience : int > 0, optional
        Stop when the loss of held-out clips has not fallen for so many epochs.
    seed : int >= 0
        Of everything random. With the same number of threads, the same seed gives the same network.
    threads : int > 0, optional
        Threads of PyTorch; default SERFAST_NUM_THREADS, else all CPUs.
    cache_dir : path, optional
        An existing folder, for corpora larger than memory: features are written there while `fit`
        runs, and batches are read from there.
    progress : callable, optional
        Called as ``progress(done, total)`` after each epoch.

    Attributes
    ----------
    classes_ : np.ndarray [shape=(n_classes,)]
        The classes, sorted.
    history_ : dict
        ``"all"``, and ``"held out"`` where clips were held out: epoch by epoch ``"epoch"``,
        ``"train_loss"`` and, of held-out clips, ``"valid_loss"`` and ``"valid_accuracy"``.
    temperature_ : float
        What the scores are divided by.
    tensors_ : dict
        The trained weights, and the statistics of the batch norms.

    References
    ----------
    He et al. 2016; Hu et al. 2018; Okabe et al. 2018; Zhang et al. 2018; Park et al. 2019.

    Examples
    --------
    >>> from serfast.datasets import Recordings, find_clips, samples_dir
    >>> clips = find_clips(samples_dir(), emotions=["angry", "sad"]).clips
    >>> net = ResidualNet(channels=(4, 8), embedding=8, epochs=1, calibrate=False, variants=())
    >>> recordings = Recordings([clip.path for clip in clips], sr=16000)
    >>> net.fit(recordings, [clip.label for clip in clips]).predict_proba(recordings[:3]).shape
    (3, 2)
    """

    def __init__(
        self,
        *,
        sr: float = 16000,
        channels: Sequence[int] = (16, 32, 64, 128),
        embedding: int = 128,
        dropout: float = 0.5,
        band_range: tuple[float, float] = (15.0, 60.0),
        variants: Sequence[OfSignal] = (Speed(0.9), Speed(1.1)),
        augment: Sequence[OfBands] = (MelWarp(), Level(), SpecAugment()),
        mixup: float = 0.4,
        n_frames: int = 256,
        epochs: int = 60,
        batch_size: int = 32,
        learning_rate: float = 2e-3,
        weight_decay: float = 0.05,
        schedule: str = "one-cycle",
        averaging: float = 0.99,
        label_smoothing: float = 0.1,
        class_weights: bool = True,
        calibrate: bool = True,
        validation: float = 0.2,
        start: Runtime | None = None,
        patience: int | None = None,
        seed: int = 0,
        threads: int | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        self.sr = sr
        self.channels = channels
        self.embedding = embedding
        self.dropout = dropout
        self.band_range = band_range
        self.variants = variants
        self.augment = augment
        self.mixup = mixup
        self.n_frames = n_frames
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.averaging = averaging
        self.label_smoothing = label_smoothing
        self.class_weights = class_weights
        self.calibrate = calibrate
        self.validation = validation
        self.start = start
        self.patience = patience
        self.seed = seed
        self.threads = threads
        self.cache_dir = cache_dir
        self.progress = progress

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the probability of each class for each clip.

        Parameters
        ----------
        X : Recordings or sequence of np.ndarray [shape=(n,)]
            Clips; signals must have the sampling rate `sr`. Each is heard by itself: its result
            does not depend on the others.

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
        return self._runtime.predict_proba(as_recordings(X, self.sr))

    @property
    def network_(self) -> Residual:
        """The trained network as `serfast.models` keeps it."""
        from serfast.models._heard import Residual

        return Residual(self._runtime)

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return settings that JSON can hold, and the weights: see `Runtime.from_parts`."""
        return self._runtime.to_parts()

    def export_onnx(self, path: str | os.PathLike[str]) -> None:
        """Write the network as an ONNX file, from normalised bands to probabilities.

        The input ``bands`` has shape ``(1, 1, n_mels, n_frames)``, with zeros around the clip
        (`serfast.nets.normalised`); the output ``probabilities`` has shape ``(1, n_classes)``.
        Classes and front end are in the file's metadata, as JSON.

        Raises
        ------
        ParameterError
            If the package onnx is missing.
        """
        from serfast.nets._onnx import export_onnx

        export_onnx(self._runtime, path)

    def _check(self, recordings: Recordings, labels: npt.NDArray[Any], groups: Any) -> None:
        super()._check(recordings, labels, groups)
        if len(self.channels) < 1:
            raise ParameterError("channels must hold at least one number")
        for n_channels in self.channels:
            validate.positive_int("channels", n_channels)
        validate.positive_int("embedding", self.embedding)
        for name in ("dropout", "averaging"):
            validate.number(name, getattr(self, name), 0, 1)
        validate.number("weight_decay", self.weight_decay, low=0)
        if np.shape(self.band_range) != (2,):
            raise ParameterError(f"band_range={self.band_range!r} must be a pair of numbers")
        for number in self.band_range:
            validate.positive("band_range", number)
        if not (self.start is None or isinstance(self.start, Runtime)):
            raise ParameterError(f"start={self.start!r} must be a Runtime, or None")
        if self.start is not None and self.start.front.sr != self.sr:
            raise ParameterError(
                f"start hears {self.start.front.sr} Hz, the network that starts from it {self.sr}"
            )

    def _bands(self, y: Array) -> Array:
        return self._front(y)

    @property
    def _runtime(self) -> Runtime:
        self._check_fitted()
        return Runtime(
            self.classes_.tolist(), self._front, self.temperature_, self.n_frames, self.tensors_
        )

    @property
    def _n_least(self) -> int:  # type: ignore[override]
        return self._front.n_fft

    @property
    def _front(self) -> LogMel:
        return LogMel(sr=self.sr, fmax=min(8000.0, self.sr / 2), band_range=max(self.band_range))

    def _prepare(self, stores: list[FeatureStore], rows: Rows, groups: Any) -> Loader:
        def load(i: int, rng: Rng) -> Array:
            clip = stores[int(rng.integers(len(stores)))][rows[i]]
            clip = normalised(in_range(clip, rng.uniform(*self.band_range)))
            for change in self.augment:
                clip = change(clip, rng)
            return among_zeros(clip, self.n_frames, rng)[np.newaxis]

        return load

    def _normalised(self, bands: Array) -> Array:
        return among_zeros(normalised(bands), self.n_frames)[np.newaxis]

    def _module(self, n_bands: int) -> ResidualModule:
        from serfast.nets._residual import ResidualModule

        module = ResidualModule(
            len(self.classes_), n_bands, tuple(self.channels), self.embedding, self.dropout
        )
        if self.start is not None:
            same = self.start.classes == tuple(self.classes_.tolist())
            module.start_from(self.start.tensors, with_output=same)
        return module

    def _loop(self, threads: int) -> Loop:
        from torch.optim import AdamW

        from serfast.nets._training import Loop

        return Loop(
            optimizer=AdamW,
            optimizer_options={"weight_decay": self.weight_decay},
            learning_rate=self.learning_rate,
            schedule=self.schedule,
            epochs=self.epochs,
            patience=self.patience,
            checkpoint=False,
            averaging=self.averaging,
            label_smoothing=self.label_smoothing,
            # PyTorch 2.13 computes convolutions of so few frames wrongly in bfloat16, with AMX.
            half_precision=self.n_frames > 2 ** len(self.channels),
            seed=self.seed,
            threads=threads,
        )

    def _keep(self, module: Any) -> None:
        state = module.state_dict().items()
        self.tensors_ = {name: t.numpy() for name, t in state if t.is_floating_point()}

    def _scores(self, bands: Array) -> Array:
        return self._runtime.scores(bands)
