"""A large job, undisturbed and killed on its way; rates beside the decoders alone.

    python bench/bulk.py DATA FILES [WORK]

DATA is a folder with WAV or FLAC files of speech. FILES clips (a million, if you wish) are made of
them in WORK, which is removed in the end: in four formats, linked many times over, 1 % damaged.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import soundfile

from serfast import Extractor
from serfast._feature_sets import feature_set
from serfast.bulk import run_job
from serfast.datasets import find_clips
from serfast.tables import extract_table, save_table

FORMATS = ("wav", "flac", "ogg", "mp3")
BASE = 200  # recordings, in each format
LINKS = 500  # file systems allow some ten thousands of one file
DAMAGED = 101  # one in so many: a prime, so that all formats have some
KILLS = 50


def make_clips(data: Path, folder: Path, n_files: int) -> int:
    """Write clips below `folder`, a subfolder for each format; return of how many recordings."""
    rng = random.Random(0)
    sources = [p for suffix in ("*.wav", "*.flac") for p in sorted(data.rglob(suffix))]
    sources = rng.sample(sources, min(BASE, len(sources)))
    made: list[Path] = []
    for i in range(n_files):
        suffix = FORMATS[i % len(FORMATS)]
        number = i // len(FORMATS)
        path = folder / suffix / f"{number // 1000:04}" / f"{number:07}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if i < len(sources) * len(FORMATS):
            soundfile.write(path, *soundfile.read(sources[number]))
            made.append(path)
        elif i % DAMAGED == 0 or i // len(made) >= LINKS:
            content = bytearray(made[i % len(made)].read_bytes())
            if i % DAMAGED == 0:
                damage(content, rng)
            path.write_bytes(content)
        else:
            os.link(made[i % len(made)], path)
    return len(sources)


def damage(content: bytearray, rng: random.Random) -> None:
    """Cut a file short, or flip some of its bits."""
    if rng.random() < 0.5:
        del content[rng.randrange(len(content)) :]
    else:
        for _ in range(rng.randrange(1, 50)):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def command(folder: Path, output: Path) -> list[str]:
    """The job, as a user starts it."""
    return [
        sys.executable, "-m", "serfast", "extract", str(folder), "-o", str(output), "--json",
        "--quiet",
    ]  # fmt: skip


def undisturbed(folder: Path, output: Path) -> float:
    """Print what a job does and takes; return how long it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = json.loads(
        subprocess.run(command(folder, output), check=True, capture_output=True).stdout
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{done['inputs']} clips, {done['hours']:.1f} h, {done['failed']} failed: "
        f"{done['seconds']:.1f} s, {done['computed'] / done['seconds']:.0f} clips/s, "
        f"{done['hours'] / done['seconds']:.2f} h of audio a second, {cpu:.1f} s of CPU, "
        f"peak memory {after.ru_maxrss / 1024:.0f} MiB"
    )
    seconds: float = done["seconds"]
    return seconds


def killed(folder: Path, output: Path, seconds: float) -> None:
    """Print how a job gets along that is killed again and again."""
    rng = random.Random(1)
    kills = 0
    started = time.perf_counter()
    while True:
        process = subprocess.Popen(command(folder, output), stdout=subprocess.DEVNULL)
        try:
            process.wait(rng.uniform(0, 2 + 2 * seconds / KILLS) if kills < KILLS else None)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        else:
            break
    print(f"killed {kills} times: {time.perf_counter() - started:.1f} s")


def equal(one: Path, other: Path) -> bool:
    """Whether two outputs have the same files with the same bytes."""
    names = [
        sorted(p.name for p in folder.iterdir() if p.name != "_job.json") for folder in (one, other)
    ]
    return names[0] == names[1] and all(
        (one / name).read_bytes() == (other / name).read_bytes() for name in names[0]
    )


def cpu_ratio(a: Callable[[], object], b: Callable[[], object], times: int = 5) -> float:
    """The CPU time of a by that of b, median of several in turn."""

    def seconds(call: Callable[[], object]) -> float:
        started = time.process_time()
        call()
        return time.process_time() - started

    return statistics.median(seconds(a) / seconds(b) for _ in range(times))


def rates(folder: Path, n_whole: int, work: Path) -> None:
    """Print a job's CPU time beside that of one table, and that of the decoders beside a job's."""

    def job(source: Path, extractor: Extractor) -> None:
        shutil.rmtree(work / "rate", ignore_errors=True)
        run_job(source, work / "rate", extractor, threads=1)

    def one_table() -> None:
        table = extract_table(find_clips(folder / "wav/0000"), classic, threads=1)
        save_table(table, work / "table.parquet")

    classic = feature_set("classic-180").extractor()
    ratio = cpu_ratio(lambda: job(folder / "wav/0000", classic), one_table)
    print(f"wav, 180 features: a job takes {ratio:.2f} of the CPU time of one table")
    rms = Extractor("rms", sr=16000, pool="mean")
    for suffix in FORMATS[1:]:
        # Whole files only: those that were made first.
        paths = sorted((folder / suffix / "0000").iterdir())[:n_whole]
        some = work / suffix
        some.mkdir()
        for path in paths:
            os.link(path, some / path.name)
        ratio = cpu_ratio(partial(decode, paths), partial(job, some, rms))
        print(f"{suffix}, rms: {100 * ratio:.0f} % of the rate of decoding alone")


def decode(paths: list[Path]) -> None:
    """Read files, and do nothing with them."""
    for path in paths:
        soundfile.read(path, dtype="float32")


def main(data: str, n_files: str, work: str | None = None) -> None:
    """Print a line for each figure."""
    folder = Path(tempfile.mkdtemp(dir=work))
    try:
        n_whole = make_clips(Path(data), folder / "clips", int(n_files))
        seconds = undisturbed(folder / "clips", folder / "whole")
        killed(folder / "clips", folder / "killed", seconds)
        print("equal" if equal(folder / "whole", folder / "killed") else "NOT EQUAL")
        rates(folder / "clips", n_whole, folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
