"""The residual network of recordings, as one kind of network among others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy.typing as npt

from serfast.models._composed import Average
from serfast.models._networks import Doubles, Network, Settings, Tensors
from serfast.nets import BandStatistics, Runtime


@dataclass(frozen=True)
class Residual:
    """A trained residual network that hears recordings.

    Parameters
    ----------
    runtime : Runtime
        The network.
    speaker : BandStatistics or None
        Of clips of the speaker who is heard.
    """

    kind: ClassVar[str] = "residual"
    runtime: Runtime
    speaker: BandStatistics | None = None

    def logits(self, x: Sequence[npt.NDArray[Any]]) -> Doubles:
        """Score recordings at the front end's rate."""
        return self.runtime.logits(x, self.speaker)

    def enrolled(self, x: Sequence[npt.NDArray[Any]]) -> Residual:
        """Return the network for the speaker of some recordings."""
        return replace(self, speaker=self.runtime.speaker_statistics(x))

    def settings(self) -> Settings:
        """Return classes, front end and temperature."""
        return self.runtime.to_parts()[0]

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return the weights."""
        return {**self.runtime.to_parts()[1]}

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> Residual:
        """Return the network of these parts."""
        return cls(Runtime.from_parts(settings, dict(tensors)))


def find_residual(network: Network) -> Residual | None:
    """Return the residual network in a network, if there is one."""
    members = network.members if isinstance(network, Average) else (network,)
    return next((member for member in members if isinstance(member, Residual)), None)
