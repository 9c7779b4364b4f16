"""Extractor: names, configuration, items that fail, progress, and words of errors."""

from __future__ import annotations

import copy
import json
import re
import struct

import numpy as np
import pytest
import soundfile

import serfast
from helpers import FRAMEWISE, SR, assert_same, speech
from serfast import Extractor, ParameterError, _json

MEANS = {"sr": SR, "pool": ["mean", "std"]}

# ---------------------------------------------------------------- names and configuration


def test_names_of_columns():
    pooled = Extractor(["rms", "mfcc"], pool=["p5", "delta_mean"], n_mfcc=12)
    assert pooled.names[:4] == ["rms_p5", "rms_delta_mean", "mfcc_01_p5", "mfcc_02_p5"]
    assert pooled.names[-1] == "mfcc_12_delta_mean"
    framewise = Extractor(["melspectrogram", "spectral_contrast"])
    assert framewise.names[0] == "melspectrogram_001"
    assert framewise.names[127:130] == [
        "melspectrogram_128", "spectral_contrast_1", "spectral_contrast_2",
    ]  # fmt: skip
    for fx in (pooled, framewise):
        assert len(set(fx.names)) == len(fx.names) == len(fx(speech(9000)))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"pool": None, "n_fft": np.int64(512), "frame_length": 512, "center": np.bool_(False)},
        {"sr": 22050.0, "fmax": np.float32(4000), "window": "hamming"},
        {"window": np.hanning(400), "win_length": 400},
        {"window": ("kaiser", 8.6)},
        {"window": ("general_cosine", [0.4, 0.5, 0.1])},
        {"window": 5.0},
        {"dtype": np.float64, "mfcc": {"norm": None, "dct_type": 3}, "chroma_stft": {"norm": 1}},
    ],
    ids=["defaults", "numbers of numpy", "floats", "window array", "window tuple",
         "window tuple with a list", "window number", "own options"],
)  # fmt: skip
def test_configuration_survives_json(options):
    fx = Extractor(["mfcc", "chroma_stft", "zero_crossing_rate"], **{**MEANS, **options})
    again = Extractor.from_config(json.loads(json.dumps(fx.config)))
    assert again == fx
    assert (again.hash, hash(again), again.names) == (fx.hash, hash(fx), fx.names)
    assert_same(again(speech(9000)), fx(speech(9000)))


def test_infinite_options_survive_strict_json():
    fx = Extractor(["chroma_stft"], **MEANS)
    assert fx.config["options"]["chroma_stft"]["norm"] == np.inf
    for text in (_json.dumps(fx.config), json.dumps(fx.config)):  # and as earlier versions wrote it
        again = Extractor.from_config(json.loads(text))
        assert (again, again.hash) == (fx, "09ad7fde0e57407d")
    json.dumps(json.loads(_json.dumps([fx.config, np.nan])), allow_nan=False)


def test_configuration_tells_what_matters_apart():
    base = Extractor(["mfcc", "rms"], **MEANS)
    others = [
        Extractor(["rms", "mfcc"], **MEANS),
        Extractor(["mfcc"], **MEANS),
        Extractor(["mfcc", "rms"], sr=SR, pool=["std", "mean"]),
        Extractor(["mfcc", "rms"], sr=SR),
        Extractor(["mfcc", "rms"], sr=8000, pool=["mean", "std"]),
        Extractor(["mfcc", "rms"], **MEANS, hop_length=511),
        Extractor(["mfcc", "rms"], **MEANS, rms={"hop_length": 511}),
    ]
    assert len({fx.hash for fx in (base, *others)}) == 8
    assert all(base != fx for fx in others)
    assert base == Extractor(["mfcc", "rms"], **MEANS, mfcc={"hop_length": 512, "n_mels": 128})
    assert base != "mfcc"


def test_an_extractor_can_be_sent_to_another_process():
    fx = Extractor(["mfcc", "rms"], **MEANS, window=("kaiser", 8.6))
    again = copy.deepcopy(fx)
    assert again == fx
    assert_same(again(speech(9000)), fx(speech(9000)))


def test_configuration_of_a_function_is_refused():
    fx = Extractor(["mfcc"], window=np.hanning)
    with pytest.raises(ParameterError, match=r"window=.*functions cannot be stored; give an array"):
        fx.config  # noqa: B018


# ---------------------------------------------------------------- items that fail

BAD_SIGNALS = {
    "nan": (np.append(speech(3999), np.float32("nan")), "extract", "sample 3999 is not a number"),
    "inf": (np.append(-np.inf, speech(3999)), "extract", "sample 0 is infinite"),
    "int16": (np.ones(4000, np.int16), "read", r"int16.*astype\(np.float32\) / 32768"),
    "stereo": (np.zeros((2, 4000)), "read", r"one axis.*\(2, 4000\).*to_mono"),
    "short": (np.zeros(1999), "extract", "1999 samples is too short for one frame of 2000"),
    "empty": (np.zeros(0, np.float32), "extract", "0 samples is too short"),
    "list": ([0.0, 0.5], "read", "must be a numpy array of samples, not list"),
    "complex": (np.ones(4000, complex), "read", "complex128; samples must be float32 or float64"),
    "None": (None, "read", "must be a numpy array of samples, not NoneType"),
}


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("pool", ["mean", None])
def test_a_bad_signal_costs_only_itself(pool, threads):
    fx = Extractor(["mfcc", "rms"], sr=SR, pool=pool, n_fft=2000, frame_length=2000, center=False)
    items, good = [], speech(9000)
    for bad, _, _ in BAD_SIGNALS.values():
        items += [good, bad]
    result = fx.batch(items, threads=threads)
    for i, (_, stage, reason) in enumerate(BAD_SIGNALS.values()):
        failure = result.failures[i]
        assert (failure.index, failure.path, failure.stage) == (2 * i + 1, None, stage)
        assert re.search(reason, failure.reason)
        assert_same(result.values[2 * i], fx(good))
        values = result.values[2 * i + 1]
        assert values.shape == (21,) if pool else (21, 0)
        assert np.isnan(values).all()
    assert len(result.failures) == len(BAD_SIGNALS)


@pytest.mark.parametrize("bad", BAD_SIGNALS)
def test_a_bad_signal_alone_raises(bad):
    y, _, reason = BAD_SIGNALS[bad]
    fx = Extractor(["mfcc"], sr=SR, n_fft=2000, center=False)
    with pytest.raises(ParameterError, match=reason):
        fx(y)


def test_non_finite_samples_are_found_wherever_they_are():
    fx = Extractor(["zero_crossing_rate"], frame_length=64, hop_length=1000, center=False)
    for n in (64, 100, 1063, 40000):  # also in gaps between frames, and after the last
        for place in {0, 1, n // 2, n - 2, n - 1}:
            y = np.zeros(n, np.float32)
            y[place] = np.nan
            assert fx.batch([y]).failures[0].reason.endswith(f"sample {place} is not a number")


@pytest.fixture
def folder(tmp_path):
    """Files of many kinds, some of them bad."""
    y = speech(9000)
    soundfile.write(tmp_path / "good.wav", y, SR, subtype="FLOAT")
    soundfile.write(tmp_path / "good.flac", y, SR)
    soundfile.write(tmp_path / "pcm.wav", y, SR)
    soundfile.write(tmp_path / "stereo.wav", np.stack([y, y[::-1]], axis=1), SR)
    soundfile.write(tmp_path / "rate.wav", y, 11025, subtype="FLOAT")
    soundfile.write(tmp_path / "rate.flac", y, 48000)
    soundfile.write(tmp_path / "cut.wav", y, SR)
    cut = (tmp_path / "cut.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(cut[:9044])
    (tmp_path / "head.wav").write_bytes(cut[:30])
    soundfile.write(tmp_path / "empty.wav", y[:0], SR)
    soundfile.write(tmp_path / "empty.aiff", y[:0], SR)
    soundfile.write(tmp_path / "short.flac", y[:100], SR)
    soundfile.write(tmp_path / "nan.wav", np.append(y, np.nan), SR, subtype="FLOAT")
    soundfile.write(tmp_path / "nan_rate.wav", np.append(y, np.nan), 8000, subtype="FLOAT")
    (tmp_path / "text.wav").write_text("no audio in here")
    (tmp_path / "text.mp3").write_text("no audio in here")
    (tmp_path / "zero.flac").write_bytes(b"")
    (tmp_path / "riff.wav").write_bytes(b"RIFF" + struct.pack("<I", 4) + b"WAVE")
    (tmp_path / "folder.wav").mkdir()
    return tmp_path


GOOD_FILES = (
    "good.wav", "good.flac", "pcm.wav", "stereo.wav", "rate.wav", "rate.flac", "cut.wav",
)  # fmt: skip
BAD_FILES = {
    "missing.wav": ("read", "No such file"),
    "missing.flac": ("read", "No such file"),
    "folder.wav": ("read", "Is a directory"),
    "head.wav": ("read", "has a fmt chunk of less than 16 bytes"),
    "riff.wav": ("read", "ends before its fmt chunk"),
    "empty.wav": ("read", "holds no samples"),
    "empty.aiff": ("decode", "holds no samples"),
    "nan.wav": ("extract", "sample 9000 is not a number"),
    "nan_rate.wav": ("decode", "holds nan at.*9000"),
    "text.wav": ("decode", "could not be decoded: .*WAV, FLAC"),
    "text.mp3": ("decode", "could not be decoded: .*WAV, FLAC"),
    "zero.flac": ("read", "is empty"),
    "short.flac": ("extract", "100 samples is too short"),
    "": ("read", ""),
}


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("pool", ["mean", None])
def test_a_bad_file_costs_only_itself(folder, pool, threads):
    fx = Extractor(["mfcc", "rms"], sr=SR, pool=pool, center=False)
    good = [folder / name for name in GOOD_FILES]
    bad = [folder / name if name else "" for name in BAD_FILES]
    paths = [path for pair in zip(bad, [*good, *good], strict=False) for path in pair]
    result = fx.files(paths, threads=threads)
    for path, values in zip(paths[1::2], result.values[1::2], strict=True):
        assert_same(values, fx(serfast.load(path, sr=SR)[0]))
    for i, (path, expected) in enumerate(zip(bad, BAD_FILES.values(), strict=True)):
        failure = result.failures[i]
        assert (failure.index, failure.path, failure.stage) == (2 * i, str(path), expected[0])
        assert re.search(expected[1], failure.reason)
        assert np.isnan(result.values[2 * i]).all()
    assert len(result.failures) == len(bad)


def test_a_truncated_file_gives_what_it_holds(folder):
    y, _ = serfast.load(folder / "pcm.wav", sr=None)
    fx = Extractor(["mfcc"], **MEANS)
    assert_same(fx.files([folder / "cut.wav"]).values[0], fx(y[:4500]))


@pytest.mark.parametrize("pool", ["mean", None])
def test_all_may_fail_and_none_may_be_there(tmp_path, pool):
    fx = Extractor(["rms"], sr=SR, pool=pool)
    for compute, items in ((fx.batch, [None, None]), (fx.files, [tmp_path / "a", tmp_path / "b"])):
        assert [failure.index for failure in compute(items).failures] == [0, 1]
        assert len(compute(items).values) == 2
        empty = compute([])
        assert (len(empty.values), empty.failures) == (0, [])


def test_result_becomes_an_array(folder):
    fx = Extractor(["mfcc"], **MEANS)
    result = fx.files([folder / "good.wav", folder / "pcm.wav"])
    assert_same(np.asarray(result), result.values)
    assert np.asarray(result, dtype=np.float64).dtype == np.float64
    assert result.values.dtype == np.float32
    assert result.names == fx.names
    with pytest.raises(TypeError, match=r"different numbers of frames: take \.values"):
        np.asarray(Extractor(["mfcc"]).batch([speech(1000)]))


# ---------------------------------------------------------------- progress


@pytest.mark.parametrize("threads", [1, 3])
def test_progress_rises_to_the_total(folder, threads):
    fx = Extractor(["mfcc"], **MEANS)
    files = [folder / name for name in (*GOOD_FILES, *filter(None, BAD_FILES))]
    for compute, items in ((fx.batch, [speech(9000)] * 200), (fx.files, files * 3)):
        calls = []
        compute(items, threads=threads, progress=lambda *call, calls=calls: calls.append(call))
        assert calls == sorted(calls)
        assert {total for _, total in calls} == {len(items)}
        assert calls[-1] == (len(items), len(items))


def test_progress_may_stop_a_batch(folder):
    fx = Extractor(["mfcc"], **MEANS)

    def stop(done, total):
        raise LookupError("enough")

    for compute, items in ((fx.batch, [speech(9000)] * 50), (fx.files, [folder / "good.flac"] * 9)):
        with pytest.raises(LookupError, match="enough"):
            compute(items, progress=stop)
        assert compute(items[:2]).failures == []


# ---------------------------------------------------------------- words of errors

REFUSED = {
    "unknown feature": ({"features": ["mfcc", "mfc"]}, "unknown feature 'mfc'; known: .*mfcc"),
    "not framewise": ({"features": ["piptrack"]}, "unknown feature 'piptrack'; known: .*mfcc"),
    "no feature": ({"features": []}, r"features=\[\] must be a list of different features"),
    "twice": ({"features": ["rms", "rms"]}, r"\['rms', 'rms'\] must be a list of different"),
    "unknown option": ({"n_mfc": 3}, "unknown option 'n_mfc'; known: .*n_mfcc"),
    "option of none": ({"n_bands": 3}, "unknown option 'n_bands'; known: "),
    "unknown own option": ({"mfcc": {"n_bands": 3}}, "unknown option 'n_bands' of mfcc; known: "),
    "own option no dict": ({"mfcc": 13}, "mfcc=13 must be a dictionary of options of mfcc"),
    "input as option": ({"mfcc": {"S": 1}}, "unknown option 'S' of mfcc"),
    "pool": ({"pool": ["mean", "mode"]}, "pool='mode' must be one of mean, .*p0 to p100.*delta"),
    "percentile": ({"pool": "p101"}, "pool='p101' must be one of .*p0 to p100"),
    "pool number": ({"pool": 5}, "pool=5 must be"),
    "pool twice": ({"pool": ["mean", "mean"]}, "pool=.* different"),
    "sr": ({"sr": 0}, "sr=0 must be greater than 0"),
    "value": ({"n_mfcc": 0}, "n_mfcc=0 must be a positive integer"),
    "own value": ({"mfcc": {"dct_type": 4}}, "dct_type=4 must be one of 1, 2, 3"),
    "hop": ({"hop_length": 2.5}, "hop_length=2.5 must be a positive integer"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_say_what_was_allowed(case):
    options, words = REFUSED[case]
    with pytest.raises(ParameterError, match=words):
        Extractor(**{"features": ["mfcc"], "sr": SR, **options})


@pytest.mark.parametrize("threads", [0, -1, 2.5, "2", True])
def test_threads_must_be_a_positive_number(threads):
    with pytest.raises(ParameterError, match=rf"threads={threads!r} must be a positive integer"):
        Extractor(["rms"]).batch([speech(1000)], threads=threads)
    with pytest.raises(ParameterError, match="threads=2147483648 must be less than"):
        Extractor(["rms"]).batch([speech(1000)], threads=1 << 31)


def test_rows_of_different_frames_cannot_be_stacked():
    fx = Extractor(["mfcc", "rms"], rms={"hop_length": 256})
    with pytest.raises(ParameterError, match=r"mfcc has 18 frames but rms has 36.*hop_length"):
        fx(speech(9000))
    assert Extractor(["mfcc", "rms"], pool="mean", rms={"hop_length": 256})(speech(9000)).size == 21


def test_every_feature_of_the_table_is_a_public_function():
    assert set(FRAMEWISE) < set(serfast.__all__)
    fx = Extractor(FRAMEWISE, pool="mean")
    assert {re.sub(r"(_\d+)?_mean$", "", name) for name in fx.names} == set(FRAMEWISE)
    assert repr(fx) == f"Extractor({FRAMEWISE}, sr=22050, pool=['mean'])"
