"""How far rounding carries: what noise at the level of a precision's resolution does to librosa.

Ratios, decibels and empty bands divide by what is far below the peak; a bin, a peak or a tuning
is decided by comparing nearly equal numbers. There the result moves, or jumps, with the last
digit of the spectrum, and librosa's own answer is only one of those that are as good.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import librosa
import numpy as np
from scipy.stats import boltzmann

from allowances import CONSTANT_Q, CQ_CHROMA
from calls import keywords, librosa_answer
from sweep import Case

Results = tuple[np.ndarray, ...]

# Standard deviation of the noise in each noisy run, in units of the resolution and of the frame's
# peak; and how many times as far as those runs a result may go.
NOISE = 4 * (2.0, 1.0, 0.3, 0.1, 0.02)
REACH = 4.0

# Features that decide: every other noisy run is made in the precision itself, whose rounding may
# decide too.
DECIDING = ("piptrack", "estimate_tuning", "chroma_stft", *CONSTANT_Q, *CQ_CHROMA)

# librosa adds whole turns to phases, to a million radians and more, whose rounding stays.
VOCODED = ("phase_vocoder", "effects.time_stretch", "effects.pitch_shift")

# Signals that istft makes of changed spectra.
SYNTHESIZED = (
    "effects.hpss", "effects.harmonic", "effects.percussive", "effects.time_stretch",
    "effects.pitch_shift", "griffinlim",
)  # fmt: skip
# Decided by a difference of autocorrelations, which serfast computes in float64 for any input.
PERIODIC = ("yin", "pyin")

# A frame with this many peaks that come and go has no peaks to speak of; the rolloff's share
# of the energy is as exact as the agreement asked for; istft divides by the windows' energy, and
# below this share of it only amplifies rounding.
UNSTABLE_PEAKS = 5
ROLLOFF_SHARE = {np.float64: 1e-9, np.float32: 1e-5}
WINDOW_ENERGY = {np.float64: 1e-12, np.float32: 0.1}


def reach(case: Case, precision: type, truth: Results) -> Results:
    """For each number of the truth, how far from it a result may be for rounding's sake."""
    if case.feature == "istft":
        return (_uncovered(case, precision, truth[0].shape[-1]),)
    runs = _noisy_answers(case, precision)
    if case.feature == "spectral_rolloff":
        runs += _nearby_rolloffs(case, precision)
    if case.feature in VOCODED:
        runs.append(_answer_without_turns(case))
    far = tuple(
        REACH * np.max([distance(run[i], one) for run in runs], axis=0)
        for i, one in enumerate(truth)
    )
    if case.feature in SYNTHESIZED:
        n = truth[0].shape[-1]
        far = tuple(one + _uncovered(case, precision, n) for one in far)
    return tuple(map(_whole_frames, far)) if case.feature == "piptrack" else far


def distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The absolute difference, also of flags."""
    return np.abs(np.subtract(a, b, dtype=np.result_type(a, b, np.int8)))


def _noisy_answers(case: Case, precision: type) -> list[Results]:
    """librosa's results with noise in the spectrum."""
    rng = np.random.default_rng(case.seed)
    words = keywords(case, np.float64)
    clean_stft = librosa.stft
    answers = []
    for run, level in enumerate(NOISE):
        keep = case.feature in DECIDING and run % 2 == 1
        noisy = functools.partial(_noisy, level=level, rng=rng, precision=precision, keep=keep)
        given = {name: noisy(words[name]) for name in ("S", "D") if name in words}
        if case.feature in PERIODIC:
            with _noisy_periods(level, rng):
                answer = librosa_answer(case, words)
        else:

            def noisy_stft(*args: Any, noisy: Callable = noisy, **options: Any) -> np.ndarray:
                return noisy(clean_stft(*args, **options))

            with contextlib.ExitStack() as patched:
                for module in ("core", "core.spectrum", "core.constantq"):
                    patched.enter_context(mock.patch(f"librosa.{module}.stft", noisy_stft))
                answer = librosa_answer(case, words | given)
        answers.append(answer if isinstance(answer, tuple) else (answer,))
    return answers


def _answer_without_turns(case: Case) -> Results:
    """librosa's result, nothing added to the phases that would not change them."""

    def still(*, sr: float, n_fft: int) -> np.ndarray:
        return np.zeros(n_fft // 2 + 1)

    with mock.patch("librosa.core.convert.fft_frequencies", still):
        return (librosa_answer(case, keywords(case, np.float64)),)


def _noisy(
    S: np.ndarray, level: float, rng: np.random.Generator, precision: type, keep: bool
) -> np.ndarray:
    """A spectrum with noise under its peaks (on each number, if it was given as it is), rounded.

    keep says whether it keeps the precision it is rounded to, or goes on in float64.
    """
    level *= np.finfo(precision).eps
    if np.iscomplexobj(S):
        noise = rng.standard_normal(S.shape) + 1j * rng.standard_normal(S.shape)
        S = S + level * np.abs(S).max(axis=-2, keepdims=True) * noise
        rounded = S.astype(np.result_type(np.complex64, precision))
    else:
        rounded = (S * (1 + level * rng.standard_normal(S.shape))).astype(precision)
    return rounded if keep else rounded.astype(S.dtype)


@contextlib.contextmanager
def _noisy_periods(level: float, rng: np.random.Generator) -> Iterator[None]:
    """Noise in librosa's autocorrelations, and in the prior of troughs.

    The latter sums to nearly 1, and whether to 1 or the number before it is a matter of rounding,
    of which the logarithm of the rest makes -40 or -700.
    """
    correlate, prior = librosa.autocorrelate, boltzmann.pmf
    level *= np.finfo(np.float64).eps

    def noisy_correlation(*args: Any, **options: Any) -> np.ndarray:
        clean = correlate(*args, **options)
        noise = level * rng.standard_normal(clean.shape)
        return clean + noise * clean.max(axis=-2, keepdims=True)

    def noisy_prior(*args: Any) -> np.ndarray:
        clean = prior(*args)
        return clean * (1 + level * rng.standard_normal(clean.shape))

    with (
        mock.patch("librosa.core.audio.autocorrelate", noisy_correlation),
        mock.patch.object(boltzmann, "pmf", noisy_prior),
    ):
        yield


def _nearby_rolloffs(case: Case, precision: type) -> list[Results]:
    """Rolloffs of a slightly smaller and a slightly larger share."""
    words = keywords(case, np.float64)
    share = words.pop("roll_percent", 0.85)
    steps = (1 - ROLLOFF_SHARE[precision], 1 + ROLLOFF_SHARE[precision])
    return [(librosa.feature.spectral_rolloff(**words, roll_percent=share * s),) for s in steps]


def _whole_frames(far: np.ndarray) -> np.ndarray:
    """No limit in frames where many peaks come and go."""
    most = far.max(axis=-2, keepdims=True)
    jumps = np.count_nonzero(far > 1e-2 * most, axis=-2, keepdims=True)
    return np.where(jumps >= UNSTABLE_PEAKS, np.inf, far)


def _uncovered(case: Case, precision: type, n: int) -> np.ndarray:
    """No limit for samples that the windows of istft hardly cover, else zero."""
    words = keywords(case, np.float64)
    given = words.get("stft_matrix", words.get("S"))
    if given is not None:
        bins, n_frames = given.shape[-2:]
        n_fft = words.get("n_fft", 2 * (bins - 1))
    else:
        n_fft = words.get("n_fft", 2048)
    win_length = words.get("win_length", n_fft)
    hop_length = words.get("hop_length", win_length // 4)
    start = n_fft // 2 if words.get("center", True) else 0
    if given is None:
        n_frames = 1 + (n + 2 * start - n_fft) // hop_length
    energy = librosa.filters.window_sumsquare(
        window=words.get("window", "hann"),
        n_frames=n_frames,
        win_length=win_length,
        n_fft=n_fft,
        hop_length=hop_length,
        dtype=np.float64,
    )
    energy = librosa.util.fix_length(energy[start:], size=n)
    return np.where(energy > WINDOW_ENERGY[precision] * energy.max(), 0.0, np.inf)
