"""What the command line shows: tables on stdout, progress and messages on stderr."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from serfast._json import dumps
from serfast.datasets import Conversion, Corpus, count_labels
from serfast.datasets._clips import UNKNOWN
from serfast.models import Evaluation, Model, ModelSpec, Prediction, Reproduction, summary_rows
from serfast.models._page import counted, with_spread
from serfast.tables import FeatureTable

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tabs and ends of lines
SHOWN = 10
SHOWN_OF_KIND = 3


def printable(text: str) -> str:
    """Return a text in which no name of a file commands the terminal."""
    return CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def say(message: str) -> None:
    """Write one line to stderr."""
    print(printable(message), file=sys.stderr)


def print_json(data: Any) -> None:
    """Write data to stdout as JSON."""
    print(dumps(data, indent=2))


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table to stdout; the first column is text, the others are figures."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for number, name in enumerate(header):
        table.add_column(Text(name), justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console = Console()
    console.print(Text(title), soft_wrap=True)
    console.print(table)


@contextlib.contextmanager
def progress_bar(what: str, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show progress on stderr, with rate and time left; give None where nobody would see it."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich import progress as rich
    from rich.console import Console

    columns = (
        rich.TextColumn("{task.description}"),
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        rich.TextColumn("{task.fields[rate]:.0f}/s"),
        rich.TimeRemainingColumn(),
    )
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        number = bar.add_task(what, total=None, rate=0.0)
        task = bar.tasks[number]

        def advance(done: int, total: int) -> None:
            rate = done / task.elapsed if task.elapsed else 0.0
            bar.update(number, completed=done, total=total, rate=rate)

        yield advance


def say_failures(reasons: Sequence[tuple[str, str]], listed_in: Path | None = None) -> None:
    """Name the first clips that failed, given as (path, reason), and the file with all of them."""
    for path, reason in reasons[:SHOWN]:
        say(f"failed: {path}: {reason}")
    if len(reasons) > SHOWN:
        say(f"... and {len(reasons) - SHOWN} more")
    if listed_in is not None:
        say(f"failures are listed in {listed_in}")


def say_left_out(left_out: Iterable[tuple[str, str]]) -> None:
    """Say how many files of a corpus were left out, by kind of reason, and name some of them."""
    details: dict[str, list[str]] = {}
    for path, reason in left_out:
        kind, _, detail = reason.partition(": ")
        details.setdefault(kind, []).append(f"{path}: {detail}" if detail else path)
    for kind, files in details.items():
        say(f"left out, {kind}: {len(files)}")
        for name in files[:SHOWN_OF_KIND]:
            say(f"  {name}")
        if len(files) > SHOWN_OF_KIND:
            say("  ...")


def say_notes(notes: Sequence[str]) -> None:
    """Write notes to stderr."""
    for note in notes:
        say(f"note: {note}")


def extraction_dict(
    table: FeatureTable, corpus: Corpus, seconds: float, output: str, failures_file: Path | None
) -> dict[str, Any]:
    """Return what there is to say of an extraction."""
    return {
        "output": output,
        "corpus": table.corpus,
        "clips": len(table.clips),
        "counts": count_labels(table.clips),
        "speakers": _count_speakers(table),
        "columns": len(table.names),
        "config": table.config,
        "hash": table.hash,
        "seconds": seconds,
        "left_out": [{"path": path, "reason": reason} for path, reason in corpus.left_out],
        "failures": [asdict(failure) for failure in table.failures],
        "failures_file": failures_file and str(failures_file),
    }


def print_extraction(table: FeatureTable, seconds: float, output: str) -> None:
    """Write how many clips of which class are in the table."""
    counts = count_labels(table.clips)
    print_table(
        f"{output}: {len(table.clips)} clips of {table.corpus}, {_count_speakers(table)} speakers, "
        f"{len(table.names)} columns, {len(table.clips) / seconds:.0f} clips/s",
        ["class", "clips"],
        [[name, str(count)] for name, count in counts.items()],
    )


def print_corpus(summary: dict[str, Any]) -> None:
    """Write what `serfast.datasets.summarise` found in a corpus."""
    total, length = summary["clips"], summary["duration"]
    title = f"{summary['corpus']}: {total} clips"
    if length:
        title += f", {length['total'] / 3600:.2f} h"
    print_table(title, ["emotion", "clips", "%"], _shares(summary["emotions"], total))
    for known in summary["known"]:
        print(f"{known['title']}: {known['licence']}")
    for fact in ("sexes", "vocal_channels", "rates", "channels"):
        if set(summary[fact]) - {UNKNOWN}:
            print(f"{fact.replace('_', ' ')}: {_listed(summary[fact])}")
    if speakers := [n for name, n in summary["speakers"].items() if name != UNKNOWN]:
        print(f"speakers: {len(speakers)}, with {min(speakers)} to {max(speakers)} clips")
    if length:
        print(
            f"durations: {length['shortest']:.2f} to {length['longest']:.2f} s, "
            f"median {length['median']:.2f} s"
        )


def _shares(counts: dict[str, int], total: int) -> list[list[str]]:
    return [[name, str(count), _percent(count / total)] for name, count in counts.items()]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.items())


def print_conversion(done: Conversion, dest: str, sr: int) -> None:
    """Write how many files were converted."""
    print(f"{dest}: {len(done.written)} files, mono, {sr} Hz, {len(done.failures)} failed")


def print_training(model: Model, output: str) -> None:
    """Write what a model was trained on."""
    training = model.training
    print_table(
        f"{output}: {model.name} trained on {training['clips']} clips of {training['corpus']}, "
        f"{len(training['speakers'])} speakers",
        ["class", "clips"],
        [[name, str(count)] for name, count in training["counts"].items()],
    )


def print_card(model: Model) -> None:
    """Write a model's card in words."""
    print(f"{model.name}: {', '.join(model.classes)}")
    for number, training in enumerate(model.trainings):
        print(
            f"{'before that ' if number else ''}trained on {training['clips']} clips of "
            f"{training['corpus']}, {len(training['speakers'])} speakers"
        )
        for source in training["sources"]:
            print(
                f"{source['title']} ({source['language']}): {source['licence']}; "
                f"{source['citation']}"
            )
    if model.figures:
        print_table(
            "Tested, in %",
            ["corpus", "folds", "UAR", "accuracy", "chance (UAR)"],
            [_figures_row(figures) for figures in model.figures],
        )
    else:
        print("not tested: `serfast evaluate` tells how good such a model is on unseen speakers")
    print(model.card()["limits"])


def _figures_row(figures: dict[str, Any]) -> list[str]:
    shares = figures["uar"], figures["accuracy"], figures["chance"]["uar"]
    how = figures["folds"]
    if figures["enrol"] is not None:
        how += f", {figures['enrol']} clips enrolled"
    if figures["leaks"]:
        how += ", WITH LEAKS"
    elif not figures["speaker_independent"]:
        how += ", SPEAKERS MAY BE ON BOTH SIDES"
    return [figures["corpus"], how, *(f"{100 * s:.1f}" for s in shares)]


def print_evaluation(figures: Evaluation) -> None:
    """Write the tables of an evaluation; the random split stands under the honest figure."""
    header, *rows = summary_rows(figures)
    print_table(
        f"{figures.title} on {len(figures.clips)} clips of {figures.corpus}, in %", header, rows
    )
    print_confusion(figures)


def print_confusion(figures: Evaluation) -> None:
    """Write which class was taken for which."""
    pairs = zip(figures.classes, figures.confusion.tolist(), strict=True)
    print_table(
        f"True class in rows, predicted class in columns: {counted(figures)}",
        ["", *figures.classes, "recall"],
        [[name, *map(str, counts), _percent(figures.recall[name])] for name, counts in pairs],
    )


def print_reproduction(done: Reproduction) -> None:
    """Write the figure that was published, and what it is with unseen speakers."""
    terms, n_runs = done.figures.random_terms, len(done.figures.random_scores)
    reproduced = f"reproduced, {terms}" + (f", {n_runs} runs" if n_runs > 1 else "")
    rows = [
        [f"published, {terms}", _percent(done.published), ""],
        [reproduced, *map(with_spread, done.figures.random_split)],
        [
            f"{done.figures.folds}, unseen speakers",
            with_spread(done.figures.accuracy),
            with_spread(done.figures.uar),
        ],
    ]
    print_table(
        f"{done.figures.model} on {len(done.figures.clips)} clips of {done.figures.corpus}, in %",
        ["", "accuracy", "UAR"],
        rows,
    )
    print_confusion(done.figures)


def print_models(specs: Iterable[ModelSpec]) -> None:
    """Write the models that have names."""
    for spec in specs:
        about = spec.recipe.about if spec.recipe else spec.about
        print(f"{spec.name:14} {about}; takes {spec.features or f'audio at {spec.rate} Hz'}")


def print_predictions(predictions: Sequence[Prediction]) -> None:
    """Write one row per clip: its class and the probabilities of all classes."""
    classes = sorted({name for p in predictions for name in p.probabilities})
    print_table(
        "Predictions, in %",
        ["file", "class", *classes],
        [
            [p.path, p.label or "failed", *(_percent(p.probabilities.get(c)) for c in classes)]
            for p in predictions
        ],
    )


def _count_speakers(table: FeatureTable) -> int:
    return len(set(table.speakers) - {None})


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"
