"""What jobs have written, as tests read it."""

from __future__ import annotations

import json
import os

import pyarrow as pa
import pyarrow.parquet
import pytest
import soundfile

import serfast
from serfast.bulk import _work, run_job


def read_records(output):
    """Every record of the manifest."""
    lines = (output / "_manifest.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines[:-1]]


def read_rows(output):
    """Every row, as Arrow reads the folder."""
    return pa.parquet.read_table(output).to_pylist()


def by_path(found):
    """Records or rows by their path; none may be there twice."""
    known = {row["path"]: row for row in found}
    assert len(known) == len(found)
    return known


def read_values(output, names):
    """The features of each path."""
    return {path: [row[n] for n in names] for path, row in by_path(read_rows(output)).items()}


def by_part(rows):
    """Rows by path and times; none may be there twice."""
    known = {(row["path"], row["start"], row["end"]): row for row in rows}
    assert len(known) == len(rows)
    return known


def read_parts(output, names):
    """The features of each path and its times."""
    return {part: [row[n] for n in names] for part, row in by_part(read_rows(output)).items()}


def values_of(fx, paths):
    """What `read_parts` must find for files under other names."""
    computed = fx.files(paths.values()).values.tolist()
    return {(name, None, None): row for name, row in zip(paths, computed, strict=True)}


def values_of_part(fx, path, start, end):
    """The features of a part that was cut out."""
    y, rate = soundfile.read(path, dtype="float32")
    y = y[round((start or 0) * rate) : None if end is None else round(end * rate)]
    return fx(y if rate == fx.sr else serfast.resample(y, orig_sr=rate, target_sr=fx.sr)).tolist()


def read_failures(output):
    """Stage and reason of each path that failed."""
    return {r["path"]: (r["stage"], r["reason"]) for r in read_records(output) if "reason" in r}


def read_shards(output):
    """The bytes of each shard, by name; nothing else but what readers pass over may be there."""
    names = sorted(name for name in os.listdir(output) if not name.startswith("_"))
    assert all(name.startswith("part-") and name.endswith(".parquet") for name in names)
    return {name: (output / name).read_bytes() for name in names}


def run_and_see(*args, **options):
    """Run a job; the paths whose features were computed rather than taken over."""
    seen = []
    original = _work.Worker.chunk

    def chunk(worker, inputs, *others):
        outcomes = original(worker, inputs, *others)
        seen.extend(
            given.clip.path
            for given, outcome in zip(inputs, outcomes, strict=True)
            if outcome.known is None
        )
        return outcomes

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_work.Worker, "chunk", chunk)
        report = run_job(*args, **options)
    return report, sorted(seen)
