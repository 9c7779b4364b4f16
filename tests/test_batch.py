"""Extractor: one call, batches and files give the same numbers, and those of the functions."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from scipy import stats

import serfast
from helpers import FRAMEWISE, SR, assert_same, compute, speech
from serfast import Extractor
from signals import signal

STATISTICS = ["mean", "std", "min", "max", "median", "p5", "p95", "slope", "skewness", "kurtosis"]
POOLS = [None, ["mean", "std", "max"], [*STATISTICS, *(f"delta_{name}" for name in STATISTICS)]]
# Samples: one; less than a hop and than a frame; 16, 17, 32 and 33 frames, around whole blocks of
# lanes; and more frames than two spans of the pool.
LENGTHS = (1, 300, 2047, 15 * 512, 16 * 512, 31 * 512, 32 * 512 - 1, 32 * 512, 2100 * 512 + 77)
LONG = 6 * 1024 * 128


@pytest.fixture(scope="module")
def signals():
    kinds = ("speech", "music", "noise", "clicks", "tone")
    return [signal(kinds[i % 5], n, SR, seed=i) for i, n in enumerate(LENGTHS)]


@pytest.fixture(scope="module")
def wavs(signals, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wavs")
    paths = [folder / f"{i}.wav" for i in range(len(signals))]
    for path, y in zip(paths, signals, strict=True):
        soundfile.write(path, y, SR, subtype="FLOAT")
    return paths


# ---------------------------------------------------------------- the same bits, however computed


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
@pytest.mark.parametrize("pool", POOLS, ids=["framewise", "in spans", "of whole rows"])
def test_batch_and_files_equal_single_calls(signals, wavs, pool, threads):
    fx = Extractor(FRAMEWISE, sr=SR, pool=pool)
    expected = [fx(y) for y in signals]
    for result in (fx.batch(signals, threads=threads), fx.files(wavs, threads=threads)):
        assert result.failures == []
        for values, row in zip(result.values, expected, strict=True):
            assert_same(values, row)


@pytest.mark.parametrize("pool", POOLS, ids=["framewise", "in spans", "of whole rows"])
def test_order_does_not_matter(signals, pool):
    fx = Extractor(FRAMEWISE, sr=SR, pool=pool)
    order = np.random.default_rng(3).permutation(len(signals))
    expected = fx.batch(signals, threads=2).values
    shuffled = fx.batch((signals[i] for i in order), threads=2).values
    for i, values in zip(order, shuffled, strict=True):
        assert_same(values, expected[i])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("feature", [*FRAMEWISE, "piptrack", "stft"])
def test_functions_do_not_depend_on_threads(monkeypatch, feature, dtype):
    y = speech(1 << 17).astype(dtype)
    results = []
    for threads in "1", "3", "7":
        monkeypatch.setenv("SERFAST_NUM_THREADS", threads)
        results.append(compute(feature, y, hop_length=67))
    assert results[0].shape[-1] > 7 * 256
    assert_same(results[1], results[0])
    assert_same(results[2], results[0])


@pytest.mark.parametrize(
    "pool",
    [
        None,
        ["mean", "std", "min", "max", "slope", "skewness", "kurtosis"],
        ["median", "p10", "delta_std", "dct2", "change20ms"],
    ],
    ids=["frames", "moments", "whole rows"],
)
def test_one_long_signal_does_not_depend_on_threads(monkeypatch, pool):
    # Several spans of 1024 frames; voiced_f0 has gaps, mfcc and chroma need two passes.
    y = speech(1 << 20)
    fx = serfast.Extractor(
        ["mfcc", "chroma_stft", "voiced_f0", "rms"], sr=16000, hop_length=160, pool=pool
    )
    monkeypatch.setenv("SERFAST_NUM_THREADS", "1")
    expected = fx(y)
    for threads in "2", "3", "7", "50":
        monkeypatch.setenv("SERFAST_NUM_THREADS", threads)
        assert_same(fx(y), expected)
    assert_same(fx.batch([y], threads=2).values[0], expected)


def test_tuning_does_not_depend_on_threads(monkeypatch):
    # One thread keeps less of the spectrum between its two passes than three do.
    y = signal("music", LONG, SR, seed=1)
    results = []
    for threads in "1", "3":
        monkeypatch.setenv("SERFAST_NUM_THREADS", threads)
        tuning = serfast.estimate_tuning(y=y, sr=SR, hop_length=128)
        results.append((tuning, serfast.chroma_stft(y=y, sr=SR, hop_length=128)))
    assert results[0][0] == results[1][0] != 0
    assert_same(results[0][1], results[1][1])


# ---------------------------------------------------------------- the functions' values


@pytest.mark.filterwarnings("ignore:n_fft=2048 is too large")
@pytest.mark.parametrize("feature", FRAMEWISE)
def test_framewise_rows_are_the_functions_rows(signals, feature):
    fx = Extractor([feature], sr=SR)
    for y in signals[:-1]:
        expected = compute(feature, y)
        assert_same(fx(y), expected.astype(np.float32))
        assert len(fx.names) == len(expected)


OPTIONS = {
    "plain": {},
    "one keyword for several": {"hop_length": 160, "center": False, "fmin": 100.0},
    "a window": {"window": ("kaiser", 8.6), "win_length": 400},
    "own options": {
        "mfcc": {"norm": None, "dct_type": 3, "n_mels": 40, "lifter": 22, "n_mfcc": 13},
        "melspectrogram": {"power": 1.0, "htk": True, "norm": None},
        "chroma_stft": {"norm": 1, "tuning": 0.25, "n_chroma": 24},
        "spectral_bandwidth": {"norm": False, "p": 1.5},
        "spectral_rolloff": {"roll_percent": 0.5},
        "spectral_flatness": {"power": 1.0},
        "spectral_contrast": {"n_bands": 4, "quantile": 0.1, "linear": True},
        "zero_crossing_rate": {"threshold": 0.01, "zero_pos": False},
    },
    "own transforms": {"mfcc": {"n_fft": 1001}, "chroma_stft": {"n_fft": 512}},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_shared_stages_change_no_value(options):
    y = speech(20000)
    together = Extractor(FRAMEWISE, sr=SR, pool=["mean", "std"], **options)
    values = dict(zip(together.names, together(y), strict=True))
    for feature in FRAMEWISE:
        taken = Extractor([feature], sr=SR).config["options"][feature]
        shared = {name: value for name, value in options.items() if name in taken}
        own = shared | options.get(feature, {})
        alone = Extractor([feature], sr=SR, pool=["mean", "std"], **own)
        assert_same(alone(y), np.array([values[name] for name in alone.names]))
        rows = compute(feature, y, **own)
        mean = [values[name] for name in alone.names[: len(rows)]]
        expected = np.nanmean(rows, axis=1)
        np.testing.assert_allclose(mean, expected, atol=1e-5 * np.nanmax(np.abs(rows)))


def test_columns_come_in_the_order_of_the_features():
    y = speech(9000)
    forward, backward = (Extractor(list(names), sr=SR) for names in (FRAMEWISE, FRAMEWISE[::-1]))
    rows = dict(zip(backward.names, backward(y), strict=True))
    assert_same(forward(y), np.stack([rows[name] for name in forward.names]))


def test_the_classic_recipe_takes_chroma_of_magnitudes():
    y = speech(30000)
    fx = Extractor(
        ["mfcc", "chroma_stft", "melspectrogram"], sr=SR, n_mfcc=40, pool="mean",
        chroma_stft={"power": 1},
    )  # fmt: skip
    parts = [
        serfast.mfcc(y=y, sr=SR, n_mfcc=40),
        serfast.chroma_stft(S=np.abs(serfast.stft(y)), sr=SR),
        serfast.melspectrogram(y=y, sr=SR),
    ]
    expected = np.concatenate([part.mean(axis=1, dtype=float) for part in parts])
    np.testing.assert_allclose(fx(y), expected, rtol=1e-4, atol=1e-6)
    assert len(fx.names) == 180


# ---------------------------------------------------------------- statistics


def expected_statistic(name, rows, per_second):
    """A statistic of each row by numpy and scipy."""
    if name.startswith("delta"):
        prefix, _, name = name.partition("_")
        rows = serfast.delta(rows, width=9, order=2 if prefix == "delta2" else 1)
    if name == "slope":
        return np.polyfit(np.arange(rows.shape[1]) / per_second, rows.T, 1)[0]
    if name == "skewness":
        return stats.skew(rows, axis=1)
    if name == "kurtosis":
        return stats.kurtosis(rows, axis=1)
    if name[0] == "p":
        return np.percentile(rows, float(name[1:]), axis=1)
    return getattr(np, name)(rows, axis=1)


def scale_of(name, rows, per_second):
    """What an error of a statistic is measured by: one for those that have no unit."""
    if "skewness" in name or "kurtosis" in name:
        return 1.0
    scale = np.abs(rows).max(axis=1)
    return scale * per_second / rows.shape[1] if "slope" in name else scale


@pytest.mark.parametrize("frames", [10, 16, 40, 1024, 1025, 2500])
@pytest.mark.parametrize("label", [*POOLS[2], "p0", "p33.3", "p100", "delta_p50", "delta2_std"])
def test_statistics_are_those_of_numpy(frames, label):
    features, options = ["mfcc", "spectral_centroid", "rms"], {"hop_length": 160, "n_fft": 512}
    y = signal("speech", (frames - 1) * 160 + 1, SR, seed=frames) + np.float32(0.1)
    rows = Extractor(features, sr=SR, rms={"frame_length": 512}, **options)(y).astype(float)
    assert rows.shape[1] == frames
    got = Extractor(features, sr=SR, pool=label, rms={"frame_length": 512}, **options)(y)
    expected = expected_statistic(label, rows, SR / 160)
    error = np.abs(got - expected) / (np.abs(expected) + scale_of(label, rows, SR / 160))
    assert error.max() < 2e-6


@pytest.mark.parametrize("seconds", [0.1, 40.0])
def test_a_row_that_does_not_vary_has_no_shape(seconds):
    y = np.full(int(SR * seconds), 0.1, dtype=np.float32)
    fx = Extractor(["rms", "zero_crossing_rate"], sr=SR, pool=STATISTICS, center=False,
                   frame_length=512)  # fmt: skip
    values = dict(zip(fx.names, fx(y), strict=True))
    for feature, level in (("rms", np.float32(0.1)), ("zero_crossing_rate", 0)):
        for name in ("mean", "min", "max", "median", "p5", "p95"):
            assert values[f"{feature}_{name}"] == pytest.approx(level, rel=1e-6)
        for name in ("std", "slope", "skewness", "kurtosis"):
            assert values[f"{feature}_{name}"] == 0


def test_deltas_that_do_not_vary_have_no_shape():
    # Nine frames hold one window of the delta filter.
    fx = Extractor(["mfcc"], sr=SR, pool=["delta_std", "delta_skewness", "delta_kurtosis"])
    assert_same(fx(speech(8 * 512 + 1)), np.zeros(60, dtype=np.float32))


def test_deltas_of_short_rows_take_the_widest_window_that_fits():
    for frames, width in ((1, 0), (2, 0), (3, 3), (6, 5), (8, 7)):
        y = speech((frames - 1) * 512 + 1)
        rows = Extractor(["mfcc"], sr=SR)(y).astype(float)
        expected = serfast.delta(rows, width=width).max(axis=1) if width else np.zeros(len(rows))
        got = Extractor(["mfcc"], sr=SR, pool="delta_max")(y)
        np.testing.assert_allclose(got, expected, atol=1e-6 * np.abs(rows).max())


def test_slopes_are_per_second_of_each_feature():
    y = speech(30000)
    both = Extractor(["rms", "zero_crossing_rate"], sr=SR, pool="slope", rms={"hop_length": 128})
    alone = Extractor(["zero_crossing_rate"], sr=SR, pool="slope")
    assert both(y)[1] == alone(y)[0]
