"""The front ends of other toolkits: how far serfast's are from theirs, and how much faster."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import frontends
import toolkits
from audio import speech
from frontends import FRONTENDS
from measure import Call, medians
from report import table

INTRO = """## Other toolkits

The front ends of other toolkits, float32 on both sides, over seeded signals (synthetic and recorded
speech, noise, clicks, silence, 100 dB down), lengths (65 ms to 12 s), rates and options. A
difference is that of natural logarithms for Kaldi (samples in 16-bit scale), of the result itself
for Whisper (about -1 to 1), else a share of the largest absolute value; for each case the largest
counts. "From the definition" is the largest difference from `tests/reference`, plain NumPy in
float64: the toolkit's, serfast's in float32, and serfast's in float64. "Beyond" counts cases in
which the two are farther apart than allowed, because noise of float32's resolution in the spectra
carries the definition as far (see above), or because the toolkit is that far from the definition
and serfast is not; "disagree" those without such a reason. {versions}.
"""
HEADER = [
    "function", "compared with", "cases", "disagree", "allowed", "beyond", "largest", "median",
    "from the definition:", "serfast, float32", "float64",
]  # fmt: skip
PACKAGES = ("kaldi-native-fbank", "torchaudio", "openai-whisper", "transformers", "torch")


def section(n_cases: int) -> str:
    """The part of docs/accuracy.md, with a row for each function and toolkit."""
    rows, absent = [], []
    for name, frontend in FRONTENDS.items():
        bound = frontend.bound
        drawn = [case for case in frontends.cases(name, n_cases) if case.noisy]
        ours = [
            max(frontends.from_reference(name, case, precision) for case in drawn)
            for precision in (np.float32, np.float64)
        ]
        for package in frontend.theirs:
            try:
                found = [frontends.from_toolkit(name, package, case) for case in drawn]
            except toolkits.AbsentError as reason:
                absent.append(f"Not compared: `{name}` with {package}, {reason}.")
                continue
            far = max(frontends.toolkit_from_reference(name, package, case) for case in drawn)
            beyond = [pair for pair in zip(drawn, found, strict=True) if not pair[1] <= bound]
            wrong = sum(not frontends.excused(name, package, *pair) for pair in beyond)
            numbers = (max(found), np.median(found), far, *ours)
            rows.append([
                f"`{name}`", package, str(len(drawn)), str(wrong), f"{bound:.0e}",
                str(len(beyond) - wrong), *(f"{x:.0e}" for x in numbers),
            ])  # fmt: skip
            print(f"{name}, {package}: {len(drawn)} cases, {wrong} disagree", flush=True)
    versions = ", ".join(filter(None, map(toolkits.version, PACKAGES)))
    parts = [INTRO.format(versions=versions), table(HEADER, rows), *absent]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def calls() -> Iterator[tuple[str, int, Call, dict[str, Call]]]:
    """What is timed: its name, number of frames, serfast's call and theirs; 30 s at 16 kHz."""
    y = speech(30, 16000)
    loud = y * np.float32(32768)
    ours = {name: frontend.ours for name, frontend in FRONTENDS.items()}
    for feature, options in (("fbank", {"num_mel_bins": 80}), ("mfcc", {})):
        theirs = {
            "kaldi-native-fbank": partial(kaldi_native, feature, options, loud.tolist()),
            "torchaudio": partial(toolkits.torchaudio_kaldi(feature), loud, **options),
        }
        name = f"kaldi.{feature}"
        yield (
            ", ".join([name, *("80 bands" for _ in options)]),
            2998,
            partial(ours[name], loud, **options),
            theirs,
        )
    yield (
        "whisper.log_mel",
        3000,
        partial(ours["whisper.log_mel"], y),
        {
            "openai-whisper": partial(toolkits.openai_whisper, y),
            "transformers": partial(toolkits.transformers_whisper, y, padding="max_length"),
            "transformers without torch": partial(toolkits.transformers_numpy, y),
        },
    )
    for transform in ("MelSpectrogram", "MFCC"):
        name = f"torchaudio.{transform}"
        theirs = {"torchaudio": partial(toolkits.torchaudio_transform(transform), y)}
        yield name, 2401, partial(ours[name], y), theirs


def kaldi_native(feature: str, options: dict[str, int], y: list[float]) -> None:
    """All frames, computed but not fetched: that goes frame by frame through Python."""
    frames = toolkits.kaldi_native_computer(feature, options)
    frames.accept_waveform(16000, y)
    frames.input_finished()


def speeds(quick: bool) -> Iterator[tuple[str, str, float, str]]:
    """Name, package, how many times as fast serfast is, and the times in words."""
    for name, n_frames, ours, theirs in calls():
        for package, call in theirs.items():
            try:
                times = medians({"ours": ours, "theirs": call}, 0.5 if quick else 4)
            except toolkits.AbsentError:
                continue
            a, b = (1e6 * times[who] / n_frames for who in ("ours", "theirs"))
            yield name, package, b / a, f"{a:.2f} µs a frame, theirs {b:.2f}"
