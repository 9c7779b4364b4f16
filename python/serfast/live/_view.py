"""What `serfast listen` shows while it listens: level, voice, emotion, latency."""

from __future__ import annotations

import time
from typing import Any

from serfast.live._listener import Update, Word

BAR_WIDTH = 40
LOWEST_DB = -80.0
REFRESH_SECONDS = 0.08
CAVEAT = "It tells how speech sounds, not what a person feels."
MUTE = "only zeros arrive: is the microphone muted, or this program not allowed to record?"


class LiveView:
    """A few lines at the bottom of the terminal, on stderr, while it is entered as a context.

    Parameters
    ----------
    title : str
        The first line.
    seconds : float, optional
        How long it will take.
    """

    def __init__(self, title: str, seconds: float | None = None) -> None:
        from rich.console import Console
        from rich.live import Live

        self._title, self._seconds = title, seconds
        self._live = Live(console=Console(stderr=True), auto_refresh=False, redirect_stdout=False)
        self._word: Word | None = None
        self._shown = 0.0

    def __enter__(self) -> LiveView:
        self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.stop()

    def show(self, update: Update) -> None:
        """Show the state; not more often than an eye can follow."""
        now = time.perf_counter()
        if update.word is not None or now - self._shown >= REFRESH_SECONDS:
            self._shown = now
            self._live.update(self.picture(update), refresh=True)

    def picture(self, update: Update) -> Any:
        """The lines about a state, and the last word."""
        from rich.console import Group
        from rich.text import Text

        self._word = update.word or self._word
        total = "" if self._seconds is None else f" of {self._seconds:g}"
        head = Text(f"{self._title}  {update.time:.1f}{total} s", style="bold")
        lines = [head, self._meter(update), Text("")]
        if self._word is None:
            lines.append(Text(f"no result yet; Ctrl-C ends. {CAVEAT}", style="dim"))
        else:
            lines += self._bars(self._word)
            lines.append(Text(_facts(self._word, update), style="dim"))
        if update.mute and update.time > 1:
            lines.append(Text(MUTE, style="bold yellow"))
        return Group(*lines)

    def _meter(self, update: Update) -> Any:
        from rich.text import Text

        colour = "green" if update.voice else "bright_black"
        share = 1 - max(update.level, LOWEST_DB) / LOWEST_DB
        voice = "voice" if update.voice else "     "
        level = f"{max(update.level, LOWEST_DB):4.0f} dB, room {update.floor:.0f} dB"
        return Text.assemble(("level ", ""), (_bar(share), colour), f" {level}  ", (voice, colour))

    def _bars(self, word: Word) -> list[Any]:
        from rich.text import Text

        width = max(map(len, word.probabilities))
        lines = []
        for name, share in sorted(word.probabilities.items()):
            style = "bold cyan" if name == word.label else "cyan"
            bar = (_bar(share), style)
            lines.append(Text.assemble((f"{name:{width}} ", style), bar, f" {100 * share:5.1f} %"))
        return lines


def _bar(share: float) -> str:
    n = round(min(max(share, 0.0), 1.0) * BAR_WIDTH)
    return "█" * n + "░" * (BAR_WIDTH - n)


def _facts(word: Word, update: Update) -> str:
    learnt = f", learnt from {word.enrolled} windows" if word.enrolled else ""
    return (
        f"{word.start:.1f} to {word.end:.1f} s, voice {100 * word.voice:.0f} %, "
        f"latency {1000 * word.latency:.0f} ms, overflows {update.overflows}{learnt}"
    )
