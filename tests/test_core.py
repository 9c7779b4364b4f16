"""The core against the reference, which is plain numpy: what runs wherever serfast is installed.

Noise fills all bins, so that rounding decides nothing, and needs neither librosa nor a file.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import reference
import serfast
from allowances import BOUNDS, EXCEPTIONS
from calls import keywords, lookup
from helpers import error_over_scale
from sweep import FEATURES, cases

N_CASES = 4
LONGEST = 20000


def drawn(feature):
    """Cases of noise, of the sweep that tests/test_agreement.py compares with librosa."""
    of_noise = (
        case
        for case in itertools.islice(
            cases(feature), FEATURES[feature].n_cases
        )  # behind them, refused ones
        if (case.kind, case.source) == ("noise", "y") and 2048 <= case.length <= LONGEST
    )
    return list(itertools.islice(of_noise, N_CASES))


def is_decided_by_rounding(feature):
    return any(feature in one.features and "noise" in one.signals for one in EXCEPTIONS)


OF_NOISE = [name for name in FEATURES if drawn(name) and not is_decided_by_rounding(name)]


def results(function, words):
    """The function's arrays; none where it refuses the words."""
    try:
        found = function(**words)
    except ValueError:
        return ()
    return tuple(map(np.asarray, found if isinstance(found, tuple) else (found,)))


@pytest.mark.parametrize("feature", OF_NOISE)
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_the_core_agrees_with_the_reference(feature):
    found = {}
    for case, dtype in itertools.product(drawn(feature), BOUNDS):
        got = results(lookup(serfast, feature), keywords(case, dtype))
        truth = results(lookup(reference, feature), keywords(case, np.float64))
        assert [one.shape for one in got] == [one.shape for one in truth], case
        single = any(one.dtype in (np.float32, np.complex64) for one in got)
        far = max(map(error_over_scale, got, truth), default=0.0)
        if not far <= BOUNDS[np.float32 if single else dtype][0]:
            found[f"{dtype.__name__} {case}"] = far
    assert not found


def test_most_features_are_compared():
    assert {"stft", "melspectrogram", "mfcc", "rms", "yin", "spectral_centroid"} <= set(OF_NOISE)
