"""What several tests share: the features, calls of them, and Python in another process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import serfast
from serfast import _core
from signals import signal

# What an Extractor takes, and what else reads a signal's spectrum.
FRAMEWISE = [row["name"] for row in _core.features() if row["framewise"]]
OF_SAMPLES = [row["name"] for row in _core.features() if row["reads"] == "samples"]
OF_PERIODS = [row["name"] for row in _core.features() if row["reads"] == "periods"]
OF_SPECTRUM = [name for name in [*FRAMEWISE, "piptrack"] if name not in (*OF_SAMPLES, *OF_PERIODS)]
OF_SIGNAL = [*FRAMEWISE, "piptrack", "stft"]
SR = 16000


def compute(feature: str, y: Any, **options: Any) -> Any:
    """A feature of a signal by its public function; what returns two arrays, as one."""
    if feature not in ("stft", *OF_SAMPLES, "spectral_flatness"):
        options = {"sr": SR, **options}
    if feature == "stft":
        return serfast.stft(y, **options)
    result = getattr(serfast, feature)(y=y, **options)
    return np.stack(result) if isinstance(result, tuple) else result


def frame_options(feature: str, length: int) -> dict[str, float]:
    """Frames of this length, by the keyword that the feature has for it; two periods fit in."""
    if feature in OF_PERIODS:
        return {"frame_length": length, "fmin": 100.0}
    return {"frame_length" if feature in OF_SAMPLES else "n_fft": length}


def speech(n: int, seed: int = 0, channels: int = 1) -> np.ndarray:
    """Synthetic speech, float32."""
    return signal("speech", n, SR, seed, channels)


def assert_same(actual: Any, expected: Any) -> None:
    """Equal bit for bit, in type and shape too."""
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(actual, expected)


def error_over_scale(actual: Any, expected: Any) -> float:
    """Largest difference, as a fraction of the largest expected value."""
    scale = np.abs(expected).max(initial=0)
    return float(np.abs(actual - expected).max(initial=0) / (scale or 1))


@contextlib.contextmanager
def files_at_most(n_bytes: int) -> Iterator[None]:
    """No file can be written that is longer, as on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def start_python(code: str, *args: Any, **env: str) -> subprocess.Popen[str]:
    """Python in a process of its own, with the environment variables."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, args)],
        env={**os.environ, **env}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run_python(code: str, *args: Any, **env: str) -> str:
    """What the code prints; it must succeed."""
    with start_python(code, *args, **env) as process:
        try:
            out, error = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, error
    return out
