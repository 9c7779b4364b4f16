"""What needs a process of its own: child.py FUNCTION [ARGUMENT...] prints its result as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import threads

threads.pin()

FEATURES = {
    "melspectrogram": {},
    "mfcc": {"n_mfcc": 40},
    "chroma_stft": {},
}


def extra_memory(library: str, feature: str, seconds: str) -> float:
    """Peak MB of one call beyond input and result."""
    import librosa
    import numpy as np

    import serfast
    from audio import speech

    module = serfast if library == "serfast" else librosa.feature
    function, options = getattr(module, feature), FEATURES[feature]
    minute = speech(60)
    y = np.resize(minute, int(float(seconds) * 22050))
    function(y=minute, **options)  # what is made once: plans, compiled code, buffers of BLAS
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = resident("VmRSS")
    result = function(y=y, **options)
    return resident("VmHWM") - before - result.nbytes / 1e6


def resident(field: str) -> float:
    """A line of Linux's account of this process, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024 / 1e6


def case_times(seconds: str) -> dict[str, float]:
    """Seconds of serfast's call by case, on the instruction set that SERFAST_ISA names."""
    from cases import cases
    from measure import medians

    return medians({case.name: case.serfast for case in cases(peers=False)}, float(seconds))


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
