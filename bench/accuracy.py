"""Write docs/accuracy.md: how far serfast is from librosa, over the tests' agreement sweep."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib import metadata
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import front_ends  # noqa: E402
from agreement import BOUNDS, EXCEPTIONS, FEATURES, Outcome, cases, compare, problems  # noqa: E402

INTRO = """# Accuracy

Written by `python bench/accuracy.py`. Truth is librosa run in float64 on the same samples; an error
is a share of the largest absolute value of the true result. Each feature is compared on seeded
combinations of signal (synthetic and recorded speech and music, tones, chirps, noise, clicks,
silence, DC, speech 100 dB down), length (0, 1, around the hop and the frame, up to 10 s), sampling
rate, channels and options, then on calls that librosa refuses. Amplitudes at the ends of float32's
range are not among them: see the
[differences](architecture.md#differences-from-librosa-011-on-purpose). float64 input must stay
within {f64:.0e}, float32 input within {f32:.0e} and {rms:.0e} RMS; shape and dtype must be
librosa's, and where librosa raises, serfast must raise. "Disagree" counts the cases where any of
this fails; cases of the second table are left out of the errors of the first. {versions}.
"""
EXCEPTIONS_INTRO = """
## Where rounding carries further

librosa transforms in float64 whatever the input is; a float32 transform leaves noise some 140 dB
under the peak of each frame. Ratios, decibels and decisions may make that visible on signals that
have nothing else there. In the cases below librosa, with noise of about that level (a few units of
the precision's resolution) added to its own spectrum, moves as far; float64 input shows every
digit. `tests/conditioning.py` does this comparison.

| features | signals | why | cases, float32 | largest error | cases, float64 |
|---|---|---|---|---|---|
"""


def main() -> None:
    """Run the sweep, write the page, and say what disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200, help="drawn cases per feature, at most")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "accuracy.md")
    arguments = parser.parse_args()
    import serfast

    outcomes: dict[str, list[Outcome]] = {}
    for feature in FEATURES:
        outcomes[feature] = [compare(feature, c, serfast) for c in cases(feature, arguments.cases)]
        wrong = sum(bool(problems(outcome)) for outcome in outcomes[feature])
        print(f"{feature}: {len(outcomes[feature])} cases, {wrong} disagree", flush=True)
    toolkits = front_ends.section(arguments.cases)
    arguments.output.write_text(f"{page(outcomes)}\n{toolkits}")


def page(outcomes: dict[str, list[Outcome]]) -> str:
    """The whole page."""
    versions = ", ".join(f"{p} {metadata.version(p)}" for p in ("serfast", "librosa", "numpy"))
    f64, (f32, rms) = BOUNDS[np.float64][0], BOUNDS[np.float32]
    head = INTRO.format(
        f64=f64, f32=f32, rms=rms, versions=f"{versions}, Python {platform.python_version()}"
    )
    table = (
        "\n| feature | cases | both raise | disagree | float64 worst | median | float32 worst "
        "| median | worst RMS |\n|---|---|---|---|---|---|---|---|---|\n"
    )
    rows = "".join(feature_row(feature, found) for feature, found in outcomes.items())
    return head + table + rows + EXCEPTIONS_INTRO + exception_rows(outcomes)


def feature_row(feature: str, outcomes: list[Outcome]) -> str:
    """One feature's errors, without the cases that an exception covers."""
    double = errors(outcomes, np.float64)
    single = errors(outcomes, np.float32)
    cells = [
        f"`{feature}`",
        str(len(outcomes)),
        str(sum(bool(one.truth_raised) for one in outcomes)),
        str(sum(bool(problems(one)) for one in outcomes)),
        *(f"{value:.0e}" for value in (double[:, 0].max(), np.median(double[:, 0]))),
        *(f"{value:.0e}" for value in (single[:, 0].max(), np.median(single[:, 0]))),
        f"{single[:, 1].max():.0e}",
    ]
    return "| " + " | ".join(cells) + " |\n"


def errors(outcomes: list[Outcome], precision: type) -> np.ndarray:
    """Largest and RMS errors of all results in a precision (results, 2); zeros if there is none."""
    found = [
        one.errors[dtype]
        for one in outcomes
        for dtype in one.errors
        if one.precision[dtype] is precision and dtype not in one.excess
    ]
    return np.array(found or [[0.0, 0.0]])


def exception_rows(outcomes: dict[str, list[Outcome]]) -> str:
    """A row for each exception: how often it was needed, and the largest error it covered."""
    rows = ""
    for exception in EXCEPTIONS:
        found = [one for feature in exception.features for one in outcomes[feature]]
        covered = [one for one in found if exception.covers(one.case)]
        double, single = (
            [one.errors[dtype][0] for one in covered if dtype in one.excess]
            for dtype in (np.float64, np.float32)
        )
        cells = [
            ", ".join(f"`{feature}`" for feature in exception.features),
            ", ".join(signal.replace("_", " ") for signal in exception.signals),
            exception.why,
            f"{len(single)} of {len(covered)}",
            f"{max(single, default=0.0):.0e}",
            f"{len(double)}",
        ]
        rows += "| " + " | ".join(cells) + " |\n"
    return rows


if __name__ == "__main__":
    main()
