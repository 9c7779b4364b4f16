"""The residual log-mel network, in PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from serfast.errors import ParameterError
from serfast.nets._runtime import SMALLEST_VARIANCE, Array


class SqueezeExcitation(nn.Module):
    """Channels weighted by what the whole clip holds (Hu et al. 2018)."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, -(-channels // reduction))
        self.excite = nn.Linear(-(-channels // reduction), channels)

    def forward(self, x: Tensor) -> Tensor:
        weights = torch.sigmoid(self.excite(functional.relu(self.squeeze(x.mean(dim=(2, 3))))))
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

    def forward(self, x: Tensor) -> Tensor:
        h = functional.relu(self.first_norm(self.first(x)), inplace=True)
        h = self.excitation(self.second_norm(self.second(h)))
        return functional.relu(h + self.shortcut_norm(self.shortcut(x)), inplace=True)


class AttentiveStatistics(nn.Module):
    """Mean and deviation over time, weighted by an attention (Okabe et al. 2018)."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.hidden = nn.Conv1d(channels, hidden, 1)
        self.score = nn.Conv1d(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        weights = torch.softmax(self.score(torch.tanh(self.hidden(x))).float(), dim=2)
        x = x.float()
        mean = (weights * x).sum(dim=2)
        variance = (weights * x.square()).sum(dim=2) - mean.square()
        return torch.cat([mean, variance.clamp(min=SMALLEST_VARIANCE).sqrt()], dim=1)


class ResidualModule(nn.Module):
    """From ``(batch, 1, bands, frames)`` to class scores."""

    def __init__(
        self,
        n_classes: int,
        n_bands: int,
        channels: tuple[int, ...],
        embedding: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, channels[0], 5, stride=2, padding=2, bias=False)
        self.stem_norm = nn.BatchNorm2d(channels[0])
        self.blocks = nn.ModuleList(ResidualBlock(*pair) for pair in pairwise(channels))
        n_left = n_bands
        for _ in channels:
            n_left = (n_left + 1) // 2
        self.join = nn.Conv1d(channels[-1] * n_left, embedding, 1, bias=False)
        self.join_norm = nn.BatchNorm1d(embedding)
        self.pooling = AttentiveStatistics(embedding, max(1, embedding // 2))
        self.pooled_norm = nn.BatchNorm1d(2 * embedding)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(2 * embedding, n_classes)

    def start_from(self, tensors: Mapping[str, Array], *, with_output: bool) -> None:
        """Take over the weights and statistics of a trained module.

        Raises
        ------
        ParameterError
            If it has other layers.
        """
        state = self.state_dict()
        own = {name for name, tensor in state.items() if tensor.is_floating_point()}
        taken = {n: t for n, t in tensors.items() if with_output or not n.startswith("output.")}
        if not with_output:
            own = {name for name in own if not name.startswith("output.")}
        if own != taken.keys() or any(state[n].shape != t.shape for n, t in taken.items()):
            raise ParameterError(
                "start has other layers than the network that starts from it: give it the same "
                "channels, embedding and bands"
            )
        self.load_state_dict(state | {name: torch.tensor(t) for name, t in taken.items()})

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        # The zeros around a clip are heard, for they tell how long it is: `mask` is not asked.
        h = functional.relu(self.stem_norm(self.stem(x)), inplace=True)
        for block in self.blocks:
            h = block(h)
        h = functional.relu(self.join_norm(self.join(h.flatten(1, 2))))
        return self.output(self.dropout(self.pooled_norm(self.pooling(h))))
