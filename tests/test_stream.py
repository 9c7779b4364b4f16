"""Streams: the frames of the whole signal, bit for bit, however it is cut into chunks."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import FRAMEWISE, OF_PERIODS, SR, assert_same, speech
from serfast import Extractor, ParameterError

# What makes the features independent of what is still to come.
STREAMABLE = {
    "log_mel": {"top_db": None, "n_mels": 40},
    "mfcc": {"top_db": None, "n_mels": 40},
    "chroma_stft": {"tuning": 0.0},
    "spectral_contrast": {"top_db": None, "n_bands": 4},
}
FRAMES = {
    "centred": {},
    "odd": {"length": 255, "hop_length": 100},
    "overlapping much": {"hop_length": 7},
    "with gaps": {"hop_length": 611},
    "with gaps wider than a block": {"length": 16, "hop_length": 300},
    "reflect": {"pad_mode": "reflect"},
    "reflect, every sample": {"pad_mode": "reflect", "hop_length": 1, "length": 32},
    "symmetric": {"pad_mode": "symmetric", "length": 511},
    "edge": {"pad_mode": "edge"},
    "linear_ramp": {"pad_mode": "linear_ramp"},
    "not centred": {"center": False},
    "not centred, with gaps": {"center": False, "hop_length": 1000},
    "a prime": {"length": 251, "hop_length": 64},
}
LENGTHS = (0, 1, 2, 100, 128, 129, 256, 257, 1400, 4001)


def extractor(features, length=256, **options):
    """An Extractor whose features all have frames of this length, and go in a stream."""
    if isinstance(features, str):
        features = [features]
    known = Extractor(features).config["options"]
    options = {"n_fft": length, "frame_length": length, "hop_length": 64} | options
    own = {
        name: {key: value for key, value in options.items() if key in known[name]}
        | STREAMABLE.get(name, {})
        for name in features
    }
    if length < 64 and "spectral_contrast" in own:
        own["spectral_contrast"] |= {"n_bands": 1, "fmin": 2000.0}
    for name in own:
        if length < 255 and name in ("log_mel", "mfcc", "melspectrogram"):
            own[name] |= {"n_mels": 4, "htk": True}
        if name in OF_PERIODS:  # two of the longest fit in
            own[name] |= {"fmin": 2.5 * SR / length, "fmax": 5 * SR / length}
    return Extractor(features, sr=SR, **own)


def cut(y, size, seed=0):
    """Chunks of y: of one size, or of random ones, some of them empty."""
    rng = np.random.default_rng(seed)
    start = 0
    while start < len(y):
        n = int(rng.integers(0, 700)) if size == "random" else size
        yield y[start : start + n]
        start += n


def frames_of(fx, chunks):
    """All frames of a stream as `fx` gives them, or why there are none."""
    stream = fx.stream()
    frames = []
    for chunk in chunks:
        frames += stream.push(chunk)
    try:
        frames += stream.flush()
    except ParameterError as error:
        return str(error)
    return np.array(frames, np.float32).reshape(-1, len(fx.names)).T


def offline(fx, y):
    try:
        return fx(y)
    except ParameterError as error:
        return str(error)


def check(fx, y, chunks):
    actual, expected = frames_of(fx, chunks), offline(fx, y)
    if isinstance(expected, str):
        assert actual == expected
    else:
        assert_same(actual, expected)


# ---------------------------------------------------------------- bit for bit


@pytest.mark.parametrize("frames", FRAMES)
@pytest.mark.parametrize("feature", FRAMEWISE)
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_stream_is_the_whole_signal_in_any_chunks(feature, frames):
    fx = extractor(feature, **FRAMES[frames])
    for n in LENGTHS:
        y = speech(n, seed=n)
        for size in (1, 160, SR, "random"):
            if size != 1 or n < 2000:
                check(fx, y, cut(y, size, seed=n))


@pytest.mark.parametrize("size", [1, 160, SR, "random"])
@pytest.mark.parametrize("options", [{}, {"hop_length": 160, "n_fft": 400}, {"center": False}])
def test_default_frames_of_all_features_together(options, size):
    own = {name: STREAMABLE[name] for name in STREAMABLE}
    fx = Extractor(FRAMEWISE, sr=SR, **options, **own)
    y = speech(3000 if size == 1 else 3 * SR + 77)
    check(fx, y, cut(y, size))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    length=st.integers(2, 600), hop_length=st.integers(1, 900), center=st.booleans(),
    pad_mode=st.sampled_from(["constant", "reflect", "edge", "symmetric", "linear_ramp"]),
    feature=st.sampled_from(["melspectrogram", "rms", "zero_crossing_rate"]),
    chunks=st.lists(st.integers(0, 1500), max_size=12),
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_any_frames_any_chunks(length, hop_length, center, pad_mode, feature, chunks):
    options = {"hop_length": hop_length, "center": center, "pad_mode": pad_mode}
    fx = extractor(feature, length, **options)
    edges = np.cumsum(chunks, dtype=int)
    y = speech(int(sum(chunks)))
    check(fx, y, np.split(y, edges[:-1]))


def test_features_with_frames_of_different_lengths():
    fx = Extractor(
        ["mfcc", "rms", "zero_crossing_rate"], sr=SR, hop_length=160, n_fft=512,
        frame_length=2048, mfcc={"top_db": None, "pad_mode": "reflect"},
    )  # fmt: skip
    y = speech(9000)
    check(fx, y, cut(y, 160))
    assert fx.stream().latency == 1024


def test_float64_and_strided_chunks():
    fx = extractor("mfcc")
    y = speech(4000)
    check(fx, y, (chunk.astype(np.float64) for chunk in cut(y, 333)))
    check(fx, y[::2], cut(y[::2], 333))


# ---------------------------------------------------------------- when frames come


@pytest.mark.parametrize(
    ("options", "latency"),
    [
        ({}, 128),
        ({"length": 255}, 128),
        ({"center": False}, 256),
        ({"hop_length": 700}, 128),
        ({"pad_mode": "edge"}, 128),
    ],
)
@pytest.mark.parametrize("feature", ["mfcc", "rms"])
def test_a_frame_comes_with_the_last_sample_that_it_waits_for(feature, options, latency):
    stream = extractor(feature, **options).stream()
    assert stream.latency == latency
    hop = options.get("hop_length", 64)
    for n, sample in enumerate(speech(1500), start=1):
        complete = (n - latency) // hop + 1 if n >= latency else 0
        before = (n - 1 - latency) // hop + 1 if n > latency else 0
        assert len(stream.push(np.array([sample]))) == complete - before


def test_reflection_at_the_start_waits_for_one_sample_more():
    stream = extractor("mfcc", pad_mode="reflect").stream()
    assert [len(stream.push(speech(n))) for n in (128, 1)] == [0, 1]


def test_frames_do_not_depend_on_chunks_that_come_later():
    stream = extractor("rms").stream()
    frames = stream.push(speech(1000))
    copies = [frame.copy() for frame in frames]
    stream.push(-speech(1000))
    for frame, copy in zip(frames, copies, strict=True):
        assert_same(frame, copy)


# ---------------------------------------------------------------- what goes wrong


def test_a_bad_chunk_changes_nothing():
    fx = extractor(["mfcc", "rms"])
    y = speech(5000)
    stream = fx.stream()
    frames = stream.push(y[:1000])
    bad = y[1000:3000].copy()
    bad[77] = np.nan
    refused = {
        "sample 1077 is not a number": bad,
        r"int16.*astype": np.ones(100, np.int16),
        r"one axis, time, not shape \(2, 100\)": np.zeros((2, 100)),
        "not list": [0.0, 1.0],
    }
    for words, chunk in refused.items():
        with pytest.raises(ParameterError, match=words):
            stream.push(chunk)
    assert stream.push(y[:0]) == []
    frames += stream.push(y[1000:]) + stream.flush()
    assert_same(np.stack(frames, axis=1), fx(y))


def test_after_the_end_nothing_comes():
    for stream in (extractor("rms").stream(), Extractor("rms", pool="mean").stream(window=1)):
        stream.push(speech(1000))
        stream.flush()
        for call in (stream.flush, lambda stream=stream: stream.push(speech(10))):
            with pytest.raises(ParameterError, match=r"stream has ended: after flush\(\) a new"):
                call()


def test_a_signal_too_short_to_end_may_go_on():
    fx = extractor("rms", center=False)
    stream = fx.stream()
    stream.push(speech(100))
    with pytest.raises(ParameterError, match="100 samples is too short for one frame of 256"):
        stream.flush()
    assert len(stream.push(speech(256)[100:])) == 1
    assert stream.flush() == []


REFUSED = {
    "mfcc": (["rms", "mfcc"], {}, {}, "mfcc depends on the whole signal.*set its top_db=None"),
    "chroma": (["chroma_stft"], {}, {}, "chroma_stft depends on.*such as tuning=0.0"),
    "contrast": (["spectral_contrast"], {}, {}, "contrast depends on.*top_db=None, or linear"),
    "tonnetz": (["rms", "tonnetz"], {}, {}, "tonnetz depends on the whole signal.*not have$"),
    "hops": (
        ["rms", "zero_crossing_rate"], {"rms": {"hop_length": 256}}, {},
        "as many frames of zero_crossing_rate as of rms: the same hop_length",
    ),
    "lengths": (
        ["melspectrogram", "rms"], {"n_fft": 512, "center": False}, {},
        "without center=True the same frame length",
    ),
    "window": (["rms"], {}, {"window": 1.0}, "window=1.0 is of use with statistics only: set pool"),
    "no window": (["rms"], {"pool": "mean"}, {}, r"pool=\['mean'\] of a stream needs a window"),
    "no time": (["rms"], {"pool": "mean"}, {"window": 0}, "window=0 must be greater than 0"),
    "no number": (["rms"], {"pool": "mean"}, {"window": "1 s"}, "window='1 s' must be a number"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_say_what_to_do(case):
    features, options, arguments, words = REFUSED[case]
    fx = Extractor(features, sr=SR, **options)
    with pytest.raises(ParameterError, match=words):
        fx.stream(**arguments)


@pytest.mark.parametrize("feature", FRAMEWISE)
def test_every_feature_goes_in_a_stream(feature):
    assert Extractor(feature, **STREAMABLE.get(feature, {})).stream().push(speech(0)) == []
    if feature in STREAMABLE:
        with pytest.raises(ParameterError, match=f"{feature} depends on the whole signal"):
            Extractor(feature).stream()


def test_linear_contrast_needs_no_whole_signal():
    fx = Extractor("spectral_contrast", sr=SR, linear=True)
    y = speech(9000)
    check(fx, y, cut(y, 1000))


# ---------------------------------------------------------------- threads and memory


def test_two_streams_of_one_extractor_in_two_threads():
    fx = extractor(["mfcc", "rms", "zero_crossing_rate"])
    signals = [speech(40000, seed) for seed in range(2)]
    got = [None, None]

    def run(i):
        got[i] = frames_of(fx, cut(signals[i], "random", seed=i))

    workers = [threading.Thread(target=run, args=(i,)) for i in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for y, frames in zip(signals, got, strict=True):
        assert_same(frames, fx(y))


def test_threads_may_share_a_stream():
    fx = extractor("rms")
    stream = fx.stream()
    chunk = np.ones(160, np.float32)
    counts = []

    def run():
        counts.extend(len(stream.push(chunk)) for _ in range(500))

    workers = [threading.Thread(target=run) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) + len(stream.flush()) == 1 + 4 * 500 * 160 // 64


def test_memory_does_not_grow():
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("resident memory is read from Linux's /proc")

    def resident():
        return int(statm.read_text().split()[1]) * 4096

    options = {"sr": SR, "hop_length": 8000, "frame_length": 256}
    chunk = speech(SR)
    for stream in (
        Extractor("rms", **options).stream(),
        Extractor("rms", pool="median", **options).stream(window=60),
    ):
        for _ in range(120):
            stream.push(chunk)
        before = resident()
        for _ in range(1800):  # 115 MB, were it kept
            stream.push(chunk)
        assert resident() - before < 10e6


# ---------------------------------------------------------------- statistics of a window

STATISTICS = ["mean", "std", "min", "max", "median", "p10", "slope", "skewness", "kurtosis",
              "delta_mean", "delta_std"]  # fmt: skip


def pooled(features, **options):
    own = {name: STREAMABLE[name] for name in STREAMABLE if name in features}
    return Extractor(features, sr=SR, pool=STATISTICS, **options, **own)


@pytest.mark.parametrize("size", [1, 160, SR, "random"])
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_a_window_longer_than_the_signal_holds_all_of_it(size):
    y = speech(2000 if size == 1 else 2 * SR)
    for fx in (pooled(FRAMEWISE), pooled(["rms", "mfcc"], hop_length=16, n_fft=64)):
        stream = fx.stream(window=3)
        for chunk in cut(y, size):
            stream.push(chunk)
        assert_same(stream.flush(), fx(y))


def test_a_window_holds_the_last_frames():
    fx = pooled(["rms", "zero_crossing_rate"], hop_length=100, frame_length=100, center=False)
    y = speech(20000)
    stream = fx.stream(window=0.25)  # 40 frames
    for n in range(333, 20000, 333):
        values = stream.push(y[n - 333 : n])
        whole = y[: n // 100 * 100]
        assert_same(values, fx(whole[-4000:]))


def test_the_window_does_not_depend_on_chunks():
    fx = pooled(["mfcc", "rms"], hop_length=160)
    y = speech(2 * SR)
    now, at_end = [], []
    for size in (160, 1777, SR, "random"):
        stream = fx.stream(window=0.5)
        for chunk in cut(y, size):
            values = stream.push(chunk)
        now.append(values)
        at_end.append(stream.flush())
    for found in (now, at_end):
        for values in found[1:]:
            assert_same(values, found[0])
    rows = Extractor(fx.features, sr=SR, hop_length=160, mfcc=STREAMABLE["mfcc"])(y)[:, -50:]
    columns = dict(zip(fx.names, at_end[0], strict=True))
    means = [columns[f"{name}_mean"] for name in Extractor(fx.features).names]
    np.testing.assert_allclose(means, rows.mean(axis=1), rtol=1e-5, atol=1e-5)


def test_no_frame_yet_is_no_number():
    fx = pooled(["rms", "zero_crossing_rate"])
    stream = fx.stream(window=1)
    values = stream.push(speech(1023))
    assert values.shape == (len(fx.names),)
    assert np.isnan(values).all()
    assert np.isfinite(stream.push(speech(1))).all()


def test_a_window_holds_at_least_one_frame():
    fx = Extractor("rms", sr=SR, pool="mean", frame_length=64, hop_length=64, center=False)
    stream = fx.stream(window=1e-6)
    assert_same(stream.push(speech(640)), fx(speech(640)[-64:]))
