"""What a case of the sweep calls a feature with, and librosa's answer to it.

librosa is imported where it is called: signals are made without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np

from signals import signal
from sweep import FEATURES, Case, skewed

# librosa 0.11 takes one maximum (mfcc, spectral_contrast: top_db) or one tuning (chroma_stft) over
# all channels, serfast each channel's own, and tempogram_ratio counts channels as lags: the truth
# is librosa on each channel.
BY_CHANNEL = ("mfcc", "spectral_contrast", "chroma_stft", "tempogram_ratio")

_SPOILED: dict[str, Callable[[np.ndarray], Any]] = {
    "y": lambda y: y,
    "nan": lambda y: np.where(np.arange(y.shape[-1]) == 99, np.nan, y).astype(y.dtype),
    "inf": lambda y: np.where(np.arange(y.shape[-1]) == 99, np.inf, y).astype(y.dtype),
    "int16": lambda y: (32767 * y).astype(np.int16),
    "list": lambda y: y.tolist(),
}
_SPECTRA: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "magnitude": ("S", np.abs),
    "negative": ("S", lambda D: -np.abs(D)),
    "power": ("S", lambda D: np.abs(D) ** 2),
    "level": ("S", lambda D: _decibels(D)),
    "complex_S": ("S", lambda D: D),
    "complex": ("stft_matrix", lambda D: D),
    "complex_D": ("D", lambda D: D),
    "decibels": ("S_db", lambda D: _decibels(D)),
    "data": ("data", lambda D: _decibels(D[..., :20, :])),
}
# Frames of an onset envelope.
MOST_ENVELOPE = 700
_ISTFT_OPTIONS = ("hop_length", "win_length", "window", "center")


def lookup(module: Any, feature: str) -> Callable[..., Any]:
    """A feature's function, in a flat module like serfast or in librosa's folders."""
    folders = ("feature", "effects", "decompose", "onset", "util")
    for space in (module, *(getattr(module, folder, None) for folder in folders)):
        found = space
        for name in feature.split("."):
            found = getattr(found, name, None)
        if found is not None:
            return found
    raise AttributeError(f"{module.__name__} has no {feature}")


def librosa_answer(case: Case, words: dict[str, Any]) -> Any:
    """librosa's result, channel by channel where serfast keeps channels apart."""
    import librosa

    function = lookup(librosa, case.feature)
    if case.feature not in BY_CHANNEL:
        with mock.patch("librosa.decompose.median_filter", _median_filter):
            return function(**words)
    name = next(name for name in ("y", "S", "onset_envelope") if name in words)
    if np.ndim(words[name]) <= 1 + (name == "S"):
        return function(**words)
    return np.stack([function(**(words | {name: channel})) for channel in words[name]])


def _median_filter(S: np.ndarray, size: list[int], mode: str) -> np.ndarray:
    """scipy's, which reads outside of arrays less than an eighth as wide as the window."""
    from scipy.ndimage import median_filter

    if all(n < 8 * width for n, width in zip(size, S.shape, strict=True)):
        return median_filter(S, size=size, mode=mode)
    padded = np.pad(S, [(n, n) for n in size], mode="symmetric")
    inside = tuple(slice(n, n + width) for n, width in zip(size, S.shape, strict=True))
    return median_filter(padded, size=size, mode=mode)[inside]


def keywords(case: Case, dtype: type) -> dict[str, Any]:
    """The keywords of a case's call, its input in the given precision.

    The input has no more digits than float32 holds, so both precisions get the same numbers.
    """
    words = dict(case.options)
    if FEATURES[case.feature].takes_sr:
        words["sr"] = case.sr
    if case.source in _SPECTRA:
        words |= _spectrum_words(case, dtype)
    elif case.source in ("envelope", "no_envelope"):
        envelope = np.abs(_signal(case)[..., :MOST_ENVELOPE].astype(dtype))
        words["onset_envelope"] = envelope if case.source == "envelope" else None
    elif case.source == "frequencies":
        words["frequencies"] = 3000 * np.abs(_signal(case).astype(dtype))
    elif FEATURES[case.feature].frames:
        words = case.frame | words
    if case.source in _SPOILED:
        words["y"] = _SPOILED[case.source](_signal(case).astype(dtype))
    return _expanded(case, words)


def _signal(case: Case) -> np.ndarray:
    return signal(case.kind, case.length, case.sr, case.seed, case.channels)


def _decibels(D: np.ndarray) -> np.ndarray:
    return 20 * np.log10(np.maximum(1e-4, np.abs(D)))


def _spectrum_words(case: Case, dtype: type) -> dict[str, Any]:
    """A spectrum, and those of the frame's options that the feature takes beside it."""
    import librosa

    n_fft = case.frame.get("n_fft", case.frame.get("frame_length", 2048))
    hop = case.frame.get("hop_length", max(n_fft // 4, 1))
    y = _signal(case).astype(float)
    y = np.concatenate([y, np.zeros((*y.shape[:-1], max(0, n_fft - y.shape[-1])))], axis=-1)
    name, make = _SPECTRA[case.source]
    S = make(librosa.stft(y, n_fft=n_fft, hop_length=hop))
    narrow = np.complex64 if np.iscomplexobj(S) else np.float32
    words: dict[str, Any] = {name: S.astype(narrow).astype(np.result_type(narrow, dtype))}
    if case.feature == "istft":
        words |= {option: case.frame[option] for option in _ISTFT_OPTIONS if option in case.frame}
        if n_fft % 2:
            words["n_fft"] = n_fft
    elif case.feature == "griffinlim":
        words |= {name: value for name, value in case.frame.items() if name != "n_fft" or n_fft % 2}
    elif FEATURES[case.feature].frames == "samples":
        words["frame_length"] = n_fft
    elif FEATURES[case.feature].frames == "stft" and case.seed % 2:
        words["n_fft"] = n_fft
    return words


def _expanded(case: Case, words: dict[str, Any]) -> dict[str, Any]:
    """Words that stand for arrays or lengths, replaced by those."""
    n_fft = words.get("n_fft", 2048)
    if "S" in words and "n_fft" not in words:
        n_fft = 2 * (words["S"].shape[-2] - 1)
    if "stft_matrix" in words and "length" in words:
        full = words["stft_matrix"].shape[-1] * words.get("hop_length", 512)
        lengths = {"exact": full, "short": full // 2 + 1, "long": full + 3000}
        words["length"] = lengths[words["length"]]
    if isinstance(words.get("window"), str) and words["window"] in ("array", "short"):
        words["window"] = skewed(
            words.get("win_length", n_fft) if words["window"] == "array" else 9
        )
    if words.get("freq") == "warped":
        words["freq"] = np.linspace(0, np.sqrt(case.sr), n_fft // 2 + 1) ** 2 / 2
    if words.get("zi") == "given":
        words["zi"] = 0.3 * words["y"][..., :1]
    return words
