"""The trained residual network without PyTorch: its forward pass in numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from serfast.errors import ParameterError
from serfast.models._networks import softmax
from serfast.nets._batches import windows
from serfast.nets._front import LogMel
from serfast.nets._normalise import BandStatistics, normalised
from serfast.nets._numbers import one_blas_thread

Array: TypeAlias = npt.NDArray[np.float32]
Tensors: TypeAlias = dict[str, Array]

SMALLEST_VARIANCE = 1e-5  # over time, so that its root has a slope


class Runtime:
    """A trained residual network that needs nothing beyond numpy.

    Batch norms become part of the layers around them, and each recording passes by itself, so that
    its result does not depend on the others.

    Parameters
    ----------
    classes : sequence of str
        The classes, in the order of the scores.
    front : LogMel
        What becomes of a recording first.
    temperature : number > 0
        The scores are divided by it.
    n_frames : int
        How many frames are heard at once, with zeros around a shorter clip.
    tensors : mapping of str to np.ndarray
        The trained module's weights and statistics, as PyTorch names them.
    """

    def __init__(
        self,
        classes: Sequence[str],
        front: LogMel,
        temperature: float,
        n_frames: int,
        tensors: Mapping[str, Array],
    ) -> None:
        self.classes = tuple(classes)
        self.front = front
        self.temperature = temperature
        self.tensors = dict(tensors)
        self.layers = folded(tensors)
        self.n_frames = n_frames
        self.n_blocks = sum(name.endswith(".first.weight") for name in tensors)

    @classmethod
    def from_parts(cls, settings: Mapping[str, Any], tensors: Mapping[str, Array]) -> Runtime:
        """Put together what `to_parts` took apart.

        Raises
        ------
        ParameterError
            If a setting or a tensor is missing, or one has another shape than the others ask for.
        """
        try:
            made = cls(
                settings["classes"],
                LogMel(**settings["front"]),
                settings["temperature"],
                settings["n_frames"],
                tensors,
            )
            made.check()
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise ParameterError(f"not the parts of a residual network: {error!r}") from None
        return made

    def to_parts(self) -> tuple[dict[str, Any], Tensors]:
        """Settings that JSON can hold, and the module's weights and statistics."""
        settings = {
            "classes": list(self.classes),
            "front": asdict(self.front),
            "temperature": self.temperature,
            "n_frames": self.n_frames,
        }
        return settings, self.tensors

    def check(self) -> None:
        """Raise ValueError for tensors whose shapes or values do not fit."""
        for name, tensor in self.layers.items():
            if not np.isfinite(tensor).all():
                raise ValueError(f"{name} is not finite")
        n_scores = self.predict_proba([np.zeros(1024, np.float32)]).size
        if n_scores != len(self.classes):
            raise ValueError(f"{n_scores} scores for {len(self.classes)} classes")

    def predict_proba(self, recordings: Sequence[Array]) -> npt.NDArray[np.float64]:
        """Return the probability of each class for each recording, as `logits` scores it.

        Rows, of shape ``(len(recordings), n_classes)``, add up to 1.
        """
        return softmax(self.logits(recordings) / self.temperature)

    def logits(self, recordings: Sequence[Array]) -> npt.NDArray[np.float64]:
        """Return the score of each class for each recording.

        Parameters
        ----------
        recordings : sequence of np.ndarray [shape=(n,)]
            Signals at the front end's sampling rate.

        Returns
        -------
        logits : np.ndarray [shape=(len(recordings), n_classes)]
            Logarithms of odds, up to the temperature.
        """
        with one_blas_thread():
            rows = [self.scores(self.front(y)) for y in recordings]
        return np.array(rows, np.float64).reshape(-1, len(self.classes))

    def scores(self, bands: Array, voice: BandStatistics | None = None) -> Array:
        """Return the class scores of a clip's log-mel bands ``(n_mels, frames)``.

        The clip is heard by its own measure, or, by a network that was trained so, by that of its
        speaker's clips.
        """
        clip = normalised(bands) if voice is None else voice.normalised(bands)
        heard = [self._scores(part) for part in windows(clip, self.n_frames)]
        mean: Array = np.mean(heard, axis=0)
        return mean

    def _scores(self, clip: Array) -> Array:
        x = relu(self._convolution("stem", clip[np.newaxis], stride=2))
        for i in range(self.n_blocks):
            x = self._block(f"blocks.{i}", x)
        x = relu(self._linear("join", x.reshape(-1, x.shape[2])))
        return self._linear("output", self._pooled(x)[:, None])[:, 0]

    def _block(self, name: str, x: Array) -> Array:
        h = relu(self._convolution(f"{name}.first", x, stride=2))
        h = self._convolution(f"{name}.second", h)
        squeezed = relu(self._linear(f"{name}.squeeze", h.mean(axis=(1, 2))[:, None]))
        weights = sigmoid(self._linear(f"{name}.excite", squeezed))
        return relu(h * weights[:, :, None] + self._convolution(f"{name}.shortcut", x, stride=2))

    def _pooled(self, x: Array) -> Array:
        """Mean and deviation over time under the attention's weights."""
        score = self._linear("score", np.tanh(self._linear("hidden", x)))
        weights = np.exp(score - score.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        mean = (weights * x).sum(axis=1)
        variance = (weights * x * x).sum(axis=1) - mean * mean
        return np.concatenate([mean, np.sqrt(np.maximum(variance, np.float32(SMALLEST_VARIANCE)))])

    def _convolution(self, name: str, x: Array, stride: int = 1) -> Array:
        """A convolution with zeros around, as one product of matrices."""
        weight = self.layers[f"{name}.weight"]
        size = weight.shape[-1]
        margin = size // 2
        around = np.pad(x, ((0, 0), (margin, margin), (margin, margin)))
        bands, frames = ((n - 1) // stride + 1 for n in x.shape[1:])
        columns = np.empty((len(x), size, size, bands, frames), np.float32)
        for i, j in np.ndindex(size, size):
            columns[:, i, j] = around[:, i::stride, j::stride][:, :bands, :frames]
        y = weight.reshape(len(weight), -1) @ columns.reshape(weight[0].size, -1)
        y += self.layers[f"{name}.bias"][:, None]
        return y.reshape(len(weight), bands, frames)

    def _linear(self, name: str, x: Array) -> Array:
        return self.layers[f"{name}.weight"] @ x + self.layers[f"{name}.bias"][:, None]


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def sigmoid(x: Array) -> Array:
    result: Array = np.reciprocal(1 + np.exp(-x))
    return result


def folded(state: Mapping[str, Array]) -> Tensors:
    """Weights of a `ResidualModule` with its batch norms made part of the layers around them."""
    scales, shifts = {}, {}
    for name in (key.removesuffix(".running_var") for key in state if key.endswith("running_var")):
        scale = state[f"{name}.weight"] / np.sqrt(state[f"{name}.running_var"] + np.float32(1e-5))
        scales[name] = scale
        shifts[name] = state[f"{name}.bias"] - state[f"{name}.running_mean"] * scale
    tensors: Tensors = {}
    for key in (key for key in state if key.endswith(".weight")):
        layer = key.removesuffix(".weight")
        weight, norm = state[key], f"{layer}_norm"
        if layer in scales:
            continue
        bias = shifts[norm] if norm in scales else state[f"{layer}.bias"]
        if bias.shape != weight.shape[:1]:
            raise ValueError(f"{key} has shape {weight.shape}, its biases {bias.shape}")
        if norm in scales:
            weight = weight * scales[norm].reshape(-1, *[1] * (weight.ndim - 1))
        if layer == "output":
            bias = bias + weight @ shifts["pooled_norm"]
            weight = weight * scales["pooled_norm"]
        if weight.ndim == 3:
            weight = weight[:, :, 0]
        short = layer.replace("excitation.", "").replace("pooling.", "")
        tensors[f"{short}.weight"] = np.ascontiguousarray(weight, np.float32)
        tensors[f"{short}.bias"] = np.asarray(bias, np.float32)
    return tensors
