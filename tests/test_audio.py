"""Loading files and the signal functions around it, against soundfile and librosa."""

from __future__ import annotations

import doctest
import functools
import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile

import serfast
from serfast import audio
from serfast.audio import get_duration, get_samplerate, load, resample, to_mono
from serfast.emphasis import deemphasis, preemphasis
from serfast.errors import AudioError, ParameterError


@pytest.fixture(scope="module")
def librosa():
    return pytest.importorskip("librosa")


def noise(n, channels=1, seed=0):
    return np.random.default_rng([seed, n, channels]).uniform(-1, 1, (n, channels))


def test_examples():
    results = doctest.testmod(audio)
    assert results.attempted >= len(audio.__all__)
    assert results.failed == 0


# ---------------------------------------------------------------- load


@pytest.fixture(scope="module")
def stereo(tmp_path_factory):
    path = tmp_path_factory.mktemp("audio") / "stereo.wav"
    soundfile.write(path, 0.9 * noise(20001, 2), 16000)
    return path


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sr": None},
        {"sr": 16000, "mono": False},
        {"sr": 8000, "mono": False},
        {"sr": 8000.5, "dtype": np.float64},
        {"sr": None, "offset": 0.25},
        {"sr": None, "offset": 0.30001, "duration": 0.5},
        {"sr": None, "duration": 0.0},
        {"sr": None, "offset": 1.0, "duration": 99.0},
        {"sr": None, "offset": 20001 / 16000},
        {"sr": 44100, "res_type": "polyphase"},
        {"sr": 11025, "res_type": "fft"},
        {"sr": 11025, "res_type": "soxr_qq"},
    ],
    ids=str,
)
@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_load_equals_librosa(librosa, stereo, options, suffix):
    path = stereo.with_suffix(f".{suffix}")
    if suffix == "flac":
        soundfile.write(path, *soundfile.read(stereo))
    expected, expected_sr = librosa.load(path, **options)
    y, sr = load(path, **options)
    assert (y.dtype, sr) == (expected.dtype, expected_sr)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3", "aiff", "au"])
def test_other_formats_through_soundfile(librosa, tmp_path, suffix):
    path = tmp_path / f"clip.{suffix}"
    soundfile.write(path, 0.5 * noise(8000, 2), 16000)
    for mono in (True, False):
        np.testing.assert_array_equal(load(path, mono=mono)[0], librosa.load(path, mono=mono)[0])


def test_content_decides_not_the_name(tmp_path):
    path = tmp_path / "really_aiff.wav"
    soundfile.write(path, noise(100), 16000, format="AIFF")
    assert load(path, sr=None)[0].shape == (100,)


def test_every_way_to_name_a_file(stereo):
    expected, _ = load(stereo, sr=None)
    with open(stereo, "rb") as file:
        sources = [str(stereo), os.fsencode(stereo), io.BytesIO(stereo.read_bytes()), file]
        sources += [soundfile.SoundFile(stereo), os.open(stereo, os.O_RDONLY)]
        for source in sources:
            np.testing.assert_array_equal(load(source, sr=None)[0], expected)


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names that are any bytes")
@pytest.mark.parametrize("container", ["WAV", "FLAC"])
def test_names_that_are_no_valid_unicode(tmp_path, container):
    plain = tmp_path / "plain"
    soundfile.write(plain, noise(50), 8000, format=container)
    latin = os.fsencode(tmp_path) + b"/caf\xe9"
    os.rename(plain, latin)
    assert load(latin, sr=None)[0].shape == load(os.fsdecode(latin), sr=None)[0].shape == (50,)


def test_threads_read_what_one_thread_reads(stereo):
    expected, _ = load(stereo, sr=None)
    with ThreadPoolExecutor(4) as pool:
        for y, _ in pool.map(lambda _: load(stereo, sr=None), range(40)):
            np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_missing_file(tmp_path, suffix):
    path = tmp_path / f"none.{suffix}"
    for function in (load, get_samplerate):
        with pytest.raises(AudioError, match=rf"none\.{suffix}' cannot be read: No such file"):
            function(path)
    with pytest.raises(FileNotFoundError):
        load(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_named_pipes_are_refused_and_those_of_shells_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(AudioError, match="not a regular file: it is a named pipe"):
        load(tmp_path / "pipe.wav")
    for kind in ("WAV", "FLAC", "OGG"):
        clip = io.BytesIO()
        soundfile.write(clip, np.zeros(100), 8000, format=kind)
        reads, writes = os.pipe()
        with os.fdopen(reads):
            with os.fdopen(writes, "wb") as pipe:
                pipe.write(clip.getvalue())
            assert load(f"/dev/fd/{reads}", sr=None)[0].size == 100, kind


def test_directory_in_place_of_a_file(tmp_path):
    with pytest.raises(AudioError, match="cannot be read: Is a directory"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"offset": -1}, "offset=-1 must be a number of seconds, 0 or more"),
        ({"offset": float("nan")}, "offset=nan must be"),
        ({"offset": "1"}, "offset='1' must be"),
        ({"offset": 1.2502}, r"offset=1\.2502 s is past the end of .*lasts 1\.25006 s"),
        ({"offset": 1e308}, "past the end"),
        ({"duration": -0.5}, r"duration=-0\.5 must be a number of seconds"),
        ({"duration": float("inf")}, "duration=inf must be"),
        ({"sr": 0}, "sr=0 must be a number of Hz greater than 0"),
        ({"sr": float("nan")}, "sr=nan must be"),
        ({"dtype": "int16"}, "dtype=int16 must be float32 or float64"),
        ({"res_type": "kaiser_fast"}, "res_type='kaiser_fast' must be one of soxr_vhq, soxr_hq"),
    ],
    ids=str,
)
@pytest.mark.parametrize("from_memory", [False, True])
def test_load_refuses_bad_arguments(stereo, options, message, from_memory):
    source = io.BytesIO(stereo.read_bytes()) if from_memory else stereo
    with pytest.raises(ParameterError, match=message):
        load(source, **options)


@pytest.mark.parametrize("path", [None, 1.5, [], "", "a\0b"], ids=repr)
def test_load_refuses_what_is_no_file(path):
    with pytest.raises(ParameterError, match="path"):
        load(path)


@pytest.mark.parametrize("container", ["WAV", "AIFF"])
def test_samples_that_are_not_finite(tmp_path, container):
    path = tmp_path / "clip"
    y = noise(10, 2)
    y[3, 1] = np.nan
    soundfile.write(path, y, 8000, subtype="FLOAT", format=container)
    with pytest.raises(AudioError, match=r"clip' holds nan at \[3\]; every sample must be finite"):
        load(path)
    with pytest.raises(AudioError, match=r"holds nan at \[1, 3\]"):
        load(path, mono=False)
    assert np.isnan(load(path, sr=None, mono=False)[0][1, 3])


def test_headerless_format(tmp_path):
    path = tmp_path / "clip.raw"
    path.write_bytes(bytes(100))
    with pytest.raises(AudioError, match=r"clip\.raw' could not be decoded"):
        load(path)


# ---------------------------------------------------------------- duration and rate


@pytest.mark.parametrize("suffix", ["wav", "ogg"])
def test_duration_and_rate_of_a_file(tmp_path, suffix):
    path = tmp_path / f"clip.{suffix}"
    soundfile.write(path, noise(12000), 16000)
    assert get_samplerate(path) == 16000
    assert get_duration(path=path) == 0.75
    path.write_bytes(b"no audio at all")
    for function in (get_samplerate, lambda path: get_duration(path=path)):
        with pytest.raises(AudioError, match="could not be decoded"):
            function(path)


def test_duration_equals_librosa(librosa):
    y = np.zeros((2, 30001), np.float32)
    S = np.zeros((1025, 44))
    for options in ({"y": y, "sr": 8000}, {"S": S}, {"S": S, "center": False, "n_fft": 401}):
        assert get_duration(**options) == librosa.get_duration(**options)
    with pytest.raises(ParameterError, match="one of y, S or path"):
        get_duration()


# ---------------------------------------------------------------- signals


@pytest.mark.parametrize("rates", [(16000, 8000), (22050, 16000), (8000, 44100), (16000, 11025.5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_resample_equals_librosa(librosa, rates, dtype):
    orig_sr, target_sr = rates
    for n in (1, 2, 99, 4001):
        y = noise(n, 3).astype(dtype).T
        for case, options in [
            (y[0], {}),
            (y[0], {"fix": False}),
            (y[0], {"scale": True}),
            (y, {"res_type": "soxr_vhq"}),
            (y.T, {"axis": 0}),
            (y[0], {"res_type": "scipy"}),
            (y, {"res_type": "polyphase"}),
        ]:
            if options.get("res_type") == "polyphase" and target_sr % 1:
                continue
            options = {"orig_sr": orig_sr, "target_sr": target_sr} | options
            expected = librosa.resample(case, **options)
            y_hat = resample(case, **options)
            assert (y_hat.dtype, y_hat.shape) == (dtype, expected.shape)
            np.testing.assert_array_equal(y_hat, expected)


def test_resample_to_the_same_rate_is_the_same_array():
    y = noise(10)[:, 0]
    assert resample(y, orig_sr=8000, target_sr=8000.0) is y
    assert resample(np.zeros(0), orig_sr=16000, target_sr=8000).shape == (0,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"orig_sr": 0}, "orig_sr=0 must be"),
        ({"target_sr": -8000}, "target_sr=-8000 must be a number of Hz greater than 0"),
        ({"axis": 1}, "axis=1 is not an axis of a signal with 1 axes"),
        ({"res_type": "soxr_best"}, "res_type='soxr_best' must be one of"),
        ({"res_type": "polyphase", "target_sr": 0.5}, "needs whole rates.*target_sr=0.5"),
        ({"y": np.zeros(4, np.int16)}, "dtype int16; samples must be float32 or float64.*32768"),
        ({"y": [0.0, 1.0]}, "y must be a numpy array of samples, not list"),
        ({"y": np.array(1.0)}, "at least one axis"),
        ({"y": np.array([0, np.inf])}, r"y holds inf at \[1\]"),
    ],
    ids=str,
)
def test_resample_refuses_bad_arguments(options, message):
    options = {"y": np.zeros(4), "orig_sr": 16000, "target_sr": 8000} | options
    with pytest.raises(ParameterError, match=message):
        resample(options.pop("y"), **options)


@pytest.mark.parametrize("shape", [(50,), (1, 50), (2, 50), (7, 50), (2, 3, 50)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_to_mono_equals_librosa(librosa, shape, dtype):
    y = np.random.default_rng(0).uniform(-1, 1, shape).astype(dtype)
    for case in (y, np.asfortranarray(y)):
        assert to_mono(case).dtype == dtype
        np.testing.assert_array_equal(to_mono(case), librosa.to_mono(case))
    with pytest.raises(ParameterError, match="dtype int64"):
        to_mono(np.ones((2, 5), np.int64))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(2,), (3,), (500,), (2, 500), (2, 2, 9)])
def test_preemphasis_equals_librosa(librosa, shape, dtype):
    y = np.random.default_rng(0).uniform(-1, 1, shape).astype(dtype)
    before = y.copy()
    tolerance = 2 * np.finfo(dtype).eps  # a compiler may fuse the multiplication with the sum
    for options in ({}, {"coef": 0.5}, {"zi": np.full((*shape[:-1], 1), 0.25)}):
        expected, expected_zf = librosa.effects.preemphasis(y, return_zf=True, **options)
        y_out, zf = preemphasis(y, return_zf=True, **options)
        assert (y_out.dtype, zf.shape) == (dtype, expected_zf.shape)
        np.testing.assert_allclose(y_out, expected, rtol=0, atol=tolerance)
        np.testing.assert_allclose(zf, expected_zf, rtol=0, atol=tolerance)
    np.testing.assert_array_equal(y, before)


@pytest.mark.parametrize(("dtype", "becomes"), [("f2", "f4"), (">f4", "f4"), (">f8", "f8")])
def test_floats_of_other_types_become_single_or_double(dtype, becomes):
    y = np.random.default_rng(0).uniform(-1, 1, (2, 50)).astype(dtype)
    resampled = functools.partial(resample, orig_sr=2, target_sr=3)
    for function in (to_mono, preemphasis, deemphasis, resampled):
        result = function(y)
        assert result.dtype == becomes
        np.testing.assert_array_equal(result, function(y.astype(becomes)))


def test_preemphasis_in_blocks():
    y = noise(101)[:, 0]
    first, zf = preemphasis(y[:40], return_zf=True)
    blocks = np.concatenate([first, preemphasis(y[40:], zi=zf)])
    np.testing.assert_array_equal(blocks, preemphasis(y))
    np.testing.assert_array_equal(preemphasis(y[:1], zi=0.0), y[:1])


@pytest.mark.parametrize(
    ("y", "zi", "message"),
    [
        (np.zeros(1), None, "y has 1 samples, and at least 2 are needed"),
        (np.zeros(0), 0.0, "y has 0 samples, and at least 1 are needed"),
        (np.zeros((2, 9)), np.zeros((3, 1)), r"zi has shape \(3, 1\), and \(2, 1\) is needed"),
        (np.zeros((2, 9)), np.zeros((2, 9)), r"zi has shape \(2, 9\)"),
        (np.array([0, np.nan]), None, "y holds nan"),
    ],
)
def test_preemphasis_refuses_bad_arguments(y, zi, message):
    with pytest.raises(ParameterError, match=message):
        preemphasis(y, zi=zi)


def test_a_stream_leaves_what_the_caller_has_opened_open(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(8000), 8000)
    with soundfile.SoundFile(tmp_path / "a.wav") as file:
        blocks = serfast.stream(file, block_length=1, frame_length=2048, hop_length=2048)
        assert len(list(blocks)) == 4
        assert not file.closed
