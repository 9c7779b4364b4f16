"""The page and the plots of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

INTRO = """# Benchmarks

Written by `python bench/run.py` on {cpu}, {cpus} CPUs, {system}; instruction set {isa}, built with
{compiler}; Python {python}, {versions}. Audio: {audio}, float32. The load of the machine at the
start was {load}.

## Features, against librosa

One thread for every library. All libraries take turns (a, b, a, b, ...) in one process, after a
warm-up; a time is the median of the CPU time, and the ratio is that of the medians, with the
quartiles of the ratios of single turns behind it. Signals last 30 s at 22050 Hz unless the row says
otherwise (speech recognition: 16 kHz, 400 samples every 160, 80 bands, decibels), options are
librosa's defaults (pitch from C2 to C7, shifted by 4 semitones). The clips of the last rows go from
a WAV file at 16 kHz to a row of means: 40 MFCC, 12 chroma of the magnitude, 128 mel bands (and 7 of
contrast, and 6 tonal centroids of the harmonic part). Before it is timed, serfast's result is
compared with librosa's. "Beyond" is the goal after this one. Rows of different times met a machine
that was differently busy: their ratios compare, their microseconds do not.
"""
FIGURES = """## Threads, memory, start, transforms, formats

Threads and formats go by the clock on the wall, on all CPUs; the rest by the CPU time of one
thread. Memory is the peak beyond the process with its input, less the result. A transform is
window, real transform and squared magnitude of a frame, called from C++.
"""
NOTES = {
    "torch": "torch: torch.stft, librosa's filters as matrices.",
    "audioflux": (
        "audioflux: it does not pad the ends (four frames fewer) and transforms powers of two only "
        "(512 instead of 400)."
    ),
}

COLOURS = {"serfast": "#4c78a8", "librosa": "#e45756", "torch": "#f2a541", "audioflux": "#72b7b2"}


def write(results: dict[str, Any], stem: Path) -> None:
    """Write stem.json, stem.md and, where matplotlib is installed, the plots of the page."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(".json").write_text(json.dumps(results, indent=2) + "\n")
    plots = write_plots(results["features"], stem)
    stem.with_suffix(".md").write_text(page(results, plots))


def page(results: dict[str, Any], plots: list[str]) -> str:
    """The whole page."""
    environment, features = results["environment"], results["features"]
    peers = [name for name in NOTES if any(name in row["times"] for row in features)]
    versions = ", ".join(f"{k} {v}" for k, v in environment["versions"].items() if v)
    parts = [
        INTRO.format(**{**environment, "versions": versions}),
        feature_table(features, peers),
        " ".join(NOTES[name] for name in peers),
        *(f"![{name}]({name})" for name in plots),
        FIGURES,
        figure_table(results["figures"]),
        *(f"Not measured: {name}, {why}." for name, why in results["skipped"].items()),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def feature_table(features: list[dict[str, Any]], peers: list[str]) -> str:
    """Times of each library, and how many times faster serfast is than librosa."""
    libraries = ["serfast", "librosa", *peers]
    header = ["feature", "unit", *libraries, "x librosa", "quartiles", "goal", "beyond", "reached",
              "measured"]  # fmt: skip
    rows = []
    for row in features:
        times = [f"{row['times'][name]:.3g}" if name in row["times"] else "" for name in libraries]
        low, high = row["quartiles"]
        reached = "" if row["goal"] is None else mark(row["ratio"] >= row["goal"])
        rows.append([
            row["name"], row["unit"], *times, f"**{row['ratio']:.1f}**", f"{low:.1f} to {high:.1f}",
            cell(row["goal"]), cell(row["beyond"]), reached, row["date"],
        ])  # fmt: skip
    return table(header, rows)


def figure_table(figures: list[dict[str, Any]]) -> str:
    """What was asked and what was found."""
    rows = []
    for row in figures:
        sense = "at most" if row["at_most"] else "at least"
        asked = "" if row["asked"] is None else f"{sense} {row['asked']:g}"
        reached = "" if row["reached"] is None else mark(row["reached"])
        found = f"**{row['value']:.3g}**"
        rows.append([row["name"], found, row["unit"], asked, reached, row["date"], row["note"]])
    return table(["what", "found", "unit", "asked", "reached", "measured", ""], rows)


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(goal: float | None) -> str:
    return "" if goal is None else f"{goal:g}"


def mark(reached: bool) -> str:
    return "yes" if reached else "**no**"


def write_plots(features: list[dict[str, Any]], stem: Path) -> list[str]:
    """Two plots beside the page; returns their names."""
    if not features:
        return []
    try:
        import matplotlib
    except ImportError:
        print("no plots: matplotlib is not installed")
        return []
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "serfast"  # equal figures make equal files
    plots = {"speedup": plot_speedup, "times": plot_times}
    return [save(plot(features), stem, name) for name, plot in plots.items()]


def save(axes: Any, stem: Path, name: str) -> str:
    """Write a plot and return the file's name."""
    path = stem.with_name(f"{stem.name}-{name}.svg")
    axes.figure.savefig(path, metadata={"Date": None})
    return path.name


def bare_axes(labels: list[str], title: str) -> Any:
    """Axes with a line for each label, first on top."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 0.6 + 0.34 * len(labels)), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(left=False)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def plot_speedup(features: list[dict[str, Any]]) -> Any:
    """A bar for each ratio, with marks for the goals."""
    ratios = [row["ratio"] for row in features]
    labels = [f"{row['name']}   {row['ratio']:.1f}" for row in features]
    axes = bare_axes(labels, "Times as fast as librosa, one thread")
    axes.barh(range(len(features)), ratios, color=COLOURS["serfast"], height=0.6)
    for key, colour, label in (("goal", "black", "goal"), ("beyond", "#e45756", "beyond")):
        marks = [(row[key], line) for line, row in enumerate(features) if row[key]]
        x, y = zip(*marks, strict=True)
        axes.scatter(x, y, marker="|", s=140, color=colour, label=label, zorder=3)
    axes.legend(frameon=False, loc="lower right")
    return axes


def plot_times(features: list[dict[str, Any]]) -> Any:
    """A dot for each library's time."""
    features = [row for row in features if row["unit"] == "µs per frame"]
    axes = bare_axes(
        [row["name"] for row in features], "Microseconds per frame, one thread, logarithmic"
    )
    for name, colour in COLOURS.items():
        dots = [(row["times"][name], i) for i, row in enumerate(features) if name in row["times"]]
        if dots:
            axes.scatter(*zip(*dots, strict=True), color=colour, label=name, s=36, zorder=3)
    axes.set_xscale("log")
    axes.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.4, -0.05))
    return axes
