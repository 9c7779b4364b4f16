"""Onsets and the peaks of curves: librosa's choices exactly, in both precisions."""

import numpy as np
import pytest

import serfast
from signals import signal

KINDS = ("speech", "music", "noise", "clicks", "tone", "silence", "dc")
DTYPES = (np.float32, np.float64)


@pytest.fixture(scope="module")
def librosa():
    return pytest.importorskip("librosa")


def curves(dtype):
    """Curves with plateaus, ties and noise."""
    rng = np.random.default_rng(3)
    for n in (2, 3, 7, 50, 400):
        yield rng.standard_normal(n).astype(dtype)
        yield rng.integers(0, 4, n).astype(dtype)
        yield np.zeros(n, dtype)


def assert_equal(got, want):
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("dtype", [*DTYPES, np.int64])
@pytest.mark.parametrize("name", ["localmax", "localmin"])
def test_local_extrema_as_librosa(librosa, name, dtype):
    for x in curves(dtype):
        assert_equal(getattr(serfast.util, name)(x), getattr(librosa.util, name)(x))
    x = np.stack([np.asarray(x) for x in curves(dtype) if len(x) == 50])
    for axis in (0, 1, -1):
        got, want = (getattr(m.util, name)(x, axis=axis) for m in (serfast, librosa))
        assert_equal(got, want)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", [
    {"pre_max": 3, "post_max": 3, "pre_avg": 3, "post_avg": 5, "delta": 0.5, "wait": 10},
    {"pre_max": 0, "post_max": 1, "pre_avg": 0, "post_avg": 1, "delta": 0, "wait": 0},
    {"pre_max": 1.2, "post_max": 2.0, "pre_avg": 40, "post_avg": 900, "delta": 0.07, "wait": 1.5},
    {"pre_max": 1000, "post_max": 1000, "pre_avg": 2, "post_avg": 2, "delta": 0.1, "wait": 3},
])  # fmt: skip
def test_picked_peaks_as_librosa(librosa, options, dtype):
    for x in curves(dtype):
        pick = serfast.util.peak_pick
        assert_equal(pick(x, **options), librosa.util.peak_pick(x, **options))
    x = np.stack([x for x in curves(dtype) if len(x) == 50])
    for axis in (0, -1):
        words = options | {"sparse": False, "axis": axis}
        assert_equal(pick(x, **words), librosa.util.peak_pick(x, **words))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_onsets_as_librosa(librosa, kind, dtype):
    y = signal(kind, 40000, 22050, 5).astype(dtype)
    envelope = librosa.onset.onset_strength(y=y)
    for options in (
        {}, {"units": "time"}, {"units": "samples"}, {"normalize": False}, {"sparse": False},
        {"delta": 0.2, "wait": 0}, {"hop_length": 160, "sr": 16000},
    ):  # fmt: skip
        words = options | {"onset_envelope": envelope}
        assert_equal(serfast.onset.onset_detect(**words), librosa.onset.onset_detect(**words))
    if len(serfast.onset.onset_detect(onset_envelope=envelope)):
        for energy in (None, serfast.rms(y=y)[0]):
            words = {"onset_envelope": envelope, "backtrack": True, "energy": energy}
            assert_equal(serfast.onset.onset_detect(**words), librosa.onset.onset_detect(**words))


def test_onsets_of_a_signal_are_where_the_clicks_are():
    y = np.zeros(22050)
    y[[5000, 9000, 17000]] = 1
    found = serfast.onset.onset_detect(y=y, hop_length=128, units="samples")
    assert len(found) == 3
    assert np.all(np.abs(found - [5000, 9000, 17000]) < 1024)


def test_groups_of_bands_as_librosa(librosa):
    y = signal("music", 30000, 22050, 2).astype(float)
    S = np.random.default_rng(0).random((2, 20, 30))
    for words in (
        {"y": y, "channels": [0, 16, 64, 128]},
        {"y": y, "channels": [slice(0, 9), slice(5, 30)], "aggregate": np.median},
        {"y": y, "aggregate": False, "n_mels": 20},
        {"y": y, "feature": librosa.feature.chroma_stft, "tuning": 0.0},
        {"S": S, "lag": 2, "center": False}, {"S": S, "ref": S[:, ::-1]},
        {"S": S, "n_fft": 512, "hop_length": 64, "detrend": True},
        {"S": S, "lag": 40},
    ):  # fmt: skip
        got, want = (m.onset.onset_strength_multi(**words) for m in (serfast, librosa))
        assert got.shape == want.shape
        assert got.dtype == want.dtype
        np.testing.assert_allclose(got, want, atol=1e-6)


def test_backtracking_goes_to_the_minimum_before():
    energy = np.array([5, 3, 4, 9, 2, 2, 7, 1])
    assert serfast.onset.onset_backtrack(np.array([0, 2, 3, 6, 7]), energy).tolist() == [
        0, 1, 1, 5, 5,
    ]  # fmt: skip


def refused(words, call, *args, **options):
    with pytest.raises(serfast.ParameterError, match=words):
        call(*args, **options)


def test_bad_input_is_refused_in_words():
    pick = {"pre_max": 1, "post_max": 1, "pre_avg": 1, "post_avg": 1, "delta": 0, "wait": 0}
    x, onset, util = np.ones(9), serfast.onset, serfast.util
    for name, value in (("pre_max", -1), ("post_max", 0), ("post_avg", None), ("delta", -0.1)):
        refused(f"{name}={value}", util.peak_pick, x, **(pick | {name: value}))
    refused("sparse=True takes one", util.peak_pick, np.ones((2, 9)), **pick)
    refused("not finite", util.peak_pick, np.array([1, np.nan]), **pick)
    refused("no two values", util.localmax, np.ones((1, 9)))
    refused("real numbers", util.localmin, ["a", "b"])
    refused("either y or onset_envelope", onset.onset_detect)
    refused("units='days'", onset.onset_detect, onset_envelope=x, units="days")
    refused("needs sparse=True", onset.onset_detect, onset_envelope=x, backtrack=True, sparse=False)
    refused("onset_envelope must be", onset.onset_detect, onset_envelope="abc")
    refused("lag=0 must be", onset.onset_strength, S=np.ones((3, 4)), lag=0)
    refused("ref has shape", onset.onset_strength, S=np.ones((3, 4)), ref=np.ones((3, 5)))
    refused("not finite", onset.onset_strength, S=np.full((3, 4), np.nan))
    refused("either y or S", onset.onset_strength)
    refused("one or more frames", onset.onset_backtrack, np.array([], dtype=int), x)
    refused("one curve", onset.onset_backtrack, np.array([1]), np.ones((2, 9)))
