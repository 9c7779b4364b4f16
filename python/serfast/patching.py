"""serfast's functions in the place of librosa's, in a running program.

librosa loads its modules when they are first used, and they import functions from each other. So
what is replaced is each attribute of a loaded librosa module that is one of the functions, now and
again whenever another module of librosa has been loaded.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial, wraps
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from inspect import signature
from types import FunctionType, ModuleType
from typing import Any

from . import _patch_rules as rules

__all__ = ["PatchReport", "PatchRow", "patch_librosa", "patch_report", "patched_librosa",
           "unpatch_librosa"]  # fmt: skip

Function = Callable[..., Any]

_MOST_REASONS = 20


_lock = threading.RLock()
_wrappers: dict[Function, Function] = {}  # by librosa's own function, as long as the patch is on


@dataclass
class PatchRow:
    """What became of the calls of one function.

    Attributes
    ----------
    function : str
        librosa's name of it.
    calls : int
        Calls that were answered, by serfast or by librosa.
    fallbacks : int
        Those of them that librosa answered.
    reasons : collections.Counter
        Why, and how often.
    """

    function: str
    calls: int = 0
    fallbacks: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class PatchReport:
    """How often serfast answered for librosa, and where librosa had to do it itself.

    Calls that librosa's own functions make of each other count too; those that end in an exception
    do not.

    Attributes
    ----------
    rows : list of PatchRow
        The functions that were called, by name.

    Examples
    --------
    >>> import librosa, numpy as np, serfast
    >>> with serfast.patched_librosa() as report:
    ...     centroid = librosa.feature.spectral_centroid(y=np.ones(4096))
    ...     loudness = librosa.feature.rms(y=np.ones(4096, int))
    >>> [(row.function, row.calls, row.fallbacks) for row in report.rows]
    [('librosa.feature.rms', 1, 1), ('librosa.feature.spectral_centroid', 1, 0)]
    """

    def __init__(self) -> None:
        self._rows: dict[str, PatchRow] = {}

    @property
    def rows(self) -> list[PatchRow]:
        with _lock:
            return [self._rows[name] for name in sorted(self._rows)]

    def _count(self, name: str, reason: str | None = None) -> None:
        with _lock:
            row = self._rows.setdefault(name, PatchRow(f"librosa.{name}"))
            row.calls += 1
            if reason is not None:
                row.fallbacks += 1
                known = reason in row.reasons or len(row.reasons) < _MOST_REASONS
                row.reasons[reason if known else "others"] += 1

    def __str__(self) -> str:
        rows = self.rows
        width = max((len(row.function) for row in rows), default=8)
        lines = [f"{'function':{width}}  {'calls':>8}  {'by librosa':>10}"]
        for row in rows:
            lines.append(f"{row.function:{width}}  {row.calls:8}  {row.fallbacks:10}")
            lines += [f"    {n} x {reason}" for reason, n in row.reasons.most_common()]
        return "\n".join(lines)


_report = PatchReport()


def patch_librosa() -> None:
    """Put serfast's functions in the place of librosa's, for the whole process.

    Each function that both have (``librosa.feature.mfcc``, ``librosa.stft``...) is replaced in
    every module of librosa, also in those that are loaded later. The new one computes with serfast;
    where serfast does not take the arguments, librosa's own function is called, and `patch_report`
    tells how often and why. Errors are librosa's.

    librosa may be 0.11 or 1.0; what 1.0 computes otherwise than 0.11 is left to it. Names that were
    imported before (``from librosa.feature import mfcc``) keep the function that they have: patch
    first, then import. Values agree with librosa's as those of serfast do. Of a patch that is on
    already, only the counts begin anew.

    Raises
    ------
    ModuleNotFoundError
        If librosa is not installed.

    See Also
    --------
    unpatch_librosa, patched_librosa, patch_report

    Examples
    --------
    >>> import librosa, numpy as np, serfast
    >>> serfast.patch_librosa()
    >>> librosa.feature.mfcc(y=np.sin(np.arange(4096.0)), n_mfcc=13).shape
    (13, 9)
    >>> serfast.unpatch_librosa()
    """
    global _report
    if find_spec("librosa") is None:
        raise ModuleNotFoundError(
            "serfast.patch_librosa() needs librosa, which is not installed here", name="librosa"
        )
    with _lock:
        _report = PatchReport()
        if _loaded not in sys.meta_path:
            sys.meta_path.insert(0, _loaded)
            _adopt(*_librosa_modules())


def unpatch_librosa() -> None:
    """Give librosa its own functions back; does nothing where no patch is on.

    See Also
    --------
    patch_librosa

    Examples
    --------
    >>> import serfast
    >>> serfast.patch_librosa()
    >>> serfast.unpatch_librosa()
    """
    with _lock:
        if _loaded in sys.meta_path:
            sys.meta_path.remove(_loaded)
        _replace({wrapper: original for original, wrapper in _wrappers.items()})
        _wrappers.clear()


@contextmanager
def patched_librosa() -> Iterator[PatchReport]:
    """`patch_librosa` for as long as a ``with`` block lasts, in all threads.

    Returns
    -------
    block : context manager
        Its target is the `PatchReport`, which stays after the block. Within a patch that is on
        already it changes nothing.

    Raises
    ------
    ModuleNotFoundError
        If librosa is not installed.

    See Also
    --------
    patch_librosa

    Examples
    --------
    >>> import librosa, numpy as np, serfast
    >>> with serfast.patched_librosa():
    ...     loudness = librosa.feature.rms(y=np.ones(4096))
    """
    before = _loaded in sys.meta_path
    if not before:
        patch_librosa()
    try:
        yield _report
    finally:
        if not before:
            unpatch_librosa()


def patch_report() -> PatchReport:
    """How often each function was called since `patch_librosa`, and how often librosa answered.

    Returns
    -------
    report : PatchReport
        Its `rows`, or ``print`` it. It goes on counting, and stays when the patch is taken off.

    See Also
    --------
    patch_librosa

    Examples
    --------
    >>> import librosa, numpy as np, serfast
    >>> serfast.patch_librosa()
    >>> centred = librosa.stft(np.ones(4096))
    >>> serfast.unpatch_librosa()
    >>> print(serfast.patch_report())
    function         calls  by librosa
    librosa.stft         1           0
    """
    return _report


class _Loaded:
    """An importer that finds what the others would, and adopts modules of librosa once loaded."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not name.startswith("librosa."):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_adopt(module: ModuleType) -> None:
            load(module)
            with _lock:
                if self in sys.meta_path:
                    _adopt(module)

        spec.loader.exec_module = load_and_adopt  # type: ignore[method-assign]
        return spec


_loaded = _Loaded()


def _librosa_modules() -> list[ModuleType]:
    found = [m for name, m in list(sys.modules.items()) if name.partition(".")[0] == "librosa"]
    return [module for module in found if isinstance(module, ModuleType)]


def _adopt(*modules: ModuleType) -> None:
    """Replaces the functions that these modules define, wherever librosa refers to them."""
    adopted = set(_wrappers.values())
    for module in modules:
        for function in list(vars(module).values()):
            if (
                isinstance(function, FunctionType)
                and function.__module__ == module.__name__
                and function not in adopted
                and (path := _public_path(function))
                and rules.replaceable(path)
                and (defaults := _other_defaults(_ours(path), function)) is not None
            ):
                _wrappers[function] = _wrapper(path, function, defaults)
    _replace(_wrappers)


def _replace(new: dict[Function, Function]) -> None:
    for module in _librosa_modules():
        names = vars(module)
        for name, value in list(names.items()):
            if isinstance(value, FunctionType) and value in new:
                names[name] = new[value]


def _public_path(function: Function) -> str | None:
    """The name below ``librosa`` of one of its functions, if serfast has a function there."""
    _, package, *inside = function.__module__.split(".")
    if package == "util":  # the tools of the others, no faster here
        return None
    packages = [[]] if package == "core" else [[package], [package, *inside]]
    paths = [".".join([*folders, function.__name__]) for folders in packages]
    return next((path for path in paths if isinstance(_ours(path), FunctionType)), None)


def _ours(path: str) -> Any:
    """What serfast has in public under this name."""
    found: Any = sys.modules[__package__]
    for name in path.split("."):
        if not isinstance(found, ModuleType) or name not in getattr(found, "__all__", ()):
            return None
        found = getattr(found, name)
    return found


def _other_defaults(ours: Function, original: Function) -> dict[str, Any] | None:
    """librosa's defaults where serfast has others; none if librosa has parameters of its own.

    serfast is librosa 0.11: what another version does by a parameter more is not known here.
    """
    known, theirs = signature(ours).parameters, signature(original).parameters
    named = [
        p
        for p in theirs.values()
        if p.kind is not p.VAR_KEYWORD and type(p.default).__name__ != "Deprecated"
    ]
    if any(p.name not in known or p.kind is p.VAR_POSITIONAL for p in named):
        return None
    defaults = {p.name: (p.default, known[p.name].default) for p in named}
    return {name: a for name, (a, b) in defaults.items() if not (a is b or a == b)}


def _again(argument: Any) -> Any:
    """An argument that can be read twice: what an iterator yields."""
    is_file = hasattr(argument, "seek")
    return list(argument) if hasattr(argument, "__next__") and not is_file else argument


def _wrapper(path: str, original: Function, defaults: dict[str, Any]) -> Function:
    """librosa's function to look at, serfast's to call, librosa's own where that one refuses."""
    ours = partial(_ours(path), **defaults) if defaults else _ours(path)
    ours = rules.adapted(path, ours)
    across_channels = rules.ACROSS_CHANNELS.get(path, ())

    @wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        if across_channels and rules.several_channels(kwargs, across_channels):
            reason = "several channels"
        else:
            args = tuple(_again(a) for a in args)
            kwargs = {name: _again(a) for name, a in kwargs.items()}
            files = [(a, a.tell()) for a in (*args, *kwargs.values()) if hasattr(a, "seek")]
            try:
                result = ours(*args, **kwargs)
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
                for file, position in files:
                    file.seek(position)
            else:
                _report._count(path)
                return result
        # Outside of the except clause, so that librosa's errors come without serfast's.
        result = original(*args, **kwargs)
        _report._count(path, reason)
        return result

    return call
