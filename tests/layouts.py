"""What jobs over frames and chunks are given, and what they have written."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

import serfast
from serfast.bulk import Frames

SR = 16000
FRAMES = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13)
POOLED = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean", "std"])

needs_zarr = pytest.mark.skipif(find_spec("zarr") is None, reason='needs the extra "zarr"')
stores = pytest.mark.parametrize("store", ["parquet", pytest.param("zarr", marks=needs_zarr)])
# Every layout: what a job is given.
LAYOUTS = {
    "frames": (FRAMES, {}),
    "arrays": (FRAMES, {"store": "zarr"}),
    "chunks": (POOLED, {"chunk": 0.1, "overlap": 0.02}),
    "frames of chunks": (FRAMES, {"chunk": 0.1}),
    "arrays of chunks": (FRAMES, {"chunk": 0.1, "overlap": 0.05, "store": "zarr"}),
}
layouts = pytest.mark.parametrize(
    "layout",
    [pytest.param(name, marks=needs_zarr if "arrays" in name else ()) for name in LAYOUTS],
)


def files(out):
    """The bytes of all that has to be equal, by name."""
    assert not any(name.startswith("_partial") for name in os.listdir(out))
    found = [p for p in out.rglob("*") if p.is_file() and p.name not in ("_job.json", "_lock")]
    return {str(path.relative_to(out)): path.read_bytes() for path in found}


def signal(path):
    y, _ = serfast.load(path, sr=SR)
    return y


def rows_of(out, extractor):
    """Path, times and values of each row as they are read back, in order."""
    if extractor.pool is None:
        frames = Frames(out)
        return [(c.path, c.start, c.end, v) for c, v in zip(frames.clips, frames, strict=True)]
    table = serfast.tables.load_table(out)
    return [
        (clip.path, clip.start, clip.end, values)
        for clip, values in zip(table.clips, table.values, strict=True)
    ]
