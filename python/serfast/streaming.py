"""Features of a signal that comes in chunks: what `Extractor.stream` makes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import _core
from . import _validate as validate
from ._validate import Real
from .errors import ParameterError

__all__ = ["FrameStream", "PoolStream"]

# What makes a feature independent of what is still to come.
_remedies = {
    "chroma_stft": "set its tuning to a number, such as tuning=0.0",
    "mfcc": "set its top_db=None",
    "spectral_contrast": "set its top_db=None, or linear=True",
}


class FrameStream:
    """Frames of a signal that comes in chunks; `Extractor.stream` makes it.

    The frames of all pushes and of `flush`, in order, are the columns of ``fx(y)`` for the whole
    signal, bit for bit, whatever the sizes of the chunks. Frame t is there as soon as
    ``t * hop_length + latency`` samples are. Memory does not grow with the signal. Threads may
    share a stream, one call at a time.

    Attributes
    ----------
    latency : int
        Samples from the time of a frame, ``t * hop_length``, to the last one that it waits for:
        half a frame where frames are centred, a frame where they are not. (The first frame waits
        for one sample more with ``pad_mode="reflect"``.)

    See Also
    --------
    Extractor.stream

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(np.arange(16000, dtype=np.float32) / 10)
    >>> fx = serfast.Extractor("mfcc", sr=16000, n_mfcc=13, hop_length=160, top_db=None)
    >>> stream = fx.stream()
    >>> frames = []
    >>> for start in range(0, len(y), 160):
    ...     frames += stream.push(y[start : start + 160])
    >>> frames += stream.flush()
    >>> np.array_equal(np.stack(frames, axis=1), fx(y))
    True
    """

    def __init__(self, core: _core.FrameStream) -> None:
        self._core = core

    @property
    def latency(self) -> int:
        return self._core.latency

    def push(self, y: Real) -> list[npt.NDArray[np.float32]]:
        """The frames that are complete with these samples.

        Parameters
        ----------
        y : np.ndarray [shape=(n,)], float32 or float64
            The next samples, any number of them.

        Returns
        -------
        frames : list of np.ndarray [shape=(rows,)], float32
            Often one or none; a number for each of the extractor's `names`.

        Raises
        ------
        ParameterError
            If `y` has several axes or is no array of finite floats: the stream goes on as if it
            had not been pushed. Or if the stream has ended.
        """
        return list(self._core.push(validate.mono(y)))

    def flush(self) -> list[npt.NDArray[np.float32]]:
        """The frames that reach over the end of the signal; the stream ends.

        Returns
        -------
        frames : list of np.ndarray [shape=(rows,)], float32
            As from `push`.

        Raises
        ------
        ParameterError
            If the signal is too short for a frame, or the stream has ended before.
        """
        return list(self._core.flush())


class PoolStream:
    """Statistics of the last seconds of a signal that comes in chunks; `Extractor.stream` makes it.

    They are those of the last frames that are complete, as many as the window holds, computed as
    the extractor computes them of a signal with just these frames: they depend on the samples so
    far, not on how they were cut into chunks, and until the window is full ``flush()`` gives
    ``fx(y)``, bit for bit. Memory does not grow with the signal. Threads may share a stream, one
    call at a time.

    Attributes
    ----------
    latency : int
        As of `FrameStream`.

    See Also
    --------
    Extractor.stream

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.full(16000, 2, dtype=np.float32)
    >>> fx = serfast.Extractor("rms", sr=16000, pool=["mean", "max"])
    >>> stream = fx.stream(window=0.5)
    >>> for start in range(0, len(y), 160):
    ...     columns = stream.push(y[start : start + 160])
    >>> columns
    array([2., 2.], dtype=float32)
    """

    def __init__(self, core: _core.PoolStream) -> None:
        self._core = core

    @property
    def latency(self) -> int:
        return self._core.latency

    def push(self, y: Real) -> npt.NDArray[np.float32]:
        """The statistics of the window that ends with these samples.

        Parameters
        ----------
        y : np.ndarray [shape=(n,)], float32 or float64
            The next samples, any number of them.

        Returns
        -------
        values : np.ndarray [shape=(columns,)], float32
            A number for each of the extractor's `names`; NaN while no frame is complete.

        Raises
        ------
        ParameterError
            As of `FrameStream.push`.
        """
        return self._core.push(validate.mono(y))

    def flush(self) -> npt.NDArray[np.float32]:
        """The statistics with the frames that reach over the end; the stream ends.

        Returns
        -------
        values : np.ndarray [shape=(columns,)], float32
            As from `push`.

        Raises
        ------
        ParameterError
            As of `FrameStream.flush`.
        """
        return self._core.flush()


def refuse_whole(features: list[str]) -> None:
    """Refuses features that depend on the whole signal, if there are any."""
    if features:
        name = features[0]
        remedy = f": {_remedies[name]}" if name in _remedies else ""
        raise ParameterError(
            f"{name} depends on the whole signal, which a stream does not have{remedy}"
        )
