"""Fundamental frequency: known pitches, the path through states, bad input."""

from __future__ import annotations

import re

import numpy as np
import pytest

import serfast
from helpers import assert_same
from signals import signal

SR = 8000
RANGE = {"sr": SR, "fmin": 65.4, "fmax": 2093.0}
BOTH = [serfast.yin, serfast.pyin]


def tone(hz: float, n: int = SR) -> np.ndarray:
    """Pulses at a frequency, with the overtones below half the sampling rate."""
    time = np.arange(n) / SR
    overtones = range(1, int(SR / 2 / hz))
    return 0.2 * sum(np.sin(2 * np.pi * hz * k * time) / k for k in overtones)


def results(function, y, **options):
    """The results of either function, as a tuple."""
    found = function(y, **(RANGE | options))
    return found if isinstance(found, tuple) else (found,)


# ---------------------------------------------------------------- pitches


@pytest.mark.parametrize("hz", [70.0, 110.0, 329.6])
@pytest.mark.parametrize("function", BOTH)
def test_pitch_of_a_tone(function, hz):
    f0 = results(function, tone(hz))[0]
    # A tenth of a semitone is the width of a bin.
    assert np.abs(12 * np.log2(f0[4:-4] / hz)).max() < 0.1


def test_voicing():
    y = np.concatenate([tone(220), np.zeros(SR), signal("noise", SR, SR, 0), tone(440)])
    f0, voiced, prob = serfast.pyin(y, frame_length=1024, hop_length=250, **RANGE)
    seconds = [slice(32 * i + 4, 32 * i + 28) for i in range(4)]
    assert [voiced[part].mean() for part in seconds] == [1, 0, 0, 1]
    assert np.isnan(f0).tolist() == (~voiced).tolist()
    assert prob[seconds[0]].min() > 0.5
    assert prob[seconds[1]].max() == 0


@pytest.mark.parametrize("fill", [0.0, -1.0, np.inf])
def test_unvoiced_frames_are_filled(fill):
    y = np.concatenate([tone(220), np.zeros(SR)])
    guess, voiced, _ = serfast.pyin(y, fill_na=None, **RANGE)
    assert 0 < voiced.mean() < 1
    assert np.all(guess > 65)
    assert_same(serfast.pyin(y, fill_na=fill, **RANGE)[0], np.where(voiced, guess, fill))


# ---------------------------------------------------------------- the same path as librosa's


def leaps() -> np.ndarray:
    return np.concatenate([tone(hz, SR // 2) for hz in (110, 880, 150, 1200, 70)])


@pytest.mark.parametrize(
    "options",
    [
        # Without a change of voicing, and hardly one of pitch, only leaps remain.
        {"switch_prob": 0.0, "max_transition_rate": 2.0},
        {"switch_prob": 0.0, "max_transition_rate": 0.0, "hop_length": 100},
        {"fill_na": None, "resolution": 0.3, "max_transition_rate": 5.0},
        {"boltzmann_parameter": 0.2, "n_thresholds": 20, "beta_parameters": (1, 5)},
    ],
)
@pytest.mark.parametrize(
    "y",
    [leaps(), np.zeros(6000), np.full(6000, 0.3), signal("noise", 8000, SR, 1).astype(float)],
    ids=["leaps", "silence", "constant", "noise"],
)
def test_the_path_is_that_of_a_full_search(y, options):
    librosa = pytest.importorskip("librosa")
    options = RANGE | {"frame_length": 1024} | options
    f0, voiced, prob = serfast.pyin(y, **options)
    expected, flags, probs = librosa.pyin(y, **options)
    np.testing.assert_array_equal(f0, expected)
    np.testing.assert_array_equal(voiced, flags)
    np.testing.assert_allclose(prob, probs, rtol=0, atol=1e-14)


def test_long_paths_are_searched_in_parts():
    # More frames than are kept at once: some of the steps are made a second time.
    librosa = pytest.importorskip("librosa")
    y = np.resize(np.concatenate([leaps(), signal("noise", 3000, SR, 2)]), 8 * SR).astype(float)
    options = RANGE | {"frame_length": 256, "fmin": 80, "hop_length": 16, "resolution": 0.25}
    f0, voiced, _ = serfast.pyin(y, **options)
    expected, flags, _ = librosa.pyin(y, **options)
    assert len(f0) == 4001
    np.testing.assert_array_equal(f0, expected)
    np.testing.assert_array_equal(voiced, flags)


# ---------------------------------------------------------------- the same whatever the call


@pytest.mark.parametrize("function", BOTH)
def test_precision_channels_and_layout_do_not_matter(function):
    y = np.stack([signal("speech", 9000, SR, i) for i in range(6)]).reshape(2, 3, -1)
    together = results(function, y)
    for array in (y.astype(np.float64), np.asfortranarray(y), np.repeat(y, 2, axis=-1)[..., ::2]):
        for one, same in zip(results(function, array), together, strict=True):
            assert_same(one, same)
    for one, channel in zip(results(function, y[1, 2]), together, strict=True):
        assert_same(one, channel[1, 2])
    assert [one.dtype for one in together] == [np.float64, bool, np.float64][: len(together)]


@pytest.mark.parametrize("function", BOTH)
def test_threads_do_not_matter(function, monkeypatch):
    y = signal("speech", 1 << 18, SR, 3)
    monkeypatch.setenv("SERFAST_NUM_THREADS", "1")
    alone = results(function, y)
    monkeypatch.setenv("SERFAST_NUM_THREADS", "3")
    more = results(function, y)
    for one, same in zip(alone, more, strict=True):
        assert_same(one, same)


@pytest.mark.parametrize("mode", ["wrap", "mean", "reflect", "edge"])
def test_padding_is_numpys(mode):
    y = signal("speech", 5000, SR, 4)
    padded = np.pad(y, 1024, mode=mode)
    assert_same(serfast.yin(y, pad_mode=mode, **RANGE), serfast.yin(padded, center=False, **RANGE))


# ---------------------------------------------------------------- bad input


Y = signal("speech", 6000, SR, 0)


def refused(words: str, function, y=Y, **options) -> None:
    with pytest.raises(serfast.ParameterError, match=re.escape(words)):
        function(y, **(RANGE | options))


@pytest.mark.parametrize("function", BOTH)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fmin": None}, "fmin=None and fmax=2093.0 must both be given"),
        ({"fmax": None}, "fmin=65.4 and fmax=None must both be given"),
        ({"fmin": 0}, "fmin=0 must be greater than 0"),
        ({"fmin": np.nan}, "fmin=nan must be a finite number"),
        ({"fmin": "C2"}, "fmin='C2' must be a number"),
        ({"fmin": 2093.0}, "fmin=2093 must be less than fmax=2093"),
        ({"fmax": 4001}, "fmax=4001 must be at most sr / 2 = 4000"),
        ({"sr": 0}, "sr=0 must be greater than 0"),
        ({"fmin": 2}, "fmin=2 has a period of 4000 samples at sr=8000: too long for frame_length="
                      "2048, which must be at least 4002"),
        ({"fmin": 5e-324}, "fmin=4.94066e-324 has a period of inf samples"),
        ({"frame_length": 0}, "frame_length=0 must be a positive integer"),
        ({"frame_length": 1024.0}, "frame_length=1024.0 must be a positive integer"),
        ({"hop_length": 0}, "hop_length=0 must be a positive integer"),
        ({"pad_mode": "nonsense"}, "pad_mode='nonsense'"),
    ],
)  # fmt: skip
def test_bad_options_are_refused(function, options, words):
    refused(words, function, **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_thresholds": 0}, "n_thresholds=0 must be a positive integer"),
        ({"beta_parameters": (2,)}, "beta_parameters=(2,) must be two positive numbers"),
        ({"beta_parameters": (2, 0)}, "beta_parameters=0 must be greater than 0"),
        ({"boltzmann_parameter": 0}, "boltzmann_parameter=0 must be greater than 0"),
        ({"resolution": -0.1}, "resolution=-0.1 must be greater than 0"),
        ({"resolution": 1e-4}, "resolution=0.0001 makes 600017 pitch bins between fmin and fmax"),
        ({"fmin": 2090, "resolution": 0.5}, "resolution=0.5 makes 1 pitch bins"),
        ({"max_transition_rate": -1}, "max_transition_rate=-1 must be a finite number, at least 0"),
        ({"max_transition_rate": 100}, "max_transition_rate=100 octaves per second reach over 771 "
                                       "pitch bins from a frame to the next; there are 601"),
        ({"switch_prob": 1.5}, "switch_prob=1.5 must be a finite number from 0 to 1"),
        ({"no_trough_prob": -0.1}, "no_trough_prob=-0.1 must be a finite number from 0 to 1"),
        ({"fill_na": "none"}, "fill_na='none' must be a number or None"),
    ],
)  # fmt: skip
def test_bad_models_are_refused(options, words):
    refused(words, serfast.pyin, **options)


@pytest.mark.parametrize("function", BOTH)
@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.append(Y, np.float32("nan")), "sample 6000 is not a number"),
        (np.append(np.inf, Y), "sample 0 is infinite"),
        (np.ones(6000, np.int16), "y has dtype int16"),
        (Y.tolist(), "y must be a numpy array of samples, not list"),
        (None, "y must be a numpy array of samples, not NoneType"),
    ],
    ids=["nan", "inf", "int16", "list", "none"],
)
def test_bad_signals_are_refused(function, y, words):
    refused(words, function, y)


@pytest.mark.parametrize("function", BOTH)
def test_signals_shorter_than_a_frame(function):
    refused("2047 samples is too short for one frame of 2048", function, Y[:2047], center=False)
    refused("an empty signal", function, Y[:0], pad_mode="edge")
    for n in (0, 1, 2048):
        assert results(function, Y[:n], center=n < 2048)[0].shape == (1,)


@pytest.mark.parametrize("function", BOTH)
def test_warnings(function):
    with pytest.warns(FutureWarning, match="win_length has no effect") as caught:
        function(Y, win_length=1024, **RANGE)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="less than two periods of fmin=65.4") as caught:
        function(Y, frame_length=200, **RANGE)
    assert caught[0].filename == __file__
