"""The residual log-mel network, in PyTorch."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from serfast.nets._runtime import LENGTH, SMALLEST_VARIANCE


def log_length(n_frames: Tensor) -> Tensor:
    """How long a clip is, of the size of the other values: -1 to 1 from 1 to 4 seconds."""
    return torch.log2(n_frames / LENGTH)


def masked_relu(x: Tensor, mask: Tensor) -> Tensor:
    """What is positive in `x`, in place, where the mask is 1."""
    # The gradient need not know of the mask: behind it the result is 0, where relu has no slope.
    with torch.no_grad():
        x.mul_(mask)
    return x.relu_()


class SqueezeExcitation(nn.Module):
    """Channels weighted by what the whole clip holds (Hu et al. 2018)."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, -(-channels // reduction))
        self.excite = nn.Linear(-(-channels // reduction), channels)

    def forward(self, x: Tensor, share: Tensor) -> Tensor:
        # `share` adds up to 1 over the clip's own frames, so padding does not count.
        mean = (x.mean(dim=2) * share).sum(dim=2)
        weights = torch.sigmoid(self.excite(functional.relu(self.squeeze(mean))))
        return x * weights[:, :, None, None]


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, the first of stride 2, with a shortcut around them."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(n_in, n_out, 3, stride=2, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(n_out)
        self.second = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(n_out)
        self.excitation = SqueezeExcitation(n_out)
        self.shortcut = nn.Conv2d(n_in, n_out, 1, stride=2, bias=False)
        self.shortcut_norm = nn.BatchNorm2d(n_out)

    def forward(self, x: Tensor, mask: Tensor, share: Tensor) -> Tensor:
        h = masked_relu(self.first_norm(self.first(x)), mask)
        h = self.excitation(self.second_norm(self.second(h)), share)
        return masked_relu(h + self.shortcut_norm(self.shortcut(x)), mask)


class AttentiveStatistics(nn.Module):
    """Mean and deviation over time, weighted by an attention (Okabe et al. 2018)."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.hidden = nn.Conv1d(channels, hidden, 1)
        self.score = nn.Conv1d(hidden, channels, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        score = self.score(torch.tanh(self.hidden(x))).float()
        weights = torch.softmax(score.masked_fill(mask == 0, -torch.inf), dim=2)
        x = x.float()
        mean = (weights * x).sum(dim=2)
        variance = (weights * x.square()).sum(dim=2) - mean.square()
        return torch.cat([mean, variance.clamp(min=SMALLEST_VARIANCE).sqrt()], dim=1)


class ResidualModule(nn.Module):
    """From ``(batch, inputs, bands, frames)`` and a mask ``(batch, frames)`` to class scores."""

    def __init__(
        self,
        n_classes: int,
        n_bands: int,
        n_inputs: int,
        channels: tuple[int, ...],
        embedding: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.stem = nn.Conv2d(n_inputs, channels[0], 5, stride=2, padding=2, bias=False)
        self.stem_norm = nn.BatchNorm2d(channels[0])
        self.blocks = nn.ModuleList(ResidualBlock(*pair) for pair in pairwise(channels))
        n_left = n_bands
        for _ in channels:
            n_left = (n_left + 1) // 2
        self.join = nn.Conv1d(channels[-1] * n_left, embedding, 1, bias=False)
        self.join_norm = nn.BatchNorm1d(embedding)
        self.length = nn.Linear(1, embedding)
        self.pooling = AttentiveStatistics(embedding, embedding // 2)
        self.pooled_norm = nn.BatchNorm1d(2 * embedding)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(2 * embedding, n_classes)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        length = log_length(mask.sum(dim=1, keepdim=True))
        # Whatever lies beyond the clip is zero before each convolution, as beyond the border.
        h = self.stem_norm(self.stem(x))
        mask = mask[:, None, None, ::2].to(h.dtype)
        h = masked_relu(h, mask)
        for block in self.blocks:
            mask = mask[..., ::2]
            share = mask[:, :, 0] / mask[:, :, 0].sum(dim=2, keepdim=True, dtype=torch.float32)
            h = block(h, mask, share)
        h = self.join_norm(self.join(h.flatten(1, 2))) + self.length(length)[:, :, None]
        h = functional.relu(h)
        return self.output(self.dropout(self.pooled_norm(self.pooling(h, mask[:, :, 0]))))
