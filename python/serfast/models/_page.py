"""An evaluation as a page for people: Markdown, HTML, pictures and the predictions as a table."""

from __future__ import annotations

import csv
import html
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serfast._json import dumps
from serfast._outputs import check_folder
from serfast.models._evaluation import Evaluation, Spread

# Names of files, which labels may come from, need not be text.
ENCODING: Any = {"encoding": "utf-8", "errors": "backslashreplace"}
STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse; margin: 1em 0 }
td, th { border-bottom: 1px solid #ccc; padding: .2em .7em; text-align: right }
td:first-child, th:first-child { text-align: left }
img { max-width: 100% }
"""


@dataclass(frozen=True)
class Section:
    """A heading, and under it sentences, a table with its header first, and a picture."""

    heading: str
    sentences: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()
    picture: str | None = None

    def markdown(self, level: int) -> str:
        """Return the section as Markdown."""
        parts = ["#" * level + " " + self.heading, *self.sentences]
        if self.table:
            header, *rows = self.table
            rule = "|---|" + "---:|" * (len(header) - 1)
            lines = [_line(row) for row in (header, *rows)]
            parts.append("\n".join([lines[0], rule, *lines[1:]]))
        if self.picture:
            parts.append(f"![{self.heading}]({self.picture})")
        return "\n\n".join(parts) + "\n"

    def html(self, level: int) -> str:
        """Return the section as HTML."""
        parts = [f"<h{level}>{html.escape(self.heading)}</h{level}>"]
        parts += [f"<p>{html.escape(sentence)}</p>" for sentence in self.sentences]
        if self.table:
            header, *rows = self.table
            lines = [_row("th", header), *(_row("td", row) for row in rows)]
            parts.append("<table>\n" + "\n".join(lines) + "\n</table>")
        if self.picture:
            name = html.escape(self.picture)
            parts.append(f'<img src="{name}" alt="{html.escape(self.heading)}">')
        return "\n".join(parts) + "\n"


def _line(cells: Sequence[str]) -> str:
    escaped = (" ".join(cell.split()).replace("|", r"\|").replace("<", "&lt;") for cell in cells)
    return "| " + " | ".join(escaped) + " |"


def _row(kind: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{kind}>{html.escape(cell)}</{kind}>" for cell in cells) + "</tr>"


def write_report(figures: Evaluation, folder: str | os.PathLike[str]) -> Path:
    """Write an evaluation as ``report.md`` and ``report.html`` with all that stands behind them.

    Beside them lie ``figures.json``, ``predictions.csv`` with the probabilities of every clip, and
    pictures, where matplotlib is installed.

    Parameters
    ----------
    figures : Evaluation
        What `evaluate` found out.
    folder : path
        Made if need be.

    Returns
    -------
    Path
        The page in HTML.

    Raises
    ------
    ParameterError
        If `folder` is a file.
    OSError
        If it cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from serfast.datasets import Clip
    >>> from serfast.models import evaluate
    >>> from serfast.tables import FeatureTable
    >>> clips = tuple(Clip(f"{i}.wav", "ab"[i % 2], f"{i // 2}") for i in range(12))
    >>> values = np.array([[i % 2 + i / 100] for i in range(12)], np.float32)
    >>> figures = evaluate(FeatureTable(clips, ("x",), values), folds=2)
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_report(figures, folder).name
    'report.html'
    >>> (folder / "predictions.csv").read_text().splitlines()[0]
    'seed,path,speaker,label,predicted,a,b'
    """
    target = check_folder(folder, "a report")
    target.mkdir(parents=True, exist_ok=True)
    sections = _sections(figures, _pictures(figures, target))
    pairs = [(1 if number == 0 else 2, section) for number, section in enumerate(sections)]
    text = "\n".join(section.markdown(level) for level, section in pairs)
    (target / "report.md").write_text(text, **ENCODING)
    body = "\n".join(section.html(level) for level, section in pairs)
    page = target / "report.html"
    page.write_text(
        f"<!doctype html>\n<meta charset='utf-8'>\n"
        f"<title>{html.escape(sections[0].heading)}</title>\n<style>{STYLE}</style>\n{body}",
        **ENCODING,
    )
    (target / "figures.json").write_text(dumps(figures.to_dict(), indent=2), encoding="utf-8")
    _write_predictions(figures, target / "predictions.csv")
    return page


def _pictures(figures: Evaluation, folder: Path) -> dict[str, str]:
    """Draw what there is to see; nothing where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return {}
    from serfast import display

    shares = figures.confusion / figures.confusion.sum(axis=1, keepdims=True)
    of_speakers = {name: found["uar"] for name, found in figures.by("speaker").items()}
    papers = {name: Figure(layout="constrained") for name in ("confusion", "reliability")}
    display.confusion_matrix(shares, figures.classes, ax=papers["confusion"].subplots())
    display.reliability(figures.reliability, ax=papers["reliability"].subplots())
    if of_speakers:
        papers["speakers"] = Figure(layout="constrained")
        display.bars(of_speakers, unit="UAR", ax=papers["speakers"].subplots())
    for name, paper in papers.items():
        paper.savefig(folder / f"{name}.png", dpi=120)
    return {name: f"{name}.png" for name in papers}


def _sections(figures: Evaluation, pictures: dict[str, str]) -> list[Section]:
    return [
        _summary(figures),
        Section(
            "Recall of each class",
            table=[
                ("class", "clips", "recall, %"),
                *(
                    (name, str(figures.counts[name]), percent(share))
                    for name, share in figures.recall.items()
                ),
            ],
        ),
        Section(
            "Confusion",
            [
                f"True classes in rows, chosen ones in columns: {counted(figures)} (and percent "
                "of the row)."
            ],
            _confusion(figures),
            pictures.get("confusion"),
        ),
        Section(
            "Folds",
            table=[
                ("speakers", "seed", "clips", "UAR, %", "accuracy, %"),
                *(
                    (
                        ", ".join(score.speakers),
                        str(score.seed),
                        str(score.n_test),
                        percent(score.uar),
                        percent(score.accuracy),
                    )
                    for score in figures.scores
                ),
            ],
        ),
        *(
            Section(heading, table=_groups(figures, fact), picture=pictures.get(picture))
            for heading, fact, picture in (
                ("Speakers", "speaker", "speakers"),
                ("Sexes", "sex", ""),
            )
            if figures.by(fact)
        ),
        Section(
            "Calibration",
            [
                f"Expected calibration error: {percent(figures.calibration_error)} %. Points under "
                f"the diagonal are answers that were surer than they were right."
            ],
            picture=pictures.get("reliability"),
        ),
        *([Section("Notes", figures.notes)] if figures.notes else []),
    ]


def summary_rows(figures: Evaluation) -> list[list[str]]:
    """Return the table that sums an evaluation up, its header first."""
    who = "unseen speakers" if figures.speaker_independent else "SPEAKERS MAY BE ON BOTH SIDES"
    if figures.enrol is not None:
        who += f", {figures.enrol} unlabelled clips of each heard before"
    chance_accuracy, chance_uar = figures.chance
    rows = [
        ["", "UAR", "accuracy"],
        [
            f"{figures.folds}, {who}",
            with_spread(figures.uar),
            with_spread(figures.accuracy),
        ],
        ["chance", percent(chance_uar), percent(chance_accuracy)],
    ]
    if figures.human is not None:
        rows.append(["people who listen", "", percent(figures.human)])
    if figures.random_scores:
        (accuracy, _), (uar, _) = figures.random_split
        terms = figures.random_terms.upper()
        rows.append([f"random split, {terms}", percent(uar), percent(accuracy)])
        if figures.published is not None:
            rows.append([f"published, {terms}", "", percent(figures.published)])
    return rows


def _summary(figures: Evaluation) -> Section:
    leaks = [f"LEAK: {leak}" for leak in figures.leaks]
    words = "In %; ± is the standard deviation over folds and seeds."
    title = f"{figures.title} on {figures.corpus}"
    return Section(title, [*leaks, words], summary_rows(figures))


def _confusion(figures: Evaluation) -> list[tuple[str, ...]]:
    counts = figures.confusion
    rows: list[tuple[str, ...]] = [("", *figures.classes)]
    for name, row in zip(figures.classes, counts, strict=True):
        cells = (f"{n} ({100 * n / row.sum():.0f})" for n in row)
        rows.append((name, *cells))
    return rows


def _groups(figures: Evaluation, fact: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [(fact, "clips", "UAR, %", "accuracy, %")]
    for name, found in figures.by(fact).items():
        rows.append(
            (name, f"{found['clips']:.0f}", percent(found["uar"]), percent(found["accuracy"]))
        )
    return rows


def _write_predictions(figures: Evaluation, path: Path) -> None:
    with path.open("w", newline="", **ENCODING) as file:
        writer = csv.writer(file)
        writer.writerow(["seed", "path", "speaker", "label", "predicted", *figures.classes])
        for seed, shares in zip(figures.seeds, figures.probabilities, strict=True):
            for clip, row in zip(figures.clips, shares, strict=True):
                best = figures.classes[row.argmax()]
                known = (seed, clip.path, clip.speaker, clip.label, best)
                writer.writerow([*known, *(f"{share:.6f}" for share in row)])


def counted(figures: Evaluation) -> str:
    """Return what a confusion matrix counts."""
    n_seeds = len(figures.seeds)
    return "clips" if n_seeds == 1 else f"clips, summed over {n_seeds} seeds"


def percent(share: float) -> str:
    """Return a share in percent, with a digit behind the point."""
    return f"{100 * share:.1f}"


def with_spread(figure: Spread) -> str:
    """Return a mean and its standard deviation, where there is one, in percent."""
    return " ± ".join(percent(number) for number in figure if number is not None)
