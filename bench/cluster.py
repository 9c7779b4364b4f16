"""A job on a Dask cluster of processes: killed on its way, and beside threads of one process.

    python bench/cluster.py CLIPS

compares how long the job over the folder CLIPS takes with 1 and 2 threads and 1 and 2 workers.
"""

from __future__ import annotations

import contextlib
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from distributed import LocalCluster

from serfast._feature_sets import feature_set
from serfast.bulk import run_job

LOOPBACK = "127.0.0.1"
WORKERS = 2
WORKER = [
    sys.executable, "-m", "distributed.cli.dask_worker", "--host", LOOPBACK, "--nthreads", "1",
    "--no-nanny", "--no-dashboard",
]  # fmt: skip
ROUNDS = 3
SHARD_FILES = 128  # so that there are some shards for each worker


@contextlib.contextmanager
def cluster(n_workers: int) -> Iterator[LocalCluster]:
    """Workers of one thread each, in processes of their own."""
    with LocalCluster(
        n_workers=n_workers, threads_per_worker=1, host=LOOPBACK, dashboard_address=f"{LOOPBACK}:0",
        silence_logs="CRITICAL",
    ) as made:  # fmt: skip
        yield made


def killed(command: list[str], seconds: float, wanted: int) -> None:
    """Print how a job gets along whose workers are killed, and once all of it but the scheduler."""
    rng = random.Random(2)
    kills = runs = peak = 0
    started = time.perf_counter()
    with cluster(0) as made, contextlib.ExitStack() as ending:
        address = made.scheduler_address

        def worker() -> subprocess.Popen[bytes]:
            process = subprocess.Popen([*WORKER, address], stderr=subprocess.DEVNULL)
            ending.callback(process.wait)
            ending.callback(process.kill)
            return process

        workers = [worker() for _ in range(WORKERS)]
        ended = False
        while not ended:
            runs += 1
            process = subprocess.Popen(
                [*command, "--engine", "dask", "--scheduler", address], stdout=subprocess.DEVNULL
            )
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(rng.uniform(0, 2 + 2 * seconds / wanted) if kills < wanted else 1)
                peak = max(peak, *(peak_memory(each.pid) for each in workers))
                if process.returncode is None and kills < wanted:
                    kills += 1
                    everything = kills == wanted // 2
                    if everything:
                        process.kill()
                    for i in range(WORKERS) if everything else [rng.randrange(WORKERS)]:
                        workers[i].kill()
                        workers[i] = worker()
            ended = process.returncode == 0
    print(
        f"on {WORKERS} workers, killed {kills} times, in {runs} runs: "
        f"{time.perf_counter() - started:.1f} s, peak memory of a worker {peak / 1024:.0f} MiB",
        flush=True,
    )


def peak_memory(pid: int) -> int:
    """KiB that a process had at most."""
    with contextlib.suppress(FileNotFoundError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1])
    return 0


def scaling(clips: Path) -> None:
    """Print what a job takes with threads of this process and with workers, in turn."""
    classic = feature_set("classic-180").extractor()
    taken: dict[str, list[tuple[float, float, float]]] = {}
    with cluster(1) as one, cluster(2) as two, tempfile.TemporaryDirectory() as work:
        for i in range(ROUNDS):
            for name, made, options in (
                ("1 thread", None, {"threads": 1}),
                ("2 threads", None, {"threads": 2}),
                ("1 worker", one, {"scheduler": one.scheduler_address}),
                ("2 workers", two, {"scheduler": two.scheduler_address}),
            ):
                before = cpu_times(made)
                output = f"{work}/{name}-{i}"
                report = run_job(clips, output, classic, shard_files=SHARD_FILES, **options)
                cpu = [b - a for a, b in zip(before, cpu_times(made), strict=True)]
                taken.setdefault(name, []).append((report.seconds, *cpu))
    for name, rows in taken.items():
        seconds, here, there = map(statistics.median, zip(*rows, strict=True))
        print(
            f"{name}: {seconds:.2f} s, {report.inputs / seconds:.0f} clips/s; CPU time of a clip: "
            f"{1e6 * here / report.inputs:.0f} us here, {1e6 * there / report.inputs:.0f} us in "
            "workers"
        )


def cpu_times(made: LocalCluster | None) -> tuple[float, float]:
    """CPU seconds of this process, which is the scheduler too, and of all workers."""
    there = 0.0
    if made is not None:
        with made.get_client() as client:
            there = sum(client.run(time.process_time).values())
    return time.process_time(), there


if __name__ == "__main__":
    scaling(Path(sys.argv[1]))
