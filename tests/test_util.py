"""The tools of serfast.util and the inverse features: librosa's values; bad input in words."""

import itertools

import numpy as np
import pytest

import serfast
from signals import signal

util = serfast.util


@pytest.fixture(scope="module")
def librosa():
    return pytest.importorskip("librosa")


def assert_like(got, want):
    assert np.shape(got) == np.shape(want)
    assert np.asarray(got).dtype == np.asarray(want).dtype
    np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("dtype", [">f4", ">f8", "<f2", ">i2", np.longdouble])
def test_differences_are_those_of_numbers_of_any_kind(dtype):
    rows = np.arange(40).reshape(2, 20)
    expected = serfast.delta(rows.astype(np.float64))
    np.testing.assert_allclose(serfast.delta(rows.astype(dtype)), expected, rtol=1e-6)


X = np.random.default_rng(0).standard_normal((3, 5, 40))
X[:, 2] = 0
CALLS = [
    ("frame", (X,), {"frame_length": 8, "hop_length": 3}),
    ("frame", (X,), {"frame_length": 2, "hop_length": 1, "axis": 0}),
    ("frame", (X,), {"frame_length": 3, "hop_length": 2, "axis": 1}),
    ("pad_center", (X,), {"size": 47}),
    ("pad_center", (X,), {"size": 8, "axis": 1, "mode": "edge"}),
    *[("fix_length", (X,), {"size": size}) for size in (0, 3, 40, 50)],
    ("fix_length", (X,), {"size": 7, "axis": 0, "mode": "reflect"}),
    *[("fix_frames", ([9, 2, 2, 50],), words) for words in (
        {}, {"x_max": 30}, {"x_min": 5, "pad": False}, {"x_min": None, "x_max": 9, "pad": False})],
    ("index_to_slice", (np.array([3, 9]),), {"idx_max": 20}),
    ("sync", (X, [5, 9, 30]), {}),
    ("sync", (X, [1, 2]), {"axis": 0, "aggregate": np.max, "pad": False}),
    ("sync", (X, [slice(0, 9), slice(4, 20)]), {}),
    ("expand_to", (X[0],), {"ndim": 4, "axes": [0, -1]}),
    *[("normalize", (X,), {"norm": norm, "axis": axis, "fill": fill})
      for norm in (np.inf, -np.inf, 1, 2, 0.5) for axis in (0, 1, None) for fill in (None, True)],
    ("normalize", (X,), {"norm": 0, "fill": False}),
    ("normalize", (X.astype(np.float32),), {"threshold": 2.0, "axis": -1, "fill": False}),
    ("normalize", (X + 1j * X,), {"norm": 2}),
    ("tiny", (np.float32(3),), {}), ("tiny", (3,), {}), ("tiny", (X * 1j,), {}),
    ("buf_to_float", (np.arange(-9, 9, dtype=np.int16),), {}),
    ("buf_to_float", (b"abcdefgh",), {"n_bytes": 4, "dtype": np.float64}),
    ("abs2", (X * (1 + 2j),), {}), ("abs2", (np.complex64(X),), {"dtype": np.float64}),
    ("abs2", (np.float32(X),), {}), ("abs2", (3 + 4j,), {}),
    ("phasor", (X,), {}), ("phasor", (np.float32(X),), {"mag": np.abs(X).astype(np.float32)}),
    ("phasor", (0.3,), {}), ("phasor", (0.3,), {"mag": X[0]}), ("phasor", (0.3,), {"mag": 2.0}),
    ("valid_int", (3.7,), {}), ("valid_int", (3.2,), {"cast": np.ceil}),
    ("is_positive_int", (3,), {}), ("is_positive_int", (0,), {}), ("is_positive_int", (None,), {}),
    ("valid_audio", (X,), {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "words"), CALLS)
def test_tools_as_librosa(librosa, name, arguments, words):
    got = getattr(util, name)(*arguments, **words)
    want = getattr(librosa.util, name)(*arguments, **words)
    if name == "index_to_slice":
        assert got == want
    else:
        assert_like(got, want)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128, np.int16])
def test_types_as_librosa(librosa, dtype):
    for name in ("dtype_r2c", "dtype_c2r"):
        assert getattr(util, name)(dtype) == getattr(librosa.util, name)(dtype)


@pytest.mark.parametrize("feature", ["spectral_centroid", "spectral_bandwidth", "spectral_rolloff"])
@pytest.mark.parametrize("of_each_frame", [False, True])
def test_precisions_of_frequencies_as_librosa(librosa, feature, of_each_frame):
    S, freq = np.abs(X[:, 0]).T, np.linspace(0, 8000, 40)
    if of_each_frame:
        freq = freq[:, np.newaxis] + np.arange(3)
    for types in itertools.product((np.float32, np.float64), repeat=2):
        words = {"S": S.astype(types[0]), "freq": freq.astype(types[1])}
        got, want = (getattr(m, feature)(**words) for m in (serfast, librosa.feature))
        assert_like(got, want)


@pytest.mark.parametrize("kind", ["linear", "nearest", "previous", "next", "cubic"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_harmonics_as_librosa(librosa, kind, dtype):
    words = {"f0": np.linspace(1, 9, 3), "freqs": np.arange(40.0), "harmonics": [1, 2, 3.4]}
    x = (9 * X[:, 0].T).astype(dtype)
    got, want = (m.f0_harmonics(x, **words, kind=kind) for m in (serfast, librosa))
    assert_like(got, want)


def test_frames_are_a_view_that_is_read_only_unless_asked():
    x = np.zeros(10)
    with pytest.raises(ValueError, match="read-only"):
        util.frame(x, frame_length=4, hop_length=2)[0, 0] = 1
    util.frame(x, frame_length=4, hop_length=2, writeable=True)[0, 1] = 1
    assert x[2] == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["speech", "noise"])
def test_spectra_of_mel_bands_as_librosa(librosa, kind, dtype):
    y = 20 * signal(kind, 4000, 8000, 1).astype(dtype)
    M = serfast.melspectrogram(y=y, sr=8000, n_fft=256, n_mels=30)
    words = {"sr": 8000, "n_fft": 256, "power": 2.0}
    got = serfast.feature.inverse.mel_to_stft(M, **words)
    want = librosa.feature.inverse.mel_to_stft(M, **words)
    assert got.shape == want.shape
    assert got.dtype == want.dtype
    # Both stop where the misfit hardly falls any more.
    np.testing.assert_allclose(got, want, atol=1e-4 * want.max())
    assert np.all(got >= 0)


def test_least_squares_as_librosa(librosa):
    rng = np.random.default_rng(1)
    A = rng.random((12, 7))
    for B in (rng.random(12), A @ rng.random((7, 5)), A @ rng.random((2, 7, 5))):
        np.testing.assert_allclose(util.nnls(A, B), librosa.util.nnls(A, B), atol=1e-3)
    np.testing.assert_allclose(
        util.nnls(A, A @ np.ones((7, 3)), pgtol=1e-12, factr=1), 1, atol=1e-4
    )


@pytest.mark.parametrize("options", [
    {}, {"n_mels": 40, "lifter": 22}, {"dct_type": 3, "norm": None, "ref": 0.5}, {"dct_type": 1},
])  # fmt: skip
def test_bands_of_cepstra_as_librosa(librosa, options):
    C = serfast.mfcc(y=signal("speech", 9000, 22050, 2), n_mfcc=20)
    for dtype in (np.float32, np.float64):
        got = serfast.feature.inverse.mfcc_to_mel(C.astype(dtype), **options)
        want = librosa.feature.inverse.mfcc_to_mel(C.astype(dtype), **options)
        assert got.dtype == want.dtype
        np.testing.assert_allclose(got, want, rtol=1e-4)


def test_bands_come_back_from_as_many_coefficients():
    M = serfast.melspectrogram(y=signal("noise", 9000, 22050, 2).astype(float), n_mels=30)
    C = serfast.mfcc(S=serfast.power_to_db(M, top_db=None), n_mfcc=30)
    np.testing.assert_allclose(serfast.feature.inverse.mfcc_to_mel(C, n_mels=30), M, rtol=1e-6)


def test_sound_of_bands_has_these_bands():
    y = signal("speech", 16000, 16000, 3)
    words = {"sr": 16000, "n_fft": 512, "hop_length": 128}
    C = serfast.mfcc(y=y, n_mfcc=40, n_mels=40, **words)
    back = serfast.feature.inverse.mfcc_to_audio(C, n_mels=40, **words)
    assert back.dtype == np.float32
    again = serfast.mfcc(y=back, n_mfcc=40, n_mels=40, **words)
    n = min(C.shape[1], again.shape[1])
    assert np.corrcoef(C[:, :n].ravel(), again[:, :n].ravel())[0, 1] > 0.98


def test_pulse_as_librosa(librosa):
    y = signal("music", 264600, 22050, 4)
    for dtype in (np.float32, np.float64):
        for words in ({}, {"tempo_min": 60, "tempo_max": None}, {"win_length": 200}):
            envelope = serfast.onset.onset_strength(y=y).astype(dtype)
            got = serfast.beat.plp(onset_envelope=envelope, **words)
            want = librosa.beat.plp(onset_envelope=envelope, **words)
            assert got.dtype == want.dtype
            np.testing.assert_allclose(got, want, atol=1e-4)


@pytest.mark.parametrize(("words", "call"), [
    ("x has 3 samples", lambda: util.frame(np.zeros(3), frame_length=4, hop_length=1)),
    ("hop_length=0", lambda: util.frame(np.zeros(9), frame_length=4, hop_length=0)),
    ("axis=3 is not an axis", lambda: util.fix_length(np.zeros(3), size=2, axis=3)),
    ("size=-1", lambda: util.fix_length(np.zeros(3), size=-1)),
    ("size=2 must be at least 3", lambda: util.pad_center(np.zeros(3), size=2)),
    ("must not be negative", lambda: util.fix_frames([-1])),
    ("integers or of slices", lambda: util.sync(np.zeros(9), [1.5])),
    ("axes=0 must name", lambda: util.expand_to(np.zeros((2, 2)), ndim=3, axes=0)),
    ("ndim=1", lambda: util.expand_to(np.zeros((2, 2)), ndim=1, axes=[0, 1])),
    ("not finite", lambda: util.normalize(np.array([np.nan]))),
    ("norm='x'", lambda: util.normalize(np.ones(2), norm="x")),
    ("threshold=0", lambda: util.normalize(np.ones(2), threshold=0)),
    ("fill=True", lambda: util.normalize(np.ones(2), norm=0, fill=True)),
    ("not finite", lambda: util.valid_audio(np.array([np.inf]))),
    ("not list", lambda: util.valid_audio([1.0])),
    ("cast=3", lambda: util.valid_int(3, cast=3)),
    ("n_bytes=3", lambda: util.buf_to_float(b"abc", n_bytes=3)),
    ("no buffer", lambda: util.buf_to_float(b"abc")),
    ("do not fit", lambda: util.nnls(np.ones((3, 2)), np.ones((2, 2)))),
    ("B must be real and finite", lambda: util.nnls(np.ones((2, 2)), np.full((2, 2), np.nan))),
    ("M must have shape", lambda: serfast.feature.inverse.mel_to_stft(np.ones(3))),
    ("power=0", lambda: serfast.feature.inverse.mel_to_stft(np.ones((3, 2)), power=0)),
    ("lifter=-1", lambda: serfast.feature.inverse.mfcc_to_mel(np.ones((3, 2)), lifter=-1)),
    ("tempo_max=30", lambda: serfast.beat.plp(onset_envelope=np.ones(9), tempo_max=30)),
])  # fmt: skip
def test_bad_input_is_refused_in_words(words, call):
    with pytest.raises(serfast.ParameterError, match=words):
        call()
