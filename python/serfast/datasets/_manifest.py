"""Manifests: a corpus as a table, one clip a row, in CSV or Parquet."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from serfast.datasets._clips import FIELD_TYPES, Clip, Corpus, clip_from_row, facts_of
from serfast.errors import ParameterError

MANIFEST_EXTENSIONS = (".csv", ".parquet")
# What other tools call our columns.
ALIASES = {"file": "path", "filename": "path", "emotion": "label", "gender": "sex"}
SEXES = dict.fromkeys(("female", "f", "woman"), "female") | dict.fromkeys(
    ("male", "m", "man"), "male"
)


def load_manifest(path: str | os.PathLike[str]) -> Corpus:
    """Read a corpus from a table with a header, in CSV or Parquet.

    Parameters
    ----------
    path : path
        Ends in ``.csv`` (separated by commas, semicolons or tabs) or ``.parquet``. The column
        ``path`` (or ``file``) is needed, and ``label`` (or ``emotion``) and ``speaker`` are what
        learning needs; further columns that are facts of a `Clip` are read, others ignored.
        Relative paths start at the manifest's folder. A column ``corpus`` names the corpus.

    Returns
    -------
    Corpus
        The clips in the order of the rows. Files that do not exist or are listed a second time
        are left out.

    Raises
    ------
    ParameterError
        If it is not such a table, a row cannot be read, or none of the files exists.

    Examples
    --------
    >>> import tempfile
    >>> from serfast.datasets import find_clips, samples_dir
    >>> manifest = Path(tempfile.mkdtemp()) / "clips.csv"
    >>> save_manifest(find_clips(samples_dir()), manifest)
    >>> corpus = load_manifest(manifest)
    >>> corpus.name, len(corpus.clips), corpus.clips[0].label
    ('samples', 48, 'neutral')
    """
    source = _checked(path)
    if not source.is_file():
        raise ParameterError(f"{source}: no such file")
    clips: dict[str, Clip] = {}
    left_out = []
    names: dict[str, None] = {}
    for number, row in enumerate(_rows(source), start=1):
        try:
            clip = _clip(row, source.parent)
        except ParameterError as error:
            raise ParameterError(f"{source}: row {number}: {error}") from None
        if clip.path in clips:
            left_out.append((clip.path, "listed twice: the first row counts"))
        elif not os.path.isfile(clip.path):
            left_out.append((clip.path, "no such file: relative paths start at the manifest"))
        else:
            clips[clip.path] = clip
        names[str(row.get("corpus") or source.stem)] = None
    if not clips:
        raise ParameterError(
            f"{source}: none of the files that it lists exists; relative paths start at its folder"
        )
    return Corpus("+".join(names), tuple(clips.values()), tuple(left_out))


def save_manifest(corpus: Corpus, path: str | os.PathLike[str]) -> None:
    """Write the clips of a corpus as a table that `load_manifest` reads.

    Parameters
    ----------
    corpus : Corpus
        What is known of its clips; columns without any value are written too.
    path : path
        Ends in ``.csv`` or ``.parquet``. Clips below its folder are written by their relative
        paths, so that both can move together.

    Raises
    ------
    ParameterError
        If the extension is another, or the folder does not exist.

    Examples
    --------
    See `load_manifest`.
    """
    target = _checked(path)
    if not target.parent.is_dir():
        raise ParameterError(f"{target.parent}: not a folder; create it first")
    folder = Path(os.path.abspath(target.parent))
    rows = [
        {**facts_of(clip), "path": _from(folder, clip.path), "corpus": corpus.name}
        for clip in corpus.clips
    ]
    columns = [*FIELD_TYPES, "corpus"]
    if target.suffix.lower() == ".csv":
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        return
    import pyarrow as pa
    import pyarrow.parquet

    schema = pa.schema([(name, arrow_type(name)) for name in columns])
    pa.parquet.write_table(pa.Table.from_pylist(rows, schema), target)


def arrow_type(column: str) -> Any:
    """Return the type of a fact's column in Arrow; whatever is no fact of a clip is text."""
    import pyarrow as pa

    return {int: pa.int64(), float: pa.float64()}.get(FIELD_TYPES.get(column, str), pa.string())


def _checked(path: str | os.PathLike[str]) -> Path:
    checked = Path(path)
    if checked.suffix.lower() not in MANIFEST_EXTENSIONS:
        allowed = " or ".join(MANIFEST_EXTENSIONS)
        raise ParameterError(f"{checked}: a manifest's name ends in {allowed}")
    return checked


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows by our names of the columns."""
    try:
        header, rows = _read_csv(path) if path.suffix.lower() == ".csv" else _read_parquet(path)
    except Exception as error:  # whatever the format's own reader makes of a foreign file
        raise ParameterError(f"{path}: not a table ({' '.join(str(error).split())})") from error
    plain = [name.strip().lower() for name in header]
    columns = [name if (own := ALIASES.get(name, name)) in plain else own for name in plain]
    if "path" not in columns:
        raise ParameterError(f"{path}: has no column path; its columns are {', '.join(plain)}")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise ParameterError(
                f"{path}: row {number} has {len(row)} cells, the header has {len(columns)}"
            )
        yield dict(zip(columns, row, strict=True))


def _read_csv(path: Path) -> tuple[list[str], list[list[Any]]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        first = file.readline()
        file.seek(0)
        reader = csv.reader(file, delimiter=max(",;\t", key=first.count), skipinitialspace=True)
        header, *rows = list(reader) or [[]]
    return header, [row for row in rows if row]


def _read_parquet(path: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    return table.column_names, list(zip(*table.to_pydict().values(), strict=True))


def _clip(row: dict[str, Any], folder: Path) -> Clip:
    clip = clip_from_row(row)
    sex = SEXES.get((clip.sex or "").strip().lower())
    if clip.sex is not None and sex is None:
        raise ParameterError(f"sex={clip.sex!r} must be female or male, or empty")
    return replace(clip, path=str(folder / clip.path), sex=sex)


def _from(folder: Path, path: str) -> str:
    absolute = Path(os.path.abspath(path))
    return (
        absolute.relative_to(folder).as_posix()
        if absolute.is_relative_to(folder)
        else str(absolute)
    )
