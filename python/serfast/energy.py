"""Features of the samples themselves: energy and zero crossings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _engine as engine
from . import _validate as validate
from ._validate import Array, Real
from .arrays import frame
from .errors import ParameterError

__all__ = ["rms", "zero_crossing_rate"]


def rms(
    *,
    y: Real | None = None,
    S: Real | None = None,
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    pad_mode: Any = "constant",
    dtype: npt.DTypeLike = np.float32,
) -> Real:
    """Root mean square of each frame.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels. Counts before `S`.
    S : np.ndarray [shape=(..., 1 + frame_length // 2, frames)], optional
        A spectrogram, of which the magnitude is taken; made without a window, it gives what
        `y` does.
    frame_length : int > 0
        Samples of a frame.
    hop_length : int > 0
        Samples from each frame to the next.
    center : bool
        Whether frame t is centred on sample ``t * hop_length``; if not, it begins there.
    pad_mode : str or function
        How a centred signal is padded, as `numpy.pad` takes it. Default: with zeros.
    dtype : float dtype
        Type of the result; with float64 also what is squared is float64.

    Returns
    -------
    rms : np.ndarray [shape=(..., 1, frames)]
        Root mean square, in units of the samples; float32 unless `dtype` says otherwise, also
        for float64.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, `y` is no array of finite floats or too short, `S` does
        not fit `frame_length`, or an option is out of its range.

    See Also
    --------
    zero_crossing_rate, stft

    Notes
    -----
    librosa also takes integers, and samples that are not finite.

    References
    ----------
    ``librosa.feature.rms`` 0.11; for `S`, Parseval's theorem.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.array([3.0, -3.0, 3.0, -3.0, 1.0, 1.0, 1.0, 1.0])
    >>> serfast.rms(y=y, frame_length=4, hop_length=4, center=False)
    array([[3., 1.]], dtype=float32)
    """
    options = {
        "frame_length": frame_length, "hop_length": hop_length, "center": center,
        "pad_mode": pad_mode,
    }  # fmt: skip
    dtype = validate.float_dtype(dtype)
    if y is not None:
        y = _at_least(dtype, validate.signal(y))
        return engine.of_signal("rms", y, options).astype(dtype, copy=False)
    if S is None:
        raise ParameterError("either y or S must be given")
    S = _at_least(dtype, validate.rows(np.abs(S)))
    if S.shape[-2] != validate.positive_int("frame_length", frame_length) // 2 + 1:
        raise ParameterError(
            f"S has {S.shape[-2]} rows, so frame_length={frame_length} must be "
            f"{2 * S.shape[-2] - 2} or {2 * S.shape[-2] - 1}"
        )
    return engine.of_rows("rms", S, options).astype(dtype, copy=False)


def _at_least(dtype: np.dtype[Any], values: Real) -> Real:
    """Values that are squared in the precision of the result where that is the higher one."""
    return values if values.itemsize >= dtype.itemsize else values.astype(dtype)


def _sample_frames(o: engine.Options) -> engine.Options:
    if o["source"] == "rows":
        return {"source": "rows", "n_bins": o["n_bins"], "frame_length": o["frame_length"]}
    return {
        "source": "signal",
        "frame_length": validate.positive_int("frame_length", o["frame_length"]),
        "hop_length": validate.positive_int("hop_length", o["hop_length"]),
        **engine.padding_options(o),
    }


engine.translates("rms")(_sample_frames)


def zero_crossing_rate(
    y: Real,
    *,
    frame_length: int = 2048,
    hop_length: int = 512,
    center: bool = True,
    threshold: float = 1e-10,
    ref_magnitude: float | Callable[[Array], Any] | None = None,
    pad: bool = False,
    zero_pos: bool = True,
) -> Array:
    """Share of each frame's samples at which the sign changes.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64
        The signal; leading axes are channels.
    frame_length : int > 0
        Samples of a frame.
    hop_length : int > 0
        Samples from each frame to the next.
    center : bool
        Whether frame t is centred on sample ``t * hop_length``, the signal being continued by its
        first and last sample; if not, the frame begins there.
    threshold : float >= 0
        Samples of at most this magnitude count as 0.
    ref_magnitude : number >= 0, function or None
        Multiplies `threshold`; a function is given the magnitudes of all frames, an array of
        shape (..., frame_length, frames). None: 1.
    pad : bool
        Whether the first sample of each frame counts as a change of sign.
    zero_pos : bool
        Whether 0 counts as positive; if not, it has a sign of its own.

    Returns
    -------
    zcr : np.ndarray [shape=(..., 1, frames)], float64
        Changes divided by `frame_length`, from 0 to 1.

    Raises
    ------
    ParameterError
        If `y` is no array of finite floats, is empty or too short, or an option is out of its
        range.

    See Also
    --------
    rms

    References
    ----------
    ``librosa.feature.zero_crossing_rate`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.array([1.0, -1.0, 1.0, -1.0, 1.0, 1.0, 1.0, 1.0])
    >>> serfast.zero_crossing_rate(y, frame_length=4, hop_length=4, center=False)
    array([[0.75, 0.  ]])
    """
    y = validate.signal(y)
    if callable(ref_magnitude):
        width = validate.positive_int("frame_length", frame_length) // 2 if center else 0
        frames = frame(
            engine.padded(y, width, "edge"), frame_length=frame_length, hop_length=hop_length
        )
        ref_magnitude = float(ref_magnitude(np.abs(frames)))
    if ref_magnitude is not None:
        threshold = threshold * ref_magnitude
    options = {
        "frame_length": frame_length, "hop_length": hop_length, "center": center,
        "pad_mode": "edge", "threshold": threshold, "pad": pad, "zero_pos": zero_pos,
    }  # fmt: skip
    rate = engine.of_signal("zero_crossing_rate", y, options).astype(np.float64, copy=False)
    # A count over the frame's length, exact whatever the precision of y.
    return np.rint(rate * frame_length) / frame_length


@engine.translates("zero_crossing_rate")
def _zero_crossing_rate(o: engine.Options) -> engine.Options:
    return {
        **_sample_frames({**o, "pad_mode": "edge"}),
        "threshold": validate.number("threshold", o["threshold"], 0),
        "pad": bool(o["pad"]),
        "zero_pos": bool(o["zero_pos"]),
    }
