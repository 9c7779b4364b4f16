"""Pre-emphasis and its inverse."""

from __future__ import annotations

from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from . import _core
from ._decode import Array
from .audio import finite_samples
from .errors import ParameterError

__all__ = ["deemphasis", "preemphasis"]


@overload
def preemphasis(
    y: Array,
    *,
    coef: float = ...,
    zi: npt.ArrayLike | None = ...,
    return_zf: Literal[False] = ...,
) -> Array: ...
@overload
def preemphasis(
    y: Array, *, coef: float = ..., zi: npt.ArrayLike | None = ..., return_zf: Literal[True]
) -> tuple[Array, Array]: ...
def preemphasis(
    y: Array, *, coef: float = 0.97, zi: npt.ArrayLike | None = None, return_zf: bool = False
) -> Array | tuple[Array, Array]:
    """Raise the high frequencies: ``y_out[n] = y[n] - coef * y[n - 1]``.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    coef : float
        0 leaves the signal as it is, 1 gives its first difference. HTK's value is 0.97.
    zi : number or np.ndarray [shape=(..., 1)]
        What is added to the first sample: the `zf` of the block before, where a signal is
        filtered in blocks. None extrapolates, ``2 * y[0] - y[1]``, which takes two samples.
    return_zf : bool
        Whether to return the filter's final state too.

    Returns
    -------
    y_out : np.ndarray [shape=(..., n)]
        The filtered signal, of y's dtype.
    zf : np.ndarray [shape=(..., 1)]
        The final state, ``-coef * y[-1]``; only with `return_zf`.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, or too short, or `zi` does not fit it.

    Notes
    -----
    Values and defaults are those of ``librosa.effects.preemphasis`` 0.11; Young et al., "The HTK
    Book", section 5.2.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.preemphasis(np.array([1.0, 2.0, 4.0]), coef=0.5)
    array([1. , 1.5, 3. ])
    """
    y = finite_samples(y)
    state = _first_state(y, zi)
    factor = y.dtype.type(-coef)
    y_out = y.copy()
    y_out[..., 1:] += factor * y[..., :-1]
    y_out[..., :1] += state
    return (y_out, factor * y[..., -1:]) if return_zf else y_out


@overload
def deemphasis(
    y: Array,
    *,
    coef: float = ...,
    zi: npt.ArrayLike | None = ...,
    return_zf: Literal[False] = ...,
) -> Array: ...
@overload
def deemphasis(
    y: Array, *, coef: float = ..., zi: npt.ArrayLike | None = ..., return_zf: Literal[True]
) -> tuple[Array, Array]: ...
def deemphasis(
    y: Array, *, coef: float = 0.97, zi: npt.ArrayLike | None = None, return_zf: bool = False
) -> Array | tuple[Array, Array]:
    """Undo `preemphasis`: ``y_out[n] = y[n] + coef * y_out[n - 1]``.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    coef : float
        As in `preemphasis`.
    zi : number or np.ndarray [shape=(..., 1)]
        What is added to the first sample: the `zf` of the block before, where a signal is
        filtered in blocks. None undoes what `preemphasis` extrapolates, which takes two samples.
    return_zf : bool
        Whether to return the filter's final state too.

    Returns
    -------
    y_out : np.ndarray [shape=(..., n)]
        The filtered signal, of y's dtype.
    zf : np.ndarray [shape=(..., 1)]
        The final state; only with `return_zf`. Without `zi`, that of a filter that began with
        zero.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, or too short, or `zi` does not fit it.

    See Also
    --------
    preemphasis

    Notes
    -----
    Values and defaults are those of ``librosa.effects.deemphasis`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.array([1.0, 2.0, 4.0])
    >>> np.round(serfast.deemphasis(serfast.preemphasis(y)), 12)
    array([1., 2., 4.])
    """
    y = finite_samples(y)
    if zi is None and y.shape[-1] == 0:
        return (y, np.zeros((*y.shape[:-1], 1), dtype=y.dtype)) if return_zf else y
    coef = float(coef)
    state = _first_state(y, zi)
    # In double: each rounding error would count 1 / (1 - coef) times.
    rows = y.reshape(-1, y.shape[-1]).astype(np.float64, order="C")
    lead = np.zeros((len(rows), 1))
    if zi is None:
        lead = ((2 - coef) * rows[:, :1] - rows[:, 1:2]) / (3 - coef)
        state = -lead.reshape(y[..., :1].shape)
    before = np.array(np.broadcast_to(state, y[..., :1].shape), dtype=np.float64).reshape(-1)
    filtered, zf = _core.first_order(rows, 1.0, 0.0, -coef, before)
    y_out = filtered.reshape(y.shape).astype(y.dtype)
    if not return_zf:
        return y_out
    zf = zf[:, np.newaxis] + lead * np.power(coef, y.shape[-1])
    return y_out, zf.reshape(y[..., :1].shape).astype(y.dtype)


def _first_state(y: Array, zi: Any) -> Array:
    """What pre-emphasis adds to the first sample: the state given, or an extrapolation."""
    n_needed = 2 if zi is None else 1
    if y.shape[-1] < n_needed:
        raise ParameterError(f"y has {y.shape[-1]} samples, and at least {n_needed} are needed")
    state = 2 * y[..., :1] - y[..., 1:2] if zi is None else np.atleast_1d(np.asarray(zi, y.dtype))
    if state.shape not in ((1,), y[..., :1].shape):
        raise ParameterError(f"zi has shape {state.shape}, and {y[..., :1].shape} is needed")
    return state
