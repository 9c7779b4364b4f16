"""Networks of recordings, as kinds of networks among others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from serfast.models._networks import Doubles, Settings, Tensors, check_sizes
from serfast.nets._extra import require_torch
from serfast.nets._layers import check_layers
from serfast.nets._recipe_fronts import SequenceInput
from serfast.nets._runtime import Runtime


@dataclass(frozen=True)
class Residual:
    """A trained residual network that hears recordings.

    Parameters
    ----------
    runtime : Runtime
        The network.
    """

    kind: ClassVar[str] = "residual"
    runtime: Runtime

    def logits(self, x: Sequence[npt.NDArray[Any]]) -> Doubles:
        """Score recordings at the front end's rate."""
        return self.runtime.logits(x)

    def settings(self) -> Settings:
        """Return classes, front end and temperature."""
        return self.runtime.to_parts()[0]

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the weights."""
        return {**self.runtime.to_parts()[1]}

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> Residual:
        """Return the network of these parts."""
        return cls(Runtime.from_parts(settings, dict(tensors)))


_OF_INPUT = ("mean", "deviation")


@dataclass(frozen=True)
class HeardSequence:
    """A trained network over sequences that hears recordings; it needs PyTorch.

    Parameters
    ----------
    input : SequenceInput
        What makes its input of a recording.
    layers : tuple of str
        As in `serfast.nets.SequenceNet`.
    module : torch.nn.Module
        The network.
    """

    kind: ClassVar[str] = "sequence"
    input: SequenceInput
    layers: tuple[str, ...]
    module: Any

    def logits(self, x: Sequence[npt.NDArray[Any]]) -> Doubles:
        """Score recordings at the front end's rate, each by itself."""
        from serfast.nets._scoring import scores_of

        rows = [scores_of(self.module, self.input(y)) for y in x]
        return np.array(rows, np.float64).reshape(len(x), self._n_classes)

    @property
    def _n_classes(self) -> int:
        return int(self.module.layers[-1].out_features)

    def settings(self) -> Settings:
        """Return front end, layers and the number of classes."""
        own = {"layers": list(self.layers), "n_classes": self._n_classes}
        return {**self.input.to_parts()[0], **own}

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return what standardises, and the weights."""
        state = self.module.state_dict().items()
        weights = {name: t.numpy() for name, t in state if t.is_floating_point()}
        return {**self.input.to_parts()[1], **weights}

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> HeardSequence:
        """Return the network of these parts.

        Raises
        ------
        ParameterError
            If PyTorch is missing.
        ValueError
            If the parts do not belong together.
        """
        require_torch("predicting with this network", ("torch",))
        import torch

        from serfast.nets._sequence import SequenceModule

        given = SequenceInput.from_parts(settings, tensors)
        layers, n_frames = tuple(settings["layers"]), settings["n_frames"]
        check_layers(layers)
        with torch.random.fork_rng(devices=[]):  # its first weights, which are not used
            module = SequenceModule(settings["n_classes"], len(given.mean), n_frames, layers)
        weights = {name: torch.tensor(t) for name, t in tensors.items() if name not in _OF_INPUT}
        state = module.state_dict()
        expected = {name: t.shape for name, t in state.items() if t.is_floating_point()}
        check_sizes({n: t.shape for n, t in weights.items()} == expected, "layers and weights")
        if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
            raise ValueError("weights that are not finite")
        module.load_state_dict(state | weights)
        return cls(given, layers, module.eval())
