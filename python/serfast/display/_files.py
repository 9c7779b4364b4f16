"""Pictures of a signal in a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from serfast._figures import figure_for, literal
from serfast._validate import Array, choice, number
from serfast.errors import ParameterError

from . import _features

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The pictures of a signal by name.
PICTURES: dict[str, Callable[..., Axes]] = {
    picture.__name__: picture
    for picture in (
        _features.waveform,
        _features.spectrogram,
        _features.mel,
        _features.mfcc,
        _features.chroma,
        _features.contrast,
        _features.tonnetz,
        _features.cqt,
    )
}


def plot_features(
    y: Array,
    path: str | os.PathLike[str],
    *,
    sr: float = 22050,
    features: Sequence[str] = ("waveform", "mel"),
    offset: float = 0.0,
    title: str | None = None,
    dpi: float = 150,
) -> None:
    """Draw pictures of a signal above each other into an image file.

    Parameters
    ----------
    y : np.ndarray [shape=(n,)]
        The signal.
    path : path
        Its extension names the format: ``.png``, ``.svg``, ``.pdf``...
    sr : number > 0
        Sampling rate in Hz.
    features : sequence of str
        Names of `PICTURES`, from above.
    offset : float
        The time of the first sample in seconds.
    title : str or None
        What stands above all of them.
    dpi : float
        Dots per inch, from 20 to 1200; the picture is 7 inches wide.

    Raises
    ------
    ParameterError
        If a name, the format or the folder does not exist, an option is out of range, or
        matplotlib is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import serfast
    >>> y = serfast.tone(440, sr=16000, duration=2)
    >>> image = Path(tempfile.mkdtemp()) / "tone.svg"
    >>> plot_features(y, image, sr=16000, features=["waveform", "mel"], title="A tone")
    """
    names = [choice("feature", name, tuple(PICTURES)) for name in features]
    if not names:
        raise ParameterError("features is empty: name at least one")
    dots = number("dpi", dpi, 20, 1200)
    figure = figure_for(path, height=1.4 + 2.2 * len(names))
    panels: Any = figure.subplots(len(names), sharex=True, squeeze=False)[:, 0]
    for name, axes in zip(names, panels, strict=True):
        PICTURES[name](y, sr=sr, offset=offset, ax=axes)
        axes.label_outer()
    figure.suptitle(literal(title or ""))
    figure.savefig(path, dpi=dots)
