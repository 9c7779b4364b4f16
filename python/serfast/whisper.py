"""Whisper's front end."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from . import _engine as engine
from . import _validate as validate
from ._validate import Real
from .errors import ParameterError

__all__ = ["log_mel"]

_rate, _hop, _n_fft = 16000, 160, 400
_chunk = 30 * _rate


def log_mel(y: Real, *, n_mels: int = 80, padding: int | Literal["max_length"] = 0) -> Real:
    """Log-mel spectrogram that Whisper hears.

    Parameters
    ----------
    y : np.ndarray or CPU tensor [shape=(..., n)], float32 or float64
        The signal at 16 kHz; leading axes are channels (a batch), each on its own.
    n_mels : int > 0
        Number of bands: 80, or 128 for large-v3.
    padding : int >= 0 or "max_length"
        Number of zeros that are appended first, as in openai-whisper. "max_length": the signal is
        padded or cut to 30 s, as the extractor of transformers does and ``whisper.pad_or_trim``.

    Returns
    -------
    M : np.ndarray [shape=(..., n_mels, frames)]
        ``n // 160`` frames (3000 for 30 s): the base-10 logarithm of each band's power, not lower
        than 8 below the maximum, plus 4, divided by 4. float32 for float32, else float64.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats or shorter than 160 samples, or an option is out of
        its range.

    See Also
    --------
    serfast.melspectrogram

    Notes
    -----
    Frames of 400 samples every 160 around ``t * 160``, the signal reflected at its ends; Slaney's
    mel scale up to 8 kHz.

    References
    ----------
    ``whisper.log_mel_spectrogram`` 20250625 (openai-whisper);
    ``transformers.WhisperFeatureExtractor`` 5.23; Radford et al., "Robust speech recognition via
    large-scale weak supervision" (2022).

    Examples
    --------
    >>> import numpy as np, serfast.whisper
    >>> y = np.sin(np.arange(16000, dtype=np.float32) / 10)
    >>> serfast.whisper.log_mel(y).shape
    (80, 100)
    >>> serfast.whisper.log_mel(y, n_mels=128, padding="max_length").shape
    (128, 3000)
    """
    y = validate.waveform(y, "y")
    n = y.shape[-1]
    total = _chunk if padding == "max_length" else n + _zeros(padding)
    if total < _hop:
        raise ParameterError(f"y has {n} samples; at least {_hop} make a frame")
    # One frame of appended zeros is as good as another: only the first of them is computed.
    silent = -(-(n + _n_fft // 2) // _hop)
    y = _of_length(y, min(total, silent * _hop + _n_fft))
    made = engine.plan("whisper_log_mel", y, {"n_mels": n_mels})
    rows: Real = made.rows(y, engine.threads_for(y.size))[0]
    if total // _hop == rows.shape[-1]:
        return rows
    result = np.empty((*rows.shape[:-1], total // _hop), rows.dtype)
    result[..., : silent + 1] = rows[..., : silent + 1]
    result[..., silent + 1 :] = rows[..., silent, None]
    return result


@engine.translates("whisper_log_mel")
def _log_mel(o: engine.Options) -> engine.Options:
    frames = engine.frame_options(_n_fft, _hop, None, "hann", True, "reflect")
    options = {
        **frames, "convention": "whisper", "source": "signal", "sr": _rate, "power": 2.0,
        "n_mels": o["n_mels"], "fmin": 0.0, "fmax": None, "htk": False, "norm": "slaney",
        "dtype": np.float32,
    }  # fmt: skip
    return {**engine.request("melspectrogram", options)[1], "top_db": 80.0}


def _zeros(padding: Any) -> int:
    if isinstance(padding, (int, np.integer)) and not isinstance(padding, bool) and padding >= 0:
        return int(padding)
    raise ParameterError(
        f"padding={padding!r} must be 'max_length' or a number of samples, at least 0"
    )


def _of_length(y: Real, n: int) -> Real:
    """The signal cut, or with zeros appended."""
    missing = n - y.shape[-1]
    if missing <= 0:
        return validate.contiguous(y[..., :n])
    return np.concatenate([y, np.zeros((*y.shape[:-1], missing), y.dtype)], axis=-1)
