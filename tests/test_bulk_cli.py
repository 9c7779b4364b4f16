"""`serfast extract` into folders, and `serfast inspect`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import serfast
from helpers import speech
from serfast import _cli_extract, _report_jobs
from serfast.bulk import Input, Job, Watch, plan_shards, run_shard
from serfast.bulk._watch import Log
from serfast.bulk._work import Outcome
from serfast.cli import app
from serfast.datasets import Clip, find_clips, samples_dir
from sources import write_classes


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


DASK = ["-o", "x", "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9"]


@pytest.fixture
def damaged(tmp_path):
    """Three clips, one of which is constant, and three damaged ones, two of them alike."""
    folder = tmp_path / "clips"
    folder.mkdir()
    for i in range(2):
        soundfile.write(folder / f"{i}.wav", speech(4000, seed=i), 16000)
        (folder / f"text{i}.wav").write_text("no audio")
    soundfile.write(folder / "silent.wav", np.zeros(4000), 16000)
    (folder / "empty.wav").touch()
    return folder


def test_a_folder_of_shards_is_a_table_for_the_other_commands(tmp_path):
    out = tmp_path / "features"
    said = json.loads(run("extract", samples_dir(), "-o", out, "--json").stdout)
    assert (said["corpus"], said["done"], said["columns"]) == ("samples", 48, 180)
    again = run("extract", samples_dir(), "-o", f"{out}/", "--resume").stdout
    assert "48 clips of samples, 180 columns; 0 failed" in again
    assert "this run: 0 clips" in again
    run("extract", samples_dir(), "-o", tmp_path / "features.npz")
    from_file = serfast.load_features(tmp_path / "features.npz")
    for ours, theirs in zip(serfast.load_features(out), from_file, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    run("train", out, "--model", "svm", "-o", tmp_path / "model")


def test_failures_are_grouped_and_logged(damaged, tmp_path):
    out, log = tmp_path / "out", tmp_path / "log"
    shown = run("extract", damaged, "-o", out, "--log", log, "--shard-files", 2).stdout
    assert "3 clips of files, 180 columns; 3 failed" in shown
    assert "Format not recognised" in shown.split("Failures")[1].split("\n")[3]
    events = [json.loads(line) for line in log.read_text().splitlines()]
    kinds = [event["event"] for event in events]
    assert (kinds[0], kinds[-1]) == ("start", "end")
    assert (kinds.count("failure"), kinds.count("shard")) == (3, 3)
    assert {e["path"] for e in events if e["event"] == "failure"} == {
        str(damaged / name) for name in ("text0.wav", "text1.wav", "empty.wav")
    }
    run("extract", damaged, "-o", out, "--strict", code=1)


def test_inspect_shows_what_looks_wrong(damaged, tmp_path):
    out = tmp_path / "out"
    options = ["--features", "rms,mfcc", "--pool", "min,mean", "--quiet"]
    (damaged / "0.wav").unlink()
    (damaged / "1.wav").unlink()
    run("extract", damaged, "-o", out, *options)
    found = json.loads(run("inspect", out, "--json").stdout)
    assert (found["done"], found["failed"], found["left"], found["shards"]) == (1, 3, 0, 1)
    assert found["reasons"][0][2] == 2
    assert found["columns"][0] == {
        "name": "rms_min", "mean": 0.0, "std": 0.0, "low": 0.0, "high": 0.0, "not_finite": 0,
        "suspicion": "constant",
    }  # fmt: skip
    assert found["rows"]["path"] == "string"
    shown = run("inspect", out).stdout
    assert "1 done, 3 failed, 0 left" in shown
    assert "Suspicious: 82" in shown
    assert "no _job.json in it" in run("inspect", damaged, code=2).stderr


def test_json_is_that_of_the_standard(tmp_path):
    # The chroma of the default features have an infinite option.
    table, out = tmp_path / "f.csv", tmp_path / "out"
    extract = ["extract", samples_dir(), "--json", "-o"]
    texts = [
        run(*extract, table).stdout,
        table.read_text().partition("\n")[0].removeprefix("# serfast "),
        run(*extract, out).stdout,
        (out / "_job.json").read_text(),
        run("inspect", out, "--json").stdout,
        run("train", table, "--model", "svm", "-o", tmp_path / "m", "--json").stdout,
    ]
    for text in texts:
        json.loads(text, parse_constant=pytest.fail)


def test_jobs_with_infinities_of_earlier_versions_go_on(tmp_path):
    extract = ["extract", samples_dir(), "-o", tmp_path / "out"]
    run(*extract)
    job = tmp_path / "out/_job.json"
    job.write_text(job.read_text().replace('"norm": "inf"', '"norm": Infinity'))
    assert "this run: 0 clips" in run(*extract).stdout


def test_inspect_of_a_job_that_is_not_finished(tmp_path):
    fx = serfast.Extractor(["mfcc"], sr=16000, pool=["mean", "std"])
    corpus = find_clips(samples_dir())
    job = Job(str(tmp_path), str(samples_dir()), fx.config, shard_files=20, n_inputs=48)
    job.save()
    assert json.loads(run("inspect", tmp_path, "--json").stdout)["columns"][0]["mean"] is None
    plan = plan_shards(job, [Input.of(clip) for clip in corpus.clips])
    for shard in plan.shards[::2]:
        run_shard(job, shard)
    found = json.loads(run("inspect", tmp_path, "--json").stdout)
    assert (found["done"], found["left"], found["shards"]) == (28, 20, 2)
    with pytest.warns(UserWarning, match="20 of 48 clips are still to be done"):
        values = np.float64(serfast.load_features(tmp_path).matrix)
    for name, expected in ("mean", values.mean(0)), ("std", values.std(0)), ("low", values.min(0)):
        got = [column[name] for column in found["columns"]]
        np.testing.assert_allclose(got, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "x.parquet", "--memory", "1GB"], "--memory is for a folder of shards"),
        (["-o", "x.csv", "--shard-files", "5"], "--shard-files is for a folder of shards"),
        (["-o", "x.txt"], "name ends in one of .parquet, .npz, .csv"),
        (["-o", "x", "--memory", "much"], "--memory 'much' must be a number of bytes"),
        (["-o", "x", "--memory", "0"], "memory=0 must be a finite number from 1"),
        (["-o", "x", "--shard-files", "0"], "shard_files=0 must be"),
        (["-o", "x.csv", "--engine", "dask"], "--engine is for a folder of shards"),
        (["-o", "x", "--engine", "slurm"], "--engine 'slurm' must be dask, or left out"),
        (["-o", "x", "--engine", "dask"], "--engine dask and --scheduler ADDRESS need each other"),
        (["-o", "x", "--scheduler", "tcp://x:1"], "--scheduler ADDRESS need each other"),
        ([*DASK, "--threads", "2"], "threads=2 is for work in this process"),
        ([*DASK, "--memory", "0"], "memory=0 must be a finite number from 1"),
    ],
)
def test_wrong_options_are_refused_in_words(tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    result = run("extract", samples_dir(), *options, code=2)
    assert words in result.stderr
    assert not any(tmp_path.rglob("*.parquet"))


def test_numbers_of_bytes():
    sizes = {"2000": 2000, "1.5k": 1500, "20 MB": 20_000_000, "2GiB": 2**31, "1Ki": 1024}
    assert {text: _cli_extract._bytes(text) for text in sizes} == sizes


def test_progress_tells_rates_failures_and_time_left(monkeypatch, capsys):
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    inputs = [Input(Clip(f"{i}.wav"), 1000 * (i + 1), 0) for i in range(3)]
    outcome = Outcome(rate=16000, n_frames=16000 * 3600)
    failed = Outcome(stage="decode", reason="'1.wav' is odd")
    with _report_jobs.progress(quiet=False, forced=True) as look:
        watch = Watch(inputs, Log(None), look)
        clock[0] += 20
        watch(inputs[:2], [outcome, failed])
    said = capsys.readouterr().err
    assert said == ("2 of 3 files, 0/s, 0.05 h of audio a second, 1 failed, 0:00:20 left\n")
    assert watch.reasons == {("decode", "is odd"): 1}
    with _report_jobs.progress(quiet=True, forced=True) as look:
        assert look is None


def test_decoders_write_nothing_to_the_terminal(tmp_path):
    folder = tmp_path / "clips"
    folder.mkdir()
    soundfile.write(folder / "a.mp3", speech(16000), 16000)
    content = bytearray((folder / "a.mp3").read_bytes())
    content[1000:1100] = bytes(100)
    (folder / "a.mp3").write_bytes(content)
    command = [sys.executable, "-m", "serfast", "extract", folder, "-o", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ})
    assert done.stderr == b""


def test_a_manifest_with_the_name_of_the_failures_is_not_overwritten(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_classes(tmp_path / "clips", 2, 100)
    listed = tmp_path / "z.failures.csv"
    listed.write_text("path\nclips/sad/000.wav\n")
    given = ["extract", "z.failures.csv", "-o", "z.csv", "--features", "rms"]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == 2
    assert "z.failures.csv: is the input, too" in result.stderr
    assert listed.read_text() == "path\nclips/sad/000.wav\n"
    refused = CliRunner().invoke(app, ["extract", "clips", "-o", "y.csv", "--chunk", "0"])
    assert "--chunk is for a folder of shards" in refused.stderr
