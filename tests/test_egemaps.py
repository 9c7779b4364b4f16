"""egemaps-like-v1: agreement with its specification, properties, and the named set."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import soundfile

import reference
import serfast
from helpers import SR, assert_same, speech
from serfast import Extractor, ParameterError
from signals import KINDS, signal

EGEMAPS = Extractor.preset("egemaps-like-v1")
F0 = "F0semitoneFrom27.5Hz_sma3nz"


def columns(y):
    return dict(zip(EGEMAPS.names, serfast.egemaps_like(y=y, sr=SR), strict=True))


def pulses(periods, heights=None):
    """Smooth pulses in a little noise, the first in the middle of a period."""
    at = 40 + np.cumsum(periods)
    t = np.arange(int(at[-1] + periods[-1]))
    y = 1e-3 * np.random.default_rng(0).standard_normal(len(t))
    heights = np.ones(len(at)) if heights is None else heights
    for position, height in zip(at, heights, strict=True):
        near = slice(max(0, int(position) - 40), int(position) + 41)
        y[near] += 0.3 * height * np.exp(-0.5 * ((t[near] - position) / 4) ** 2)
    return y - y.mean()


# ---------------------------------------------------------------- the specification


@pytest.mark.parametrize("kind", KINDS)
def test_columns_are_their_definition(kind):
    y = signal(kind, 12000, SR, seed=5)
    _assert_close(serfast.egemaps_like(y=y.astype(float), sr=SR), y)


@pytest.mark.parametrize("seed", range(4))
def test_columns_of_speech_are_their_definition(seed):
    y = speech(20000 + 777 * seed, seed=seed)
    _assert_close(serfast.egemaps_like(y=y.astype(float), sr=SR), y)


@pytest.mark.parametrize("n", [960, 961, 1119, 1120, 2000, 3333])
def test_short_clips_are_their_definition(n):
    _assert_close(serfast.egemaps_like(y=speech(n).astype(float), sr=SR), speech(n))


def _assert_close(values, y):
    expected = reference.egemaps_like(y=y.astype(float))
    far = np.abs(values - expected) / np.maximum(np.abs(expected), 1e-3)
    worst = {EGEMAPS.names[i]: (values[i], expected[i]) for i in np.flatnonzero(far > 1e-6)}
    assert not worst


def test_the_precision_of_the_input_changes_nothing():
    y = speech(20000)
    double = serfast.egemaps_like(y=y.astype(float), sr=SR)
    assert_same(serfast.egemaps_like(y=y, sr=SR), double.astype(np.float32))
    channels = np.stack([y, y[::-1]])
    assert_same(serfast.egemaps_like(y=channels, sr=SR)[0], double.astype(np.float32))


# ---------------------------------------------------------------- properties


@pytest.mark.parametrize("hz", [90, 131, 220, 350, 523])
def test_pitch_of_tones(hz):
    t = np.arange(SR) / SR
    rich = sum(np.sin(2 * np.pi * hz * h * t) / h for h in range(1, 8)) / 4
    semitones = 12 * np.log2(hz / 27.5)
    for tone in (np.sin(2 * np.pi * hz * t) / 2, rich):
        found = columns(tone)
        assert abs(found[F0 + "_percentile50.0"] - semitones) < 0.15
        assert found[F0 + "_pctlrange0-2"] < 0.1
    assert found["MeanVoicedSegmentLengthSec"] > 0.9
    assert found["MeanUnvoicedSegmentLength"] == 0


def test_formants_of_a_vowel():
    truth = ((700, 60), (1220, 70), (2600, 110), (3500, 150), (4500, 200))
    y = np.zeros(19200)
    y[::136] = 1
    for hz, bandwidth in truth:
        radius, angle = np.exp(-np.pi * bandwidth / SR), 2 * np.pi * hz / SR
        a1, a2 = -2 * radius * np.cos(angle), radius**2
        out, one, two = np.empty_like(y), 0.0, 0.0
        for i, x in enumerate(y):
            one, two = x - a1 * one - a2 * two, one
            out[i] = one
        y = out
    y *= 0.3 / np.abs(y).max()
    found = columns(y)
    for number, (hz, _) in enumerate(truth[:3], start=1):
        assert abs(found[f"F{number}frequency_sma3nz_amean"] - hz) < 0.03 * hz
        assert found[f"F{number}bandwidth_sma3nz_amean"] < 200


@pytest.mark.parametrize("deviation", [0.0, 0.01, 0.02])
def test_jitter_of_pulses(deviation):
    periods = 120 * (1 + deviation * np.random.default_rng(0).standard_normal(200))
    expected = np.mean(np.abs(np.diff(periods))) / np.mean(periods)
    found = columns(pulses(periods))["jitterLocal_sma3nz_amean"]
    assert abs(found - expected) < 0.001 + 0.05 * expected


@pytest.mark.parametrize("change", [0.0, 0.05, 0.15])
def test_shimmer_of_pulses(change):
    y = pulses(np.full(200, 120.0), 1 + change * np.resize([1, -1], 200))
    expected = 20 * np.log10(1 + 2 * change)
    assert abs(columns(y)["shimmerLocaldB_sma3nz_amean"] - expected) < 0.1 + 0.1 * expected


def test_noise_lowers_the_harmonics_to_noise_ratio():
    y = pulses(np.full(200, 120.0))
    noise = np.random.default_rng(0).standard_normal(len(y)) * y.std()
    name = "HNRdBACF_sma3nz_amean"
    clean, weak, strong = (columns(y + noise * level)[name] for level in (0, 0.1, 0.3))
    assert clean > weak > strong
    assert abs(strong - 20 * np.log10(1 / 0.3)) < 4


def test_slopes_of_a_sloping_spectrum():
    rng = np.random.default_rng(1)
    spectrum = np.fft.rfft(rng.standard_normal(4 * SR))
    hz = np.fft.rfftfreq(4 * SR, 1 / SR)
    y = np.fft.irfft(spectrum * 10 ** (-0.02 * np.minimum(hz, 2500) / 20))
    found = columns(0.1 * y / y.std())
    for band in ("0-500", "500-1500"):
        assert abs(found[f"slopeUV{band}_sma3nz_amean"] + 0.02) < 0.003
    assert found["alphaRatioUV_sma3nz_amean"] < -10


def test_level_of_a_tone_and_what_a_gain_leaves():
    y = speech(20000)
    tone = 0.25 * np.sin(2 * np.pi * 300 * np.arange(SR) / SR)
    level = "equivalentSoundLevel_dBp"
    assert abs(columns(tone)[level] - 20 * np.log10(0.25 / np.sqrt(2))) < 0.01
    loud, soft = columns(y), columns(y / 2)
    assert abs(loud[level] - soft[level] - 20 * np.log10(2)) < 1e-3
    assert loud["loudness_sma3_amean"] > soft["loudness_sma3_amean"]
    for name in (
        F0 + "_percentile50.0",
        "F2frequency_sma3nz_amean",
        "hammarbergIndexV_sma3nz_amean",
    ):
        assert abs(loud[name] - soft[name]) < 0.02 * abs(loud[name])


def test_segments_and_peaks_are_counted():
    beep = np.sin(2 * np.pi * 200 * np.arange(4000) / SR)
    y = np.concatenate([np.append(np.zeros(4000), beep * np.hanning(4000))] * 4 + [np.zeros(4000)])
    found = columns(y + 1e-4 * np.random.default_rng(0).standard_normal(len(y)))
    seconds = len(y) / SR
    assert abs(found["VoicedSegmentsPerSec"] * seconds - 4) < 0.2
    assert abs(found["loudnessPeaksPerSec"] * seconds - 4) < 0.2
    assert found["loudness_sma3_meanRisingSlope"] > 0
    assert found["loudness_sma3_meanFallingSlope"] > 0


@pytest.mark.parametrize("n", [960, 1600, 30000])
def test_silence_has_numbers(n):
    found = columns(np.zeros(n))
    assert np.isfinite(list(found.values())).all()
    assert found["equivalentSoundLevel_dBp"] < -200
    assert all(found[name] == 0 for name in found if name.startswith(("F0", "F1", "jitter")))
    assert np.isfinite(list(columns(np.full(n, 0.3)).values())).all()


# ---------------------------------------------------------------- the named set


def test_egemaps_like_v1_never_changes():
    names = hashlib.sha256("\n".join(EGEMAPS.names).encode()).hexdigest()[:16]
    assert (len(EGEMAPS.names), names, EGEMAPS.hash) == (88, "09a99dccd5995f20", "0eae1db498b49cc8")
    assert EGEMAPS.names[0] == F0 + "_amean"
    assert EGEMAPS.names[-1] == "equivalentSoundLevel_dBp"
    assert Extractor.from_config(json.loads(json.dumps(EGEMAPS.config))) == EGEMAPS


def test_names_are_opensmiles():
    opensmile = pytest.importorskip("opensmile")
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    assert smile.feature_names == EGEMAPS.names


def test_egemaps_like_v1_is_the_same_however_computed(tmp_path):
    signals = [speech(4000 + 3000 * i, seed=i) for i in range(5)]
    paths = [tmp_path / f"{i}.wav" for i in range(len(signals))]
    for path, y in zip(paths, signals, strict=True):
        soundfile.write(path, y, SR, subtype="FLOAT")
    expected = np.stack([serfast.egemaps_like(y=y, sr=SR) for y in signals])
    assert_same(np.stack([EGEMAPS(y) for y in signals]), expected)
    for threads in (1, 3):
        assert_same(EGEMAPS.batch(signals, threads=threads).values, expected)
        assert_same(EGEMAPS.files(paths[::-1], threads=threads).values, expected[::-1])


def test_columns_stand_beside_rows():
    y = speech(20000)
    fx = Extractor(["rms", "egemaps_like"], sr=SR, pool=["mean", "max"], trim=30)
    assert fx.names == ["rms_mean", "rms_max", *EGEMAPS.names]
    left, _ = serfast.effects.trim(y, top_db=30)
    assert_same(fx(y)[2:], EGEMAPS(left))


def test_bad_clips_of_a_batch_cost_only_themselves():
    result = EGEMAPS.batch([speech(3000), speech(959), np.full(3000, np.nan)])
    assert [failure.index for failure in result.failures] == [1, 2]
    assert np.isfinite(result.values[0]).all()
    assert np.isnan(result.values[1:]).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: EGEMAPS(speech(959)), "959 samples is too short: eGeMAPS needs a frame of 960"),
        (lambda: EGEMAPS(np.array([np.nan] * 2000)), "not a number"),
        (lambda: serfast.egemaps_like(y=speech(2000), sr=22050), "sr=22050 must be 16000"),
        (lambda: Extractor(["egemaps_like"], sr=8000, pool="mean"), "sr=8000 must be 16000"),
        (lambda: Extractor(["egemaps_like"], sr=SR), "egemaps_like has columns, not frames"),
        (lambda: EGEMAPS.stream(window=1.0), "egemaps_like depends on the whole signal"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ParameterError, match=words):
        call()
