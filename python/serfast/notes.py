"""Note names: to and from MIDI numbers and Hz, with librosa's spelling and values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .convert import Floats, hz_to_midi, midi_to_hz
from .errors import ParameterError

__all__ = ["hz_to_note", "midi_to_note", "note_to_hz", "note_to_midi"]

# Fifths above C of each letter, and of the major key that shares its notes with a scale on C.
_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_SCALES = {"maj": 0, "min": -3}
_ACCIDENTALS = {"#": 1, "♯": 1, "𝄪": 2, "b": -1, "!": -1, "♭": -1, "𝄫": -2, "♮": 0}
_ASCII = str.maketrans({"♯": "#", "𝄪": "##", "♭": "b", "𝄫": "bb"})

_NOTE = re.compile(r"([A-Ga-g])([#♯𝄪b!♭𝄫♮]*)([+-]?\d+)?([+-]\d+)?")
_KEY = re.compile(r"([A-Ga-g])([#♯b!♭♮]?):(maj|min)(?:or)?")


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
    sharps = _sharps(key)
    start = max(-1, sharps - 6) if sharps >= 0 else min(-6, sharps - 1)
    names = [""] * 12
    for fifths in range(start, start + 12):
        signs, letter = divmod(fifths + 1, 7)
        double, single = divmod(abs(signs), 2)
        suffix = "♭" * single + "𝄫" * double if signs < 0 else "♯" * single + "𝄪" * double
        names[7 * fifths % 12] = "FCGDAEB"[letter] + suffix
    return names if unicode else [name.translate(_ASCII) for name in names]


def scale_degrees(key: str) -> list[int]:
    """The pitch classes of a key's scale, 0 being C: 7 neighbours in the fifths.

    Raises
    ------
    ParameterError
        If it is no key.

    Examples
    --------
    >>> scale_degrees("G:maj")
    [0, 2, 4, 6, 7, 9, 11]
    """
    sharps = _sharps(key)
    return sorted(7 * fifths % 12 for fifths in range(sharps - 1, sharps + 6))


def _sharps(key: str) -> int:
    """How many sharps a key has; flats are negative."""
    match = _KEY.fullmatch(key)
    if not match:
        raise ParameterError(
            f"key={key!r} is not a key: it must be a tonic A to G with at most one accidental, "
            "a colon, and maj or min, like 'E♭:min'"
        )
    tonic, accidental, scale = match.groups()
    return _FIFTHS[tonic.upper()] + 7 * _ACCIDENTALS.get(accidental, 0) + _SCALES[scale]


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
