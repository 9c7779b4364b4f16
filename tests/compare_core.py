"""Compares what `core_features` gives, run by a command, with the installed serfast.

python tests/compare_core.py COMMAND...
"""

import itertools
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

import serfast
from helpers import error_over_scale
from signals import signal

RATE = 22050  # the default of the options
FEATURES = [
    "melspectrogram", "log_mel", "mfcc", "chroma_stft", "rms", "zero_crossing_rate",
    "spectral_centroid", "spectral_bandwidth", "spectral_rolloff", "spectral_flatness",
    "spectral_contrast", "voiced_f0", "periodicity",
]  # fmt: skip
# Another compiler and another instruction set round in another order.
TOLERANCE = 2e-5


def read(path):
    """The matrices of a file that `core_features` wrote."""
    data, at, matrices = path.read_bytes(), 0, []
    while at < len(data):
        rows, frames = np.frombuffer(data, "<i8", 2, at)
        matrices.append(np.frombuffer(data, "<f4", rows * frames, at + 16).reshape(rows, frames))
        at += 16 + 4 * rows * frames
    return matrices


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = []
        for kind, n in itertools.product(("speech", "noise"), (2048, 3000, 16000, 50_001)):
            paths.append(folder / f"{kind} {n}.wav")
            soundfile.write(paths[-1], signal(kind, n, RATE, 0), RATE, subtype="PCM_16")
        paths.append(folder / "missing.wav")
        worst = {}
        for feature in FEATURES:
            command = [*sys.argv[1:], folder / "out", feature, str(RATE), "3", *paths]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            assert told.startswith(f"{len(paths) - 1} read: "), told
            *found, missing = read(folder / "out")
            assert missing.size == 0
            extractor = serfast.Extractor([feature], sr=RATE)
            expected = [extractor(serfast.load(path, sr=None)[0]) for path in paths[:-1]]
            worst[feature] = max(map(difference, found, expected))
    feature = max(worst, key=worst.__getitem__)
    print(f"{len(found)} files, {len(worst)} features: {worst[feature]:.1e} at most ({feature})")
    assert worst[feature] < TOLERANCE


def difference(found, expected):
    """As a share of the largest value; moments without a voice have none."""
    assert found.shape == expected.shape
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    return error_over_scale(np.nan_to_num(found), np.nan_to_num(expected))


if __name__ == "__main__":
    main()
