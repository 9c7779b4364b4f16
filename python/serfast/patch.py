"""Run a program that was written for librosa, with serfast's functions in librosa's place.

``python -m serfast.patch [--report] program.py [argument ...]``
"""

from __future__ import annotations

import argparse
import os
import runpy
import sys

from .patching import patch_librosa, patch_report


def main(argv: list[str] | None = None) -> None:
    """Run the program as ``python program.py argument ...`` would, with `patch_librosa` on."""
    parser = argparse.ArgumentParser(
        prog="python -m serfast.patch",
        description="Run a program written for librosa with serfast's functions in its place.",
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="tell on stderr, at the end, how often serfast answered and how often librosa",
    )
    parser.add_argument("program", help="the Python program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="its arguments")
    options = parser.parse_args(argv)

    if not os.path.exists(options.program):
        parser.error(f"no such file: {options.program}")
    patch_librosa()
    sys.argv = [options.program, *options.arguments]
    sys.path[0] = os.path.dirname(os.path.realpath(options.program))
    try:
        runpy.run_path(options.program, run_name="__main__")
    finally:
        if options.report:
            print(patch_report(), file=sys.stderr)


if __name__ == "__main__":
    main()
