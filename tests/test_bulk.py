"""Jobs over whole datasets: what they write, how they go on, and what damage costs."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import struct
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
from serfast import bulk, datasets
from serfast.bulk import Input, Job, plan_shards, run_job, run_shard
from sources import write_classes

SR = 16000
FX = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean", "std"])


@pytest.fixture
def clips(tmp_path):
    return write_classes(tmp_path / "clips", 23, 400)


def manifest(output):
    lines = (output / "_manifest.jsonl").read_text(encoding="utf-8").split("\n")
    return {record["path"]: record for record in map(json.loads, lines[:-1])}


def shards(output):
    """The bytes of each shard, by name; nothing else but what readers pass over may be there."""
    names = sorted(name for name in os.listdir(output) if not name.startswith("_"))
    assert all(name.startswith("part-") and name.endswith(".parquet") for name in names)
    return {name: (output / name).read_bytes() for name in names}


def table(output):
    """Each path's row, as Arrow reads the folder; no path may be there twice."""
    rows = pa.parquet.read_table(output).to_pylist()
    by_path = {row["path"]: row for row in rows}
    assert len(by_path) == len(rows)
    return by_path


def values(output):
    return {path: [row[name] for name in FX.names] for path, row in table(output).items()}


# ---------------------------------------------------------------- what is written


def test_rows_are_those_of_the_extractor(clips, tmp_path):
    report = run_job(clips, tmp_path / "out", FX, shard_files=6)
    paths = sorted(str(path) for path in clips.rglob("*.*"))
    expected = dict(zip(paths, FX.files(paths).values.tolist(), strict=True))
    assert values(tmp_path / "out") == expected
    rows = table(tmp_path / "out")
    assert {row["label"] for row in rows.values()} == {"sad", "happy"}
    assert all(rows[path]["duration"] == serfast.get_duration(path=path) for path in paths)
    assert (report.done, report.failed, report.shards, report.columns) == (23, 0, 4, 28)
    assert report.computed == 23
    assert report.hours * 3600 == pytest.approx(sum(row["duration"] for row in rows.values()))
    records = manifest(tmp_path / "out")
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
    assert shards(tmp_path / "a") == shards(tmp_path / "b") == shards(tmp_path / "c")


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
    before = shards(tmp_path / "out")
    for options in {}, {"verify": True}:
        report = run_job(clips, tmp_path / "out", FX, **options)
        assert (report.done, report.shards) == (23, 0)
        assert shards(tmp_path / "out") == before


def computed_paths(tmp_path, *args, **options):
    """Run a job; the paths whose features were computed rather than taken over."""
    log = tmp_path / "computed"
    seen = []
    original = bulk._work.Worker.chunk

    def chunk(worker, inputs, *others):
        outcomes = original(worker, inputs, *others)
        seen.extend(
            given.clip.path
            for given, outcome in zip(inputs, outcomes, strict=True)
            if outcome.known is None
        )
        return outcomes

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk._work.Worker, "chunk", chunk)
        report = run_job(*args, **options)
    assert not log.exists()
    return report, sorted(seen)


def test_only_new_and_changed_clips_are_computed(clips, tmp_path):
    out = tmp_path / "out"
    run_job(clips, out, FX, shard_files=6)
    changed, touched, gone = clips / "sad/000.wav", clips / "happy/001.flac", clips / "sad/002.ogg"
    old_row = values(out)[str(gone)]
    soundfile.write(changed, speech(5000, seed=77), SR)
    os.utime(touched, ns=(1, 1))
    gone.unlink()
    new = clips / "happy/new.wav"
    soundfile.write(new, speech(3000, seed=78), SR)
    report, seen = computed_paths(tmp_path, clips, out, FX)
    assert seen == sorted([str(changed), str(new)])
    assert (report.done, report.gone) == (24, 1)
    rows = values(out)
    assert rows.pop(str(gone)) == old_row
    run_job(clips, tmp_path / "fresh", FX, shard_files=6)
    assert rows == values(tmp_path / "fresh")
    # What is gone goes where that is asked for.
    report, seen = computed_paths(tmp_path, clips, out, FX, prune=True)
    assert (seen, report.done, report.gone) == ([], 23, 0)
    assert values(out) == values(tmp_path / "fresh")


def test_a_change_that_keeps_size_and_time_is_found_by_verify(clips, tmp_path):
    path = clips / "sad/000.wav"
    run_job(clips, tmp_path / "out", FX)
    time = path.stat().st_mtime_ns
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(time, time))
    assert run_job(clips, tmp_path / "out", FX).computed == 0
    _, seen = computed_paths(tmp_path, clips, tmp_path / "out", FX, verify=True)
    assert seen == [str(path)]


def test_new_labels_need_no_new_features(clips, tmp_path):
    listed = tmp_path / "clips.csv"
    corpus = datasets.find_clips(clips)
    datasets.save_manifest(corpus, listed)
    run_job(listed, tmp_path / "out", FX, shard_files=6)
    datasets.save_manifest(corpus.relabel({"sad": "bored"}), listed)
    _, seen = computed_paths(tmp_path, listed, tmp_path / "out", FX)
    assert seen == []
    assert {row["label"] for row in table(tmp_path / "out").values()} == {"bored", "happy"}


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
    before = shards(tmp_path / "out")
    with pytest.raises(serfast.ParameterError, match=words):
        run_job(clips, tmp_path / "out", **{"extractor": FX} | change)
    assert shards(tmp_path / "out") == before


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


# ---------------------------------------------------------------- damage


def forget_length(known, path):
    """Copy a FLAC file; the copy declares no number of samples: libsndfile says 2^63 - 1."""
    content = bytearray(known.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    assert soundfile.info(path).frames == 2**63 - 1


def wav_at(rate, samples):
    sound = (samples * 32767).astype("<i2").tobytes()
    header = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1, 1,
                         rate, 2 * rate, 2, 16)  # fmt: skip
    return header + struct.pack("<4sI", b"data", len(sound)) + sound


def write_damage(folder):
    """One of each kind of damage; the stage and the words of each failure, by name."""
    y = speech(8000)
    soundfile.write(folder / "nan.wav", np.where(np.arange(8000) == 5, np.nan, y), SR, "FLOAT")
    (folder / "text.wav").write_text("no audio")
    (folder / "empty.wav").write_bytes(b"")
    (folder / "empty.mp3").write_bytes(b"")
    (folder / "header.wav").write_bytes(wav_at(SR, y)[:30])
    (folder / "slow.wav").write_bytes(wav_at(3, y))
    (folder / "fast.wav").write_bytes(wav_at(2**31 - 1, y))
    soundfile.write(folder / "cut.flac", y, SR)
    os.truncate(folder / "cut.flac", 20)
    soundfile.write(folder / "lies.mp3", y, SR, format="MP3")
    content = bytearray((folder / "lies.mp3").read_bytes())
    content[100:] = bytes(len(content) - 100)
    (folder / "lies.mp3").write_bytes(content)
    (folder / "loop.wav").symlink_to(folder / "loop.wav")
    (folder / "dangling.wav").symlink_to(folder / "nowhere.wav")
    os.mkfifo(folder / "pipe.wav")
    return {
        "nan.wav": ("extract", "finite"),
        "text.wav": ("decode", "Format not recognised"),
        "empty.wav": ("decode", "is empty"),
        "empty.mp3": ("decode", "is empty"),
        "header.wav": ("read", "fmt chunk"),
        "slow.wav": ("decode", "says that its sampling rate is 3 Hz"),
        "fast.wav": ("decode", "says that its sampling rate is 2147483647 Hz"),
        "cut.flac": ("decode", "could not be decoded"),
        "lies.mp3": ("decode", ""),
        "loop.wav": ("read", "symbolic links"),
        "dangling.wav": ("read", "No such file"),
        "pipe.wav": ("read", "not a regular file"),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_each_kind_of_damage_costs_one_record(clips, tmp_path):
    expected = write_damage(clips / "sad")
    (clips / "sad/folder.wav").mkdir()
    forget_length(clips / "happy/001.flac", clips / "sad/unknown.flac")
    strange = os.fsdecode(bytes(clips / "sad") + b"/caf\xe9.wav")
    soundfile.write(os.fsencode(strange), speech(8000), SR)
    report = run_job(clips, tmp_path / "out", FX, shard_files=5)
    assert (report.inputs, report.done, report.failed) == (37, 25, 12)
    assert report.left_out == [
        (str(clips / "sad/folder.wav"), "folder with the name of an audio file")
    ]
    records = manifest(tmp_path / "out")
    for name, (stage, words) in expected.items():
        record = records[str(clips / "sad" / name)]
        assert (record["status"], record["stage"]) == ("failed", stage), name
        assert words in record["reason"], name
    left = [record for record in records.values() if record["status"] == "left out"]
    assert [record["path"] for record in left] == [str(clips / "sad/folder.wav")]
    assert sum(n for *_, n in report.reasons) == 12
    escaped = str(clips / r"sad/caf\xe9.wav")
    assert os.fsdecode(bytes.fromhex(records[escaped]["path_bytes"])) == strange
    rows = values(tmp_path / "out")
    assert rows[escaped] == FX.files([strange]).values[0].tolist()
    assert rows[str(clips / "sad/unknown.flac")] == rows[str(clips / "happy/001.flac")]
    # What could not be read is tried again; what is damaged stays so.
    report, seen = computed_paths(tmp_path, clips, tmp_path / "out", FX)
    assert seen == [str(clips / "sad" / n) for n in ("dangling.wav", "loop.wav", "pipe.wav")]
    assert (report.done, report.failed) == (25, 12)
    found = bulk.inspect_output(tmp_path / "out")
    assert (found.done, found.failed, found.left, found.shards) == (25, 12, 0, 8)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_random_damage_costs_its_own_row_only(tmp_path, suffix):
    rng = np.random.default_rng(11)
    folder = tmp_path / "clips"
    folder.mkdir()
    soundfile.write(tmp_path / f"whole.{suffix}", speech(6000), SR)
    whole = (tmp_path / f"whole.{suffix}").read_bytes()
    for i in range(150):
        content = bytearray(whole)
        if i % 3 == 0:
            content = content[: rng.integers(len(content))]
        else:
            end = len(content) if i % 3 == 1 else 64
            for at in rng.integers(end, size=rng.integers(1, 20)):
                content[at] ^= 1 << rng.integers(8)
        (folder / f"{i:03}.{suffix}").write_bytes(content)
    for i in range(0, 150, 50):
        (folder / f"{i:03}x.{suffix}").write_bytes(whole)
    report = run_job(folder, tmp_path / "out", FX, memory=10**7, threads=2)
    assert report.done + report.failed == report.inputs == len(manifest(tmp_path / "out")) == 153
    rows = values(tmp_path / "out")
    expected = FX.files([tmp_path / f"whole.{suffix}"]).values[0].tolist()
    assert all(rows[str(folder / f"{i:03}x.{suffix}")] == expected for i in range(0, 150, 50))
    assert report.failed > 0


def test_odd_files_cost_their_own_rows(tmp_path):
    data = os.environ.get("SERFAST_TEST_DATA") or os.path.join(
        os.path.dirname(__file__), "../../shared/data"
    )
    odd = os.path.join(data, "odd_wav")
    if not os.path.isdir(odd):
        pytest.skip(f"no {odd} here; SERFAST_TEST_DATA names the folder of test audio")
    report = run_job(odd, tmp_path / "out", FX, memory=10**6)
    expected = FX.files([clip.path for clip in datasets.find_clips(odd).clips])
    assert report.failed == len(expected.failures)
    assert report.done == len(expected.values) - len(expected.failures)


# ---------------------------------------------------------------- changes meanwhile


def test_files_that_change_meanwhile(clips, tmp_path):
    corpus = datasets.find_clips(clips)
    job = Job(str(tmp_path / "out"), str(clips), FX.config, shard_files=6, corpus=corpus.name)
    job.folder.mkdir()
    job.save()
    plan = plan_shards(job, [Input.of(clip) for clip in corpus.clips])
    gone, cut, grown = (clips / name for name in ("sad/000.wav", "happy/001.flac", "sad/006.wav"))
    content = gone.read_bytes()
    gone.unlink()
    os.truncate(cut, 900)
    soundfile.write(grown, speech(30000, seed=5), SR)
    reports = [run_shard(job, shard) for shard in plan.shards]
    assert (sum(r.done for r in reports), sum(r.failed for r in reports)) == (21, 2)
    assert values(job.folder)[str(grown)] == FX.files([grown]).values[0].tolist()
    gone.write_bytes(content)
    report = run_job(clips, job.folder, FX)
    assert (report.done, report.failed) == (22, 1)
    run_job(clips, tmp_path / "fresh", FX)
    assert values(job.folder) == values(tmp_path / "fresh")


def test_a_file_that_changes_while_it_is_read_is_read_again(clips, tmp_path, monkeypatch):
    path = clips / "happy/001.flac"
    read = soundfile.SoundFile.read

    def read_and_change(file, *args, **options):
        result = read(file, *args, **options)
        if os.fsdecode(file.name) == str(path):
            path.write_bytes((clips / "happy/007.flac").read_bytes())
        return result

    monkeypatch.setattr(soundfile.SoundFile, "read", read_and_change)
    report = run_job(clips, tmp_path / "out", FX)
    assert report.reasons == [("read", "changed while it was read", 1)]
    monkeypatch.undo()
    assert run_job(clips, tmp_path / "out", FX).failed == 0
    assert values(tmp_path / "out")[str(path)] == FX.files([path]).values[0].tolist()


def test_a_folder_that_becomes_unreadable_loses_no_row(clips, tmp_path, monkeypatch):
    run_job(clips, tmp_path / "out", FX, shard_files=6)
    before = values(tmp_path / "out")
    scandir = os.scandir

    def refusing(path):
        if str(path) == str(clips / "sad"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = run_job(clips, tmp_path / "out", FX)
    assert report.left_out == [
        (str(clips / "sad"), "folder that cannot be listed: Permission denied")
    ]
    assert (report.done, report.gone) == (23, 12)
    with pytest.raises(serfast.ParameterError, match="sad cannot be listed"):
        run_job(clips, tmp_path / "out", FX, prune=True)
    monkeypatch.undo()
    assert values(tmp_path / "out") == before
    assert run_job(clips, tmp_path / "out", FX).gone == 0


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_clips_that_cannot_be_read_any_more_keep_their_rows(clips, tmp_path):
    run_job(clips, tmp_path / "out", FX, shard_files=6)
    before = shards(tmp_path / "out")
    path = clips / "sad/000.wav"
    path.rename(tmp_path / "elsewhere.wav")
    path.symlink_to(tmp_path / "nowhere.wav")
    for verify in False, True:
        report = run_job(clips, tmp_path / "out", FX, verify=verify)
        assert report.reasons == [("read", "cannot be opened: No such file or directory", 1)]
        assert (report.done, report.failed) == (23, 0)
        assert shards(tmp_path / "out") == before


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
    assert shards(tmp_path / "a") == shards(tmp_path / "b")


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
    assert shards(tmp_path / "a") == shards(tmp_path / "b")


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
    rows = values(tmp_path / "out")
    assert rows[str(clips / "long/long.flac")] == rows[str(clips / "long/long.wav")]
    shutil.rmtree(clips / "long")
