"""A large job, undisturbed, killed on its way, and on a cluster; rates beside the decoders alone.

    python bench/bulk.py DATA FILES [--work WORK] [--kills N]

DATA is a folder with WAV or FLAC files of speech. FILES clips (a million, if you wish) are made of
all of them in WORK, which is removed in the end: in four formats, linked many times over, 1 %
damaged.
"""

from __future__ import annotations

import argparse
import contextlib
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
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import soundfile

import cluster
from serfast import Extractor
from serfast._feature_sets import feature_set
from serfast.bulk import JobReport, run_job
from serfast.datasets import find_clips
from serfast.tables import extract_table, save_table

FORMATS = ("wav", "flac", "ogg", "mp3")
LINKS = 500  # file systems allow some ten thousands of one file
DAMAGED = 101  # one in so many: a prime, so that all formats have some


def make_clips(data: Path, folder: Path, n_files: int) -> int:
    """Write clips below `folder`, a subfolder for each format; return of how many recordings."""
    rng = random.Random(0)
    sources = [
        p for suffix in ("*.wav", "*.flac") for p in sorted(data.rglob(suffix)) if is_speech(p)
    ]
    rng.shuffle(sources)
    del sources[n_files:]
    del sources[len(sources) // len(FORMATS) * len(FORMATS) :]  # so that links keep to their format
    made = [clip_path(folder, i) for i in range(len(sources))]
    with ThreadPoolExecutor() as pool:
        for _ in pool.map(lambda a, b: soundfile.write(b, *soundfile.read(a)), sources, made):
            pass
    for i in range(len(made), n_files):
        path = clip_path(folder, i)
        source = made[i % len(made)]
        if i % DAMAGED == 0 or i // len(made) >= LINKS:
            content = bytearray(source.read_bytes())
            if i % DAMAGED == 0:
                damage(content, rng)
            path.write_bytes(content)
        else:
            os.link(source, path)
    return len(made)


def is_speech(path: Path) -> bool:
    """Whether a file can be read, and written in every format: its rate is one of MP3's."""
    with contextlib.suppress(soundfile.LibsndfileError):
        info = soundfile.info(path)
        return info.samplerate >= 16000 and info.channels <= 2 and info.duration > 0.3
    return False


def clip_path(folder: Path, i: int) -> Path:
    """The file of clip `i`; its folder is made."""
    suffix = FORMATS[i % len(FORMATS)]
    number = i // len(FORMATS)
    path = folder / suffix / f"{number // 1000:04}" / f"{number:07}.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


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
        f"peak memory {after.ru_maxrss / 1024:.0f} MiB",
        flush=True,
    )
    seconds: float = done["seconds"]
    return seconds


def killed(folder: Path, output: Path, seconds: float, wanted: int) -> None:
    """Print how a job gets along that is killed again and again."""
    rng = random.Random(1)
    kills = 0
    started = time.perf_counter()
    while True:
        process = subprocess.Popen(command(folder, output), stdout=subprocess.DEVNULL)
        try:
            process.wait(rng.uniform(0, 2 + 2 * seconds / wanted) if kills < wanted else None)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        else:
            break
    print(f"killed {kills} times: {time.perf_counter() - started:.1f} s", flush=True)


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

    def job(source: Path, extractor: Extractor) -> JobReport:
        shutil.rmtree(work / "rate", ignore_errors=True)
        return run_job(source, work / "rate", extractor, threads=1)

    def one_table() -> None:
        table = extract_table(find_clips(folder / "wav/0000"), classic, threads=1)
        save_table(table, work / "table.parquet")

    classic = feature_set("classic-180").extractor()
    ratio = cpu_ratio(lambda: job(folder / "wav/0000", classic), one_table)
    print(f"wav, 180 features: a job takes {ratio:.2f} of the CPU time of one table")
    rms = Extractor("rms", sr=16000, pool="mean")
    n_whole //= len(FORMATS)
    for suffix in FORMATS:
        # Whole files only: those that were made first.
        paths = sorted((folder / suffix / "0000").iterdir())[:n_whole]
        some = work / suffix
        some.mkdir()
        for path in paths:
            os.link(path, some / path.name)
        started = time.process_time()
        hours = job(some, classic).hours
        seconds = time.process_time() - started
        print(
            f"{suffix}, 180 features: {seconds / hours:.2f} s of CPU an hour of audio", flush=True
        )
        if suffix != "wav":  # which the core reads by itself
            ratio = cpu_ratio(partial(decode, paths), partial(job, some, rms))
            print(f"{suffix}, rms: {100 * ratio:.0f} % of the rate of decoding alone", flush=True)


def decode(paths: list[Path]) -> None:
    """Read files, and do nothing with them."""
    for path in paths:
        soundfile.read(path, dtype="float32")


def main() -> None:
    """Print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("files", type=int)
    parser.add_argument("--work", help="a folder on the disk to be used")
    parser.add_argument("--kills", type=int, default=50)
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(dir=given.work))
    clips = work / "clips"
    try:
        n_whole = make_clips(given.data, clips, given.files)
        seconds = undisturbed(clips, work / "whole")
        killed(clips, work / "killed", seconds, given.kills)
        cluster.killed(command(clips, work / "cluster"), seconds, given.kills)
        for name in ("killed", "cluster"):
            same = equal(work / "whole", work / name)
            print(f"{name}: {'equal' if same else 'NOT EQUAL'}", flush=True)
        rates(clips, n_whole, work)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
