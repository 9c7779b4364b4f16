"""What the command line shows of jobs over whole datasets."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from serfast._report import SHOWN, print_table, say
from serfast.bulk import Inspection, Job, JobReport, Watch
from serfast.datasets._clips import text_of

BETWEEN_LINES = 10.0  # seconds


@contextlib.contextmanager
def progress(quiet: bool, forced: bool) -> Iterator[Callable[[Watch], None] | None]:
    """Show a bar on a terminal; elsewhere a line now and then, where it is asked for."""
    if quiet or not (forced or sys.stderr.isatty()):
        yield None
    elif sys.stderr.isatty():
        with _bar() as look:
            yield look
    else:
        yield _lines()


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[Watch], None]]:
    from rich import progress as rich
    from rich.console import Console

    columns = (rich.BarColumn(), rich.TextColumn("{task.fields[words]}"))
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, words="")
        yield lambda watch: bar.update(
            task, completed=watch.files, total=watch.total, words=_words(watch)
        )


def _lines() -> Callable[[Watch], None]:
    said = time.monotonic()

    def look(watch: Watch) -> None:
        nonlocal said
        if time.monotonic() - said >= BETWEEN_LINES:
            said = time.monotonic()
            say(_words(watch))

    return look


def _words(watch: Watch) -> str:
    left = watch.seconds_left
    return (
        f"{watch.files} of {watch.total} files, {watch.files / watch.seconds:.0f}/s, "
        f"{watch.audio / 3600 / watch.seconds:.2f} h of audio a second, "
        f"{watch.failures} failed, {'?' if left is None else _time(left)} left"
    )


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


@contextlib.contextmanager
def decoders_silenced() -> Iterator[None]:
    """Keep off the terminal what libmpg123 writes to stderr; what fails has its own record."""
    ours = os.dup(2)
    try:
        with (
            open(os.devnull, "w") as nowhere,
            open(ours, "w", buffering=1, errors="backslashreplace", closefd=False) as terminal,
            contextlib.redirect_stderr(terminal if _is_file_2(sys.stderr) else sys.stderr),
        ):
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(ours, 2)
        os.close(ours)


def _is_file_2(stream: TextIO) -> bool:
    try:
        return stream.fileno() == 2
    except OSError:  # it is no file at all
        return False


def print_job(report: JobReport) -> None:
    """Write what a run did and what the job's folder holds."""
    print(
        f"{report.output}: {report.done} clips of {report.corpus}, {report.columns} columns; "
        f"{report.failed} failed"
        + (f"; {report.gone} are of clips that are gone" if report.gone else "")
    )
    print(
        f"this run: {report.computed} clips, {report.hours:.2f} h of audio, "
        f"{report.shards} shards in {report.seconds:.1f} s"
        + (f": {report.computed / report.seconds:.0f} clips/s" if report.computed else "")
    )
    _print_reasons(report.reasons)
    if report.slowest:
        rows = [[text_of(path), f"{1000 * seconds:.0f}"] for path, seconds in report.slowest]
        print_table("Slowest", ["clip", "ms"], rows)


def print_inspection(found: Inspection) -> None:
    """Write what there is of a job, and which features look wrong."""
    source = found.job.source if isinstance(found.job.source, str) else ", ".join(found.job.source)
    print(
        f"{found.job.output}: {found.done} done, {found.failed} failed, {found.left} left; "
        f"{found.n_rows} rows in {found.shards} shards, {len(found.columns)} features of "
        f"{source}{_cut(found.job)}"
    )
    print(f"columns beside: {', '.join(f'{name} {kind}' for name, kind in found.rows.items())}")
    suspicious = [column for column in found.columns if column.suspicion]
    shown = suspicious or found.columns
    print_table(
        f"Suspicious: {len(suspicious)}" if suspicious else "Features",
        ["feature", "mean", "std", "min", "max", "not finite", ""],
        [
            [c.name, *(f"{x:.4g}" for x in (c.mean, c.std, c.low, c.high)), str(c.not_finite),
             c.suspicion or ""]
            for c in shown[:SHOWN]
        ],
    )  # fmt: skip
    if len(shown) > SHOWN:
        print(f"... and {len(shown) - SHOWN} more: --json has all")
    _print_reasons(found.reasons)


def _cut(job: Job) -> str:
    overlap = f", {job.overlap:g} s of them the one before's" if job.overlap else ""
    return "" if job.chunk is None else f" in chunks of {job.chunk:g} s{overlap}"


def _print_reasons(reasons: list[tuple[str, str, int]]) -> None:
    if reasons:
        rows = [[f"{stage}: {reason}", str(n)] for stage, reason, n in reasons[:SHOWN]]
        print_table("Failures", ["reason", "clips"], rows)
        if len(reasons) > SHOWN:
            print(f"... and {len(reasons) - SHOWN} more reasons")
