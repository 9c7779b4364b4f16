"""Thousands of damaged files through a job: every one has its record, in little memory and time.

    python bench/damage.py FILES [SEED]

FILES files (8000, say) of synthetic speech in all formats are cut at random, or some of their bits
flipped, all over or in the header. The same seed makes the same files.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import soundfile

from bulk import damage

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from helpers import speech

SR = 16000
KINDS = (
    ("wav", "PCM_16"), ("wav", "PCM_24"), ("wav", "FLOAT"), ("wav", "ULAW"), ("flac", "PCM_16"),
    ("ogg", "VORBIS"), ("ogg", "OPUS"), ("mp3", "MPEG_LAYER_III"), ("aiff", "PCM_16"),
    ("au", "PCM_16"), ("caf", "ALAC_16"), ("w64", "PCM_16"), ("rf64", "PCM_16"),
)  # fmt: skip
HEADER = 128  # bytes

# Memory beyond what Python and its libraries take is limited, so that more than this is a failure.
JOB = """
import json, resource, sys, serfast
from serfast.bulk import run_job
fx = serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13, pool=["mean", "std"])
run_job(sys.argv[1] + "/whole", sys.argv[1] + "/warm", fx, threads=2)
with open("/proc/self/status") as file:
    used = next(int(line.split()[1]) for line in file if line.startswith("VmData"))
limit = used * 1024 + 100_000_000
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
report = run_job(sys.argv[1] + "/clips", sys.argv[1] + "/out", fx, threads=2, memory=32_000_000)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps(report.to_dict() | {"peak": peak}))
"""


def make_files(folder: Path, n_files: int, seed: int) -> None:
    """Write whole files, and damaged copies of them."""
    rng = random.Random(seed)
    (folder / "whole").mkdir()
    (folder / "clips").mkdir()
    whole = []
    for i, (suffix, subtype) in enumerate(KINDS):
        path = folder / f"whole/{i}.{suffix}"
        soundfile.write(path, speech(24000, seed=i), SR, subtype=subtype)
        whole.append(path.read_bytes())
    for i in range(n_files):
        content = bytearray(whole[i % len(KINDS)])
        if rng.random() < 1 / 3:
            head = content[:HEADER]
            damage(head, rng)
            content[: len(head)] = head
        else:
            damage(content, rng)
        (folder / f"clips/{i:06}.{KINDS[i % len(KINDS)][0]}").write_bytes(content)


def main(n_files: str, seed: str = "0") -> None:
    """Print a line of figures; fail where a file has no record."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_files(folder, int(n_files), int(seed))
        started = time.perf_counter()
        command = [sys.executable, "-c", JOB, name]
        done = json.loads(
            subprocess.run(
                command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ).stdout
        )
        seconds = time.perf_counter() - started
        with (folder / "out/_manifest.jsonl").open(encoding="utf-8") as file:
            paths = [json.loads(line)["path"] for line in file]
        assert len(paths) == len(set(paths)) == int(n_files) == done["done"] + done["failed"]
        slowest, at_most = done["slowest"][0]
        print(
            f"{n_files} files: {done['done']} rows, {done['failed']} failed, {seconds:.0f} s, "
            f"{done['peak'] / 1024:.0f} MiB; slowest {1000 * at_most:.0f} ms "
            f"({Path(slowest).suffix})"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
