"""Features of a signal, each in a picture of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import serfast
from serfast._figures import axes_for
from serfast._validate import Array, choice, positive, positive_int
from serfast.errors import ParameterError

from ._charts import BLUE
from ._frames import (
    C1,
    DECIBELS,
    decibels,
    draw_frames,
    heard,
    hop_for,
    largest,
    octaves_below_nyquist,
    tick_round_times,
    time_unit,
)
from ._waveshow import waveshow

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def waveform(y: Array, *, sr: float = 22050, offset: float = 0.0, ax: Axes | None = None) -> Axes:
    """Draw a signal, or its envelope where samples are too many to see.

    Parameters
    ----------
    y : np.ndarray [shape=(n,)]
        The signal.
    sr : number > 0
        Sampling rate in Hz.
    offset : float
        The time of the first sample in seconds.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: pyplot's current axes.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        If `y` is no such signal, or matplotlib is not installed.

    See Also
    --------
    waveshow : The same with librosa's options, for two channels, too.

    Examples
    --------
    >>> import serfast
    >>> waveform(serfast.tone(440, sr=16000, duration=2), sr=16000).get_xlabel()
    'Time (seconds)'
    """
    axes, y = axes_for(ax), heard(y)
    duration = len(y) / positive("sr", sr)
    waveshow(y, sr=sr, offset=offset, axis=time_unit(duration), color=BLUE, ax=axes)
    tick_round_times(axes)
    axes.set(xlim=(offset, offset + duration), ylabel="Amplitude", title="Waveform")
    return axes


def spectrogram(
    y: Array,
    *,
    sr: float = 22050,
    n_fft: int = 2048,
    hop_length: int | None = None,
    y_axis: str = "linear",
    offset: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the short-time Fourier transform in decibels below its maximum.

    Parameters
    ----------
    y, sr, hop_length, offset, ax
        As in `mel`.
    n_fft : int > 0
        Length of the transform.
    y_axis : {"linear", "log", "fft_note"}
        The scale of the frequencies, as in `specshow`.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        As `mel` and `serfast.stft` do, or for another `y_axis`.

    Examples
    --------
    >>> import serfast
    >>> spectrogram(serfast.tone(440, sr=16000, duration=2), sr=16000).get_ylabel()
    'Hz'
    """
    choice("y_axis", y_axis, ("linear", "log", "fft_note"))
    y, hop = heard(y), hop_for(y, hop_length)
    magnitude = np.abs(serfast.stft(y, n_fft=n_fft, hop_length=hop))
    return draw_frames(
        decibels(magnitude), "Spectrogram", "dB", ax,
        sr=sr, hop=hop, offset=offset, y_axis=y_axis, n_fft=n_fft, **DECIBELS,
    )  # fmt: skip


def mel(
    y: Array,
    *,
    sr: float = 22050,
    n_fft: int = 2048,
    hop_length: int | None = None,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    offset: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the mel spectrogram in decibels below its maximum.

    Parameters
    ----------
    y : np.ndarray [shape=(n,)]
        The signal.
    sr : number > 0
        Sampling rate in Hz.
    n_fft, n_mels, fmin, fmax, htk
        As in `serfast.melspectrogram`.
    hop_length : int > 0 or None
        Samples from frame to frame; None takes the multiple of 64 that gives 1024 to 2048 frames,
        or 64 for short signals.
    offset : float
        The time of the first sample in seconds.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default: pyplot's current axes.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        If `y` is no signal of one channel, is empty or not finite, an option is out of range, or
        matplotlib is not installed.

    Examples
    --------
    >>> import serfast
    >>> mel(serfast.tone(440, sr=16000, duration=2), sr=16000).get_title()
    'Mel spectrogram'
    """
    y, hop = heard(y), hop_for(y, hop_length)
    power = serfast.melspectrogram(
        y=y, sr=sr, n_fft=n_fft, hop_length=hop, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk
    )
    return draw_frames(
        decibels(np.sqrt(power)), "Mel spectrogram", "dB", ax,
        sr=sr, hop=hop, offset=offset, y_axis="mel", fmin=fmin, fmax=fmax, htk=htk, **DECIBELS,
    )  # fmt: skip


def mfcc(
    y: Array,
    *,
    sr: float = 22050,
    n_mfcc: int = 20,
    hop_length: int | None = None,
    offset: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the mel-frequency cepstral coefficients.

    Colours span the coefficients above the first, which is the level and so much larger that it
    would leave the others grey.

    Parameters
    ----------
    y, sr, hop_length, offset, ax
        As in `mel`.
    n_mfcc : int > 1
        Number of coefficients.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        As `mel` and `serfast.mfcc` do.

    Examples
    --------
    >>> import serfast
    >>> mfcc(serfast.tone(440, sr=16000, duration=2), sr=16000).get_ylabel()
    'Coefficient'
    """
    if positive_int("n_mfcc", n_mfcc) < 2:
        raise ParameterError(
            f"n_mfcc={n_mfcc} must be at least 2: colours span those above the first"
        )
    y, hop = heard(y), hop_for(y, hop_length)
    coefficients = serfast.mfcc(y=y, sr=sr, n_mfcc=n_mfcc, hop_length=hop)
    limit = largest(coefficients[1:])
    axes = draw_frames(
        coefficients, "MFCC", "", ax, sr=sr, hop=hop, offset=offset,
        y_axis="frames", cmap="coolwarm", vmin=-limit, vmax=limit,
    )  # fmt: skip
    axes.locator_params(axis="y", integer=True)
    axes.set_ylabel("Coefficient")
    return axes


def chroma(
    y: Array,
    *,
    sr: float = 22050,
    n_fft: int = 2048,
    hop_length: int | None = None,
    key: str = "C:maj",
    offset: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the energy of the twelve pitch classes, each frame's largest being 1.

    Parameters
    ----------
    y, sr, hop_length, offset, ax
        As in `mel`.
    n_fft : int > 0
        Length of the transform.
    key : str
        The key that spells the notes, and whose degrees the ticks are.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        As `mel` and `serfast.chroma_stft` do, or if `key` is none.

    Examples
    --------
    >>> import serfast
    >>> chroma(serfast.tone(440, sr=16000, duration=2), sr=16000).get_ylabel()
    'Pitch class'
    """
    y, hop = heard(y), hop_for(y, hop_length)
    classes = serfast.chroma_stft(y=y, sr=sr, n_fft=n_fft, hop_length=hop)
    return draw_frames(
        classes, "Chroma", "", ax,
        sr=sr, hop=hop, offset=offset, y_axis="chroma", key=key, vmin=0, vmax=1,
    )  # fmt: skip


def contrast(
    y: Array,
    *,
    sr: float = 22050,
    n_fft: int = 2048,
    hop_length: int | None = None,
    fmin: float = 200.0,
    offset: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw by how much peaks rise above valleys, octave by octave.

    Parameters
    ----------
    y, sr, hop_length, offset, ax
        As in `mel`.
    n_fft : int > 0
        Length of the transform.
    fmin : float > 0
        The upper edge of the lowest band in Hz. Up to six octaves follow, as many as begin below
        half the sampling rate.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        As `mel` and `serfast.spectral_contrast` do.

    Examples
    --------
    >>> import serfast
    >>> axes = contrast(serfast.tone(440, sr=16000, duration=2), sr=16000)
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['0', '200', '400', '800', '1600', '3200', '6400', '8000']
    """
    octaves = np.log2(positive("sr", sr) / 2 / positive("fmin", fmin))
    n_bands = int(np.clip(np.ceil(octaves), 1, 6))
    y, hop = heard(y), hop_for(y, hop_length)
    bands = serfast.spectral_contrast(
        y=y, sr=sr, n_fft=n_fft, hop_length=hop, fmin=fmin, n_bands=n_bands
    )
    edges = [0, *(fmin * 2**octave for octave in range(n_bands)), sr / 2]
    axes = draw_frames(
        bands, "Spectral contrast", "dB", ax,
        sr=sr, hop=hop, offset=offset,
        y_axis="frames", y_coords=np.arange(n_bands + 1) + 0.5, vmin=0,
    )  # fmt: skip
    axes.set_yticks(range(len(edges)), [f"{edge:g}" for edge in edges])
    axes.set_ylabel("Hz")
    return axes


def tonnetz(
    y: Array,
    *,
    sr: float = 22050,
    hop_length: int | None = None,
    offset: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the tonal centroid: where the chroma lies on the circles of fifths and of thirds.

    Parameters
    ----------
    y, sr, hop_length, offset, ax
        As in `mel`.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        As `mel` and `serfast.tonnetz` do.

    Examples
    --------
    >>> import serfast
    >>> tonnetz(serfast.tone(440, sr=16000, duration=2), sr=16000).get_ylabel()
    'Tonnetz'
    """
    y, hop = heard(y), hop_for(y, hop_length)
    octaves = octaves_below_nyquist(sr, C1)
    bins = serfast.chroma_cqt(y=y, sr=sr, hop_length=hop, n_octaves=octaves)
    centroid = serfast.tonnetz(chroma=bins)
    limit = largest(centroid)
    return draw_frames(
        centroid, "Tonnetz", "", ax, sr=sr, hop=hop, offset=offset,
        y_axis="tonnetz", cmap="coolwarm", vmin=-limit, vmax=limit,
    )  # fmt: skip


def cqt(
    y: Array,
    *,
    sr: float = 22050,
    hop_length: int | None = None,
    fmin: float | None = None,
    n_bins: int | None = None,
    bins_per_octave: int = 12,
    offset: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the constant-Q transform in decibels below its maximum, over note names.

    Parameters
    ----------
    y, sr, hop_length, offset, ax
        As in `mel`.
    fmin, bins_per_octave
        As in `serfast.cqt`.
    n_bins : int > 0 or None
        Number of bins; None takes up to seven octaves, as many as lie below half the sampling rate.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn into.

    Raises
    ------
    ParameterError
        As `mel` and `serfast.cqt` do.

    Examples
    --------
    >>> import serfast
    >>> cqt(serfast.tone(440, sr=16000, duration=2), sr=16000).get_ylabel()
    'Note'
    """
    y, hop = heard(y), hop_for(y, hop_length)
    if n_bins is None:
        lowest = C1 if fmin is None else positive("fmin", fmin)
        n_bins = positive_int("bins_per_octave", bins_per_octave) * octaves_below_nyquist(
            sr, lowest
        )
    bins = serfast.cqt(
        y, sr=sr, hop_length=hop, fmin=fmin, n_bins=n_bins, bins_per_octave=bins_per_octave
    )
    return draw_frames(
        decibels(np.abs(bins)), "Constant-Q transform", "dB", ax,
        sr=sr, hop=hop, offset=offset,
        y_axis="cqt_note", fmin=fmin, bins_per_octave=bins_per_octave, **DECIBELS,
    )  # fmt: skip
