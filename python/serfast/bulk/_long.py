"""Files too long for memory: their samples are mapped from a temporary file."""

from __future__ import annotations

import contextlib
import itertools
import math
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast import _core
from serfast._decode import blocks, mean_of_channels, non_finite, opened
from serfast.bulk._content import Content
from serfast.bulk._parts import frames_of, refuse_missing, wav_header
from serfast.datasets import Clip
from serfast.errors import AudioError

Samples = npt.NDArray[np.float32]
BLOCK_SAMPLES = 1 << 20


@contextlib.contextmanager
def mapped_samples(
    content: Content, clip: Clip, sr: float, folder: Path
) -> Iterator[tuple[Samples, int]]:
    """Give the mono samples of a clip at the rate `sr`, and how many frames it has at its own.

    They are those of decoding and resampling it at once, bit for bit. The temporary file has no
    name, so that nothing is left of it, whatever happens to the process.
    """
    with (
        tempfile.TemporaryFile(dir=folder) as file,
        contextlib.closing(_mono(content, clip)) as mono,
    ):
        rate, part = next(mono)
        n_frames = 0

        def counted() -> Iterator[Samples]:
            nonlocal n_frames
            for block in mono:
                if problem := non_finite(block):
                    raise AudioError(f"{content.name!r} {problem}")
                n_frames += block.size
                yield block

        for block in counted() if rate == sr else _resampled(counted(), rate, sr):
            file.write(np.ascontiguousarray(block).data)
        wanted = math.ceil(n_frames * (sr / rate))
        if not wanted:
            raise AudioError(f"{content.name!r} holds no samples")
        refuse_missing(clip, part, n_frames, rate)
        # What a resampler gives less than that is zeros: written, since a hole may find the disk
        # full when it is read.
        file.write(bytes(max(0, 4 * wanted - file.tell())))
        file.truncate(4 * wanted)
        file.flush()
        yield np.asarray(np.memmap(file, np.float32, "r", shape=(wanted,))), n_frames


def _mono(content: Content, clip: Clip) -> Generator[Any]:
    """Yield sampling rate and frames, then mono blocks, as `decode` gives them in one piece."""
    wav = wav_header(clip, content)
    if wav is not None:
        path, rate = content.name, wav[1]
        yield rate, range(wav[2])
        seconds = max(1, BLOCK_SAMPLES // rate)  # whole ones, so that no sample is cut in two
        for offset in itertools.count(0, seconds):
            wav = _core.read_wav(path, float64=False, mono=True, offset=offset, duration=seconds)
            if wav is None or not wav[0].size:
                return
            yield wav[0]
    with opened(content.open(), content.name) as audio:
        part = frames_of(clip, audio.samplerate, audio.frames)
        if part.start:
            audio.seek(part.start)
        yield audio.samplerate, part
        size = max(1, BLOCK_SAMPLES // audio.channels)
        yield from map(mean_of_channels, blocks(audio, part.stop - part.start, size))


def _resampled(blocks: Iterator[Samples], rate: float, sr: float) -> Iterator[Samples]:
    import soxr

    stream = soxr.ResampleStream(rate, sr, 1, dtype="float32", quality="soxr_hq")
    step = max(1, int(BLOCK_SAMPLES * rate / sr))
    for block in blocks:
        for begin in range(0, block.size, step):
            yield stream.resample_chunk(block[begin : begin + step])
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)
