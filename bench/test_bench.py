"""The cases under pytest-benchmark: pytest bench -n 0 --benchmark-only."""

from __future__ import annotations

import pytest

from cases import Case, cases


@pytest.mark.parametrize(
    ("case", "library"),
    [
        pytest.param(case, library, id=f"{case.name}-{library}")
        for case in cases()
        for library in case.calls
    ],
)
def test_feature(benchmark, case: Case, library: str) -> None:
    """One library's time for one case; its group holds the others."""
    case.check()
    benchmark.group = case.name
    benchmark(case.calls[library])
