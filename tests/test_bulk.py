"""Jobs over whole datasets: what they write, how they go on, and what they need."""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import threading
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import soundfile

import serfast
from helpers import assert_same, run_python, speech
from outputs import by_path, read_records, read_rows, read_shards, read_values, run_and_see
from serfast import bulk, datasets
from serfast.bulk import Input, Job, plan_shards, run_job, run_shard
from sources import write_classes

SR = 16000
FX = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean", "std"])


@pytest.fixture
def clips(tmp_path):
    return write_classes(tmp_path / "clips", 23, 400)


# ---------------------------------------------------------------- what is written


def test_rows_are_those_of_the_extractor(clips, tmp_path):
    report = run_job(clips, tmp_path / "out", FX, shard_files=6)
    paths = sorted(str(path) for path in clips.rglob("*.*"))
    expected = dict(zip(paths, FX.files(paths).values.tolist(), strict=True))
    assert read_values(tmp_path / "out", FX.names) == expected
    rows = by_path(read_rows(tmp_path / "out"))
    assert {row["label"] for row in rows.values()} == {"sad", "happy"}
    assert all(rows[path]["duration"] == serfast.get_duration(path=path) for path in paths)
    assert (report.done, report.failed, report.shards, report.columns) == (23, 0, 4, 28)
    assert report.computed == 23
    assert report.hours * 3600 == pytest.approx(sum(row["duration"] for row in rows.values()))
    records = by_path(read_records(tmp_path / "out"))
    assert list(records) == paths
    for path, record in records.items():
        shard = pa.parquet.read_table(tmp_path / "out" / record["shard"])
        assert shard["path"][record["row"]].as_py() == path
        assert int(record["hash"], 16) == serfast._core.hash_file(path)[0]


def test_threads_order_and_memory_change_no_byte(clips, tmp_path):
    run_job(clips, tmp_path / "a", FX, shard_files=4, threads=1)
    run_job(clips, tmp_path / "b", FX, shard_files=4, threads=3, memory=3e9)
    job = Job.load(tmp_path / "a")
    (tmp_path / "c").mkdir()
    job = replace(job, output=str(tmp_path / "c"))
    inputs = [Input.of(clip) for clip in datasets.find_clips(clips).clips]
    for shard in reversed(plan_shards(job, inputs[::-1]).shards):
        # As engines do it: somewhere else, and twice where they are in doubt.
        there = pickle.loads(pickle.dumps((job, shard)))
        assert run_shard(*there, threads=2).written
        assert not run_shard(*there).written
    assert read_shards(tmp_path / "a") == read_shards(tmp_path / "b") == read_shards(tmp_path / "c")


def test_features_are_read_back(clips, tmp_path):
    run_job(clips, tmp_path / "out", FX, shard_files=10)
    names, matrix, labels, groups = serfast.load_features(tmp_path / "out")
    assert names == FX.names
    assert groups is None
    paths = [clip.path for clip in datasets.find_clips(clips).clips]
    assert_same(matrix, FX.files(paths).values)
    assert labels.tolist() == [path.split(os.sep)[-2] for path in paths]
    single = tmp_path / "table.npz"
    serfast.tables.save_table(serfast.tables.load_data(tmp_path / "out"), single)
    assert_same(serfast.load_features(single).matrix, matrix)


def test_features_without_rows_are_refused(tmp_path):
    Job(str(tmp_path), "clips", FX.config).save()
    with pytest.raises(serfast.ParameterError, match="no shard is whole yet"):
        serfast.load_features(tmp_path)


def test_the_hash_is_xxh64(tmp_path):
    # From the test vectors of its authors and of the package xxhash; more than a stripe, and less.
    vectors = {
        b"": "ef46db3751d8e999",
        b"a": "d24ec4f1a98c6e5b",
        b"xxhash": "32dd38952c4bc720",
        b"Nobody inspects the spammish repetition": "fbcea83c8a378bf1",
        b"Call me Ishmael. Some years ago--never mind how long precisely-": "02a2e85470d6fd96",
    }
    for content, expected in vectors.items():
        (tmp_path / "x").write_bytes(content)
        number, beginning = serfast._core.hash_file(tmp_path / "x")
        assert (f"{number:016x}", beginning) == (expected, content[:4])


# ---------------------------------------------------------------- going on


def test_what_is_done_is_not_done_again(clips, tmp_path):
    run_job(clips, tmp_path / "out", FX, shard_files=6)
    before = read_shards(tmp_path / "out")
    for options in {}, {"verify": True}:
        report = run_job(clips, tmp_path / "out", FX, **options)
        assert (report.done, report.shards) == (23, 0)
        assert read_shards(tmp_path / "out") == before


def test_only_new_and_changed_clips_are_computed(clips, tmp_path):
    out = tmp_path / "out"
    run_job(clips, out, FX, shard_files=6)
    changed, touched, gone = clips / "sad/000.wav", clips / "happy/001.flac", clips / "sad/002.ogg"
    old_row = read_values(out, FX.names)[str(gone)]
    soundfile.write(changed, speech(5000, seed=77), SR)
    os.utime(touched, ns=(1, 1))
    gone.unlink()
    new = clips / "happy/new.wav"
    soundfile.write(new, speech(3000, seed=78), SR)
    report, seen = run_and_see(clips, out, FX)
    assert seen == sorted([str(changed), str(new)])
    assert (report.done, report.gone) == (24, 1)
    rows = read_values(out, FX.names)
    assert rows.pop(str(gone)) == old_row
    run_job(clips, tmp_path / "fresh", FX, shard_files=6)
    assert rows == read_values(tmp_path / "fresh", FX.names)
    # What is gone goes where that is asked for.
    report, seen = run_and_see(clips, out, FX, prune=True)
    assert (seen, report.done, report.gone) == ([], 23, 0)
    assert read_values(out, FX.names) == read_values(tmp_path / "fresh", FX.names)


def test_a_change_that_keeps_size_and_time_is_found_by_verify(clips, tmp_path):
    path = clips / "sad/000.wav"
    run_job(clips, tmp_path / "out", FX)
    time = path.stat().st_mtime_ns
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(time, time))
    assert run_job(clips, tmp_path / "out", FX).computed == 0
    _, seen = run_and_see(clips, tmp_path / "out", FX, verify=True)
    assert seen == [str(path)]


def test_clips_that_get_a_label_that_is_not_wanted_lose_their_rows(clips, tmp_path):
    listed = tmp_path / "clips.csv"
    corpus = datasets.find_clips(clips)
    datasets.save_manifest(corpus, listed)
    run_job(listed, tmp_path / "out", FX, emotions=["sad"], shard_files=5)
    changed = replace(corpus.clips[-1], label="happy")
    assert corpus.clips[-1].label == "sad"
    datasets.save_manifest(replace(corpus, clips=(*corpus.clips[:-1], changed)), listed)
    report = run_job(listed, tmp_path / "out", FX, emotions=("sad", "sad"))
    assert (report.done, report.gone) == (11, 0)
    assert changed.path not in read_values(tmp_path / "out", FX.names)


def test_the_same_job_in_other_words_goes_on(clips, tmp_path):
    run_job(clips, tmp_path / "out", FX, emotions=["sad", "happy"])
    assert run_job([clips], tmp_path / "out", FX, emotions={"happy", "sad"}).computed == 0


def test_what_is_left_is_known_beside_what_is_gone(clips, tmp_path, monkeypatch):
    run_job(clips, tmp_path / "out", FX, shard_files=6)
    (clips / "sad").rename(tmp_path / "sad")
    shutil.copytree(tmp_path / "sad", clips / "new")
    monkeypatch.setattr(bulk._run, "_do", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run_job(clips, tmp_path / "out", FX)
    assert bulk.inspect_output(tmp_path / "out").left == 12
    with pytest.warns(UserWarning, match="12 of 23 clips are still to be done"):
        serfast.load_features(tmp_path / "out")


def test_new_labels_need_no_new_features(clips, tmp_path):
    listed = tmp_path / "clips.csv"
    corpus = datasets.find_clips(clips)
    datasets.save_manifest(corpus, listed)
    run_job(listed, tmp_path / "out", FX, shard_files=6)
    datasets.save_manifest(corpus.relabel({"sad": "bored"}), listed)
    _, seen = run_and_see(listed, tmp_path / "out", FX)
    assert seen == []
    assert {row["label"] for row in by_path(read_rows(tmp_path / "out")).values()} == {
        "bored",
        "happy",
    }


def other(**options):
    return serfast.Extractor(
        ["mfcc", "rms"], **{"sr": SR, "n_mfcc": 13, "pool": ["mean"]} | options
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"extractor": other()}, r"pool was mean,std and is mean\. Give"),
        ({"extractor": other(pool=["mean", "std"], n_mfcc=20)}, "mfcc.n_mfcc was 13 and is 20"),
        ({"extractor": other(pool=["mean", "std"], sr=8000)}, "sr was 16000 and is 8000"),
        ({"emotions": ["sad"]}, "emotions was none and is sad"),
        ({"resume": False}, "holds a job already"),
    ],
    ids=["pool", "option", "rate", "emotions", "no resume"],
)
def test_another_configuration_is_refused_in_words(clips, tmp_path, change, words):
    run_job(clips, tmp_path / "out", FX)
    before = read_shards(tmp_path / "out")
    with pytest.raises(serfast.ParameterError, match=words):
        run_job(clips, tmp_path / "out", **{"extractor": FX} | change)
    assert read_shards(tmp_path / "out") == before


def test_strange_folders_are_refused(clips, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(serfast.ParameterError, match="holds other files, and no job"):
        run_job(clips, tmp_path, FX)
    with pytest.raises(serfast.ParameterError, match="is a file; a job is written into"):
        run_job(clips, tmp_path / "notes.txt", FX)
    run_job(clips, tmp_path / "out", FX)
    (tmp_path / "out/part-00000.parquet").write_bytes(b"PAR1")
    with pytest.raises(serfast.ParameterError, match=r"part-00000\.parquet: not a shard"):
        run_job(clips, tmp_path / "out", FX)
    (tmp_path / "out/_job.json").write_text("{")
    with pytest.raises(serfast.ParameterError, match="not the configuration of a job"):
        run_job(clips, tmp_path / "out", FX)


def test_a_second_process_is_kept_out(clips, tmp_path):
    run_job(clips, tmp_path / "out", FX)
    with (
        bulk._durable.sole_writer(tmp_path / "out"),
        pytest.raises(serfast.ParameterError, match="another process is writing"),
    ):
        run_job(clips, tmp_path / "out", FX)


# ---------------------------------------------------------------- threads, memory, long files


def test_worker_threads_start_no_others(tmp_path, monkeypatch):
    # Long enough for the functions to start threads of their own, where they are called alone.
    (tmp_path / "clips").mkdir()
    soundfile.write(tmp_path / "clips/long.wav", speech(1 << 18), SR)
    asked = set()
    count = serfast._engine.default_threads

    def default_threads():
        asked.add(threading.current_thread())
        return count()

    monkeypatch.setattr(serfast._engine, "default_threads", default_threads)
    fx = serfast.Extractor(["tonnetz"], sr=SR, pool="mean", harmonic=True)
    fx(speech(1 << 18))
    assert asked == {threading.current_thread()}
    asked.clear()
    assert run_job(tmp_path / "clips", tmp_path / "out", fx, threads=2).done == 1
    assert asked <= {threading.current_thread()}


@pytest.mark.parametrize("memory", [1, 3000])
def test_hardly_any_memory_will_do(clips, tmp_path, memory):
    fx = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean"])
    assert run_job(clips, tmp_path / "a", fx, shard_files=4).done == 23
    assert run_job(clips, tmp_path / "b", fx, shard_files=4, memory=memory).done == 23
    assert read_shards(tmp_path / "a") == read_shards(tmp_path / "b")


@pytest.mark.parametrize("rate", [16000, 22050, 44100])
@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_long_files_give_the_same_bits_from_little_memory(tmp_path, monkeypatch, suffix, rate):
    monkeypatch.setattr(bulk._long, "BLOCK_SAMPLES", 1 << 16)
    folder = tmp_path / "clips"
    folder.mkdir()
    y = np.random.default_rng(0).uniform(-0.5, 0.5, (300_000, 1 + (rate > 16000)))
    soundfile.write(folder / f"long.{suffix}", y, rate)
    for name, memory in ("a", None), ("b", 10**6):
        assert run_job(folder, tmp_path / name, FX, memory=memory, threads=1).done == 1
    assert read_shards(tmp_path / "a") == read_shards(tmp_path / "b")


def test_features_that_keep_too_much_are_refused_in_words(tmp_path):
    folder = tmp_path / "clips"
    folder.mkdir()
    soundfile.write(folder / "long.wav", np.tile(speech(20_000), 30), SR)
    for features, pool in (["mfcc"], ["median"]), (["tonnetz"], ["mean"]):
        fx = serfast.Extractor(features, sr=SR, pool=pool)
        output = tmp_path / features[0]
        report = run_job(folder, output, fx, memory=80_000, threads=1)
        ((stage, reason, n),) = report.reasons
        assert (stage, n) == ("extract", 1)
        assert "a thread may use 0 MB: give more --memory" in reason
        # With more of it, the same command does it.
        assert run_job(folder, output, fx, threads=1).done == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
@pytest.mark.skipif("san" in os.environ.get("LD_PRELOAD", ""), reason="sanitizers need much of it")
def test_memory_is_bounded(clips, tmp_path):
    # 25 minutes: 48 MB as a file, 96 MB as samples.
    (clips / "long").mkdir()
    y = np.tile((speech(SR * 60) * 32767).astype(np.int16), 25)
    soundfile.write(clips / "long/long.wav", y, SR)
    soundfile.write(clips / "long/long.flac", y, SR)
    code = """
    import resource, sys, serfast
    from serfast.bulk import run_job
    fx = serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13, pool=["mean", "std"])
    warm = run_job(sys.argv[1] + "/sad", sys.argv[2] + "/warm", fx, threads=2)
    with open("/proc/self/status") as file:
        used = next(int(line.split()[1]) for line in file if line.startswith("VmData"))
    limit = used * 1024 + 64_000_000  # of which 8 MB are each thread's stack
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    report = run_job(sys.argv[1], sys.argv[2] + "/out", fx, threads=2, memory=16_000_000)
    print(report.done, report.failed, report.reasons)
    """
    assert run_python(code, clips, tmp_path).split()[:2] == ["25", "0"]
    rows = read_values(tmp_path / "out", FX.names)
    assert rows[str(clips / "long/long.flac")] == rows[str(clips / "long/long.wav")]
    shutil.rmtree(clips / "long")
