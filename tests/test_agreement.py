"""serfast against librosa, over the sweep that docs/accuracy.md reports."""

import types

import numpy as np
import pytest

from signals import KINDS

librosa = pytest.importorskip("librosa")
agreement = pytest.importorskip("agreement")

# Half of what bench/accuracy.py compares of most features: the suite has its time, too.
N_CASES = 100


@pytest.mark.parametrize("feature", agreement.FEATURES)
def test_serfast_agrees_with_librosa(feature):
    import serfast

    found = {}
    for case in agreement.cases(feature, N_CASES):
        if wrong := agreement.problems(agreement.compare(feature, case, serfast)):
            found[str(case)] = wrong
    report = "\n".join(f"{'; '.join(wrong)}\n    {case}" for case, wrong in found.items())
    assert not found, f"{len(found)} cases disagree\n{report}"


@pytest.mark.parametrize("feature", agreement.FEATURES)
def test_the_sweep_is_broad_and_repeatable(feature):
    drawn = list(agreement.cases(feature))
    assert len(drawn) >= agreement.FEATURES[feature].n_cases
    assert {case.kind for case in drawn} == set(KINDS)
    assert list(map(str, agreement.cases(feature))) == list(map(str, drawn))


def test_exceptions_leave_plain_features_and_silence_alone():
    excepted = {feature for one in agreement.EXCEPTIONS for feature in one.features}
    assert excepted <= set(agreement.FEATURES)
    assert not {"stft", "rms", "zero_crossing_rate", "power_to_db", "delta"} & excepted
    bands = next(one for one in agreement.EXCEPTIONS if "mfcc" in one.features)
    assert not {"speech", "recorded_speech", "noise", "silence"} & set(bands.signals)


def _changed(name, change):
    """A module with one function: librosa's, its result changed."""
    function = agreement.lookup(librosa, name)
    return types.SimpleNamespace(**{name: lambda **words: change(function(**words))})


def _refuse(_result):
    raise ValueError("no")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda result: result * np.float32(1 + 3e-5), "off by 3"),
        (lambda result: result[..., :-1], "shapes"),
        (lambda result: result.astype(np.longdouble), "out: librosa"),
        (lambda result: result * np.nan, "off by nan"),
        (_refuse, "raised ValueError: no"),
    ],
)
@pytest.mark.parametrize("name", ["rms", "melspectrogram", "spectral_contrast"])
def test_disagreement_is_noticed(name, change, words):
    case = next(
        case
        for case in agreement.cases(name)
        if case.kind == "noise" and case.length > 5000 and not case.options.get("linear")
    )
    assert not agreement.problems(agreement.compare(name, case, _changed(name, np.asarray)))
    found = agreement.problems(agreement.compare(name, case, _changed(name, change)))
    assert len([problem for problem in found if words in problem]) >= 2
