"""Classifiers of feature rows: scikit-learn trains them, plain arrays are what is left.

Each is a scikit-learn estimator: `__init__` stores, `fit` learns, `predict_proba` is calibrated.
"""

from __future__ import annotations

import itertools
import warnings
from abc import abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from serfast.errors import ParameterError
from serfast.models._composed import Average, Standardized, Votes
from serfast.models._networks import (
    Doubles,
    Layers,
    Network,
    RadialKernel,
    mean_logits,
    softmax,
)
from serfast.models._temperature import find_temperature

N_CALIBRATION_FOLDS = 3

Targets = npt.NDArray[np.intp]
Speakers = npt.NDArray[Any] | None
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
            raise ParameterError(
                f"a classifier needs rows of at least two classes; here is one class, "
                f"{self.classes_[0]}, of {len(rows)} rows"
            )
        speakers = None if groups is None else np.asarray(groups)
        if speakers is not None and len(speakers) != len(rows):
            raise ParameterError(f"groups has {len(speakers)} entries for {len(rows)} rows")
        folds = _speaker_folds(targets, speakers) if self.calibrate else []
        self.network_, self.temperature_ = self._calibrated(rows, targets, speakers, folds)
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

    @abstractmethod
    def _calibrated(
        self, X: Doubles, targets: Targets, speakers: Speakers, folds: Folds
    ) -> tuple[Network, float]:
        """The network of all rows, and the temperature that held-out folds give it."""


class SingleClassifier(FeatureClassifier):
    """A classifier that one training makes."""

    standardize: bool = True

    @abstractmethod
    def _learn(self, rows: Doubles, targets: Targets) -> Network:
        """The network of rows that are standardized, if `standardize`."""

    def _network(self, X: Doubles, targets: Targets, speakers: Speakers) -> Network:
        if not self.standardize:
            return self._learn(X, targets)
        return Standardized.of_rows(X, speakers, lambda rows: self._learn(rows, targets))

    def _calibrated(
        self, X: Doubles, targets: Targets, speakers: Speakers, folds: Folds
    ) -> tuple[Network, float]:
        logits = [
            self._network(X[train], targets[train], None).logits(X[held]) for train, held in folds
        ]
        network = self._network(X, targets, speakers)
        if not folds:
            return network, 1.0
        held_out = np.concatenate([held for _, held in folds])
        return network, find_temperature(np.concatenate(logits), targets[held_out])


def _speaker_folds(targets: Targets, speakers: Speakers) -> Folds:
    """Rows to train on and to hold out, speakers apart, wherever all classes are trained."""
    from sklearn.model_selection import GroupKFold

    if speakers is None or len(np.unique(speakers)) < N_CALIBRATION_FOLDS:
        return []
    splits = GroupKFold(N_CALIBRATION_FOLDS).split(targets, groups=speakers)
    n_classes = targets.max() + 1
    return [(a, b) for a, b in splits if len(np.unique(targets[a])) == n_classes]


class MLP(SingleClassifier):
    """A multi-layer perceptron with relu, trained by adam.

    Parameters
    ----------
    hidden : sequence of int
        Units of each hidden layer.
    alpha : float >= 0
        Weight of the squared weights in the loss.
    batch_size, max_iter : int > 0
        Rows of a batch (at most all), and passes over the rows at most.
    standardize : bool
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
        standardize: bool = True,
        calibrate: bool = False,
        seed: int = 0,
    ) -> None:
        self.hidden = hidden
        self.alpha = alpha
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.standardize = standardize
        self.calibrate = calibrate
        self.seed = seed

    def _learn(self, rows: Doubles, targets: Targets) -> Network:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier
        from threadpoolctl import threadpool_limits

        net = MLPClassifier(
            hidden_layer_sizes=tuple(self.hidden),
            alpha=self.alpha,
            batch_size=min(self.batch_size, len(rows)),
            max_iter=self.max_iter,
            random_state=self.seed,
        )
        # Batches are too small to share: on a busy machine, BLAS threads made this 25 times slower.
        with threadpool_limits(limits=1), warnings.catch_warnings():
            # The number of iterations is the recipe's to choose; `n_iter_` tells how many ran.
            warnings.simplefilter("ignore", ConvergenceWarning)
            # scikit-learn takes Ctrl-C for the end of the training.
            warnings.filterwarnings("error", "Training interrupted by user")
            try:
                net.fit(rows, targets)
            except UserWarning as interrupted:
                raise KeyboardInterrupt from interrupted
        self.n_iter_, self.loss_ = int(net.n_iter_), float(net.loss_)
        return _linear_layers([*zip(net.coefs_, net.intercepts_, strict=True)])


class SVM(SingleClassifier):
    """A support vector machine with a radial kernel on standardized columns.

    Parameters
    ----------
    C : float > 0
        Cost of an error; smaller is smoother.
    width : float > 0
        Of the kernel: its gamma is ``1 / (width * n_columns)``. scikit-learn's default is a width
        of 1; on a thousand functionals of speech, 3 was better by a point.
    calibrate : bool
        Whether a temperature is found on held-out speakers.
    seed : int
        Does nothing: there is no chance in it.
    """

    def __init__(
        self,
        C: float = 10.0,
        width: float = 3.0,
        calibrate: bool = True,
        seed: int = 0,
    ) -> None:
        self.C = C
        self.width = width
        self.calibrate = calibrate
        self.seed = seed

    def _learn(self, rows: Doubles, targets: Targets) -> Network:
        from sklearn.svm import SVC

        gamma = 1 / (self.width * rows.shape[1])
        machine = SVC(C=self.C, gamma=gamma, class_weight="balanced").fit(rows, targets)
        # scikit-learn keeps, for the vectors of class i, the coefficient against class j in row
        # j - 1 or j; with two classes its sign is the other way round.
        ends = np.cumsum(machine.n_support_)
        members = [slice(end - n, end) for end, n in zip(ends, machine.n_support_, strict=True)]
        pairs = list(itertools.combinations(range(len(members)), 2))
        sign = -1.0 if len(members) == 2 else 1.0
        weights = np.zeros((len(machine.support_), len(pairs)))
        for pair, (i, j) in enumerate(pairs):
            weights[members[i], pair] = sign * machine.dual_coef_[j - 1, members[i]]
            weights[members[j], pair] = sign * machine.dual_coef_[i, members[j]]
        bias = sign * machine.intercept_
        vectors = machine.support_vectors_.astype(np.float32)
        return Votes(RadialKernel(gamma, vectors, weights, bias))


class KernelRidge(SingleClassifier):
    """Ridge regression of the classes with a radial kernel on standardized columns.

    Parameters
    ----------
    penalty : float > 0
        Weight of the squared norm.
    width : float > 0
        Of the kernel, as in `SVM`.
    calibrate : bool
        Whether a temperature is found on held-out speakers.
    seed : int
        Does nothing: there is no chance in it.

    Notes
    -----
    Each class is 1 where it is true and -1 where it is not; classes weigh alike. On a thousand
    functionals of speech it was the best single classifier (docs/emotion-figures.md).
    """

    def __init__(
        self,
        penalty: float = 0.1,
        width: float = 3.0,
        calibrate: bool = True,
        seed: int = 0,
    ) -> None:
        self.penalty = penalty
        self.width = width
        self.calibrate = calibrate
        self.seed = seed

    def _learn(self, rows: Doubles, targets: Targets) -> Network:
        from sklearn.kernel_ridge import KernelRidge as Estimator

        n_classes = targets.max() + 1
        gamma = 1 / (self.width * rows.shape[1])
        wanted = 2 * np.eye(n_classes)[targets] - 1
        counts = np.bincount(targets)
        weights = len(targets) / n_classes / counts[targets]
        found = Estimator(alpha=self.penalty, kernel="rbf", gamma=gamma)
        dual = np.asarray(found.fit(rows, wanted, sample_weight=weights).dual_coef_)
        return RadialKernel(gamma, rows.astype(np.float32), dual, np.zeros(n_classes))


class LogisticRegression(SingleClassifier):
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

    def _learn(self, rows: Doubles, targets: Targets) -> Network:
        from sklearn.linear_model import LogisticRegression as Estimator

        found = Estimator(C=self.C, class_weight="balanced", max_iter=2000).fit(rows, targets)
        return _linear_layers([(found.coef_.T, found.intercept_)])


class LDA(SingleClassifier):
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

    def _learn(self, rows: Doubles, targets: Targets) -> Network:
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        n_classes = len(np.unique(targets))
        if len(rows) <= n_classes:
            raise ParameterError(
                f"LDA needs more rows than classes; here are {len(rows)} rows of {n_classes}"
            )
        lda = LinearDiscriminantAnalysis(
            solver="lsqr", shrinkage="auto", priors=np.full(n_classes, 1 / n_classes)
        )
        with warnings.catch_warnings():
            # Of a class with one row: its covariance counts as none.
            warnings.filterwarnings("ignore", "Only one sample available")
            found = lda.fit(rows, targets)
        return _linear_layers([(found.coef_.T, found.intercept_)])


class Ensemble(FeatureClassifier):
    """The mean of the probabilities of SVM, kernel ridge, logistic regression and LDA.

    Parameters
    ----------
    calibrate : bool
        Whether each member's temperature, and then their mean's, is found on held-out speakers.
    seed : int
        Does nothing: there is no chance in it.
    """

    def __init__(self, calibrate: bool = True, seed: int = 0) -> None:
        self.calibrate = calibrate
        self.seed = seed

    def _calibrated(
        self, X: Doubles, targets: Targets, speakers: Speakers, folds: Folds
    ) -> tuple[Network, float]:
        members: list[SingleClassifier] = [SVM(), KernelRidge(), LogisticRegression(), LDA()]
        held_out = [held for _, held in folds]
        kinds: list[list[Doubles]] = [[] for _ in members]
        for train, held in folds:
            for logits, member in zip(kinds, members, strict=True):
                network = member._network(X[train], targets[train], None)
                logits.append(network.logits(X[held]))
        temperatures, final = (1.0,) * len(members), 1.0
        if folds:
            known = targets[np.concatenate(held_out)]
            joined = [np.concatenate(logits) for logits in kinds]
            temperatures = tuple(find_temperature(logits, known) for logits in joined)
            shares = [softmax(x / t) for x, t in zip(joined, temperatures, strict=True)]
            final = find_temperature(mean_logits(shares), known)
        network = Standardized.of_rows(
            X,
            speakers,
            lambda rows: Average(
                tuple(member._learn(rows, targets) for member in members), temperatures
            ),
        )
        return network, final


def _linear_layers(layers: list[tuple[Doubles, Doubles]]) -> Layers:
    weight, bias = layers[-1]
    if weight.shape[1] == 1:  # one logistic output z is the softmax of (0, z)
        layers[-1] = np.hstack([np.zeros_like(weight), weight]), np.array([0.0, bias[0]])
    return Layers(tuple(layers))
