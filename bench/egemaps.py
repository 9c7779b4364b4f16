"""Compares egemaps-like-v1 with openSMILE's eGeMAPS and writes docs/egemaps.md.

    python bench/egemaps.py RAVDESS

RAVDESS is a folder with its WAV files at 16 kHz; needs the package `opensmile`.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import opensmile
from scipy.stats import pearsonr, spearmanr

from functionals import N_TIMED, feature_sets, recalls
from measure import cpu, in_turn
from serfast import Extractor
from serfast.datasets import find_clips
from serfast.models import LDA, SVM, LogisticRegression
from serfast.tables import extract_table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "egemaps.md"
OURS, THEIRS = "egemaps-like-v1", "eGeMAPS"
CLASSIFIERS = (SVM, LogisticRegression, LDA)


def columns(names: Sequence[str], ours: np.ndarray, theirs: np.ndarray) -> list[list[str]]:
    """A row for each column: name, Pearson's and Spearman's correlation, median difference."""
    rows = []
    for name, a, b in zip(names, ours.T, theirs.T, strict=True):
        difference = np.median(np.abs(a - b) / np.maximum(np.abs(b), 1e-9))
        r, rho = (f(a, b)[0] for f in (pearsonr, spearmanr))
        rows.append([f"`{name}`", f"{r:.4f}", f"{rho:.4f}", f"{100 * difference:.2g} %"])
    return rows


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def counts(rows: Sequence[Sequence[str]]) -> str:
    """How many columns correlate how well."""
    r = np.array([float(row[1]) for row in rows])
    above = ", ".join(f"{(r > least).sum()} above {least}" for least in (0.999, 0.9, 0.5))
    return f"Of {len(r)} columns, Pearson's correlation is {above}."


def page(n_clips: int, rows: Sequence[Sequence[str]], sets: Sequence[Sequence[str]]) -> str:
    """The page."""
    classifiers = [make.__name__ for make in CLASSIFIERS]
    version = opensmile.__version__
    return f"""# eGeMAPS

Written by `python bench/egemaps.py RAVDESS`.

`Extractor.preset("{OURS}")`, `serfast.egemaps_like(y=y, sr=16000)` and `serfast extract --recipe
{OURS}` give the 88 numbers of the extended Geneva set (Eyben et al., "The Geneva Minimalistic
Acoustic Parameter Set (GeMAPS) for Voice Research and Affective Computing", IEEE Transactions on
Affective Computing, 2016), under the names that openSMILE gives its columns. They are defined in
`tests/reference/egemaps.py`, plainly and slowly; the core (`csrc/gemaps`) gives the same within
1e-6.

## What differs from openSMILE, and why

openSMILE's settings are taken over (frames of 20 and 60 ms, pitch by subharmonic summation and a
cheapest path, periods matched by correlation, means of three frames): what is not listed here is
the same but for rounding. H1 is, as there, the first harmonic above F0. Where openSMILE 3.0 does
not compute what the definition says, the definition counts:

- **Formants.** The definition's formants are the poles of a linear prediction up to 5.5 kHz.
  openSMILE drops what lies above 3.4 kHz before, and then takes the roots of a polynomial that
  has the prediction's coefficients with the wrong sign: its F1 to F3 are no resonances (a
  synthetic vowel shows it), so frequencies and bandwidths hardly correlate. All that depends on
  them, the levels of formants and H1-A3, differs too.
- **Levels of formants** are means over voiced frames. openSMILE counts -201 dB for each unvoiced
  frame, so its columns tell above all how much of the clip is unvoiced.
- **Slopes of the spectrum** are regressions. openSMILE divides by one bin too few, which adds a
  part of the level to the slope: digital silence has a slope of 0.11.
- **Slopes of rising and falling parts** of pitch and loudness: the part after the last maximum
  falls. openSMILE counts it as falling, but with a negative slope, and leaves it out of the
  deviation.
- **Digital silence** has no spectral balance: such frames do not count, rather than as 0.
- Segments and their rates are taken over all frames; openSMILE leaves out the last.

## Columns

{n_clips} clips of RAVDESS, opensmile {version} (eGeMAPSv02): correlations over the clips, and the
median of the differences relative to openSMILE's value. Variations (`stddevNorm`) are deviations
over means, without bound where the mean is near 0: there Spearman's correlation tells more.
{counts(rows)}

{table(["column", "Pearson", "Spearman", "median difference"], rows)}

## Emotions of unseen speakers, and speed

UAR in percent, RAVDESS' 8 emotions, folds emobox-6; CPU time of one thread from the WAV file to the
row, in turn in one process, on {cpu()}, Python {platform.python_version()}.

{table(["set", "ms a clip", *classifiers], sets)}
"""


def main(folder: str) -> None:
    """Write the page."""
    listed = extract_table(find_clips(folder), Extractor("rms", sr=16000, pool="mean"))
    paths = [clip.path for clip in listed.clips]
    some = paths[:: max(1, len(paths) // N_TIMED)]
    sets = {name: rows for name, rows in feature_sets().items() if name in (OURS, THEIRS)}
    times = in_turn({name: lambda rows=rows: rows(some) for name, rows in sets.items()}, 10)
    values = {name: np.asarray(rows(paths), dtype=float) for name, rows in sets.items()}
    compared = []
    for name in sets:
        figures = recalls(listed, values[name], CLASSIFIERS)
        milliseconds = 1e3 * float(np.median(times[name])) / len(some)
        compared.append([name, f"{milliseconds:.2f}", *(f"{v:.1f}" for v in figures.values())])
        print(*compared[-1], flush=True)
    rows = columns(Extractor.preset(OURS).names, values[OURS], values[THEIRS])
    PAGE.write_text(page(len(paths), rows, compared))


if __name__ == "__main__":
    main(sys.argv[1])
