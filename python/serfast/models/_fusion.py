"""A network that hears recordings and a classifier of their features, together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from serfast import Extractor
from serfast import _validate as validate
from serfast.errors import ParameterError
from serfast.models._classical import Ensemble, FeatureClassifier
from serfast.models._composed import Average, OfFeatures
from serfast.models._networks import Doubles, Network, softmax
from serfast.models._voiced import Voiced
from serfast.nets import ResidualNet, Runtime
from serfast.nets._base import as_recordings
from serfast.nets._voice_net import VoiceNet


def _with_voices(network: ResidualNet) -> VoiceNet:
    """Return what is trained beside a network, for speakers of whom clips are known."""
    return VoiceNet(**network.get_params(deep=False) | {"calibrate": False})


def _member(network: ResidualNet, beside: ResidualNet | None) -> tuple[Network, float]:
    """Return what predicts, and its temperature."""
    if beside is None:
        return network.network_, network.temperature_
    beside.temperature_ = network.temperature_
    return Voiced(network.network_, beside.network_), 1.0


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
    voices : bool
        Whether each of them has another one beside it, which hears a clip by the measure of the
        speaker's clips and joins in once some of these are known (enrolment). That takes as long
        again to train. Where `groups` are not known, or held-out clips decide how the training of
        `network` goes on, there is none.
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
        voices: bool = True,
        seed: int = 0,
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        self.features = features
        self.network = network
        self.classifier = classifier
        self.start = start
        self.n_networks = n_networks
        self.voices = voices
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
        validate.positive_int("n_networks", self.n_networks)
        extractor = Extractor.preset(self.features)
        network = ResidualNet() if self.network is None else clone(self.network)
        if network.sr != extractor.sr:
            raise ParameterError(
                f"the network hears {network.sr} Hz, {self.features} is of {extractor.sr} Hz"
            )
        X, self.sr_ = as_recordings(X, network.sr), network.sr
        if self.start is not None:
            network.set_params(start=self.start)
        seeds = range(self.seed, self.seed + self.n_networks)
        nets = {f"network {n}": clone(network).set_params(seed=s) for n, s in enumerate(seeds, 1)}
        beside: dict[str, ResidualNet] = {}
        if self.voices and groups is not None and not network.steered:
            beside = {f"{name} with voices": _with_voices(net) for name, net in nets.items()}
        self._train(nets | beside, X, y, groups)
        ears = OfFeatures(extractor.config, extractor.hash, nets["network 1"].network_)
        chosen = Ensemble() if self.classifier is None else self.classifier
        classical = clone(chosen).set_params(seed=self.seed).fit(ears.rows(X), y, groups)
        functionals = OfFeatures(extractor.config, extractor.hash, classical.network_)
        self.classes_ = classical.classes_
        members = [*map(_member, nets.values(), beside.values() or itertools.repeat(None))]
        members.append((functionals, classical.temperature_))
        self.network_ = Average(*zip(*members, strict=True))
        self.temperature_ = 1.0
        return self

    def _train(
        self,
        nets: dict[str, ResidualNet],
        X: Sequence[npt.NDArray[Any]],
        y: Sequence[Any],
        groups: Sequence[Any] | None,
    ) -> None:
        """Train networks, and tell of their epochs counted through all of them."""
        self.history_: dict[str, list[dict[str, Any]]] = {}
        n_epochs = sum(net.n_epochs for net in nets.values())
        before = 0
        for name, net in nets.items():
            net.set_params(progress=self._progress_after(before, n_epochs)).fit(X, y, groups)
            before += net.n_epochs
            self.history_ |= {f"{name}, {clips}": rows for clips, rows in net.history_.items()}

    def _progress_after(self, before: int, n_epochs: int) -> Callable[[int, int], object] | None:
        tell = self.progress
        return None if tell is None else lambda done, _: tell(before + done, n_epochs)

    def predict_proba(self, X: Sequence[npt.NDArray[Any]]) -> Doubles:
        """Return the probability of each of `classes_` for each recording."""
        check_is_fitted(self)
        return softmax(self.network_.logits(as_recordings(X, self.sr_)) / self.temperature_)

    def predict(self, X: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return the likeliest class of each recording."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])
