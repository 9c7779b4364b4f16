"""A pytest plugin for librosa's own tests: with the patch if asked, and outcomes as JSON.

The environment says where to write (SUITE_OUTCOMES) and whether to patch (SUITE_PATCH=1).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

# Its tests refer to this module by attribute, which works only if something has imported it.
import librosa.core.convert

import serfast

if os.environ["SUITE_PATCH"] == "1":
    serfast.patch_librosa()

outcomes: dict[str, str] = {}


def pytest_runtest_logreport(report: Any) -> None:
    """A test passes if none of its phases does anything else; expected failures count as such."""
    outcome = "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
    if report.when == "call" or outcome != "passed":
        outcomes[report.nodeid] = outcome


def pytest_sessionfinish() -> None:
    """Writes what happened."""
    rows = [
        (row.function, row.calls, row.fallbacks, dict(row.reasons))
        for row in serfast.patch_report().rows
    ]
    result = {"librosa": librosa.__version__, "outcomes": outcomes, "rows": rows}
    Path(os.environ["SUITE_OUTCOMES"]).write_text(json.dumps(result))
