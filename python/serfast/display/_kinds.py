"""Kinds of axes: where rows and frames lie on them, and their ticks, as librosa has them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import ticker

import serfast
from serfast._validate import Array, choice
from serfast.errors import ParameterError
from serfast.notes import scale_degrees

from ._ticks import ChromaFormatter, LogHzFormatter, NoteFormatter, TimeFormatter, TonnetzFormatter

if TYPE_CHECKING:
    from matplotlib.axis import Axis

UNITS = {"h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}


@dataclass(frozen=True)
class Grid:
    """What data were made with, as far as it decides where they lie and what ticks say."""

    sr: float
    hop_length: int
    n_fft: int | None
    win_length: int | None
    fmin: float | None
    fmax: float | None
    tempo_min: float | None
    tempo_max: float | None
    tuning: float
    bins_per_octave: int
    key: str
    htk: bool
    unicode: bool
    intervals: Any

    @property
    def lowest(self) -> float:
        """The lowest bin of a constant-Q transform in Hz."""
        return float(serfast.note_to_hz("C1")) if self.fmin is None else self.fmin


# ---------------------------------------------------------------- where n values lie


def _numbers(n: int, grid: Grid) -> Array:
    return np.arange(n)


def _times(n: int, grid: Grid) -> Array:
    return np.asarray(serfast.frames_to_time(np.arange(n), sr=grid.sr, hop_length=grid.hop_length))


def _fft_hz(n: int, grid: Grid) -> Array:
    return serfast.fft_frequencies(sr=grid.sr, n_fft=grid.n_fft or max(1, 2 * (n - 1)))


def _mel_hz(n: int, grid: Grid) -> Array:
    highest = grid.sr / 2 if grid.fmax is None else grid.fmax
    return serfast.mel_frequencies(n, fmin=grid.fmin or 0.0, fmax=highest, htk=grid.htk)


def _cqt_hz(n: int, grid: Grid) -> Array:
    lowest = grid.lowest * 2.0 ** (grid.tuning / grid.bins_per_octave)
    return _below_nyquist(
        serfast.cqt_frequencies(n, fmin=lowest, bins_per_octave=grid.bins_per_octave), grid.sr
    )


def _vqt_hz(n: int, grid: Grid) -> Array:
    if grid.intervals is None:
        raise ParameterError("intervals=None: axes vqt_hz and vqt_note need those of the transform")
    frequencies = serfast.interval_frequencies(
        n, fmin=grid.lowest, intervals=grid.intervals, bins_per_octave=grid.bins_per_octave
    )
    return _below_nyquist(frequencies, grid.sr)


def _below_nyquist(frequencies: Array, sr: float) -> Array:
    if np.any(frequencies > sr / 2):
        warnings.warn(
            f"the frequency axis ends at {frequencies.max():.0f} Hz, above the Nyquist frequency "
            f"of sr={sr}: give specshow the sr, fmin and bins_per_octave of the data",
            stacklevel=4,
        )
    return frequencies


def _pitch_classes(n: int, grid: Grid) -> Array:
    return np.linspace(0, 12 * n / grid.bins_per_octave, num=n, endpoint=False)


def _tempi(n: int, grid: Grid) -> Array:
    return serfast.tempo_frequencies(n + 1, sr=grid.sr, hop_length=grid.hop_length)[1:]


def _fourier_tempi(n: int, grid: Grid) -> Array:
    return serfast.fourier_tempo_frequencies(
        sr=grid.sr, hop_length=grid.hop_length, win_length=grid.win_length or 2 * (n - 1)
    )


# ---------------------------------------------------------------- ticks


def _no_ticks(axis: Axis, grid: Grid | None) -> None:
    axis.set_ticks([])


def _plain_ticks(axis: Axis, grid: Grid) -> None:
    axis.set_major_formatter(ticker.ScalarFormatter())


def _time_ticks(axis: Axis, grid: Grid | None, *, unit: str | None, lag: bool) -> None:
    axis.set_major_formatter(TimeFormatter(unit=unit, lag=lag))
    axis.set_major_locator(ticker.MaxNLocator(prune=None, steps=[1, 1.5, 5, 6, 10]))


def _symlog_ticks(axis: Axis, grid: Grid) -> None:
    axis.set_major_formatter(ticker.ScalarFormatter())
    axis.set_major_locator(ticker.SymmetricalLogLocator(axis.get_transform()))


def _cqt_hz_ticks(axis: Axis, grid: Grid) -> None:
    _name_hz(axis)
    axis.set_major_locator(ticker.LogLocator(base=2.0))
    axis.set_minor_locator(ticker.LogLocator(base=2.0, subs=_semitones(_over_power_of_2("C1"))))


def _note_ticks(axis: Axis, grid: Grid, *, lowest: str) -> None:
    _name_notes(axis, grid)
    c = float(serfast.note_to_hz(lowest))
    # librosa's LogLocator leaves small axes without any name.
    axis.set_major_locator(ticker.FixedLocator([c * 2**octave for octave in range(12)]))
    axis.set_minor_locator(ticker.LogLocator(base=2.0, subs=_semitones(_over_power_of_2(lowest))))


def _vqt_hz_ticks(axis: Axis, grid: Grid) -> None:
    _name_hz(axis)
    _locate_intervals(axis, grid)


def _vqt_note_ticks(axis: Axis, grid: Grid) -> None:
    _name_notes(axis, grid)
    _locate_intervals(axis, grid)


def _name_notes(axis: Axis, grid: Grid) -> None:
    axis.set_major_formatter(NoteFormatter(key=grid.key, unicode=grid.unicode))
    axis.set_minor_formatter(NoteFormatter(key=grid.key, unicode=grid.unicode, major=False))


def _name_hz(axis: Axis) -> None:
    axis.set_major_formatter(LogHzFormatter())
    axis.set_minor_formatter(LogHzFormatter(major=False))


def _locate_intervals(axis: Axis, grid: Grid) -> None:
    lowest = _over_power_of_2(grid.lowest)
    subs = serfast.interval_frequencies(
        12, fmin=lowest, intervals=grid.intervals, bins_per_octave=12
    )
    axis.set_major_locator(ticker.LogLocator(base=2.0, subs=(lowest,)))
    axis.set_minor_locator(ticker.LogLocator(base=2.0, subs=subs.tolist()))


def _over_power_of_2(pitch: str | float) -> float:
    """The factor in [1, 2) by which a pitch lies above a power of 2 Hz."""
    hz = float(serfast.note_to_hz(pitch)) if isinstance(pitch, str) else pitch
    return float(2 * np.frexp(hz)[0])


def _semitones(lowest: float) -> list[float]:
    return [lowest * 2 ** (semitone / 12) for semitone in range(1, 12)]


def _chroma_ticks(axis: Axis, grid: Grid) -> None:
    axis.set_major_formatter(ChromaFormatter(key=grid.key, unicode=grid.unicode))
    degrees = scale_degrees(grid.key)
    axis.set_major_locator(
        ticker.FixedLocator([12 * octave + degree for octave in range(10) for degree in degrees])
    )


def _tonnetz_ticks(axis: Axis, grid: Grid) -> None:
    axis.set_major_formatter(TonnetzFormatter())
    axis.set_major_locator(ticker.FixedLocator(range(6)))


def _tempo_ticks(axis: Axis, grid: Grid) -> None:
    axis.set_major_formatter(ticker.ScalarFormatter())
    axis.set_major_locator(ticker.LogLocator(base=2.0))
    _of_axes(axis, "lim")(grid.tempo_min, grid.tempo_max)


def _of_axes(axis: Axis, what: str) -> Callable[..., Any]:
    """The setter of the axes for this axis: ``set_xscale``, ``set_ylim``..."""
    name = "x" if axis is axis.axes.xaxis else "y"
    setter: Callable[..., Any] = getattr(axis.axes, f"set_{name}{what}")
    return setter


# ---------------------------------------------------------------- the kinds


@dataclass(frozen=True)
class Kind:
    """Where values lie on an axis, what it is called, its ticks and its scale."""

    positions: Callable[[int, Grid], Array]
    label: str = ""
    ticks: Callable[[Axis, Any], None] = _no_ticks
    scale: str = "linear"
    scale_options: tuple[tuple[str, float], ...] = ()

    def dress(self, axis: Axis, grid: Grid | None = None) -> None:
        """Give an axis this scale, ticks and label; kinds of time need no grid."""
        if self.scale != "linear":
            _of_axes(axis, "scale")(self.scale, **dict(self.scale_options))
        self.ticks(axis, grid)
        axis.set_label_text(self.label)


def _time_kinds() -> dict[str | None, Kind]:
    kinds: dict[str | None, Kind] = {}
    for prefix, label, lag in (("", "Time", False), ("lag_", "Lag", True)):
        name = "lag" if lag else "time"
        kinds[name] = Kind(_times, label, partial(_time_ticks, unit=None, lag=lag))
        for unit, word in UNITS.items():
            ticks = partial(_time_ticks, unit=unit, lag=lag)
            kinds[f"{prefix}{unit}"] = Kind(_times, f"{label} ({word})", ticks)
    return kinds


_OFF = Kind(_numbers)
_LINEAR = Kind(_fft_hz, "Hz", _plain_ticks)
_LOG2 = ("log", (("base", 2.0),))
# Below C2 it is linear, and notes would crowd.
_LOG_FFT = (
    "symlog",
    (("base", 2.0), ("linthresh", float(serfast.note_to_hz("C2"))), ("linscale", 0.5)),
)

_TIMES: dict[str | None, Kind] = {None: _OFF, "none": _OFF, "off": _OFF, **_time_kinds()}
_KINDS: dict[str | None, Kind] = {
    **_TIMES,
    "frames": Kind(_numbers, "Frames", _plain_ticks),
    "linear": _LINEAR,
    "fft": _LINEAR,
    "hz": _LINEAR,
    "log": Kind(_fft_hz, "Hz", _symlog_ticks, *_LOG_FFT),
    "fft_note": Kind(_fft_hz, "Note", partial(_note_ticks, lowest="C2"), *_LOG_FFT),
    "mel": Kind(_mel_hz, "Hz", _symlog_ticks, "symlog", (("base", 2.0), ("linthresh", 1000.0))),
    "cqt_hz": Kind(_cqt_hz, "Hz", _cqt_hz_ticks, *_LOG2),
    "cqt_note": Kind(_cqt_hz, "Note", partial(_note_ticks, lowest="C-1"), *_LOG2),
    "vqt_hz": Kind(_vqt_hz, "Hz", _vqt_hz_ticks, *_LOG2),
    "vqt_note": Kind(_vqt_hz, "Note", _vqt_note_ticks, *_LOG2),
    "chroma": Kind(_pitch_classes, "Pitch class", _chroma_ticks),
    "tonnetz": Kind(_numbers, "Tonnetz", _tonnetz_ticks),
    "tempo": Kind(_tempi, "BPM", _tempo_ticks, *_LOG2),
    "fourier_tempo": Kind(_fourier_tempi, "BPM", _tempo_ticks, *_LOG2),
}


# Names of kinds that are drawn to one scale where both axes have them, as in librosa.
_FAMILIES = (
    {"linear", "fft", "hz", "fft_note"},
    {"cqt_hz", "cqt_note"},
    {"time", *UNITS},
    {"lag", *(f"lag_{unit}" for unit in UNITS)},
    *({name} for name in ("chroma", "fourier_tempo", "frames", "log", "mel", "tempo", "tonnetz")),
)


def are_alike(one: str | None, other: str | None) -> bool:
    """Whether two kinds are of one family."""
    return any({one, other} <= family for family in _FAMILIES)


def axis_kind(name: str, value: Any) -> Kind:
    """The kind of axis that a keyword names.

    Raises
    ------
    ParameterError
        If there is no such kind.
    """
    return _KINDS[choice(name, value, tuple(_KINDS))]


def time_kind(name: str, value: Any) -> Kind:
    """The same, of kinds of time only."""
    return _TIMES[choice(name, value, tuple(_TIMES))]
