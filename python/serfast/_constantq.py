"""The transforms behind `cqt` and its relatives: filters over frames, octave by octave."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from . import _core
from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .audio import resampled
from .errors import ParameterError
from .intervals import interval_frequencies
from .notes import note_to_hz
from .wavelets import relative_bandwidth, wavelet, wavelet_lengths
from .windows import get_window

Responses: TypeAlias = "_core.Responses32 | _core.Responses64"


@dataclass(frozen=True)
class Octave:
    """The filters of one octave."""

    responses: Responses
    first_row: int
    n_fft: int
    halving: bool  # whether the next octave reads the signal at half the rate


@dataclass(frozen=True)
class Transform:
    """What depends on the options only."""

    n_bins: int
    early_factor: int  # by how much the signal is decimated before the first octave
    early_scale: float
    octaves: tuple[Octave, ...]


def transformed(
    y: Real, options: engine.Options, pad_mode: Any, res_type: str | None, *, magnitude: bool
) -> Array:
    """The variable-Q transform of a checked signal, or its magnitude."""
    made = transform(**common(y, pad_mode), magnitude=magnitude, **options)
    dtype = y.dtype if magnitude else np.result_type(y.dtype, np.complex64)
    return filtered(y, made, pad_mode, res_type, dtype)


def filtered(
    y: Real, made: Transform, pad_mode: Any, res_type: str | None, dtype: np.dtype[Any]
) -> Array:
    """The responses of a transform's filters to a signal."""
    if res_type is None:
        warnings.warn(
            "Support for VQT with res_type=None ends with librosa 1.0; 'soxr_hq' is taken for it",
            FutureWarning,
            stacklevel=4,
        )
        res_type = "soxr_hq"
    signal = y.reshape(math.prod(y.shape[:-1]), y.shape[-1])
    if made.early_factor > 1:
        signal = _early_decimated(signal, made, res_type)
    shape = len(signal), made.n_bins, _n_frames(made, signal.shape[-1], pad_mode)
    out = np.empty(shape, dtype)
    for octave in made.octaves:
        run(octave.responses, signal, octave.n_fft, pad_mode, out, octave.first_row)
        if octave.halving and octave is not made.octaves[-1]:
            signal = decimated(signal, 2, res_type)
    return out.reshape(*y.shape[:-1], *out.shape[1:])


def common(y: Real, pad_mode: Any) -> engine.Options:
    """What all filters of a signal have in common."""
    in_core = isinstance(pad_mode, str) and pad_mode in engine.core_pad_modes
    return {"double": y.dtype == np.float64, "pad_mode": pad_mode if in_core else None}


def run(
    responses: Responses, signal: Real, n_fft: int, pad_mode: Any, out: Array, first_row: int
) -> None:
    """Fills rows of `out` with the responses to the centred frames of a signal."""
    y, _ = engine.prepared(signal, {"n_fft": n_fft, "center": True, "pad_mode": pad_mode})
    responses.run(validate.contiguous(y), out, first_row, engine.threads_for(y.size))


def decimated(signal: Real, factor: int, res_type: str) -> Real:
    """The signal at a fraction of its rate, with its energy."""
    out = np.empty((len(signal), -(-signal.shape[-1] // factor)), signal.dtype)
    for to, channel in zip(out, signal, strict=True):
        to[:] = resampled(channel, factor, 1, res_type, fix=True, scale=True, axis=-1)
    return out


def _early_decimated(signal: Real, made: Transform, res_type: str) -> Real:
    if signal.shape[-1] < made.early_factor:
        raise ParameterError(
            f"a signal of {signal.shape[-1]} samples is too short for {len(made.octaves)} octaves"
        )
    if not np.all(np.isfinite(signal)):
        raise ParameterError("audio is not finite everywhere")
    signal = decimated(signal, made.early_factor, res_type)
    return signal * signal.dtype.type(made.early_scale)


def _n_frames(made: Transform, n_samples: int, pad_mode: Any) -> int:
    """Frames of the octave that has fewest."""
    counts = []
    for octave in made.octaves:
        padding = 0 if pad_mode in engine.core_pad_modes else octave.n_fft // 2 * 2
        counts.append(octave.responses.n_frames(n_samples + padding))
        if octave.halving:
            n_samples = -(-n_samples // 2)
    return min(counts)


@engine.cached
def transform(
    *,
    double: bool,
    magnitude: bool,
    pad_mode: str | None,
    sr: Any,
    hop_length: Any,
    fmin: Any,
    n_bins: Any,
    intervals: Any,
    gamma: Any,
    bins_per_octave: Any,
    tuning: float,
    filter_scale: Any,
    norm: Any,
    sparsity: Any,
    window: Any,
    scale: bool,
) -> Transform:
    """The filters of a variable-Q transform."""
    hop, rate = validate.positive_int("hop_length", hop_length), validate.positive("sr", sr)
    frequencies = interval_frequencies(
        n_bins, fmin=lowest_frequency(fmin, tuning, bins_per_octave), intervals=intervals,
        bins_per_octave=bins_per_octave,
    )  # fmt: skip
    alpha = bandwidths(frequencies, bins_per_octave)
    shape = {"window": window, "filter_scale": filter_scale, "gamma": gamma}
    _, cutoff = wavelet_lengths(freqs=frequencies, sr=rate, alpha=alpha, **shape)
    if cutoff > rate / 2:
        raise ParameterError(
            f"bins up to {frequencies[-1]:.6g} Hz reach beyond half of sr={sr}: take fewer bins, "
            "or a lower fmin"
        )
    n_octaves = -(-n_bins // bins_per_octave)
    factor = _early_factor(rate / 2, cutoff, hop, n_octaves)
    hop, rate = hop // factor, rate / factor
    lengths, _ = wavelet_lengths(freqs=frequencies, sr=rate, alpha=alpha, **shape)

    octaves, end, octave_hop, octave_rate = [], n_bins, hop, rate
    made_for = np.zeros(0)
    while end > 0:
        rows = slice(max(end - bins_per_octave, 0), end)
        # At half the rate, half the frequency with the same bandwidth has the same filter.
        wanted = np.concatenate([frequencies[rows] / octave_rate, alpha[rows]])
        if gamma != 0 or not _equal_but_for_rounding(wanted, made_for):
            basis = filter_spectra(
                frequencies[rows], octave_rate, alpha[rows], norm=norm, sparsity=sparsity, **shape
            )
            made_for = wanted
        gain = np.sqrt(rate / octave_rate) / (np.sqrt(lengths[rows, None]) if scale else 1.0)
        halving, n_fft = octave_hop % 2 == 0, 2 * (basis.shape[1] - 1)
        responses = filters_over_frames(
            gain * basis, np.ones(n_fft), octave_hop, double, pad_mode,
            "of_responses_lost" if magnitude else "kept",
        )  # fmt: skip
        octaves.append(Octave(responses, rows.start, n_fft, halving))
        if halving:
            octave_hop, octave_rate = octave_hop // 2, octave_rate / 2
        end = rows.start
    return Transform(n_bins, factor, 1.0 if scale else math.sqrt(factor), tuple(octaves))


@engine.cached
def pseudo_transform(
    *,
    double: bool,
    pad_mode: str | None,
    sr: Any,
    hop_length: Any,
    fmin: Any,
    n_bins: Any,
    bins_per_octave: Any,
    tuning: float,
    filter_scale: Any,
    norm: Any,
    sparsity: Any,
    window: Any,
    scale: bool,
) -> Transform:
    """Filters without phase, all of them over the same frames."""
    hop, rate = validate.positive_int("hop_length", hop_length), validate.positive("sr", sr)
    frequencies, alpha, lengths = constant_q_filters(
        rate, fmin, n_bins, bins_per_octave, tuning, filter_scale, window
    )
    basis = filter_spectra(
        frequencies, rate, alpha, norm=norm, sparsity=sparsity, window=window,
        filter_scale=filter_scale, gamma=0, least_n_fft=int(2.0 ** (1 + np.ceil(np.log2(hop)))),
    )  # fmt: skip
    n_fft = 2 * (basis.shape[1] - 1)
    gain = np.sqrt((np.ones_like(lengths) if scale else lengths) / n_fft)[:, None]
    responses = filters_over_frames(
        gain * np.abs(basis), get_window("hann", n_fft), hop, double, pad_mode, "of_spectrum_lost"
    )
    return Transform(n_bins, 1, 1.0, (Octave(responses, 0, n_fft, False),))


def constant_q_filters(
    sr: float, fmin: Any, n_bins: Any, bins_per_octave: Any, tuning: float, filter_scale: Any,
    window: Any,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Frequencies, relative bandwidths and lengths of equally spaced filters."""
    frequencies = interval_frequencies(
        n_bins, fmin=lowest_frequency(fmin, tuning, bins_per_octave), intervals="equal",
        bins_per_octave=bins_per_octave,
    )  # fmt: skip
    alpha = bandwidths(frequencies, bins_per_octave)
    lengths, _ = wavelet_lengths(
        freqs=frequencies, sr=sr, window=window, filter_scale=filter_scale, alpha=alpha
    )
    return frequencies, alpha, lengths


def lowest_frequency(fmin: Any, tuning: float, bins_per_octave: Any) -> float:
    """fmin, or C1, moved by the tuning."""
    per_octave = validate.positive_int("bins_per_octave", bins_per_octave)
    lowest = float(note_to_hz("C1")) if fmin is None else validate.positive("fmin", fmin)
    try:
        return float(lowest * 2.0 ** (validate.number("tuning", tuning) / per_octave))
    except OverflowError:
        raise ParameterError(
            f"tuning={tuning!r} must not move fmin beyond the highest float64"
        ) from None


def bandwidths(frequencies: Array, bins_per_octave: int) -> Array:
    """Relative bandwidths; of a single filter, that of equal temperament."""
    if len(frequencies) > 1:
        return relative_bandwidth(frequencies)
    ratio = 2 ** (1 / bins_per_octave)
    return np.atleast_1d((ratio**2 - 1) / (ratio**2 + 1))


def filter_spectra(
    frequencies: Array, sr: float, alpha: Array, *, norm: Any, sparsity: Any, window: Any,
    filter_scale: Any, gamma: Any, least_n_fft: int = 0,
) -> Array:  # fmt: skip
    """The filters' spectra less what is small in them.

    In single precision whatever the signal's, as librosa makes them: which bins are small enough
    to be left out depends on it.
    """
    from scipy.fft import fft

    quantile = validate.number("sparsity", sparsity, 0)
    if quantile >= 1:
        raise ParameterError(f"sparsity={sparsity!r} must be less than 1")
    basis, lengths = wavelet(
        freqs=frequencies, sr=sr, window=window, filter_scale=filter_scale, norm=norm,
        gamma=gamma, alpha=alpha,
    )  # fmt: skip
    n_fft = max(basis.shape[1], least_n_fft)
    basis *= lengths[:, None] / float(n_fft)
    spectra = fft(basis, n=n_fft, axis=1)[:, : n_fft // 2 + 1]
    magnitudes = np.abs(spectra)
    ascending = np.sort(magnitudes, axis=1)
    shares = np.cumsum(ascending / np.sum(magnitudes, axis=1, keepdims=True), axis=1)
    threshold = np.take_along_axis(ascending, np.argmin(shares < quantile, axis=1)[:, None], axis=1)
    return np.where(magnitudes >= threshold, spectra, 0).astype(np.complex128)


def filters_over_frames(
    spectra: Array, window: Array, hop_length: int, double: bool, pad_mode: str | None, phase: str
) -> Responses:
    """Filters as the core has them; without a mode, for signals that are padded already."""
    return (_core.Responses64 if double else _core.Responses32)(
        window=window.tolist(), hop_length=hop_length, center=pad_mode is not None,
        pad_mode=pad_mode or "constant", filters=spectra.astype(complex), phase=phase,
    )  # fmt: skip


def _equal_but_for_rounding(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-13, atol=0))


def _early_factor(nyquist: float, cutoff: float, hop: int, n_octaves: int) -> int:
    """How far the signal can be decimated before the first octave: a power of 2."""
    by_band = math.ceil(math.log2(nyquist / cutoff)) - 2
    by_hop = (hop & -hop).bit_length() - n_octaves
    return int(2 ** max(0, min(by_band, by_hop)))
