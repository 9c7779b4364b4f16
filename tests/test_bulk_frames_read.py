"""What jobs over frames have written, as readers see it."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import soundfile

import serfast
from helpers import assert_same
from layouts import FRAMES, LAYOUTS, POOLED, SR, layouts, needs_zarr, rows_of, signal
from serfast import bulk
from serfast.bulk import Frames, Job, run_job
from sources import write_classes


@pytest.fixture
def clips(tmp_path):
    return write_classes(tmp_path / "clips", 13, 700)


# ---------------------------------------------------------------- reading back


@layouts
def test_features_are_read_back(clips, tmp_path, layout):
    extractor, options = LAYOUTS[layout]
    out = tmp_path / "out"
    run_job(clips, out, extractor, shard_files=5, **options)
    names, values, labels, groups = serfast.load_features(out)
    rows = rows_of(out, extractor)
    assert names == extractor.names
    assert labels.tolist() == [path.split(os.sep)[-2] for path, *_ in rows]
    if "chunk" in options:  # the parts of a recording belong together
        assert groups.tolist() == [path for path, *_ in rows]
    else:
        assert groups is None
    assert len(values) == len(rows)
    assert_same(values[len(rows) - 1], rows[-1][3])


def test_frames_are_a_sequence(clips, tmp_path):
    run_job(clips, tmp_path / "out", FRAMES, shard_files=2)
    frames = Frames(tmp_path / "out")
    assert frames.lengths.tolist() == [values.shape[1] for values in frames]
    assert_same(frames[-1], frames[len(frames) - 1])
    assert [v.shape for v in frames[1:3]] == [frames[1].shape, frames[2].shape]
    with pytest.raises(IndexError):
        frames[len(frames)]
    again = pickle.loads(pickle.dumps(frames))
    for one, other in zip(frames, again, strict=True):
        assert_same(one, other)


def test_frames_of_other_outputs_are_refused(clips, tmp_path):
    run_job(clips, tmp_path / "frames", FRAMES)
    with pytest.raises(serfast.ParameterError, match="holds frames, not statistics"):
        serfast.tables.load_table(tmp_path / "frames")
    run_job(clips, tmp_path / "pooled", POOLED)
    with pytest.raises(serfast.ParameterError, match="holds statistics, not frames"):
        Frames(tmp_path / "pooled")
    Job(str(tmp_path), "clips", FRAMES.config).save()
    with pytest.raises(serfast.ParameterError, match="no shard is whole yet"):
        serfast.load_features(tmp_path)


def test_arrow_reads_the_folder_as_it_is(clips, tmp_path):
    run_job(clips, tmp_path / "out", FRAMES, shard_files=5)
    table = pa.parquet.read_table(tmp_path / "out")
    for path, matrix, row, n in zip(
        *(table[name].to_pylist() for name in ("path", "mfcc", "rms", "frames")), strict=True
    ):
        values = FRAMES(signal(path))
        np.testing.assert_array_equal(np.array(matrix, np.float32), values[:13].T)
        np.testing.assert_array_equal(np.array(row, np.float32), values[13])
        assert n == values.shape[1]


@layouts
def test_pandas_reads_the_folder_as_it_is(clips, tmp_path, layout):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    extractor, options = LAYOUTS[layout]
    run_job(clips, tmp_path / "out", extractor, shard_files=5, **options)
    table = pandas.read_parquet(tmp_path / "out").sort_values(["path", "start"])
    rows = rows_of(tmp_path / "out", extractor)
    assert table["path"].tolist() == [row[0] for row in rows]
    if "chunk" in options:
        assert table["start"].tolist() == [row[1] for row in rows]
        assert table["end"].tolist() == [row[2] for row in rows]
    if "arrays" in layout:
        assert table["frames"].tolist() == [row[3].shape[1] for row in rows]
    elif extractor.pool is None:
        np.testing.assert_array_equal(np.stack(table["mfcc"].iloc[3]), rows[3][3][:13].T)
        np.testing.assert_array_equal(table["rms"].iloc[3], rows[3][3][13])
    else:
        matrix = table[extractor.names].to_numpy(np.float32)
        np.testing.assert_array_equal(matrix, np.stack([row[3] for row in rows]))


@layouts
def test_polars_reads_the_folder_as_it_is(clips, tmp_path, layout):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    extractor, options = LAYOUTS[layout]
    run_job(clips, tmp_path / "out", extractor, shard_files=5, **options)
    table = polars.read_parquet(tmp_path / "out/*.parquet").sort("path", "start")
    rows = rows_of(tmp_path / "out", extractor)
    assert table["path"].to_list() == [row[0] for row in rows]
    if "arrays" in layout:
        assert table["frames"].to_list() == [row[3].shape[1] for row in rows]
    elif extractor.pool is None:
        np.testing.assert_array_equal(table["mfcc"][3].to_numpy(), rows[3][3][:13].T)
        # A row for each frame.
        frames = table.explode("mfcc", "rms")
        assert len(frames) == sum(row[3].shape[1] for row in rows)
    else:
        matrix = table.select(extractor.names).to_numpy()
        np.testing.assert_array_equal(matrix, np.stack([row[3] for row in rows]))


@needs_zarr
def test_zarr_reads_the_arrays_as_they_are(clips, tmp_path):
    import zarr

    run_job(clips, tmp_path / "out", FRAMES, shard_files=5, store="zarr")
    group = zarr.open_group(tmp_path / "out/_frames.zarr", mode="r")
    table = pa.parquet.read_table(tmp_path / "out").to_pylist()
    assert sorted(name for name, _ in group.arrays()) == sorted({row["array"] for row in table})
    for row in table:
        array = group[row["array"]]
        assert array.attrs["names"] == FRAMES.names
        frames = array[row["first_frame"] : row["first_frame"] + row["frames"]]
        np.testing.assert_array_equal(frames, FRAMES(signal(row["path"])).T)


# ---------------------------------------------------------------- looking at it


@layouts
def test_inspect_shows_every_layout(clips, tmp_path, layout):
    extractor, options = LAYOUTS[layout]
    out = tmp_path / "out"
    (clips / "sad/text.wav").write_text("no audio")
    run_job(clips, out, extractor, shard_files=5, **options)
    found = bulk.inspect_output(out)
    rows = rows_of(out, extractor)
    assert (found.done, found.failed, found.left) == (13, 1, 0)
    assert found.n_rows == len(rows)
    values = np.concatenate([np.atleast_2d(row[3].T) for row in rows]).astype(np.float64)
    assert [column.name for column in found.columns] == extractor.names
    for name, expected in ("mean", values.mean(0)), ("std", values.std(0)), ("low", values.min(0)):
        got = [getattr(column, name) for column in found.columns]
        np.testing.assert_allclose(got, expected, rtol=1e-9)
    assert found.rows["start"] == "double"
    if extractor.pool is None:
        assert found.rows["frames"] == "int32"


def test_inspect_finds_frames_that_look_wrong(tmp_path):
    folder = tmp_path / "clips"
    folder.mkdir()
    soundfile.write(folder / "silent.wav", np.zeros(8000), SR)
    soundfile.write(folder / "quiet.wav", np.zeros(6000), SR)
    fx = serfast.Extractor(["rms", "voiced_f0"], sr=SR, fmin=80)
    run_job(folder, tmp_path / "out", fx)
    suspicions = {c.name: c.suspicion for c in bulk.inspect_output(tmp_path / "out").columns}
    assert suspicions == {"rms": "constant", "voiced_f0": "not finite"}
