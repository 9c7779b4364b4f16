"""`serfast extract`, into a file or a folder of shards, and `serfast inspect`."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serfast._cli_options import (
    EXIT_INTERRUPTED,
    Json,
    Quiet,
    Strict,
    Threads,
    exit_if_failed,
    split_names,
)
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from serfast import Extractor

# What a number of bytes may end in.
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def extract(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Folders, quoted patterns ('corpus/**/*.flac'), manifests (.csv, .parquet, "
            ".jsonl), tar shards, or URLs of these (s3://, gs://, http://).",
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", help="NAME.parquet, .npz or .csv; or a folder, which gets shards."
        ),
    ],
    features: Annotated[
        str | None,
        typer.Option(help="Names with commas; default: mfcc,chroma_stft,melspectrogram."),
    ] = None,
    sr: Annotated[int | None, typer.Option(help="Sampling rate; default: 16000.")] = None,
    n_mfcc: Annotated[int | None, typer.Option(help="Number of MFCC; default: 40.")] = None,
    pool: Annotated[
        str | None, typer.Option(help="Statistics over time, with commas; default: mean.")
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="The features of mlp-180, mlp-193, emotion-v1 or egemaps-like-v1, instead of the "
            "above."
        ),
    ] = None,
    emotions: Annotated[str | None, typer.Option(help="Keep only these, with commas.")] = None,
    frames: Annotated[
        bool, typer.Option("--frames", help="In a folder: all frames, rather than statistics.")
    ] = False,
    store: Annotated[
        str | None, typer.Option(help="Of --frames: parquet (default), or zarr for arrays.")
    ] = None,
    chunk: Annotated[
        float | None, typer.Option(help="In a folder: cut recordings into so many seconds a row.")
    ] = None,
    overlap: Annotated[
        float | None, typer.Option(help="Seconds that a chunk shares with the one before.")
    ] = None,
    resume: Annotated[
        bool | None,
        typer.Option(
            "--resume/--no-resume", help="Go on with the folder's job (default), or refuse it."
        ),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(help="Of a folder's job: for signals, as 2GB; default: 268MB a thread."),
    ] = None,
    shard_files: Annotated[
        int | None, typer.Option(help="Clips in a shard; default: a GiB of them, at most 4096.")
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Drop the folder's rows of clips that are gone.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash clips of the same size and time, too.")
    ] = False,
    engine: Annotated[
        str | None, typer.Option(help="Who does a folder's job: dask; default: this process.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="The address of --engine dask, as tcp://HOST:8786.")
    ] = None,
    log: Annotated[
        str | None, typer.Option(help="A file for failures and shards, as lines of JSON.")
    ] = None,
    show_progress: Annotated[
        bool, typer.Option("--progress", help="Tell progress also where stderr is no terminal.")
    ] = False,
    threads: Threads = None,
    strict: Strict = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compute features of every clip: one row per clip.

    Clips come from folders, manifests, tar files or URLs (extra "remote"). Labels and speakers come
    from the file names of known corpora, from a manifest, from the .json or .cls beside a clip in a
    tar file, or labels from one folder per class. A manifest's row with start or end, in seconds,
    is a part of its file.
    In a file, failed clips are NaN rows, listed in NAME.failures.csv beside it. A folder gets
    Parquet shards and _manifest.jsonl with all clips; the same command goes on after any stop.
    With --chunk there is a row for each part of a clip, with --frames a matrix for each feature.
    """
    from serfast._outputs import check_file, refuse_overwriting
    from serfast.models import choose_extractor
    from serfast.tables import check_table_path
    from serfast.tables._files import failures_path

    job_options = {
        "resume": resume, "memory": memory, "shard_files": shard_files, "prune": prune,
        "verify": verify, "frames": frames, "store": store, "chunk": chunk, "overlap": overlap,
        "engine": engine, "scheduler": scheduler, "log": log, "progress": show_progress,
    }  # fmt: skip
    if output in ("", "-"):
        raise ParameterError(f"--output {output!r}: name a file, or a folder")
    to_folder = _is_folder(output)
    if not to_folder:
        check_file(check_table_path(output))
        for written in (output, failures_path(output)):
            refuse_overwriting(str(written), sources)
        _refuse_job_options(output, job_options)
    extractor = choose_extractor(
        split_names(features), recipe=recipe, sr=sr, n_mfcc=n_mfcc, pool=split_names(pool)
    )
    if frames:
        extractor = _framewise(extractor, pool)
    elif store is not None:
        raise ParameterError("--store is for --frames")
    names = split_names(emotions)
    source = sources[0] if len(sources) == 1 else sources
    if to_folder:
        n_failed, n_all = _to_folder(
            source, output, extractor, names, threads, job_options, as_json, quiet
        )
    else:
        n_failed, n_all = _to_file(source, output, extractor, names, threads, as_json, quiet)
    exit_if_failed(n_failed, n_all, strict)


def _framewise(extractor: Extractor, pool: str | None) -> Extractor:
    if pool is not None:
        raise ParameterError(
            "--frames and --pool exclude each other: frames, or statistics of them"
        )
    return type(extractor).from_config({**extractor.config, "pool": None})


def _is_folder(output: str) -> bool:
    return output.endswith("/") or Path(output).is_dir() or not Path(output).suffix


def _refuse_job_options(output: str, options: dict[str, Any]) -> None:
    for name, value in options.items():
        if value is not None and value is not False:
            raise ParameterError(
                f"--{name.replace('_', '-')} is for a folder of shards, and {output} is a file"
            )


def _to_file(
    source: str | list[str],
    output: str,
    extractor: Extractor,
    emotions: list[str] | None,
    threads: int | None,
    as_json: bool,
    quiet: bool,
) -> tuple[int, int]:
    """Write one table; return how many clips failed, of how many."""
    from serfast import _report
    from serfast.datasets import find_clips
    from serfast.tables import extract_table, save_table

    corpus = find_clips(source, emotions)
    started = time.perf_counter()
    with _report.progress_bar("Extracting", quiet) as progress:
        table = extract_table(corpus, extractor, threads=threads, progress=progress)
    seconds = time.perf_counter() - started
    failures_file = save_table(table, output)
    if as_json:
        _report.print_json(_report.extraction_dict(table, corpus, seconds, output, failures_file))
    else:
        _report.print_extraction(table, seconds, output)
    if not quiet:
        _report.say_left_out(corpus.left_out)
        _report.say_failures([(f.path, f.reason) for f in table.failures], failures_file)
    return len(table.failures), len(table.clips)


def _to_folder(
    source: str | list[str],
    output: str,
    extractor: Extractor,
    emotions: list[str] | None,
    threads: int | None,
    options: dict[str, Any],
    as_json: bool,
    quiet: bool,
) -> tuple[int, int]:
    """Write shards; return how many clips failed, of how many."""
    from serfast import _report, _report_jobs
    from serfast.bulk import run_job

    try:
        forced = options.pop("progress")
        del options["frames"]
        chosen = {name: options.pop(name) for name in ("store", "overlap")}
        with _report_jobs.decoders_silenced(), _report_jobs.progress(quiet, forced) as look:
            report = run_job(
                source,
                output,
                extractor,
                emotions=emotions,
                threads=threads,
                look=look,
                memory=_bytes(options.pop("memory")),
                scheduler=_address(options.pop("engine"), options.pop("scheduler")),
                resume=options.pop("resume") is not False,
                **{name: value for name, value in chosen.items() if value is not None},
                **options,
            )
    except KeyboardInterrupt:
        _report.say(f"interrupted; the same command goes on with {output}")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if as_json:
        _report.print_json(report.to_dict())
    else:
        _report_jobs.print_job(report)
    if not quiet:
        _report.say_left_out(report.left_out)
    return report.failed, report.done + report.failed


def inspect_output(
    folder: Annotated[
        str, typer.Argument(metavar="OUT", help="The folder that `extract -o` writes.")
    ],
    as_json: Json = False,
) -> None:
    """Show what a job has done so far, and features that look wrong."""
    from serfast import _report, _report_jobs, bulk

    found = bulk.inspect_output(folder)
    if as_json:
        _report.print_json(found.to_dict())
    else:
        _report_jobs.print_inspection(found)


def _address(engine: str | None, scheduler: str | None) -> str | None:
    if engine not in (None, "dask"):
        raise ParameterError(f"--engine {engine!r} must be dask, or left out")
    if (engine is None) != (scheduler is None):
        raise ParameterError("--engine dask and --scheduler ADDRESS need each other")
    return scheduler


def _bytes(text: str | None) -> int | None:
    """A number of bytes from words like 500M or 2 GB; KiB, MiB... are powers of 1024."""
    if text is None:
        return None
    words = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", text.lower())
    if words is None:
        raise ParameterError(f"--memory {text!r} must be a number of bytes, as 500MB or 2GB")
    number, unit, binary = words.groups()
    base = 1024 ** "kmgt".index(unit) * 1024 if binary and unit else UNITS[unit]
    bytes_asked = float(number) * base
    if bytes_asked > sys.maxsize:
        raise ParameterError(f"--memory is more than the {sys.maxsize} bytes that there can be")
    return int(bytes_asked)
