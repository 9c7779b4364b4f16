"""The training loop of the networks: skorch with averaged weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import skorch
import torch
from skorch.callbacks import Callback, EarlyStopping, LRScheduler
from skorch.helper import predefined_split
from torch import Tensor
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from serfast.errors import ParameterError
from serfast.nets._batches import Array, Batch
from serfast.nets._scoring import torch_threads


@dataclass(frozen=True)
class Loop:
    """How a network is trained; `ResidualNet` has the words."""

    optimizer: type[torch.optim.Optimizer]
    optimizer_options: dict[str, Any]
    learning_rate: float
    schedule: str
    epochs: int
    patience: int | None
    checkpoint: bool
    averaging: float
    label_smoothing: float
    half_precision: bool
    seed: int
    threads: int


def trained(
    make_module: Callable[[], torch.nn.Module],
    batches: Any,
    validation: Iterable[Batch] | None,
    class_weights: Array,
    loop: Loop,
    progress: Callable[[], object],
) -> tuple[torch.nn.Module, list[dict[str, Any]]]:
    """Train a new module and return it with averaged weights, and each epoch's losses.

    PyTorch's random state and number of threads are afterwards what they were before.
    """
    with torch.random.fork_rng(devices=[]), torch_threads(loop.threads):
        torch.manual_seed(loop.seed)
        net = Trainer(
            make_module().to(memory_format=torch.channels_last),
            criterion=SoftCrossEntropy(class_weights, loop.label_smoothing),
            optimizer=loop.optimizer,
            lr=loop.learning_rate,
            max_epochs=loop.epochs,
            train_split=None if validation is None else predefined_split(validation),
            callbacks=_callbacks(loop, len(batches), progress),
            callbacks__print_log=None,
            half_precision=loop.half_precision,
            **{f"optimizer__{name}": value for name, value in loop.optimizer_options.items()},
        )
        try:
            net.fit(batches, None)
        except InterruptionError:
            raise KeyboardInterrupt from None
    if not all(bool(t.isfinite().all()) for t in net.averaged.state_dict().values()):
        raise ParameterError(
            f"the training went beyond all numbers: learning_rate={loop.learning_rate} is too high"
        )
    of_held = () if validation is None else ("valid_loss", "valid_accuracy")
    columns = ("epoch", "train_loss", *of_held)
    history = [dict(zip(columns, row, strict=True)) for row in net.history[:, columns]]
    return net.averaged.eval(), [_plain(row) for row in history]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: int(v) if name == "epoch" else float(v) for name, v in row.items()}


def _callbacks(loop: Loop, n_batches: int, progress: Callable[[], object]) -> list[Any]:
    made: list[Any] = [
        ("averaging", Averaging(loop.averaging)),
        ("accuracy", Accuracy(keep_best=loop.checkpoint)),
        ("reporting", Reporting(progress)),
    ]
    if loop.schedule == "one-cycle":
        # It is stepped behind the last batch, too.
        n_steps = loop.epochs * n_batches + 1
        schedule = LRScheduler(
            OneCycleLR, max_lr=loop.learning_rate, total_steps=n_steps, step_every="batch"
        )
        made.append(("schedule", schedule))
    if loop.schedule == "plateau":
        schedule = LRScheduler(ReduceLROnPlateau, monitor="valid_loss", factor=0.5, patience=4)
        made.append(("schedule", schedule))
    if loop.patience is not None:
        made.append(("stopping", Stopping(patience=loop.patience, sink=lambda _: None)))
    return made


class InterruptionError(Exception):
    """Somebody has ended the training."""


class Stopping(EarlyStopping):
    """The end of a training that gets no better, which skorch tells by KeyboardInterrupt, too."""

    def on_train_begin(self, net: Any, **options: Any) -> None:
        super().on_train_begin(net, **options)
        self.stopped_ = False

    def on_epoch_end(self, net: Any, **options: Any) -> None:
        try:
            super().on_epoch_end(net, **options)
        except KeyboardInterrupt:
            self.stopped_ = True
            raise


class SoftCrossEntropy(torch.nn.Module):
    """Cross-entropy against shares of classes, each class with a weight."""

    def __init__(self, class_weights: Array, smoothing: float) -> None:
        super().__init__()
        self.class_weights = torch.as_tensor(class_weights, dtype=torch.float32)
        self.smoothing = smoothing

    def forward(self, scores: Tensor, targets: Tensor) -> Tensor:
        weighted = targets * self.class_weights
        even = weighted.sum(dim=1, keepdim=True) / targets.shape[1]
        smooth = (1 - self.smoothing) * weighted + self.smoothing * even
        return -(smooth * torch.log_softmax(scores.float(), dim=1)).sum() / weighted.sum()


class Averaging(Callback):
    """A moving average of the weights, which is what is kept in the end."""

    def __init__(self, decay: float) -> None:
        self.decay = decay

    def on_train_begin(self, net: Any, **_: Any) -> None:
        self.model_ = AveragedModel(net.module_, multi_avg_fn=self._average, use_buffers=True)

    def on_batch_end(self, net: Any, training: bool, **_: Any) -> None:
        if training:
            self.model_.update_parameters(net.module_)

    def _average(self, averaged: Any, current: Any, n_averaged: Tensor) -> None:
        # The first weights are random: they shall not weigh for long.
        n = int(n_averaged)
        get_ema_multi_avg_fn(min(self.decay, (1 + n) / (10 + n)))(averaged, current, n_averaged)


class Accuracy(Callback):
    """The share of held-out clips that each epoch recognises, and the weights that were best."""

    def __init__(self, keep_best: bool) -> None:
        self.keep_best = keep_best

    def on_train_begin(self, net: Any, **_: Any) -> None:
        self.best_, self.weights_ = -1.0, None

    def on_epoch_begin(self, net: Any, **_: Any) -> None:
        self.n_right_, self.n_clips_ = 0, 0

    def on_batch_end(
        self, net: Any, batch: Any = None, training: bool = False, y_pred: Any = None, **_: Any
    ) -> None:
        if not training:
            right = y_pred.argmax(dim=1) == batch[1].argmax(dim=1)
            self.n_right_ += int(right.sum())
            self.n_clips_ += len(right)

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        if not self.n_clips_:
            return
        accuracy = self.n_right_ / self.n_clips_
        net.history.record("valid_accuracy", accuracy)
        if self.keep_best and accuracy > self.best_:
            self.best_, self.weights_ = accuracy, deepcopy(net.averaged.state_dict())

    def on_train_end(self, net: Any, **_: Any) -> None:
        if self.weights_ is not None:
            net.averaged.load_state_dict(self.weights_)


class Reporting(Callback):
    """Tells a function of each epoch that has ended."""

    def __init__(self, progress: Callable[[], object]) -> None:
        self.progress = progress

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        self.progress()


class Tensors:
    """Batches as PyTorch has them; each iteration is an epoch."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
        for x, mask, targets in self.batches:
            values = torch.from_numpy(x)
            if x.ndim == 4:  # convolutions of images are faster with the channels last
                values = values.to(memory_format=torch.channels_last)
            yield {"x": values, "mask": torch.from_numpy(mask)}, torch.from_numpy(targets)


class Trainer(skorch.NeuralNet):
    """A skorch network that is fed with batches rather than with single clips."""

    def __init__(self, *args: Any, half_precision: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.half_precision = half_precision

    def get_dataset(self, X: Any, y: Any = None) -> Any:
        return X

    def get_iterator(self, dataset: Any, training: bool = False) -> Any:
        return Tensors(dataset)

    def fit_loop(self, *args: Any, **options: Any) -> Trainer:
        try:
            super().fit_loop(*args, **options)
        except KeyboardInterrupt as interrupt:
            stopping = dict(self.callbacks_).get("stopping")
            if stopping is None or not stopping.stopped_:
                raise InterruptionError from interrupt  # which skorch would take for the end
            raise
        return self

    @property
    def averaged(self) -> torch.nn.Module:
        """The network with averaged weights."""
        model: torch.nn.Module = dict(self.callbacks_)["averaging"].model_.module
        return model

    def infer(self, x: Any, **_: Any) -> Tensor:
        module = self.module_ if self.module_.training else self.averaged.eval()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half_precision):
            scores: Tensor = module(**x)
        return scores
