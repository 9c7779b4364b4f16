"""Jobs that write frames, and rows for chunks of recordings."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import shutil
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import soundfile
from typer.testing import CliRunner

import serfast
from helpers import assert_same, run_python, speech
from layouts import FRAMES, LAYOUTS, POOLED, SR, files, layouts, needs_zarr, rows_of, signal, stores
from serfast import bulk, datasets
from serfast.bulk import Frames, Input, Job, plan_shards, run_job, run_shard
from serfast.bulk._chunks import Chunks
from serfast.cli import app
from serfast.models._examples import Examples
from serfast.models._folds import make_folds
from sources import write_classes


@pytest.fixture
def clips(tmp_path):
    return write_classes(tmp_path / "clips", 13, 700)


def expected_rows(path, extractor, chunk=None, overlap=0.0, store="parquet"):
    """What a clip's rows must hold: times, and the values of the part cut out."""
    y = signal(path)
    if chunk is None:
        return [(None, None, extractor(y))]
    spans = Chunks.of(chunk, overlap, SR).spans(y.size)
    return [(begin / SR, end / SR, extractor(y[begin:end].copy())) for begin, end in spans]


# ---------------------------------------------------------------- what is written


@layouts
def test_rows_are_those_of_the_extractor(clips, tmp_path, layout):
    extractor, options = LAYOUTS[layout]
    report = run_job(clips, tmp_path / "out", extractor, shard_files=5, **options)
    assert (report.done, report.failed, report.shards) == (13, 0, 3)
    paths = sorted(str(path) for path in clips.rglob("*.*"))
    expected = [(p, *row) for p in paths for row in expected_rows(p, extractor, **options)]
    actual = rows_of(tmp_path / "out", extractor)
    assert [row[:3] for row in actual] == [row[:3] for row in expected]
    for (*_, values), (*_, wanted) in zip(actual, expected, strict=True):
        assert_same(values, wanted)
    # The records say where they are.
    lines = (tmp_path / "out/_manifest.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert [record["path"] for record in records] == paths
    for record in records:
        column = pa.parquet.read_table(tmp_path / "out" / record["shard"])["path"].to_pylist()
        first, n = record["row"], record.get("rows", 1)
        assert column[first : first + n] == [record["path"]] * n
        assert column.count(record["path"]) == n


@layouts
def test_threads_order_and_memory_change_no_byte(clips, tmp_path, layout):
    extractor, options = LAYOUTS[layout]
    run_job(clips, tmp_path / "a", extractor, shard_files=4, threads=1, **options)
    run_job(clips, tmp_path / "b", extractor, shard_files=4, threads=3, memory=3e4, **options)
    job = Job.load(tmp_path / "a")
    (tmp_path / "c").mkdir()
    job = replace(job, output=str(tmp_path / "c"))
    inputs = [Input.of(clip) for clip in datasets.find_clips(clips).clips]
    for shard in reversed(plan_shards(job, inputs[::-1]).shards):
        there = pickle.loads(pickle.dumps((job, shard)))
        assert run_shard(*there, threads=2).written
        assert not run_shard(*there).written
    shutil.copy(tmp_path / "a/_manifest.jsonl", tmp_path / "c")
    assert files(tmp_path / "a") == files(tmp_path / "b") == files(tmp_path / "c")


@layouts
def test_only_what_changed_is_done_again(clips, tmp_path, layout):
    extractor, options = LAYOUTS[layout]
    out = tmp_path / "out"
    run_job(clips, out, extractor, shard_files=5, **options)
    before = files(out)
    assert run_job(clips, out, extractor, verify=True, **options).shards == 0
    assert files(out) == before
    soundfile.write(clips / "sad/000.wav", speech(9000, seed=99), SR)
    (clips / "happy/001.flac").unlink()
    report = run_job(clips, out, extractor, prune=True, **options)
    assert (report.computed, report.shards, report.done) == (1, 2, 12)
    run_job(clips, tmp_path / "fresh", extractor, shard_files=5, **options)
    fresh = rows_of(tmp_path / "fresh", extractor)
    for ours, theirs in zip(rows_of(out, extractor), fresh, strict=True):
        assert ours[:3] == theirs[:3]
        assert_same(ours[3], theirs[3])
    if "arrays" in layout:
        # Of the arrays only those stay that shards name.
        named = pa.parquet.read_table(out, columns=["array"])["array"].unique().to_pylist()
        assert sorted(p.name for p in (out / "_frames.zarr").glob("part-*")) == sorted(named)


@layouts
def test_a_bad_clip_costs_one_record(clips, tmp_path, layout):
    extractor, options = LAYOUTS[layout]
    y = speech(20000)
    y[19000] = np.nan  # in the last chunk
    soundfile.write(clips / "sad/nan.wav", y, SR, "FLOAT")
    (clips / "sad/text.flac").write_text("no audio")
    (clips / "sad/empty.wav").touch()
    report = run_job(clips, tmp_path / "out", extractor, shard_files=4, **options)
    assert (report.done, report.failed) == (13, 3)
    assert {stage for stage, *_ in report.reasons} == {"decode", "extract"}
    paths = {row[0] for row in rows_of(tmp_path / "out", extractor)}
    assert paths == {str(path) for path in clips.rglob("[0-9]*.*")}


@stores
def test_shards_without_rows_are_read(tmp_path, store):
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "a.wav").touch()
    soundfile.write(folder / "b.wav", speech(5000), SR)
    report = run_job(folder, tmp_path / "out", FRAMES, shard_files=1, store=store)
    assert (report.done, report.failed, report.shards) == (1, 1, 2)
    frames = Frames(tmp_path / "out")
    assert len(frames) == 1
    assert_same(frames[-1], FRAMES(speech_read(folder / "b.wav")))
    assert bulk.inspect_output(tmp_path / "out").failed == 1


def speech_read(path):
    return soundfile.read(path, dtype="float32")[0]


def test_old_labels_are_replaced_without_new_features(clips, tmp_path):
    listed = tmp_path / "clips.csv"
    corpus = datasets.find_clips(clips)
    datasets.save_manifest(corpus, listed)
    options = {"chunk": 0.1, "shard_files": 5}
    run_job(listed, tmp_path / "out", FRAMES, **options)
    before = rows_of(tmp_path / "out", FRAMES)
    datasets.save_manifest(corpus.relabel({"sad": "bored"}), listed)
    report = run_job(listed, tmp_path / "out", FRAMES, **options)
    assert (report.computed, report.shards) == (0, 2)
    frames = Frames(tmp_path / "out")
    assert {clip.label for clip in frames.clips} == {"bored", "happy"}
    for (path, start, end, values), clip, again in zip(before, frames.clips, frames, strict=True):
        assert (clip.path, clip.start, clip.end) == (path, start, end)
        assert_same(again, values)


# ---------------------------------------------------------------- chunks


@pytest.mark.parametrize("n", [1, 9, 10, 14, 15, 19, 20, 24, 25, 30, 33, 34, 101])
@pytest.mark.parametrize("overlap", [0, 3, 5, 9])
def test_chunks_cover_a_signal(n, overlap):
    spans = Chunks.of(10, overlap, 1).spans(n)
    assert spans[0][0] == 0
    assert spans[-1][1] == n
    for (begin, end), (next_begin, _) in itertools.pairwise(spans):
        assert next_begin == begin + 10 - overlap <= end
    assert all(end - begin == 10 for begin, end in spans[:-1])
    last = spans[-1][1] - spans[-1][0]
    assert last < 15
    assert last >= 5 or n < 5
    # No chunk lies within the one before.
    assert all(end > before for (_, before), (_, end) in itertools.pairwise(spans))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"chunk": 0}, "chunk=0 must be greater than 0"),
        ({"chunk": np.nan}, "chunk=nan must be a finite number"),
        ({"chunk": 1e-9}, "chunk=1e-09 is less than a sample at 16000 Hz"),
        ({"chunk": 1, "overlap": 1}, "overlap=1 must be less than chunk=1"),
        ({"chunk": 1, "overlap": 2}, "overlap=2 must be a finite number from 0 to 1"),
        ({"chunk": 1, "overlap": -1}, "overlap=-1 must be a finite number from 0 to 1"),
        ({"overlap": 1}, "overlap=1 is for chunks: give chunk, too"),
        ({"store": "csv"}, "store='csv' must be one of parquet, zarr"),
        ({"store": "zarr"}, "store='zarr' is for frames, and here are statistics"),
    ],
)
def test_options_that_do_not_fit_are_refused(clips, tmp_path, options, words):
    with pytest.raises(serfast.ParameterError, match=words):
        run_job(clips, tmp_path / "out", POOLED, **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chunk": 0.2}, r"chunk was 0\.1 and is 0\.2"),
        ({"chunk": None}, r"chunk was 0\.1 and is none"),
        ({"overlap": 0.01}, r"overlap was 0\.0 and is 0\.01"),
        ({"extractor": POOLED}, "pool was none and is mean,std"),
        pytest.param({"store": "zarr"}, "store was parquet and is zarr", marks=needs_zarr),
    ],
)
def test_another_layout_is_refused_in_words(clips, tmp_path, change, words):
    first = {"extractor": FRAMES, "chunk": 0.1}
    run_job(clips, tmp_path / "out", **first)
    before = files(tmp_path / "out")
    with pytest.raises(serfast.ParameterError, match=words):
        run_job(clips, tmp_path / "out", **first | change)
    assert files(tmp_path / "out") == before


def test_chunks_of_parts_have_the_times_of_the_file(clips, tmp_path):
    path = clips / "sad/012.wav"
    listed = tmp_path / "parts.csv"
    listed.write_text(f"path,start,end\n{path},0.1,0.4\n{path},0.4,\n")
    run_job(listed, tmp_path / "out", POOLED, chunk=0.1)
    y, sr = soundfile.read(path, dtype="float32")
    assert sr == SR
    rows = rows_of(tmp_path / "out", POOLED)
    assert [row[1] for row in rows] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert rows[-1][2] == pytest.approx(y.size / SR)
    for _, start, end, values in rows:
        assert_same(values, POOLED(y[round(start * SR) : round(end * SR)].copy()))


@pytest.mark.parametrize("n", [5643, 5644])
def test_clips_that_are_just_long_enough_have_their_frames(tmp_path, n):
    """Of what is resampled to 2048 samples, the length is not taken for 2047 before."""
    (tmp_path / "clips").mkdir()
    soundfile.write(tmp_path / "clips/a.wav", speech(n), 44100)
    fx = serfast.Extractor(["melspectrogram"], sr=SR, center=False, n_mels=20)
    assert run_job(tmp_path / "clips", tmp_path / "out", fx).done == 1
    assert_same(Frames(tmp_path / "out")[0], fx.files([tmp_path / "clips/a.wav"]).values[0])


# ---------------------------------------------------------------- threads, memory, long files


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize("pool", [["mean", "std", "slope"], ["median", "delta_mean"], None])
def test_a_long_file_is_cut_among_the_threads(tmp_path, monkeypatch, suffix, pool):
    # Long is what the core would otherwise do in one thread.
    monkeypatch.setattr(bulk._work, "LONG_BYTES", 1 << 16)
    folder = tmp_path / "clips"
    folder.mkdir()
    soundfile.write(folder / f"long.{suffix}", speech(1 << 19), SR)
    fx = serfast.Extractor(["mfcc", "chroma_stft"], sr=SR, pool=pool, hop_length=128)
    asked = []
    computed = serfast.Extractor._computed

    def seen(self, y, threads=1):
        asked.append(threads)
        return computed(self, y, threads)

    monkeypatch.setattr(serfast.Extractor, "_computed", seen)
    for threads in 1, 4:
        run_job(folder, tmp_path / str(threads), fx, threads=threads)
    assert asked == [1, 4]
    assert files(tmp_path / "1") == files(tmp_path / "4")


def test_help_that_needs_too_much_memory_is_done_without(tmp_path, monkeypatch):
    folder = tmp_path / "clips"
    folder.mkdir()
    soundfile.write(folder / "a.flac", speech(9000), SR)
    computed = serfast.Extractor._computed

    def scarce(self, y, threads=1):
        if threads > 1:
            raise MemoryError
        return computed(self, y, threads)

    monkeypatch.setattr(serfast.Extractor, "_computed", scarce)
    assert run_job(folder, tmp_path / "out", POOLED, threads=3).done == 1


def test_frames_that_need_too_much_memory_are_refused_and_chunks_are_not(tmp_path):
    folder = tmp_path / "clips"
    folder.mkdir()
    soundfile.write(folder / "long.wav", np.tile(speech(20_000), 30), SR)
    fx = serfast.Extractor(["melspectrogram"], sr=SR)
    report = run_job(folder, tmp_path / "whole", fx, memory=400_000, threads=1)
    ((stage, reason, _),) = report.reasons
    assert stage == "extract"
    assert "a thread may use 0 MB: give more --memory, or --chunk" in reason
    options = {"chunk": 1.0, "threads": 1}
    assert run_job(folder, tmp_path / "cut", fx, memory=400_000, **options).done == 1
    run_job(folder, tmp_path / "roomy", fx, **options)
    assert files(tmp_path / "cut") == files(tmp_path / "roomy")
    assert len(Frames(tmp_path / "cut")) == 38


@stores
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
@pytest.mark.skipif("san" in os.environ.get("LD_PRELOAD", ""), reason="sanitizers need much of it")
def test_memory_is_bounded_whatever_the_length(tmp_path, store):
    # 20 minutes each: 77 MB as samples, 15 MB as frames.
    folder = tmp_path / "clips"
    (folder / "warm").mkdir(parents=True)
    soundfile.write(folder / "warm/a.flac", speech(SR), SR)
    y = np.tile((speech(SR * 60) * 32767).astype(np.int16), 20)
    for name in "ab":
        soundfile.write(folder / f"{name}.flac", y, SR)
    code = """
    import resource, sys, serfast
    from serfast.bulk import run_job
    fx = serfast.Extractor(["melspectrogram"], sr=16000, hop_length=640)
    options = {"chunk": 10, "store": sys.argv[3], "threads": 2, "memory": 16_000_000}
    run_job(sys.argv[1] + "/warm", sys.argv[2] + "/warm", fx, **options)
    with open("/proc/self/status") as file:
        used = next(int(line.split()[1]) for line in file if line.startswith("VmData"))
    limit = used * 1024 + 96_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    report = run_job(sys.argv[1], sys.argv[2] + "/out", fx, **options)
    print(report.done, report.failed, report.reasons)
    """
    # With one arena the limit is of what the job holds, not of what malloc keeps for each thread.
    done = run_python(code, folder, tmp_path, store, MALLOC_ARENA_MAX="1")
    assert done.split()[:2] == ["3", "0"]
    frames = Frames(tmp_path / "out")
    assert sum(frames.lengths) > 2 * 30000
    shutil.rmtree(folder)


# ---------------------------------------------------------------- the command line


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


def test_the_command_line_writes_frames_and_chunks(clips, tmp_path):
    out = tmp_path / "out"
    features = ["--features", "mfcc,rms", "--n-mfcc", 13]
    run("extract", clips, "-o", out, "--frames", *features)
    frames = Frames(out)
    assert frames.names == FRAMES.names
    assert_same(frames[0], FRAMES(signal(frames.clips[0].path)))
    cut = tmp_path / "cut"
    run("extract", clips, "-o", cut, "--chunk", 0.1, "--overlap", 0.05, *features)
    shown = run("inspect", cut).stdout
    assert "13 done, 0 failed, 0 left" in shown
    assert "in chunks of 0.1 s, 0.05 s of them the one before's" in shown
    assert json.loads(run("inspect", cut, "--json").stdout)["n_rows"] == len(
        serfast.load_features(cut).matrix
    )
    preset = tmp_path / "preset"
    run("extract", clips, "-o", preset, "--frames", "--recipe", "emotion-v1")
    assert Job.load(preset).config["trim"] == 25


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "x", "--frames", "--pool", "mean"], "--frames and --pool exclude each other"),
        (["-o", "x", "--store", "zarr"], "--store is for --frames"),
        (["-o", "x", "--overlap", "1"], "overlap=1 is for chunks"),
        (["-o", "x", "--frames", "--store", "npz"], "store='npz' must be one of parquet, zarr"),
        (["-o", "x.parquet", "--frames"], "--frames is for a folder of shards"),
        (["-o", "x.parquet", "--chunk", "2"], "--chunk is for a folder of shards"),
    ],
)
def test_wrong_options_are_refused_in_words(clips, tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    assert words in run("extract", clips, *options, code=2).stderr
    assert not (tmp_path / "x").exists()


def test_folds_of_unknown_speakers_keep_the_parts_of_a_recording_together():
    clips = [
        datasets.Clip(f"{i:02}.wav", "ab"[i % 2], start=float(part), end=part + 1.0)
        for i in range(12)
        for part in range(3)
    ]
    examples = Examples(tuple(clips), np.zeros((36, 1), np.float32), "files")
    folds = make_folds(examples, 3, seed=0)
    assert sorted(np.concatenate(folds.test_rows)) == list(range(36))
    for test in folds.test_rows:
        tested = {clips[row].path for row in test}
        assert len(test) == 3 * len(tested) == 12
