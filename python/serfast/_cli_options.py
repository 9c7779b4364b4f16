"""Options that several commands have, and how they end."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from typing import Annotated

import typer

from serfast import _validate as validate

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

Data = Annotated[
    str | None,
    typer.Argument(metavar="DATA", help="A folder or manifest of audio, or what `extract` wrote."),
]
DataOption = Annotated[str | None, typer.Option("--data", help="The same as DATA.")]
ModelName = Annotated[str, typer.Option("--model", help="A name that `serfast models` lists.")]
Start = Annotated[
    str | None,
    typer.Option(help="Start from this model's network: a folder, or `default`."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no messages.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 if any clip failed.")]
Threads = Annotated[int | None, typer.Option(help="Worker threads; default: all CPUs.")]
Seed = Annotated[int, typer.Option(callback=validate.seed, help="Of the network's first weights.")]


def split_names(names: str | None) -> list[str] | None:
    """Names with commas between them as a list."""
    return None if names is None else [name.strip() for name in names.split(",")]


def exit_if_failed(n_failed: int, n_all: int, strict: bool) -> None:
    """End the command with an error where nothing worked, or, if `strict`, not everything."""
    if n_failed == n_all or (strict and n_failed):
        raise typer.Exit(EXIT_FAILED)


@contextlib.contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does: files are closed, the terminal is restored."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
