"""The pages of the documentation: their code, their links; and a run of a page's code.

``python tests/pages.py docs/bulk.md`` runs it in the current folder as the tests do. A page's
blocks of ``python`` share their names, and those of ``sh`` stop at the first error. Comments right
above a block, which the page does not show, say what a reader would have, and what cannot run
here::

    <!-- given: stream = serfast.Extractor("mfcc").stream() -->
    <!-- not run: a reason -->
    <!-- not run, `serfast listen`: a reason for the lines with these words -->
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from serfast.datasets import find_clips, samples_dir

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(FOLDER.rglob("*.md"))]

BLOCK = re.compile(
    r"^(?P<comments>(?:<!--(?:(?!-->).)*-->\n)*)```(?P<language>python|sh)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
COMMENT = re.compile(r"<!-- (given|not run)(?:, `([^`]+)`)?: (.+?) -->", re.DOTALL)

# For the six voices of the samples: actors of RAVDESS, each in another of the published folds, and
# speakers of EmoDB.
ACTORS = {"01": "01", "02": "04", "03": "09", "04": "24", "05": "15", "06": "06"}
SPEAKERS = {"01": "03", "02": "08", "03": "10", "04": "09", "05": "11", "06": "13"}
EMODB = {"neutral": "N", "happy": "F", "sad": "T", "angry": "W"}
CREMA_D = {"neutral": "NEU", "happy": "HAP", "sad": "SAD", "angry": "ANG"}


@dataclass(frozen=True)
class Block:
    """A block of code: what runs before it, and what of it cannot run, with the reasons."""

    line: int
    language: str
    code: str
    given: str
    left_out: tuple[tuple[str | None, str], ...]

    @property
    def runs(self) -> str:
        """The lines that can run."""
        words = [words for words, _ in self.left_out]
        if None in words:
            return ""
        lines = self.code.splitlines(keepends=True)
        return "".join("\n" if any(w in line for w in words) else line for line in lines)


def blocks(text: str) -> list[Block]:
    """All code of a page."""
    found = []
    for match in BLOCK.finditer(text):
        comments = COMMENT.findall(match["comments"])
        found.append(
            Block(
                line=text.count("\n", 0, match.start("code")),
                language=match["language"],
                code=match["code"],
                given="\n".join(said for kind, _, said in comments if kind == "given"),
                left_out=tuple((w or None, said) for kind, w, said in comments if kind != "given"),
            )
        )
    return found


def prose(text: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def links(text: str) -> set[str]:
    """Targets of links and pictures, and bare addresses."""
    text = re.sub(r"`[^`\n]*`", "", prose(text))
    return {*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r"<(https?:[^>]*)>", text)}


def anchors(text: str) -> Iterator[str]:
    """The anchors of headings, as GitHub makes them."""
    for heading in re.findall(r"^#+ (.+)$", prose(text), flags=re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def put_recordings(folder: Path) -> None:
    """The sample audio under the names that the pages use for recordings."""
    for clip in find_clips(samples_dir()).clips:
        sentence, actor = int(clip.sentence), clip.speaker
        ravdess = f"Actor_{ACTORS[actor]}/03{Path(clip.path).stem[2:-2]}{ACTORS[actor]}.wav"
        link(folder / "RAVDESS" / ravdess, clip.path)
        link(folder / "SPEECH" / clip.label / f"{actor}-{sentence}.wav", clip.path)
        # Played faster and slower, so that no recording is in two corpora.
        samples, rate = soundfile.read(clip.path)
        emodb = f"{SPEAKERS[actor]}a0{sentence}{EMODB[clip.label]}a.wav"
        write(folder / "EmoDB" / emodb, samples, rate + 1000)
        crema_d = f"10{actor}_{('DFA', 'IEO')[sentence - 1]}_{CREMA_D[clip.label]}_XX.wav"
        write(folder / "CREMA-D" / crema_d, samples, rate - 1000)
    (folder / "emodb").symlink_to("EmoDB")
    voice = sorted((samples_dir() / "Actor_01").iterdir())
    for name, path in zip(("new", "a", "b", "c"), voice, strict=False):
        link(folder / f"{name}.wav", path)
    read = [soundfile.read(path) for path in voice]
    for name in ("clip", "speech", "talk"):
        write(folder / f"{name}.wav", np.concatenate([y for y, _ in read]), read[0][1])


def link(path: Path, target: str | Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def write(path: Path, samples: np.ndarray, rate: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate)


def run(page: Path) -> None:
    """Run the code of a page in this process and in shells below it."""
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page.read_text()):
        code = block.runs
        if not code.strip():
            continue
        print(f"{page}:{block.line}", flush=True)
        if block.language == "sh":
            script = f"{block.given}\n{code}"
            subprocess.run(["bash", "-euo", "pipefail", "-c", script], check=True)
        else:
            exec(compile(block.given, "given", "exec"), names)
            exec(compile("\n" * block.line + code, str(page), "exec"), names)


if __name__ == "__main__":
    run(Path(sys.argv[1]).resolve())
