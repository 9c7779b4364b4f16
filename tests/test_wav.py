"""The WAV reader: every encoding and header, against soundfile."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serfast import _core
from serfast.audio import get_duration, get_samplerate, load
from serfast.errors import AudioError

DATA = Path(
    os.environ.get("SERFAST_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
)
SUBTYPES = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
PCM, FLOAT, ADPCM, MULAW, EXTENSIBLE = 1, 3, 2, 7, 0xFFFE
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def noise(n, channels=1, seed=0):
    return np.random.default_rng([seed, n, channels]).uniform(-1, 1, (n, channels))


def chunk(name, content, size=None):
    size = len(content) if size is None else size
    return name + struct.pack("<I", size) + content + b"\0" * (len(content) % 2)


def fmt_chunk(tag=PCM, channels=1, rate=8000, bits=16, block=None, extra=b""):
    block = channels * bits // 8 if block is None else block
    fields = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)
    return chunk(b"fmt ", fields + extra)


def extensible(tag, valid_bits, tail=GUID_TAIL):
    return struct.pack("<HHIH", 22, valid_bits, 0, tag) + tail


def riff(*chunks, name=b"RIFF"):
    body = b"WAVE" + b"".join(chunks)
    return name + struct.pack("<I", len(body)) + body


SAMPLES = np.array([0, 1, -1, 32767, -32768, 256, -12345], "<i2")
EXPECTED = SAMPLES / np.float32(32768)
RAW = SAMPLES.tobytes()
DATA_CHUNK = chunk(b"data", RAW)


def read(path, **options):
    """The core's reader alone: None if it leaves the file to soundfile."""
    options = {"float64": False, "mono": False, "offset": 0.0, "duration": None} | options
    return _core.read_wav(path, **options)


# ---------------------------------------------------------------- encodings


@pytest.mark.parametrize("container", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize("subtype", SUBTYPES)
@pytest.mark.parametrize("channels", [1, 2, 3, 7])
def test_every_encoding_reads_as_in_soundfile(tmp_path, container, subtype, channels):
    # 22013 frames span several of the reader's blocks, at a length that no block size divides.
    for n in (0, 1, 2, 7, 22013):
        path = tmp_path / f"{n}.wav"
        soundfile.write(path, noise(n, channels), 8000, subtype=subtype, format=container)
        assert read(path)[3] == channels
        for dtype in ("float32", "float64"):
            expected, _ = soundfile.read(path, dtype=dtype)
            y, sr = load(path, sr=None, mono=False, dtype=dtype)
            assert (y.dtype, y.shape, sr) == (expected.dtype, expected.T.shape, 8000)
            np.testing.assert_array_equal(y, expected.T)
            mono, _ = load(path, sr=None, dtype=dtype)
            mean = expected if channels == 1 else np.mean(expected.T, axis=0)
            np.testing.assert_array_equal(mono, mean)


@pytest.mark.parametrize("channels", [8, 40])
def test_many_channels(tmp_path, channels):
    path = tmp_path / "many.wav"
    soundfile.write(path, noise(3000, channels), 8000, subtype="FLOAT")
    expected, _ = soundfile.read(path, dtype="float32")
    np.testing.assert_array_equal(load(path, sr=None, mono=False)[0], expected.T)
    # numpy adds eight and more neighbours in another order
    np.testing.assert_allclose(load(path, sr=None)[0], expected.mean(axis=1), atol=1e-6)


def test_full_scale_values(tmp_path):
    path = tmp_path / "extremes.wav"
    path.write_bytes(riff(fmt_chunk(), DATA_CHUNK))
    np.testing.assert_array_equal(load(path, sr=None)[0], EXPECTED)
    path.write_bytes(riff(fmt_chunk(bits=8), chunk(b"data", bytes([0, 128, 255]))))
    np.testing.assert_array_equal(load(path, sr=None)[0], [-1, 0, 127 / 128])
    path.write_bytes(riff(fmt_chunk(bits=24), chunk(b"data", bytes.fromhex("000080ffff7fffffff"))))
    np.testing.assert_array_equal(load(path, sr=None)[0], [-1, 1 - 2**-23, -(2**-23)])


# ---------------------------------------------------------------- headers

FLLR = chunk(b"FLLR", b"\0" * 4044)
ODD_LIST = chunk(b"LIST", b"INFOabc")
DS64 = chunk(b"ds64", struct.pack("<QQQI", 0, len(RAW), len(SAMPLES), 0))

READABLE = {
    "filler before data": riff(FLLR, fmt_chunk(), FLLR, DATA_CHUNK),
    "filler longer than a block": riff(fmt_chunk(), chunk(b"FLLR", b"\0" * 200_001), DATA_CHUNK),
    "odd chunk": riff(fmt_chunk(), ODD_LIST, DATA_CHUNK),
    "chunk after data": riff(fmt_chunk(), DATA_CHUNK, ODD_LIST),
    "fmt of 18 bytes": riff(fmt_chunk(extra=b"\0\0"), DATA_CHUNK),
    "extensible": riff(fmt_chunk(EXTENSIBLE, extra=extensible(PCM, 16)), DATA_CHUNK),
    "extensible, across two blocks": riff(
        chunk(b"FLLR", b"\0" * (2**16 - 58)),
        fmt_chunk(EXTENSIBLE, extra=extensible(PCM, 16)),
        DATA_CHUNK,
    ),
    "streamed, size unknown": riff(fmt_chunk(), chunk(b"data", RAW, 0xFFFFFFFF)),
    "empty, with trailer": riff(fmt_chunk(), chunk(b"data", b""), ODD_LIST),
    "truncated": riff(fmt_chunk(), chunk(b"data", RAW, 1000)),
    "truncated inside a frame": riff(fmt_chunk(), b"data" + struct.pack("<I", 100) + RAW + b"\7"),
    "RIFF size wrong": b"RIFF\1\0\0\0" + riff(fmt_chunk(), DATA_CHUNK)[8:],
    "RF64": riff(DS64, fmt_chunk(), chunk(b"data", RAW, 0xFFFFFFFF), name=b"RF64"),
    "RF64 with trailer": riff(
        DS64, fmt_chunk(), chunk(b"data", RAW, 0xFFFFFFFF), ODD_LIST, name=b"RF64"
    ),
}


@pytest.mark.parametrize("case", READABLE)
def test_unusual_headers_are_read(tmp_path, case):
    path = tmp_path / "clip.wav"
    path.write_bytes(READABLE[case])
    expected = EXPECTED[:0] if case.startswith("empty") else EXPECTED
    y, sr, n_frames, _ = read(path)
    np.testing.assert_array_equal(y, expected)
    assert (sr, n_frames) == (8000, len(expected))
    np.testing.assert_array_equal(soundfile.read(path, dtype="float32")[0], expected)


@pytest.mark.parametrize(
    "chunks",
    [(fmt_chunk(), DATA_CHUNK, DATA_CHUNK), (fmt_chunk(), fmt_chunk(), DATA_CHUNK)],
    ids=["two data", "two fmt"],
)
def test_a_file_lasts_as_long_as_what_is_loaded(tmp_path, chunks):
    path = tmp_path / "clip.wav"
    path.write_bytes(riff(*chunks))
    y, sr = load(path, sr=None)
    np.testing.assert_array_equal(y, EXPECTED)
    assert get_duration(path=path) == len(y) / sr
    assert get_samplerate(path) == sr


@pytest.mark.parametrize("riff_size", [0, 8, 0xFFFFFFFF])
def test_file_that_was_never_closed(tmp_path, riff_size):
    path = tmp_path / "clip.wav"
    content = riff(fmt_chunk(), chunk(b"data", RAW, 0))
    path.write_bytes(b"RIFF" + struct.pack("<I", riff_size) + content[8:])
    np.testing.assert_array_equal(load(path, sr=None)[0], EXPECTED)


LEFT_TO_SOUNDFILE = {
    "big-endian": riff(fmt_chunk(), DATA_CHUNK, name=b"RIFX"),
    "mu-law": riff(fmt_chunk(MULAW, bits=8), DATA_CHUNK),
    "ADPCM": riff(fmt_chunk(ADPCM, bits=4, block=256), DATA_CHUNK),
    "12 bits": riff(fmt_chunk(bits=12, block=2), DATA_CHUNK),
    "20 bits": riff(fmt_chunk(bits=20, block=3), DATA_CHUNK),
    "64-bit integers": riff(fmt_chunk(bits=64), DATA_CHUNK),
    "16-bit floats": riff(fmt_chunk(FLOAT, bits=16), DATA_CHUNK),
    "20 valid bits": riff(fmt_chunk(EXTENSIBLE, bits=24, extra=extensible(PCM, 20)), DATA_CHUNK),
    "another GUID": riff(fmt_chunk(EXTENSIBLE, extra=extensible(PCM, 16, b"?" * 14)), DATA_CHUNK),
    "extensible, but short": riff(fmt_chunk(EXTENSIBLE), DATA_CHUNK),
    "block size contradicts": riff(fmt_chunk(block=3), DATA_CHUNK),
    "1025 channels": riff(fmt_chunk(channels=1025), DATA_CHUNK),
    "no chunk names": riff(fmt_chunk(), b"\0" * 64, DATA_CHUNK),
    "not audio": b"hello, world",
}


@pytest.mark.parametrize("case", LEFT_TO_SOUNDFILE)
def test_other_kinds_are_left_to_soundfile(tmp_path, case):
    path = tmp_path / "clip.wav"
    path.write_bytes(LEFT_TO_SOUNDFILE[case])
    assert read(path) is None
    try:
        expected, _ = soundfile.read(path, dtype="float32")
    except soundfile.LibsndfileError:
        with pytest.raises(AudioError, match=r"clip\.wav.*could not be decoded: \w+.*WAV, FLAC"):
            load(path, sr=None)
    else:
        np.testing.assert_array_equal(load(path, sr=None, mono=False)[0], expected.T)


DAMAGED = {
    "is empty": b"",
    "ends before its fmt chunk": riff(),
    "has no data chunk": riff(fmt_chunk(), ODD_LIST),
    "has no fmt chunk before its data": riff(DATA_CHUNK, fmt_chunk()),
    "ends inside its fmt chunk": riff(fmt_chunk(EXTENSIBLE, extra=extensible(PCM, 16)))[:40],
    "fmt chunk of less than 16 bytes": riff(chunk(b"fmt ", b"\1\0"), DATA_CHUNK),
    "0 channels": riff(fmt_chunk(channels=0), DATA_CHUNK),
    "sampling rate is 0 Hz": riff(fmt_chunk(rate=0), DATA_CHUNK),
    "ends inside its ds64": riff(chunk(b"ds64", b"\0\0"), name=b"RF64"),
}


@pytest.mark.parametrize("reason", DAMAGED)
def test_damaged_files_say_what_is_wrong(tmp_path, reason):
    path = tmp_path / "clip.wav"
    path.write_bytes(DAMAGED[reason])
    with pytest.raises(AudioError, match=rf"clip\.wav' .*{reason}"):
        load(path)


@pytest.mark.parametrize("seed", range(4))
def test_garbage_never_crashes_and_is_never_misread(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / "clip.wav"
    sources = [*READABLE.values(), *LEFT_TO_SOUNDFILE.values()]
    n_read = 0
    for _ in range(150):
        content = bytearray(sources[rng.integers(len(sources))])
        head = min(len(content), 120)
        match rng.integers(3):
            case 0:
                content[rng.integers(head)] = rng.integers(256)
            case 1:
                del content[rng.integers(len(content)) :]
            case _:
                at = rng.integers(head)
                content[at : at + 4] = b"\xff\xff\xff\xff"
        path.write_bytes(content)
        try:
            y, sr = load(path, sr=None, mono=False)
        except AudioError:
            continue
        n_read += 1
        try:
            expected, expected_sr = soundfile.read(path, dtype="float32")
        except soundfile.LibsndfileError:
            continue  # it also refuses for what it finds after the samples
        assert sr == expected_sr
        np.testing.assert_array_equal(y, expected.T)
    assert n_read > 20


# ---------------------------------------------------------------- real files


def real_files(folder):
    files = sorted((DATA / folder).rglob("*.wav"))
    if not files:
        pytest.skip(f"no {folder} here; SERFAST_TEST_DATA names the folder of test audio")
    return files


def test_odd_files_read_as_in_soundfile():
    n_read = 0
    for path in real_files("odd_wav"):
        try:
            expected, expected_sr = soundfile.read(path, dtype="float32")
        except soundfile.LibsndfileError:
            with pytest.raises(AudioError, match=path.stem):
                load(path, sr=None)
            continue
        y, sr = load(path, sr=None, mono=False)
        assert sr == expected_sr
        np.testing.assert_array_equal(y, expected.T, err_msg=path.name)
        n_read += 1
    assert n_read >= 16


def test_original_ravdess_files():
    librosa = pytest.importorskip("librosa")
    for path in real_files("ravdess48k"):
        assert read(path) is not None
        np.testing.assert_array_equal(load(path, sr=None)[0], librosa.load(path, sr=None)[0])
        np.testing.assert_array_equal(load(path, sr=16000)[0], librosa.load(path, sr=16000)[0])
