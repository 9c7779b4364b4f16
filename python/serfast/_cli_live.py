"""`serfast listen` and `serfast devices`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from serfast._cli_options import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    Json,
    Quiet,
    terminated_as_interrupted,
)
from serfast._json import dumps
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from serfast.live import Update, Word


def listen(
    model: Annotated[
        str | None, typer.Option(help="The folder that `train` wrote, else the default model.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Record so long, predict once, and end.")
    ] = None,
    window: Annotated[
        float | None, typer.Option(help="Seconds that each prediction hears; default: 3.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="Number or part of the name, as `serfast devices` has them.")
    ] = None,
    from_file: Annotated[
        str | None, typer.Option("--from", help="An audio file to play as if it were spoken.")
    ] = None,
    save: Annotated[
        str | None, typer.Option(help="Write the sound to SAVE.wav, results to SAVE.jsonl.")
    ] = None,
    enrol: Annotated[
        bool, typer.Option("--enrol", help="Learn the speaker's voice from what is said.")
    ] = False,
    detector: Annotated[
        str, typer.Option(help="What finds voice: energy, or silero (extra silero).")
    ] = "energy",
    as_json: Annotated[bool, typer.Option("--json", help="Print each result as a line.")] = False,
    quiet: Quiet = False,
) -> None:
    """Tell the emotion of who speaks into a microphone, live.

    Shows level and voice, and once a second the emotion of the last seconds. Ctrl-C ends it. Where
    stdout is no terminal, each result is a line of text, or of JSON.
    """
    from serfast import _report, live, models

    if seconds is not None and (window is not None or enrol):
        raise ParameterError("--seconds predicts once, from all of it: no --window, no --enrol")
    if from_file is not None and device is not None:
        raise ParameterError("--from and --device: name one source of sound")
    for option, value in (("--from", from_file), ("--save", save), ("--device", device)):
        if value == "":
            raise ParameterError(f"{option} is empty")
    is_number = device is not None and device.isdecimal() and len(device) < 10
    number_or_name = int(device or 0) if is_number else device
    source = live.FileSource(from_file) if from_file else live.Microphone(number_or_name)
    options: dict[str, Any] = {"enrol": enrol, "detector": detector}
    if seconds is not None:
        options |= {"seconds": seconds, "window": seconds, "every": seconds}
    elif window is not None:
        options["window"] = window
    trained = models.load_model(model)
    updates = live.listen(source, trained, **options)
    output = _Output(as_json, quiet)
    interrupted = False
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(terminated_as_interrupted())
            stack.enter_context(contextlib.closing(updates))
            recorder = save and stack.enter_context(live.Recorder(save, source.rate))
            show = stack.enter_context(
                output.shown(_report.printable(f"{source.name}, {trained.name}"), seconds)
            )
            for update in updates:
                show(update)
                if recorder:
                    recorder.add(update)
    except KeyboardInterrupt:
        interrupted = True
    output.end()
    if seconds is not None and not output.latencies:
        raise typer.Exit(EXIT_INTERRUPTED if interrupted else EXIT_FAILED)


def devices(as_json: Json = False) -> None:
    """List the microphones; the system's choice has a star."""
    from serfast import _report, live

    found = live.input_devices()
    if as_json:
        _report.print_json([asdict(device) for device in found])
    elif found:
        rows = [
            [
                ("* " if d.default else "  ") + d.name,
                str(d.index),
                str(d.rate),
                str(d.channels),
                d.api,
            ]
            for d in found
        ]
        _report.print_table("Inputs", ["name", "number", "Hz", "channels", "system"], rows)
    else:
        _report.say("there is no input device: plug in a microphone")


class _Output:
    """Results on stdout, and the live view on stderr where somebody sees it."""

    def __init__(self, as_json: bool, quiet: bool) -> None:
        seen, to_terminal = sys.stderr.isatty() and not quiet, sys.stdout.isatty()
        self._viewed = seen and not (as_json and to_terminal)
        self._printed = as_json or not (self._viewed and to_terminal)
        self._as_json, self._quiet = as_json, quiet
        self._last: Update | None = None
        self.latencies: list[float] = []

    @contextlib.contextmanager
    def shown(self, title: str, seconds: float | None) -> Iterator[Callable[[Update], None]]:
        """A function that shows updates."""
        from serfast.live._view import LiveView

        with LiveView(title, seconds) if self._viewed else contextlib.nullcontext() as view:

            def show(update: Update) -> None:
                self._last = update
                if view is not None:
                    view.show(update)
                if update.word is not None:
                    self.latencies.append(update.word.latency)
                    if self._printed:
                        print(self._line(update.word), flush=True)

            yield show

    def end(self) -> None:
        """Say how it went."""
        import statistics

        from serfast import _report
        from serfast.live._view import MUTE

        if self._quiet or self._last is None:
            return
        if self._last.mute:
            _report.say(MUTE)
        found = "no results: no voice"
        if n := len(self.latencies):
            median = 1000 * statistics.median(self.latencies)
            found = f"{n} result{'s' * (n > 1)}, median latency {median:.0f} ms"
        _report.say(f"{self._last.time:.1f} s heard, {found}, overflows {self._last.overflows}")

    def _line(self, word: Word) -> str:
        if self._as_json:
            return dumps(asdict(word))
        share = 100 * word.probabilities[word.label]
        return (
            f"{word.start:6.1f} to {word.end:6.1f} s  {word.label} {share:.1f} %  "
            f"voice {100 * word.voice:.0f} %, latency {1000 * word.latency:.0f} ms"
        )
