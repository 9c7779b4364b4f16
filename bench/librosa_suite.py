"""Run librosa's own tests with and without serfast's patch, and write docs/librosa-suite.md.

``python bench/librosa_suite.py librosa-0.11 [librosa-1.0=python3.12] --data librosa-test-data``

Each checkout of librosa is tested with this Python, or with the one after the equals sign, which
must have serfast and what librosa needs; its package is taken from the checkout. ``--data`` is a
checkout of librosa/librosa-test-data, copied in where ``tests/data`` is empty. Outcomes are kept in
``--results`` and not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# Those that call functions of serfast's, in one version or both, but for the drawing.
FILES = (
    "filters", "effects", "decompose", "onset", "beat", "convert", "intervals", "notation",
    "failures", "features", "met_features", "multichannel", "segment", "sequence", "util", "core",
    "constantq",
)  # fmt: skip
GOOD = ("passed", "xfailed")
HOURS = 1.0  # at most for a file
SCRIPTS = "## Published scripts"

INTRO = """# librosa's own tests under the patch

Written by `python bench/librosa_suite.py`, except for the last section. Each test file of librosa's
repository that applies was run twice: as it is, and after `serfast.patch_librosa()`. Passed are
also the failures that the tests expect. What fails without the patch fails for want of network
access (`librosa.example`, `librosa.cite`) or of test data.

A call is *by serfast* if serfast answered, else *by librosa*; calls that librosa's functions make
of each other count too, calls that raise do not.
"""


def main() -> None:
    """Run what has no result yet, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", nargs="+", metavar="CHECKOUT[=PYTHON]")
    parser.add_argument("--data", type=Path, help="the recordings of librosa's tests")
    parser.add_argument("--results", type=Path, default=Path("librosa-suite-results"))
    parser.add_argument("--files", nargs="+", default=FILES, help="all that apply by default")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "librosa-suite.md")
    arguments = parser.parse_args()

    page = INTRO
    for checkout in arguments.checkouts:
        folder, _, python = checkout.partition("=")
        copy_data(Path(folder), arguments.data)
        results = arguments.results / Path(folder).name
        pairs = {
            file: tuple(
                outcomes(Path(folder), python or sys.executable, file, results, patch)
                for patch in (False, True)
            )
            for file in arguments.files
            if (Path(folder) / "tests" / f"test_{file}.py").exists()
        }
        page += section(pairs)
    kept = arguments.output.read_text() if arguments.output.exists() else ""
    arguments.output.write_text(page + kept[kept.find(SCRIPTS) :] if SCRIPTS in kept else page)


def copy_data(checkout: Path, data: Path | None) -> None:
    """Puts the recordings where the tests look for them, some of which follow no links."""
    there = checkout / "tests" / "data"
    if data and not (there.is_dir() and any(there.iterdir())):
        shutil.copytree(data, there, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))


def outcomes(checkout: Path, python: str, file: str, results: Path, patch: bool) -> dict[str, Any]:
    """What became of each test of a file, from an earlier run if there was one."""
    result = (results / f"{file}-{'patched' if patch else 'plain'}.json").resolve()
    if not result.exists():
        results.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                python, "-m", "pytest", "-q", "--tb=short", "--override-ini=addopts=",
                "-p", "no:cacheprovider", "-p", "librosa_suite_plugin", f"tests/test_{file}.py",
            ],
            cwd=checkout,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(checkout.resolve()), str(ROOT / "bench")]),
                "SUITE_OUTCOMES": str(result),
                "SUITE_PATCH": str(int(patch)),
            },
            stdout=result.with_suffix(".log").open("w"),
            stderr=subprocess.STDOUT,
            timeout=HOURS * 3600,
            check=False,
        )  # fmt: skip
        print(f"{checkout.name} {file} {'patched' if patch else 'plain'}", flush=True)
    found: dict[str, Any] = json.loads(result.read_text())
    return found


def section(pairs: dict[str, tuple[dict[str, Any], ...]]) -> str:
    """One version of librosa."""
    version = next(iter(pairs.values()))[0]["librosa"]
    table = (
        "| file | tests | passed | passed with the patch | by serfast | by librosa |\n"
        "|---|---|---|---|---|---|\n"
    )
    rows = [
        (f"`test_{file}.py`", *figures(plain, patched)) for file, (plain, patched) in pairs.items()
    ]
    rows.append(("all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True))))
    table += "".join("| " + " | ".join(map(str, row)) + " |\n" for row in rows)
    worse = [
        f"- `{test}`\n"
        for plain, patched in pairs.values()
        for test, outcome in plain["outcomes"].items()
        if outcome in GOOD and patched["outcomes"].get(test) not in GOOD
    ]
    failing = "".join(worse) or "None.\n"
    return (
        f"\n## librosa {version}\n\n{table}\n"
        f"### Tests that pass without the patch and fail with it\n\n{failing}\n"
        f"### Calls by function\n\n{calls([patched for _, patched in pairs.values()])}\n"
    )


def figures(plain: dict[str, Any], patched: dict[str, Any]) -> tuple[int, ...]:
    """Tests, those that pass either way, and who answered the calls."""
    fallbacks = sum(row[2] for row in patched["rows"])
    return (
        len(plain["outcomes"]),
        *(sum(o in GOOD for o in found["outcomes"].values()) for found in (plain, patched)),
        sum(row[1] for row in patched["rows"]) - fallbacks,
        fallbacks,
    )


def calls(runs: list[dict[str, Any]]) -> str:
    """Who answered the calls of each function, and the commonest reason for librosa to do it."""
    total: Counter[str] = Counter()
    fallbacks: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    for run in runs:
        for function, n_calls, n_fallbacks, why in run["rows"]:
            total[function] += n_calls
            fallbacks[function] += n_fallbacks
            reasons.setdefault(function, Counter()).update(why)
    table = "| function | by serfast | by librosa | mostly because |\n|---|---|---|---|\n"
    for function in sorted(total):
        why = reasons[function].most_common(1)
        reason = " ".join(why[0][0].split())[:120].replace("|", "\\|") if why else ""
        by_serfast = total[function] - fallbacks[function]
        table += f"| `{function}` | {by_serfast} | {fallbacks[function]} | {reason} |\n"
    return table


if __name__ == "__main__":
    main()
