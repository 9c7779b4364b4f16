"""Commands about recordings: `serfast corpus`, `convert` and `samples`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from serfast._cli_options import (
    Json,
    Quiet,
    Strict,
    Threads,
    exit_if_failed,
    terminated_as_interrupted,
)


def corpus(
    folders: Annotated[
        list[str],
        typer.Argument(metavar="DIR...", help="Folders or manifests; several are united."),
    ],
    common: Annotated[
        bool, typer.Option("--common", help="Keep only the emotions that all of them have.")
    ] = False,
    manifest: Annotated[
        str | None, typer.Option(help="Write the table of the clips: NAME.csv or .parquet.")
    ] = None,
    plot: Annotated[
        str | None, typer.Option(help="Draw the counts of the emotions: NAME.png, .svg...")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what a corpus holds: emotions, speakers, durations.

    Every clip is opened. Files that cannot be read, are silent, too short or copies of others are
    left out of all figures and of the manifest, which `extract` takes in place of the folder.
    """
    from serfast import _report, datasets
    from serfast._figures import figure_for
    from serfast._outputs import refuse_overwriting
    from serfast.datasets._manifest import check_manifest_path

    if manifest is not None:
        check_manifest_path(manifest)
        refuse_overwriting(manifest, folders)
    if plot is not None:
        figure_for(plot)  # or refuse it before the work begins
    if common:
        united = datasets.unite([datasets.find_clips(part) for part in folders], common=True)
    else:
        united = datasets.find_clips(folders)
    with _report.progress_bar("Reading", quiet) as progress:
        inspected = datasets.inspect_clips(united, threads=threads, progress=progress)
    summary = datasets.summarise(inspected)
    if as_json:
        _report.print_json(summary)
    else:
        _report.print_corpus(summary)
    if not quiet:
        _report.say_left_out(inspected.left_out)
        _report.say_notes(summary["warnings"])
    if manifest is not None:
        datasets.save_manifest(inspected, manifest)
    if plot is not None:
        datasets.plot_emotions(inspected, plot)
    exit_if_failed(0, len(inspected.clips), strict=False)


def convert(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="A folder of audio files.")],
    dest: Annotated[str, typer.Argument(metavar="DEST", help="The folder of the new files.")],
    sr: Annotated[int, typer.Option(help="Their sampling rate in Hz.")] = 16000,
    format_: Annotated[str, typer.Option("--format", help="wav or flac.")] = "wav",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that exist.")
    ] = False,
    threads: Threads = None,
    strict: Strict = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Convert a tree of audio files to mono at one rate.

    Samples have 16 bits, and files their relative paths.
    """
    from serfast import _report
    from serfast.datasets import convert_tree

    with terminated_as_interrupted(), _report.progress_bar("Converting", quiet) as progress:
        done = convert_tree(
            folder, dest, sr=sr, format=format_, overwrite=overwrite, threads=threads,
            progress=progress,
        )  # fmt: skip
    if as_json:
        _report.print_json(asdict(done))
    else:
        _report.print_conversion(done, dest, sr)
    if not quiet:
        _report.say_failures(done.failures)
    exit_if_failed(len(done.failures), len(done.failures) + len(done.written), strict)


def samples(
    dest: Annotated[
        str | None, typer.Argument(metavar="[DEST]", help="Copy them to this new folder.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the folder of the sample audio, or copy it."""
    from serfast import _report
    from serfast.datasets import copy_samples, samples_dir

    folder = str(samples_dir() if dest is None else copy_samples(dest))
    if as_json:
        _report.print_json({"folder": folder})
    else:
        print(folder)
