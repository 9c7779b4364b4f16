"""Recordings that are read when they are needed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from serfast import _validate as validate
from serfast.errors import ParameterError

Samples = npt.NDArray[np.float32]
Rows = slice | Sequence[int] | npt.NDArray[Any]


class Recordings(Sequence[Samples]):
    """A sequence of mono recordings at one sampling rate, each read when it is asked for.

    Parameters
    ----------
    sources : iterable of path or np.ndarray [shape=(n,)]
        Files, which are mixed down and resampled, or signals, which are taken as they are.
    sr : number > 0
        Sampling rate in Hz.

    Attributes
    ----------
    sr : number
        Sampling rate in Hz.

    Raises
    ------
    ParameterError
        If `sr` is no positive number, or a signal is not one-dimensional, finite and of floats.
    AudioError
        When an item is asked for and its file cannot be read.

    Examples
    --------
    >>> from serfast.datasets import find_clips, samples_dir
    >>> clips = find_clips(samples_dir()).clips
    >>> recordings = Recordings([clip.path for clip in clips], sr=16000)
    >>> len(recordings), recordings[0].dtype, len(recordings[:5])
    (48, dtype('float32'), 5)
    """

    def __init__(self, sources: Iterable[str | os.PathLike[str] | Samples], sr: float) -> None:
        self.sr = validate.positive("sr", sr)
        self._sources = [_checked(source) for source in sources]

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, which: int) -> Samples: ...
    @overload
    def __getitem__(self, which: Rows) -> Recordings: ...
    def __getitem__(self, which: int | Rows) -> Samples | Recordings:
        if isinstance(which, (int, np.integer)):
            return self._read(self._sources[which])
        rows = np.arange(len(self))[which]
        return Recordings([self._sources[row] for row in rows], self.sr)

    def __add__(self, others: Recordings) -> Recordings:
        """Return these recordings and the others, which must have the same sampling rate."""
        if others.sr != self.sr:
            raise ParameterError(f"recordings at {self.sr} Hz and at {others.sr} Hz")
        return Recordings([*self._sources, *others._sources], self.sr)

    def _read(self, source: str | Samples) -> Samples:
        if isinstance(source, np.ndarray):
            return source
        from serfast.audio import load

        return load(source, sr=self.sr)[0]


def _checked(source: Any) -> str | Samples:
    if isinstance(source, np.ndarray):
        signal = validate.mono(source)
        if not np.isfinite(signal).all():
            raise ParameterError("a recording is not finite everywhere")
        return signal
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    raise ParameterError(
        f"a recording must be a path or a one-dimensional array, not {type(source).__name__}"
    )
