"""Classifiers of feature rows: scikit-learn trains them, plain arrays are what is left.

Each is a scikit-learn estimator: `__init__` stores, `fit` learns, `predict_proba` is calibrated.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from serfast.models._networks import (
    Average,
    Doubles,
    Layers,
    Network,
    RadialKernel,
    Standardized,
    Trees,
    mean_logits,
    softmax,
)
from serfast.models._temperature import find_temperature

N_CALIBRATION_FOLDS = 3

Targets = npt.NDArray[np.intp]
Folds = list[tuple[Targets, Targets]]


class FeatureClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What all classifiers of feature rows share: checks, calibration, prediction."""

    seed: int
    calibrate: bool

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike, groups: npt.ArrayLike | None = None) -> Any:
        """Learn from rows.

        Parameters
        ----------
        X : np.ndarray [shape=(n, n_columns)]
            Finite features.
        y : np.ndarray [shape=(n,)]
            The class of each row.
        groups : np.ndarray [shape=(n,)], optional
            The speaker of each row: with `calibrate`, the temperature is found on speakers apart
            from those trained on. Without them, or with fewer than three, it stays 1.

        Returns
        -------
        self
        """
        rows, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, targets = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("a classifier needs rows of at least two classes; here is one class")
        folds = _speaker_folds(targets, groups) if self.calibrate else []
        self.network_, self.temperature_ = self._learn_calibrated(rows, targets, folds)
        return self

    def predict_proba(self, X: npt.ArrayLike) -> Doubles:
        """Return the probability of each of `classes_` for each row."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        return softmax(self.network_.logits(rows) / self.temperature_)

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the likeliest class of each row."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def _learn(self, X: Doubles, targets: Targets) -> Network:
        raise NotImplementedError

    def _learn_calibrated(
        self, X: Doubles, targets: Targets, folds: Folds
    ) -> tuple[Network, float]:
        held, logits = self._held_out(X, targets, folds)
        temperature = find_temperature(logits, targets[held]) if len(held) else 1.0
        return self._learn(X, targets), temperature

    def _held_out(self, X: Doubles, targets: Targets, folds: Folds) -> tuple[Targets, Doubles]:
        """The rows of the folds, and their logits by networks trained on the other rows."""
        logits = [self._learn(X[train], targets[train]).logits(X[held]) for train, held in folds]
        if not folds:
            return np.empty(0, dtype=np.intp), np.empty((0, len(self.classes_)))
        return np.concatenate([held for _, held in folds]), np.concatenate(logits)


def _speaker_folds(targets: Targets, groups: npt.ArrayLike | None) -> Folds:
    """Rows to train on and to hold out, speakers apart, wherever all classes are trained."""
    from sklearn.model_selection import GroupKFold

    if groups is None or len(np.unique(np.asarray(groups))) < N_CALIBRATION_FOLDS:
        return []
    splits = GroupKFold(N_CALIBRATION_FOLDS).split(targets, groups=groups)
    n_classes = targets.max() + 1
    return [(a, b) for a, b in splits if len(np.unique(targets[a])) == n_classes]


class MLP(FeatureClassifier):
    """A multi-layer perceptron with relu, trained by adam.

    Parameters
    ----------
    hidden : sequence of int
        Units of each hidden layer.
    alpha : float >= 0
        Weight of the squared weights in the loss.
    batch_size, max_iter : int > 0
        Rows of a batch (at most all), and passes over the rows at most.
    scale : bool
        Whether columns are standardized first.
    calibrate : bool
        Whether a temperature is found on held-out speakers (trains four times instead of once).
    seed : int
        Of the first weights and the order of the batches.

    Examples
    --------
    >>> net = MLP(hidden=(4,)).fit([[0.0], [1.0], [0.1], [0.9]], ["a", "b", "a", "b"])
    >>> net.predict([[0.05], [0.95]]).tolist()
    ['a', 'b']
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (300,),
        alpha: float = 0.01,
        batch_size: int = 32,
        max_iter: int = 500,
        scale: bool = True,
        calibrate: bool = False,
        seed: int = 0,
    ) -> None:
        self.hidden = hidden
        self.alpha = alpha
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.scale = scale
        self.calibrate = calibrate
        self.seed = seed

    def _learn(self, X: Doubles, targets: Targets) -> Network:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier
        from threadpoolctl import threadpool_limits

        net = MLPClassifier(
            hidden_layer_sizes=tuple(self.hidden),
            alpha=self.alpha,
            batch_size=min(self.batch_size, len(X)),
            max_iter=self.max_iter,
            random_state=self.seed,
        )
        rows, wrap = _standardized(X) if self.scale else (X, _as_it_is)
        # Batches are too small to share: on a busy machine, BLAS threads made this 25 times slower.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            # The number of iterations is the recipe's to choose; `n_iter_` tells how many ran.
            warnings.simplefilter("ignore", ConvergenceWarning)
            net.fit(rows, targets)
        self.n_iter_, self.loss_ = int(net.n_iter_), float(net.loss_)
        return wrap(_linear_layers([*zip(net.coefs_, net.intercepts_, strict=True)]))


class SVM(FeatureClassifier):
    """A support vector machine with a radial kernel on standardized columns.

    Parameters
    ----------
    C : float > 0
        Cost of an error; smaller is smoother.
    gamma : "scale", "auto" or float > 0
        Of the kernel, as in `sklearn.svm.SVC`.
    calibrate : bool
        Whether a temperature is found on held-out speakers.
    seed : int
        Does nothing: there is no chance in it.

    Notes
    -----
    A class's score is the sum of its decisions against each of the others, not a count of votes:
    the same class wins nearly always, and the scores can be calibrated.
    """

    def __init__(
        self,
        C: float = 10.0,
        gamma: str | float = "scale",
        calibrate: bool = True,
        seed: int = 0,
    ) -> None:
        self.C = C
        self.gamma = gamma
        self.calibrate = calibrate
        self.seed = seed

    def _learn(self, X: Doubles, targets: Targets) -> Network:
        from sklearn.svm import SVC

        rows, wrap = _standardized(X)
        machine = SVC(C=self.C, gamma=self.gamma, class_weight="balanced").fit(rows, targets)
        n_classes = len(machine.classes_)
        weights = np.zeros((len(machine.support_), n_classes))
        bias = np.zeros(n_classes)
        ends = np.cumsum(machine.n_support_)
        members = [slice(end - n, end) for end, n in zip(ends, machine.n_support_, strict=True)]
        # scikit-learn keeps, for the vectors of class i, the coefficient against class j in row
        # j - 1 or j; with two classes its sign is the other way round.
        pair = 0
        for i in range(n_classes):
            for j in range(i + 1, n_classes):
                sign = -1.0 if n_classes == 2 else 1.0
                for own, row in ((i, j - 1), (j, i)):
                    coefficients = sign * machine.dual_coef_[row, members[own]]
                    weights[members[own], i] += coefficients
                    weights[members[own], j] -= coefficients
                intercept = sign * machine.intercept_[pair]
                bias[i] += intercept
                bias[j] -= intercept
                pair += 1
        gamma = float(machine._gamma)
        return wrap(RadialKernel(gamma, machine.support_vectors_.astype(np.float32), weights, bias))


class LogisticRegression(FeatureClassifier):
    """Multinomial logistic regression on standardized columns.

    Parameters
    ----------
    C : float > 0
        Inverse of the weight of the squared weights.
    calibrate : bool
        Whether a temperature is found on held-out speakers.
    seed : int
        Does nothing: there is no chance in it.
    """

    def __init__(self, C: float = 0.01, calibrate: bool = True, seed: int = 0) -> None:
        self.C = C
        self.calibrate = calibrate
        self.seed = seed

    def _learn(self, X: Doubles, targets: Targets) -> Network:
        from sklearn.linear_model import LogisticRegression as Estimator

        rows, wrap = _standardized(X)
        found = Estimator(C=self.C, class_weight="balanced", max_iter=2000).fit(rows, targets)
        return wrap(_linear_layers([(found.coef_.T, found.intercept_)]))


class LDA(FeatureClassifier):
    """Linear discriminants with a covariance shrunk by Ledoit and Wolf's estimate.

    Parameters
    ----------
    calibrate : bool
        Whether a temperature is found on held-out speakers.
    seed : int
        Does nothing: there is no chance in it.
    """

    def __init__(self, calibrate: bool = True, seed: int = 0) -> None:
        self.calibrate = calibrate
        self.seed = seed

    def _learn(self, X: Doubles, targets: Targets) -> Network:
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        rows, wrap = _standardized(X)
        n_classes = len(np.unique(targets))
        found = LinearDiscriminantAnalysis(
            solver="lsqr", shrinkage="auto", priors=np.full(n_classes, 1 / n_classes)
        ).fit(rows, targets)
        return wrap(_linear_layers([(found.coef_.T, found.intercept_)]))


class ExtraTrees(FeatureClassifier):
    """Extremely randomized trees.

    Parameters
    ----------
    n_trees : int > 0
        Trees.
    min_samples_leaf : int > 0
        Rows of a leaf at least.
    calibrate : bool
        Whether a temperature is found on held-out speakers.
    seed : int
        Of the random splits.
    """

    def __init__(
        self,
        n_trees: int = 300,
        min_samples_leaf: int = 2,
        calibrate: bool = True,
        seed: int = 0,
    ) -> None:
        self.n_trees = n_trees
        self.min_samples_leaf = min_samples_leaf
        self.calibrate = calibrate
        self.seed = seed

    def _learn(self, X: Doubles, targets: Targets) -> Network:
        from sklearn.ensemble import ExtraTreesClassifier

        forest = ExtraTreesClassifier(
            self.n_trees,
            min_samples_leaf=self.min_samples_leaf,
            class_weight="balanced",
            random_state=self.seed,
        ).fit(X, targets)
        parts: dict[str, list[npt.NDArray[Any]]] = {
            name: [] for name in ("column", "left", "right", "threshold", "shares")
        }
        roots, n_nodes = [], 0
        for tree in (member.tree_ for member in forest.estimators_):
            own = np.arange(tree.node_count)
            leaf = tree.children_left < 0
            roots.append(n_nodes)
            parts["column"].append(np.maximum(tree.feature, 0))
            parts["left"].append(np.where(leaf, own, tree.children_left) + n_nodes)
            parts["right"].append(np.where(leaf, own, tree.children_right) + n_nodes)
            parts["threshold"].append(tree.threshold)
            counts = tree.value[:, 0, :]
            parts["shares"].append(counts / counts.sum(axis=1, keepdims=True))
            n_nodes += tree.node_count
        joined = {name: np.concatenate(arrays) for name, arrays in parts.items()}
        return Trees(
            roots=np.array(roots, dtype=np.int32),
            column=joined["column"].astype(np.int32),
            left=joined["left"].astype(np.int32),
            right=joined["right"].astype(np.int32),
            threshold=joined["threshold"],
            shares=joined["shares"].astype(np.float32),
        )


class Ensemble(FeatureClassifier):
    """The mean of the probabilities of SVM, logistic regression, LDA and extra trees.

    Parameters
    ----------
    calibrate : bool
        Whether each member's temperature, and then their mean's, is found on held-out speakers.
    seed : int
        Of the trees.
    """

    def __init__(self, calibrate: bool = True, seed: int = 0) -> None:
        self.calibrate = calibrate
        self.seed = seed

    def _learn_calibrated(
        self, X: Doubles, targets: Targets, folds: Folds
    ) -> tuple[Network, float]:
        members = (SVM(), LogisticRegression(), LDA(), ExtraTrees(seed=self.seed))
        temperatures, shares, held = [], [], targets[:0]
        for member in members:
            member.classes_ = self.classes_
            held, logits = member._held_out(X, targets, folds)
            temperatures.append(find_temperature(logits, targets[held]) if len(held) else 1.0)
            shares.append(softmax(logits / temperatures[-1]))
        network = Average(
            tuple(member._learn(X, targets) for member in members), tuple(temperatures)
        )
        if not len(held):
            return network, 1.0
        return network, find_temperature(mean_logits(shares), targets[held])


def _as_it_is(network: Network) -> Network:
    return network


def _standardized(X: Doubles) -> tuple[Doubles, Callable[[Network], Network]]:
    """Standardized rows, and what makes a network of them one of the rows as they are."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler()
    rows = scaler.fit_transform(X)
    return rows, lambda inner: Standardized(scaler.mean_, scaler.scale_, inner)


def _linear_layers(layers: list[tuple[Doubles, Doubles]]) -> Layers:
    weight, bias = layers[-1]
    if weight.shape[1] == 1:  # one logistic output z is the softmax of (0, z)
        layers[-1] = np.hstack([np.zeros_like(weight), weight]), np.array([0.0, bias[0]])
    return Layers(tuple(layers))
