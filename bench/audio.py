"""The audio that is measured: recorded speech where test data is present, else the samples."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr

CLIP_SR = 16000
MAX_CLIPS = 64


@cache
def recordings() -> tuple[list[Path], str]:
    """The files, and what the report calls them."""
    root = os.environ.get("SERFAST_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data"
    files = sorted(Path(root).glob("ravdess/*/*.flac"))
    name = "RAVDESS speech"
    if not files:
        from serfast.datasets import samples_dir

        files = sorted(samples_dir().rglob("*.wav"))
        name = "the package's samples of synthetic speech"
    return files[:: max(len(files) // MAX_CLIPS, 1)][:MAX_CLIPS], name


@cache
def clips() -> list[np.ndarray]:
    """Whole recordings at 16 kHz."""
    return [soundfile.read(path, dtype="float32")[0] for path in recordings()[0]]


@cache
def speech(seconds: float, sr: int = 22050) -> np.ndarray:
    """The recordings one after another, again and again if they are too short.

    Rounded to 16 bits as in a file: resampling leaves nothing at all above 8 kHz.
    """
    y = soxr.resample(np.concatenate(clips()[:16]), CLIP_SR, sr)
    y = np.round(y * 32768) / 32768
    return np.resize(y, int(seconds * sr))


@cache
def clip_files(suffix: str) -> list[str]:
    """The recordings as files of one format, in a folder that goes away with this process."""
    folder = Path(tempfile.mkdtemp(prefix="serfast-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    paths = [str(folder / f"{index:03d}.{suffix}") for index in range(len(clips()))]
    for path, y in zip(paths, clips(), strict=True):
        soundfile.write(path, y, CLIP_SR)
    return paths
