"""A tree of audio files at one rate, on one channel, in one format."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast._outputs import check_folder
from serfast.datasets._find import audio_files
from serfast.errors import AudioError, ParameterError

FORMATS = ("wav", "flac")
FULL_SCALE = 1 << 15


@dataclass(frozen=True)
class Conversion:
    """What `convert_tree` did.

    Parameters
    ----------
    written : tuple of str
        The new files.
    failures : tuple of (str, str)
        Path and reason of each file that could not be converted, and of each folder that could
        not be looked into.
    """

    written: tuple[str, ...]
    failures: tuple[tuple[str, str], ...]


def convert_tree(
    source: str | os.PathLike[str],
    dest: str | os.PathLike[str],
    *,
    sr: int = 16000,
    format: str = "wav",
    overwrite: bool = False,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Conversion:
    """Convert every audio file below a folder to mono at one rate, with 16 bits a sample.

    Samples are rounded to the nearest, those beyond full scale are clipped; a file that is mono
    at this rate with 16 bits keeps every sample. A file appears under its name when it is whole.

    Parameters
    ----------
    source : path
        The folder.
    dest : path
        The folder of the new files, made if need be; their paths below it are those below
        `source`. It must not lie in `source`.
    sr : int > 0
        The rate of the new files in Hz.
    format : {"wav", "flac"}
        Their format.
    overwrite : bool
        Whether to replace files that exist.
    threads, progress
        As in `inspect_clips`.

    Returns
    -------
    Conversion
        The new files, and what failed; a file that fails costs only itself.

    Raises
    ------
    ParameterError
        If a folder or an option does not fit, or, unless `overwrite` is set, a new file exists.
    OSError
        If `dest` cannot be written to.

    Examples
    --------
    >>> import serfast, tempfile
    >>> from serfast.datasets import samples_dir
    >>> done = convert_tree(samples_dir(), tempfile.mkdtemp(), sr=8000, format="flac")
    >>> len(done.written), serfast.get_samplerate(done.written[0])
    (48, 8000)
    """
    from serfast import _engine, _jobs, _validate

    rate = _validate.positive_int("sr", sr)
    suffix = "." + str(_validate.choice("format", format, FORMATS))
    n_threads = _engine.thread_count(threads)
    folder, target = Path(source), check_folder(dest, "a tree")
    paths, left_out = audio_files(folder)
    if target.resolve().is_relative_to(folder.resolve()):
        raise ParameterError(f"{target}: lies in {folder}; name a folder outside of it")
    new = [(target / path.relative_to(folder)).with_suffix(suffix) for path in paths]
    failures = _clashes(paths, new)
    which = [i for i in range(len(paths)) if i not in failures]
    if not overwrite:
        _refuse_existing([new[i] for i in which])
    for parent in {new[i].parent for i in which}:
        parent.mkdir(parents=True, exist_ok=True)
    jobs = [(old, path, rate) for old, path in zip(paths, new, strict=True)]
    done: list[bool] = [False] * len(jobs)
    found = _jobs.in_threads(_outcome, jobs, which, done, n_threads, progress, per_job=1)
    failures |= {i: reason for i, _, reason in found}
    return Conversion(
        written=tuple(str(path) for path, whole in zip(new, done, strict=True) if whole),
        failures=(*left_out, *((str(paths[i]), failures[i]) for i in sorted(failures))),
    )


def _clashes(paths: Sequence[Path], new: Sequence[Path]) -> dict[int, str]:
    """Return why some files cannot be written: an earlier one gets their name."""
    owner: dict[Path, Path] = {}
    reasons = {}
    for i, (old, path) in enumerate(zip(paths, new, strict=True)):
        if owner.setdefault(path, old) != old:
            reasons[i] = f"{owner[path]} becomes {path}, too"
    return reasons


def _refuse_existing(new: Sequence[Path]) -> None:
    there = [path for path in new if path.exists()]
    if there:
        others = f" and {len(there) - 1} others" if len(there) > 1 else ""
        raise ParameterError(
            f"{there[0]}{others}: exists already; overwrite must be asked for (--overwrite)"
        )


def _outcome(job: tuple[Path, Path, int]) -> tuple[bool, tuple[str, str] | None]:
    from serfast import audio

    old, new, rate = job
    try:
        y, _ = audio.load(old, sr=rate, mono=True)
        if not y.size:
            raise AudioError(f"{str(old)!r} holds no samples")
        _write(_as_int16(y), new, rate)
    except Exception as error:  # whatever a damaged file does to its reader
        return False, ("convert", str(error) or type(error).__name__)
    return True, None


def _as_int16(y: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
    # soundfile's own conversion scales by 32767, which changes samples that have 16 bits.
    scaled = np.rint(y * FULL_SCALE).clip(-FULL_SCALE, FULL_SCALE - 1)
    return np.asarray(scaled, dtype=np.int16)


def _write(samples: npt.NDArray[np.int16], path: Path, rate: int) -> None:
    import soundfile

    # Hidden, so that no loader takes it for a clip, and short, as names have an end.
    digest = hashlib.blake2b(os.fsencode(path.name), digest_size=8).hexdigest()
    partial = path.with_name(f".{digest}.part")
    try:
        soundfile.write(partial, samples, rate, format=path.suffix[1:].upper(), subtype="PCM_16")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
