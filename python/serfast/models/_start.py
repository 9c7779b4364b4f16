"""Training that starts from a network that was trained before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from serfast.errors import ParameterError
from serfast.models._bundle import Model
from serfast.models._heard import Residual
from serfast.models._specs import ModelSpec

# What a card says of how a network was trained, but not what it was trained on.
_COURSE = ("history", "notes", "seed")


def starting_from(spec: ModelSpec, model: Model) -> ModelSpec:
    """Return the spec of estimators whose networks start from that of a trained model.

    Raises
    ------
    ParameterError
        If the estimator takes no start, or the model has no residual network.
    """
    members = getattr(model.network, "members", (model.network,))
    networks = (getattr(member, "alone", member) for member in members)
    found = next((network for network in networks if isinstance(network, Residual)), None)
    if "start" not in spec.make(0).get_params(deep=False):
        raise ParameterError(
            f"{spec.name} cannot start from a trained model; residual and fusion can"
        )
    if found is None:
        raise ParameterError(f"start: {model.name} has no residual network to start from")
    return replace(spec, parameters=spec.parameters | {"start": found.runtime})


def start_facts(model: Model) -> dict[str, Any]:
    """Return what the card of a model that starts from another says of that."""
    learned = {name: fact for name, fact in model.training.items() if name not in _COURSE}
    return {"model": model.name, **learned}


def corpora_before(model: Model | None) -> str | None:
    """Return the corpora that a model to start from was trained on, the first one first."""
    if model is None:
        return None
    return ", ".join(reversed([training["corpus"] for training in model.trainings]))
