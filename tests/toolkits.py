"""Other toolkits' own functions, by serfast's names of the options, where they are installed."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from functools import cache
from importlib import metadata
from types import ModuleType
from typing import Any

import numpy as np

Call = Callable[..., np.ndarray]


class AbsentError(Exception):
    """A toolkit that this environment does not have, and why."""


@cache
def imported(module: str) -> ModuleType:
    """A toolkit's module; AbsentError where it is not installed or does not load."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(module)
        except Exception as error:  # torchaudio's wheel: OSError without CUDA's libraries
            raise AbsentError(f"{module} is not importable: {type(error).__name__}") from error


def version(package: str) -> str:
    """Name and version of a package; nothing if it is not installed."""
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return ""


# Attributes of kaldi-native-fbank's options.
_KALDI_NATIVE = {
    "sample_frequency": "frame_opts.samp_freq",
    "frame_length": "frame_opts.frame_length_ms",
    "frame_shift": "frame_opts.frame_shift_ms",
    "preemphasis_coefficient": "frame_opts.preemph_coeff",
    "num_mel_bins": "mel_opts.num_bins",
    "low_freq": "mel_opts.low_freq",
    "high_freq": "mel_opts.high_freq",
    **{
        name: f"frame_opts.{name}"
        for name in ("dither", "snip_edges", "remove_dc_offset", "window_type", "blackman_coeff",
                     "round_to_power_of_two")
    },
}  # fmt: skip
_KALDI_DEFAULTS = {"dither": 0.0, "use_energy": False, "energy_floor": 1.0}


def kaldi_native(feature: str) -> Call:
    """``OnlineFbank`` or ``OnlineMfcc`` of kaldi-native-fbank."""

    def call(y: np.ndarray, *, subtract_mean: bool = False, **options: Any) -> np.ndarray:
        frames = kaldi_native_computer(feature, options)
        frames.accept_waveform(options.get("sample_frequency", 16000.0), y)
        frames.input_finished()
        rows = np.array([frames.get_frame(i) for i in range(frames.num_frames_ready)])
        return rows - rows.mean(axis=0, dtype=float).astype(rows.dtype) if subtract_mean else rows

    return call


def kaldi_native_computer(feature: str, options: dict[str, Any]) -> Any:
    """Such an object, before it has heard anything."""
    package = imported("kaldi_native_fbank")
    chosen = getattr(package, f"{feature.capitalize()}Options")()
    for name, value in {**_KALDI_DEFAULTS, **options}.items():
        *path, attribute = _KALDI_NATIVE.get(name, name).split(".")
        setattr(getattr(chosen, path[0]) if path else chosen, attribute, value)
    return getattr(package, f"Online{feature.capitalize()}")(chosen)


def torchaudio_kaldi(feature: str) -> Call:
    """``torchaudio.compliance.kaldi.fbank`` or ``mfcc``."""

    def call(y: np.ndarray, **options: Any) -> np.ndarray:
        function = getattr(imported("torchaudio.compliance.kaldi"), feature)
        return function(imported("torch").from_numpy(y)[None], **options).numpy()

    return call


def openai_whisper(y: np.ndarray, *, n_mels: int = 80, padding: Any = 0) -> np.ndarray:
    """``whisper.log_mel_spectrogram``, after ``pad_or_trim`` for "max_length"."""
    audio = imported("whisper.audio")
    if padding == "max_length":
        y, padding = audio.pad_or_trim(y), 0
    return audio.log_mel_spectrogram(y, n_mels=n_mels, padding=padding).numpy()


@cache
def whisper_extractor(n_mels: int) -> Any:
    """transformers' extractor for so many bands."""
    return imported("transformers").WhisperFeatureExtractor(feature_size=n_mels)


def transformers_whisper(y: np.ndarray, *, n_mels: int = 80, padding: Any = 0) -> np.ndarray:
    """``WhisperFeatureExtractor``, by default without its padding to 30 s."""
    if padding != "max_length":
        y, padding = np.pad(y, (0, padding)), "do_not_pad"
    return whisper_extractor(n_mels)(
        y, sampling_rate=16000, padding=padding, return_tensors="np", truncation=True
    ).input_features[0]


def transformers_numpy(y: np.ndarray) -> np.ndarray:
    """What that extractor does where torch is not installed."""
    return whisper_extractor(80)._np_extract_fbank_features(y[None], "cpu")[0]


def torchaudio_transform(name: str) -> Call:
    """A transform of torchaudio, made once for the same options."""
    known: dict[str, Any] = {}

    def call(y: np.ndarray, **options: Any) -> np.ndarray:
        if str(options) not in known:
            made = getattr(imported("torchaudio.transforms"), name)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of bands without bins
                known[str(options)] = made(**_with_torch_windows(options))
        return known[str(options)](imported("torch").from_numpy(y)).numpy()

    return call


def _with_torch_windows(options: dict[str, Any]) -> dict[str, Any]:
    torch = imported("torch")
    changed = {}
    for name, value in options.items():
        if name == "window_fn":
            changed[name] = getattr(torch, f"{value}_window")
        elif name == "melkwargs":
            changed[name] = _with_torch_windows(value)
        else:
            changed[name] = value
    return changed
