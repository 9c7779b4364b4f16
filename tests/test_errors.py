"""Bad and unusual input: refused in words that name the value, or computed as documented."""

from __future__ import annotations

import re

import numpy as np
import pytest

import serfast
from helpers import (
    FRAMEWISE,
    OF_PERIODS,
    OF_SAMPLES,
    OF_SIGNAL,
    OF_SPECTRUM,
    assert_same,
    compute,
    error_over_scale,
    frame_options,
    speech,
)

Y = speech(6000)
S = np.abs(serfast.stft(Y))
# Those that take a non-negative spectrogram; the others take any, like librosa's.
NOT_NEGATIVE = [
    "spectral_centroid", "spectral_bandwidth", "spectral_rolloff", "spectral_flatness",
]  # fmt: skip
# Defined by a ratio or an order of bins, which half a float32's digits upset.
ROUGH = {"spectral_contrast": 1e-2, "piptrack": 1.0, "spectral_rolloff": 1e-2}


def refused(words, call):
    """The call must raise a ParameterError, which is a ValueError, in these words."""
    with pytest.raises(serfast.ParameterError, match=words) as caught:
        call()
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, serfast.SerfastError)


# ---------------------------------------------------------------- signals that are refused

BAD = {
    "nan": (np.append(Y, np.float32("nan")), "sample 6000 is not a number"),
    "inf": (np.append(np.inf, Y), "sample 0 is infinite"),
    "int16": (np.ones(6000, np.int16), r"y has dtype int16.*float32 or float64.*/ 32768"),
    "uint8": (np.ones(6000, np.uint8), r"y has dtype uint8.*float32 or float64"),
    "bool": (np.ones(6000, bool), "y has dtype bool; samples must be float32 or float64"),
    "complex": (Y + 0j, "y has dtype complex64; samples must be float32 or float64"),
    "objects": (Y.astype(object), "y has dtype object; samples must be float32 or float64"),
    "text": (np.array(["a", "b"]), "y has dtype <U1; samples must be float32 or float64"),
    "list": (Y.tolist(), "y must be a numpy array of samples, not list"),
    "path": ("clip.wav", "y must be a numpy array of samples, not str"),
    "number": (np.float32(1), "y must be a numpy array of samples, not float32"),
    "0-d": (np.array(1.0), r"y must have at least one axis; its shape is \(\)"),
}


@pytest.mark.parametrize("feature", OF_SIGNAL)
@pytest.mark.parametrize("bad", BAD)
def test_bad_signals_are_refused(feature, bad):
    y, words = BAD[bad]
    refused(words, lambda: compute(feature, y))


@pytest.mark.parametrize("feature", OF_SIGNAL)
@pytest.mark.parametrize("n", [0, 1, 511])
def test_signals_shorter_than_a_frame_are_refused(feature, n):
    options = {**frame_options(feature, 512), "center": False}
    words = f"signal of {n} samples is too short for one frame of 512 samples with center=False"
    refused(words, lambda: compute(feature, Y[:n], **options))
    assert compute(feature, Y[:512], **options).shape[-1] == 1


@pytest.mark.parametrize("feature", [*FRAMEWISE, "piptrack"])
def test_a_signal_must_be_given(feature):
    refused("either y or S must be given|y must be a numpy array", lambda: compute(feature, None))


@pytest.mark.parametrize("feature", ["rms", "melspectrogram"])
@pytest.mark.filterwarnings("ignore:n_fft=2 is too large")
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_an_empty_signal_has_no_edge(feature):
    options = frame_options(feature, 2)
    words = "an empty signal can only be padded with pad_mode='constant'"
    refused(words, lambda: compute(feature, Y[:0], pad_mode="edge", **options))
    assert compute(feature, Y[:0], pad_mode="constant", **options).shape[-1] == 1


# ---------------------------------------------------------------- signals in other shapes


@pytest.mark.parametrize("feature", OF_SIGNAL)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_channels_are_computed_one_by_one(feature, dtype):
    y = np.stack([speech(6000, seed=i) * 0.3**i for i in range(6)]).reshape(2, 3, -1).astype(dtype)
    together = compute(feature, y)
    for i in range(2):
        for j in range(3):
            at = (slice(None), i, j) if feature == "piptrack" else (i, j)
            assert_same(together[at], compute(feature, y[i, j]))


LAYOUTS = {
    "strided": lambda y: np.repeat(y, 3, axis=-1)[..., ::3],
    "reversed": lambda y: y[..., ::-1].copy()[..., ::-1],
    "Fortran": np.asfortranarray,
    "transposed": lambda y: np.ascontiguousarray(y.T).T,
    "unaligned": lambda y: np.frombuffer(b"." + y.tobytes(), y.dtype, offset=1).reshape(y.shape),
    "read-only": lambda y: np.frombuffer(y.tobytes(), y.dtype).reshape(y.shape),
    "other byte order": lambda y: y.astype(y.dtype.newbyteorder()),
    "subclass": lambda y: y.view(type("Samples", (np.ndarray,), {})),
}


@pytest.mark.parametrize("feature", OF_SIGNAL)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_in_memory_does_not_matter(feature, layout):
    for dtype in (np.float32, np.float64):
        y = np.stack([Y, Y[::-1]]).astype(dtype)
        expected = compute(feature, y)
        assert_same(compute(feature, LAYOUTS[layout](y)), expected)


@pytest.mark.parametrize("feature", OF_SPECTRUM)
@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "other byte order"])
def test_the_layout_of_a_spectrogram_does_not_matter(feature, layout):
    for dtype in (np.float32, np.float64):
        rows = S.astype(dtype)
        expected = np.asarray(getattr(serfast, feature)(S=rows))
        assert_same(np.asarray(getattr(serfast, feature)(S=LAYOUTS[layout](rows))), expected)


@pytest.mark.parametrize("feature", OF_SIGNAL)
def test_half_and_long_floats_become_single_and_double(feature):
    half = Y.astype(np.float16)
    assert_same(compute(feature, half), compute(feature, half.astype(np.float32)))
    long = Y.astype(np.longdouble)
    assert_same(compute(feature, long), compute(feature, long.astype(np.float64)))


@pytest.mark.parametrize("feature", OF_SIGNAL)
def test_input_is_not_modified(feature):
    for y in (Y.copy(), Y.astype(np.float64), np.stack([Y, Y])):
        before = y.copy()
        y.flags.writeable = False
        compute(feature, y)
        assert_same(y, before)
    if feature in OF_SPECTRUM:
        rows = S.copy()
        rows.flags.writeable = False
        getattr(serfast, feature)(S=rows)
        assert_same(rows, S)


PLAIN = {
    "silence": np.zeros(6000),
    "DC": np.full(6000, 0.25),
    "first sample": np.eye(1, 6000)[0],
    "impulse": np.eye(1, 6000, k=3001)[0],
    "full scale": np.where(np.arange(6000) % 2, 1.0, -1.0),
    "tiny": 1e-30 * Y.astype(float),
    "huge": 1e15 * Y.astype(float),
}


@pytest.mark.parametrize("feature", [*OF_SIGNAL, "estimate_tuning"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.filterwarnings("ignore:Trying to estimate tuning")
def test_plain_signals_have_finite_features(feature, dtype, kind):
    for options in ({}, {"center": False}):
        result = compute(feature, PLAIN[kind].astype(dtype), **options)
        if feature == "voiced_f0":  # of which voiceless frames have none
            result = result[~np.isnan(result)]
        assert np.isfinite(result).all()


@pytest.mark.parametrize("feature", [name for name in OF_SIGNAL if name != "voiced_f0"])
def test_precisions_agree(feature):
    single, double = (compute(feature, Y.astype(t)) for t in (np.float32, np.float64))
    assert error_over_scale(single, double) < ROUGH.get(feature, 1e-5)


@pytest.mark.parametrize("level", [1e-30, 1e30])
@pytest.mark.parametrize("words", [{"y": Y}, {"S": S}])
def test_rms_in_double_precision_squares_in_it(level, words):
    (name, values), scale = next(iter(words.items())), np.float32(level)
    got = serfast.rms(**{name: scale * values}, dtype=np.float64) / level
    np.testing.assert_allclose(got, serfast.rms(**words, dtype=np.float64), rtol=1e-6)


# ---------------------------------------------------------------- spectrograms


@pytest.mark.parametrize("feature", OF_SPECTRUM)
def test_spectrograms_of_the_wrong_kind_are_refused(feature):
    function = getattr(serfast, feature)
    words = r"S must have shape \(\.\.\., rows, frames\), not "
    refused(words + r"\(1025,\)", lambda: function(S=S[:, 0]))
    refused(words + r"\(\)", lambda: function(S=np.array(1.0)))
    for value in (np.nan, np.inf):
        bad = S.copy()
        bad[7, 3] = value
        refused("S.*finite", lambda bad=bad: function(S=bad))
    if feature != "piptrack":  # which takes the magnitude, as librosa does
        refused(r"S must be real-valued; take np\.abs\(S\)", lambda: function(S=S + 0j))
    if feature in NOT_NEGATIVE:
        words = f"{feature} is only defined for non-negative S; its minimum is -2"
        refused(words, lambda: function(S=np.where(S > 1, S, np.float32(-2.0))))


@pytest.mark.parametrize("feature", OF_SPECTRUM)
def test_spectrograms_without_frames_have_no_columns(feature):
    result = np.asarray(getattr(serfast, feature)(S=S[:, :0]))
    assert result.shape[-1] == 0


@pytest.mark.parametrize("shape", [(128, 0), (2, 128, 0), (0, 5)])
def test_pcen_of_nothing_is_nothing(shape):
    smoothed, state = serfast.pcen(np.zeros(shape, np.float32), return_zf=True)
    assert smoothed.shape == shape
    assert state.shape == (*shape[:-1], 1)


@pytest.mark.parametrize("feature", ["poly_features", "spectral_centroid", "spectral_bandwidth"])
def test_channels_may_share_the_frequencies_of_each_frame(feature):
    both = np.stack([S, S[::-1]])
    freq = np.linspace(0, 8000, len(S))[:, np.newaxis] + np.arange(S.shape[1])
    function = getattr(serfast, feature)
    assert_same(function(S=both, freq=freq), function(S=both, freq=np.stack([freq, freq])))
    refused("freq", lambda: serfast.poly_features(S=both, freq=freq[:, :3]))


def test_a_spectrogram_must_fit_the_frame_length():
    words = "S has 1025 rows, so frame_length=512 must be 2048 or 2049"
    refused(words, lambda: serfast.rms(S=S, frame_length=512))


# ---------------------------------------------------------------- options

FRAMES = {
    "n_fft=0 must be a positive integer": {"n_fft": 0},
    "n_fft=-1 must be a positive integer": {"n_fft": -1},
    "n_fft=2.5 must be a positive integer": {"n_fft": 2.5},
    "n_fft='2048' must be a positive integer": {"n_fft": "2048"},
    "n_fft=True must be a positive integer": {"n_fft": True},
    "hop_length=0 must be a positive integer": {"hop_length": 0},
    "hop_length=-512 must be a positive integer": {"hop_length": -512},
    "hop_length=512.0 must be a positive integer": {"hop_length": 512.0},
    "win_length=2049 must be at most n_fft=2048": {"win_length": 2049},
    "win_length=0 must be a positive integer": {"win_length": 0},
    "window='han ning': .*window": {"window": "han ning"},
    r"window=\('kaiser',\)": {"window": ("kaiser",)},
    "window has 400 samples where 2048 are needed": {"window": np.ones(400)},
    "window=None must be a name or tuple.*a function, or an array": {"window": None},
    "window has 2049 samples where 2048 are needed": {"window": lambda n: np.ones(n + 1)},
    r"window has shape \(2048, 2\) where \(2048,\) is needed": {"window": np.ones((2048, 2))},
    "window=.* must be real and finite": {"window": np.full(2048, np.nan)},
    r"window=.* must be real and finite.*": {"window": np.ones(2048) * 1j},
    "pad_mode='nonsense'": {"pad_mode": "nonsense"},
    "pad_mode='wrap' is not supported.*'constant', 'edge', 'reflect'": {"pad_mode": "wrap"},
}


@pytest.mark.parametrize("feature", [*OF_SPECTRUM, "stft"])
@pytest.mark.parametrize("words", FRAMES)
def test_wrong_frames_are_refused(feature, words):
    refused(words, lambda: compute(feature, Y, **FRAMES[words]))


@pytest.mark.parametrize("feature", [*OF_SAMPLES, *OF_PERIODS])
@pytest.mark.parametrize("name", ["frame_length", "hop_length"])
@pytest.mark.parametrize("value", [0, -1, 2.5, "512", None, True])
def test_wrong_frames_of_samples_are_refused(feature, name, value):
    words = re.escape(f"{name}={value!r} must be a positive integer")
    refused(words, lambda: compute(feature, Y, **{name: value}))


BANDS = {
    "sr=0 must be greater than 0": {"sr": 0},
    "sr='16k' must be a number": {"sr": "16k"},
    "n_mels=0 must be a positive integer": {"n_mels": 0},
    "n_mels=4.5 must be a positive integer": {"n_mels": 4.5},
    "fmin=-1 must be a finite number, at least 0": {"fmin": -1},
    "fmax=nan must be a finite number": {"fmax": np.nan},
    "norm='area' must be one of 'slaney'|mel_norm='area' must be one of": {"norm": "area"},
    "power=0 must be greater than 0": {"power": 0},
    "dtype='int16' must be float32 or float64": {"dtype": "int16"},
}
OPTIONS = {
    "melspectrogram": BANDS,
    "mfcc": {
        **{words: options for words, options in BANDS.items() if "norm" not in options},
        "norm='area' must be one of": {"mel_norm": "area"},
        "n_mfcc=0 must be a positive integer": {"n_mfcc": 0},
        "n_mfcc=1180591620717411303424 must be less than": {"n_mfcc": 2**70},
        "dct_type=4 must be one of 1, 2, 3": {"dct_type": 4},
        "dct_type=2.0 must be one of 1, 2, 3": {"dct_type": 2.0},
        "dct_type=1 needs at least 2 mel bands, not 1": {"dct_type": 1, "n_mels": 1},
        "norm='l2' must be one of None, 'ortho', 'forward', 'backward'": {"norm": "l2"},
        "lifter=-1 must be a finite number, at least 0": {"lifter": -1},
        "n_mfcc=41 with a lifter must be at most 40": {"lifter": 2, "n_mfcc": 41, "n_mels": 40},
        "top_db=-1 must be a finite number, at least 0": {"top_db": -1},
    },
    "chroma_stft": {
        "n_chroma=0 must be a positive integer": {"n_chroma": 0},
        "tuning='in' must be a number": {"tuning": "in"},
        "tuning=nan must be a finite number": {"tuning": np.nan},
        "octwidth=0 must be greater than 0": {"octwidth": 0},
        "norm=-2 must be None, inf, -inf, 0 or a positive number": {"norm": -2},
        "norm='max' must be None, inf, -inf, 0 or a positive number": {"norm": "max"},
        "power=-1 must be greater than 0": {"power": -1},
    },
    "spectral_centroid": {
        r"freq has shape \(7,\).*one entry per bin: \(1025,\)": {"freq": np.ones(7)},
    },
    "spectral_bandwidth": {
        "p=0 must be greater than 0": {"p": 0},
        "p=-1 must be greater than 0": {"p": -1, "centroid": np.ones((1, 12))},
    },
    "spectral_rolloff": {
        r"roll_percent=1 must lie in the range \(0, 1\)": {"roll_percent": 1},
        r"roll_percent=0 must lie in the range \(0, 1\)": {"roll_percent": 0},
        r"roll_percent=85 must lie in the range \(0, 1\)": {"roll_percent": 85},
    },
    "spectral_flatness": {
        "amin=0 must be greater than 0": {"amin": 0},
        "power=0 must be greater than 0": {"power": 0},
        "power='a' must be a number": {"power": "a", "S": S},
    },
    "spectral_contrast": {
        r"quantile=1 must lie in the range \(0, 1\)": {"quantile": 1},
        r"quantile=-0.1 must lie in the range \(0, 1\)": {"quantile": -0.1},
        "n_bands=0 must be a positive integer": {"n_bands": 0},
        "fmin=0 must be greater than 0": {"fmin": 0},
        "highest band.*inf Hz.*n_bands=32768": {"n_bands": 32768},
        "highest band.*12800 Hz.*Nyquist frequency of 8000 Hz.*n_bands=7": {"n_bands": 7},
        "holds too few of the 17 frequency bins": {"n_fft": 32},
        "top_db='80 dB' must be a number": {"top_db": "80 dB"},
    },
    "zero_crossing_rate": {"threshold=-1 must be a finite number": {"threshold": -1}},
    "rms": {"pad_mode='nonsense'": {"pad_mode": "nonsense"}},
    "piptrack": {
        "threshold='a' must be a number": {"threshold": "a"},
        "ref='a' must be a number": {"ref": "a"},
    },
    "estimate_tuning": {
        "resolution=0 must lie in the range": {"resolution": 0},
        "bins_per_octave=0 must be a positive integer": {"bins_per_octave": 0},
    },
}


@pytest.mark.parametrize(
    ("feature", "words"), [(name, words) for name, cases in OPTIONS.items() for words in cases]
)
def test_wrong_options_are_refused(feature, words):
    refused(words, lambda: compute(feature, Y, **OPTIONS[feature][words]))


def test_absurd_options_are_refused():
    refused("bias=2 to the power=32768", lambda: serfast.pcen(S, power=32768))
    D = serfast.stft(Y)
    refused("win_length='x' must be a positive integer", lambda: serfast.istft(D, win_length="x"))


def test_a_valid_call_does_not_make_an_invalid_one_valid():
    compute("mfcc", Y, n_mels=40, dct_type=2, n_fft=1024)
    for name, value in (("n_mels", 40.0), ("dct_type", 2.0), ("n_fft", 1024.0)):
        options = {"n_mels": 40, "dct_type": 2, "n_fft": 1024, name: value}
        refused(f"{name}={value!r} must be", lambda options=options: compute("mfcc", Y, **options))


WINDOWED = {
    "stft": lambda window: serfast.stft(Y, window=window),
    "istft": lambda window: serfast.istft(serfast.stft(Y), window=window),
    "melspectrogram": lambda window: serfast.melspectrogram(y=Y, window=window),
    "piptrack": lambda window: serfast.piptrack(y=Y, window=window)[1],
    "chroma_stft": lambda window: serfast.chroma_stft(y=Y, window=window),
    "spectral_contrast": lambda window: serfast.spectral_contrast(y=Y, window=window),
    "fourier_tempogram": lambda window: serfast.fourier_tempogram(
        onset_envelope=Y[:400], window=window
    ),
    "time_stretch": lambda window: serfast.effects.time_stretch(Y, rate=2, window=window),
    "harmonic": lambda window: serfast.effects.harmonic(Y, window=window),
    "cqt": lambda window: serfast.cqt(Y, n_bins=12, fmin=220, window=window),
    "pseudo_cqt": lambda window: serfast.pseudo_cqt(Y, n_bins=12, fmin=220, window=window),
    "Extractor": lambda window: serfast.Extractor(["mfcc"], window=window)(Y),
}


@pytest.mark.parametrize("feature", WINDOWED)
def test_a_window_that_is_a_function_may_change(feature):
    compute, beta = WINDOWED[feature], 2.0
    window = lambda n: np.kaiser(n, beta)  # noqa: E731
    before = compute(window)
    beta = 14.0
    assert_same(compute(window), compute(lambda n: np.kaiser(n, 14.0)))
    assert not np.array_equal(compute(window), before)
