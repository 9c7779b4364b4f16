"""Samples of an audio file: WAV through the core, everything else through soundfile."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections.abc import Iterator
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _core
from .errors import AudioError, ParameterError

Array: TypeAlias = npt.NDArray[Any]
Source: TypeAlias = str | bytes | os.PathLike[Any] | int | BinaryIO
# For more samples than this no memory is set aside because a header says that there are so many.
MANY_SAMPLES = 1 << 30
BLOCK_FRAMES = 1 << 16


class AudioNotFoundError(AudioError, FileNotFoundError):
    """An AudioError that code written for FileNotFoundError catches too."""


def decode(
    path: Source, *, mono: bool, offset: float, duration: float | None, dtype: np.dtype[Any]
) -> tuple[Array, int]:
    """Samples, (n,) or (channels, n), at the file's own rate, and that rate in Hz.

    Raises AudioError for the file and ParameterError for an `offset` past its end.
    """
    name = name_of(path)
    wav = _read_wav(
        path, float64=dtype == np.float64, mono=mono, offset=float(offset),
        duration=None if duration is None else float(duration),
    )  # fmt: skip
    if wav is not None:
        y, sr, n_frames, _ = wav
        _check_offset(offset, sr, n_frames, name)
        return y, sr

    with opened(_seekable(path), path) as file:
        _check_offset(offset, file.samplerate, file.frames, name)
        if offset:
            file.seek(int(offset * file.samplerate))
        n_frames = file.frames
        if duration is not None:
            n_frames = int(min(duration * file.samplerate, n_frames))
        if n_frames * file.channels <= MANY_SAMPLES:
            y = file.read(n_frames, dtype=dtype.name).T
        else:
            found = [*blocks(file, n_frames, BLOCK_FRAMES, dtype.name)]
            y = np.concatenate(found, axis=-1) if found else file.read(0, dtype=dtype.name).T
        return (mean_of_channels(y) if mono else y), file.samplerate


def extent(path: Source) -> tuple[int, int]:
    """How many frames a file has, by its header, and its rate in Hz."""
    wav = _read_wav(path, float64=False, mono=False, offset=0.0, duration=0.0)
    if wav is not None:
        _, sr, n_frames, _ = wav
        return n_frames, sr
    with opened(path) as file:
        return file.frames, file.samplerate


def _seekable(path: Source) -> Source:
    """The source, or what a shell's pipe holds: FLAC cannot be decoded without going back."""
    if isinstance(path, (str, bytes, os.PathLike)) and os.path.islink(path):
        with contextlib.suppress(OSError):
            if stat.S_ISFIFO(os.stat(path).st_mode):
                with open(path, "rb") as pipe:
                    return io.BytesIO(pipe.read())
    return path


def _read_wav(path: Source, **how: Any) -> tuple[Array, int, int, int] | None:
    """What the core reads of a file; None where it is none of its own."""
    name = name_of(path)
    if not isinstance(path, (str, bytes, os.PathLike)):
        return None
    try:
        return _core.read_wav(path, **how)
    except OSError as error:
        raise _audio_error(name, error) from None


@contextlib.contextmanager
def opened(path: Source, name: Source | None = None) -> Iterator[Any]:
    """The file as a soundfile.SoundFile, whose errors become AudioErrors that say more.

    With a name, they call it so.
    """
    import soundfile

    name = name_of(path if name is None else name)
    source: Any = path
    if isinstance(path, (str, bytes, os.PathLike)):
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            raise _audio_error(name, error) from None
        # Not a shell's pipe, a link in /dev/fd: to open one that has a name waits for its writer.
        if stat.S_ISFIFO(mode) and not os.path.islink(path):
            raise AudioError(f"{name} is not a regular file: it is a named pipe")
        # As bytes, so that names which are no valid Unicode work too; Windows has no such names.
        source = os.fsdecode(path) if os.name == "nt" else os.fsencode(path)
    try:
        file = source if isinstance(source, soundfile.SoundFile) else soundfile.SoundFile(source)
        with file:
            yield file
    except soundfile.LibsndfileError as error:
        reason = error.error_string.strip(" .") or f"libsndfile's error {error.code}"
        raise AudioError(
            f"{name} could not be decoded: {reason}; it must be a file that serfast or "
            "libsndfile reads: WAV, FLAC, OGG, MP3, AIFF, ..."
        ) from error
    except TypeError as error:
        # How soundfile refuses a name like x.raw, which promises samples without a header.
        raise AudioError(f"{name} could not be decoded: {error}") from error


def blocks(file: Any, n_frames: int, size: int, dtype: str = "float32") -> Iterator[Array]:
    """Up to `n_frames` frames of a soundfile.SoundFile, `size` at a time, as far as it goes."""
    # Else it seeks after each read to where it is, which FLAC of unknown length cannot do.
    file.seekable = lambda: False
    while n_frames > 0 and (block := file.read(min(size, n_frames), dtype=dtype).T).size:
        n_frames -= block.shape[-1]
        yield block


def name_of(path: Any) -> str:
    """What messages call the file; refuses what cannot be one."""
    if isinstance(path, (str, bytes, os.PathLike)):
        name = os.fsdecode(path)
        if not name or "\0" in name:
            raise ParameterError(f"path={name!r} must be the name of a file")
        return repr(name)
    if isinstance(path, int):
        return f"file descriptor {path}"
    if hasattr(path, "read"):
        return f"<{type(path).__name__}>"
    raise ParameterError(
        f"path must be a path, an open file or a file descriptor, not {type(path).__name__}"
    )


def mean_of_channels(y: Array) -> Array:
    """Mean over all axes but the last."""
    if y.ndim != 2:
        return y if y.ndim == 1 else np.asarray(np.mean(y, axis=tuple(range(y.ndim - 1))))
    # Row by row: numpy's mean walks memory in order, which is slow where channels interleave.
    total: Array = np.zeros_like(y[0])
    for channel in y:
        total += channel
    total /= len(y)
    return total


def non_finite(y: Array) -> str:
    """What is wrong, as the end of a sentence, if a sample is NaN or infinite; else nothing."""
    finite = np.isfinite(y)
    if finite.all():
        return ""
    where = np.unravel_index(np.argmin(finite), y.shape)
    index = ", ".join(str(int(i)) for i in where)
    return f"holds {y[where]} at [{index}]; every sample must be finite"


def _check_offset(offset: float, sr: int, n_frames: int, name: str) -> None:
    if offset * sr >= n_frames + 1:
        raise ParameterError(
            f"offset={offset} s is past the end of {name}, which lasts {n_frames / sr:.6g} s"
        )


def _audio_error(name: str, error: OSError) -> AudioError:
    if error.errno is None:
        return AudioError(f"{name} {error}")
    kind = AudioNotFoundError if error.errno == errno.ENOENT else AudioError
    return kind(error.errno, f"{name} cannot be read: {error.strerror}")
