"""Measure serfast against librosa and other packages, and write docs/benchmarks.json and .md.

    python bench/run.py                      everything, some minutes on an idle machine
    python bench/run.py --quick --only mfcc  rows whose name holds "mfcc", roughly, to the screen
    python bench/run.py --only yin --update  those rows anew, beside the others of docs/benchmarks
    pytest bench -n 0 --benchmark-only       the features alone, under pytest-benchmark

It needs librosa; torch, audioflux (peers) and matplotlib (plots) are used where they are installed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import asdict
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import threads

threads.pin()

import numpy as np  # noqa: E402

import serfast  # noqa: E402
from audio import recordings  # noqa: E402
from cases import Case, cases  # noqa: E402
from figures import GROUPS, Figure, SkippedError  # noqa: E402
from measure import cpu, in_turn  # noqa: E402
from report import write  # noqa: E402

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
PACKAGES = ("serfast", "librosa", "numpy", "scipy", "numba", "soundfile", "torch", "audioflux")


def main() -> None:
    """Measure what was asked for; only a full run replaces the page in docs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, shorter signals")
    parser.add_argument("--only", metavar="NAME", help="rows or groups whose name holds this")
    parser.add_argument("--update", action="store_true", help="replace these rows in docs")
    parser.add_argument("-o", "--output", type=Path, help="files to write, without the suffix")
    arguments = parser.parse_args()
    results = {
        "environment": environment(),
        "features": measured_cases(arguments.only or "", arguments.quick),
        "figures": [],
        "skipped": {},
    }
    for name, group in GROUPS.items():
        if (arguments.only or "") not in name:
            continue
        try:
            for figure in group(arguments.quick):
                results["figures"].append(shown(figure))
        except SkippedError as reason:
            results["skipped"][name] = str(reason)
            print(f"{name}: skipped, {reason}")
    output = arguments.output or (None if arguments.only or arguments.quick else DOCS)
    if arguments.update:
        results, output = updated(json.loads(DOCS.with_suffix(".json").read_text()), results), DOCS
    if output:
        write(results, output)


def updated(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """An earlier run, with what was measured now in the place of what it had."""
    for part in ("features", "figures"):
        rows = {(row["name"], row["unit"]): row for row in before[part] + now[part]}
        before[part] = list(rows.values())
    return before


def measured_cases(only: str, quick: bool) -> list[dict[str, Any]]:
    """Times of all libraries, in the unit of each case, and the ratios to serfast."""
    chosen = [case for case in cases() if only in case.name]
    threads.check_pinned()
    rows = []
    for case in chosen:
        case.check()
        rows.append(measured(case, 0.5 if quick else 8))
        row = rows[-1]
        times = "  ".join(f"{name} {value:.3f}" for name, value in row["times"].items())
        print(f"{case.name}: {times} {case.unit}; {row['ratio']:.1f} x librosa, goal {case.goal}")
    return rows


def measured(case: Case, seconds: float) -> dict[str, Any]:
    """One row of the report."""
    times = in_turn(case.calls, seconds)
    low, high = np.percentile(times["librosa"] / times["serfast"], [25, 75])
    medians = {name: float(np.median(values)) * case.scale for name, values in times.items()}
    return {
        "name": case.name,
        "unit": case.unit,
        "date": datetime.now().isoformat(" ", "minutes"),
        "times": medians,
        "ratio": medians["librosa"] / medians["serfast"],
        "quartiles": [low, high],
        "rounds": len(times["serfast"]),
        "goal": case.goal,
        "beyond": case.beyond,
    }


def shown(figure: Figure) -> dict[str, Any]:
    """A figure as data, printed on the way."""
    print(f"{figure.name}: {figure.value:.3g} {figure.unit}, asked {figure.asked}; {figure.note}")
    return {
        **asdict(figure),
        "reached": figure.reached,
        "date": datetime.now().isoformat(" ", "minutes"),
    }


def environment() -> dict[str, Any]:
    """What the figures depend on; nothing that names the machine."""
    info = serfast.config_info()
    return {
        "cpu": cpu(),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver())}",
        "python": platform.python_version(),
        "compiler": info["compiler"],
        "isa": info["isa"],
        "audio": recordings()[1],
        "versions": {name: version(name) for name in PACKAGES},
    }


def version(package: str) -> str | None:
    """The installed version, if any."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
