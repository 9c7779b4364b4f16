"""The options of an Extractor: which features, with which options, pooled how."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _core
from . import _whole as whole_signal
from .errors import ParameterError

_statistics = ("mean", "std", "min", "max", "median", "slope", "skewness", "kurtosis")
_statistic = re.compile(
    r"(?P<prefix>delta2?_)?"
    rf"((?P<name>{'|'.join(_statistics)})|p(?P<percentile>100|\d\d?(\.\d+)?)"
    r"|dct(?P<half_periods>[1-9]\d?)|change(?P<milliseconds>[1-9]\d{0,3})ms)"
)
# Arguments of the public functions that are not options of a feature.
_inputs = ("y", "S", "sr", "centroid", "freq", "ref_magnitude")


@dataclass(frozen=True)
class Statistic:
    label: str
    kind: str
    parameter: float
    order: int  # 1 of the row's deltas, 2 of its second deltas

    @classmethod
    def parse(cls, label: Any) -> Statistic:
        words = _statistic.fullmatch(label) if isinstance(label, str) else None
        if words is None:
            raise ParameterError(
                f"pool={label!r} must be one of {', '.join(_statistics)}, p0 to p100 for a "
                "percentile, dct1 to dct99 for a cosine coefficient, or change1ms to change9999ms, "
                "each also with the prefix delta_ or delta2_"
            )
        order = {None: 0, "delta_": 1, "delta2_": 2}[words["prefix"]]
        if words["name"] == "median":
            return cls(label, "percentile", 50.0, order)
        if words["name"]:
            return cls(label, words["name"], 0.0, order)
        if words["percentile"]:
            return cls(label, "percentile", float(words["percentile"]), order)
        if words["half_periods"]:
            return cls(label, "cosine", float(words["half_periods"]), order)
        return cls(label, "change", float(words["milliseconds"]) / 1000, order)


def statistics(pool: str | Sequence[str] | None) -> list[Statistic] | None:
    """The statistics that `pool` names; None for none."""
    if pool is None:
        return None
    labels = [pool] if isinstance(pool, str) else pool
    if not isinstance(labels, Sequence) or not labels or len(set(labels)) < len(labels):
        raise ParameterError(f"pool={pool!r} must be None, a name, or a list of different names")
    return [Statistic.parse(label) for label in labels]


def known_features() -> list[str]:
    """The features that an Extractor takes: those of the core's table, and of whole signals."""
    return [row["name"] for row in _core.features() if row["framewise"]] + list(whole_signal.NAMES)


def checked_features(features: Sequence[str]) -> list[str]:
    if isinstance(features, str):
        features = [features]
    if not isinstance(features, Sequence):
        raise ParameterError(f"features={features!r} must be a list of names of features")
    known = known_features()
    for name in features:
        if name not in known:
            raise ParameterError(f"unknown feature {name!r}; known: {', '.join(known)}")
    if not features or len(set(features)) < len(features):
        raise ParameterError(f"features={list(features)!r} must be a list of different features")
    return list(features)


def _defaults(feature: str) -> dict[str, Any]:
    """A feature's options and their defaults, as the public function's signature has them."""
    if feature in whole_signal.NAMES:
        return whole_signal.defaults(feature)
    import serfast

    parameters = inspect.signature(getattr(serfast, feature)).parameters
    return {name: p.default for name, p in parameters.items() if name not in _inputs}


def whole(x: float) -> int | float:
    return int(x) if x.is_integer() else x


def options_by_feature(features: list[str], options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    result = {name: _defaults(name) for name in features}
    for key, value in options.items():
        if key in result:
            if not isinstance(value, dict):
                raise ParameterError(f"{key}={value!r} must be a dictionary of options of {key}")
            continue
        takers = [name for name in features if key in result[name]]
        if not takers:
            known = sorted({option for o in result.values() for option in o})
            raise ParameterError(f"unknown option {key!r}; known: {', '.join(known)}")
        for name in takers:
            result[name][key] = value
    for name in features:
        for key, value in options.get(name, {}).items():
            if key not in result[name]:
                raise ParameterError(
                    f"unknown option {key!r} of {name}; known: {', '.join(result[name])}"
                )
            result[name][key] = value
    return result


def plain(options: dict[str, Any]) -> dict[str, Any]:
    """Options as JSON has them."""
    plain = {}
    for key, value in options.items():
        if key == "dtype":
            value = np.dtype(value).name
        elif isinstance(value, np.ndarray):
            value = value.tolist()
        elif isinstance(value, np.generic):
            value = value.item()
        elif callable(value):
            raise ParameterError(f"{key}={value!r}: functions cannot be stored; give an array")
        plain[key] = list(value) if isinstance(value, tuple) else value
    return plain


def with_tuples(options: dict[str, Any]) -> dict[str, Any]:
    """Options as they were before JSON made lists of tuples: a window's name and its parameters."""
    window = options.get("window")
    if isinstance(window, list) and window and isinstance(window[0], str):
        return {**options, "window": tuple(window)}
    return options
