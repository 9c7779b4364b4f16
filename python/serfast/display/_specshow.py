"""Rows over frames, in colours."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from serfast._figures import axes_for
from serfast._validate import Array, number, positive, positive_int
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.colors import Colormap


def specshow(
    data: npt.ArrayLike,
    *,
    x_coords: npt.ArrayLike | None = None,
    y_coords: npt.ArrayLike | None = None,
    x_axis: str | None = None,
    y_axis: str | None = None,
    sr: float = 22050,
    hop_length: int = 512,
    n_fft: int | None = None,
    win_length: int | None = None,
    fmin: float | None = None,
    fmax: float | None = None,
    tempo_min: float | None = 16,
    tempo_max: float | None = 480,
    tuning: float = 0.0,
    bins_per_octave: int = 12,
    key: str = "C:maj",
    auto_aspect: bool = True,
    htk: bool = False,
    unicode: bool = True,
    intervals: Any = None,
    ax: Axes | None = None,
    **kwargs: Any,
) -> QuadMesh:
    """Draw a spectrogram, chromagram or other matrix, with axes that fit.

    Parameters
    ----------
    data : np.ndarray [shape=(rows, columns)]
        The values. Of complex ones the magnitude is drawn, with a warning.
    x_coords, y_coords : np.ndarray [shape=(n,) or (n + 1,)] or None
        Where columns and rows lie: their middles, or one more number for their edges; None takes
        what the kind of the axis says.
    x_axis, y_axis : str or None
        The kind of each axis:

        - ``"time"``, or its unit ``"h"``, ``"m"``, ``"s"`` or ``"ms"``; ``"lag"``, ``"lag_h"``...:
          the same, but past the middle times are negative
        - ``"linear"``, ``"fft"`` or ``"hz"``: frequencies of a Fourier transform in Hz; ``"log"``
          and ``"fft_note"``: on a logarithmic scale, in Hz and as notes
        - ``"mel"``: the bands of a mel spectrogram, in Hz
        - ``"cqt_hz"``, ``"cqt_note"``: the bins of a constant-Q transform; ``"vqt_hz"``,
          ``"vqt_note"``: those of a variable-Q transform with `intervals`
        - ``"chroma"``: pitch classes; ``"tonnetz"``: its six dimensions
        - ``"tempo"``, ``"fourier_tempo"``: the rows of a tempogram in beats per minute
        - ``"frames"``: plain numbers; None, ``"none"`` or ``"off"``: no ticks
    sr : number > 0
        Sampling rate in Hz.
    hop_length : int > 0
        Samples from frame to frame.
    n_fft : int > 0 or None
        Length of the transform; None infers the even one that has so many rows.
    win_length : int > 0 or None
        Frames in the window of a Fourier tempogram; None infers an even number.
    fmin, fmax : float or None
        Lowest and highest frequency of mel bands in Hz, by default 0 and half the sampling rate;
        `fmin` also the lowest bin of a constant-Q transform, by default C1.
    tempo_min, tempo_max : float > 0 or None
        The part of a tempogram that is shown, in beats per minute.
    tuning : float
        Deviation of a constant-Q transform from A440, in fractions of a bin.
    bins_per_octave : int > 0
        Of a constant-Q transform, or of chroma.
    key : str
        The key that spells notes, and whose degrees chroma's ticks are, as in
        `serfast.midi_to_note`.
    auto_aspect : bool
        Whether two axes of the same kind and extent have the same scale.
    htk : bool
        Whether mel bands are HTK's rather than Slaney's.
    unicode : bool
        Whether notes are written with ``♯`` rather than ``#``.
    intervals : str, array or None
        Those of a variable-Q transform, as in `serfast.interval_frequencies`.
    ax : matplotlib.axes.Axes or None
        Where to draw; None takes pyplot's current axes.
    **kwargs
        Of `matplotlib.axes.Axes.pcolormesh`. Without ``cmap`` the colours are `cmap`'s.

    Returns
    -------
    matplotlib.collections.QuadMesh
        What was drawn, for ``figure.colorbar``.

    Raises
    ------
    ParameterError
        If `data` is not a matrix, a kind or a key is not known, a number is out of range,
        coordinates do not fit, or matplotlib is not installed.

    Notes
    -----
    ``librosa.display.specshow`` 0.11, without svara and the Functional Just System.

    Examples
    --------
    >>> import serfast
    >>> mel = serfast.log_mel(y=serfast.tone(440, sr=16000, duration=1), sr=16000)
    >>> image = specshow(mel, sr=16000, x_axis="time", y_axis="mel")
    >>> image.axes.get_ylabel()
    'Hz'
    """
    axes = axes_for(ax)
    from ._kinds import Grid, are_alike, axis_kind

    values = _matrix(data)
    grid = Grid(
        sr=positive("sr", sr),
        hop_length=positive_int("hop_length", hop_length),
        n_fft=_optional(positive_int, "n_fft", n_fft),
        win_length=_optional(positive_int, "win_length", win_length),
        fmin=_optional(partial(number, low=0), "fmin", fmin),
        fmax=_optional(positive, "fmax", fmax),
        tempo_min=_optional(positive, "tempo_min", tempo_min),
        tempo_max=_optional(positive, "tempo_max", tempo_max),
        tuning=number("tuning", tuning),
        bins_per_octave=positive_int("bins_per_octave", bins_per_octave),
        key=key,
        htk=htk,
        unicode=unicode,
        intervals=intervals,
    )
    across, up = axis_kind("x_axis", x_axis), axis_kind("y_axis", y_axis)
    n_rows, n_columns = values.shape
    x = across.positions(n_columns, grid) if x_coords is None else _coordinates("x", x_coords)
    y = up.positions(n_rows, grid) if y_coords is None else _coordinates("y", y_coords)
    for name, places, n in (("x", x, n_columns), ("y", y, n_rows)):
        if len(places) not in (n, n + 1):
            raise ParameterError(
                f"{name}_coords: {len(places)} for data of shape {values.shape}; "
                f"there must be {n}, or {n + 1} edges"
            )
    if len(x) - n_columns != len(y) - n_rows:
        raise ParameterError("x_coords and y_coords must both be middles, or both be edges")
    options = {"rasterized": True, "edgecolors": "none", "shading": "auto", **kwargs}
    if "cmap" not in options:
        options["cmap"] = cmap(values)
    image = axes.pcolormesh(x, y, values, **options)
    if ax is None:
        from matplotlib import pyplot

        pyplot.sci(image)
    across.dress(axes.xaxis, grid)
    up.dress(axes.yaxis, grid)
    if auto_aspect and are_alike(x_axis, y_axis) and axes.get_xlim() == axes.get_ylim():
        axes.set_aspect("equal")
    return image


def _optional(check: Callable[[str, Any], Any], name: str, value: Any) -> Any:
    return None if value is None else check(name, value)


def _matrix(data: npt.ArrayLike) -> Array:
    values = np.asarray(data)
    if values.ndim != 2 or not values.size:
        raise ParameterError(f"data of shape {values.shape} must have rows and columns")
    if np.iscomplexobj(values):
        warnings.warn("data are complex: their magnitude is drawn", stacklevel=3)
        values = np.abs(values)
    if not (np.issubdtype(values.dtype, np.number) or values.dtype == bool):
        raise ParameterError(f"data of dtype {values.dtype} must be numbers")
    return values


def _coordinates(name: str, places: npt.ArrayLike) -> Array:
    coordinates = np.asarray(places)
    if coordinates.ndim != 1:
        raise ParameterError(f"{name}_coords of shape {coordinates.shape} must have one axis")
    return coordinates


def cmap(
    data: npt.ArrayLike,
    *,
    robust: bool = True,
    cmap_seq: str = "magma",
    cmap_bool: str = "gray_r",
    cmap_div: str = "coolwarm",
) -> Colormap:
    """Return a colour map that suits data.

    Parameters
    ----------
    data : np.ndarray
        The values.
    robust : bool
        Whether to look at the signs of all but the lowest and highest 2 % only.
    cmap_seq : str
        The map for values of one sign.
    cmap_bool : str
        The map for booleans.
    cmap_div : str
        The map for values of both signs.

    Returns
    -------
    matplotlib.colors.Colormap
        One of the three.

    Raises
    ------
    KeyError
        If matplotlib has no such map.

    Notes
    -----
    ``librosa.display.cmap`` 0.11.

    Examples
    --------
    >>> cmap([-1.0, 0.0, 1.0]).name
    'coolwarm'
    """
    from matplotlib import colormaps

    values = np.asarray(data)
    if values.dtype == bool:
        return colormaps[cmap_bool]
    finite = values[np.isfinite(values)]
    if not finite.size:
        return colormaps[cmap_seq]
    low, high = np.percentile(finite, [2, 98] if robust else [0, 100])
    return colormaps[cmap_div if low < 0 < high else cmap_seq]
