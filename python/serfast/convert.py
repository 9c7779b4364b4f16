"""Conversions between Hz, mel, MIDI numbers, note names, octaves and tunings.

Every function takes a number or an array and answers in kind, with librosa's names and values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import ParameterError

__all__ = [
    "A4_to_tuning",
    "fft_frequencies",
    "hz_to_mel",
    "hz_to_midi",
    "hz_to_note",
    "hz_to_octs",
    "mel_frequencies",
    "mel_to_hz",
    "midi_to_hz",
    "midi_to_note",
    "note_to_hz",
    "note_to_midi",
    "octs_to_hz",
    "tuning_to_A4",
]

Floats: TypeAlias = "np.floating[Any] | NDArray[np.floating[Any]]"

_A4_HZ = 440.0
_A4_MIDI = 69.0

# Slaney's mel scale: straight up to 1 kHz, which is mel 15, then 27 steps for each factor of 6.4.
_HZ_PER_MEL = 200.0 / 3
_LOG_FROM_HZ = 1000.0
_LOG_FROM_MEL = _LOG_FROM_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0

# Fifths above C of each letter, and of the major key that shares its notes with a scale on C.
_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_SCALES = {"maj": 0, "min": -3}
_ACCIDENTALS = {"#": 1, "♯": 1, "𝄪": 2, "b": -1, "!": -1, "♭": -1, "𝄫": -2, "♮": 0}
_ASCII = str.maketrans({"♯": "#", "𝄪": "##", "♭": "b", "𝄫": "bb"})

_NOTE = re.compile(r"([A-Ga-g])([#♯𝄪b!♭𝄫♮]*)([+-]?\d+)?([+-]\d+)?")
_KEY = re.compile(r"([A-Ga-g])([#♯b!♭♮]?):(maj|min)(?:or)?")


def hz_to_mel(frequencies: ArrayLike, *, htk: bool = False) -> Floats:
    """Mel numbers of frequencies.

    Parameters
    ----------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz.
    htk : bool
        HTK's formula instead of Slaney's scale.

    Returns
    -------
    mels : number or np.ndarray [shape=(...)]
        Mel numbers: at 1 kHz 15 on Slaney's scale, about 1000 on HTK's.

    Notes
    -----
    ``librosa.hz_to_mel`` 0.11; Slaney, "Auditory Toolbox" (1998); Young et al., "The HTK Book",
    section 5.4.

    Examples
    --------
    >>> float(hz_to_mel(800))
    12.0
    """
    hz = np.asanyarray(frequencies)
    if htk:
        return 2595.0 * np.log10(1.0 + hz / 700.0)
    mels = hz / _HZ_PER_MEL
    log_mels = _LOG_FROM_MEL + np.log(np.maximum(hz, _LOG_FROM_HZ) / _LOG_FROM_HZ) / _LOG_STEP
    return _pick(hz >= _LOG_FROM_HZ, log_mels, mels)


def mel_to_hz(mels: ArrayLike, *, htk: bool = False) -> Floats:
    """Frequencies of mel numbers: the inverse of `hz_to_mel`.

    Parameters
    ----------
    mels : number or np.ndarray [shape=(...)]
        Mel numbers.
    htk : bool
        HTK's formula instead of Slaney's scale.

    Returns
    -------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz.

    Notes
    -----
    ``librosa.mel_to_hz`` 0.11; sources as for `hz_to_mel`.

    Examples
    --------
    >>> float(mel_to_hz(42))
    6400.0
    """
    mel = np.asanyarray(mels)
    if htk:
        return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    log_hz = _LOG_FROM_HZ * np.exp(_LOG_STEP * (np.maximum(mel, _LOG_FROM_MEL) - _LOG_FROM_MEL))
    return _pick(mel >= _LOG_FROM_MEL, log_hz, _HZ_PER_MEL * mel)


def _pick(condition: Any, yes: Any, no: Any) -> Floats:
    """``yes`` where the condition holds, else ``no``, typed as ``no``; scalars stay scalars."""
    picked: Floats = np.where(condition, yes, no).astype(no.dtype)[()]
    return picked


def mel_frequencies(
    n_mels: int = 128, *, fmin: float = 0.0, fmax: float = 11025.0, htk: bool = False
) -> NDArray[np.floating[Any]]:
    """Frequencies that are equally spaced on the mel scale.

    Parameters
    ----------
    n_mels : int >= 0
        How many.
    fmin, fmax : float >= 0
        The first and the last, in Hz.
    htk : bool
        HTK's formula instead of Slaney's scale.

    Returns
    -------
    frequencies : np.ndarray [shape=(n_mels,)]
        Frequencies in Hz.

    Notes
    -----
    ``librosa.mel_frequencies`` 0.11; sources as for `hz_to_mel`.

    Examples
    --------
    >>> mel_frequencies(4, fmax=800).round(3)
    array([  0.   , 266.667, 533.333, 800.   ])
    """
    lowest, highest = hz_to_mel(fmin, htk=htk), hz_to_mel(fmax, htk=htk)
    return np.asarray(mel_to_hz(np.linspace(lowest, highest, n_mels), htk=htk))


def fft_frequencies(*, sr: float = 22050, n_fft: int = 2048) -> NDArray[np.floating[Any]]:
    """Centre frequencies of the bins of a real FFT.

    Parameters
    ----------
    sr : number > 0
        Sampling rate in Hz.
    n_fft : int > 0
        Transform length in samples.

    Returns
    -------
    frequencies : np.ndarray [shape=(1 + n_fft // 2,)]
        Frequencies in Hz, from 0 up to at most ``sr / 2``.

    Notes
    -----
    ``librosa.fft_frequencies`` 0.11.

    Examples
    --------
    >>> fft_frequencies(sr=8000, n_fft=8)
    array([   0., 1000., 2000., 3000., 4000.])
    """
    return np.fft.rfftfreq(n_fft, 1.0 / sr)


def hz_to_midi(frequencies: ArrayLike) -> Floats:
    """MIDI numbers of frequencies, fractions included.

    Parameters
    ----------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz, above 0.

    Returns
    -------
    notes : number or np.ndarray [shape=(...)]
        MIDI numbers.

    Notes
    -----
    ``librosa.hz_to_midi`` 0.11; MIDI Tuning Standard: 69 is 440 Hz, 12 to the octave.

    Examples
    --------
    >>> float(hz_to_midi(440))
    69.0
    """
    octaves: Floats = np.log2(np.asanyarray(frequencies)) - np.log2(_A4_HZ)
    return 12 * octaves + _A4_MIDI


def midi_to_hz(notes: ArrayLike) -> Floats:
    """Frequencies of MIDI numbers: the inverse of `hz_to_midi`.

    Parameters
    ----------
    notes : number or np.ndarray [shape=(...)]
        MIDI numbers; they may have fractions.

    Returns
    -------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz.

    Notes
    -----
    ``librosa.midi_to_hz`` 0.11.

    Examples
    --------
    >>> midi_to_hz([57, 69, 81])
    array([220., 440., 880.])
    """
    return _A4_HZ * 2.0 ** ((np.asanyarray(notes) - _A4_MIDI) / 12.0)


def hz_to_octs(frequencies: ArrayLike, *, tuning: float = 0.0, bins_per_octave: int = 12) -> Floats:
    """Octave numbers of frequencies; A0, 27.5 Hz when in tune, is octave 0.

    Parameters
    ----------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz.
    tuning : float
        Deviation from A440 in bins.
    bins_per_octave : int > 0
        Bins to the octave.

    Returns
    -------
    octaves : number or np.ndarray [shape=(...)]
        Octave numbers, fractions included.

    Notes
    -----
    ``librosa.hz_to_octs`` 0.11; Ellis, "Chroma feature analysis and synthesis" (2007).

    Examples
    --------
    >>> float(hz_to_octs(440))
    4.0
    """
    octave_0 = float(tuning_to_A4(tuning, bins_per_octave=bins_per_octave)) / 16
    octaves: Floats = np.log2(np.asanyarray(frequencies) / octave_0)
    return octaves


def octs_to_hz(octs: ArrayLike, *, tuning: float = 0.0, bins_per_octave: int = 12) -> Floats:
    """Frequencies of octave numbers: the inverse of `hz_to_octs`.

    Parameters
    ----------
    octs : number or np.ndarray [shape=(...)]
        Octave numbers; A0 is octave 0.
    tuning : float
        Deviation from A440 in bins.
    bins_per_octave : int > 0
        Bins to the octave.

    Returns
    -------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz.

    Notes
    -----
    ``librosa.octs_to_hz`` 0.11.

    Examples
    --------
    >>> octs_to_hz([0, 4])
    array([ 27.5, 440. ])
    """
    octave_0 = float(tuning_to_A4(tuning, bins_per_octave=bins_per_octave)) / 16
    return octave_0 * 2.0 ** np.asanyarray(octs)


def A4_to_tuning(  # noqa: N802
    A4: ArrayLike, *, bins_per_octave: int = 12
) -> Floats:
    """Tuning that a reference pitch A4 amounts to.

    Parameters
    ----------
    A4 : number or np.ndarray [shape=(...)]
        Frequency of A4 in Hz, above 0.
    bins_per_octave : int > 0
        Bins to the octave.

    Returns
    -------
    tuning : number or np.ndarray [shape=(...)]
        Deviation from A440 in bins.

    Notes
    -----
    ``librosa.A4_to_tuning`` 0.11.

    Examples
    --------
    >>> round(float(A4_to_tuning(432)), 3)
    -0.318
    """
    octaves: Floats = np.log2(np.asanyarray(A4)) - np.log2(_A4_HZ)
    return bins_per_octave * octaves


def tuning_to_A4(  # noqa: N802
    tuning: ArrayLike, *, bins_per_octave: int = 12
) -> Floats:
    """Reference pitch A4 of a tuning: the inverse of `A4_to_tuning`.

    Parameters
    ----------
    tuning : number or np.ndarray [shape=(...)]
        Deviation from A440 in bins.
    bins_per_octave : int > 0
        Bins to the octave.

    Returns
    -------
    A4 : number or np.ndarray [shape=(...)]
        Frequency of A4 in Hz.

    Notes
    -----
    ``librosa.tuning_to_A4`` 0.11.

    Examples
    --------
    >>> tuning_to_A4([0, 12])
    array([440., 880.])
    """
    return _A4_HZ * 2.0 ** (np.asanyarray(tuning) / bins_per_octave)


def note_to_midi(
    note: str | Iterable[str], *, round_midi: bool = True
) -> float | NDArray[np.int64 | np.float64]:
    """MIDI numbers of note names.

    Parameters
    ----------
    note : str or iterable of str
        Letter, accidentals (``#``, ``♯``, ``𝄪``, ``b``, ``!``, ``♭``, ``𝄫``, ``♮``), octave (0 if
        absent), deviation in cents: ``'C'``, ``'f#3'``, ``'B♭2-25'``.
    round_midi : bool
        Round to whole semitones.

    Returns
    -------
    midi : int (float unless rounded) or np.ndarray [shape=(len(note),)]
        MIDI numbers.

    Raises
    ------
    ParameterError
        If a name cannot be read.

    Notes
    -----
    ``librosa.note_to_midi`` 0.11; scientific pitch notation: C4 is 60.

    Examples
    --------
    >>> note_to_midi(["C4", "A4"])
    array([60, 69])
    >>> note_to_midi("A4-50", round_midi=False)
    68.5
    """
    if not isinstance(note, str):
        return np.array([note_to_midi(name, round_midi=round_midi) for name in note])
    match = _NOTE.fullmatch(note)
    if not match:
        raise ParameterError(
            f"note={note!r} is not a note name: it must be a letter A to G, then accidentals, "
            "an octave and cents as wanted, like 'C', 'F#3' or 'B♭2-25'"
        )
    letter, accidentals, octave, cents = match.groups()
    semitones = 7 * _FIFTHS[letter.upper()] % 12 + sum(_ACCIDENTALS[sign] for sign in accidentals)
    midi = 12 * (int(octave or 0) + 1) + semitones + 0.01 * int(cents or 0)
    return round(midi) if round_midi else midi


def midi_to_note(
    midi: ArrayLike,
    *,
    octave: bool = True,
    cents: bool = False,
    key: str = "C:maj",
    unicode: bool = True,
) -> str | NDArray[np.str_]:
    """Note names of MIDI numbers, each rounded to the nearest semitone.

    Parameters
    ----------
    midi : number or np.ndarray [shape=(...)]
        MIDI numbers; they may have fractions.
    octave : bool
        Append the octave number.
    cents : bool
        Append the deviation in cents (needs ``octave``).
    key : str
        Key that decides between sharps and flats: tonic, colon, maj or min, like ``'E♭:min'``.
    unicode : bool
        ``♯`` and ``♭`` instead of ``#`` and ``b``.

    Returns
    -------
    notes : str or np.ndarray of str [shape=(...)]
        Names, such as ``'C♯4'``.

    Raises
    ------
    ParameterError
        If a number is not finite, `key` cannot be read, or there are cents without the octave.

    Notes
    -----
    ``librosa.midi_to_note`` 0.11, for arrays of any shape.

    Examples
    --------
    >>> midi_to_note(61)
    'C♯4'
    >>> midi_to_note(61.25, key="F:maj", cents=True, unicode=False)
    'Db4+25'
    """
    if cents and not octave:
        raise ParameterError("cents=True needs octave=True: 'C+25' would read as octave 25")
    numbers = np.asarray(midi)
    if not np.all(np.isfinite(numbers)):
        raise ParameterError(f"midi={midi!r} must be finite to have a note name")
    names = _chromatic_names(key, unicode=unicode)

    def spell(number: Any) -> str:
        semitone = int(np.round(number))
        name = names[semitone % 12]
        if octave:
            name += f"{int(semitone / 12) - 1}"
        if cents:
            name += f"{int(100 * np.around(number - semitone, 2)):+02d}"
        return name

    if np.isscalar(midi):
        return spell(numbers[()])
    return np.array([spell(number) for number in numbers.flat], dtype=str).reshape(numbers.shape)


def _chromatic_names(key: str, *, unicode: bool) -> list[str]:
    """Names of the pitch classes C to B as the key spells them: 12 neighbours in the fifths."""
    match = _KEY.fullmatch(key)
    if not match:
        raise ParameterError(
            f"key={key!r} is not a key: it must be a tonic A to G with at most one accidental, "
            "a colon, and maj or min, like 'E♭:min'"
        )
    tonic, accidental, scale = match.groups()
    sharps = _FIFTHS[tonic.upper()] + 7 * _ACCIDENTALS.get(accidental, 0) + _SCALES[scale]
    start = max(-1, sharps - 6) if sharps >= 0 else min(-6, sharps - 1)
    names = [""] * 12
    for fifths in range(start, start + 12):
        signs, letter = divmod(fifths + 1, 7)
        double, single = divmod(abs(signs), 2)
        suffix = "♭" * single + "𝄫" * double if signs < 0 else "♯" * single + "𝄪" * double
        names[7 * fifths % 12] = "FCGDAEB"[letter] + suffix
    return names if unicode else [name.translate(_ASCII) for name in names]


def note_to_hz(note: str | Iterable[str], *, round_midi: bool = True) -> Floats:
    """Frequencies of note names.

    Parameters
    ----------
    note, round_midi
        As in `note_to_midi`.

    Returns
    -------
    frequencies : number or np.ndarray [shape=(len(note),)]
        Frequencies in Hz.

    Raises
    ------
    ParameterError
        If a name cannot be read.

    Notes
    -----
    ``librosa.note_to_hz`` 0.11.

    Examples
    --------
    >>> note_to_hz(["A3", "A4"])
    array([220., 440.])
    """
    return midi_to_hz(note_to_midi(note, round_midi=round_midi))


def hz_to_note(
    frequencies: ArrayLike,
    *,
    octave: bool = True,
    cents: bool = False,
    key: str = "C:maj",
    unicode: bool = True,
) -> str | NDArray[np.str_]:
    """Names of the notes nearest to frequencies.

    Parameters
    ----------
    frequencies : number or np.ndarray [shape=(...)]
        Frequencies in Hz, above 0.
    octave, cents, key, unicode
        As in `midi_to_note`.

    Returns
    -------
    notes : str or np.ndarray of str [shape=(...)]
        Names, such as ``'C♯4'``.

    Raises
    ------
    ParameterError
        As in `midi_to_note`.

    Notes
    -----
    ``librosa.hz_to_note`` 0.11.

    Examples
    --------
    >>> hz_to_note([261.63, 443], cents=True)
    array(['C4+0', 'A4+12'], dtype='<U5')
    """
    return midi_to_note(
        hz_to_midi(frequencies), octave=octave, cents=cents, key=key, unicode=unicode
    )
