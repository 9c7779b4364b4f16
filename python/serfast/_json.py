"""JSON as its standard has it, in which numbers are finite."""

from __future__ import annotations

import json
import math
from typing import Any

_INFINITIES = {"inf": math.inf, "-inf": -math.inf}


def dumps(data: Any, **options: Any) -> str:
    """Return JSON in which infinities are the texts "inf" and "-inf", and NaN is null."""
    return json.dumps(_finite(data), allow_nan=False, **options)


def _finite(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _finite(value) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    if isinstance(data, float) and not math.isfinite(data):
        return None if math.isnan(data) else str(data)
    return data


def with_infinities(config: Any) -> Any:
    """Return a configuration from JSON with its infinities as numbers."""
    if isinstance(config, dict):
        return {name: with_infinities(value) for name, value in config.items()}
    if isinstance(config, list):
        return [with_infinities(value) for value in config]
    return _INFINITIES.get(config, config) if isinstance(config, str) else config
