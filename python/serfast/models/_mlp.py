"""The multi-layer perceptron: trained by scikit-learn, applied with numpy alone."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.models._specs import MlpParameters

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mlp:
    """A trained network: scaling, relu layers, softmax.

    Parameters
    ----------
    classes : tuple of str
        The label of each output.
    mean, scale : np.ndarray [shape=(n_columns,)]
        Inputs become ``(x - mean) / scale``; 0 and 1 where a recipe does not scale.
    layers : tuple of (weight, bias)
        Weight of shape (n_in, n_out), bias of shape (n_out,).

    Examples
    --------
    >>> net = Mlp(("a", "b"), np.zeros(1), np.ones(1), ((np.array([[0.0, 1.0]]), np.zeros(2)),))
    >>> net.predict_proba(np.array([[0.0]]))
    array([[0.5, 0.5]])
    """

    classes: tuple[str, ...]
    mean: Doubles
    scale: Doubles
    layers: tuple[tuple[Doubles, Doubles], ...]

    @classmethod
    def from_pipeline(cls, pipeline: Any) -> Mlp:
        """Take the numbers out of a pipeline that `fit_mlp` returned."""
        scaler, net = pipeline[0], pipeline[-1]
        n_columns = net.n_features_in_
        layers = [*zip(net.coefs_, net.intercepts_, strict=True)]
        if len(net.classes_) == 2:  # one logistic output z is the softmax of (0, z)
            weight, bias = layers[-1]
            layers[-1] = np.hstack([np.zeros_like(weight), weight]), np.array([0.0, bias[0]])
        scaled = scaler != "passthrough"
        return cls(
            classes=tuple(str(name) for name in net.classes_),
            mean=scaler.mean_ if scaled else np.zeros(n_columns),
            scale=scaler.scale_ if scaled else np.ones(n_columns),
            layers=tuple(layers),
        )

    def predict_proba(self, values: npt.ArrayLike) -> Doubles:
        """Return the probability of each class for each row.

        Parameters
        ----------
        values : np.ndarray [shape=(n, n_columns)]
            Features.

        Returns
        -------
        np.ndarray [shape=(n, n_classes)]
            Rows sum to 1.
        """
        x = (np.asarray(values, dtype=np.float64) - self.mean) / self.scale
        for weight, bias in self.layers[:-1]:
            x = np.maximum(x @ weight + bias, 0)
        weight, bias = self.layers[-1]
        z = x @ weight + bias
        z = np.exp(z - z.max(axis=1, keepdims=True))
        return np.asarray(z / z.sum(axis=1, keepdims=True), dtype=np.float64)

    def predict(self, values: npt.ArrayLike) -> npt.NDArray[np.str_]:
        """Return the likeliest class of each row."""
        return np.asarray(np.take(self.classes, self.predict_proba(values).argmax(axis=1)))


def fit_mlp(
    values: npt.ArrayLike, labels: npt.NDArray[np.str_], parameters: MlpParameters, seed: int
) -> Any:
    """Fit scikit-learn's scaler and MLP; the scaler sees these rows only.

    Parameters
    ----------
    values : np.ndarray [shape=(n, n_columns)]
        Features.
    labels : np.ndarray [shape=(n,), dtype=str]
        The class of each row.
    parameters : MlpParameters
        The network.
    seed : int
        Of the first weights and the order of the batches.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Of a scaler (or ``"passthrough"``) and an ``MLPClassifier``.

    Examples
    --------
    >>> pipeline = fit_mlp([[0.0], [1.0]], np.array(["a", "b"]), MlpParameters(scale=True), seed=0)
    >>> Mlp.from_pipeline(pipeline).classes
    ('a', 'b')
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    rows = np.asarray(values, dtype=np.float64)
    net = MLPClassifier(
        hidden_layer_sizes=parameters.hidden,
        alpha=parameters.alpha,
        batch_size=min(parameters.batch_size, len(rows)),
        max_iter=parameters.max_iter,
        random_state=seed,
    )
    scaler = StandardScaler() if parameters.scale else "passthrough"
    # Batches are too small to share: on a busy machine, BLAS threads made this 25 times slower.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        # The number of iterations is the recipe's to choose; the model's card tells how many ran.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return Pipeline([("scaler", scaler), ("mlp", net)]).fit(rows, labels)
