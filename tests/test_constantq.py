"""Constant-Q transforms, their filters and scales, beyond the sweep against librosa."""

from __future__ import annotations

import numpy as np
import pytest

import serfast
from helpers import assert_same, error_over_scale
from serfast import ParameterError
from signals import signal

TRANSFORMS = ("cqt", "vqt", "pseudo_cqt", "hybrid_cqt")
SR = 22050


def music(seconds: float = 1, channels: int = 1) -> np.ndarray:
    return signal("music", int(seconds * SR), SR, 0, channels)


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("pad_mode", ["constant", "reflect", np.pad])
def test_channels_are_transformed_one_by_one(name, pad_mode):
    transform, y = getattr(serfast, name), music(channels=3)
    if callable(pad_mode):
        pad_mode = _repeat_ends
    together = transform(y, sr=SR, pad_mode=pad_mode)
    for channel, alone in zip(y, together, strict=True):
        assert_same(transform(channel, sr=SR, pad_mode=pad_mode), alone)


def _repeat_ends(row, width, _axis, _words):
    row[: width[0]], row[len(row) - width[1] :] = row[width[0]], row[-1 - width[1]]


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_function_pads_like_the_mode_of_the_same_effect(name):
    transform, y = getattr(serfast, name), music()
    assert_same(transform(y, pad_mode=_repeat_ends), transform(y, pad_mode="edge"))


@pytest.mark.parametrize("name", TRANSFORMS)
def test_results_do_not_depend_on_threads(name, monkeypatch):
    transform, y = getattr(serfast, name), music(8)
    monkeypatch.setenv("SERFAST_NUM_THREADS", "1")
    alone = transform(y, sr=SR, hop_length=128)  # as many frames as are worth three threads
    monkeypatch.setenv("SERFAST_NUM_THREADS", "3")
    assert_same(transform(y, sr=SR, hop_length=128), alone)


def test_strides_do_not_matter():
    y = music(channels=2)
    assert_same(serfast.cqt(np.asfortranarray(y)), serfast.cqt(y))
    assert_same(serfast.cqt(y[:, ::2]), serfast.cqt(y[:, ::2].copy()))


@pytest.mark.parametrize("midi", [36, 50, 69, 90])
def test_a_tone_is_highest_in_its_own_bin(midi):
    tone = np.sin(2 * np.pi * serfast.midi_to_hz(midi) * np.arange(SR) / SR)
    for name in TRANSFORMS:
        assert np.abs(getattr(serfast, name)(tone, sr=SR)[:, 20]).argmax() == midi - 24, name


def test_chroma_is_of_the_magnitude_of_the_transform():
    y = music().astype(float)
    C = np.abs(serfast.cqt(y, sr=SR, n_bins=252, bins_per_octave=36, tuning=0.0))
    of_signal = serfast.chroma_cqt(y=y, sr=SR, tuning=0.0)
    assert error_over_scale(serfast.chroma_cqt(C=C, sr=SR), of_signal) < 1e-12
    V = np.abs(serfast.vqt(y, sr=SR, gamma=0, intervals="ji3"))
    of_signal = serfast.chroma_vqt(y=y, sr=SR, intervals="ji3")
    assert error_over_scale(serfast.chroma_vqt(V=V, intervals="ji3"), of_signal) < 1e-12
    chroma = serfast.chroma_cqt(y=y, sr=SR)
    np.testing.assert_array_equal(serfast.tonnetz(chroma=chroma), serfast.tonnetz(y=y, sr=SR))


def test_a_fifth_is_one_step_on_the_circle_of_fifths():
    x, y = serfast.tonnetz(chroma=np.eye(12))[:2]
    turns = np.unwrap(np.arctan2(y, x)[(7 * np.arange(12)) % 12])
    np.testing.assert_allclose(np.abs(np.diff(turns)), np.pi / 6)


@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        ("cqt", {"n_bins": 0}, "n_bins=0"),
        ("cqt", {"hop_length": 0}, "hop_length=0"),
        ("cqt", {"fmin": -1.0}, "fmin=-1.0"),
        ("cqt", {"n_bins": 120}, "half of sr=22050"),
        ("cqt", {"fmin": 1e-300}, "the longest filter has .*e.3.. samples"),
        ("pseudo_cqt", {"filter_scale": 1e300}, "the longest filter has .*e.3.. samples"),
        ("cqt", {"fmin": 1e308}, "n_bins=84 from fmin=1e.308 must not reach beyond"),
        ("hybrid_cqt", {"n_bins": 32768}, "n_bins=32768 from fmin=32.7"),
        ("cqt", {"sparsity": 1.0}, "sparsity=1.0"),
        ("cqt", {"res_type": "nonsense"}, "res_type='nonsense'"),
        ("cqt", {"pad_mode": "wrap"}, "pad_mode='wrap'"),
        ("cqt", {"tuning": "high"}, "tuning='high'"),
        ("cqt", {"tuning": 1e6}, "tuning=1000000.0 must not move fmin"),
        ("vqt", {"intervals": "ji9"}, "intervals='ji9'"),
        ("vqt", {"intervals": []}, r"intervals=\[\]"),
        ("vqt", {"gamma": -1}, "gamma=-1"),
        ("pseudo_cqt", {"filter_scale": 0}, "filter_scale=0"),
        ("hybrid_cqt", {"norm": -3}, "norm=-3"),
    ],
)
def test_wrong_options_are_named(name, wrong, words):
    with pytest.raises(ParameterError, match=words):
        getattr(serfast, name)(music(0.2), **wrong)


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("n_bins", [84, 12])  # 12: decimated before the first octave
def test_what_is_not_finite_is_refused(name, value, n_bins):
    y = music()
    y[-1] = value
    with pytest.raises(ParameterError, match="not finite"):
        getattr(serfast, name)(y, n_bins=n_bins)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "either y or C"),
        ({"C": np.ones((84, 3), complex)}, "C must be real"),
        ({"y": np.ones(9), "bins_per_octave": 13}, "multiple of n_chroma=12"),
        ({"y": np.ones(9), "cqt_mode": "half"}, "cqt_mode='half'"),
        ({"y": np.ones(9), "n_octaves": 0}, "n_octaves=0"),
    ],
)
def test_wrong_chroma_options_are_named(words, said):
    with pytest.raises(ParameterError, match=said):
        serfast.chroma_cqt(**words)


@pytest.fixture(scope="module")
def librosa():
    return pytest.importorskip("librosa")


@pytest.mark.parametrize("intervals", ["equal", "pythagorean", "ji3", "ji5", "ji7", [1, 1.2, 1.7]])
@pytest.mark.parametrize("bins_per_octave", [5, 12, 19])
@pytest.mark.parametrize("sort", [True, False])
def test_scales_are_librosas(librosa, intervals, bins_per_octave, sort):
    words = {
        "n_bins": 40, "fmin": 30.0, "intervals": intervals, "bins_per_octave": bins_per_octave,
        "sort": sort,
    }  # fmt: skip
    expected = librosa.interval_frequencies(**words)
    np.testing.assert_allclose(serfast.interval_frequencies(**words), expected, rtol=1e-14)


@pytest.mark.parametrize("primes", [[3], [3, 5], [3, 5, 7], [5, 11]])
@pytest.mark.parametrize("sort", [True, False])
def test_factors_of_intervals_are_librosas(librosa, primes, sort):
    words = {"bins_per_octave": 17, "sort": sort, "return_factors": True}
    expected = librosa.plimit_intervals(primes=primes, **words)
    assert serfast.plimit_intervals(primes=primes, **words) == expected
    assert serfast.pythagorean_intervals(**words) == librosa.pythagorean_intervals(**words)


def test_frequencies_of_bins_are_librosas(librosa):
    words = {"fmin": 55.0, "bins_per_octave": 24, "tuning": 0.3}
    expected = librosa.cqt_frequencies(60, **words)
    np.testing.assert_allclose(serfast.cqt_frequencies(60, **words), expected, rtol=1e-15)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"gamma": None},
        {"gamma": 20, "window": "hamming"},
        {"norm": 2, "window": ("kaiser", 6.0)},
        {"pad_fft": False, "filter_scale": 0.5},
        {"dtype": np.complex128, "norm": None, "alpha": 0.05, "mode": "edge"},
    ],
)
def test_wavelets_are_librosas(librosa, words):
    words = {"freqs": serfast.cqt_frequencies(50, fmin=65.0), "sr": SR} | words
    for got, expected in zip(
        serfast.filters.wavelet(**words), librosa.filters.wavelet(**words), strict=True
    ):
        assert got.dtype == expected.dtype
        assert error_over_scale(got, expected) < 1e-7
    lengths = {
        name: words[name] for name in words if name not in ("pad_fft", "dtype", "norm", "mode")
    }
    for got, expected in zip(
        serfast.filters.wavelet_lengths(**lengths),
        librosa.filters.wavelet_lengths(**lengths),
        strict=True,
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize("window", ["hann", "parzen", "triangle", "tukey", ("kaiser", 4.0), 3.0])
def test_bandwidths_of_windows_are_librosas(librosa, window):
    expected = librosa.filters.window_bandwidth(window)
    assert serfast.filters.window_bandwidth(window) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"fmin": 40.0},
        {"base_c": False},
        {"n_chroma": 24, "bins_per_octave": 24},
        {"bins_per_octave": 36, "fmin": 30.0},
        {"bins_per_octave": 36, "window": np.array([0.2, 1, 0.2])},
        {"n_chroma": 36, "bins_per_octave": 36, "fmin": 50.0, "dtype": np.float64},
    ],
)
def test_chroma_weights_are_librosas(librosa, words):
    got, expected = (m.filters.cq_to_chroma(84, **words) for m in (serfast, librosa))
    assert_same(got, expected)


@pytest.mark.parametrize("norm", [np.inf, -np.inf, 0, 1, 2, 0.5, None])
@pytest.mark.parametrize("axis", [0, -1, None])
@pytest.mark.parametrize("fill", [None, False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_normalize_is_librosas(librosa, norm, axis, fill, dtype):
    S = (10 * np.random.default_rng(0).standard_normal((4, 5))).astype(dtype)
    S[:, 2] = 0
    words = {"norm": norm, "axis": axis, "fill": fill, "threshold": 1.0}
    if norm == 0 and fill:
        with pytest.raises(ParameterError, match="fill=True"):
            serfast.util.normalize(S, **words)
        return
    with np.errstate(all="ignore"):
        expected = librosa.util.normalize(S, **words)
    got = serfast.util.normalize(S, **words)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-6)
