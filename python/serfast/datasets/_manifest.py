"""Manifests: a corpus as a table, one clip a row, in CSV, Parquet or lines of JSON."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from serfast._outputs import check_file, write_durably
from serfast.datasets._clips import FIELD_TYPES, Clip, Corpus, Key, facts_of, text_of
from serfast.datasets._facts import clip_of, own_names
from serfast.datasets._places import find_places, full_name
from serfast.datasets._remote import FetchError, fetch, is_url, words
from serfast.datasets._union import unite
from serfast.errors import ParameterError

JSON_EXTENSIONS = (".jsonl", ".ndjson")
MANIFEST_EXTENSIONS = (".csv", ".parquet", *JSON_EXTENSIONS)
COLUMNS = (*FIELD_TYPES, "corpus")


def load_manifest(path: str | os.PathLike[str]) -> Corpus:
    """Read a corpus from a table with a header, in CSV or Parquet, or from lines of JSON.

    Parameters
    ----------
    path : path
        Ends in ``.csv`` (separated by commas, semicolons or tabs), ``.parquet``, or ``.jsonl`` or
        ``.ndjson``; may be a URL. The column ``path`` (or ``file``) is needed, and ``label`` (or
        ``emotion``) and ``speaker`` are what learning needs; with ``start`` or ``end``, in
        seconds, a row is a part of the file. Further columns that are facts of a `Clip` are read,
        others ignored. Paths may be URLs, or members of tar files; relative ones start at the
        manifest's folder. A column ``corpus`` names the corpus. All of it is believed as it stands.

    Returns
    -------
    Corpus
        The clips in the order of the rows; where the column ``corpus`` has several names, one
        corpus after the other, as `unite` joins them. Files that do not exist or are listed a
        second time are left out.

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
    source = os.fspath(path)
    _check_extension(source)
    name, folder = os.path.splitext(os.path.basename(source))[0], os.path.dirname(source)
    clips: dict[Key, Clip] = {}
    left_out = []
    corpus_of: dict[Key, str] = {}
    for number, row in enumerate(_rows(source), start=1):
        try:
            clip = clip_of(row)
        except ParameterError as error:
            raise ParameterError(f"{source}: row {number}: {error}") from None
        clip = replace(clip, path=_below(folder, clip.path))
        key = (full_name(clip.path), *clip.key[1:])
        if clips.setdefault(key, clip) is not clip:
            left_out.append((clip.name, "listed twice: the first row counts"))
        corpus_of.setdefault(key, str(row.get("corpus") or name).strip())
    places = find_places(dict.fromkeys(clip.path for clip in clips.values()))
    found: dict[str, list[Clip]] = {}
    for key, clip in clips.items():
        if clip.path in places:
            clip = replace(clip, place=places[clip.path])
            found.setdefault(corpus_of[key], []).append(clip)
    left_out += [
        (clip.name, "no such file: relative paths start at the manifest")
        for clip in clips.values()
        if clip.path not in places
    ]
    if not found:
        raise ParameterError(
            f"{source}: none of the files that it lists exists; relative paths start at its folder"
        )
    corpora = [Corpus(part, tuple(own)) for part, own in found.items()]
    corpus = unite(corpora) if len(corpora) > 1 else corpora[0]
    return replace(corpus, left_out=tuple(left_out))


def save_manifest(corpus: Corpus, path: str | os.PathLike[str]) -> None:
    """Write the clips of a corpus as a table that `load_manifest` reads.

    Parameters
    ----------
    corpus : Corpus
        What is known of its clips; columns without any value are written too.
    path : path
        Ends as those that are read. Clips below its folder are written by their relative
        paths, so that both can move together.

    Raises
    ------
    ParameterError
        If the extension is another, the folder does not exist, or a name is not UTF-8, which only
        lines of JSON can hold.
    OSError
        If the file cannot be written; what had its name stays.

    Examples
    --------
    See `load_manifest`.
    """
    target = check_manifest_path(path)
    folder = Path(os.path.abspath(target.parent))
    rows = [
        {**facts_of(clip), "path": _from(folder, clip.path), "corpus": corpus.name}
        for clip in corpus.clips
    ]
    if target.suffix.lower() not in JSON_EXTENSIONS:
        _refuse_other_bytes(target, rows)
    write = {".csv": _write_csv, ".parquet": _write_parquet}.get(target.suffix.lower(), _write_json)
    write_durably(target, lambda partial: write(rows, partial))


def check_manifest_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a manifest that is to be written, or raise as `save_manifest` does."""
    target = Path(path)
    _check_extension(target.name)
    return check_file(target)


def _refuse_other_bytes(target: Path, rows: list[dict[str, Any]]) -> None:
    for text in (value for row in rows for value in row.values() if isinstance(value, str)):
        if (shown := text_of(text)) != text:
            raise ParameterError(
                f"{target}: {shown} is not UTF-8; only a manifest in .jsonl can hold it"
            )


def _write_csv(rows: list[dict[str, Any]], path: Path) -> None:
    # Readers skip spaces behind a comma, unless there are quotes.
    spaced = any(str(row["path"]).startswith(" ") for row in rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(
            file, COLUMNS, quoting=csv.QUOTE_NONNUMERIC if spaced else csv.QUOTE_MINIMAL
        )
        writer.writeheader()
        writer.writerows(rows)


def _write_json(rows: list[dict[str, Any]], path: Path) -> None:
    lines = (json.dumps({k: v for k, v in row.items() if v is not None}) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_parquet(rows: list[dict[str, Any]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    schema = pa.schema([(name, arrow_type(name)) for name in COLUMNS])
    pa.parquet.write_table(pa.Table.from_pylist(rows, schema), path)


def arrow_type(column: str) -> Any:
    """Return the type of a fact's column in Arrow; whatever is no fact of a clip is text."""
    import pyarrow as pa

    return {int: pa.int64(), float: pa.float64()}.get(FIELD_TYPES.get(column, str), pa.string())


def _check_extension(name: str) -> None:
    if not is_manifest(name):
        allowed = " or ".join(MANIFEST_EXTENSIONS)
        raise ParameterError(f"{name}: a manifest's name ends in {allowed}")


def is_manifest(name: str) -> bool:
    """Whether this is the name of a manifest."""
    return name.lower().endswith(MANIFEST_EXTENSIONS)


def _rows(path: str) -> Iterator[dict[str, Any]]:
    """Yield the rows by our names of the columns."""
    content = _content(path)
    suffix = os.path.splitext(path)[1].lower()
    read = {".csv": _read_csv, ".parquet": _read_parquet}.get(suffix, _read_json)
    try:
        header, rows = read(content)
    except Exception as error:  # whatever the format's own reader makes of a foreign file
        raise ParameterError(f"{path}: not a table ({words(error)})") from error
    columns = own_names(header)
    if "path" not in columns:
        named = ", ".join(header) or "none"
        raise ParameterError(f"{path}: has no column path; its columns are {named}")
    for name in COLUMNS:
        given = [title for title, column in zip(header, columns, strict=True) if column == name]
        if len(given) > 1:
            raise ParameterError(
                f"{path}: the columns {', '.join(given)} mean {name}: only one can"
            )
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise ParameterError(
                f"{path}: row {number} has {len(row)} cells, the header has {len(columns)}"
            )
        yield dict(zip(columns, row, strict=True))


def _content(path: str) -> bytes:
    if is_url(path):
        (content,) = fetch([(path, 0, None)])
        if isinstance(content, FetchError):
            raise content
        return content
    if not os.path.isfile(path):
        raise ParameterError(f"{path}: no such file")
    return Path(path).read_bytes()


def _read_csv(content: bytes) -> tuple[list[str], list[Any]]:
    text = content.decode("utf-8-sig")
    first = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=max(",;\t", key=first.count),
        skipinitialspace=True,
        strict=True,
    )
    header, *rows = [row for row in reader if row] or [[]]
    return header, rows


def _read_parquet(content: bytes) -> tuple[list[str], list[Any]]:
    import pyarrow as pa
    import pyarrow.parquet

    table = pa.parquet.read_table(pa.BufferReader(content))
    return table.column_names, list(zip(*table.to_pydict().values(), strict=True))


def _read_json(content: bytes) -> tuple[list[str], list[Any]]:
    rows = []
    for number, line in enumerate(content.decode("utf-8-sig").split("\n"), start=1):
        if line.strip():
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError(f"line {number} is no object")
            rows.append(row)
    header = list(dict.fromkeys(name for row in rows for name in row))
    return header, [[row.get(name) for name in header] for row in rows]


def _below(folder: str, path: str) -> str:
    if is_url(path):
        return path
    return f"{folder}/{path}" if is_url(folder) else str(Path(folder, path))


def _from(folder: Path, path: str) -> str:
    if is_url(path):
        return path
    absolute = Path(os.path.abspath(path))
    return (
        absolute.relative_to(folder).as_posix()
        if absolute.is_relative_to(folder)
        else str(absolute)
    )
