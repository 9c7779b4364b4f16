"""Trained classifiers of feature rows as plain arrays, applied with numpy alone."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Tensors = Mapping[str, npt.NDArray[Any]]
Settings = dict[str, Any]


class Network(Protocol):
    """What is left of a classifier once it is trained.

    A network is made of settings, which JSON can store, and tensors, which safetensors can; its
    constructor takes exactly these.
    """

    kind: ClassVar[str]

    def logits(self, x: Any) -> Doubles:
        """Return a score of each class for each example, logarithms of odds up to a scale."""
        ...

    def settings(self) -> Settings:
        """Return what is not an array."""
        ...

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays by name."""
        ...

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> Network:
        """Return the network of these settings and tensors; ValueError if they do not fit."""
        ...


def softmax(logits: Doubles) -> Doubles:
    """Return probabilities whose logarithms differ as the logits do, row by row.

    Examples
    --------
    >>> softmax(np.zeros((1, 2)))
    array([[0.5, 0.5]])
    """
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def mean_logits(shares: Sequence[Doubles]) -> Doubles:
    """Return the logarithms of the mean of several networks' probabilities."""
    return np.asarray(np.log(np.mean(shares, axis=0) + np.finfo(np.float64).tiny))


def check_sizes(fits: bool, what: str) -> None:
    """Raise ValueError if `what` does not fit together."""
    if not fits:
        raise ValueError(f"{what} have sizes that do not belong together")


@dataclass(frozen=True)
class Layers:
    """A multi-layer perceptron with relu, or with one layer a linear classifier.

    Parameters
    ----------
    layers : tuple of (weight, bias)
        Weight of shape (n_in, n_out), bias of shape (n_out,).

    Examples
    --------
    >>> net = Layers(((np.array([[0.0, 1.0]]), np.zeros(2)),))
    >>> net.logits(np.array([[3.0]]))
    array([[0., 3.]])
    """

    kind: ClassVar[str] = "layers"
    layers: tuple[tuple[Doubles, Doubles], ...]

    def logits(self, x: npt.ArrayLike) -> Doubles:
        """Score rows of shape (n, n_in of the first layer)."""
        rows = np.asarray(x, dtype=np.float64)
        for weight, bias in self.layers[:-1]:
            rows = np.maximum(rows @ weight + bias, 0)
        weight, bias = self.layers[-1]
        return np.asarray(rows @ weight + bias)

    def settings(self) -> Settings:
        """Return the shapes of the weights."""
        return {"layers": [list(weight.shape) for weight, _ in self.layers]}

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return ``0.weight``, ``0.bias``, ``1.weight``..."""
        named: dict[str, npt.NDArray[Any]] = {}
        for i, (weight, bias) in enumerate(self.layers):
            named |= {f"{i}.weight": weight, f"{i}.bias": bias}
        return named

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> Layers:
        """Return the network of these parts."""
        shapes = settings["layers"]
        pairs = [(tensors[f"{i}.weight"], tensors[f"{i}.bias"]) for i in range(len(shapes))]
        fits = [list(weight.shape) for weight, _ in pairs] == shapes and all(
            bias.shape == (weight.shape[1],) for weight, bias in pairs
        )
        chained = all(a[1] == b[0] for a, b in itertools.pairwise(shapes))
        check_sizes(fits and chained, "the layers")
        return cls(tuple(pairs))


@dataclass(frozen=True)
class RadialKernel:
    """Weighted sums of ``exp(-gamma |x - v|^2)`` over vectors v.

    Parameters
    ----------
    gamma : float > 0
        Of the kernel.
    vectors : np.ndarray [shape=(n_vectors, n_columns)]
        Training rows.
    weights : np.ndarray [shape=(n_vectors, n_outputs)]
        Of each vector in each output.
    bias : np.ndarray [shape=(n_outputs,)]
        Added to the sums.
    """

    kind: ClassVar[str] = "radial-kernel"
    gamma: float
    vectors: npt.NDArray[Any]
    weights: Doubles
    bias: Doubles

    def logits(self, x: npt.ArrayLike) -> Doubles:
        """Score rows of shape (n, n_columns)."""
        rows, (vectors, lengths) = np.asarray(x, dtype=np.float64), self._doubles
        squares = (rows**2).sum(axis=1)[:, np.newaxis] + lengths - 2 * rows @ vectors.T
        kernel = np.exp(-self.gamma * np.maximum(squares, 0))
        return np.asarray(kernel @ self.weights + self.bias)

    @cached_property
    def _doubles(self) -> tuple[Doubles, Doubles]:
        """The vectors and their squared lengths."""
        vectors = self.vectors.astype(np.float64)
        return vectors, (vectors**2).sum(axis=1)

    def settings(self) -> Settings:
        """Return gamma."""
        return {"gamma": self.gamma}

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the vectors, their weights and the bias."""
        return {"vectors": self.vectors, "weights": self.weights, "bias": self.bias}

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> RadialKernel:
        """Return the network of these parts."""
        vectors, weights, bias = (tensors[name] for name in ("vectors", "weights", "bias"))
        fits = vectors.ndim == 2 and weights.shape == (len(vectors), *bias.shape)
        check_sizes(fits, "the vectors")
        return cls(float(settings["gamma"]), vectors, weights, bias)
