"""Batches of padded clips with their masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float32]
Rows: TypeAlias = npt.NDArray[np.intp]
Batch: TypeAlias = tuple[Array, Array, Array]


def among_zeros(clip: Array, n_frames: int, rng: np.random.Generator | None = None) -> Array:
    """So many frames, the clip in the middle or anywhere at random; of a longer one, a part."""
    spare = n_frames - clip.shape[-1]
    offset = abs(spare) // 2 if rng is None else int(rng.integers(abs(spare) + 1))
    if spare < 0:
        return clip[..., offset : offset + n_frames]
    widths = [(0, 0)] * (clip.ndim - 1) + [(offset, spare - offset)]
    return np.pad(clip, widths)


def windows(clip: Array, n_frames: int) -> list[Array]:
    """The clip in the middle of so many frames, or as many evenly spaced parts as cover it."""
    spare = clip.shape[-1] - n_frames
    if spare <= 0:
        return [among_zeros(clip, n_frames)]
    starts = np.linspace(0, spare, -(-clip.shape[-1] // n_frames)).round().astype(int)
    return [clip[..., start : start + n_frames] for start in starts]


def aligned(clips: Sequence[Array]) -> tuple[Array, Array]:
    """Clips that begin together, in as few frames as the longest has, and where they lie."""
    n_frames = max(clip.shape[-1] for clip in clips)
    x = np.zeros((len(clips), *clips[0].shape[:-1], n_frames), np.float32)
    mask = np.zeros((len(clips), n_frames), np.float32)
    for row, clip in enumerate(clips):
        x[row, ..., : clip.shape[-1]] = clip
        mask[row, : clip.shape[-1]] = 1
    return x, mask


@dataclass
class TrainingBatches:
    """Batches of an epoch after the other, each drawn and changed at random.

    What becomes of a clip depends on the seed, the epoch and the clip alone.
    """

    load: Callable[[int, np.random.Generator], Array]
    targets: Array
    n_frames: int
    batch_size: int
    mixup: float
    seed: int
    epoch: int = 0

    def __len__(self) -> int:
        # No batch is one clip, of which there is no deviation to normalise by.
        return min(-(-len(self.targets) // self.batch_size), len(self.targets) // 2)

    def __iter__(self) -> Iterator[Batch]:
        rng = np.random.default_rng([self.seed, self.epoch])
        # By chance: batches of similar lengths would pad less, but cost up to 7 points of UAR.
        for rows in np.array_split(rng.permutation(len(self.targets)), len(self)):
            x, mask = aligned([self._clip(row) for row in rows])
            yield mixed(x, mask, self.targets[rows], self.mixup, rng)
        self.epoch += 1

    def _clip(self, row: int) -> Array:
        rng = np.random.default_rng([self.seed, self.epoch, int(row)])
        clip = self.load(int(row), rng)
        start = int(rng.integers(max(0, clip.shape[-1] - self.n_frames) + 1))
        return clip[..., start : start + self.n_frames]


@dataclass(frozen=True)
class PlainBatches:
    """Clips as they are, from their first frame on."""

    load: Callable[[int], Array]
    targets: Array
    batch_size: int

    def __iter__(self) -> Iterator[Batch]:
        n_batches = -(-len(self.targets) // self.batch_size)
        for rows in np.array_split(np.arange(len(self.targets)), n_batches):
            clips = [self.load(int(row)) for row in rows]
            yield *aligned(clips), self.targets[rows]


def mixed(x: Array, mask: Array, targets: Array, beta: float, rng: np.random.Generator) -> Batch:
    """Mix each clip with another one of the batch, by shares of their own (Zhang et al. 2018)."""
    if not beta:
        return x, mask, targets
    other = rng.permutation(len(x))
    share = rng.beta(beta, beta, len(x)).astype(np.float32)

    def mix(values: Array) -> Array:
        own = share.reshape(-1, *[1] * (values.ndim - 1))
        mixed_values: Array = values * own + values[other] * (1 - own)
        return mixed_values

    return mix(x), np.maximum(mask, mask[other]), mix(targets)
