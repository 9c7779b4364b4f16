"""Where librosa's functions give something else than serfast's, and what the patch does then."""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import signature
from math import prod
from typing import Any

import numpy as np

from . import _constantq as filters
from .errors import ParameterError
from .intervals import interval_frequencies, steps_per_octave
from .tonal import chroma_cqt
from .wavelets import wavelet_lengths

Function = Callable[..., Any]

# Of these arguments librosa takes a maximum or a tuning over all channels, serfast over each. (For
# the rhythm it is the other way round: librosa 1.0 takes each channel's, serfast and 0.11 all.)
ACROSS_CHANNELS = {
    "feature.mfcc": ("y",),
    "feature.spectral_contrast": ("y", "S"),
    "feature.chroma_stft": ("y", "S"),
    "feature.tempogram": ("y",),
    "feature.fourier_tempogram": ("y",),
    "feature.tempogram_ratio": ("y",),
    "feature.tempo": ("y",),
    "onset.onset_detect": ("y",),
    "onset.onset_strength": ("y",),
    "onset.onset_strength_multi": ("y",),
}
# librosa transforms float32 in float64. The noise of a float32 transform shows in single bins, and
# in the valleys of nearly silent frames. What these functions make of float32 has these types:
_IN_DOUBLE = {"stft": np.complex64, "feature.spectral_contrast": np.float64}

# serfast is librosa 0.11. By the same parameters, 1.0 means something else in:
_CHANGED_IN_1 = {
    "effects.time_stretch", "effects.pitch_shift",  # other phases
    "feature.inverse.mel_to_audio", "feature.inverse.mfcc_to_audio",  # another random generator
    "perceptual_weighting",  # the floor is each channel's
    "samples_to_frames", "time_to_frames",  # numbers for numbers, not arrays without axes
    "A_weighting", "B_weighting", "C_weighting", "D_weighting",  # they warn of 0 Hz
    "frequency_weighting", "multi_frequency_weighting",
}  # fmt: skip
_FILTERED = {
    "cqt", "vqt", "pseudo_cqt", "hybrid_cqt", "feature.chroma_cqt", "feature.chroma_cens",
    "feature.chroma_vqt", "feature.tonnetz",
}  # fmt: skip


def replaceable(path: str) -> bool:
    """Whether serfast's function does what that of the librosa at hand does."""
    return not (path in _CHANGED_IN_1 and _is_1())


def adapted(path: str, ours: Function) -> Function:
    """serfast's function, in the precision of librosa's, and refusing what it does otherwise."""
    if path in _IN_DOUBLE:
        return _in_double(ours, _IN_DOUBLE[path])
    return _below_the_top(ours, path) if path in _FILTERED and _is_1() else ours


def several_channels(kwargs: dict[str, Any], names: tuple[str, ...]) -> bool:
    """Whether the argument that counts is one of these, and has more than one channel."""
    name, axes = ("y", 1) if kwargs.get("S") is None else ("S", 2)
    values: Any = kwargs.get(name)
    return name in names and bool(prod(np.shape(values)[:-axes]) > 1)


def _is_1() -> bool:
    """Whether the librosa at hand is 1.0 or later."""
    return not str(sys.modules["librosa.version"].version).startswith("0.")


def _in_double(ours: Function, dtype: Any) -> Function:
    """The function with float32 signals computed in float64, their results cast to a type."""

    def call(*args: Any, **kwargs: Any) -> Any:
        y: Any = args[0] if args else kwargs.get("y")
        if getattr(y, "dtype", None) != np.float32:
            return ours(*args, **kwargs)
        kwargs["y"] = y.astype(np.float64)
        result = ours(*args[1:], **kwargs)
        given = kwargs.get("out") is not None or kwargs.get("dtype") is not None
        return result if given else result.astype(dtype, copy=False)

    return call


def _below_the_top(ours: Function, path: str) -> Function:
    """The function with filters up to where librosa 1.0 differs.

    1.0 halves the rate only if the next octave ends below a fifth of it, and refuses all filters
    that reach beyond half of it.
    """
    parameters = signature(chroma_cqt if path == "feature.tonnetz" else ours).parameters
    defaults = {name: p.default for name, p in parameters.items()}

    def call(*args: Any, **kwargs: Any) -> Any:
        if _near_the_top(**defaults | kwargs):
            raise ParameterError("librosa 1.0 treats filters this near to half of sr otherwise")
        return ours(*args, **kwargs)

    return call


def _near_the_top(
    *, sr: Any, fmin: Any, bins_per_octave: Any, n_bins: Any = None, n_octaves: Any = None,
    tuning: Any = 0.0, intervals: Any = "equal", n_chroma: Any = None, **options: Any,
) -> bool:  # fmt: skip
    """Whether filters of a constant-Q transform reach to where librosa 1.0 differs."""
    per_octave = steps_per_octave(intervals, bins_per_octave or n_chroma)
    highest_tuning = 0.5 if tuning is None else tuning
    frequencies = interval_frequencies(
        n_bins if n_octaves is None else n_octaves * per_octave, intervals=intervals,
        fmin=filters.lowest_frequency(fmin, highest_tuning, per_octave), bins_per_octave=per_octave,
    )  # fmt: skip
    # What the chroma features call a window is not the filters'.
    names = ("gamma",) if n_bins is None else ("gamma", "window", "filter_scale")
    _, cutoff = wavelet_lengths(
        freqs=frequencies, sr=sr, alpha=filters.bandwidths(frequencies, per_octave),
        **{name: options[name] for name in names if name in options},
    )  # fmt: skip
    return cutoff > sr / 2 or bool(np.any(frequencies[:-per_octave] > sr / 5))
