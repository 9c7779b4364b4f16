"""Networks made of others, and networks from their parts and back."""

from __future__ import annotations

import importlib
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from serfast.errors import AudioError, ParameterError
from serfast.models._networks import (
    Doubles,
    Network,
    Settings,
    Tensors,
    check_sizes,
    mean_logits,
    softmax,
)

if TYPE_CHECKING:
    from serfast import Extractor


@dataclass(frozen=True)
class Standardized:
    """Another network of ``(x - mean) / scale``.

    Parameters
    ----------
    mean, scale : np.ndarray [shape=(n_columns,)]
        Of the training rows.
    within : np.ndarray [shape=(n_columns,)]
        The deviation inside a training speaker's rows; NaN where speakers were unknown, or had a
        row each.
    inner : Network
        The network behind.
    """

    kind: ClassVar[str] = "standardized"
    mean: Doubles
    scale: Doubles
    within: Doubles
    inner: Network

    # How many of a speaker's clips weigh as much as all that was learned from others.
    SHRINKAGE: ClassVar[float] = 3.0

    @classmethod
    def of_rows(
        cls, x: Doubles, speakers: npt.NDArray[Any] | None, learn: Callable[[Doubles], Network]
    ) -> Standardized:
        """Return the network that `learn` makes of standardized rows, behind their statistics."""
        mean, deviation = x.mean(axis=0), x.std(axis=0)
        scale = np.where(deviation > 0, deviation, 1.0)
        within = np.full_like(mean, np.nan)
        if speakers is not None:
            names, counts = np.unique(speakers, return_counts=True)
            # One row says nothing of how much a speaker varies.
            variances = [x[speakers == name].var(axis=0) for name in names[counts > 1]]
            if variances:
                within = np.sqrt(np.mean(variances, axis=0))
                within = np.where(within > 0, within, 1.0)
        return cls(mean, scale, within, learn((x - mean) / scale))

    def logits(self, x: npt.ArrayLike) -> Doubles:
        """Score rows of shape (n, n_columns)."""
        rows = np.asarray(x, dtype=np.float64)
        check_sizes(rows.shape[1:] == self.mean.shape, "rows and mean")
        return self.inner.logits((rows - self.mean) / self.scale)

    def enrolled(self, x: npt.ArrayLike) -> Standardized:
        """Return the network for one speaker, of whom rows are known but not their classes.

        The speaker's mean and deviation take the place of the training speakers', shrunk towards
        them: k rows count k against `SHRINKAGE`, so that a few do little.

        Raises
        ------
        ParameterError
            If the network does not know how much a speaker varies.
        """
        if not np.isfinite(self.within).all():
            raise ParameterError(
                "this model was trained without knowing its speakers: no enrolment"
            )
        rows = np.asarray(x, dtype=np.float64)
        check_sizes(rows.shape[1:] == self.mean.shape, "rows and mean")
        share = len(rows) / (len(rows) + self.SHRINKAGE)
        mean = share * rows.mean(axis=0) + (1 - share) * self.mean
        deviation = np.sqrt(share * rows.var(axis=0) + (1 - share) * self.within**2)
        return replace(self, mean=mean, scale=deviation * self.scale / self.within)

    def settings(self) -> Settings:
        """Return the inner network's kind and settings."""
        return {"inner": described(self.inner)}

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the statistics, and the inner network's tensors behind ``inner.``."""
        own = {"mean": self.mean, "scale": self.scale, "within": self.within}
        return own | prefixed("inner", self.inner)

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> Standardized:
        """Return the network of these parts."""
        mean, scale, within = (tensors[name] for name in ("mean", "scale", "within"))
        check_sizes(mean.shape == scale.shape == within.shape and mean.ndim == 1, "the statistics")
        return cls(mean, scale, within, restored(settings["inner"], below("inner", tensors)))


@dataclass(frozen=True)
class Average:
    """The mean of several networks' probabilities, each at its own temperature.

    Parameters
    ----------
    members : tuple of Network
        The networks.
    temperatures : tuple of float
        Their logits are divided by these.
    """

    kind: ClassVar[str] = "average"
    members: tuple[Network, ...]
    temperatures: tuple[float, ...]

    def logits(self, x: Any) -> Doubles:
        """Score what each member scores; the logarithm of the mean probability."""
        pairs = zip(self.members, self.temperatures, strict=True)
        return mean_logits([softmax(member.logits(x) / t) for member, t in pairs])

    def settings(self) -> Settings:
        """Return the members' kinds and settings, and the temperatures."""
        return {
            "members": [described(member) for member in self.members],
            "temperatures": list(self.temperatures),
        }

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the members' tensors behind ``0.``, ``1.``..."""
        named: dict[str, npt.NDArray[Any]] = {}
        for i, member in enumerate(self.members):
            named |= prefixed(str(i), member)
        return named

    def enrolled(self, x: Any) -> Average:
        """Return the mean of the members for one speaker; those that take no enrolment stay."""
        takers = [hasattr(member, "enrolled") for member in self.members]
        if not any(takers):
            raise ParameterError("this model takes no enrolment: none of its members does")
        members = (
            enrolled(member, x) if taker else member
            for member, taker in zip(self.members, takers, strict=True)
        )
        return replace(self, members=tuple(members))

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> Average:
        """Return the network of these parts."""
        members = tuple(
            restored(described, below(str(i), tensors))
            for i, described in enumerate(settings["members"])
        )
        temperatures = tuple(float(t) for t in settings["temperatures"])
        check_sizes(len(members) == len(temperatures) > 0, "members and temperatures")
        return cls(members, temperatures)


@dataclass(frozen=True)
class Votes:
    """Votes of a network that decides between each two classes.

    Parameters
    ----------
    inner : Network
        Its scores are decisions between classes 0 and 1, 0 and 2, ..., 1 and 2, ...: positive for
        the first, with margins at 1 and -1.

    Notes
    -----
    Each pair gives one class the vote that it takes from the other: ``tanh(3 d)`` of its decision
    d. Votes that are counted whole lose what near decisions say, and sums of decisions are ruled
    by the few that are far: on speech both were worse.
    """

    kind: ClassVar[str] = "votes"
    inner: Network

    SLOPE: ClassVar[float] = 3.0

    def logits(self, x: npt.ArrayLike) -> Doubles:
        """Score what the inner network takes."""
        votes = np.tanh(self.SLOPE * self.inner.logits(x))
        n_classes = round(0.5 + math.sqrt(0.25 + 2 * votes.shape[1]))
        pairs = list(itertools.combinations(range(n_classes), 2))
        check_sizes(len(pairs) == votes.shape[1], "decisions and classes")
        signs = np.zeros((len(pairs), n_classes))
        for pair, (first, second) in enumerate(pairs):
            signs[pair, [first, second]] = 1, -1
        return np.asarray(votes @ signs)

    def settings(self) -> Settings:
        """Return the inner network's kind and settings."""
        return {"inner": described(self.inner)}

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the inner network's tensors behind ``inner.``."""
        return prefixed("inner", self.inner)

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> Votes:
        """Return the network of these parts."""
        return cls(restored(settings["inner"], below("inner", tensors)))


@dataclass(frozen=True)
class OfFeatures:
    """A network of feature rows that is given recordings.

    Parameters
    ----------
    config : dict
        The configuration of the extractor that makes a row of each recording.
    hash : str
        Its hash, by which a version of serfast is refused that makes other features of it.
    inner : Network
        The network of the rows.
    """

    kind: ClassVar[str] = "of-features"
    config: dict[str, Any]
    hash: str
    inner: Network

    @cached_property
    def extractor(self) -> Extractor:
        """What makes the rows."""
        from serfast import Extractor

        made = Extractor.from_config(self.config)
        if made.hash != self.hash:
            raise ValueError(f"this version of serfast makes features {made.hash}, not {self.hash}")
        return made

    def rows(self, x: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
        """Return the features of recordings.

        Raises
        ------
        AudioError
            If one of them has none, being too short or not finite.
        """
        result = self.extractor.batch(x)
        if result.failures:
            raise AudioError(f"recording {result.failures[0].index}: {result.failures[0].reason}")
        return np.asarray(result.values)

    def logits(self, x: Sequence[npt.NDArray[Any]]) -> Doubles:
        """Score recordings at the extractor's rate."""
        return self.inner.logits(self.rows(x))

    def enrolled(self, x: Sequence[npt.NDArray[Any]]) -> OfFeatures:
        """Return the network for the speaker of some recordings."""
        return replace(self, inner=enrolled(self.inner, self.rows(x)))

    def settings(self) -> Settings:
        """Return the extractor's configuration and the inner network's settings."""
        return {"config": self.config, "hash": self.hash, "inner": described(self.inner)}

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the inner network's tensors behind ``inner.``."""
        return prefixed("inner", self.inner)

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> OfFeatures:
        """Return the network of these parts."""
        inner = restored(settings["inner"], below("inner", tensors))
        made = cls(settings["config"], settings["hash"], inner)
        made.inner.logits(np.zeros((1, len(made.extractor.names))))
        return made


# Where each kind of network is; a model's file names nothing else.
_HOMES = {
    "average": "serfast.models._composed:Average",
    "layers": "serfast.models._networks:Layers",
    "of-features": "serfast.models._composed:OfFeatures",
    "residual": "serfast.models._heard:Residual",
    "sequence": "serfast.models._heard:HeardSequence",
    "radial-kernel": "serfast.models._networks:RadialKernel",
    "standardized": "serfast.models._composed:Standardized",
    "voiced": "serfast.models._voiced:Voiced",
    "votes": "serfast.models._composed:Votes",
}


def described(network: Network) -> Settings:
    """Return a network's kind and settings, from which `restored` makes it again."""
    return {"kind": network.kind, **network.settings()}


def restored(description: Settings, tensors: Tensors) -> Network:
    """Return the network of a description and its tensors.

    Raises
    ------
    ValueError
        If the kind is unknown, or the parts do not belong together.
    """
    kind = description["kind"]
    if kind not in _HOMES:
        raise ValueError(f"a network of kind {kind!r}; known are {', '.join(_HOMES)}")
    module, name = _HOMES[kind].split(":")
    found: type[Network] = getattr(importlib.import_module(module), name)
    return found.from_parts(description, tensors)


def enrolled(network: Network, x: Any) -> Network:
    """Return the network for the speaker of some examples, whose classes need not be known.

    Raises
    ------
    ParameterError
        If it takes no enrolment.
    """
    if not hasattr(network, "enrolled"):
        raise ParameterError("this model takes no enrolment: its input is not standardized")
    if not len(x):
        raise ParameterError("there is no clip to enrol with")
    adapted: Network = network.enrolled(x)
    return adapted


def prefixed(name: str, network: Network) -> dict[str, npt.NDArray[Any]]:
    """Return a network's tensors under names that begin so."""
    return {f"{name}.{key}": tensor for key, tensor in network.tensors().items()}


def below(name: str, tensors: Tensors) -> Tensors:
    """Return the tensors that `prefixed` has named so, under their own names."""
    start = f"{name}."
    return {k.removeprefix(start): t for k, t in tensors.items() if k.startswith(start)}
