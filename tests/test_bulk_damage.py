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
from serfast.bulk import run_job

SR = 16000
FX = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean", "std"])
Y = speech(30_000)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="Linux has these limits and names")


def manifest(output):
    lines = (output / "_manifest.jsonl").read_text(encoding="utf-8").split("\n")
    return {os.path.basename(r["path"]): r for r in map(json.loads, lines[:-1])}


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
    records = manifest(tmp_path / "out")
    assert {name for name in records if records[name]["status"] == "failed"} == set(FAILING_LIES)
    assert all(words in records[name]["reason"] for name, words in FAILING_LIES.items())
    assert report.done == report.inputs - 2
    frame = serfast.load_features(tmp_path / "out").matrix
    at = {name: frame[record["row"]] for name, record in records.items() if "row" in record}
    alone = FX.files([folder / name for name in sorted(names)])
    for name, row in zip(sorted(names), alone.values, strict=True):
        if name not in FAILING_LIES:
            np.testing.assert_array_equal(at[name], row)
            if not name.endswith("ogg"):  # whose length is a part of what it holds
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
    records = manifest(tmp_path / "out")
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
        for record in manifest(tmp_path / "out").values():
            assert record["stage"] == "read"
            assert "Invalid argument" in record["reason"]
            assert "hash" not in record
