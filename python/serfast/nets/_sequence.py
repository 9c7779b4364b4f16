"""Convolutions and LSTM over a sequence, in PyTorch, as Keras lays them out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

ACTIVATIONS = {"relu": nn.ReLU, "elu": nn.ELU}


class ConvolutionGroup(nn.Module):
    """Convolutions of one width, then batch norm, activation, pooling and dropout."""

    def __init__(
        self, n_in: int, widths: Sequence[int], kernel: int, activation: str, pool: int, drop: float
    ) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv1d(*pair, kernel) for pair in pairwise((n_in, *widths))
        )
        self.margins = ((kernel - 1) // 2, kernel // 2)
        self.norm = nn.BatchNorm1d(widths[-1])
        self.activation = ACTIVATIONS[activation]()
        self.dropout = nn.Dropout(drop)
        self.pool = pool

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        *first, last = self.convolutions
        for convolution in first:
            x = self.activation(convolution(functional.pad(x, self.margins))) * mask
        x = self.activation(self.norm(last(functional.pad(x, self.margins))))
        # Frames beyond the clip win no maximum, and are zero again afterwards.
        x = functional.max_pool1d(x.masked_fill(mask == 0, -1e9), self.pool, ceil_mode=True)
        mask = mask[..., :: self.pool]
        return self.dropout(x * mask), mask


class SequenceModule(nn.Module):
    """From ``(batch, rows, frames)`` and a mask ``(batch, frames)`` to class scores."""

    def __init__(
        self,
        n_classes: int,
        n_rows: int,
        n_frames: int,
        convolutions: Sequence[Sequence[int]],
        kernel: int,
        activation: str,
        pool: int,
        recurrent: Sequence[int],
        dense: Sequence[int],
        dropout: float,
    ) -> None:
        super().__init__()
        self.groups = nn.ModuleList()
        for widths in convolutions:
            group = ConvolutionGroup(n_rows, widths, kernel, activation, pool, dropout)
            self.groups.append(group)
            n_rows, n_frames = widths[-1], -(-n_frames // pool)
        self.recurrent = nn.ModuleList(
            nn.LSTM(*pair, batch_first=True) for pair in pairwise((n_rows, *recurrent))
        )
        n_in = recurrent[-1] if recurrent else n_rows * n_frames
        self.dense = nn.ModuleList(nn.Linear(*pair) for pair in pairwise((n_in, *dense)))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(dense[-1] if dense else n_in, n_classes)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        mask = mask[:, None]
        for group in self.groups:
            x, mask = group(x, mask)
        if self.recurrent:
            h = x.transpose(1, 2)
            for layer in self.recurrent:
                h, _ = layer(self.dropout(h))
            last = mask[:, 0].sum(dim=1).long() - 1
            h = h[torch.arange(len(h)), last]
        else:
            h = x.flatten(1)
        for layer in self.dense:
            h = functional.relu(layer(self.dropout(h)))
        scores: Tensor = self.output(h)
        return scores
