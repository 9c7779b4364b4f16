"""Opening the clips of a corpus: duration, format, hash, and which of them cannot be used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.datasets._clips import Clip, Corpus
from serfast.errors import ParameterError

SILENCE_DB = -80.0  # under the last bit of 16, which dither moves
NO_SOUND = f"no sample above {SILENCE_DB:g} dBFS"
HASH_BYTES = 16


def is_silent(y: npt.NDArray[np.floating[Any]]) -> bool:
    """Return whether no sample of a signal is above -80 dBFS."""
    return bool(max(y.max(initial=0), -y.min(initial=0)) <= 10 ** (SILENCE_DB / 20))


def inspect_clips(
    corpus: Corpus,
    *,
    min_duration: float = 0.1,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Corpus:
    """Open every clip, note its duration and format, and leave out what cannot be used.

    Left out are files that cannot be decoded or hold NaN, silent ones (no sample above
    -80 dBFS), those that are too short, and of several files with the same samples all but the
    first.

    Parameters
    ----------
    corpus : Corpus
        The clips, from `find_clips`.
    min_duration : float >= 0
        In seconds.
    threads : int > 0, optional
        Worker threads; default: the environment variable SERFAST_NUM_THREADS, else all CPUs.
    progress : callable, optional
        Called as ``progress(done, total)`` now and then.

    Returns
    -------
    Corpus
        The other clips with `duration`, `rate`, `channels` and `hash`; `left_out` has the
        reasons.

    Raises
    ------
    ParameterError
        If `min_duration` or `threads` is out of its range, or a clip is a part of a file, in a
        tar file, or remote.

    Notes
    -----
    What is hashed is the decoded samples, mixed to mono as the features see them, rather than the
    file: a recording keeps its hash as WAV or FLAC, with other tags, on one channel or on two
    equal ones. It changes where the samples do: resampled, or in a lossy format. The same samples
    at another rate are another recording.

    Examples
    --------
    >>> from serfast.datasets import find_clips, samples_dir
    >>> clip = inspect_clips(find_clips(samples_dir())).clips[0]
    >>> clip.duration, clip.rate, clip.channels, len(clip.hash)
    (0.921125, 16000, 1, 32)
    """
    from serfast import _engine, _jobs, _validate

    _refuse_others(corpus)
    shortest = _validate.number("min_duration", min_duration, low=0)
    facts: list[dict[str, Any]] = [{} for _ in corpus.clips]
    failures = _jobs.in_threads(
        lambda clip: _outcome(clip.path, shortest),
        corpus.clips,
        range(len(corpus.clips)),
        facts,
        _engine.thread_count(threads),
        progress,
        per_job=8,
    )
    left_out = [(corpus.clips[i].path, f"{kind}: {reason}") for i, kind, reason in failures]
    kept: dict[tuple[str, int], Clip] = {}
    for clip, found in zip(corpus.clips, facts, strict=True):
        if not found:
            continue
        opened = replace(clip, **found)
        first = kept.setdefault((found["hash"], found["rate"]), opened)
        if first is not opened:
            left_out.append((clip.path, _duplicate(first, clip)))
    return replace(
        corpus, clips=tuple(kept.values()), left_out=(*corpus.left_out, *sorted(left_out))
    )


def _refuse_others(corpus: Corpus) -> None:
    for clip in corpus.clips:
        if clip.is_part or clip.place is not None:
            raise ParameterError(
                f"{clip.name}: only whole local files can be inspected or heard; parts, members of "
                "tar files and URLs are for `serfast extract`"
            )


def _outcome(path: str, min_duration: float) -> tuple[Any, tuple[str, str] | None]:
    """Return the facts of a file, or the kind and the words of the reason to leave it out."""
    from serfast._decode import decode, mean_of_channels, non_finite

    try:
        y, rate = decode(path, mono=False, offset=0.0, duration=None, dtype=np.dtype(np.float32))
    except Exception as error:  # whatever a damaged file does to its reader
        return None, ("unreadable", str(error) or type(error).__name__)
    mono = mean_of_channels(y)
    duration = mono.size / rate
    if duration < min_duration or not mono.size:
        return None, ("too short", f"{duration:.3g} s, of {min_duration:g} s at least")
    if problem := non_finite(mono):
        return None, ("unreadable", problem)
    if is_silent(mono):
        return None, ("silent", NO_SOUND)
    samples = np.ascontiguousarray(mono, dtype="<f4")
    return {
        "duration": duration,
        "rate": rate,
        "channels": 1 if y.ndim == 1 else len(y),
        "hash": hashlib.blake2b(samples.data, digest_size=HASH_BYTES).hexdigest(),
    }, None


def _duplicate(first: Clip, clip: Clip) -> str:
    same = f"the same samples as {first.path}"
    if (first.label, first.speaker) == (clip.label, clip.speaker):
        return f"duplicate: {same}"
    return f"duplicate with other facts: {same}, which is {_said(first)} and not {_said(clip)}"


def _said(clip: Clip) -> str:
    return f"{clip.label or 'without label'} of speaker {clip.speaker or 'unknown'}"
