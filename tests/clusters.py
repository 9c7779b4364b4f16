"""Dask schedulers and workers in processes of their own, on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

LOOPBACK = "127.0.0.1"
# So that a wrong address costs a second.
ENVIRONMENT = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"}


class Cluster:
    """A scheduler, and workers of one thread that come and are killed as a test has it.

    After so many lost workers a task is given up.
    """

    def __init__(self, folder: Path, allowed_failures: int = 3) -> None:
        self._folder = folder
        self._allowed_failures = str(allowed_failures)
        self._processes = contextlib.ExitStack()
        self._n_started = 0
        self._workers: list[subprocess.Popen] = []

    def __enter__(self) -> Cluster:
        described = self._folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--port", "0", "--scheduler-file", described,
            DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=self._allowed_failures,
        )  # fmt: skip
        wait_for(lambda: described.exists() and described.read_text(), self.scheduler)
        self.address = json.loads(described.read_text())["address"]
        return self

    def __exit__(self, *_: object) -> None:
        self._processes.close()

    def worker(self, preload: str = "", n_threads: int = 1) -> subprocess.Popen:
        """Start a worker, which runs this code first."""
        code = self._folder / f"preload{self._n_started}.py"
        code.write_text(preload)
        started = self._start(
            "worker", self.address, "--no-nanny", "--nthreads", n_threads, "--preload", code,
            "--local-directory", self._folder,
        )  # fmt: skip
        self._workers.append(started)
        return started

    def kill_workers(self) -> None:
        """Kill those that are left."""
        while self._workers:
            self._workers.pop().kill()

    def _start(self, kind: str, *arguments: object, **env: str) -> subprocess.Popen:
        self._n_started += 1
        log = self._processes.enter_context((self._folder / f"{self._n_started}.log").open("w"))
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + kind, "--host", LOOPBACK,
             "--no-dashboard", *map(str, arguments)],
            stdout=log, stderr=log, env={**os.environ, **env},
        )  # fmt: skip
        self._processes.callback(process.wait)
        self._processes.callback(process.kill)
        return process


def wait_for(happened, *processes: subprocess.Popen) -> None:
    """Wait until something has happened, or one of the processes has ended."""
    while not happened():
        ended = [process.args for process in processes if process.poll() is not None]
        assert not ended, f"{ended} ended before"
        time.sleep(0.01)
