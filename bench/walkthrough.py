"""Runs docs/first-ten-minutes.md in a fresh copy of the repository, and writes what came out.

``python bench/walkthrough.py FOLDER``: FOLDER must not exist; it becomes the copy. Each block of
shell commands runs in the same shell as those before it, as a person would type them. Behind it
comes what it printed, and how long it took. Longer outputs are cut in the middle; pip is quiet.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "first-ten-minutes.md"
BLOCK = re.compile(r"```sh\n(.*?)```\n(?:\n```text\n.*?```\n\n\*.*?\*\n)?", re.DOTALL)
END = "walkthrough: end of a block"
MOST_LINES = 24


class Shell:
    """A shell that keeps its state from one block to the next."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["bash"], cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env={**os.environ, "PIP_QUIET": "2"},
        )  # fmt: skip

    def run(self, commands: str) -> tuple[list[str], float]:
        """What the commands print on both streams, and how long they take in s."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        start = time.perf_counter()
        self._process.stdin.write(f"{commands}\necho '{END}' $?\n")
        self._process.stdin.flush()
        lines: list[str] = []
        for line in self._process.stdout:
            if line.startswith(END):
                break
            lines.append(line.rstrip())
        if line.split()[-1] != "0":
            raise SystemExit("\n".join([f"this failed: {commands}", *lines]))
        return lines, time.perf_counter() - start


def cut(lines: list[str]) -> list[str]:
    """The first and last lines of a long output."""
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[:6], "...", *lines[-(MOST_LINES - 7) :]]


def main(folder: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    shell = Shell(folder)

    def with_output(block: re.Match[str]) -> str:
        lines, seconds = shell.run(block[1])
        said = "\n".join(cut(lines) or ["(nothing)"])
        return f"```sh\n{block[1]}```\n\n```text\n{said}\n```\n\n*{seconds:.2g} s*\n"

    PAGE.write_text(BLOCK.sub(with_output, PAGE.read_text()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
