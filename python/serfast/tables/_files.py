"""Feature tables as .parquet, .npz and .csv files."""

from __future__ import annotations

import csv
import json
import os
import warnings
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serfast._json import dumps, with_infinities
from serfast._outputs import check_file, write_durably
from serfast.datasets import Clip, Corpus, find_clips
from serfast.datasets._clips import FIELD_TYPES, clip_from_row, facts_of, text_of
from serfast.datasets._manifest import arrow_type
from serfast.errors import ParameterError
from serfast.tables._table import Failure, FeatureTable

if TYPE_CHECKING:
    from serfast.bulk import Job

METADATA_KEY = "serfast"
CSV_PREFIX = f"# {METADATA_KEY} "
FORMAT_VERSION = 3
READABLE_VERSIONS = (1, 2, 3)  # the earlier ones knew fewer facts of a clip
CLIP_FIELDS = tuple(FIELD_TYPES)
FAILURE_FIELDS = tuple(field.name for field in fields(Failure))


def save_table(table: FeatureTable, path: str | os.PathLike[str]) -> Path | None:
    """Write a table in the format that the file's extension names.

    The metadata (configuration, hash, versions) go into the Parquet schema, an entry of the npz
    archive, or the csv's first line, ``# serfast {json}``. Failures are written beside the table,
    as ``NAME.failures.csv``; such a file from an earlier run is removed when there are none. Files
    appear under their names when they are whole.

    Parameters
    ----------
    table : FeatureTable
        The table.
    path : path
        Ends in ``.parquet``, ``.npz`` or ``.csv``.

    Returns
    -------
    Path or None
        The file of failures, if there are any.

    Raises
    ------
    ParameterError
        If the extension is another, the folder does not exist, or a feature has the name of a
        clip's fact.
    OSError
        If the file cannot be written; what had its name stays.

    Examples
    --------
    >>> import tempfile
    >>> from serfast.datasets import Clip
    >>> path = Path(tempfile.mkdtemp()) / "features.npz"
    >>> table = FeatureTable((Clip("a.wav", "sad"),), ("rms_mean",), np.ones((1, 1), np.float32))
    >>> save_table(table, path)
    >>> load_table(path).names
    ('rms_mean',)
    """
    target = check_file(check_table_path(path))
    taken = sorted(set(table.names) & set(CLIP_FIELDS))
    if taken:
        raise ParameterError(f"{', '.join(taken)}: names of clips' facts, not of features")
    write, _ = _FORMATS[target.suffix.lower()]
    write_durably(target, lambda partial: write(table, partial))
    failures = failures_path(target)
    failures.unlink(missing_ok=True)
    if not table.failures:
        return None
    write_durably(failures, lambda partial: _write_failures(table, partial))
    return failures


def failures_path(table: str | os.PathLike[str]) -> Path:
    """Return where the failures of a table are written."""
    return Path(table).with_suffix(".failures.csv")


def _write_failures(table: FeatureTable, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FAILURE_FIELDS)
        writer.writeheader()
        writer.writerows(
            asdict(failure) | {"path": text_of(failure.path)} for failure in table.failures
        )


def load_table(path: str | os.PathLike[str]) -> FeatureTable:
    """Read a table that `save_table` wrote, or the folder of shards that a job wrote.

    Raises
    ------
    ParameterError
        If there is no such file, or it is not a feature table of serfast.

    Examples
    --------
    >>> load_table("nowhere.csv")
    Traceback (most recent call last):
    serfast.errors.ParameterError: nowhere.csv: no such file; `serfast extract` writes one
    """
    if is_output(path):
        return _read_output(Path(path))
    source = check_table_path(path)
    if not source.is_file():
        raise ParameterError(f"{source}: no such file; `serfast extract` writes one")
    _, read = _FORMATS[source.suffix.lower()]
    try:
        return read(source)
    except ParameterError:
        raise
    except Exception as error:  # whatever the format's own reader makes of a foreign file
        raise ParameterError(f"{source}: not a feature table of serfast ({error})") from error


def load_data(path: str | os.PathLike[str]) -> FeatureTable | Corpus:
    """Read a feature table, or find the clips of a folder or a manifest, whichever `path` is.

    Raises
    ------
    ParameterError
        If it is none of them.

    Examples
    --------
    >>> from serfast.datasets import samples_dir
    >>> len(load_data(samples_dir()).clips)
    48
    """
    source = Path(path)
    is_table = is_output(source) or (source.is_file() and _is_table(source))
    return load_table(source) if is_table else find_clips(source)


def is_output(path: str | os.PathLike[str]) -> bool:
    """Whether this is the output folder of a job."""
    from serfast.bulk._job import JOB_FILE

    return Path(path, JOB_FILE).is_file()


def _is_table(path: Path) -> bool:
    """Whether a file is a feature table rather than a manifest."""
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline().startswith(CSV_PREFIX)
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet

        try:
            return METADATA_KEY.encode() in (pyarrow.parquet.read_schema(path).metadata or {})
        except pyarrow.ArrowException:
            return False
    return path.suffix.lower() in _FORMATS


def check_table_path(path: str | os.PathLike[str]) -> Path:
    """Return `path` if its extension is one of a table's formats, else raise ParameterError."""
    checked = Path(path)
    if checked.suffix.lower() not in _FORMATS:
        allowed = ", ".join(_FORMATS)
        raise ParameterError(f"{checked}: a feature table's name ends in one of {allowed}")
    return checked


def table_metadata(table: FeatureTable) -> str:
    """Return what a file says of a table beside its rows."""
    return dumps(
        {
            "format_version": FORMAT_VERSION,
            "serfast": table.version,
            "corpus": table.corpus,
            "config": table.config,
            "hash": table.hash,
        },
        sort_keys=True,
    )


def _assemble(
    metadata: str, facts: dict[str, list[Any]], names: list[str], values: npt.ArrayLike
) -> FeatureTable:
    """Build the table from a file's parts; an empty text stands for an unknown fact."""
    meta = json.loads(metadata)
    if meta["format_version"] not in READABLE_VERSIONS:
        raise ParameterError(
            f"feature table of format {meta['format_version']}, written by serfast "
            f"{meta['serfast']}; this version reads formats up to {FORMAT_VERSION}"
        )
    rows = zip(*facts.values(), strict=True)
    clips = tuple(clip_from_row(dict(zip(facts, row, strict=True))) for row in rows)
    return FeatureTable(
        clips=clips,
        names=tuple(names),
        values=np.asarray(values, dtype=np.float32).reshape(len(clips), len(names)),
        config=with_infinities(meta["config"]),
        hash=meta["hash"],
        corpus=meta["corpus"],
        version=meta["serfast"],
    )


def _facts(clips: Iterable[Clip], name: str) -> list[Any]:
    facts = [getattr(clip, name) for clip in clips]
    return (
        [None if fact is None else text_of(fact) for fact in facts]
        if (FIELD_TYPES[name] is str)
        else facts
    )


def _texts(facts: Iterable[Any]) -> list[str]:
    return ["" if fact is None else text_of(str(fact)) for fact in facts]


def fact_columns(clips: Collection[Clip]) -> dict[str, Any]:
    """Return what is known of clips, as columns of Arrow."""
    import pyarrow as pa

    return {name: pa.array(_facts(clips, name), arrow_type(name)) for name in CLIP_FIELDS}


def _write_parquet(table: FeatureTable, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    columns = fact_columns(table.clips)
    for name, column in zip(table.names, table.values.T, strict=True):
        columns[name] = pa.array(np.ascontiguousarray(column))
    arrow = pa.table(columns).replace_schema_metadata({METADATA_KEY: table_metadata(table)})
    # To look for features that occur twice takes three times as long as all the rest.
    pa.parquet.write_table(arrow, path, use_dictionary=list(CLIP_FIELDS))


def _read_parquet(path: Path) -> FeatureTable:
    import pyarrow.parquet

    arrow = pyarrow.parquet.read_table(path)
    metadata = (arrow.schema.metadata or {})[METADATA_KEY.encode()].decode()
    facts = {name: arrow[name].to_pylist() for name in CLIP_FIELDS if name in arrow.column_names}
    names = [name for name in arrow.column_names if name not in CLIP_FIELDS]
    values = np.stack([arrow[name].to_numpy() for name in names], axis=1)
    return _assemble(metadata, facts, names, values)


def _read_output(folder: Path) -> FeatureTable:
    """Read the shards of a job as one table, in the order of the paths."""
    from serfast.bulk._job import Job

    job = Job.load(folder)
    if job.is_framewise:
        raise ParameterError(f"{folder}: holds frames, not statistics: see serfast.load_features")
    files = whole_shards(job)
    shards = [load_table(file) for file in files]
    clips = [clip for shard in shards for clip in shard.clips]
    order = sorted(range(len(clips)), key=lambda row: clips[row].key)
    values = np.concatenate([shard.values for shard in shards])
    return replace(
        shards[0],
        clips=tuple(clips[row] for row in order),
        values=values[order],
        corpus=job.corpus,
    )


def whole_shards(job: Job) -> list[Path]:
    """Return the shards of a job, with a warning where there will be more.

    Raises
    ------
    ParameterError
        If there is none yet.
    """
    from serfast.bulk._plan import shard_files
    from serfast.bulk._records import read_lines

    folder = job.folder
    files = shard_files(folder)
    if not files:
        raise ParameterError(f"{folder}: no shard is whole yet; `serfast extract` goes on with it")
    n_done = sum(read_lines(file).count("\n") for file in files)
    left = job.n_inputs + job.n_gone - n_done
    if left > 0:
        warnings.warn(
            f"{folder}: {left} of {job.n_inputs} clips are still to be done", stacklevel=4
        )
    return files


def _write_npz(table: FeatureTable, path: Path) -> None:
    arrays: dict[str, Any] = {
        METADATA_KEY: np.array(table_metadata(table)),
        "names": np.array(table.names, dtype=np.str_),
        "values": table.values,
    }
    for name in CLIP_FIELDS:
        arrays[name] = np.array(_texts(_facts(table.clips, name)), dtype=np.str_)
    with path.open("wb") as file:  # an open file, as numpy appends .npz to names such as a.NPZ
        np.savez(file, **arrays)


def _read_npz(path: Path) -> FeatureTable:
    with np.load(path, allow_pickle=False) as arrays:
        facts = {name: arrays[name].tolist() for name in CLIP_FIELDS if name in arrays}
        names = arrays["names"].tolist()
        return _assemble(str(arrays[METADATA_KEY]), facts, names, arrays["values"])


def _write_csv(table: FeatureTable, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(f"{CSV_PREFIX}{table_metadata(table)}\n")
        writer = csv.writer(file)
        writer.writerow([*CLIP_FIELDS, *table.names])
        for clip, row in zip(table.clips, table.values.astype(str), strict=True):
            writer.writerow([*_texts(facts_of(clip).values()), *row])


def _read_csv(path: Path) -> FeatureTable:
    with path.open(newline="", encoding="utf-8") as file:
        first = file.readline()
        if not first.startswith(CSV_PREFIX):
            raise ParameterError(f"{path}: the first line must be {CSV_PREFIX!r} and the metadata")
        header, *rows = csv.reader(file)
    at = {name: column for column, name in enumerate(header)}
    facts = {name: [row[at[name]] for row in rows] for name in CLIP_FIELDS if name in at}
    names = [name for name in header if name not in CLIP_FIELDS]
    values = np.array([[row[at[name]] for name in names] for row in rows], dtype=np.float32)
    return _assemble(first.removeprefix(CSV_PREFIX), facts, names, values)


Format = tuple[Callable[[FeatureTable, Path], None], Callable[[Path], FeatureTable]]

_FORMATS: dict[str, Format] = {
    ".parquet": (_write_parquet, _read_parquet),
    ".npz": (_write_npz, _read_npz),
    ".csv": (_write_csv, _read_csv),
}
