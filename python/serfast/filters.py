"""Windows and filter banks."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _core
from . import _validate as validate
from ._validate import Array
from .wavelets import cq_to_chroma, wavelet, wavelet_lengths
from .windows import Window as Window
from .windows import get_window, window_bandwidth

__all__ = [
    "chroma",
    "cq_to_chroma",
    "get_window",
    "mel",
    "wavelet",
    "wavelet_lengths",
    "window_bandwidth",
]


def mel(
    *,
    sr: float,
    n_fft: int,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: Literal["slaney"] | float | None = "slaney",
    dtype: npt.DTypeLike = np.float32,
) -> Array:
    """Mel filter bank: triangles over the bins of a spectrum, equally spaced on the mel scale.

    Parameters
    ----------
    sr : number > 0
        Sampling rate in Hz.
    n_fft : int > 0
        Transform length in samples.
    n_mels : int > 0
        Number of bands.
    fmin : float >= 0
        Lowest frequency in Hz, where the first triangle begins.
    fmax : float >= 0 or None
        Highest frequency in Hz, where the last triangle ends. None: ``sr / 2``.
    htk : bool
        HTK's mel formula instead of Slaney's scale.
    norm : "slaney", number >= 0, inf, -inf or None
        Scaling of each band: "slaney" to the same area (2 divided by its width in Hz), a number
        to that vector norm, None to a peak of 1.
    dtype : float dtype
        Type of the result.

    Returns
    -------
    M : np.ndarray [shape=(n_mels, 1 + n_fft // 2)]
        Weights, >= 0.

    Raises
    ------
    ParameterError
        If an option is out of its range.

    Warns
    -----
    UserWarning
        If bands are so narrow that no bin falls into them.

    See Also
    --------
    serfast.melspectrogram, serfast.mel_frequencies

    References
    ----------
    ``librosa.filters.mel`` 0.11; Slaney, "Auditory Toolbox" (1998).

    Examples
    --------
    >>> import serfast
    >>> serfast.filters.mel(sr=1600, n_fft=8, n_mels=2, norm=None).round(2)
    array([[0.  , 0.75, 0.5 , 0.  , 0.  ],
           [0.  , 0.  , 0.5 , 0.75, 0.  ]], dtype=float32)
    """
    o = mel_options(
        {
            "sr": sr,
            "n_fft": n_fft,
            "n_mels": n_mels,
            "fmin": fmin,
            "fmax": fmax,
            "htk": htk,
            "norm": norm,
            "dtype": dtype,
        }
    )
    slaney = o["mel_norm"] == "slaney"
    bank = _core.mel_filters(
        sr=o["sr"],
        n_fft=validate.positive_int("n_fft", n_fft),
        n_mels=o["n_mels"],
        fmin=o["fmin"],
        fmax=o["fmax"],
        htk=o["htk"],
        slaney=slaney,
        norm=None if slaney else o["mel_norm"],
        single=o["single"],
    )
    warn_if_empty(o, n_fft)
    return bank.astype(dtype)


def mel_options(o: dict[str, Any]) -> dict[str, Any]:
    """The options of a mel filter bank as the core takes them."""
    sr = validate.positive("sr", o["sr"])
    mel_norm = o["norm"]
    if isinstance(mel_norm, str):
        validate.choice("norm", mel_norm, ("slaney",))
    else:
        mel_norm = validate.norm("norm", mel_norm)
    return {
        "sr": sr,
        "n_mels": validate.positive_int("n_mels", o["n_mels"]),
        "fmin": validate.number("fmin", o["fmin"], 0),
        "fmax": sr / 2 if o["fmax"] is None else validate.number("fmax", o["fmax"], 0),
        "htk": bool(o["htk"]),
        "mel_norm": mel_norm,
        "single": validate.float_dtype(o["dtype"]) == np.float32,
    }


def warn_if_empty(o: dict[str, Any], n_fft: int) -> None:
    """Warns, as librosa does, of bands above 0 Hz that no bin falls into."""
    from .convert import fft_frequencies, mel_frequencies

    edges = mel_frequencies(o["n_mels"] + 2, fmin=o["fmin"], fmax=o["fmax"], htk=o["htk"])
    bins = fft_frequencies(sr=o["sr"], n_fft=n_fft)
    n_within = bins.searchsorted(edges[2:]) - bins.searchsorted(edges[:-2], side="right")
    if not np.all((edges[:-2] == 0) | (n_within > 0)):
        warnings.warn(
            "Empty filters detected in mel frequency basis. Some channels will produce empty "
            "responses. Try increasing your sampling rate (and fmax) or reducing n_mels.",
            stacklevel=4,
        )


def chroma(
    *,
    sr: float,
    n_fft: int,
    n_chroma: int = 12,
    tuning: float = 0.0,
    ctroct: float = 5.0,
    octwidth: float | None = 2,
    norm: float | None = 2,
    base_c: bool = True,
    dtype: npt.DTypeLike = np.float32,
) -> Array:
    """Chroma filter bank: how much each bin of a spectrum belongs to each pitch class.

    Parameters
    ----------
    sr : number > 0
        Sampling rate in Hz.
    n_fft : int > 1
        Transform length in samples.
    n_chroma : int > 0
        Number of pitch classes to the octave.
    tuning : float
        Deviation from A440 in fractions of a pitch class.
    ctroct : float
        Centre of the octaves that count most; 5 is near 880 Hz, where A0 is octave 0.
    octwidth : float > 0 or None
        Standard deviation, in octaves, of their weights. None: all octaves count the same.
    norm : number >= 0, inf, -inf or None
        Order of the vector norm of each bin's weights, before octaves are weighted. None: as
        they are.
    base_c : bool
        Whether the first row is C, or A.
    dtype : float dtype
        Type of the result.

    Returns
    -------
    wts : np.ndarray [shape=(n_chroma, 1 + n_fft // 2)]
        Weights, from 0 to 1.

    Raises
    ------
    ParameterError
        If an option is out of its range.

    See Also
    --------
    serfast.chroma_stft

    References
    ----------
    ``librosa.filters.chroma`` 0.11; Ellis, "Chroma feature analysis and synthesis" (2007).

    Examples
    --------
    >>> import serfast
    >>> bank = serfast.filters.chroma(sr=22050, n_fft=4096)
    >>> bank.shape, int(bank[:, 82].argmax())  # bin 82 is at 441 Hz: A, counted from C
    ((12, 2049), 9)
    """
    bank = _core.chroma_filters(
        sr=validate.positive("sr", sr),
        n_fft=validate.positive_int("n_fft", n_fft),
        n_chroma=validate.positive_int("n_chroma", n_chroma),
        tuning=validate.number("tuning", tuning),
        ctroct=validate.number("ctroct", ctroct),
        octwidth=None if octwidth is None else validate.positive("octwidth", octwidth),
        norm=validate.norm("norm", norm),
        base_c=bool(base_c),
        single=validate.float_dtype(dtype) == np.float32,
    )
    return bank.astype(dtype)
