"""The reference is librosa in float64: the specification describes what users of librosa know."""

import numpy as np
import pytest

import reference

agreement = pytest.importorskip("agreement")

N_CASES = 50


@pytest.mark.parametrize("feature", agreement.FEATURES)
def test_reference_is_librosa(feature):
    found = {}
    for case in agreement.cases(feature, N_CASES, seed=1):
        outcome = agreement.compare(feature, case, reference, dtypes=(np.float64,))
        if wrong := agreement.problems(outcome):
            found[str(case)] = wrong
    assert not found


def test_every_feature_has_a_reference():
    names = {feature.split(".")[0] for feature in agreement.FEATURES}
    assert names == set(reference.__all__) - set(reference.OWN)
    assert all(callable(agreement.lookup(reference, one)) for one in agreement.FEATURES)
