"""Conversions: identities that hold without librosa, and librosa's values where it is installed."""

import numpy as np
import pytest

from serfast import convert, notes
from serfast.errors import ParameterError, SerfastError

HZ = np.geomspace(20.0, 20000.0, 97)


@pytest.fixture(scope="module")
def librosa():
    return pytest.importorskip("librosa")


@pytest.mark.parametrize("htk", [False, True])
def test_mel_round_trip(htk):
    np.testing.assert_allclose(convert.mel_to_hz(convert.hz_to_mel(HZ, htk=htk), htk=htk), HZ)


@pytest.mark.parametrize("htk", [False, True])
def test_mel_frequencies_are_equally_spaced_in_mel(htk):
    frequencies = convert.mel_frequencies(40, fmin=60.0, fmax=7600.0, htk=htk)
    steps = np.diff(convert.hz_to_mel(frequencies, htk=htk))
    np.testing.assert_allclose(steps, steps[0])
    np.testing.assert_allclose(frequencies[[0, -1]], [60.0, 7600.0])


def test_midi_round_trip():
    np.testing.assert_allclose(convert.midi_to_hz(convert.hz_to_midi(HZ)), HZ)


@pytest.mark.parametrize("tuning", [0.0, -0.31, 0.49])
@pytest.mark.parametrize("bins_per_octave", [12, 24, 36])
def test_octave_and_tuning_round_trips(tuning, bins_per_octave):
    options = {"tuning": tuning, "bins_per_octave": bins_per_octave}
    np.testing.assert_allclose(convert.octs_to_hz(convert.hz_to_octs(HZ, **options), **options), HZ)
    reference = convert.tuning_to_A4(tuning, bins_per_octave=bins_per_octave)
    back = convert.A4_to_tuning(reference, bins_per_octave=bins_per_octave)
    np.testing.assert_allclose(back, tuning, atol=1e-12)


def test_an_octave_doubles_the_frequency():
    np.testing.assert_allclose(
        convert.midi_to_hz(np.arange(24) + 12.0), 2 * convert.midi_to_hz(np.arange(24))
    )
    assert convert.hz_to_octs(880.0) - convert.hz_to_octs(440.0) == pytest.approx(1.0)


@pytest.mark.parametrize("key", ["C:maj", "E♭:min", "F#:maj", "Cb:maj", "g:minor"])
@pytest.mark.parametrize("unicode", [True, False])
def test_note_round_trip(key, unicode):
    midi = np.arange(12, 128)
    names = notes.midi_to_note(midi, octave=False, key=key, unicode=unicode)
    pitch_classes = np.asarray(notes.note_to_midi(names)) % 12
    np.testing.assert_array_equal(pitch_classes, midi % 12)


def test_cents_round_trip():
    note = notes.hz_to_note(445.0, cents=True)
    assert note == "A4+20"
    assert notes.note_to_hz(note, round_midi=False) == pytest.approx(445.0, rel=1e-3)


def test_scalars_stay_scalars_and_arrays_keep_their_shape():
    for function in (
        convert.hz_to_mel,
        convert.hz_to_midi,
        convert.hz_to_octs,
        convert.A4_to_tuning,
    ):
        assert np.ndim(function(440)) == 0
        assert function(HZ[:96].reshape(2, 3, 16)).shape == (2, 3, 16)
        assert function(np.float32([440.0, 5000.0])).shape == (2,)
    assert notes.midi_to_note(60) == "C4"
    assert notes.midi_to_note([[60, 61]]).shape == (1, 2)
    assert notes.note_to_midi("C4") == 60


@pytest.mark.parametrize("note", ["", "H4", "C4.5", "4C", "C+", "Cn4"])
def test_bad_note_names_are_refused(note):
    with pytest.raises(ParameterError, match="is not a note name"):
        notes.note_to_midi(note)


@pytest.mark.parametrize("key", ["", "C", "H:maj", "C##:maj", "C:dor", "C:maj7"])
def test_bad_keys_are_refused(key):
    with pytest.raises(ParameterError, match="is not a key"):
        notes.midi_to_note(60, key=key)


def test_cents_need_the_octave():
    with pytest.raises(ParameterError, match="octave=True"):
        notes.midi_to_note(60.5, cents=True, octave=False)


@pytest.mark.parametrize("midi", [np.nan, [60.0, np.inf]])
def test_notes_need_finite_numbers(midi):
    with pytest.raises(ParameterError, match="finite"):
        notes.midi_to_note(midi)


def test_errors_are_value_errors_too():
    assert issubclass(ParameterError, ValueError)
    assert issubclass(ParameterError, SerfastError)


NUMBERS = [3, 440.0, np.float64(2000.0), [30, 5000], [], HZ, HZ.astype(np.float32),
           HZ.reshape(97, 1), np.array(1234.5), np.array([-5.0, 0.5])]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("name", "options"), [
    ("hz_to_mel", [{}, {"htk": True}]),
    ("mel_to_hz", [{}, {"htk": True}]),
    ("hz_to_midi", [{}]),
    ("midi_to_hz", [{}]),
    ("hz_to_octs", [{}, {"tuning": -0.2, "bins_per_octave": 24}]),
    ("octs_to_hz", [{}, {"tuning": -0.2, "bins_per_octave": 24}]),
    ("A4_to_tuning", [{}, {"bins_per_octave": 36}]),
    ("tuning_to_A4", [{}, {"bins_per_octave": 36}]),
])  # fmt: skip
def test_numbers_as_librosa(librosa, name, options):
    for keywords in options:
        for value in NUMBERS:
            # The exponentials overflow on frequencies read as mels, MIDI numbers or octaves.
            value = value if "hz_to" in name or "A4_to" in name else np.divide(value, 160.0)
            want = getattr(librosa, name)(value, **keywords)
            got = getattr(convert, name)(value, **keywords)
            assert np.shape(got) == np.shape(want)
            assert np.asarray(got).dtype == np.asarray(want).dtype
            np.testing.assert_allclose(got, want, rtol=1e-14 if want.dtype == float else 1e-6)


@pytest.mark.parametrize("n", [1, 2, 40, 128])
def test_frequency_lists_as_librosa(librosa, n):
    for options in ({}, {"fmin": 30.0, "fmax": 4000.0, "htk": True}):
        np.testing.assert_allclose(
            convert.mel_frequencies(n, **options), librosa.mel_frequencies(n, **options), rtol=1e-14
        )
    np.testing.assert_array_equal(
        convert.fft_frequencies(sr=16000, n_fft=n), librosa.fft_frequencies(sr=16000, n_fft=n)
    )


@pytest.mark.parametrize("unicode", [True, False])
def test_spelling_as_librosa_in_every_key(librosa, unicode):
    for tonic in "ABCDEFGc":
        for accidental in ("", "#", "♯", "b", "!", "♭", "♮"):
            for scale in ("maj", "min", "major", "minor"):
                key = f"{tonic}{accidental}:{scale}"
                np.testing.assert_array_equal(
                    notes.midi_to_note(np.arange(12), octave=False, key=key, unicode=unicode),
                    librosa.midi_to_note(np.arange(12), octave=False, key=key, unicode=unicode),
                    err_msg=key,
                )


def test_notes_as_librosa(librosa):
    midi = np.linspace(-30, 130, 777)
    for octave, cents in ((True, True), (True, False), (False, False)):
        np.testing.assert_array_equal(
            notes.midi_to_note(midi, octave=octave, cents=cents),
            librosa.midi_to_note(midi, octave=octave, cents=cents),
        )
    names = ["C", "c#3", "Bb-1", "A!8", "G𝄪6", "C♭𝄫5", "C♮2", "E4+1", "f-2-49"]
    np.testing.assert_array_equal(notes.note_to_midi(names), librosa.note_to_midi(names))
    for options in ({}, {"round_midi": False}):
        np.testing.assert_allclose(
            notes.note_to_hz(names, **options), librosa.note_to_hz(names, **options), rtol=1e-14
        )
    assert notes.hz_to_note(440.0) == librosa.hz_to_note(440.0)
