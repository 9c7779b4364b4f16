"""Classifiers of feature rows: scikit-learn's contract, and what is left of them as arrays."""

import warnings

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.kernel_ridge import KernelRidge as Ridge
from sklearn.linear_model import LogisticRegression as Logistic
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from serfast.errors import ParameterError
from serfast.models import LDA, MLP, SVM, Ensemble, KernelRidge, LogisticRegression
from serfast.models._composed import Standardized, described, restored
from serfast.models._networks import Layers, softmax
from serfast.models._temperature import find_temperature

SMALL = [
    MLP(hidden=(6, 4), max_iter=30),
    SVM(),
    KernelRidge(),
    LogisticRegression(),
    LDA(),
    Ensemble(),
]


def problem(n_classes, seed=0, n=120, n_columns=12):
    """Rows whose column k is larger for class k, and eight speakers with voices of their own."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % n_classes)
    speakers = np.arange(n) % 8
    X = rng.normal(size=(n, n_columns)) + rng.normal(size=(8, n_columns))[speakers]
    X[np.arange(n), y] += 2.0
    return X, np.array(list("abcdef"))[y], speakers


@parametrize_with_checks([MLP(hidden=(20,), max_iter=200), SVM(), KernelRidge(), LDA()])
def test_scikit_learns_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_probabilities_are_those_of_scikit_learn(n_classes):
    X, y, _ = problem(n_classes)
    rows = StandardScaler().fit_transform(X)
    pairs = [
        (
            MLP(hidden=(6, 4), max_iter=30, seed=3),
            MLPClassifier((6, 4), alpha=0.01, batch_size=32, max_iter=30, random_state=3),
        ),
        (
            LogisticRegression(calibrate=False),
            Logistic(C=0.01, class_weight="balanced", max_iter=2000),
        ),
        (
            LDA(calibrate=False),
            LinearDiscriminantAnalysis(
                solver="lsqr", shrinkage="auto", priors=np.full(n_classes, 1 / n_classes)
            ),
        ),
    ]
    for ours, theirs in pairs:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            expected = theirs.fit(rows, y).predict_proba(rows)
        np.testing.assert_allclose(ours.fit(X, y).predict_proba(X), expected, atol=1e-9)


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_votes_come_from_scikit_learns_decisions(n_classes):
    X, y, _ = problem(n_classes)
    machine = SVC(
        C=10, gamma=1 / (3 * X.shape[1]), class_weight="balanced", decision_function_shape="ovo"
    )
    rows = StandardScaler().fit_transform(X)
    decisions = machine.fit(rows, y).decision_function(rows).reshape(len(X), -1)
    if n_classes == 2:
        decisions = -decisions
    expected, pair = np.zeros((len(X), n_classes)), 0
    for first in range(n_classes):
        for second in range(first + 1, n_classes):
            expected[:, first] += np.tanh(3 * decisions[:, pair])
            expected[:, second] -= np.tanh(3 * decisions[:, pair])
            pair += 1
    ours = SVM(calibrate=False).fit(X, y).network_.logits(X)
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_kernel_ridge_is_scikit_learns():
    X, y, _ = problem(3)
    rows, classes = StandardScaler().fit_transform(X), np.unique(y)
    wanted = np.where(y[:, np.newaxis] == classes, 1.0, -1.0)
    theirs = Ridge(alpha=0.1, kernel="rbf", gamma=1 / (3 * X.shape[1])).fit(rows, wanted)
    ours = KernelRidge(calibrate=False).fit(X, y).network_.logits(X)
    np.testing.assert_allclose(ours, theirs.predict(rows), atol=1e-4)  # vectors are float32


@pytest.mark.parametrize("estimator", SMALL, ids=lambda e: type(e).__name__)
def test_parts_make_the_same_network_again(estimator):
    X, y, speakers = problem(3)
    network = estimator.fit(X, y, speakers).network_
    again = restored(described(network), network.tensors())
    np.testing.assert_array_equal(again.logits(X), network.logits(X))


@pytest.mark.parametrize("estimator", SMALL, ids=lambda e: type(e).__name__)
def test_parts_that_do_not_fit_are_refused(estimator):
    X, y, speakers = problem(3)
    network = estimator.fit(X, y, speakers).network_
    description = described(network)
    for name, tensor in network.tensors().items():
        fewer = {**network.tensors(), name: tensor[:-1]}
        with pytest.raises((ValueError, IndexError)):
            restored(description, fewer).logits(X)
    with pytest.raises(ValueError, match="a network of kind 'magic'; known are average, layers"):
        restored({**description, "kind": "magic"}, network.tensors())


def test_temperature_makes_confidence_what_it_is_worth():
    """Logits that are ten times too large get a temperature of ten times what they had."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 3))
    targets = np.array([rng.choice(3, p=shares) for shares in softmax(logits)])
    assert find_temperature(logits, targets) == pytest.approx(1, abs=0.1)
    assert find_temperature(10 * logits, targets) == pytest.approx(10, abs=1)


def test_temperature_comes_from_speakers_that_were_not_trained_on():
    X, y, speakers = problem(3, n=240)
    assert SVM().fit(X, y, speakers).temperature_ != 1
    assert SVM().fit(X, y).temperature_ == 1
    assert SVM().fit(X, y, speakers % 2).temperature_ == 1
    assert SVM(calibrate=False).fit(X, y, speakers).temperature_ == 1


def speakers_network():
    X, _, speakers = problem(3)
    return (
        X,
        speakers,
        Standardized.of_rows(
            X, speakers, lambda rows: Layers(((np.eye(X.shape[1]), np.zeros(X.shape[1])),))
        ),
    )


def test_enrolment_is_shrunk_towards_the_training_speakers():
    X, speakers, network = speakers_network()
    rng = np.random.default_rng(1)
    others = rng.normal(loc=3, scale=2, size=(3000, X.shape[1]))
    whole = network.enrolled(others)
    np.testing.assert_allclose(whole.mean, others.mean(axis=0), rtol=1e-2)
    within = np.sqrt(np.mean([X[speakers == s].var(axis=0) for s in range(8)], axis=0))
    np.testing.assert_allclose(whole.scale, others.std(axis=0) * network.scale / within, rtol=1e-2)
    three = network.enrolled(others[:3])  # weigh as much as what was learned from others
    np.testing.assert_allclose(three.mean, (others[:3].mean(axis=0) + network.mean) / 2)
    far = [np.abs(network.enrolled(others[:k]).mean - network.mean).mean() for k in (1, 3, 30)]
    assert far == sorted(far)


def test_enrolment_undoes_a_voice():
    """Rows of a speaker whose columns are shifted and stretched score as if they were not."""
    X, _, network = speakers_network()
    voice = X[np.arange(len(X)) % 8 == 0]
    many = np.tile(voice, (300, 1))
    plain = network.enrolled(many).logits(voice)
    np.testing.assert_allclose(
        network.enrolled(5 * many + 7).logits(5 * voice + 7), plain, rtol=0.1, atol=0.02
    )


def test_enrolment_needs_known_speakers():
    X, y, _ = problem(3)
    with pytest.raises(ParameterError, match="trained without knowing its speakers"):
        SVM().fit(X, y).network_.enrolled(X)
