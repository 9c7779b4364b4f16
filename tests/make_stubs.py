"""Writes the core's stubs, python/serfast/_core.pyi, from the compiled core.

Run it after a change of csrc/bind: ``python tests/make_stubs.py``; needs pybind11-stubgen.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

STUBS = Path(__file__).resolve().parents[1] / "python" / "serfast" / "_core.pyi"

_HEADER = "# Written by tests/make_stubs.py: do not edit.\n# ruff: noqa: E501, I001\n# fmt: off\n"
_IMPORTS_END = "import typing\n"
_ANY_PRECISION = (
    '_Float = typing.TypeVar("_Float", bound=numpy.floating[typing.Any])\n'
    '_Complex = typing.TypeVar("_Complex", bound=numpy.complexfloating[typing.Any, typing.Any])\n'
)
# A function for float32, and the same one for float64.
_BOTH = re.compile(
    r"@typing\.overload\n(def .*(?:float32|complex64).*\n {4}\.\.\.\n)"
    r"@typing\.overload\ndef .*(?:float64|complex128).*\n {4}\.\.\.\n"
)
_OF_BOTH = {"numpy.float32": "_Float", "numpy.complex64": "_Complex", "Stft32": "Stft32 | Stft64"}

# What stubgen writes, and what it means. Arrays must have their type: the core converts none.
_CLEARER = [
    (r"^__all__.*\n", ""),
    (r"^import typing_extensions\n", ""),
    (r"typing_extensions\.Buffer", "bytes | memoryview"),
    (r"typing\.SupportsFloat \| typing\.SupportsIndex|typing\.SupportsFloat", "float"),
    (r"typing\.SupportsInt \| typing\.SupportsIndex|typing\.SupportsInt", "int"),
    (r"typing\.Annotated\[numpy\.typing\.ArrayLike, (numpy\.\w+)\]", r"numpy.typing.NDArray[\1]"),
    (r"\bnumpy\.ndarray\b(?!\[)", "numpy.typing.NDArray[typing.Any]"),
    (r"\by: numpy\.typing\.NDArray\[.*?\]", "y: numpy.typing.NDArray[numpy.floating[typing.Any]]"),
    (r"\bdict\b(?!\[)", "dict[str, typing.Any]"),
    (r"os\.PathLike\b(?!\[)", "os.PathLike[typing.Any]"),
    (r"\bpool: Pool\b", "pool: Pool | None"),
    (
        r"progress: typing\.Any\) -> tuple:",
        "progress: collections.abc.Callable[[int, int], object] | None)"
        " -> tuple[typing.Any, list[tuple[int, str, str]], list[int],"
        " list[tuple[int, int, int, int, float] | None]]:",
    ),
]


def stubs() -> str:
    """The stubs of the core that is installed here."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pybind11_stubgen", "serfast._core", "-o", folder]
        subprocess.run(command, check=True, capture_output=True, text=True)
        text = (Path(folder) / "serfast" / "_core.pyi").read_text(encoding="utf-8")
    for pattern, replacement in _CLEARER:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    text = text.replace(_IMPORTS_END, _IMPORTS_END + _ANY_PRECISION, 1)
    return _HEADER + _BOTH.sub(_for_both, text)


def _for_both(match: re.Match[str]) -> str:
    text = match[1]
    for single, both in _OF_BOTH.items():
        text = text.replace(single, both)
    return text


if __name__ == "__main__":
    STUBS.write_text(stubs(), encoding="utf-8")
    print(f"wrote {STUBS.name}")
