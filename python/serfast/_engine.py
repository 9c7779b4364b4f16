"""The way from a public function to the core: options become a plan, plans are kept for reuse."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from importlib import import_module
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from . import _core
from . import _validate as validate
from ._validate import Real
from .errors import ParameterError

Options: TypeAlias = dict[str, Any]
Plan: TypeAlias = "_core.Plan32 | _core.Plan64"
T = TypeVar("T")

# Padding that the core does itself; any other mode of numpy.pad makes a padded copy first.
core_pad_modes = ("constant", "edge", "reflect", "symmetric", "linear_ramp")
# Modes that depend on the whole signal, which librosa.stft refuses.
global_pad_modes = ("wrap", "maximum", "mean", "median", "minimum")

_thread = threading.local()
_translators: dict[str, Callable[[Options], Options]] = {}


def translates(
    feature: str,
) -> Callable[[Callable[[Options], Options]], Callable[[Options], Options]]:
    """Registers what checks a feature's public options and puts them into the core's."""

    def register(translator: Callable[[Options], Options]) -> Callable[[Options], Options]:
        _translators[feature] = translator
        return translator

    return register


def plan(feature: str, a: Real, options: Options, **source: Any) -> Plan:
    """The plan of one feature for arrays of a's precision."""
    return _plan(feature=feature, double=a.dtype == np.float64, **options, **source)


def request(feature: str, options: Options) -> tuple[str, Options]:
    """One feature as the core's Plan takes it."""
    if feature not in _translators:
        # The module of the public function registers it.
        getattr(import_module(__package__), feature)
    return feature, _translators[feature](options)


class Frozen:
    """A value that cannot be hashed, compared by content: an array, a list, a tuple with either."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self._key = _content(value)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and self._key == other._key


def _content(value: Any) -> Hashable:
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, (list, tuple)):
        return type(value).__name__, *map(_content, value)
    other: Hashable = value
    return other


def _frozen(value: Any) -> Hashable:
    return Frozen(value) if isinstance(value, (np.ndarray, list, tuple)) else value


def cached(build: Callable[..., T]) -> Callable[..., T]:
    """Keeps what `build` made for the same keyword arguments, arrays compared by content.

    A window that is a function is called each time: what it gives may have changed.
    """

    @lru_cache(maxsize=128)
    def build_once(names: tuple[str, ...], values: tuple[Any, ...], types: tuple[type, ...]) -> T:
        return build(
            **{
                name: value.value if isinstance(value, Frozen) else value
                for name, value in zip(names, values, strict=True)
            }
        )

    @wraps(build)
    def lookup(**options: Any) -> T:
        if callable(options.get("window")):
            if "win_length" not in options or options.get("source") == "rows":
                return build(**options)
            options["window"] = np.atleast_1d(options["window"](_lengths(options)[1]))
        # The types too: 256, 256.0 and True are equal, but not all of them are valid.
        names, values = tuple(options), tuple(options.values())
        types = tuple(map(type, values))
        try:
            return build_once(names, values, types)
        except TypeError:
            return build_once(names, tuple(map(_frozen, values)), types)

    return lookup


@cached
def _plan(*, feature: str, double: bool, **options: Any) -> Plan:
    return (_core.Plan64 if double else _core.Plan32)([request(feature, options)])


def threads_for(n_samples: int) -> int:
    """Short signals are not worth a look at how many CPUs there are."""
    if n_samples < 1 << 17 or getattr(_thread, "is_one_of_many", False):
        return 1
    return default_threads()


def be_one_of_many() -> None:
    """Functions that are called in this thread use no others, which have work of their own."""
    _thread.is_one_of_many = True


def thread_count(threads: int | None) -> int:
    """What a caller asked for, checked; None stands for the default."""
    return default_threads() if threads is None else validate.positive_int("threads", threads)


def default_threads() -> int:
    """SERFAST_NUM_THREADS, else the CPUs that this process may use."""
    wanted = os.environ.get("SERFAST_NUM_THREADS")
    if wanted:
        try:
            return validate.positive_int("SERFAST_NUM_THREADS", int(wanted))
        except ValueError:
            raise ParameterError(
                f"SERFAST_NUM_THREADS={wanted!r} must be a positive integer"
            ) from None
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def of_spectrum(feature: str, y: Any, S: Any, options: Options) -> Real:
    """A feature of a spectrogram S, or of the spectrum of a signal y."""
    if S is not None:
        S = validate.rows(S)
        return of_rows(feature, S, {**options, "n_fft": inferred_n_fft(options["n_fft"], S)})
    return of_signal(feature, checked_signal(y, options), options)


def checked_signal(y: Any, options: Options) -> Real:
    """The signal of a spectrum; warns, as librosa does, where it is shorter than a frame."""
    if y is None:
        raise ParameterError("either y or S must be given")
    signal = validate.signal(y)
    if not options["center"]:
        return signal
    if options["pad_mode"] in global_pad_modes:
        raise ParameterError(
            f"pad_mode={options['pad_mode']!r} is not supported for spectra; "
            f"allowed are {', '.join(map(repr, core_pad_modes))}, 'empty' and functions"
        )
    if validate.positive_int("n_fft", options["n_fft"]) > signal.shape[-1]:
        warnings.warn(
            f"n_fft={options['n_fft']} is too large for input signal of length={signal.shape[-1]}",
            stacklevel=5,
        )
    return signal


def of_signal(feature: str, y: Real, options: Options) -> Real:
    """A feature of a checked signal: options hold a frame length, center and pad_mode."""
    y, options = prepared(y, options)
    result: Real = plan(feature, y, options, source="signal").rows(y, threads_for(y.size))[0]
    return result


def of_rows(feature: str, S: Real, options: Options) -> Real:
    """A feature of rows that the caller brings, already checked."""
    made = plan(feature, S, options, source="rows", n_bins=S.shape[-2])
    result: Real = made.rows(S, threads_for(S.size))[0]
    return result


def tuning(y: Any, S: Any, options: Options) -> float:
    """The tuning of a signal or spectrogram, all its channels together."""
    if S is None:
        y, options = prepared(checked_signal(y, options), options)
        if y.ndim == 1:
            return _tuning(plan("tuning", y, options, source="signal"), y)
        from .spectrum import stft

        frames = ("n_fft", "hop_length", "win_length", "window", "center", "pad_mode")
        S = np.abs(stft(y, **{name: options[name] for name in frames}))
    S = validate.rows(S)
    S = validate.contiguous(np.moveaxis(S, -2, 0).reshape(S.shape[-2], -1))
    options = {**options, "n_fft": inferred_n_fft(options["n_fft"], S)}
    return _tuning(plan("tuning", S, options, source="rows", n_bins=S.shape[-2]), S)


def _tuning(made: Plan, a: Real) -> float:
    found = made.tuning(a, threads_for(a.size))
    return tuning_of_nothing(stacklevel=4) if found is None else found


def tuning_of_nothing(stacklevel: int) -> float:
    """The tuning where there is no peak; warns, as librosa does."""
    warnings.warn("Trying to estimate tuning from empty frequency set.", stacklevel=stacklevel + 1)
    return 0.0


def at_least(dtype: npt.DTypeLike, values: Real) -> Real:
    """Values in the precision of their filters where that is the higher one."""
    return values.astype(np.promote_types(values.dtype, validate.float_dtype(dtype)), copy=False)


def prepared(y: Real, options: Options) -> tuple[Real, Options]:
    """The signal padded here where the core does not know the mode."""
    if options["center"] and options["pad_mode"] not in core_pad_modes:
        width = positive_length(options) // 2
        y = padded(y, width, options["pad_mode"])
        options = {**options, "center": False, "pad_mode": "constant"}
    return y, options


def positive_length(options: Options) -> int:
    name = "n_fft" if "n_fft" in options else "frame_length"
    return validate.positive_int(name, options[name])


def padded(y: Real, width: int, mode: Any) -> Real:
    try:
        return np.pad(y, [(0, 0)] * (y.ndim - 1) + [(width, width)], mode=mode)
    except ValueError as error:
        if y.shape[-1] == 0:
            raise ParameterError(
                f"an empty signal cannot be padded with pad_mode={mode!r}"
            ) from None
        raise ParameterError(f"pad_mode={mode!r}: {error}") from None


def inferred_n_fft(n_fft: Any, S: Real) -> int:
    """The transform length that S belongs to: n_fft if it fits, else the even one that does."""
    if S.shape[-2] < 2:
        raise ParameterError(f"S has shape {S.shape}; a spectrum has at least 2 rows")
    if n_fft is not None and n_fft // 2 + 1 == S.shape[-2]:
        return int(n_fft)
    return 2 * (int(S.shape[-2]) - 1)


def frame_options(
    n_fft: Any, hop_length: Any, win_length: Any, window: Any, center: bool, pad_mode: Any
) -> Options:
    """The options that every function of a spectrum has."""
    return {
        "n_fft": n_fft, "hop_length": hop_length, "win_length": win_length, "window": window,
        "center": center, "pad_mode": pad_mode,
    }  # fmt: skip


def _lengths(o: Options) -> tuple[int, int]:
    """n_fft, and how many samples of it are under the window."""
    n_fft = validate.positive_int("n_fft", o["n_fft"])
    if o["win_length"] is None:
        return n_fft, n_fft
    win_length = validate.positive_int("win_length", o["win_length"])
    if win_length > n_fft:
        raise ParameterError(f"win_length={win_length} must be at most n_fft={n_fft}")
    return n_fft, win_length


def stft_options(o: Options) -> Options:
    """n_fft, hop_length, win_length, window, center and pad_mode as the core takes them."""
    from .filters import get_window

    n_fft, win_length = _lengths(o)
    window = np.zeros(n_fft)
    left = (n_fft - win_length) // 2
    values = get_window(o["window"], win_length)
    if np.shape(values) != (win_length,):
        raise ParameterError(f"window has shape {np.shape(values)} where ({win_length},) is needed")
    if np.iscomplexobj(values) or not np.all(np.isfinite(values)):
        raise ParameterError(f"window={o['window']!r} must be real and finite")
    window[left : left + win_length] = values
    return {
        "n_fft": n_fft,
        "hop_length": hop_length(o),
        "window": window,
        "convention": o.get("convention", "librosa"),
        **padding_options(o),
    }


def hop_length(o: Options) -> int:
    """The distance of frames: hop_length, else a quarter of the window."""
    hop = o["hop_length"]
    if hop is None:
        hop = (o["win_length"] or o["n_fft"]) // 4
    return validate.positive_int("hop_length", hop)


def padding_options(o: Options) -> Options:
    """center and pad_mode; without centering no mode matters."""
    if not o["center"]:
        return {"center": False, "pad_mode": "constant"}
    return {"center": True, "pad_mode": validate.choice("pad_mode", o["pad_mode"], core_pad_modes)}


def spectrum_options(o: Options) -> Options:
    """What every feature of a spectrum needs, of a signal's own or of the caller's rows."""
    if o["source"] == "rows":
        return {"source": "rows", "n_bins": o["n_bins"], "n_fft": o["n_fft"]}
    return {"source": "signal", **stft_options(o)}
