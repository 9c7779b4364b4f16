"""A tree at one rate: what is written, what is refused, what fails alone."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

import serfast
from helpers import start_python
from serfast.datasets import convert_tree, find_clips
from serfast.errors import ParameterError

SR = 16000


def tone(seconds=0.2, sr=SR, channels=1):
    y = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * sr)) / sr)
    return np.repeat(y[:, np.newaxis], channels, axis=1)


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "in"
    (root / "a" / "b").mkdir(parents=True)
    soundfile.write(root / "mono.wav", tone(), SR)
    soundfile.write(root / "a" / "Stereo.WAV", tone(sr=48000, channels=2), 48000)
    soundfile.write(root / "a" / "b" / "c.flac", tone(sr=8000), 8000)
    (root / "notes.txt").write_text("not audio")
    return root


def tree_of(root):
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


@pytest.mark.parametrize(("format", "sr"), [("wav", 16000), ("flac", 22050)])
def test_every_file_is_mono_at_the_rate_under_its_name(tree, tmp_path, format, sr):
    done = convert_tree(tree, tmp_path / "out", sr=sr, format=format)
    assert done.failures == ()
    names = ["a/Stereo", "a/b/c", "mono"]
    assert tree_of(tmp_path / "out") == [f"{name}.{format}" for name in names]
    assert len(done.written) == 3
    for path in done.written:
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (sr, 1, "PCM_16")
        assert info.format == format.upper()
        assert info.frames == int(np.ceil(0.2 * sr))
        y, _ = serfast.load(path, sr=None)
        middle = y[len(y) // 4 : -len(y) // 4]
        np.testing.assert_allclose(np.sqrt(2 * np.mean(middle**2)), 0.5, rtol=5e-3)


def test_samples_of_16_bits_are_kept(tmp_path):
    (tmp_path / "in").mkdir()
    y = np.arange(-32768, 32768, dtype=np.int16)
    soundfile.write(tmp_path / "in" / "a.wav", y, SR)
    (path,) = convert_tree(tmp_path / "in", tmp_path / "out").written
    np.testing.assert_array_equal(soundfile.read(path, dtype="int16")[0], y)


def test_samples_beyond_full_scale_are_clipped(tmp_path):
    (tmp_path / "in").mkdir()
    y = np.array([0.0, 1.5, -1.5, 1.0, 0.25] * 100)
    soundfile.write(tmp_path / "in" / "a.wav", y, SR, subtype="FLOAT")
    (path,) = convert_tree(tmp_path / "in", tmp_path / "out").written
    written = soundfile.read(path, dtype="int16")[0][:5].tolist()
    assert written == [0, 32767, -32768, 32767, 8192]


def test_existing_files_are_replaced_only_on_request(tree, tmp_path):
    out = tmp_path / "out"
    convert_tree(tree, out)
    before = {path: (out / path).read_bytes() for path in tree_of(out)}
    with pytest.raises(ParameterError, match=r"Stereo\.wav and 2 others: exists already"):
        convert_tree(tree, out, sr=8000)
    assert {path: (out / path).read_bytes() for path in tree_of(out)} == before
    done = convert_tree(tree, out, sr=8000, overwrite=True)
    assert [serfast.get_samplerate(path) for path in done.written] == [8000] * 3
    assert set(tree_of(out)) == set(before)


def test_a_failure_costs_only_its_file_and_leaves_nothing(tree, tmp_path):
    (tree / "broken.wav").write_text("not audio")
    soundfile.write(tree / "mono.flac", tone(), SR)  # becomes mono.wav, which mono.wav does, too
    calls = []
    done = convert_tree(tree, tmp_path / "out", progress=lambda *n: calls.append(n))
    assert [Path(path).name for path, _ in done.failures] == ["broken.wav", "mono.wav"]
    assert "could not be decoded" in done.failures[0][1] or done.failures[0][1]
    assert done.failures[1][1].endswith("mono.wav, too")
    assert tree_of(tmp_path / "out") == ["a/Stereo.wav", "a/b/c.wav", "mono.wav"]
    assert calls[-1] == (5, 5)


def test_a_write_that_fails_leaves_no_part(tree, tmp_path, monkeypatch):
    def fail(path, *_, **__):
        Path(path).write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(soundfile, "write", fail)
    done = convert_tree(tree, tmp_path / "out")
    assert [reason for _, reason in done.failures] == ["disk full"] * 3
    assert tree_of(tmp_path / "out") == []


@pytest.mark.skipif(os.name == "nt", reason="ends processes otherwise")
def test_a_command_that_is_ended_leaves_no_part(tree, tmp_path):
    code = """
    import os, signal, sys, time, soundfile
    from serfast.cli import app

    def slow(path, *_, **__):
        open(path, "w").close()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.2)

    soundfile.write = slow
    app(["convert", *sys.argv[1:], "--threads", "1"])
    """
    with start_python(code, tree, tmp_path / "out") as process:
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "serfast: interrupted\n")
    assert len(tree_of(tmp_path / "out")) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sr": 0}, "sr=0 must be a positive integer"),
        ({"format": "mp3"}, "format='mp3' must be one of 'wav', 'flac'"),
        ({"threads": 0}, "threads=0 must be"),
        ({"source": "nowhere"}, "nowhere: not a folder"),
        ({"dest": "in"}, "lies in"),
        ({"dest": "in/a/new"}, "lies in"),
    ],
)
def test_options_are_checked_before_anything_is_written(tree, tmp_path, options, words):
    places = {name: tmp_path / options.pop(name, name) for name in ("source", "dest")}
    source = tree if places["source"] == tmp_path / "source" else places["source"]
    with pytest.raises(ParameterError, match=words):
        convert_tree(source, places["dest"], **options)
    assert not (tmp_path / "dest").exists()
    assert len(find_clips(tree).clips) == 3
