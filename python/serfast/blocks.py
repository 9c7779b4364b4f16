"""Audio files a block of frames at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _validate as validate
from ._decode import Array, Source, mean_of_channels, opened
from .errors import ParameterError

__all__ = ["stream"]


def stream(
    path: Source,
    *,
    block_length: int,
    frame_length: int,
    hop_length: int,
    mono: bool = True,
    offset: float = 0.0,
    duration: float | None = None,
    fill_value: float | None = None,
    dtype: npt.DTypeLike = np.float32,
) -> Iterator[Array]:
    """Read an audio file in blocks of frames, at its own rate.

    Features of the blocks, computed with ``center=False`` and the same frames, are those of the
    whole file, one block after the other.

    Parameters
    ----------
    path : str, bytes, path-like, int, file-like or soundfile.SoundFile
        The file.
    block_length : int > 0
        Frames of a block.
    frame_length : int > 0
        Samples of a frame.
    hop_length : int > 0
        Samples from each frame to the next.
    mono : bool
        Whether to return the mean of the channels.
    offset : float >= 0
        Where to start, in seconds.
    duration : float >= 0 or None
        How much to read at most, in seconds; None or 0 reads to the end.
    fill_value : number or None
        What the last block is filled up with. None: it is as short as it is.
    dtype : float32 or float64
        Type of the samples.

    Returns
    -------
    blocks : iterator of np.ndarray [shape=(n,) or (channels, n)]
        The blocks; n is ``frame_length + (block_length - 1) * hop_length``, or less in the last
        one. Each begins ``block_length * hop_length`` samples after the one before.

    Raises
    ------
    AudioError
        If the file is missing, damaged, or of an unknown format.
    ParameterError
        If an argument is out of its range.

    See Also
    --------
    load, blocks_to_time, Extractor

    Notes
    -----
    Values and defaults are those of ``librosa.stream`` 0.11.

    Examples
    --------
    >>> import io, serfast, soundfile
    >>> clip = io.BytesIO()
    >>> soundfile.write(clip, np.zeros(10000), 16000, format="WAV")
    >>> _ = clip.seek(0)
    >>> blocks = serfast.stream(clip, block_length=16, frame_length=400, hop_length=160)
    >>> [len(y) for y in blocks]
    [2800, 2800, 2800, 2320]
    """
    block = validate.positive_int("block_length", block_length)
    frame = validate.positive_int("frame_length", frame_length)
    hop = validate.positive_int("hop_length", hop_length)
    start = validate.number("offset", offset, 0)
    seconds = 0.0 if duration is None else validate.number("duration", duration, 0)
    if hop > frame:
        raise ParameterError(f"hop_length={hop} must be at most frame_length={frame}")
    return _blocks(
        path, start, seconds, mono, blocksize=frame + (block - 1) * hop, overlap=frame - hop,
        dtype=validate.float_dtype(dtype).name, fill_value=fill_value,
    )  # fmt: skip


def _blocks(
    path: Source, offset: float, duration: float, mono: bool, **options: Any
) -> Iterator[Array]:
    from soundfile import SoundFile

    # What the caller has opened stays open.
    with nullcontext(path) if isinstance(path, SoundFile) else opened(path) as file:
        first = int(offset * file.samplerate)
        if first > file.frames:
            raise ParameterError(f"offset={offset} s is past the end of the file")
        file.seek(first)
        frames = int(duration * file.samplerate) if duration else -1
        for block in file.blocks(frames=frames, **options):
            yield mean_of_channels(block.T) if mono else block.T
