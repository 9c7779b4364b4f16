"""Frames, samples, seconds and weightings: librosa's values and types; bad input."""

import numpy as np
import pytest

import serfast

NUMBERS = [0, 7, -3, 12.75, np.float32(3.5), [0, 1, 4000], [], np.arange(6).reshape(2, 3),
           np.linspace(-2, 90, 11), np.array(5), np.arange(4, dtype=np.int32)]  # fmt: skip
HOPS = [{}, {"hop_length": 160}, {"n_fft": 1025, "hop_length": 441}]
RATES = [{}, {"sr": 16000}, {"sr": 44100.5}]


def assert_like(got, want):
    assert np.shape(got) == np.shape(want)
    assert np.asarray(got).dtype == np.asarray(want).dtype
    np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-11)


@pytest.mark.parametrize(("name", "options"), [
    ("frames_to_samples", HOPS),
    ("samples_to_frames", HOPS),
    ("frames_to_time", [hop | rate for hop in HOPS for rate in RATES]),
    ("time_to_frames", [hop | rate for hop in HOPS for rate in RATES]),
    ("time_to_samples", RATES),
    ("samples_to_time", RATES),
    ("blocks_to_frames", [{"block_length": 16}]),
    ("blocks_to_samples", [{"block_length": 16, "hop_length": 100}]),
    ("blocks_to_time", [{"block_length": 16, "hop_length": 100, "sr": 8000}]),
])  # fmt: skip
def test_times_as_librosa(name, options):
    librosa = pytest.importorskip("librosa")
    for words in options:
        for value in NUMBERS:
            assert_like(
                getattr(serfast, name)(value, **words), getattr(librosa, name)(value, **words)
            )


def test_narrow_frames_do_not_wrap():
    for dtype in (np.int8, np.int16, np.uint8, np.int32):
        frames = np.array([100], dtype)
        for hop in (512, np.int64(512)):
            assert serfast.frames_to_samples(frames, hop_length=hop).tolist() == [51200]
            assert serfast.blocks_to_samples(frames, block_length=3, hop_length=hop)[0] == 153600
            np.testing.assert_allclose(
                serfast.frames_to_time(frames, hop_length=hop), 51200 / 22050, rtol=1e-12
            )
    assert serfast.frames_to_samples(np.float32(14571.254), hop_length=np.int64(441)) == 6425922


def test_frames_of_a_feature_as_librosa():
    librosa = pytest.importorskip("librosa")
    for X in (3, 4.5, np.zeros((12, 40)), np.zeros(7)):
        for words in ({}, {"hop_length": 100}, {"n_fft": 400}):
            assert_like(serfast.samples_like(X, **words), librosa.samples_like(X, **words))
            assert_like(
                serfast.times_like(X, sr=99, **words), librosa.times_like(X, sr=99, **words)
            )
    assert_like(serfast.times_like(np.zeros((12, 40)), axis=0),
                librosa.times_like(np.zeros((12, 40)), axis=0))  # fmt: skip


def test_tempi_as_librosa():
    librosa = pytest.importorskip("librosa")
    for words in ({}, {"hop_length": 160, "sr": 16000}):
        for n in (1, 2, 384):
            assert_like(
                serfast.tempo_frequencies(n, **words), librosa.tempo_frequencies(n, **words)
            )
        for length in (1, 10, 384):
            words = words | {"win_length": length}
            assert_like(serfast.fourier_tempo_frequencies(**words),
                        librosa.fourier_tempo_frequencies(**words))  # fmt: skip


def test_round_trips():
    frames = np.arange(1000)
    for words in ({"hop_length": 160, "sr": 16000}, {"hop_length": 512, "n_fft": 2048}):
        assert np.array_equal(serfast.time_to_frames(serfast.frames_to_time(frames, **words) + 1e-6,
                                                     **words), frames)  # fmt: skip


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.parametrize("kind", ["A", "b", "C", "D", "Z", None])
def test_weightings_as_librosa(kind):
    librosa = pytest.importorskip("librosa")
    hz = np.linspace(0, 24000, 99)
    for values in (hz, [440, 880], np.arange(1, 5)):
        for words in ({}, {"min_db": None}, {"min_db": -20.0}):
            words = words | {"kind": kind}
            assert_like(serfast.frequency_weighting(values, **words),
                        librosa.frequency_weighting(values, **words))  # fmt: skip
    assert_like(serfast.multi_frequency_weighting(hz, kinds=["A", kind]),
                librosa.multi_frequency_weighting(hz, kinds=["A", kind]))  # fmt: skip
    S = np.random.default_rng(0).random((2, 99, 5))
    assert_like(serfast.perceptual_weighting(S, hz, kind=kind, ref=np.max),
                librosa.perceptual_weighting(S, hz, kind=kind, ref=np.max))  # fmt: skip
    assert serfast.frequency_weighting(np.float32(hz), kind=kind).dtype == np.float64
    if kind in ("A", "C"):
        assert_like(serfast.frequency_weighting(1000, kind=kind),
                    librosa.frequency_weighting(1000, kind=kind))  # fmt: skip


@pytest.mark.parametrize(("call", "words"), [
    (lambda: serfast.frames_to_samples("a"), "frames has dtype <U1"),
    (lambda: serfast.frames_to_time([1, np.nan]), "frames is not finite"),
    (lambda: serfast.frames_to_samples(1, hop_length=0), "hop_length=0 must be greater than 0"),
    (lambda: serfast.samples_to_frames(1, hop_length=None), "hop_length=None must be a number"),
    (lambda: serfast.samples_to_time(1, sr=-1), "sr=-1 must be greater than 0"),
    (lambda: serfast.time_to_samples(np.inf), "times is not finite"),
    (lambda: serfast.time_to_frames(1, n_fft=0), "n_fft=0 must be a positive integer"),
    (lambda: serfast.blocks_to_frames(1, block_length=2.5), "block_length=2.5 must be a positive"),
    (lambda: serfast.samples_like(np.zeros(3), axis=1), "axis=1 is not an axis"),
    (lambda: serfast.times_like(-1), "X=-1 must be"),
    (lambda: serfast.tempo_frequencies(0), "n_bins=0 must be a positive integer"),
    (lambda: serfast.fourier_tempo_frequencies(win_length=-1), "win_length=-1 must be"),
    (lambda: serfast.A_weighting("440"), "frequencies has dtype"),
    (lambda: serfast.Z_weighting(440), "frequencies=440 must be an array"),
    (lambda: serfast.frequency_weighting([440], kind="Q"), "kind='Q' must be"),
    (lambda: serfast.perceptual_weighting(np.ones((3, 2)), [1, 2]), r"S has shape \(3, 2\)"),
])  # fmt: skip
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(serfast.ParameterError, match=words):
        call()
