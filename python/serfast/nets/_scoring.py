"""Scores of single clips with PyTorch, and how many threads it has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from serfast.nets._batches import Array


@contextmanager
def torch_threads(n: int) -> Iterator[None]:
    """So many threads of PyTorch, and as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def scores_of(module: torch.nn.Module, x: Array) -> Array:
    """The class scores of one clip ``(inputs, ..., frames)``, which is too small to share."""
    with torch.inference_mode(), torch_threads(1):
        scores = module(torch.from_numpy(x[None]), torch.ones(1, x.shape[-1]))
    return np.asarray(scores[0].numpy())
