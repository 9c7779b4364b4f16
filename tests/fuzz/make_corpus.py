"""Write what a fuzz target begins with: headers of all kinds, or bytes by chance.

python tests/fuzz/make_corpus.py TARGET FOLDER
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


def wav_files() -> list[bytes]:
    """One of each kind that the tests of the reader have."""
    import test_wav as known

    encodings = [(known.PCM, bits) for bits in (8, 16, 24, 32)]
    encodings += [(known.FLOAT, bits) for bits in (32, 64)]
    plain = [
        known.riff(
            known.fmt_chunk(tag, channels, bits=bits), known.chunk(b"data", bytes(range(96)))
        )
        for tag, bits in encodings
        for channels in (1, 2, 3)
    ]
    kinds = known.READABLE, known.LEFT_TO_SOUNDFILE, known.DAMAGED
    return plain + [content for kind in kinds for content in kind.values()]


def by_chance(n: int = 64) -> list[bytes]:
    """Bytes that the targets take for requests; the same ones at every call."""
    rng = random.Random(0)
    return [rng.randbytes(rng.randrange(4, 300)) for _ in range(n)]


def main(target: str, folder: str) -> None:
    """Write the files."""
    for i, content in enumerate(wav_files() if target == "wav" else by_chance()):
        Path(folder, f"{i:03}").write_bytes(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
