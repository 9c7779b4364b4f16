"""Identities that hold for any signal and options: hypothesis looks for one where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import reference
import serfast
from helpers import OF_SAMPLES, SR, compute, error_over_scale, speech
from signals import signal

# Random options and lengths, but the same ones at every run.
property_test = settings(deadline=None, derandomize=True, max_examples=60)

PRIMES = [p for p in range(2, 3000) if all(p % q for q in range(2, int(p**0.5) + 1))]
SIZES = st.one_of(
    st.integers(1, 3000),
    st.sampled_from(PRIMES),
    st.sampled_from([2 * p for p in PRIMES if p < 1500]),
    st.sampled_from([2**a * 3**b * 5**c for a in range(11) for b in range(4) for c in range(3)
                     if 2**a * 3**b * 5**c <= 3000]),
)  # fmt: skip
SMALL = st.one_of(st.integers(8, 300), st.sampled_from([256, 400, 441, 512, 600, 882, 1009]))
DTYPES = st.sampled_from([np.float32, np.float64])
WINDOWS = st.sampled_from(["hann", "hamming", "blackman", "boxcar", ("kaiser", 6.0)])
PAD_MODES = st.sampled_from(["constant", "reflect", "edge", "symmetric", "linear_ramp"])
TOLERANCE = {np.float32: 1e-6, np.float64: 1e-12}


def noise(n: int, seed: int = 0, dtype: type = np.float64, channels: int = 1) -> np.ndarray:
    """Noise of float32's digits, in either precision."""
    return signal("noise", n, SR, seed, channels).astype(dtype)


def frames_of(y: np.ndarray, length: int, hop: int) -> np.ndarray:
    """Frames as columns, none of them padded."""
    return np.lib.stride_tricks.sliding_window_view(y, length)[::hop].T


# ---------------------------------------------------------------- transforms


@given(n_fft=SIZES, frames=st.integers(1, 40), hop=st.integers(1, 700), dtype=DTYPES)
@settings(property_test, max_examples=400)
def test_any_size_is_the_fourier_transform(n_fft, frames, hop, dtype):
    y = noise(n_fft + (frames - 1) * hop, seed=n_fft, dtype=dtype)
    got = serfast.stft(y, n_fft=n_fft, hop_length=hop, window="boxcar", center=False)
    expected = np.fft.rfft(frames_of(y.astype(float), n_fft, hop), axis=0)
    assert got.shape == expected.shape
    assert error_over_scale(got, expected) < TOLERANCE[dtype]


@given(n_fft=SIZES, window=WINDOWS, dtype=DTYPES)
@property_test
def test_windows_multiply_the_frames(n_fft, window, dtype):
    y = noise(n_fft + 20, seed=n_fft, dtype=dtype)
    weights = serfast.filters.get_window(window, n_fft)
    got = serfast.stft(y, n_fft=n_fft, hop_length=3, window=window, center=False)
    expected = np.fft.rfft(weights[:, np.newaxis] * frames_of(y.astype(float), n_fft, 3), axis=0)
    assume(np.abs(expected).max() > 1e-3)
    assert error_over_scale(got, expected) < TOLERANCE[dtype]


@given(
    n_fft=SMALL, n=st.integers(0, 5000), hop=st.integers(1, 600), pad_mode=PAD_MODES, dtype=DTYPES
)
@property_test
@pytest.mark.filterwarnings("ignore:n_fft=.* is too large")
def test_centering_is_padding(n_fft, n, hop, pad_mode, dtype):
    # Of what follows from the start alone: librosa makes the end's padding of the last frames.
    assume(n > n_fft)
    y = noise(n, seed=n, dtype=dtype)
    got = serfast.stft(y, n_fft=n_fft, hop_length=hop, pad_mode=pad_mode)
    wide = np.pad(y, n_fft // 2, mode=pad_mode)
    expected = serfast.stft(wide, n_fft=n_fft, hop_length=hop, center=False)
    assert got.shape == expected.shape
    known = 1 + (n - n_fft // 2) // hop if pad_mode in ("reflect", "symmetric") else None
    np.testing.assert_allclose(
        got[:, :known], expected[:, :known], rtol=0, atol=TOLERANCE[dtype] * np.abs(expected).max()
    )


@given(
    n_fft=st.one_of(SMALL, SIZES.filter(lambda n: n >= 8)), share=st.integers(2, 8),
    n=st.integers(1, 6000), window=WINDOWS, channels=st.integers(1, 3), dtype=DTYPES,
)  # fmt: skip
@property_test
@pytest.mark.filterwarnings("ignore:n_fft=.* is too large")
def test_the_inverse_restores_the_signal(n_fft, share, n, window, channels, dtype):
    options = {"hop_length": max(1, n_fft // share), "window": window, "n_fft": n_fft}
    y = noise(n, seed=n, dtype=dtype, channels=channels)
    restored = serfast.istft(serfast.stft(y, **options), length=n, **options)
    assert (restored.shape, restored.dtype) == (y.shape, y.dtype)
    # Samples behind the centre of the last frame lie under the edges of windows only.
    whole = n - n % options["hop_length"]
    error = np.abs(restored - y)[..., :whole].max(initial=0)
    assert error < 20 * TOLERANCE[dtype] * np.abs(y).max()


@given(n_fft=SIZES, hop=st.integers(1, 500), a=st.floats(-3, 3), b=st.floats(-3, 3), dtype=DTYPES)
@property_test
@pytest.mark.filterwarnings("ignore:n_fft=.* is too large")
def test_the_transform_is_linear(n_fft, hop, a, b, dtype):
    x, y = noise(3500, seed=1, dtype=dtype), noise(3500, seed=2, dtype=dtype)
    X, Y, both = (
        serfast.stft(z, n_fft=n_fft, hop_length=hop)
        for z in (x, y, (dtype(a) * x + dtype(b) * y).astype(dtype))
    )
    scale = (abs(a) + abs(b) + 1) * max(np.abs(X).max(), np.abs(Y).max())
    assert np.abs(both - (a * X + b * Y)).max() < TOLERANCE[dtype] * scale


@given(n_fft=SIZES, hop=st.integers(1, 500), dtype=DTYPES)
@property_test
def test_energy_is_kept(n_fft, hop, dtype):
    y = noise(n_fft + 2000, seed=n_fft, dtype=dtype)
    power = np.abs(serfast.stft(y, n_fft=n_fft, hop_length=hop, window="boxcar", center=False)) ** 2
    mirrored = power[1:-1] if n_fft % 2 == 0 else power[1:]
    energy = (power.sum(axis=0) + mirrored.sum(axis=0)) / n_fft
    expected = (frames_of(y.astype(float), n_fft, hop) ** 2).sum(axis=0)
    np.testing.assert_allclose(energy, expected, rtol=10 * TOLERANCE[dtype])


# ---------------------------------------------------------------- what the features are made of


@given(
    n_fft=SMALL.filter(lambda n: n >= 64), n_mels=st.integers(1, 60), htk=st.booleans(),
    norm=st.sampled_from(["slaney", None, 1, 2, np.inf]), power=st.sampled_from([1.0, 2.0, 1.7]),
    n=st.integers(2000, 6000), dtype=DTYPES,
)  # fmt: skip
@property_test
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_mel_spectrograms_are_filtered_power(n_fft, n_mels, htk, norm, power, n, dtype):
    y = noise(n, seed=n, dtype=dtype)
    bank = {"n_mels": n_mels, "htk": htk, "norm": norm, "fmax": 7000, "dtype": dtype}
    filters = serfast.filters.mel(sr=SR, n_fft=n_fft, **bank).astype(float)
    spectrum = np.abs(serfast.stft(y.astype(float), n_fft=n_fft, hop_length=100)) ** power
    got = serfast.melspectrogram(y=y, sr=SR, n_fft=n_fft, hop_length=100, power=power, **bank)
    assert got.dtype == dtype
    assert error_over_scale(got, filters @ spectrum) < 3 * TOLERANCE[dtype]
    same = serfast.melspectrogram(S=spectrum.astype(dtype), sr=SR, n_fft=n_fft, **bank)
    assert error_over_scale(same, filters @ spectrum) < 3 * TOLERANCE[dtype]


@given(
    n_mels=st.integers(2, 80), n_mfcc=st.integers(1, 90), dct_type=st.integers(1, 3),
    norm=st.sampled_from([None, "ortho"]), lifter=st.sampled_from([0, 1, 22, 7.5]),
    top_db=st.sampled_from([80.0, 15.5, 0, None]), n=st.integers(2048, 20000), dtype=DTYPES,
)  # fmt: skip
@property_test
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_mfcc_is_the_cosine_transform_of_levels(
    n_mels, n_mfcc, dct_type, norm, lifter, top_db, n, dtype
):
    from scipy.fft import dct

    n_mfcc = min(n_mfcc, n_mels)
    options = {"n_mfcc": n_mfcc, "dct_type": dct_type, "norm": norm, "lifter": lifter}
    y = noise(n, seed=n, dtype=dtype)
    levels = serfast.power_to_db(serfast.melspectrogram(y=y, sr=SR, n_mels=n_mels), top_db=top_db)
    got = serfast.mfcc(y=y, sr=SR, n_mels=n_mels, top_db=top_db, **options)
    expected = dct(levels.astype(float), axis=0, type=dct_type, norm=norm)[:n_mfcc]
    if lifter:
        weights = 1 + lifter / 2 * np.sin(np.pi * np.arange(1, n_mfcc + 1) / lifter)
        expected *= weights[:, np.newaxis]
    assert error_over_scale(got, expected) < 3 * TOLERANCE[dtype]
    assert error_over_scale(serfast.mfcc(S=levels, **options), got) < 3 * TOLERANCE[dtype]


@pytest.mark.parametrize("top_db", [80.0, 15.5, 0, None])
def test_contrast_is_the_difference_of_levels(top_db):
    y = noise(20000, seed=3, dtype=np.float64) * np.linspace(0, 1, 20000) ** 8
    got = serfast.spectral_contrast(y=y, sr=SR, top_db=top_db)
    expected = reference.spectral_contrast(y=y, sr=SR, top_db=top_db)
    assert error_over_scale(got, expected) < 1e-9
    for other in {80.0, 15.5, 0, None} - {top_db}:
        other = serfast.spectral_contrast(y=y, sr=SR, top_db=other)
        assert error_over_scale(other, expected) > 1e-3


@given(
    n_fft=st.sampled_from([512, 1024, 1200, 2048, 2050]), n_chroma=st.sampled_from([12, 24, 36]),
    norm=st.sampled_from([np.inf, 1, 2, None]), tuning=st.sampled_from([None, 0.0, 0.3, -0.45]),
    kind=st.sampled_from(["music", "speech", "noise"]), n=st.integers(3000, 20000), dtype=DTYPES,
)  # fmt: skip
@property_test
def test_chroma_of_a_signal_is_that_of_its_power(n_fft, n_chroma, norm, tuning, kind, n, dtype):
    y = signal(kind, n, SR, seed=n).astype(dtype)
    options = {"sr": SR, "n_chroma": n_chroma, "norm": norm, "tuning": tuning}
    power = np.abs(serfast.stft(y, n_fft=n_fft, hop_length=512)) ** 2
    got = serfast.chroma_stft(y=y, n_fft=n_fft, **options)
    same = serfast.chroma_stft(S=power, n_fft=n_fft, **options)
    assert error_over_scale(got, same) < 20 * TOLERANCE[dtype]
    if tuning is not None:
        filters = serfast.filters.chroma(sr=SR, n_fft=n_fft, tuning=tuning, n_chroma=n_chroma)
        expected = filters.astype(float) @ power
        if norm is not None:
            expected /= np.linalg.norm(expected, ord=norm, axis=0)
        assert error_over_scale(got, expected) < 20 * max(TOLERANCE[dtype], 1e-7)


SINGLE_IS_DOUBLE = [
    "melspectrogram", "mfcc", "chroma_stft", "spectral_centroid", "spectral_bandwidth",
    "spectral_flatness", "spectral_contrast", "rms", "zero_crossing_rate", "stft",
]  # fmt: skip


@given(
    feature=st.sampled_from(SINGLE_IS_DOUBLE), n_fft=st.sampled_from([512, 882, 1001, 1009, 2048]),
    hop=st.integers(50, 700), n=st.integers(2100, 20000), center=st.booleans(),
)  # fmt: skip
@settings(property_test, max_examples=150)
def test_single_precision_agrees_with_double(feature, n_fft, hop, n, center):
    name = "frame_length" if feature in OF_SAMPLES else "n_fft"
    options = {name: n_fft, "hop_length": hop, "center": center}
    if feature == "chroma_stft":
        options["tuning"] = 0.0  # its estimate counts peaks, of which rounding may move one
    if feature in ("melspectrogram", "mfcc"):
        options["n_mels"] = 40
    single, double = (
        compute(feature, noise(n, seed=n, dtype=t), **options) for t in (np.float32, np.float64)
    )
    # The valleys of contrast are single bins, by chance near nothing, in dB.
    assert error_over_scale(single, double) < (1e-4 if feature == "spectral_contrast" else 1e-5)


# ---------------------------------------------------------------- features of simple signals


@given(
    slope=st.floats(-100, 100), start=st.floats(-1000, 1000), n=st.integers(9, 200),
    width=st.sampled_from([3, 5, 9]), axis=st.sampled_from([0, 1, -1]), dtype=DTYPES,
)  # fmt: skip
@property_test
def test_the_delta_of_a_line_is_its_slope(slope, start, n, width, axis, dtype):
    line = (start + slope * np.arange(n)).astype(dtype)
    data = np.stack([line, line, line], axis=1 - axis if axis >= 0 else 0)
    got = serfast.delta(data, width=width, axis=axis)
    assert (got.shape, got.dtype) == (data.shape, dtype)
    tolerance = TOLERANCE[dtype] * (np.abs(line).max() + 1)
    np.testing.assert_allclose(got, dtype(slope), rtol=0, atol=tolerance)


@given(curvature=st.floats(-5, 5), n=st.integers(9, 60), order=st.integers(1, 2))
@property_test
def test_the_second_delta_of_a_parabola_is_its_curvature(curvature, n, order):
    time = np.arange(n, dtype=float)
    got = serfast.delta(curvature / 2 * time**2, order=order, width=9)
    expected = np.full(n, curvature) if order == 2 else curvature * time
    np.testing.assert_allclose(got[4:-4], expected[4:-4], atol=1e-9 * (1 + abs(curvature) * n**2))


@given(
    half_period=st.integers(1, 50), frame_length=st.integers(2, 500), hop=st.integers(1, 300),
    level=st.floats(0.01, 1), dtype=DTYPES,
)  # fmt: skip
@property_test
def test_zero_crossings_of_a_square_wave(half_period, frame_length, hop, level, dtype):
    sign = 1 - 2 * ((np.arange(3000) // half_period) % 2)
    y = (level * sign).astype(dtype)
    options = {"frame_length": frame_length, "hop_length": hop, "center": False}
    crossings = np.diff(frames_of(sign, frame_length, hop), axis=0) != 0
    rate = serfast.zero_crossing_rate(y, **options)
    np.testing.assert_allclose(rate, [crossings.sum(axis=0) / frame_length], rtol=TOLERANCE[dtype])
    expected = np.full((1, crossings.shape[1]), y[0])
    np.testing.assert_allclose(serfast.rms(y=y, dtype=dtype, **options), expected, rtol=3e-7)


@given(
    sr=st.sampled_from([8000, 16000, 22050, 44100]), bin=st.integers(4, 120),
    n_fft=st.sampled_from([256, 400, 512, 1001]),
)  # fmt: skip
@property_test
def test_a_tone_on_a_bin_has_its_frequency(sr, bin, n_fft):
    hz = bin * sr / n_fft
    assume(hz < 0.45 * sr)
    y = np.sin(2 * np.pi * hz / sr * np.arange(4 * n_fft))
    frames = {"n_fft": n_fft, "hop_length": n_fft // 4, "center": False, "sr": sr, "y": y}
    np.testing.assert_allclose(serfast.spectral_centroid(**frames), hz, rtol=1e-6)
    np.testing.assert_allclose(serfast.spectral_rolloff(**frames, roll_percent=0.5), hz, rtol=1e-9)
    pitches, _ = serfast.piptrack(**frames, fmin=0, fmax=sr)
    np.testing.assert_allclose(pitches.max(axis=0), hz, rtol=1e-6)


@given(cents=st.integers(-49, 49), bins_per_octave=st.sampled_from([12, 24, 36]))
@property_test
def test_tuning_of_tuned_notes(cents, bins_per_octave):
    notes = 440 * 2 ** ((np.arange(-20, 20) + (cents + 0.5) / 100) / bins_per_octave)
    got = serfast.pitch_tuning(notes, bins_per_octave=bins_per_octave)
    assert got == pytest.approx(cents / 100, abs=1e-9)


@given(level=st.floats(-90, 90), ref=st.floats(0.1, 10))
@property_test
def test_decibels_invert(level, ref):
    power = serfast.db_to_power(np.array([level]), ref=ref)
    amplitude = serfast.db_to_amplitude(np.array([level]), ref=ref)
    options = {"ref": ref, "amin": 1e-20}
    np.testing.assert_allclose(serfast.power_to_db(power, **options), [level], atol=1e-9)
    np.testing.assert_allclose(serfast.amplitude_to_db(amplitude, **options), [level], atol=1e-9)
    np.testing.assert_allclose(amplitude**2, power * ref, rtol=1e-12)


def test_spectra_are_stored_where_the_caller_wants_them():
    y = noise(4000)
    D = serfast.stft(y)
    out = np.zeros_like(D)
    assert serfast.stft(y, out=out) is out
    np.testing.assert_array_equal(out, D)
    longer = np.zeros((D.shape[0], D.shape[1] + 2), D.dtype)
    np.testing.assert_array_equal(serfast.stft(y, out=longer), D)
    assert not longer[:, D.shape[1] :].any()


def test_subnormal_numbers_have_a_phase():
    magnitude, phase = serfast.magphase(np.full(3, 1e-42j, np.complex64))
    np.testing.assert_array_equal(phase, np.full(3, 1j))
    assert (magnitude > 0).all()


@pytest.mark.parametrize("feature", ["melspectrogram", "mfcc", "log_mel"])
def test_bands_without_bins_are_warned_of(feature):
    y = speech(2000)
    options = {"sr": 22050, "n_fft": 64, "hop_length": 31}
    with pytest.warns(UserWarning, match="Empty filters detected in mel frequency basis"):
        getattr(serfast, feature)(y=y, **options)
    getattr(serfast, feature)(y=y, **options, n_mels=8)
