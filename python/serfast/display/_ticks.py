"""What ticks say: formatters under librosa's names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.ticker import Formatter, Locator

from serfast._validate import choice
from serfast.notes import hz_to_note, midi_to_note


class _AxisFormatter(Formatter):
    """A formatter that looks at its axis, which matplotlib sets."""

    axis: Any


class TimeFormatter(_AxisFormatter):
    """Times in a unit, or in one that suits what is shown.

    Parameters
    ----------
    lag : bool
        Whether times past the middle of the data stand for negative ones.
    unit : {"h", "m", "s", "ms"} or None
        Hours (``1:02:03``), minutes (``2:03``), seconds, milliseconds; None takes hours for more
        than an hour, minutes for more than a minute, else seconds.

    Raises
    ------
    ParameterError
        For any other unit.

    Notes
    -----
    ``librosa.display.TimeFormatter`` 0.11, which cuts digits that tell ticks apart: where it has
    ``10`` for 10.5 s, this has ``10.5``.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> ax.set(xlim=(0, 90))
    [(0.0, 90.0)]
    >>> ax.xaxis.set_major_formatter(TimeFormatter())
    >>> ax.xaxis.get_major_formatter()(75)
    '1:15'
    """

    def __init__(self, lag: bool = False, unit: str | None = None) -> None:
        self.lag = lag
        self.unit = choice("unit", unit, ("h", "m", "s", "ms", None))

    def __call__(self, x: float, pos: int | None = None) -> str:
        low, high = self.axis.get_view_interval()
        end = self.axis.get_data_interval()[1]
        if self.lag and x >= end / 2:
            # The end is not as round as a tick.
            decimals = 0 if high - low > 60 else max(0, 2 - math.floor(math.log10(high - low)))
            return "" if x > end else f"-{self._text(round(end - x, decimals), high - low)}"
        return f"{'-' if x < 0 else ''}{self._text(abs(x), high - low)}"

    def _text(self, seconds: float, span: float) -> str:
        seconds = round(seconds, 6)
        minutes, rest = divmod(seconds, 60)
        rest_text = f"{rest:09.6f}".rstrip("0").rstrip(".")
        if self.unit == "h" or (self.unit is None and span > 3600):
            return f"{minutes // 60:.0f}:{minutes % 60:02.0f}:{rest_text}"
        if self.unit == "m" or (self.unit is None and span > 60):
            return f"{minutes:.0f}:{rest_text}"
        if self.unit == "ms":
            return f"{1000 * seconds:.7g}"
        if self.unit is None and span < 1:
            return f"{seconds:.3f}"
        return f"{seconds:.7g}"


class NoteFormatter(_AxisFormatter):
    """Note names of frequencies, with cents where less than an octave is shown.

    Parameters
    ----------
    octave : bool
        Whether to add the octave; without it there are no cents either.
    major : bool
        Whether to name every tick; otherwise only where less than two octaves are shown.
    key : str
        The key that decides between sharps and flats, as in `serfast.midi_to_note`.
    unicode : bool
        Whether to write ``♯`` rather than ``#``.

    Notes
    -----
    ``librosa.display.NoteFormatter`` 0.11.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> ax.set(ylim=(100, 1000))
    [(100.0, 1000.0)]
    >>> ax.yaxis.set_major_formatter(NoteFormatter())
    >>> ax.yaxis.get_major_formatter()(440)
    'A4'
    """

    def __init__(
        self,
        octave: bool = True,
        major: bool = True,
        key: str = "C:maj",
        unicode: bool = True,
    ) -> None:
        self.octave = octave
        self.major = major
        self.key = key
        self.unicode = unicode

    def __call__(self, x: float, pos: int | None = None) -> str:
        low, high = self.axis.get_view_interval()
        octaves = high / max(1, low)
        if x <= 0 or (not self.major and octaves > 4):
            return ""
        cents = self.octave and octaves <= 2
        return str(
            hz_to_note(x, octave=self.octave, cents=cents, key=self.key, unicode=self.unicode)
        )


class LogHzFormatter(_AxisFormatter):
    """Frequencies on a logarithmic axis.

    Parameters
    ----------
    major : bool
        Whether to label every tick; otherwise only where less than two octaves are shown.

    Notes
    -----
    ``librosa.display.LogHzFormatter`` 0.11.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> ax.yaxis.set_major_formatter(LogHzFormatter())
    >>> ax.yaxis.get_major_formatter()(512.0)
    '512'
    """

    def __init__(self, major: bool = True) -> None:
        self.major = major

    def __call__(self, x: float, pos: int | None = None) -> str:
        low, high = self.axis.get_view_interval()
        if x <= 0 or (not self.major and high > 4 * max(1, low)):
            return ""
        return f"{x:g}"


class ChromaFormatter(Formatter):
    """Names of pitch classes, 0 being C.

    Parameters
    ----------
    key, unicode
        As in `NoteFormatter`.

    Notes
    -----
    ``librosa.display.ChromaFormatter`` 0.11.

    Examples
    --------
    >>> ChromaFormatter(key="F:maj")(10)
    'B♭'
    """

    def __init__(self, key: str = "C:maj", unicode: bool = True) -> None:
        self.key = key
        self.unicode = unicode

    def __call__(self, x: float, pos: int | None = None) -> str:
        return str(midi_to_note(int(x), octave=False, key=self.key, unicode=self.unicode))


class TonnetzFormatter(Formatter):
    """The six dimensions of `serfast.tonnetz`: fifths, minor thirds and major thirds.

    Notes
    -----
    ``librosa.display.TonnetzFormatter`` 0.11.

    Examples
    --------
    >>> TonnetzFormatter()(0)
    '5$_x$'
    """

    def __call__(self, x: float, pos: int | None = None) -> str:
        names = ("5$_x$", "5$_y$", "m3$_x$", "m3$_y$", "M3$_x$", "M3$_y$")
        return names[int(x)] if 0 <= x < len(names) else ""


class RoundTimeLocator(Locator):
    """Ticks at round times, as many as there is room for.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> ax.set(xlim=(0, 100))
    [(0.0, 100.0)]
    >>> ax.xaxis.set_major_locator(RoundTimeLocator())
    >>> ax.get_xticks().tolist()
    [0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0]
    """

    axis: Any
    steps = (
        *(digit * 10.0**power for power in range(-6, 1) for digit in (1, 2, 5)),
        *(10.0, 15.0, 30.0),
        *(60.0 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
        *(3600.0 * hours for hours in (1, 2, 6, 12, 24)),
    )

    def __call__(self) -> Any:
        low, high = sorted(self.axis.get_view_interval())
        room = max(2, min(9, self.axis.get_tick_space()))
        step = next((step for step in self.steps if high - low <= room * step), high - low)
        return step * np.arange(np.ceil(low / step), np.floor(high / step) + 1)
