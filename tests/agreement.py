"""How far a module is from librosa, case by case: truth is librosa run in float64.

``compare(feature, case, module)`` runs librosa and the module on the same samples, the module in
float64 and in float32; ``problems(outcome)`` says in words what is out of bounds.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import librosa
import numpy as np

from allowances import BOUNDS, CANCELLING, DECIBELS, EXCEPTIONS
from calls import keywords, librosa_answer, lookup
from conditioning import Results, distance, reach
from sweep import FEATURES, Case, cases

__all__ = [
    "BOUNDS",
    "EXCEPTIONS",
    "FEATURES",
    "Outcome",
    "cases",
    "compare",
    "lookup",
    "problems",
]


@dataclass
class Outcome:
    """What one case gave for float64 and float32 input.

    precision is the result's own (rms and the filters give float32 for float64 input unless told
    otherwise). Errors are relative to the largest absolute value of the truth; excess is what is
    left of them beyond the reach of rounding, where an exception covers the case.
    """

    case: Case
    truth_raised: str | None = None
    raised: dict[type, str | None] = field(default_factory=dict)
    mismatches: list[str] = field(default_factory=list)
    precision: dict[type, type] = field(default_factory=dict)
    errors: dict[type, np.ndarray] = field(default_factory=dict)
    excess: dict[type, np.ndarray] = field(default_factory=dict)


def compare(
    feature: str, case: Case, module: Any, dtypes: tuple[type, ...] = (np.float64, np.float32)
) -> Outcome:
    """Run one case through librosa and the module."""
    outcome = Outcome(case)
    truth, outcome.truth_raised = _run(_truth, case)
    if truth is not None and all(one.size and np.isnan(one).all() for one in truth):
        # Where nothing but NaN comes out, serfast says what is wrong.
        truth, outcome.truth_raised = None, "NaN everywhere"
    for dtype in dtypes:
        words = keywords(case, dtype)
        got, outcome.raised[dtype] = _run(lookup(module, feature), **words)
        if got is None or truth is None:
            continue
        like, _ = _run(lookup(librosa, feature), **words)
        name = dtype.__name__
        shapes = [one.shape for one in got], [one.shape for one in truth]
        types = [str(one.dtype) for one in got], [str(one.dtype) for one in like or got]
        if types[0] != types[1]:
            outcome.mismatches.append(f"{name} in, {types[0]} out: librosa {types[1]}")
        if shapes[0] != shapes[1]:
            outcome.mismatches.append(f"{name}: shapes {shapes[0]}, librosa {shapes[1]}")
        else:
            _measure(outcome, dtype, got, truth)
    return outcome


def problems(outcome: Outcome) -> list[str]:
    """What is wrong with an outcome, in words; nothing if it agrees."""
    found = list(outcome.mismatches)
    for dtype, raised in outcome.raised.items():
        if bool(raised) != bool(outcome.truth_raised):
            found.append(f"{dtype.__name__}: raised {raised}, librosa {outcome.truth_raised}")
    for dtype, errors in outcome.errors.items():
        bounds = BOUNDS[outcome.precision[dtype]]
        left = outcome.excess.get(dtype, errors)
        if not np.all(left <= bounds):
            found.append(
                f"{dtype.__name__}: off by {errors[0]:.1e} of scale and {errors[1]:.1e} RMS, "
                f"{left[0]:.1e} and {left[1]:.1e} without rounding, "
                f"allowed {bounds[0]:.0e} and {bounds[1]:.0e}"
            )
    return found


def _truth(case: Case) -> Any:
    words = keywords(case, np.float64)
    if case.feature == "rms":
        words["dtype"] = np.float64
    return librosa_answer(case, words)


def _run(
    function: Callable[..., Any], *args: Any, **words: Any
) -> tuple[Results | None, str | None]:
    """The function's results as arrays, or what it raised."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = function(*args, **words)
        except Exception as error:
            return None, f"{type(error).__name__}: {error}"
    return tuple(map(np.asarray, result if isinstance(result, tuple) else (result,))), None


def _measure(outcome: Outcome, dtype: type, got: Results, truth: Results) -> None:
    """Note the errors, and what is left of them where an exception covers the case."""
    case = outcome.case
    single = any(one.dtype in (np.float32, np.complex64) for one in got)
    outcome.precision[dtype] = precision = np.float32 if single else dtype
    outcome.errors[dtype] = errors = _errors(case, got, truth, (0.0,) * len(truth))
    too_far = np.any(errors > BOUNDS[precision])
    if too_far and any(exception.covers(case) for exception in EXCEPTIONS):
        far, trouble = _run(reach, case, precision, truth)
        if far is None:
            raise RuntimeError(f"{case}: {trouble}")
        outcome.excess[dtype] = _errors(case, got, truth, far)


def _errors(case: Case, got: Results, truth: Results, reach: Results) -> np.ndarray:
    """Largest and RMS relative error beyond the reach, of the worst of the results."""
    least = _least_scale(case)
    pairs = zip(got, truth, reach, strict=True)
    return np.max([_error(one, other, far, least) for one, other, far in pairs], axis=0)


def _error(got: np.ndarray, truth: np.ndarray, reach: Any, least: float) -> tuple[float, float]:
    """Errors of one array; infinite if NaNs or infinities differ."""
    if truth.dtype == bool:
        got, truth = got.astype(float), truth.astype(float)
    judged = np.broadcast_to(np.isfinite(reach), truth.shape)
    finite = np.isfinite(truth) & judged
    if not np.array_equal(got[judged & ~finite], truth[judged & ~finite], equal_nan=True):
        return np.inf, np.inf
    far = np.broadcast_to(reach, truth.shape)[finite]
    excess = np.maximum(distance(got[finite], truth[finite]) - far, 0.0)
    if not excess.any():
        return 0.0, 0.0
    relative = excess / (max(least, np.max(np.abs(truth[finite]))) or 1.0)
    return relative.max(), np.sqrt(np.mean(np.square(relative)))


def _least_scale(case: Case) -> float:
    """What the scale of the case's result is never taken below."""
    linear = case.feature == "spectral_contrast" and case.options.get("linear")
    if case.feature in DECIBELS and not linear:
        return 10.0
    if case.feature not in CANCELLING and not linear:
        return 0.0
    words = keywords(case, np.float64)
    if case.feature == "istft":
        values = np.fft.irfft(words["stft_matrix"], axis=-2)
    else:
        values = next(words[name] for name in ("y", "S", "data", "onset_envelope") if name in words)
    return float(np.max(np.abs(values), initial=0.0))
