"""The layers that networks over sequences are made of, by their names."""

from __future__ import annotations

from collections.abc import Sequence

from serfast import _validate as validate
from serfast.errors import ParameterError

# How many numbers follow each kind of layer.
LAYERS = {
    "conv": 2, "pool": 1, "lstm": 1, "dense": 1, "dropout": 1,
    "norm": 0, "relu": 0, "elu": 0, "last": 0, "flatten": 0,
}  # fmt: skip


def check_layers(layers: Sequence[str]) -> None:
    """Refuse layers that are unknown, or stand where they cannot."""
    flat = False
    for layer in layers:
        kind, *sizes = str(layer).split()
        if kind not in LAYERS or len(sizes) != LAYERS[kind]:
            known = ", ".join(f"{name} ({n} numbers)" for name, n in LAYERS.items())
            raise ParameterError(f"layers: {layer!r} is none of {known}")
        for size in sizes:
            if kind == "dropout":
                validate.number("dropout", _number(layer, size), 0, 1)
            else:
                validate.positive_int(kind, _number(layer, size))
        if flat != (kind == "dense") and kind not in ("norm", "relu", "elu", "dropout"):
            where = "before" if kind == "dense" else "behind"
            raise ParameterError(f"layers: {layer!r} stands {where} last or flatten")
        flat = flat or kind in ("last", "flatten")
    if not flat:
        raise ParameterError("layers must hold last or flatten")


def _number(layer: str, size: str) -> float:
    try:
        return int(size) if size.isdecimal() else float(size)
    except ValueError:
        raise ParameterError(f"layers: {layer!r}: {size} is no number") from None
