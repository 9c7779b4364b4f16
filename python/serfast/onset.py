"""Onsets: how strongly, and when, sounds begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import _core
from . import _validate as validate
from ._validate import Array, Real
from .decibel import power_to_db
from .errors import ParameterError
from .mel import melspectrogram
from .peaks import peak_pick, running_maximum
from .segments import fix_frames, sync
from .times import frames_to_samples, frames_to_time
from .values import tiny

__all__ = ["onset_backtrack", "onset_detect", "onset_strength", "onset_strength_multi"]


def onset_strength(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Array | None = None,
    lag: int = 1,
    max_size: int = 1,
    ref: Array | None = None,
    detrend: bool = False,
    center: bool = True,
    feature: Callable[..., Any] | None = None,
    aggregate: Callable[..., Any] | bool | None = None,
    **kwargs: Any,
) -> Array:
    """Onset strength: by how many decibels the bands of a mel spectrogram rise, on average.

    Parameters
    ----------
    y : np.ndarray [shape=(..., n)], float32 or float64, optional
        The signal; leading axes are channels.
    sr : number > 0
        Sampling rate in Hz.
    S : np.ndarray [shape=(..., bands, frames)], optional
        A spectrogram in dB; counts before `y`.
    lag : int > 0
        Frames between the values that are compared.
    max_size : int > 0
        Bands around each whose maximum counts as the earlier value; 1 for a band alone. More
        keeps vibrato from being taken for onsets.
    ref : np.ndarray [shape=(..., bands, frames)], optional
        The earlier values, instead of those of `S`.
    detrend : bool
        Whether to take out what changes slowly.
    center : bool
        Whether frames are centred, so that onsets are felt half a frame early.
    feature : function, optional
        What is compared instead of `melspectrogram`, called with `y`, `sr`, `n_fft` and
        `hop_length`; its absolute value is put into decibels.
    aggregate : function, optional
        How bands are put together; by default their mean. ``np.median`` is sturdier.
    **kwargs
        `n_fft` (2048), `hop_length` (512) and further options of `feature`.

    Returns
    -------
    onset_envelope : np.ndarray [shape=(..., frames)]
        Onset strength in dB; float32 for float32, float64 with `detrend`.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, one of them cannot be used, or an option is out of its
        range.

    See Also
    --------
    onset_detect, onset_strength_multi

    References
    ----------
    ``librosa.onset.onset_strength`` 0.11; Boeck and Widmer, "Maximum filter vibrato suppression for
    onset detection" (DAFx, 2013).

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.zeros(22050)
    >>> y[11025::100] = 1  # a buzz from half a second on
    >>> envelope = serfast.onset.onset_strength(y=y)
    >>> envelope.shape, int(envelope.argmax())
    ((44,), 22)
    """
    if aggregate is False:
        raise ParameterError("aggregate=False is for onset_strength_multi only")
    strength = onset_strength_multi(
        y=y, sr=sr, S=S, lag=lag, max_size=max_size, ref=ref, detrend=detrend, center=center,
        feature=feature, aggregate=aggregate, channels=None, **kwargs,
    )  # fmt: skip
    return strength[..., 0, :]


def onset_strength_multi(
    *,
    y: Real | None = None,
    sr: float = 22050,
    S: Array | None = None,
    n_fft: int = 2048,
    hop_length: int = 512,
    lag: int = 1,
    max_size: int = 1,
    ref: Array | None = None,
    detrend: bool = False,
    center: bool = True,
    feature: Callable[..., Any] | None = None,
    aggregate: Callable[..., Any] | bool | None = None,
    channels: Sequence[int] | Sequence[slice] | None = None,
    **kwargs: Any,
) -> Array:
    """Onset strength of several groups of bands.

    Parameters
    ----------
    y, sr, S, lag, max_size, ref, detrend, center, feature
        As in `onset_strength`.
    n_fft : int > 0
        Samples of a frame.
    hop_length : int > 0
        Samples from each frame to the next.
    aggregate : function, False or None
        How the bands of a group are put together; by default their mean. False: not at all.
    channels : list of int or slice, optional
        The bands at which groups begin and end, or the groups. None: all bands are one group.
    **kwargs
        Further options of `feature`.

    Returns
    -------
    onset_envelope : np.ndarray [shape=(..., groups, frames)]
        Onset strength in dB of each group, or with ``aggregate=False`` of each band.

    Raises
    ------
    ParameterError
        If neither `y` nor `S` is given, one of them cannot be used, or an option is out of its
        range.

    See Also
    --------
    onset_strength, serfast.util.sync

    Notes
    -----
    The spectrogram of `y` is lifted to 80 dB below its maximum over all channels.

    References
    ----------
    ``librosa.onset.onset_strength_multi`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(np.arange(22050) ** 2 / 5e4)
    >>> serfast.onset.onset_strength_multi(y=y, channels=[0, 32, 64, 128]).shape
    (3, 44)
    """
    validate.positive_int("lag", lag)
    validate.positive_int("max_size", max_size)
    if S is None:
        S = _levels(y, sr, n_fft, hop_length, feature, kwargs)
    S = validate.rows(np.atleast_2d(S))
    if ref is None:
        ref = running_maximum(S, max_size, -2) if max_size > 1 else S
    elif np.shape(ref) != S.shape:
        raise ParameterError(f"ref has shape {np.shape(ref)} where S has {S.shape}")
    rise = S[..., lag:] - ref[..., :-lag]
    np.maximum(rise, 0, out=rise)
    if aggregate is not False:
        groups = [slice(None)] if channels is None else channels
        rise = sync(
            rise, groups, aggregate=None if aggregate is True else aggregate,
            pad=channels is None, axis=-2,
        )  # fmt: skip
    # What rises from one frame to the next is felt half a frame before the later one's centre.
    late = lag + (validate.positive_int("n_fft", n_fft) // (2 * hop_length) if center else 0)
    envelope = np.zeros((*rise.shape[:-1], late + rise.shape[-1]), dtype=rise.dtype)
    envelope[..., late:] = rise
    if detrend:
        envelope = _without_trend(envelope)
    return envelope[..., : S.shape[-1]] if center else envelope


def _levels(
    y: Any, sr: float, n_fft: int, hop_length: int, feature: Any, options: dict[str, Any]
) -> Array:
    """The bands of a signal in decibels."""
    if feature is None:
        feature = melspectrogram
        options = {"fmax": 0.5 * validate.positive("sr", sr), **options}
    bands = feature(y=y, sr=sr, n_fft=n_fft, hop_length=hop_length, **options)
    levels: Array = power_to_db(np.abs(bands))
    return levels


def _without_trend(envelope: Array) -> Array:
    """Differences, summed with a memory of a hundred frames."""
    rows = validate.contiguous(envelope, np.float64).reshape(-1, envelope.shape[-1])
    detrended: Array = _core.first_order(rows, 1.0, -1.0, -0.99, np.zeros(len(rows)))[0]
    return detrended.reshape(envelope.shape)


def onset_detect(
    *,
    y: Real | None = None,
    sr: float = 22050,
    onset_envelope: Array | None = None,
    hop_length: int = 512,
    backtrack: bool = False,
    energy: Array | None = None,
    units: str = "frames",
    normalize: bool = True,
    sparse: bool = True,
    **kwargs: Any,
) -> Array:
    """Onsets: the peaks of the onset strength.

    Parameters
    ----------
    y : np.ndarray [shape=(n,)], float32 or float64, optional
        The signal.
    sr : number > 0
        Sampling rate in Hz.
    onset_envelope : np.ndarray [shape=(frames,)], optional
        Onset strength; counts before `y`. With ``sparse=False`` leading axes are channels.
    hop_length : int > 0
        Samples from each frame to the next.
    backtrack : bool
        Whether onsets move back to the minimum before them, where the sound is still silent.
    energy : np.ndarray [shape=(frames,)], optional
        The curve whose minima `backtrack` goes to. None: the onset strength.
    units : "frames", "samples" or "time"
        What the result is in.
    normalize : bool
        Whether the onset strength is first brought to the range from 0 to 1.
    sparse : bool
        Whether to return where the onsets are; if not, a mask of frames.
    **kwargs
        Options of `serfast.util.peak_pick`. By default `pre_max` is 30 ms, `post_max` 1 frame,
        `pre_avg` 100 ms, `post_avg` 100 ms and a frame, `wait` 30 ms and `delta` 0.07.

    Returns
    -------
    onsets : np.ndarray [shape=(onsets,)], or [shape=(..., frames)], bool
        Onsets in frames, samples or seconds, or True where they are.

    Raises
    ------
    ParameterError
        If neither `y` nor `onset_envelope` is given, one of them cannot be used, or an option is
        out of its range.

    See Also
    --------
    onset_strength, onset_backtrack, serfast.util.peak_pick

    References
    ----------
    ``librosa.onset.onset_detect`` 0.11.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.zeros(22050)
    >>> y[[5000, 15000]] = 1
    >>> serfast.onset.onset_detect(y=y, units="samples")
    array([ 5120, 15360])
    """
    if units not in ("frames", "samples", "time"):
        raise ParameterError(f"units={units!r} must be 'frames', 'samples' or 'time'")
    if backtrack and not sparse:
        raise ParameterError("backtrack=True needs sparse=True")
    envelope = checked_envelope(y, sr, onset_envelope, hop_length)
    if normalize and envelope.size:
        envelope = envelope - envelope.min(axis=-1, keepdims=True)
        envelope /= envelope.max(axis=-1, keepdims=True) + tiny(envelope)
    if not envelope.any() or not np.all(np.isfinite(envelope)):
        onsets = np.zeros(0, dtype=int) if sparse else np.zeros(envelope.shape, dtype=bool)
    else:
        onsets = peak_pick(envelope, sparse=sparse, **(_peak_options(sr, hop_length) | kwargs))
        if backtrack:
            onsets = onset_backtrack(onsets, envelope if energy is None else energy)
    if not sparse or units == "frames":
        return onsets
    found: Array = (
        frames_to_samples(onsets, hop_length=hop_length)
        if units == "samples"
        else frames_to_time(onsets, hop_length=hop_length, sr=sr)
    )
    return found


def _peak_options(sr: float, hop_length: int) -> dict[str, float]:
    return {
        "pre_max": 0.03 * sr // hop_length, "post_max": 0.00 * sr // hop_length + 1,
        "pre_avg": 0.10 * sr // hop_length, "post_avg": 0.10 * sr // hop_length + 1,
        "wait": 0.03 * sr // hop_length, "delta": 0.07,
    }  # fmt: skip


def checked_envelope(
    y: Any, sr: float, onset_envelope: Any, hop_length: int, aggregate: Any = None
) -> Array:
    """The onset strength that the caller brings, else that of the signal."""
    validate.positive("sr", sr)
    validate.positive_int("hop_length", hop_length)
    if onset_envelope is None:
        if y is None:
            raise ParameterError("either y or onset_envelope must be given")
        return onset_strength(y=y, sr=sr, hop_length=hop_length, aggregate=aggregate)
    envelope = np.asarray(onset_envelope)
    if envelope.dtype.kind not in "fiub" or envelope.ndim == 0:
        raise ParameterError(
            f"onset_envelope must be an array of real numbers, not {envelope.dtype} of shape "
            f"{envelope.shape}"
        )
    if envelope.dtype not in (np.float32, np.float64):
        envelope = envelope.astype(np.float64)
    return envelope


def onset_backtrack(events: Array, energy: Array) -> Array:
    """Events moved back to the minimum of a curve at or before them.

    Parameters
    ----------
    events : np.ndarray [shape=(n,)], int
        Frames of events, such as onsets.
    energy : np.ndarray [shape=(frames,)]
        A curve, such as the energy or the onset strength.

    Returns
    -------
    events_backtracked : np.ndarray [shape=(n,)], int64
        Frames of local minima; 0 where there is none before the event.

    Raises
    ------
    ParameterError
        If there are no events, one is negative, or `energy` is not one curve.

    See Also
    --------
    onset_detect

    References
    ----------
    ``librosa.onset.onset_backtrack`` 0.11; Jehan, "Creating music by listening" (doctoral thesis,
    MIT, 2005), section 3.4.3.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> serfast.onset.onset_backtrack(np.array([1, 4]), np.array([3, 4, 1, 2, 5, 4]))
    array([0, 2])
    """
    energy, events = np.asarray(energy), np.asarray(events)
    if energy.ndim != 1 or energy.dtype.kind not in "fiub":
        raise ParameterError(f"energy must be one curve of real numbers, not {energy.shape}")
    if events.size == 0 or events.ndim != 1 or events.min() < 0:
        raise ParameterError(f"events={events} must be one or more frames, 0 or later")
    before, here, after = energy[:-2], energy[1:-1], energy[2:]
    minima = fix_frames(1 + np.flatnonzero((here <= before) & (here < after)), x_min=0)
    latest: Array = minima[np.searchsorted(minima, events, side="right") - 1]
    return latest
