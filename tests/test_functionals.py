"""Statistics of a row's course, silence trimmed, pitch of voiced frames, and the named sets."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import soundfile

import reference
import serfast
from helpers import SR, assert_same, error_over_scale, speech
from serfast import Extractor, ParameterError
from signals import KINDS, signal

NOT_SILENT = [kind for kind in KINDS if kind != "silence"]
EMOTION = Extractor.preset("emotion-v1")
COURSE = ["dct1", "dct2", "dct7", "change1ms", "change32ms", "change500ms"]

# ---------------------------------------------------------------- log_mel

LOG_MEL = [
    {},
    {"ref": "max", "n_mels": 40},
    {"ref": 0.01, "top_db": 30.0, "power": 1.0},
    {"ref": "max", "top_db": None, "amin": 1e-5, "hop_length": 160, "n_fft": 512, "n_mels": 20},
    {"ref": 1e-12, "top_db": None},
]


@pytest.mark.parametrize("options", LOG_MEL)
@pytest.mark.parametrize("kind", ["speech", "noise", "silence"])
def test_log_mel_is_its_definition(kind, options):
    y = signal(kind, 9000, SR, seed=4)
    truth = reference.log_mel(y=y.astype(float), sr=SR, **options)
    assert error_over_scale(serfast.log_mel(y=y.astype(float), sr=SR, **options), truth) < 1e-9
    assert error_over_scale(serfast.log_mel(y=y, sr=SR, **options), truth) < 1e-5


@pytest.mark.parametrize("options", LOG_MEL)
def test_log_mel_is_the_level_of_the_mel_spectrogram(options):
    y = speech(9000).astype(float)
    mel = {name: value for name, value in options.items() if name not in ("ref", "amin", "top_db")}
    decibel = {name: options[name] for name in options if name not in mel}
    if decibel.get("ref") == "max":
        decibel["ref"] = np.max
    expected = serfast.power_to_db(serfast.melspectrogram(y=y, **mel), **decibel)
    np.testing.assert_allclose(serfast.log_mel(y=y, **options), expected, rtol=0, atol=1e-10)
    S = np.abs(serfast.stft(y)) ** 2
    assert_same(
        serfast.log_mel(S=S, sr=SR), serfast.power_to_db(serfast.melspectrogram(S=S, sr=SR))
    )


@pytest.mark.parametrize("wrong", [{"ref": 0}, {"ref": "mean"}, {"amin": 0}, {"top_db": -1}])
def test_log_mel_says_what_it_takes(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ParameterError, match=f"{name}={value!r} must be"):
        serfast.log_mel(y=speech(4000), **wrong)


# ---------------------------------------------------------------- pitch


@pytest.mark.parametrize("kind", NOT_SILENT)
def test_pitch_is_its_definition(kind):
    y = signal(kind, 12000, SR, seed=7).astype(float)
    options = {"sr": SR, "hop_length": 160, "frame_length": 1024}
    truth = reference.periodicity(y=y, **options)
    far = np.abs(serfast.periodicity(y=y, **options) - truth)
    f0, true_f0 = (m.voiced_f0(y=y, **options) for m in (serfast, reference))
    if kind in ("clicks", "dc"):  # flat where a frame is empty but for its ends
        far, f0, true_f0 = far[:, 10:-10], f0[:, 10:-10], true_f0[:, 10:-10]
    assert far.max() < 1e-7
    np.testing.assert_allclose(f0, true_f0, rtol=1e-7)


def test_voiced_frames_have_the_frequency_of_yin():
    y = speech(20000).astype(float)
    f0 = serfast.voiced_f0(y=y, sr=SR)[0]
    voiced = ~np.isnan(f0)
    assert 0 < voiced.mean() < 1
    assert_same(f0[voiced], serfast.yin(y, fmin=60, fmax=600, sr=SR, hop_length=512)[voiced])
    assert_same(serfast.periodicity(y=y, sr=SR)[0] >= 0.7, voiced)


@pytest.mark.parametrize("kind", ["speech", "noise", "music"])
def test_pitch_in_single_precision(kind):
    y = signal(kind, 60000, SR, seed=3)
    options = {"sr": SR, "hop_length": 160, "frame_length": 1024, "min_periodicity": 0.2}
    single, double = (serfast.voiced_f0(y=y.astype(t), **options)[0] for t in ("f", "d"))
    # Comparisons of nearly equal numbers decide, in few frames otherwise.
    same = (np.abs(single - double) < 1e-4 * double) | (np.isnan(single) & np.isnan(double))
    assert np.mean(same) > 0.995
    del options["min_periodicity"]
    single, double = (serfast.periodicity(y=y.astype(t), **options) for t in ("f", "d"))
    assert np.mean(np.abs(single - double)[0, same]) < 1e-5


def test_nothing_is_voiced_in_silence():
    y = np.zeros(9000, np.float32)
    assert_same(serfast.periodicity(y=y), np.zeros((1, 18), np.float32))
    assert np.isnan(serfast.voiced_f0(y=y)).all()
    pool = ["mean", "p5", "slope", "dct1", "change40ms", "delta_std"]
    values = Extractor(["voiced_f0", "rms"], sr=SR, pool=pool)(y)
    assert_same(values, np.zeros(12, np.float32))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"fmin": 0}, "fmin=0 must be greater than 0"),
        ({"fmin": 700}, "fmin=700 must be less than fmax=600"),
        ({"fmax": 9000}, "fmax=9000 must be at most sr / 2"),
        ({"frame_length": 200}, "fmin=60 has a period of 266.667 samples .* at least 269"),
        ({"min_periodicity": 1.5}, "min_periodicity=1.5 must be a finite number"),
        ({"trough_threshold": "a"}, "trough_threshold='a' must be a number"),
    ],
)
def test_pitch_says_what_it_takes(wrong, words):
    with pytest.raises(ParameterError, match=words):
        serfast.voiced_f0(y=speech(4000), sr=SR, **wrong)


# ---------------------------------------------------------------- statistics


def statistic(label, row, per_second):
    """A statistic of a row, of the frames that have a value, in plain numpy."""
    t, n = np.flatnonzero(~np.isnan(row)), len(row)
    x = row[t]
    if not len(x):
        return 0.0
    if label.startswith("dct"):
        half_periods = int(label[3:])
        return np.mean((x - x.mean()) * np.cos(np.pi * half_periods * (t + 0.5) / n))
    if label.startswith("change"):
        lag = max(1, round(float(label[6:-2]) / 1000 * per_second))
        change = (row[lag:] - row[:-lag])[~np.isnan(row[lag:] - row[:-lag])]
        return np.sqrt(np.mean(change**2)) if len(change) else 0.0
    if label == "slope":
        return np.polyfit(t / per_second, x, 1)[0] if len(t) > 1 else 0.0
    if label in ("skewness", "kurtosis"):
        d = (x - x.mean()) / (x.std() or 1)
        return np.mean(d**3) if label == "skewness" else (np.mean(d**4) - 3) * (x.std() > 0)
    return np.percentile(x, float(label[1:])) if label[0] == "p" else getattr(np, label)(x)


@pytest.mark.parametrize("frames", [1, 2, 7, 16, 17, 333, 2500])
@pytest.mark.parametrize("label", [*COURSE, "mean", "std", "min", "p20", "slope", "kurtosis"])
def test_statistics_leave_out_frames_without_a_value(label, frames):
    y = signal("speech", (frames - 1) * 160 + 1, SR, seed=frames)
    features = ["voiced_f0", "mfcc", "rms", "spectral_centroid"]
    fx, pooled = (Extractor(features, sr=SR, hop_length=160, pool=p) for p in (None, label))
    rows = fx(y).astype(float)
    assert np.isnan(rows[0]).any() or frames < 16
    expected = np.array([statistic(label, row, SR / 160) for row in rows])
    scale = np.nanmax(np.abs(rows), axis=1, initial=1e-3) * (
        1000 / frames if label == "slope" else 1
    )
    assert np.max(np.abs(pooled(y) - expected) / np.maximum(scale, np.abs(expected))) < 3e-6


def test_the_course_of_a_row_does_not_depend_on_its_neighbours():
    y = speech(40000)
    pool = [*COURSE, "p5", "median", "delta_p95"]
    names = ["mfcc", "voiced_f0", "log_mel", "rms", "melspectrogram"]
    together = Extractor(names, sr=SR, hop_length=160, pool=pool)
    values = dict(zip(together.names, together(y), strict=True))
    for name in names:
        alone = Extractor([name], sr=SR, hop_length=160, pool=pool)
        assert_same(alone(y), np.array([values[column] for column in alone.names]))


@pytest.mark.parametrize(
    "label", ["dct0", "dct", "dct-1", "dct1.5", "change0ms", "change5", "dct100"]
)
def test_unknown_courses_are_refused(label):
    with pytest.raises(ParameterError, match=f"pool='{label}' must be one of .*dct1 to dct99.*ms"):
        Extractor("rms", pool=label)


# ---------------------------------------------------------------- trim


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("top_db", [10, 35, 60.5])
def test_trim_leaves_what_effects_trim_leaves(kind, top_db):
    for n in (0, 1, 511, 3000, 40000):
        for quiet in (0.0, 1e-3):
            edge = np.full(5000, quiet, np.float32)
            y = np.concatenate([edge, signal(kind, n, SR, seed=n), edge[:1777]])
            left, _ = serfast.effects.trim(y, top_db=top_db)
            for pool in (None, ["mean", "p30"]):
                features = ["rms", "mfcc"]
                fx = Extractor(features, sr=SR, pool=pool, trim=top_db)
                assert_same(fx(y), Extractor(features, sr=SR, pool=pool)(left))


def test_the_loudest_frame_is_never_trimmed():
    y = speech(20000)
    left, _ = serfast.effects.trim(y, top_db=1e-20)
    assert left.size > 0
    assert_same(Extractor("rms", sr=SR, trim=1e-20)(y), Extractor("rms", sr=SR)(left))


def test_features_of_whole_signals_are_trimmed_too():
    y = np.concatenate([np.zeros(9000, np.float32), speech(20000), np.zeros(9000, np.float32)])
    left, _ = serfast.effects.trim(y, top_db=30)
    trimmed, whole = (Extractor(["rms", "tonnetz"], pool="mean", trim=t) for t in (30, None))
    assert_same(trimmed(y), whole(left))


def test_what_is_trimmed_is_checked_as_well():
    y = np.append(speech(9000), np.zeros(9000, np.float32))
    y[-1] = np.nan
    with pytest.raises(ParameterError, match="sample 17999 is not a number"):
        Extractor("rms", trim=30)(y)


def test_trim_is_part_of_the_configuration():
    plain, trimmed = Extractor("rms"), Extractor("rms", trim=30)
    assert "trim" not in plain.config  # whose hash is that of before
    assert trimmed != plain
    assert trimmed == Extractor.from_config(json.loads(json.dumps(trimmed.config)))
    with pytest.raises(ParameterError, match="trim=30 needs the whole signal"):
        trimmed.stream()
    for wrong in (0, -1, "loud", np.inf):
        with pytest.raises(ParameterError, match=f"trim={wrong!r} must be"):
            Extractor("rms", trim=wrong)


# ---------------------------------------------------------------- the named set


def test_emotion_v1_never_changes():
    columns = hashlib.sha256("\n".join(EMOTION.names).encode()).hexdigest()[:16]
    assert (len(EMOTION.names), columns, EMOTION.hash) == (
        846,
        "d12f240048a28211",
        "61bc8e0b0e62acc0",
    )
    assert Extractor.from_config(json.loads(json.dumps(EMOTION.config))) == EMOTION


@pytest.mark.parametrize("n", [0, 1, 100, 1600, 30000])
def test_emotion_v1_of_any_clip_is_finite(n):
    for y in (speech(n), np.zeros(n, np.float32), np.full(n, 0.3, np.float32)):
        assert np.isfinite(EMOTION(y)).all()


def test_emotion_v1_is_the_same_however_computed(tmp_path):
    signals = [speech(4000 + 3000 * i, seed=i) for i in range(7)]
    paths = [tmp_path / f"{i}.wav" for i in range(len(signals))]
    for path, y in zip(paths, signals, strict=True):
        soundfile.write(path, y, SR, subtype="FLOAT")
    expected = np.stack([EMOTION(y) for y in signals])
    for threads in (1, 3):
        assert_same(EMOTION.batch(signals, threads=threads).values, expected)
        assert_same(EMOTION.files(paths[::-1], threads=threads).values, expected[::-1])


def test_unknown_sets_are_refused():
    with pytest.raises(
        ParameterError, match=r"unknown set of features 'emotion'; known: .*emotion-v1"
    ):
        Extractor.preset("emotion")
