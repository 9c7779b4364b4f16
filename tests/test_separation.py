"""Harmonic and percussive parts: medians are scipy's, masks share out, short input works."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import median_filter

import serfast
from helpers import assert_same, error_over_scale, speech

EXACT = {np.float32: 1e-6, np.float64: 1e-14}
Y = speech(30000)
D = serfast.stft(Y.astype(float), n_fft=512)


def spectrogram(bins, frames, dtype=np.float64):
    return np.random.default_rng(bins * frames).random((bins, frames)).astype(dtype)


def no_change(_vector, _widths, _axis, _options):
    """Padding by a function, which numpy.pad lets begin with zeros."""


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [*range(1, 65), 101, 257])
def test_medians_are_those_of_scipy(size, dtype):
    # More frames than the window spans, so that scipy stays inside of the array.
    S = spectrogram(33, 70, dtype)
    along_time, along_frequency = (
        median_filter(S, size=shape, mode="reflect") for shape in ((1, size), (size, 1))
    )
    # A window of 1 leaves S itself as the other part.
    mask, _ = serfast.decompose.hpss(S, kernel_size=(size, 1), power=1, mask=True)
    np.testing.assert_allclose(mask, along_time / (along_time + S), atol=EXACT[dtype], rtol=0)
    _, mask = serfast.decompose.hpss(S, kernel_size=(1, size), power=1, mask=True)
    np.testing.assert_allclose(
        mask, along_frequency / (along_frequency + S), atol=EXACT[dtype], rtol=0
    )


@pytest.mark.parametrize("frames", [1, 2, 3, 15, 16, 17, 33])
def test_short_spectrograms_are_mirrored_again_and_again(frames):
    S = spectrogram(20, frames)
    wide = np.pad(S, [(0, 0), (64, 64)], mode="symmetric")
    parts, of_wide = (serfast.decompose.hpss(one, kernel_size=(31, 5)) for one in (S, wide))
    for part, other in zip(parts, of_wide, strict=True):
        assert_same(part, other[:, 64:-64])


@pytest.mark.parametrize("power", [0.5, 1, 2, 3.7])
def test_masks_share_out_everything(power):
    masks = serfast.decompose.hpss(D, power=power, mask=True)
    np.testing.assert_allclose(sum(masks), 1, atol=1e-14)
    assert all(mask.min() >= 0 and mask.max() <= 1 for mask in masks)


def test_hard_masks_are_all_or_nothing():
    harmonic, percussive = serfast.decompose.hpss(D, power=np.inf, mask=True)
    assert harmonic.dtype == percussive.dtype == bool
    assert not np.any(harmonic & percussive)


def test_margins_leave_a_rest():
    harmonic, percussive = serfast.decompose.hpss(np.abs(D), margin=(1.0, 5.0))
    assert np.all(harmonic + percussive <= np.abs(D))
    assert_same(harmonic, serfast.decompose.hpss(np.abs(D), margin=(1.0, 9.0))[0])


def test_nothing_is_shared_equally():
    masks = serfast.decompose.hpss(np.zeros((9, 9)), mask=True)
    assert all(np.all(mask == 0.5) for mask in masks)
    masks = serfast.decompose.hpss(np.zeros((9, 9)), mask=True, margin=2.0)
    assert all(np.all(mask == 0) for mask in masks)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 300, 512, 5000, 30000])
@pytest.mark.parametrize(
    "options",
    [
        {"window": "hamming"}, {"hop_length": 700}, {"center": False, "kernel_size": (9, 40)},
        {"mask": True}, {"pad_mode": no_change}, {"margin": (2.0, 3.0)},
    ],
    ids=lambda options: " ".join(options),  # a function's text has its address, which differs
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:n_fft=.* is too large")
def test_parts_of_a_signal_are_those_of_its_spectra(options, n, dtype):
    if options.get("center") is False and n < 512:
        return
    y = Y[:n].astype(dtype)
    names = ("kernel_size", "margin", "mask")
    separation = {name: options[name] for name in names if name in options}
    frame = {"n_fft": 512} | {name: options[name] for name in options if name not in names}
    spectra = serfast.decompose.hpss(serfast.stft(y, **frame), **separation)
    frame.pop("pad_mode", None)
    parts = serfast.effects.hpss(y, n_fft=512, **options)
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    for part, bins in zip(parts, spectra, strict=True):
        expected = serfast.istft(bins, dtype=dtype, length=n, **frame)
        assert part.dtype == dtype
        assert error_over_scale(part, expected) < tolerance or not options.get("center", True)
        inside = slice(256, n - 256)
        assert error_over_scale(part[inside], expected[inside]) < tolerance


def test_the_parts_alone_are_the_same():
    harmonic, percussive = serfast.effects.hpss(Y)
    assert_same(serfast.effects.harmonic(Y), harmonic)
    assert_same(serfast.effects.percussive(Y), percussive)


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads_change_nothing(threads, monkeypatch):
    y = speech(1 << 18)
    monkeypatch.setenv("SERFAST_NUM_THREADS", "1")
    parts, masks = serfast.effects.hpss(y), serfast.decompose.hpss(serfast.stft(y))
    monkeypatch.setenv("SERFAST_NUM_THREADS", str(threads))
    for one, other in zip(parts, serfast.effects.hpss(y), strict=True):
        assert_same(other, one)
    for one, other in zip(masks, serfast.decompose.hpss(serfast.stft(y)), strict=True):
        assert_same(other, one)


def test_channels_are_apart_and_any_layout_is_read():
    y = speech(20000, channels=4).reshape(2, 2, 20000)
    got = serfast.effects.harmonic(y)
    assert_same(got[1, 0], serfast.effects.harmonic(y[1, 0]))
    spread = np.repeat(y, 2, axis=-1)[..., ::2]
    assert_same(serfast.effects.harmonic(spread), got)
    S = np.abs(serfast.stft(y))
    masks = serfast.decompose.hpss(np.asfortranarray(S), mask=True)
    assert_same(masks[0][0, 1], serfast.decompose.hpss(S[0, 1], mask=True)[0])


def test_input_stays_as_it_is():
    y, S = Y.copy(), np.abs(D)
    before = S.copy()
    serfast.effects.hpss(y)
    serfast.decompose.hpss(S)
    assert_same(y, Y)
    assert_same(S, before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, int])
@pytest.mark.parametrize("power", [1, 2, 0.5, np.inf])
@pytest.mark.parametrize("split_zeros", [False, True])
def test_a_soft_mask_is_that_of_librosa(split_zeros, power, dtype):
    softmask = pytest.importorskip("librosa").util.softmask
    X, reference = (10 * np.random.default_rng(0).random((2, 9, 9))).astype(dtype)
    X[0], reference[0] = 0, 0
    expected = softmask(X, reference, power=power, split_zeros=split_zeros)
    got = serfast.util.softmask(X, reference, power=power, split_zeros=split_zeros)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=0, atol=EXACT[np.float32])


@pytest.mark.parametrize(
    ("words", "X", "options"),
    [
        (r"X has shape \(3,\) and X_ref \(2,\)", np.ones(3), {}),
        ("must be non-negative", np.array([1.0, -1.0]), {}),
        ("must be non-negative", np.array([1.0, np.nan]), {}),
        ("power=0 must be", np.ones(2), {"power": 0}),
    ],
)
def test_wrong_masks_are_refused(words, X, options):
    with pytest.raises(serfast.ParameterError, match=words):
        serfast.util.softmask(X, np.ones(2), **options)


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("kernel_size=0 must be a positive integer", {"kernel_size": 0}),
        ("kernel_size=2.5 must be a positive integer", {"kernel_size": (31, 2.5)}),
        (r"kernel_size=\(1, 2, 3\) must be one number or a pair", {"kernel_size": (1, 2, 3)}),
        ("margin=0.5 must be a finite number, at least 1", {"margin": 0.5}),
        ("margin='a' must be a number", {"margin": [1.0, "a"]}),
        ("power=0 must be a number greater than 0", {"power": 0}),
        ("power=nan must be a number greater than 0", {"power": np.nan}),
        ("power='a' must be a number greater than 0", {"power": "a"}),
    ],
)
def test_wrong_options_are_refused(words, options):
    for call in (lambda: serfast.decompose.hpss(D, **options),
                 lambda: serfast.effects.harmonic(Y, **options)):  # fmt: skip
        with pytest.raises(serfast.ParameterError, match=words):
            call()


@pytest.mark.parametrize(
    ("words", "S"),
    [
        ("only defined for non-negative S", -np.ones((4, 4))),
        ("not finite everywhere", np.full((4, 4), np.nan)),
        ("not finite everywhere", np.full((4, 4), np.inf + 1j)),
        ("must have shape", np.ones(4)),
    ],
)
def test_wrong_spectrograms_are_refused(words, S):
    with pytest.raises(serfast.ParameterError, match=words):
        serfast.decompose.hpss(S)


@pytest.mark.parametrize("part", ["hpss", "harmonic", "percussive"])
@pytest.mark.parametrize(
    ("words", "y"),
    [
        ("sample 70 is not a number", np.where(np.arange(9000) == 70, np.nan, 0.0)),
        ("y has dtype int16", np.ones(9000, np.int16)),
        ("not list", [0.0] * 9000),
    ],
)
def test_wrong_signals_are_refused(part, words, y):
    with pytest.raises(serfast.ParameterError, match=words):
        getattr(serfast.effects, part)(y)
