"""Features of an Extractor that need the whole signal, beside those of single frames."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

import serfast
from helpers import SR, assert_same, speech
from serfast import Extractor, ParameterError

WHOLE = ("chroma_cens", "chroma_cqt", "tonnetz")
STATISTICS = ("mean", "std", "min", "max", "median", "p5", "slope", "skewness", "kurtosis",
              "delta_mean", "delta_std")  # fmt: skip
EVERYTHING = ("rms", "tonnetz", "mfcc")
OPTIONS = {"sr": SR, "tonnetz": {"harmonic": True}, "mfcc": {"n_mfcc": 13}}


@pytest.mark.parametrize("feature", WHOLE)
def test_rows_are_the_functions(feature):
    y = speech(2 * SR)
    rows = Extractor([feature], sr=SR)(y)
    assert_same(rows, getattr(serfast, feature)(y=y, sr=SR).astype(np.float32))
    of_harmonic = Extractor([feature], sr=SR, harmonic=True)(y)
    expected = getattr(serfast, feature)(y=serfast.effects.harmonic(y), sr=SR)
    assert_same(of_harmonic, expected.astype(np.float32))


@pytest.mark.parametrize("pool", [None, "mean", STATISTICS])
def test_columns_keep_the_order_of_the_features(pool):
    y = speech(SR)
    together = Extractor(EVERYTHING, pool=pool, **OPTIONS)
    apart = [Extractor([name], pool=pool, sr=SR, **OPTIONS.get(name, {})) for name in EVERYTHING]
    assert together.names == [column for fx in apart for column in fx.names]
    assert_same(together(y), np.concatenate([fx(y) for fx in apart]))


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("seconds", [1, 40])  # more frames than are condensed at once
def test_rows_are_pooled_as_the_core_pools_its_own(statistic, seconds):
    y = speech(seconds * SR)
    fx = Extractor(["mfcc"], sr=SR, pool=statistic, n_mfcc=5)
    rows = np.ascontiguousarray(Extractor(["mfcc"], sr=SR, n_mfcc=5)(y))
    assert_same(fx._pool.of_rows(rows, SR / 512), fx(y))


@pytest.mark.parametrize("pool", [None, ("mean", "std")])
def test_a_batch_is_its_items_whatever_the_threads(pool):
    fx = Extractor(EVERYTHING, pool=pool, **OPTIONS)
    signals = [speech(n, seed) for seed, n in enumerate((SR, 9000, 2 * SR))]
    signals.insert(1, np.array([np.nan] * 5000))
    signals.insert(3, "no signal")
    told = []
    results = [
        fx.batch(signals, threads=threads, progress=lambda *done: told.append(done))
        for threads in (1, 3)
    ]
    assert [failure.index for failure in results[0].failures] == [1, 3]
    assert results[0].failures == results[1].failures
    assert told[-1] == (5, 5)
    for index in (0, 2, 4):
        for result in results:
            assert_same(np.asarray(result.values[index]), fx(signals[index]))
    for index in (1, 3):
        value = np.asarray(results[0].values[index])
        assert value.shape == ((len(fx.names), 0) if pool is None else (len(fx.names),))
        assert np.isnan(value).all()


def test_files_are_read_resampled_and_may_fail_alone(tmp_path):
    fx = Extractor(EVERYTHING, pool="mean", **OPTIONS)
    y = speech(SR)
    for name, rate in (("a.wav", SR), ("b.flac", SR), ("c.wav", 8000)):
        soundfile.write(tmp_path / name, y, rate, subtype="PCM_16")
    (tmp_path / "d.wav").write_bytes(b"no audio")
    paths = sorted(tmp_path.iterdir())
    result = fx.files(paths, threads=2)
    assert [failure.index for failure in result.failures] == [3]
    assert result.failures[0].path == str(paths[3])
    for path, row in zip(paths[:3], result.values, strict=False):
        assert_same(row, fx(serfast.load(path, sr=SR)[0]))


def test_configuration_survives_json():
    fx = Extractor(EVERYTHING, pool=["mean"], **OPTIONS)
    again = Extractor.from_config(json.loads(json.dumps(fx.config)))
    assert (again, again.hash, again.names) == (fx, fx.hash, fx.names)
    assert fx.config["options"]["tonnetz"]["harmonic"] is True
    assert fx != Extractor(EVERYTHING, pool=["mean"], **OPTIONS | {"tonnetz": {}})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"harmonic": 1}, "harmonic=1"),
        ({"n_octaves": 0}, "n_octaves=0"),
        ({"nonsense": 1}, "unknown option 'nonsense'"),
        ({"sr": 2000}, "half of sr=2000"),
    ],
)
def test_wrong_options_are_refused_at_once(options, words):
    with pytest.raises(ParameterError, match=words):
        Extractor(["tonnetz"], **options)


def test_features_of_unlike_frames_are_only_pooled():
    options = {"sr": SR, "tonnetz": {"hop_length": 256}}
    with pytest.raises(ParameterError, match="as many frames"):
        Extractor(["rms", "tonnetz"], **options)(speech(SR))
    assert Extractor(["rms", "tonnetz"], pool="mean", **options)(speech(SR)).shape == (7,)


def test_streams_have_no_whole_signal():
    with pytest.raises(ParameterError, match="tonnetz depends on the whole signal"):
        Extractor(["tonnetz"]).stream()
