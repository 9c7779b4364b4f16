"""Jobs that write frames, and rows for chunks of recordings."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import shutil
import sys
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import soundfile
from typer.testing import CliRunner

import serfast
from helpers import assert_same, run_python, speech, start_python
from serfast import bulk, datasets
from serfast.bulk import Frames, Input, Job, plan_shards, run_job, run_shard
from serfast.bulk._chunks import Chunks
from serfast.cli import app
from serfast.models._examples import Examples
from serfast.models._folds import make_folds
from sources import write_classes

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


@pytest.fixture
def clips(tmp_path):
    return write_classes(tmp_path / "clips", 13, 700)


def files(out):
    """The bytes of all that has to be equal, by name."""
    assert not any(name.startswith("_partial") for name in os.listdir(out))
    found = [p for p in out.rglob("*") if p.is_file() and p.name not in ("_job.json", "_lock")]
    return {str(path.relative_to(out)): path.read_bytes() for path in found}


def signal(path):
    y, _ = serfast.load(path, sr=SR)
    return y


def expected_rows(path, extractor, chunk=None, overlap=0.0, store="parquet"):
    """What a clip's rows must hold: times, and the values of the part cut out."""
    y = signal(path)
    if chunk is None:
        return [(None, None, extractor(y))]
    spans = Chunks.of(chunk, overlap, SR).spans(y.size)
    return [(begin / SR, end / SR, extractor(y[begin:end].copy())) for begin, end in spans]


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


# ---------------------------------------------------------------- stops

STOPPED = """
    import os, random, signal, sys, time, warnings
    import pyarrow.parquet, numpy, soundfile, serfast, serfast.tables
    from serfast.bulk import run_job
    warnings.simplefilter("ignore")  # of forking beside threads of the libraries
    clips, out, store = sys.argv[1:4]
    if store == "zarr":
        import zarr
    fx = serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13)
    random.seed(int(sys.argv[4]))
    def child():
        pid = os.fork()
        if pid == 0:
            run_job(clips, out, fx, shard_files=3, threads=2, chunk=0.2, overlap=0.1, store=store)
            os._exit(0)
        return pid
    started = time.perf_counter()
    os.waitpid(child(), 0)
    whole = time.perf_counter() - started
    kills = 0
    while kills < int(sys.argv[5]):
        print("fresh", flush=True)
        sys.stdin.readline()
        ended = False
        while not ended:
            pid = child()
            time.sleep(random.uniform(0, 1.2 if random.random() < 0.3 else 0.6) * whole)
            os.kill(pid, signal.SIGKILL)
            ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
            kills += not ended
            print("ended" if ended else "killed", flush=True)
            sys.stdin.readline()
    print("enough", flush=True)
"""


@stores
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_killed_at_random_moments(clips, tmp_path, store):
    (clips / "sad/text.wav").write_text("no audio")
    options = {"chunk": 0.2, "overlap": 0.1, "store": store}
    run_job(clips, tmp_path / "undisturbed", FRAMES, shard_files=3, **options)
    undisturbed = files(tmp_path / "undisturbed")
    out = tmp_path / "out"
    killed = whole = 0
    with start_python(STOPPED, clips, out, store, 7, 25) as process:
        try:
            for line in process.stdout:
                if line == "enough\n":
                    break
                if line == "fresh\n":
                    shutil.rmtree(out)
                elif line == "killed\n":
                    killed += 1
                    assert_whole_shards(out, undisturbed)
                else:
                    whole += 1
                    assert files(out) == undisturbed
                process.stdin.write("\n")
                process.stdin.flush()
        finally:
            process.kill()
        assert process.stderr.read() == ""
    assert killed >= 25
    assert whole >= 1


def assert_whole_shards(out, undisturbed):
    """Each shard that is there is that of an undisturbed run, and so are the arrays it names."""
    for shard in out.glob("part-*.parquet"):
        assert shard.read_bytes() == undisturbed[shard.name]
        table = pa.parquet.read_table(shard)
        names = table["array"].unique().to_pylist() if "array" in table.column_names else []
        for name in names:
            array = f"_frames.zarr/{name}/"
            wanted = {n: content for n, content in undisturbed.items() if n.startswith(array)}
            assert {n: (out / n).read_bytes() for n in wanted} == wanted


@needs_zarr
def test_an_array_that_was_removed_is_made_again(clips, tmp_path):
    out = tmp_path / "out"
    run_job(clips, out, FRAMES, shard_files=5, store="zarr")
    before = files(out)
    shutil.rmtree(next((out / "_frames.zarr").glob("part-00001-*")))
    report = run_job(clips, out, FRAMES, store="zarr")
    assert (report.computed, report.shards) == (5, 1)
    assert files(out) == before


@needs_zarr
def test_what_killed_runs_left_is_removed(clips, tmp_path):
    out = tmp_path / "out"
    run_job(clips, out, FRAMES, shard_files=5, store="zarr")
    before = files(out)
    stray = out / "_frames.zarr/part-00001-0123456789abcdef"
    half = out / "_partial-01234567-part-00001-0123456789abcdef"
    for folder in stray, half:
        (folder / "c").mkdir(parents=True)
        (folder / "c/0").write_bytes(b"x")
    assert run_job(clips, out, FRAMES, store="zarr").computed == 0
    assert files(out) == before


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
