"""Feature tables: what is written is what is read, in every format."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers import files_at_most
from serfast.datasets import Clip, find_clips, samples_dir
from serfast.errors import ParameterError
from serfast.tables import Failure, FeatureTable, extract_table, load_table, save_table

FORMATS = [".parquet", ".npz", ".csv"]


@pytest.fixture
def table():
    """Values that a careless format would round, texts that it would break."""
    rng = np.random.default_rng(0)
    values = (rng.normal(size=(5, 3)) * 10.0 ** rng.integers(-30, 30, size=(5, 3))).astype("f4")
    values[1] = np.nan
    values[2, 0] = np.nextafter(np.float32(1), np.float32(2))
    clips = (
        Clip(
            "a/b.wav", "sad", "01", "male", "1", "normal", "2", "speech", 51, 1 / 3, 48000, 2, "0f"
        ),
        Clip('odd, "quoted" name.wav', "sad", "01"),
        Clip("日本 # é.wav", "happy"),
        Clip("new\nline.wav"),
        Clip("e.wav", None, "07"),
    )
    return FeatureTable(
        clips=clips,
        names=("mfcc_00_mean", "mfcc_01_mean", "rms_mean"),
        values=values,
        config={"features": ["mfcc"], "sr": 16000, "chroma_stft": {"power": 1.0}},
        hash="abc123",
        corpus="ravdess",
        version="1.2.3",
    )


@pytest.mark.parametrize("suffix", [*FORMATS, ".NPZ"])
def test_round_trip_is_exact(table, tmp_path, suffix):
    path = tmp_path / f"t{suffix}"
    assert save_table(table, path) is None
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    read = load_table(path)
    assert read.values.dtype == np.float32
    np.testing.assert_array_equal(read.values, table.values)
    assert replace(read, values=table.values) == table


@pytest.mark.parametrize("suffix", FORMATS)
def test_values_that_are_not_finite_survive(table, tmp_path, suffix):
    values = table.values.copy()
    values[0] = [np.inf, -np.inf, np.nan]
    save_table(replace(table, values=values), tmp_path / f"t{suffix}")
    np.testing.assert_array_equal(load_table(tmp_path / f"t{suffix}").values, values)


def test_parquet_is_readable_without_serfast(table, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    save_table(table, tmp_path / "t.parquet")
    arrow = parquet.read_table(tmp_path / "t.parquet")
    assert arrow.column_names[:3] == ["path", "label", "speaker"]
    assert arrow.column_names[-3:] == list(table.names)
    assert arrow["label"].to_pylist() == table.labels
    assert str(arrow["rms_mean"].type) == "float"
    assert json.loads(arrow.schema.metadata[b"serfast"])["hash"] == "abc123"


def test_npz_holds_no_pickle(table, tmp_path):
    save_table(table, tmp_path / "t.npz")
    with np.load(tmp_path / "t.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)
        assert arrays["names"].tolist() == list(table.names)


def test_npz_with_a_pickle_inside_is_refused(tmp_path):
    np.savez(tmp_path / "t.npz", serfast=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ParameterError, match="not a feature table of serfast"):
        load_table(tmp_path / "t.npz")


def test_csv_has_one_header_line_for_the_metadata(table, tmp_path):
    save_table(table, tmp_path / "t.csv")
    with open(tmp_path / "t.csv", encoding="utf-8", newline="") as file:
        first = file.readline()
        rows = list(csv.DictReader(file))
    assert json.loads(first.removeprefix("# serfast "))["config"] == table.config
    assert rows[0]["label"] == "sad"
    assert float(rows[2]["mfcc_00_mean"]) > 1


def test_failures_are_written_beside_the_table_and_removed_when_stale(table, tmp_path):
    failed = replace(table, failures=(Failure(1, "x.wav", "read", "no, such file"),))
    path = save_table(failed, tmp_path / "features.npz")
    assert path is not None
    assert path.name == "features.failures.csv"
    with path.open(newline="") as file:
        assert list(csv.DictReader(file)) == [
            {"index": "1", "path": "x.wav", "stage": "read", "reason": "no, such file"}
        ]
    assert save_table(table, tmp_path / "features.npz") is None
    assert not path.exists()


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_write_that_fails_leaves_what_was_there(table, tmp_path, suffix):
    path = tmp_path / f"t{suffix}"
    save_table(table, path)
    before = path.read_bytes()
    with files_at_most(100), pytest.raises(OSError, match="cannot be written: File too large"):
        save_table(replace(table, hash="other"), path)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(path.name, before)]


def test_rows_and_completeness(table):
    assert table.complete.tolist() == [True, False, True, True, True]
    kept = table.rows(table.complete)
    assert kept.labels == ["sad", "happy", None, None]
    assert kept.speakers == ["01", None, None, "07"]
    np.testing.assert_array_equal(kept.values, table.values[[0, 2, 3, 4]])


def test_wrong_names_are_refused_in_words(table, tmp_path):
    with pytest.raises(ParameterError, match=r"t\.xlsx: .* one of \.parquet, \.npz, \.csv"):
        save_table(table, tmp_path / "t.xlsx")
    with pytest.raises(ParameterError, match="none: not a folder"):
        save_table(table, tmp_path / "none" / "t.csv")
    with pytest.raises(ParameterError, match=r"t\.csv: no such file"):
        load_table(tmp_path / "t.csv")


@pytest.mark.parametrize("suffix", FORMATS)
def test_foreign_files_are_refused_in_words(tmp_path, suffix):
    (tmp_path / f"t{suffix}").write_text("path,label\na.wav,sad\n")
    with pytest.raises(ParameterError, match=f"t{suffix}: (not a feature table|the first line)"):
        load_table(tmp_path / f"t{suffix}")


def test_tables_of_a_later_format_are_refused(table, tmp_path):
    path = tmp_path / "t.csv"
    save_table(table, path)
    path.write_text(
        path.read_text(encoding="utf-8").replace('"format_version": 3', '"format_version": 4'),
        encoding="utf-8",
    )
    with pytest.raises(ParameterError, match=r"format 4, written by serfast 1\.2\.3; .* up to 3"):
        load_table(path)


def without_new_facts(path):
    """Make a file what the first format was: without the facts of opened clips."""
    new = ("vocal_channel", "age", "duration", "rate", "channels", "hash", "start", "end")
    if path.suffix == ".csv":
        first, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            file.write(first.replace('"format_version": 3', '"format_version": 1'))
            reader = csv.DictReader(rows)
            names = [name for name in reader.fieldnames if name not in new]
            writer = csv.DictWriter(file, names, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(reader)
    elif path.suffix == ".npz":
        with np.load(path) as arrays:
            kept = {name: arrays[name] for name in arrays if name not in new}
        metadata = str(kept["serfast"]).replace('"format_version": 3', '"format_version": 1')
        np.savez(path, **kept | {"serfast": np.array(metadata)})
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        arrow = parquet.read_table(path).drop_columns(list(new))
        metadata = arrow.schema.metadata[b"serfast"].replace(b'_version": 3', b'_version": 1')
        parquet.write_table(arrow.replace_schema_metadata({b"serfast": metadata}), path)


@pytest.mark.parametrize("suffix", FORMATS)
def test_tables_of_the_first_format_are_read(table, tmp_path, suffix):
    table = replace(
        table,
        clips=(
            Clip("a.wav", "sad", "1", sentence="1"),
            *table.clips[1:3],
            *table.clips[4:],
            Clip("z.wav"),
        ),
    )
    path = tmp_path / f"t{suffix}"
    save_table(table, path)
    without_new_facts(path)
    read = load_table(path)
    np.testing.assert_array_equal(read.values, table.values)
    assert replace(read, values=table.values) == table


def test_features_must_not_be_named_as_facts_of_clips(table, tmp_path):
    taken = replace(table, names=("mfcc", "rate", "hash"))
    with pytest.raises(ParameterError, match="hash, rate: names of clips' facts"):
        save_table(taken, tmp_path / "t.csv")


def test_extraction_gives_one_row_per_clip_and_reports_the_bad_one(tmp_path):
    import serfast

    folder = tmp_path / "clips"
    for clip in find_clips(samples_dir(), ["happy"]).clips[:3]:
        data = Path(clip.path).read_bytes()
        (folder / clip.label).mkdir(parents=True, exist_ok=True)
        (folder / clip.label / f"{len(data)}.wav").write_bytes(data)
    (folder / "sad").mkdir()
    (folder / "sad" / "broken.wav").write_bytes(b"RIFF and then nothing")
    calls = []
    table = extract_table(
        find_clips(folder),
        serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13, pool="mean"),
        progress=lambda done, total: calls.append((done, total)),
    )
    assert table.values.shape == (4, 14)
    assert len(table.names) == 14
    assert table.complete.tolist() == [True, True, True, False]
    assert [(f.index, f.path) for f in table.failures] == [(3, table.clips[3].path)]
    assert table.failures[0].reason
    assert calls[-1] == (4, 4)
    assert serfast.Extractor.from_config(table.config).hash == table.hash
    save_table(table, tmp_path / "t.parquet")
    assert load_table(tmp_path / "t.parquet").config == table.config
