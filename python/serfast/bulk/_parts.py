"""Parts of files: which frames they are."""

from __future__ import annotations

from typing import Any

from serfast import _core
from serfast.bulk._content import Content, LocalFile
from serfast.datasets import Clip
from serfast.errors import AudioError

# Tables round times: an end that is so many seconds behind the file's is that of the file.
ROUNDING = 0.01


def frames_of(clip: Clip, rate: int, n_frames: int) -> range:
    """Return the frames of a clip in its file, which declares so many.

    Raises
    ------
    AudioError
        If they are not in the file.
    """
    if not clip.is_part:
        return range(n_frames)
    start, end = clip.start or 0.0, clip.end
    wanted = f"the part from {start:g} s to {'the end' if end is None else f'{end:g} s'}"
    if start < 0 or (end is not None and end <= start):
        raise AudioError(f"{wanted} must end after it starts, and not start before 0 s")
    first, last = round(start * rate), n_frames if end is None else round(end * rate)
    if first >= n_frames or last > n_frames + ROUNDING * rate:
        raise AudioError(f"{wanted} is not in the file, which lasts {n_frames / rate:.6g} s")
    last = min(last, n_frames)
    if first >= last:
        raise AudioError(f"{wanted} is shorter than a sample")
    return range(first, last)


def refuse_missing(clip: Clip, part: range, n_read: int, rate: int) -> None:
    """Raise AudioError if a part has an end that the file does not reach, whatever it declares."""
    if clip.end is not None and n_read < part.stop - part.start:
        raise AudioError(
            f"ends at {(part.start + n_read) / rate:.6g} s, before the part does: {clip.end:g} s"
        )


def wav_header(clip: Clip, content: Content) -> Any:
    """Return what the core reads of a WAV file; None of parts, and of what is none."""
    if clip.is_part or not isinstance(content, LocalFile) or not content.may_be_wav:
        return None
    return _core.read_wav(content.name, float64=False, mono=True, offset=0.0, duration=0.0)
