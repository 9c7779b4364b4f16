"""What is not a ratio to librosa: threads, memory, start, instruction sets, transforms, sizes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean, median

import numpy as np
import pybind11
import soundfile

import serfast
import serfast.streaming
from audio import CLIP_SR, clip_files, clips, speech
from cases import emotion_extractor
from child import FEATURES
from front_ends import speeds
from measure import child, children_time, fresh, medians
from threads import serfast_threads

ROOT = Path(__file__).parents[1]


class SkippedError(Exception):
    """A group that this machine cannot measure, and why."""


@dataclass(frozen=True)
class Figure:
    """A measured value and what is asked of it."""

    name: str
    value: float
    unit: str
    asked: float | None
    at_most: bool = True
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the value is what was asked, if something was."""
        if self.asked is None:
            return None
        return self.value <= self.asked if self.at_most else self.value >= self.asked


def two_threads(quick: bool) -> list[Figure]:
    """How many times faster two threads are than one, by the clock on the wall."""
    extractor = emotion_extractor()
    signals = clips() * (2 if quick else 10)
    y = speech(600)

    def long_signal(n: int) -> None:
        with serfast_threads(n):
            serfast.mfcc(y=y, n_mfcc=40)

    pairs = {
        "two threads, a batch of clips": lambda n: extractor.batch(signals, threads=n),
        "two threads, mfcc of 10 min": long_signal,
    }
    figures = []
    for name, call in pairs.items():
        times = medians(
            {"one": lambda call=call: call(1), "two": lambda call=call: call(2)},
            1 if quick else 6, time.perf_counter,
        )  # fmt: skip
        figures.append(Figure(name, times["one"] / times["two"], "x one thread", 1.9, False))
    return figures


def memory(quick: bool) -> list[Figure]:
    """Peak memory of one call on one thread, beyond input and result."""
    if not Path("/proc/self/clear_refs").exists():
        raise SkippedError("it is read from Linux's /proc")
    minutes = 6 if quick else 60
    figures = []
    for feature in FEATURES:
        ours, theirs = (
            child("extra_memory", library, feature, str(60 * minutes))
            for library in ("serfast", "librosa")
        )
        name, note = f"extra memory, {feature} of {minutes} min", f"librosa {theirs:.0f} MB"
        figures.append(Figure(name, ours, "MB", 32, note=note))
    return figures


def small_call(quick: bool) -> list[Figure]:
    """One call of mfcc on a quarter of a second at 16 kHz."""
    y = speech(0.25, 16000)
    n_calls = 200

    def calls() -> None:
        for _ in range(n_calls):
            serfast.mfcc(y=y, sr=16000)

    seconds = medians({"calls": calls}, 0.5 if quick else 3)["calls"] / n_calls
    return [Figure("one call of mfcc on 0.25 s at 16 kHz", 1e6 * seconds, "µs", 25)]


def stream(quick: bool) -> list[Figure]:
    """A chunk of 10 ms at 16 kHz, from which a frame of 40 MFCC comes."""
    y = speech(2, 16000)
    chunks = [y[start : start + 160] for start in range(0, len(y), 160)]
    figures = []
    for n_fft in (2048, 400):
        extractor = serfast.Extractor(
            "mfcc", sr=16000, n_mfcc=40, n_fft=n_fft, hop_length=160, top_db=None
        )
        opened = extractor.stream()

        def pushes(opened: serfast.streaming.FrameStream = opened) -> None:
            for chunk in chunks:
                opened.push(chunk)

        seconds = medians({"pushes": pushes}, 0.5 if quick else 3)["pushes"] / len(chunks)
        name = f"40 MFCC of 10 ms pushed to a stream, frames of {n_fft}"
        figures.append(Figure(name, 1e6 * seconds, "µs", 50))
    return figures


def start(quick: bool) -> list[Figure]:
    """From the start of Python to the first result, and the import alone, in CPU time."""
    first = "import {0}, numpy as np; {1}.mfcc(y=np.sin(np.arange(22050, dtype=np.float32)))"
    alone = "from time import process_time as now; t = now(); import {}; print(now() - t)"
    rounds = 3 if quick else 11
    calls = {
        "serfast": lambda: fresh(first.format("serfast", "serfast")),
        "librosa": lambda: fresh(first.format("librosa", "librosa.feature")),
    }
    whole = medians(calls, 0, children_time, rounds)
    turns = [[float(fresh(alone.format(m))) for m in ("serfast", "numpy")] for _ in range(rounds)]
    ours, numpys = (median(turn) for turn in zip(*turns, strict=True))
    return [
        Figure(
            "import and first mfcc, fresh process", whole["serfast"], "s", 0.25,
            note=f"librosa {whole['librosa']:.1f} s",
        ),
        Figure("import serfast", ours / numpys, "x import numpy", 1.5, note=f"{1e3 * ours:.0f} ms"),
    ]  # fmt: skip


def instruction_sets(quick: bool) -> list[Figure]:
    """Time of the older instruction sets, each in processes of its own, taken in turn."""
    isas = serfast.config_info()["isas_supported"]
    rounds = [
        {isa: child("case_times", "2" if quick else "4", SERFAST_ISA=isa) for isa in isas}
        for _ in range(1 if quick else 3)
    ]
    best = isas.pop()
    asked = {"v3": 1.7, "baseline": 4.5}
    figures = []
    for isa in isas:
        ratios = {
            name: median(turn[isa][name] for turn in rounds)
            / median(turn[best][name] for turn in rounds)
            for name in rounds[0][isa]
        }
        over = {name: ratio for name, ratio in ratios.items() if ratio > asked.get(isa, np.inf)}
        worst = over or {"most": max(ratios.values())}
        figures.append(
            Figure(
                f"{isa}, mean of all features", geometric_mean(ratios.values()),
                f"x time of {best}", asked.get(isa),
                note=", ".join(f"{name} {ratio:.1f}" for name, ratio in worst.items()),
            )
        )  # fmt: skip
    return figures


def transforms(quick: bool) -> list[Figure]:
    """Window, real transform and squares of a frame, in C++."""
    if not shutil.which("cmake"):
        raise SkippedError("no cmake here to build bench/fft.cpp")
    # 1.15 times what Intel IPP takes on this kind of core for window and transform; 400: own goal.
    asked = {400: 0.19, 512: 0.15, 1024: 0.29, 2048: 0.54, 4096: 1.21}
    build = ROOT / "build" / "bench"
    commands = [
        ["cmake", "-S", ROOT, "-B", build, "-DSERFAST_BENCH=ON",
         f"-Dpybind11_DIR={pybind11.get_cmake_dir()}", f"-DPython_EXECUTABLE={sys.executable}"],
        ["cmake", "--build", build, "--target", "fft_bench"],
        [build / "fft_bench", *map(str, asked)],
    ]  # fmt: skip
    for command in commands:
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [
        Figure(f"transform of {n} samples", float(line), "µs", asked[n])
        for n, line in zip(asked, output.split(), strict=True)
    ]


def decoding(quick: bool) -> list[Figure]:
    """The rate of features from compressed files, against decoding them and nothing else."""
    extractor = emotion_extractor()

    def decode(paths: list[str]) -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda path: soundfile.read(path, dtype="float32"), paths))

    figures = []
    for suffix in ("flac", "ogg", "mp3"):
        paths = clip_files(suffix) * (2 if quick else 6)
        times = medians(
            {
                "decode": lambda paths=paths: decode(paths),
                "features": lambda paths=paths: extractor.files(paths, threads=2),
            },
            1 if quick else 6, time.perf_counter,
        )  # fmt: skip
        share = 100 * times["decode"] / times["features"]
        rate = f"{len(paths) / times['features']:.0f} clips/s at {CLIP_SR // 1000} kHz, two threads"
        name = f"180 numbers from {suffix.upper()}"
        figures.append(Figure(name, share, "% of the rate of decoding", 85, False, rate))
    return figures


def other_toolkits(quick: bool) -> list[Figure]:
    """Their own front ends, on 30 s at 16 kHz."""
    figures = [
        Figure(name, ratio, f"x {package}", 1, False, note)
        for name, package, ratio, note in speeds(quick)
    ]
    if not figures:
        raise SkippedError("none of the toolkits is installed")
    return figures


def wheel(quick: bool) -> list[Figure]:
    """The newest wheel in dist/, without the sample audio."""
    wheels = sorted((ROOT / "dist").glob("*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        raise SkippedError("no wheel in dist/; `python -m build` makes one")
    with zipfile.ZipFile(wheels[-1]) as archive:
        members = archive.infolist()
    size = sum(m.compress_size for m in members if "/samples/" not in m.filename)
    return [Figure("wheel without sample audio", size / 1e6, "MB", 3)]


GROUPS: dict[str, Callable[[bool], list[Figure]]] = {
    "threads": two_threads,
    "memory": memory,
    "small call": small_call,
    "stream": stream,
    "start": start,
    "instruction sets": instruction_sets,
    "transforms": transforms,
    "decoding": decoding,
    "other toolkits": other_toolkits,
    "wheel": wheel,
}
