"""Conversions between Hz, mel, MIDI numbers, octaves and tunings.

Every function takes a number or an array and answers in kind, with librosa's names and values.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "A4_to_tuning",
    "fft_frequencies",
    "hz_to_mel",
    "hz_to_midi",
    "hz_to_octs",
    "mel_frequencies",
    "mel_to_hz",
    "midi_to_hz",
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
