"""Sizes of wheels; a failure if one is too large: python bench/wheel_size.py WHEEL...

What counts is what the code takes in the download: sample audio and models do not.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

MOST_MB = 3.0
DATA = ("serfast/samples/", "serfast/models/default/")


def sizes(wheel: Path) -> tuple[float, float]:
    """MB of the whole wheel, and of what is no sample audio and no model, compressed as there."""
    with zipfile.ZipFile(wheel) as files:
        code = sum(
            one.compress_size for one in files.infolist() if not one.filename.startswith(DATA)
        )
    return wheel.stat().st_size / 1e6, code / 1e6


def main(wheels: list[str]) -> int:
    """Print a line for each wheel; 1 if one is too large, or none was given."""
    too_large = not wheels
    for name in wheels:
        whole, code = sizes(Path(name))
        print(f"{Path(name).name}: {whole:.2f} MB, {code:.2f} without samples and models")
        too_large |= code > MOST_MB
    if too_large:
        print(
            f"at most {MOST_MB} MB without samples and models, of at least one wheel",
            file=sys.stderr,
        )
    return int(too_large)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
