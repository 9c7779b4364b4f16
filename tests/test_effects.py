"""Signals changed: what must hold of them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import serfast
from helpers import assert_same, error_over_scale, speech

SR = 16000
Y = speech(SR)
effects = serfast.effects


def tone(frequency, n=SR):
    return np.sin(2 * np.pi * frequency * np.arange(n) / SR)


def loudest(y):
    """Frequency of the highest peak."""
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y))))
    return spectrum.argmax() * SR / len(y)


# ---------------------------------------------------------------- speed and pitch


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_the_same_speed_changes_nothing(dtype):
    D = serfast.stft(Y).astype(dtype)
    got = serfast.phase_vocoder(D, rate=1.0)
    assert got.dtype == dtype
    assert error_over_scale(got, D) < (1e-6 if dtype == np.complex64 else 1e-13)


@pytest.mark.parametrize("rate", [0.1, 0.7, 1.9, 40.0])
def test_magnitudes_lie_between_those_of_two_frames(rate):
    rng = np.random.default_rng(0)
    D = rng.standard_normal((2, 9, 300)) + 1j * rng.standard_normal((2, 9, 300))
    times = np.arange(0, 300, rate)
    expected = [
        [np.interp(times, np.arange(301), np.append(row, 0)) for row in np.abs(channel)]
        for channel in D
    ]
    np.testing.assert_allclose(np.abs(serfast.phase_vocoder(D, rate=rate)), expected, atol=1e-12)


@pytest.mark.parametrize("rate", [0.5, 0.8, 1.3, 2.0])
def test_a_stretched_tone_keeps_its_pitch(rate):
    y = effects.time_stretch(tone(1000), rate=rate)
    assert len(y) == round(SR / rate)
    assert abs(loudest(y) - 1000) < 5


@pytest.mark.parametrize(("n_steps", "bins_per_octave"), [(12, 12), (-5, 12), (6, 24), (0, 12)])
def test_a_shifted_tone_has_another_pitch(n_steps, bins_per_octave):
    y = effects.pitch_shift(tone(1000), sr=SR, n_steps=n_steps, bins_per_octave=bins_per_octave)
    assert len(y) == SR
    assert abs(loudest(y) / 1000 - 2 ** (n_steps / bins_per_octave)) < 0.005


@pytest.mark.parametrize(
    "effect",
    [
        lambda y: effects.time_stretch(y, rate=0.7),
        lambda y: effects.time_stretch(y, rate=2.5, n_fft=500, hop_length=77),
        lambda y: effects.pitch_shift(y, sr=SR, n_steps=3),
        lambda y: serfast.deemphasis(y),
    ],
)
def test_precision_channels_and_layout(effect):
    y = speech(9000, channels=4).reshape(2, 2, 9000)
    got = effect(y)
    assert got.dtype == np.float32
    assert error_over_scale(got, effect(y.astype(float))) < 2e-6
    assert_same(got[1, 0], effect(y[1, 0]))
    assert_same(effect(np.repeat(y, 2, axis=-1)[..., ::2]), got)


def test_a_very_short_signal_may_vanish():
    with pytest.warns(UserWarning, match="n_fft=2048 is too large"):
        assert effects.time_stretch(Y[:1], rate=4.0).shape == (0,)


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("rate=0 must be greater than 0", lambda: effects.time_stretch(Y, rate=0)),
        ("rate='a' must be a number", lambda: effects.time_stretch(Y, rate="a")),
        ("rate=1e-15 makes .* frames", lambda: effects.time_stretch(Y, rate=1e-15)),
        ("rate=-1 must be greater", lambda: serfast.phase_vocoder(serfast.stft(Y), rate=-1)),
        ("D must be complex", lambda: serfast.phase_vocoder(np.ones((5, 5)), rate=2)),
        ("D must be complex", lambda: serfast.phase_vocoder(np.ones(5, complex), rate=2)),
        ("not finite", lambda: serfast.phase_vocoder(np.full((5, 5), np.nan + 0j), rate=2)),
        ("n_fft=512 needs 257", lambda: serfast.phase_vocoder(serfast.stft(Y), rate=2, n_fft=512)),
        ("sr=0 must be greater", lambda: effects.pitch_shift(Y, sr=0, n_steps=1)),
        ("n_steps=nan must be", lambda: effects.pitch_shift(Y, sr=SR, n_steps=np.nan)),
        ("n_steps=300 is 25 octaves", lambda: effects.pitch_shift(Y, sr=SR, n_steps=300)),
        ("bins_per_octave=0 must", lambda: effects.pitch_shift(Y, sr=SR, n_steps=1,
                                                              bins_per_octave=0)),
        ("y has dtype int16", lambda: effects.time_stretch(np.ones(9000, np.int16), rate=2)),
        ("not a number", lambda: effects.time_stretch(np.full(9000, np.nan), rate=2)),
        ("must be a numpy array", lambda: effects.pitch_shift([1.0], sr=SR, n_steps=1)),
    ],
)  # fmt: skip
def test_wrong_speeds_are_refused(words, call):
    with pytest.raises(serfast.ParameterError, match=words):
        call()


# ---------------------------------------------------------------- phases


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_magnitude_times_phase_is_the_number(dtype):
    D = serfast.stft(np.concatenate([np.zeros(5000), Y[:5000]])).astype(dtype)
    magnitude, phase = serfast.magphase(D)
    assert (magnitude.dtype, phase.dtype) == (np.abs(D).dtype, dtype)
    np.testing.assert_allclose(magnitude * phase, D, rtol=1e-6)
    assert np.all(phase[magnitude == 0] == 1)


def test_guessed_phases_get_better():
    S = np.abs(serfast.stft(Y.astype(float), n_fft=512))

    def error(n_iter):
        y = serfast.griffinlim(S, n_iter=n_iter, random_state=1)
        return np.linalg.norm(np.abs(serfast.stft(y, n_fft=512)) - S) / np.linalg.norm(S)

    assert error(0) > 2 * error(5) > 3 * error(40)


def test_a_seed_repeats_the_guess():
    S = np.abs(serfast.stft(Y[:3000], n_fft=512))
    first = serfast.griffinlim(S, n_iter=2, random_state=7)
    assert first.dtype == np.float32
    assert_same(serfast.griffinlim(S, n_iter=2, random_state=7), first)
    state = np.random.RandomState(7)
    assert_same(serfast.griffinlim(S, n_iter=2, random_state=state), first)
    assert np.any(serfast.griffinlim(S, n_iter=2, random_state=state) != first)
    assert np.any(serfast.griffinlim(S, n_iter=2) != first)


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("init='zeros' must be one of 'random', None", {"init": "zeros"}),
        ("momentum=-1 must be a finite number, at least 0", {"momentum": -1}),
        ("n_iter=2.5 must be an integer", {"n_iter": 2.5}),
        ("random_state='seed' must be None, an int", {"random_state": "seed"}),
        ("has 257 rows; n_fft=400 needs 201", {"n_fft": 400}),
    ],
)
def test_wrong_guesses_are_refused(words, options):
    with pytest.raises(serfast.ParameterError, match=words):
        serfast.griffinlim(np.ones((257, 5)), **options)


def test_too_much_momentum_is_noted():
    with pytest.warns(UserWarning, match=r"momentum=1\.5 is more than 1"):
        serfast.griffinlim(np.ones((257, 5)), n_iter=1, momentum=1.5)


# ---------------------------------------------------------------- silence


def bursts(*lengths):
    """Silence and tone in turn, so many samples of each."""
    parts = [tone(440, n) * (index % 2) for index, n in enumerate(lengths)]
    return np.concatenate(parts)


def test_stretches_are_found_between_silences():
    y = bursts(8000, 4000, 6000, 3000, 9000)
    found = effects.split(y, frame_length=256, hop_length=64, top_db=30)
    np.testing.assert_allclose(found, [[8000, 12000], [18000, 21000]], atol=256)
    trimmed, index = effects.trim(y, frame_length=256, hop_length=64, top_db=30)
    assert index.tolist() == [found[0, 0], found[-1, 1]]
    assert_same(trimmed, y[index[0] : index[1]])
    assert np.shares_memory(trimmed, y)


def test_a_signal_without_silence_is_whole():
    y = tone(440)
    assert effects.split(y).tolist() == [[0, SR]]
    assert effects.trim(y)[1].tolist() == [0, SR]


def test_a_signal_far_below_the_reference_is_nothing():
    y = 1e-4 * tone(440)
    assert effects.split(y, ref=1.0, top_db=40).shape == (0, 2)
    trimmed, index = effects.trim(y, ref=1.0, top_db=40)
    assert (trimmed.shape, index.tolist()) == ((0,), [0, 0])


def test_channels_sound_together():
    y = np.stack([bursts(8000, 4000, 8000), bursts(13000, 3000, 4000)])
    options = {"frame_length": 256, "hop_length": 64}
    begin, end = effects.trim(y, **options)[1]
    assert abs(begin - 8000) < 256 > abs(end - 16000)
    assert len(effects.split(y, aggregate=np.min, **options)) == 0


def test_stretches_in_a_new_order():
    y = bursts(8000, 4000, 6000, 3000, 9000)
    assert_same(effects.remix(y, [(0, 15000), (15000, 30000)], align_zeros=False), y)
    swapped = effects.remix(y, [(18000, 21000), (8000, 12000)], align_zeros=False)
    assert_same(swapped, np.concatenate([y[18000:21000], y[8000:12000]]))
    aligned = effects.remix(y, [(8100, 9050)])
    assert abs(len(aligned) - 950) < SR / 440
    assert max(abs(aligned[0]), abs(aligned[-1])) < 0.2


def test_stretches_are_cut_where_librosa_cuts_them():
    librosa = pytest.importorskip("librosa")
    rng = np.random.default_rng(3)
    for _ in range(200):
        y = rng.standard_normal(rng.integers(20, 200))
        y[rng.random(len(y)) < 0.2] = 0
        intervals = np.sort(rng.integers(0, len(y), (rng.integers(1, 5), 2)))
        assert_same(effects.remix(y, intervals), librosa.effects.remix(y, intervals))


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("hop_length=0 must be", lambda: effects.trim(Y, hop_length=0)),
        ("top_db='a' must be a number", lambda: effects.split(Y, top_db="a")),
        ("not a number", lambda: effects.split(np.full(9000, np.nan))),
        ("intervals must be pairs", lambda: effects.remix(Y, [])),
        ("intervals must be pairs", lambda: effects.remix(Y, [(1, 2, 3)])),
        ("must not be negative", lambda: effects.remix(Y, [(-5, 10)])),
        ("must be a numpy array", lambda: effects.remix([0.0], [(0, 1)])),
    ],
)
def test_wrong_silences_are_refused(words, call):
    with pytest.raises(serfast.ParameterError, match=words):
        call()


# ---------------------------------------------------------------- emphasis


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_emphasis_reads_arrays_in_any_order(dtype):
    y = speech(800, channels=2).astype(dtype)
    for odd in (np.asfortranarray(y), y.T.copy().T, np.repeat(y, 3, axis=1)[:, ::3]):
        assert_same(serfast.deemphasis(odd), serfast.deemphasis(y))
        assert_same(serfast.preemphasis(odd), serfast.preemphasis(y))


@pytest.mark.parametrize("coef", [0.97, 0.5, -0.9, 0.0])
def test_deemphasis_undoes_preemphasis(coef):
    y = speech(5000, channels=2).astype(float)
    back = serfast.deemphasis(serfast.preemphasis(y, coef=coef), coef=coef)
    np.testing.assert_allclose(back, y, atol=1e-12)


@pytest.mark.parametrize(
    ("words", "y", "options"),
    [
        ("y has 1 samples, and at least 2 are needed", np.ones(1), {}),
        ("y has 0 samples, and at least 1 are needed", np.ones(0), {"zi": [0.0]}),
        (r"zi has shape \(3,\)", np.ones(9), {"zi": [0.0] * 3}),
        ("y has dtype int16", np.ones(9, np.int16), {}),
    ],
)
def test_wrong_emphasis_is_refused(words, y, options):
    with pytest.raises(serfast.ParameterError, match=words):
        serfast.deemphasis(y, **options)


def test_deemphasis_goes_on_from_block_to_block():
    y = Y[:3000].astype(float)
    whole, state = serfast.deemphasis(y, zi=[0.5], return_zf=True)
    first, between = serfast.deemphasis(y[:1234], zi=[0.5], return_zf=True)
    second, last = serfast.deemphasis(y[1234:], zi=between, return_zf=True)
    assert_same(np.concatenate([first, second]), whole)
    assert_same(last, state)
