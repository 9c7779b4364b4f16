"""Frames read back: any row of a job's output, in the order of the clips."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from serfast.bulk._job import Job
from serfast.bulk._layout import Values, layout_of
from serfast.bulk._plan import shard_files
from serfast.bulk._shard_file import ShardReader
from serfast.errors import ParameterError

# Open at once in a thread, each with the group of rows that was read last.
OPEN_SHARDS = 8


class Frames(Sequence[Values]):
    """The frames of each row of a job's output, read when they are asked for.

    Processes that are forked from this one, and others that are sent it, open the files anew.

    Parameters
    ----------
    folder : path
        The output of a job whose extractor was framewise.

    Attributes
    ----------
    names : list of str
        The rows of each matrix.
    clips : list of Clip
        What each is of, in the order of paths and times.
    lengths : np.ndarray [shape=(n,)]
        How many frames each has.

    Raises
    ------
    ParameterError
        If the folder is not the output of such a job.

    Examples
    --------
    >>> import serfast, tempfile
    >>> from serfast.bulk import run_job
    >>> from serfast.datasets import samples_dir
    >>> output = tempfile.mkdtemp()
    >>> fx = serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13)
    >>> _ = run_job(samples_dir(), output, fx)
    >>> frames = Frames(output)
    >>> len(frames), frames[3].shape, int(frames.lengths[3])
    (48, (14, 24), 24)
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        job = Job.load(folder)
        if not job.is_framewise:
            raise ParameterError(
                f"{folder}: holds statistics, not frames: see serfast.load_features"
            )
        self._layout = layout_of(job)
        self._files = shard_files(Path(folder))
        self.names = list(job.extractor().names)
        rows = []
        for number, file in enumerate(self._files):
            shard = ShardReader(file, self._layout)
            counts = shard.frame_counts
            rows += [(clip, number, row, counts[row]) for row, clip in enumerate(shard.clips)]
            shard.close()
        rows.sort(key=lambda row: row[0].key)
        self.clips = [clip for clip, *_ in rows]
        self._places = np.array([place for _, *place, _ in rows], np.int64).reshape(-1, 2)
        self.lengths = np.array([count for *_, count in rows], np.int64)
        self._own = _Own()

    def __len__(self) -> int:
        return len(self.clips)

    @overload
    def __getitem__(self, at: int) -> Values: ...

    @overload
    def __getitem__(self, at: slice) -> list[Values]: ...

    def __getitem__(self, at: int | slice) -> Values | list[Values]:
        """Return the frames of a row, ``(rows, frames)``, or of several."""
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        shard, row = self._places[range(len(self))[at]].tolist()
        return self._shard(shard)[row]

    def __iter__(self) -> Iterator[Values]:
        return (self[row] for row in range(len(self)))

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_own": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _own=_Own())

    def _shard(self, number: int) -> ShardReader:
        own = self._own
        if own.process != os.getpid():  # forked: positions in open files are shared
            own = self._own = _Own()
        if number not in own.shards:
            own.shards[number] = ShardReader(self._files[number], self._layout)
            if len(own.shards) > OPEN_SHARDS:
                own.shards.popitem(last=False)[1].close()
        own.shards.move_to_end(number)
        return own.shards[number]


class _Own(threading.local):
    """A thread's own open shards, the one used last at the end."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.shards: OrderedDict[int, ShardReader] = OrderedDict()
