"""Files that lie or cannot be read: each costs one record of a job, little memory, no crash."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile

import serfast
from helpers import run_python, speech
from outputs import by_path, read_records, read_values, run_and_see
from serfast import bulk, datasets
from serfast.bulk import run_job
from sources import write_classes

SR = 16000
FX = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean", "std"])
Y = speech(30_000)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="Linux has these limits and names")


@pytest.fixture
def clips(tmp_path):
    return write_classes(tmp_path / "clips", 23, 400)


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
    records = by_path(read_records(tmp_path / "out"))
    for name, (stage, words) in expected.items():
        record = records[str(clips / "sad" / name)]
        assert (record["status"], record["stage"]) == ("failed", stage), name
        assert words in record["reason"], name
    left = [record for record in records.values() if record["status"] == "left out"]
    assert [record["path"] for record in left] == [str(clips / "sad/folder.wav")]
    assert sum(n for *_, n in report.reasons) == 12
    escaped = str(clips / r"sad/caf\xe9.wav")
    assert os.fsdecode(bytes.fromhex(records[escaped]["path_bytes"])) == strange
    rows = read_values(tmp_path / "out", FX.names)
    assert rows[escaped] == FX.files([strange]).values[0].tolist()
    assert rows[str(clips / "sad/unknown.flac")] == rows[str(clips / "happy/001.flac")]
    # What could not be read is tried again; what is damaged stays so.
    report, seen = run_and_see(clips, tmp_path / "out", FX)
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
    assert (
        report.done + report.failed
        == report.inputs
        == len(by_path(read_records(tmp_path / "out")))
        == 153
    )
    rows = read_values(tmp_path / "out", FX.names)
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


# ---------------------------------------------------------------- lies


def by_name(output):
    """Each record by the name of its file."""
    return {os.path.basename(path): r for path, r in by_path(read_records(output)).items()}


def encoded(folder, name):
    """The bytes of a whole file of the format that the name says."""
    path = folder / f"whole-{name}"
    soundfile.write(path, Y, SR)
    content = bytearray(path.read_bytes())
    path.unlink()
    return content


def put(content, at, form, number):
    struct.pack_into(form, content, at, number)


def write_lies(folder):
    """Write files whose headers promise far more samples than they hold, or fewer; by name."""
    files = {}

    def lie(name, at, form, number):
        content = encoded(folder, name.split("-")[1])
        put(content, at(content), form, number)
        files[name] = content

    def flac(bits):
        content = encoded(folder, "x.flac")
        content[21] = content[21] & 0xF0 | bits >> 32
        put(content, 22, ">I", bits & 0xFFFFFFFF)
        return content

    files["unknown-x.flac"] = flac(0)  # for which libsndfile says 2^63 - 1
    files["most-x.flac"] = flac(2**36 - 1)
    lie("most-x.mp3", lambda c: c.find(b"Xing") + 8, ">I", 2**32 - 1)
    lie("one-x.mp3", lambda c: c.find(b"Xing") + 8, ">I", 1)
    lie("most-x.wav", lambda c: c.find(b"data") + 4, "<I", 2**32 - 2)
    lie("most-x.aiff", lambda c: c.find(b"SSND") + 4, ">I", 2**31 - 1)
    lie("most-x.w64", lambda c: c.find(b"data") + 16, "<q", 2**62)
    lie("none-x.wav", lambda c: c.find(b"data") + 4, "<I", 0)
    lie("most-x.ogg", lambda c: c.rfind(b"OggS") + 6, "<q", 2**62)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return set(files)


FAILING_LIES = {"one-x.mp3": "could not be decoded", "none-x.wav": "holds no samples"}


def test_lies_about_the_length(tmp_path):
    folder = tmp_path / "clips"
    folder.mkdir()
    names = write_lies(folder)
    for name in names:
        soundfile.write(folder / f"true.{name.split('.')[-1]}", Y, SR)
    report = run_job(folder, tmp_path / "out", FX)
    records = by_name(tmp_path / "out")
    assert {name for name in records if records[name]["status"] == "failed"} == set(FAILING_LIES)
    assert all(words in records[name]["reason"] for name, words in FAILING_LIES.items())
    assert report.done == report.inputs - 2
    frame = serfast.load_features(tmp_path / "out").matrix
    at = {name: frame[record["row"]] for name, record in records.items() if "row" in record}
    alone = FX.files([folder / name for name in sorted(names)])
    for name, row in zip(sorted(names), alone.values, strict=True):
        if name not in FAILING_LIES:
            np.testing.assert_array_equal(at[name], row)
            if not name.endswith(("ogg", "mp3")):  # their length says where samples end
                np.testing.assert_array_equal(row, at[f"true.{name.split('.')[-1]}"])
    assert {os.path.basename(failure.path) for failure in alone.failures} == set(FAILING_LIES)
    assert serfast.load(folder / "unknown-x.flac", sr=None)[0].size == Y.size


@linux_only
@pytest.mark.skipif("san" in os.environ.get("LD_PRELOAD", ""), reason="sanitizers need much of it")
def test_lies_cost_no_memory(tmp_path):
    folder = tmp_path / "clips"
    folder.mkdir()
    write_lies(folder)
    (tmp_path / "warm").mkdir()
    for suffix in "wav", "flac", "ogg", "mp3":
        soundfile.write(tmp_path / f"warm/x.{suffix}", Y, SR)
    code = """
    import os, resource, sys, serfast
    from serfast.bulk import run_job
    fx = serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13, pool=["mean", "std"])
    folder = sys.argv[1]
    run_job(folder + "/warm", folder + "/out-warm", fx, threads=2)
    with open("/proc/self/status") as file:
        used = next(int(line.split()[1]) for line in file if line.startswith("VmData"))
    limit = used * 1024 + 48_000_000  # of which 8 MB are each thread's stack
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    report = run_job(folder + "/clips", folder + "/out", fx, threads=2, memory=16_000_000)
    print(report.done, report.failed)
    paths = sorted(os.path.join(folder, "clips", name) for name in os.listdir(folder + "/clips"))
    print(len(fx.files(paths, threads=2).failures))
    """
    assert run_python(code, tmp_path).split() == ["7", "2", "2"]


@linux_only
def test_names_of_any_bytes_can_be_shown(tmp_path):
    """Failures, left-out folders and the slowest clips are named in words, files and JSON."""
    folder = os.fsencode(tmp_path / "clips")
    os.mkdir(folder)
    soundfile.write(folder + b"/good\xff.wav", Y, SR)
    soundfile.write(folder + b"/good\n\xe2\x80\xa8two.wav", Y, SR)
    for name in b"bad\xfe.wav", b"bad\x1b[31m.flac":
        with open(folder + b"/" + name, "wb") as file:
            file.write(b"no audio")
    os.mkdir(folder + b"/folder\xfd.wav")
    os.symlink(b"loop\xfc.wav", folder + b"/loop\xfc.wav")
    log = tmp_path / "log"
    command = [
        sys.executable, "-m", "serfast", "extract", folder, "-o", tmp_path / "out", "--log", log,
    ]  # fmt: skip
    for options, encoding in ([], "utf-8"), (["--json"], "utf-8"), ([], "ascii"):
        done = subprocess.run(
            [*command, *options], capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": f"{encoding}:strict"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
    records = by_name(tmp_path / "out")
    assert sorted(record["status"] for record in records.values()) == [
        "done", "done", "failed", "failed", "failed", "left out",
    ]  # fmt: skip
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert sum(event["event"] == "failure" for event in events) >= 3
    assert serfast.load_features(tmp_path / "out").matrix.shape[0] == 2


@pytest.mark.skipif(
    not os.path.isfile("/sys/class/net/lo/speed"), reason="no file here that fails to be read"
)
def test_what_fails_to_be_read_is_not_taken_for_shorter(tmp_path):
    # A regular file of 4096 bytes, of which the kernel gives none.
    broken = "/sys/class/net/lo/speed"
    with pytest.raises(OSError, match="Invalid argument"):
        serfast._core.hash_file(broken)
    (tmp_path / "clips").mkdir()
    for suffix in "wav", "flac":
        (tmp_path / f"clips/broken.{suffix}").symlink_to(broken)
    with pytest.raises(serfast.AudioError, match="Invalid argument"):
        serfast.load(tmp_path / "clips/broken.wav")
    for _ in range(2):  # it is tried again
        report = run_job(tmp_path / "clips", tmp_path / "out", FX)
        assert (report.computed, report.failed) == (2, 2)
        for record in by_name(tmp_path / "out").values():
            assert record["stage"] == "read"
            assert "Invalid argument" in record["reason"]
            assert "hash" not in record
