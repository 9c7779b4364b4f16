"""Samples: librosa's tones, blocks of files, crossings, autocorrelation, prediction, companding."""

import numpy as np
import pytest
import soundfile

import serfast
from signals import signal


@pytest.fixture(scope="module")
def librosa():
    return pytest.importorskip("librosa")


def assert_like(got, want, atol=1e-11):
    assert np.shape(got) == np.shape(want)
    assert np.asarray(got).dtype == np.asarray(want).dtype
    np.testing.assert_allclose(got, want, rtol=0, atol=atol * np.max(np.abs(want), initial=1))


@pytest.mark.parametrize(("name", "options"), [
    ("tone", {"frequency": 440, "duration": 0.3}), ("tone", {"frequency": 30, "length": 0}),
    ("tone", {"frequency": 1e3, "sr": 8000, "length": 999, "phi": 0.3}),
    ("chirp", {"fmin": 100, "fmax": 4000, "duration": 0.31}),
    ("chirp", {"fmin": 500, "fmax": 100, "length": 2001, "linear": True, "phi": 1.0, "sr": 8000}),
    ("clicks", {"times": [0.1, 0.5, 0.45]}), ("clicks", {"frames": np.array([0, 20, 21])}),
    ("clicks", {"times": [0.1, 0.5, 3.0], "length": 9000, "click_freq": 500.0}),
    ("clicks", {"frames": [3], "hop_length": 99, "click": np.ones((2, 5)), "sr": 8000}),
])  # fmt: skip
def test_signals_from_scratch_as_librosa(librosa, name, options):
    assert_like(getattr(serfast, name)(**options), getattr(librosa, name)(**options), 1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["speech", "clicks", "noise", "silence", "tone"])
def test_tools_for_samples_as_librosa(librosa, kind, dtype):
    y = signal(kind, 3000, 16000, 3, channels=2).astype(dtype)
    for words in (
        {}, {"pad": False, "zero_pos": False}, {"threshold": 0.01, "axis": 0},
        {"ref_magnitude": np.max, "threshold": 0.1}, {"threshold": 0},
    ):  # fmt: skip
        np.testing.assert_array_equal(
            serfast.zero_crossings(y, **words), librosa.zero_crossings(y, **words)
        )
    near = 1e-9 if dtype is np.float64 else 1e-4
    for words in ({}, {"max_size": 100}, {"axis": 0}, {"max_size": 10**6}):
        assert_like(serfast.autocorrelate(y, **words), librosa.autocorrelate(y, **words), near)
    z = y[0] + 1j * y[1]
    assert_like(serfast.autocorrelate(z), librosa.autocorrelate(z), near)
    for quantize in (True, False):
        x = np.clip(y, -1, 1)
        got = serfast.mu_compress(x, quantize=quantize)
        assert_like(got, librosa.mu_compress(x, quantize=quantize), 1e-6)
        got, want = (m.mu_expand(got, quantize=quantize) for m in (serfast, librosa))
        assert_like(got, want, 1e-6)


@pytest.mark.parametrize("order", [1, 2, 16])
def test_linear_prediction_as_librosa(librosa, order):
    y = signal("noise", 3000, 16000, 3, channels=2).astype(float)
    assert_like(serfast.lpc(y, order=order), librosa.lpc(y, order=order), 1e-9)
    assert_like(serfast.lpc(y.T, order=order, axis=0), librosa.lpc(y.T, order=order, axis=0), 1e-9)
    single = serfast.lpc(y.astype(np.float32), order=order)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, librosa.lpc(y, order=order), atol=1e-5)


def test_prediction_finds_the_filter_that_made_a_signal():
    y = np.zeros(20000)
    noise = np.random.default_rng(0).standard_normal(len(y))
    for t in range(2, len(y)):
        y[t] = 1.5 * y[t - 1] - 0.8 * y[t - 2] + noise[t]
    np.testing.assert_allclose(serfast.lpc(y, order=2), [1, -1.5, 0.8], atol=0.02)


def test_prediction_of_smooth_float32_channels_does_not_lose_digits():
    noise = np.random.default_rng(0).standard_normal((2, 50000))
    y = np.stack([np.convolve(one, np.hanning(9), "same") for one in noise]).astype(np.float32)
    together = serfast.lpc(np.asfortranarray(y), order=6)
    for channel, one in zip(y, together, strict=True):
        np.testing.assert_array_equal(serfast.lpc(channel, order=6), one)
    np.testing.assert_allclose(together, serfast.lpc(y.astype(float), order=6), rtol=1e-6)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("blocks") / "clip.flac"
    soundfile.write(path, signal("speech", 20000, 8000, 1, channels=2).T, 8000)
    return path


@pytest.mark.parametrize("options", [
    {}, {"mono": False}, {"offset": 0.5, "duration": 1.2}, {"fill_value": 0, "dtype": np.float64},
    {"block_length": 1}, {"block_length": 1000}, {"hop_length": 400}, {"duration": 0},
])  # fmt: skip
def test_blocks_as_librosa(librosa, clip, options):
    words = {"block_length": 16, "frame_length": 400, "hop_length": 160} | options
    got, want = (list(m.stream(str(clip), **words)) for m in (serfast, librosa))
    assert len(got) == len(want) > 0
    for ours, theirs in zip(got, want, strict=True):
        assert_like(ours, theirs, 1e-7)


def test_features_of_blocks_are_those_of_the_file(clip):
    frames = {"n_fft": 400, "hop_length": 160, "center": False}
    y, sr = serfast.load(clip, sr=None)
    blocks = serfast.stream(clip, block_length=7, frame_length=400, hop_length=160)
    parts = [serfast.melspectrogram(y=block, sr=sr, n_mels=40, **frames) for block in blocks
             if len(block) >= 400]  # fmt: skip
    whole = serfast.melspectrogram(y=y, sr=sr, n_mels=40, **frames)
    np.testing.assert_allclose(np.hstack(parts), whole, rtol=1e-5)


def blocks(path="x.wav", **words):
    return list(serfast.stream(path, **({"block_length": 1, "frame_length": 4, "hop_length": 2}
                                        | words)))  # fmt: skip


@pytest.mark.parametrize(("words", "call"), [
    ("frequency='a'", lambda: serfast.tone("a", length=3)),
    ("either length or duration", lambda: serfast.tone(440)),
    ("sr=0", lambda: serfast.tone(440, sr=0, length=3)),
    ("fmin=0", lambda: serfast.chirp(fmin=0, fmax=10, length=3)),
    ("either times or frames", lambda: serfast.clicks()),
    ("click_freq=0", lambda: serfast.clicks(times=[1], click_freq=0)),
    ("y must be an array of real", lambda: serfast.zero_crossings("abc")),
    ("threshold=-1", lambda: serfast.zero_crossings(np.zeros(3), threshold=-1)),
    ("y must be an array of numbers", lambda: serfast.autocorrelate(np.zeros(0))),
    ("max_size=0", lambda: serfast.autocorrelate(np.zeros(3), max_size=0)),
    ("order=3 needs more", lambda: serfast.lpc(np.zeros(3), order=3)),
    ("order=0", lambda: serfast.lpc(np.zeros(3), order=0)),
    ("not finite", lambda: serfast.lpc(np.full(9, np.nan), order=3)),
    ("mu=0", lambda: serfast.mu_compress(0.1, mu=0)),
    ("from -1 to 1", lambda: serfast.mu_compress(np.array([2.0]))),
    ("from -1 to 1", lambda: serfast.mu_expand(np.nan, quantize=False)),
    ("block_length=0", lambda: blocks(block_length=0)),
    ("hop_length=5 must be at most", lambda: blocks(hop_length=5)),
    ("offset=-1", lambda: blocks(offset=-1)),
    ("dtype=", lambda: blocks(dtype=np.int16)),
])  # fmt: skip
def test_bad_input_is_refused_in_words(words, call):
    with pytest.raises(serfast.ParameterError, match=words):
        call()


def test_missing_files_are_audio_errors():
    with pytest.raises(serfast.AudioError, match=r"x\.wav"):
        blocks()
