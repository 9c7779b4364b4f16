"""How things are timed: calls taken in turn, fresh processes."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Call = Callable[[], Any]
Times = dict[str, np.ndarray]


def in_turn(
    calls: Mapping[str, Call], seconds: float, clock: Call = time.process_time, at_least: int = 5
) -> Times:
    """Seconds that each call took, a, b, a, b, ..., so that a slow spell hits them alike.

    The clock is the CPU time of this process, which is the elapsed time of a single thread on an
    idle machine. On a busy one elapsed time would flatter short calls: the scheduler interrupts
    long ones more often.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
        call()
    end = time.perf_counter() + seconds
    rounds = 0
    while rounds < at_least or time.perf_counter() < end:
        for name, call in calls.items():
            start = clock()
            call()
            times[name].append(clock() - start)
        rounds += 1
    return {name: np.array(values) for name, values in times.items()}


def medians(
    calls: Mapping[str, Call], seconds: float, clock: Call = time.process_time, at_least: int = 5
) -> dict[str, float]:
    """Median seconds of calls taken in turn."""
    times = in_turn(calls, seconds, clock, at_least)
    return {name: float(np.median(values)) for name, values in times.items()}


def children_time() -> float:
    """CPU seconds of all processes that this one has started and waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def fresh(code: str) -> str:
    """What Python code prints in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def child(function: str, *arguments: str, **environment: str) -> Any:
    """What a function of child.py returns in a process of its own."""
    script = Path(__file__).with_name("child.py")
    output = subprocess.run(
        [sys.executable, str(script), function, *arguments],
        check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment},
    ).stdout  # fmt: skip
    return json.loads(output)


def cpu() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
