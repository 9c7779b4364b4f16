"""Networks over sequences in PyTorch, from a list of layers, which start as in Keras."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

# Keras' defaults, which the published networks were trained with.
NORM = {"eps": 1e-3, "momentum": 0.01}


class Recurrent(nn.Module):
    """An LSTM of which all frames are kept."""

    def __init__(self, n_in: int, n_units: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(n_in, n_units, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = self.lstm(x.transpose(1, 2))[0]
        return h.transpose(1, 2)


class Pooling(nn.Module):
    """The maxima of stretches of frames; frames beyond the clip win none."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(self, x: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
        if mask is not None:
            x = x.masked_fill(mask[:, None] == 0, -1e9)
            mask = mask[:, :: self.width]
        return functional.max_pool1d(x, self.width, ceil_mode=True), mask


class Last(nn.Module):
    """The last frame of each clip."""

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        last = mask.sum(dim=1).long() - 1
        return x[torch.arange(len(x)), :, last], mask


class SequenceModule(nn.Module):
    """From ``(batch, rows, frames)`` and a mask ``(batch, frames)`` to class scores.

    `serfast.nets.SequenceNet` says which layers there are. Clips that are flattened fill all
    frames, so there is nothing to mask.
    """

    def __init__(self, n_classes: int, n_rows: int, n_frames: int, layers: Sequence[str]) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        self.filled = "flatten" in layers
        n = n_rows
        for kind, *sizes in (layer.split() for layer in (*layers, f"dense {n_classes}")):
            made, n, n_frames = _layer(kind, sizes, n, n_frames)
            self.layers.append(made)
        self.apply(_start)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        left = None if self.filled else mask
        for layer in self.layers:
            if isinstance(layer, (Pooling, Last)):
                x, left = layer(x, left)
            else:
                x = layer(x)
            if left is not None and x.ndim == 3:
                x = x * left[:, None]
        return x


def _layer(kind: str, sizes: Sequence[str], n: int, n_frames: int) -> tuple[nn.Module, int, int]:
    """A layer on `n` rows of `n_frames`, and how many there are behind it."""
    if kind == "conv":
        n_out, width = map(int, sizes)
        margins = nn.ConstantPad1d(((width - 1) // 2, width // 2), 0.0)
        return nn.Sequential(margins, nn.Conv1d(n, n_out, width)), n_out, n_frames
    if kind == "pool":
        width = int(sizes[0])
        return Pooling(width), n, -(-n_frames // width)
    if kind == "lstm":
        return Recurrent(n, int(sizes[0])), int(sizes[0]), n_frames
    if kind == "dense":
        return nn.Linear(n, int(sizes[0])), int(sizes[0]), 1
    if kind == "flatten":
        return nn.Flatten(), n * n_frames, 1
    simple = {
        "last": Last,
        "norm": lambda: nn.BatchNorm1d(n, **NORM),
        "relu": nn.ReLU,
        "elu": nn.ELU,
        "dropout": lambda: nn.Dropout(float(sizes[0])),
    }
    return simple[kind](), n, n_frames


def _start(module: nn.Module) -> None:
    """First weights as Keras draws them: Glorot & Bengio 2010, and LSTMs that remember."""
    if isinstance(module, (nn.Conv1d, nn.Linear)):
        nn.init.xavier_uniform_(module.weight)
        assert module.bias is not None
        nn.init.zeros_(module.bias)
    if isinstance(module, nn.LSTM):
        for gate in module.weight_ih_l0.chunk(4):
            nn.init.xavier_uniform_(gate)
        nn.init.orthogonal_(module.weight_hh_l0)
        nn.init.zeros_(module.bias_ih_l0)
        nn.init.zeros_(module.bias_hh_l0)
        nn.init.ones_(module.bias_ih_l0.chunk(4)[1])
