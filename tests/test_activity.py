"""Voice activity: the reference, any chunks, and what is a voice."""

from __future__ import annotations

import numpy as np
import pytest

import reference
import serfast
from serfast import ParameterError, VoiceActivity
from serfast.datasets import samples_dir

SR = 16000
CLIPS = sorted(samples_dir().rglob("*.wav"))[:3]


def clip(number=0, sr=SR):
    return serfast.load(CLIPS[number], sr=sr)[0]


def room(seconds, level=0.001, sr=SR):
    """Faint noise."""
    rng = np.random.default_rng(0)
    return level * rng.standard_normal(round(seconds * sr)).astype(np.float32)


def spoken(seconds_before=1.0, seconds_after=1.0):
    """A clip in a quiet room."""
    y = np.pad(clip(), (round(seconds_before * SR), round(seconds_after * SR)))
    return y + room(len(y) / SR)


def seconds_of(voice):
    return np.flatnonzero(voice) * 0.01


@pytest.mark.parametrize(
    "options", [{}, {"threshold": 3.5, "hangover": 0.0}, {"threshold": 20.0, "hangover": 1.0}]
)
@pytest.mark.parametrize("sr", [8000, 16000, 44100])
def test_it_is_the_reference(sr, options):
    y = np.concatenate([clip(0, sr), np.zeros(sr // 4), clip(1, sr) + 0.1, room(5, 0.01, sr)])
    y = y.astype(np.float32)
    expected = reference.voice_activity(y, sr=sr, **options)
    assert 0.1 < expected.mean() < 0.9
    np.testing.assert_array_equal(VoiceActivity(sr=sr, **options)(y), expected)


@pytest.mark.parametrize("size", [1, 7, 160, 1600, "random"])
def test_chunks_change_nothing(size):
    y = spoken(0.3, 0.2)
    detector, rng = VoiceActivity(sr=SR), np.random.default_rng(3)
    stream, decisions, start = detector.stream(), [], 0
    while start < len(y):
        n = int(rng.integers(0, 900)) if size == "random" else size
        decisions += stream.push(y[start : start + n]).tolist()
        start += n
    assert decisions == detector(y).tolist()
    whole = detector.stream()
    whole.push(y)
    assert (stream.level, stream.floor, stream.active) == (whole.level, whole.floor, whole.active)


@pytest.mark.parametrize("n", [0, 1, 319, 320, 479, 480])
def test_there_is_a_decision_for_each_whole_frame(n):
    voice = VoiceActivity(sr=SR)(np.ones(n, np.float32))
    assert voice.dtype == bool
    assert voice.shape == (max(0, 1 + (n - 320) // 160),)


def test_a_voice_is_found_where_it_is():
    voice = VoiceActivity(sr=SR)(spoken())
    assert not voice[:98].any()
    heard = seconds_of(voice)
    end = 1 + len(clip()) / SR
    assert 1.0 <= heard[0] < 1.5
    assert end - 0.5 < heard[-1] < end + 0.4


@pytest.mark.parametrize(
    "y",
    [
        pytest.param(np.zeros(2 * SR, np.float32), id="silence"),
        pytest.param(np.full(2 * SR, 0.5, np.float32), id="offset"),
        pytest.param(room(6), id="room"),
        pytest.param(np.concatenate([room(1), room(3, 0.1)]), id="hiss"),
        pytest.param(np.concatenate([room(1), np.ones(160, "f"), room(1)]), id="click"),
        pytest.param(np.concatenate([np.zeros(SR, "f"), room(2)]), id="device that starts late"),
        pytest.param(
            room(3) + 0.1 * serfast.tone(20, sr=SR, length=3 * SR).astype("f"), id="rumble"
        ),
    ],
)
def test_what_is_no_voice(y):
    assert not VoiceActivity(sr=SR)(y).any()


def test_the_floor_follows_a_noise_within_four_seconds():
    fan = serfast.tone(400, sr=SR, length=8 * SR).astype(np.float32)
    voice = VoiceActivity(sr=SR)(np.concatenate([room(1), 0.05 * fan]))
    assert voice[110:450].all()
    assert not voice[540:].any()


def test_the_hangover_is_that_long():
    y = room(3)
    y[SR : 2 * SR] += serfast.tone(300, sr=SR, length=SR).astype(np.float32)
    ends = [
        seconds_of(VoiceActivity(sr=SR, hangover=hangover)(y))[-1] for hangover in (0, 0.2, 0.5)
    ]
    np.testing.assert_allclose(np.diff(ends), [0.2, 0.3])


def test_a_stream_tells_level_and_floor():
    stream = VoiceActivity(sr=SR).stream()
    assert (stream.level, stream.active, stream.latency) == (-np.inf, False, 320)
    stream.push(room(1))
    assert -63 < stream.floor < stream.level < -58
    stream.push(clip()[: SR // 2] + room(0.5))
    assert stream.active
    assert stream.level > stream.floor + 8


def test_bad_samples_leave_a_stream_as_it_was():
    y = spoken(0.2, 0)
    stream, clean = VoiceActivity(sr=SR).stream(), VoiceActivity(sr=SR).stream()
    for start in range(0, len(y), 1000):
        for bad in (np.nan, np.inf):
            with pytest.raises(ParameterError, match="finite"):
                stream.push(np.array([0.1, bad], np.float32))
        with pytest.raises(ParameterError, match="one axis"):
            stream.push(np.zeros((2, 5)))
        chunk = y[start : start + 1000]
        assert stream.push(chunk).tolist() == clean.push(chunk).tolist()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sr": 4000}, "sr=4000 must be a finite number from 8000 to 384000"),
        ({"threshold": -1}, "threshold=-1 must be a finite number, at least 0"),
        ({"hangover": 11}, "hangover=11 must be a finite number from 0 to 10"),
        ({"hangover": "long"}, "hangover='long' must be a number"),
    ],
)
def test_options_out_of_range(options, words):
    with pytest.raises(ParameterError, match=words):
        VoiceActivity(**options)
