"""Frames for PyTorch: a data set of a job's output, and batches with masks.

PyTorch is needed to import this module: ``pip install "serfast[torch]"``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from serfast import _validate
from serfast.errors import ParameterError
from serfast.tables import load_features

UNKNOWN = -1

__all__ = ["UNKNOWN", "FrameBatch", "FrameDataset", "FrameItem", "pad_frames"]


class FrameItem(NamedTuple):
    """The frames of a row, and what is known of it.

    Attributes
    ----------
    frames : Tensor [shape=(rows, frames)], float32
        The features.
    label : int
        Where the label is in `FrameDataset.classes`; `UNKNOWN`, which is -1, for no label.
    speaker : str
        Empty where it is unknown.
    """

    frames: Tensor
    label: int
    speaker: str


class FrameBatch(NamedTuple):
    """Items of one length, padded with zeros.

    Attributes
    ----------
    frames : Tensor [shape=(items, rows, frames)], float32
        The features.
    mask : Tensor [shape=(items, frames)], bool
        True where a frame is an item's own.
    labels : Tensor [shape=(items,)], int64
        See `FrameItem`.
    speakers : list of str
        See `FrameItem`.
    """

    frames: Tensor
    mask: Tensor
    labels: Tensor
    speakers: list[str]


class FrameDataset(Dataset[FrameItem]):
    """The output of ``serfast extract --frames``, row by row, read when it is asked for.

    Parameters
    ----------
    folder : path
        The output of a job whose extractor was framewise.
    n_frames : int > 0, optional
        What is longer is cropped to so many frames.
    seed : int, optional
        Crops are anywhere in the row, by chance that follows from the seed, the epoch (see
        `set_epoch`) and the row alone, whatever the number of workers; default: they are the first
        frames.

    Attributes
    ----------
    names : list of str
        The rows of an item's frames.
    classes : tuple of str
        The labels, sorted.
    labels : np.ndarray [shape=(n,)], int64
        Of all items: where each label is in `classes`, or `UNKNOWN`.
    speakers : list of str
        Of all items, empty where unknown; parts of a recording without one have its path.
    lengths : np.ndarray [shape=(n,)]
        Frames of all items, before they are cropped.

    Raises
    ------
    ParameterError
        If the folder is not such an output, or an option is out of its range.

    See Also
    --------
    pad_frames

    Examples
    --------
    >>> import serfast, tempfile
    >>> from torch.utils.data import DataLoader
    >>> from serfast.bulk import run_job
    >>> from serfast.datasets import samples_dir
    >>> output = tempfile.mkdtemp()
    >>> fx = serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13)
    >>> _ = run_job(samples_dir(), output, fx)
    >>> data = FrameDataset(output, n_frames=25, seed=0)
    >>> data[0].frames.shape, data.classes[data[0].label], data[0].speaker
    (torch.Size([14, 25]), 'neutral', '01')
    >>> batch = next(iter(DataLoader(data, batch_size=8, collate_fn=pad_frames)))
    >>> batch.frames.shape, batch.mask.shape
    (torch.Size([8, 14, 25]), torch.Size([8, 25]))
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        n_frames: int | None = None,
        seed: int | None = None,
    ) -> None:
        self.n_frames = None if n_frames is None else _validate.positive_int("n_frames", n_frames)
        self.seed = seed
        self.names, frames, labels, speakers = load_features(folder)
        if isinstance(frames, np.ndarray):
            raise ParameterError(
                f"{folder}: holds statistics, not frames: `serfast extract --frames`"
            )
        self._frames = frames
        self.lengths = frames.lengths
        known = [""] * len(frames) if labels is None else labels.tolist()
        self.classes = tuple(sorted(set(known) - {""}))
        numbers = {name: number for number, name in enumerate(self.classes)}
        self.labels = np.array([numbers.get(name, UNKNOWN) for name in known], np.int64)
        self.speakers = [""] * len(frames) if speakers is None else speakers.tolist()
        # Shared, so that workers that live on hear of it.
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()

    def set_epoch(self, epoch: int) -> None:
        """Let other crops be drawn, in workers that run already, too."""
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> FrameItem:
        index = range(len(self))[index]
        frames = self._frames[index]
        if self.n_frames is not None and frames.shape[1] > self.n_frames:
            first = self._first(index, frames.shape[1] - self.n_frames)
            frames = np.ascontiguousarray(frames[:, first : first + self.n_frames])
        return FrameItem(torch.from_numpy(frames), int(self.labels[index]), self.speakers[index])

    def _first(self, index: int, spare: int) -> int:
        if self.seed is None:
            return 0
        rng = np.random.default_rng([self.seed, int(self._epoch), index])
        return int(rng.integers(spare + 1))


def pad_frames(items: Sequence[FrameItem], n_frames: int | None = None) -> FrameBatch:
    """Make a batch of items: the ``collate_fn`` of a ``DataLoader``.

    Parameters
    ----------
    items : sequence of FrameItem
        At least one.
    n_frames : int > 0, optional
        How long the batch is; default: as the longest item. Give it with ``functools.partial``.

    Returns
    -------
    FrameBatch
        Items begin at the first frame; behind them are zeros, which the mask tells apart.

    Raises
    ------
    ParameterError
        If an item has more than `n_frames`.

    Examples
    --------
    >>> items = [FrameItem(torch.ones(1, n), 0, "") for n in (2, 3)]
    >>> pad_frames(items).mask
    tensor([[ True,  True, False],
            [ True,  True,  True]])
    """
    lengths = torch.tensor([item.frames.shape[1] for item in items])
    longest = int(lengths.max())
    if n_frames is not None and longest > n_frames:
        raise ParameterError(
            f"an item has {longest} frames, a batch n_frames={n_frames}: crop in the FrameDataset"
        )
    n_frames = n_frames or longest
    frames = torch.zeros(len(items), items[0].frames.shape[0], n_frames)
    for row, item in zip(frames, items, strict=True):
        row[:, : item.frames.shape[1]] = item.frames
    return FrameBatch(
        frames=frames,
        mask=torch.arange(n_frames) < lengths[:, None],
        labels=torch.tensor([item.label for item in items]),
        speakers=[item.speaker for item in items],
    )
