"""Calibration: one temperature for a network's logits, found on speakers it was not trained on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from serfast.models._networks import Doubles, softmax

# Beyond these, a network says nothing about its own certainty.
RANGE = (0.02, 50.0)


def find_temperature(logits: Doubles, targets: npt.NDArray[np.intp]) -> float:
    """Return the temperature under which logits explain what was true best.

    Parameters
    ----------
    logits : np.ndarray [shape=(n, n_classes)]
        Of examples that the network was not trained on.
    targets : np.ndarray [shape=(n,), dtype=int]
        The true class of each.

    Returns
    -------
    float in [0.02, 50]
        Probabilities are ``softmax(logits / temperature)``: of the least mean negative log
        likelihood.

    References
    ----------
    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.

    Examples
    --------
    >>> logits = np.array([[9.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 0.0]])
    >>> round(find_temperature(logits, np.array([0, 0, 1, 1])), 2)  # right in 3 of 4 cases
    8.19
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(targets))

    def loss(log_temperature: float) -> float:
        shares = softmax(logits / np.exp(log_temperature))[rows, targets]
        return float(-np.log(np.maximum(shares, np.finfo(np.float64).tiny)).mean())

    found = minimize_scalar(loss, bounds=np.log(RANGE), method="bounded")
    return float(np.exp(found.x))
