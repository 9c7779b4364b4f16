"""`serfast listen` and `serfast devices`: results, recordings, clear words, clean ends."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import serfast
from microphones import FakeSoundDevice
from serfast import live
from serfast.cli import app
from serfast.datasets import find_clips, samples_dir
from serfast.models import train

SR = 16000


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("listen") / "model"
    train(find_clips(samples_dir()), "svm").save(folder)
    return folder


@pytest.fixture(scope="module")
def talk(model):
    """A file of 8 s, a clip a second."""
    paths = sorted(samples_dir().glob("Actor_01/*.wav"))[:8]
    clips = [serfast.util.fix_length(serfast.load(path, sr=SR)[0], size=SR) for path in paths]
    soundfile.write(model / "talk.wav", np.concatenate(clips), SR)
    return model / "talk.wav"


@pytest.fixture
def unpaced(monkeypatch):
    monkeypatch.setattr(live, "FileSource", functools.partial(live.FileSource, paced=False))


@pytest.mark.usefixtures("unpaced")
def test_a_result_a_second(model, talk, tmp_path):
    saved = ("--save", tmp_path / "take", "--enrol")
    result = run("listen", "--model", model, "--from", talk, "--json", *saved)
    words = [json.loads(line) for line in result.stdout.splitlines()]
    assert [word["end"] for word in words] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert words[0]["label"] == "happy"
    assert sum(words[0]["probabilities"].values()) == pytest.approx(1)
    assert [word["enrolled"] for word in words] == [0, 0, 0, 1, 1, 1, 2, 2]
    assert "8.0 s heard, 8 results, median latency" in result.stderr
    assert "overflows 0" in result.stderr
    assert (tmp_path / "take.jsonl").read_text(encoding="utf-8") == result.stdout
    np.testing.assert_array_equal(
        serfast.load(tmp_path / "take.wav", sr=None)[0], serfast.load(talk, sr=None)[0]
    )
    again = run("listen", "--model", model, "--from", talk, *saved, code=2)
    assert "take.wav: exists; give another name" in again.stderr


@pytest.mark.usefixtures("unpaced")
def test_results_without_json_are_lines_of_text(model, talk):
    result = run("listen", "--model", model, "--from", talk, "--window", "2", "--quiet")
    lines = result.stdout.splitlines()
    assert len(lines) == 8
    assert lines[3].startswith("   2.0 to    4.0 s  ")
    assert result.stderr == ""


@pytest.mark.usefixtures("unpaced")
def test_seconds_predict_once(model, talk):
    result = run("listen", "--model", model, "--from", talk, "--seconds", "2.5", "--json")
    word = json.loads(result.stdout)
    assert (word["start"], word["end"]) == (0.0, 2.5)
    assert "2.5 s heard, 1 result" in result.stderr


@pytest.mark.usefixtures("unpaced")
def test_silence_is_no_result(model, tmp_path):
    soundfile.write(tmp_path / "silence.wav", np.zeros(3 * SR), SR)
    silence = ("--model", model, "--from", tmp_path / "silence.wav")
    for options, code in ([], 0), (["--seconds", "2"], 1):
        result = run("listen", *silence, *options, code=code)
        assert result.stdout == ""
        assert "only zeros arrive" in result.stderr
        assert "no results: no voice" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--seconds", "7", "--enrol"), "--seconds predicts once"),
        (("--from", "a.wav", "--device", "1"), "name one source"),
        (("--device", "5"), "device=5 is no input: `serfast devices` lists the inputs"),
        (("--seconds", "0"), "seconds=0.0 must be greater than 0"),
        (("--window", "0"), "window=0.0 must be greater than 0"),
    ],
)
def test_what_cannot_be_done_is_one_line(model, monkeypatch, arguments, words):
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSoundDevice())
    result = run("listen", "--model", model, *arguments, code=2)
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_microphone_that_is_refused_is_one_line(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSoundDevice(opening=[-9985]))
    result = run("listen", "--model", model, code=2)
    assert "serfast: Mic: cannot be had: another program holds it" in result.stderr
    assert result.stderr.count("\n") == 1


def test_inputs_are_listed(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSoundDevice({}, {"name": "Headset"}))
    (first, second) = json.loads(run("devices", "--json").stdout)
    assert (first["name"], first["default"], second["name"], second["rate"]) == (
        "Mic", True, "Headset", 48000,
    )  # fmt: skip
    shown = run("devices").stdout
    assert "* Mic" in shown
    assert "Headset" in shown


# ---------------------------------------------------------------- a terminal


def start(*arguments, **options):
    command = [sys.executable, "-m", "serfast", "listen", *map(str, arguments)]
    return subprocess.Popen(command, **options)


def wait_for(path):
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_whole_files_and_a_terminal_as_it_was(model, talk, tmp_path, number):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    with start(
        "--model", model, "--from", talk, "--save", tmp_path / "take",
        stderr=theirs, stdout=theirs, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    ) as process:  # fmt: skip
        os.close(theirs)
        wait_for(tmp_path / "take.jsonl")
        process.send_signal(number)
        shown = b""
        try:
            while chunk := os.read(ours, 1 << 16):
                shown += chunk
        except OSError:  # how a terminal ends
            pass
        os.close(ours)
        assert process.wait(timeout=60) == 0
    text = shown.decode()
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1
    for words in ("level", "dB, room", "voice", "happy", "latency", "overflows 0", "s heard"):
        assert words in text
    assert "Traceback" not in text
    seconds = serfast.get_duration(path=tmp_path / "take.wav")
    words = (tmp_path / "take.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(words[-1])["end"] <= seconds < 8
