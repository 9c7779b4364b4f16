"""A network that hears recordings and a classifier of their features, together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from serfast import Extractor
from serfast.models._classical import Ensemble, FeatureClassifier
from serfast.models._composed import Average, OfFeatures
from serfast.models._networks import Doubles, softmax
from serfast.nets import ResidualNet, Runtime


class Fusion(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The mean of the probabilities of residual networks and of a classifier of functionals.

    Each member is calibrated on training speakers that it did not hear, so their probabilities
    weigh as much as they are worth.

    Parameters
    ----------
    features : str
        The name of the functionals, see `serfast.Extractor.preset`.
    network : ResidualNet, optional
        What is trained; default: with its defaults.
    classifier : FeatureClassifier, optional
        What is trained on the functionals; default: an `Ensemble`.
    start : Runtime, optional
        A trained network that the networks' training starts from, rather than from what `network`
        names; see `ResidualNet`.
    n_networks : int > 0
        How many are trained, which differ in their seeds only.
    seed : int
        Of the first network; the others have the next.
    progress : callable, optional
        Called as ``progress(done, total)`` after each epoch of the networks.
    """

    def __init__(
        self,
        features: str = "emotion-v1",
        network: ResidualNet | None = None,
        classifier: FeatureClassifier | None = None,
        start: Runtime | None = None,
        n_networks: int = 1,
        seed: int = 0,
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        self.features = features
        self.network = network
        self.classifier = classifier
        self.start = start
        self.n_networks = n_networks
        self.seed = seed
        self.progress = progress

    def fit(
        self, X: Sequence[npt.NDArray[Any]], y: Sequence[Any], groups: Sequence[Any] | None = None
    ) -> Any:
        """Learn from recordings.

        Parameters
        ----------
        X : Recordings, or sequence of np.ndarray [shape=(n,)]
            At the sampling rate of the network and of the functionals.
        y : sequence
            The class of each.
        groups : sequence, optional
            The speaker of each.

        Returns
        -------
        self
        """
        network = ResidualNet() if self.network is None else clone(self.network)
        if self.start is not None:
            network.set_params(start=self.start)
        nets = [
            clone(network)
            .set_params(seed=self.seed + number, progress=self._progress_of(number))
            .fit(X, y, groups)
            for number in range(self.n_networks)
        ]
        extractor = Extractor.preset(self.features)
        ears = OfFeatures(extractor.config, extractor.hash, nets[0].network_)
        chosen = Ensemble() if self.classifier is None else self.classifier
        classical = clone(chosen).set_params(seed=self.seed).fit(ears.rows(X), y, groups)
        functionals = OfFeatures(extractor.config, extractor.hash, classical.network_)
        self.classes_ = classical.classes_
        self.history_ = {
            f"network {number}, {clips}": epochs
            for number, net in enumerate(nets, start=1)
            for clips, epochs in net.history_.items()
        }
        self.network_ = Average(
            (*(net.network_ for net in nets), functionals),
            (*(net.temperature_ for net in nets), classical.temperature_),
        )
        self.temperature_ = 1.0
        return self

    def _progress_of(self, number: int) -> Callable[[int, int], object] | None:
        """What tells of the epochs of one network, counted through all of them."""
        tell = self.progress
        if tell is None:
            return None
        return lambda done, total: tell(number * total + done, self.n_networks * total)

    def predict_proba(self, X: Sequence[npt.NDArray[Any]]) -> Doubles:
        """Return the probability of each of `classes_` for each recording."""
        check_is_fitted(self)
        return softmax(self.network_.logits(X) / self.temperature_)

    def predict(self, X: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return the likeliest class of each recording."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])
