"""Voice activity: which moments of a signal hold a voice."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import numpy.typing as npt

from . import _core
from . import _validate as validate
from ._validate import Array, Real
from .extractor import Extractor

__all__ = ["VoiceActivity", "VoiceStream"]

HOP_SECONDS = 0.01
HIGH_PASS_HZ = 150.0  # below: offsets, hum and rumble, which have energy but no voice
MAX_CROSSINGS = 5000.0  # a second; vowels have fewer, hiss has more
ONSET_FRAMES = 3  # a click is shorter
FLOOR_SECONDS = 4.0  # nobody speaks so long without a pause of a frame
LOWEST_FLOOR = -80.0  # dB of full scale


class VoiceActivity:
    """Voice by energy above a noise floor that adapts, zero crossings and a hangover.

    The noise floor is the lowest level of the last four seconds. Voice begins with three frames
    in a row that are louder than it by `threshold` and cross zero less often than hiss does, and
    ends when there has been no such frame for `hangover` seconds. Every 10 ms there is a decision
    about the 20 ms before it, which no later sample changes.

    Parameters
    ----------
    sr : number, 8000 to 384000
        Sampling rate in Hz.
    threshold : number >= 0
        In dB.
    hangover : number, 0 to 10
        In seconds; it bridges consonants and short pauses.

    Attributes
    ----------
    sr, threshold, hangover
        As given.
    frame_length, hop_length : int > 0
        Samples of a frame, and from each frame to the next.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    See Also
    --------
    VoiceStream, rms, zero_crossing_rate

    Notes
    -----
    It is not a trained detector: music and barking dogs pass. A noise that becomes louder at once
    and does not hiss counts as voice until the floor has followed, and a voice that is less than
    `threshold` above the noise is not found.

    References
    ----------
    Rabiner and Sambur, "An algorithm for determining the endpoints of isolated utterances" (Bell
    System Technical Journal, 1975); the floor: Martin, "Noise power spectral density estimation
    based on optimal smoothing and minimum statistics" (IEEE Transactions on Speech and Audio
    Processing, 2001), without smoothing.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> rng = np.random.default_rng(0)
    >>> y = 0.001 * rng.standard_normal(32000)
    >>> y[16000:24000] += 0.1 * serfast.tone(300, sr=16000, length=8000)
    >>> voice = serfast.VoiceActivity(sr=16000)(y)
    >>> np.flatnonzero(voice)[[0, -1]] * 0.01
    array([1.01, 1.79])
    """

    def __init__(self, *, sr: float = 16000, threshold: float = 8.0, hangover: float = 0.3) -> None:
        self.sr = validate.number("sr", sr, 8000, 384000)
        self.threshold = validate.number("threshold", threshold, 0)
        self.hangover = validate.number("hangover", hangover, 0, 10)
        self.hop_length = round(HOP_SECONDS * self.sr)
        self.frame_length = 2 * self.hop_length
        self._frames = Extractor(
            ["rms", "zero_crossing_rate"],
            sr=self.sr,
            frame_length=self.frame_length,
            hop_length=self.hop_length,
            center=False,
        )

    def __call__(self, y: Real) -> npt.NDArray[np.bool_]:
        """Whether there is voice, every 10 ms.

        Parameters
        ----------
        y : np.ndarray [shape=(n,)], float32 or float64
            The signal.

        Returns
        -------
        voice : np.ndarray [shape=(frames,)], bool
            Frame t begins at sample ``t * hop_length``; only whole frames count.

        Raises
        ------
        ParameterError
            If `y` has several axes or is no array of finite floats.
        """
        return self.stream().push(y)

    def stream(self) -> VoiceStream:
        """Decisions on a signal that comes in chunks.

        Returns
        -------
        stream : VoiceStream
            The decisions of all pushes, in order, are those on the whole signal, whatever the
            sizes of the chunks.
        """
        return VoiceStream(self)


class VoiceStream:
    """Voice in a signal that comes in chunks; `VoiceActivity.stream` makes it.

    Attributes
    ----------
    latency : int
        Samples from the beginning of a frame to the last one that it waits for.
    level : float
        That of the last frame, high-passed, in dB of full scale; -inf before there is one.
    floor : float
        The noise floor, in the same unit.
    active : bool
        Whether there is voice at the last frame.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> y = np.sin(np.arange(16000, dtype=np.float32) / 10)
    >>> stream = serfast.VoiceActivity(sr=16000).stream()
    >>> [len(stream.push(y[start : start + 200])) for start in range(0, 1000, 200)]
    [0, 1, 1, 2, 1]
    >>> round(stream.level, 1)
    -4.0
    """

    def __init__(self, detector: VoiceActivity) -> None:
        self._threshold, self._sr = detector.threshold, detector.sr
        self._pole = -math.exp(-2 * math.pi * HIGH_PASS_HZ / detector.sr)
        self._state: Array | None = None
        self._frames = detector._frames.stream()
        self._n_hangover = round(detector.hangover / HOP_SECONDS)
        self._n_floor = round(FLOOR_SECONDS / HOP_SECONDS)
        # Frames that may yet be the lowest of the last ones: number and level, both ascending.
        self._lowest: deque[tuple[int, float]] = deque()
        self._n_frames = self._in_a_row = self._left = 0
        self.latency = detector.frame_length
        self.level, self.floor = -math.inf, LOWEST_FLOOR

    @property
    def active(self) -> bool:
        return self._left > 0

    def push(self, y: Real) -> npt.NDArray[np.bool_]:
        """The decisions on the frames that are complete with these samples.

        Parameters
        ----------
        y : np.ndarray [shape=(n,)], float32 or float64
            The next samples, any number of them.

        Returns
        -------
        voice : np.ndarray [shape=(frames,)], bool
            Often one or none.

        Raises
        ------
        ParameterError
            If `y` has several axes or is no array of finite floats: the stream goes on as if it
            had not been pushed.
        """
        y = validate.mono(y)
        # As if the first sample had been there for ever.
        before = -y[:1] if self._state is None else self._state
        if not y.size:
            return np.zeros(0, dtype=bool)
        filtered, after = _core.first_order(y[np.newaxis], 1.0, -1.0, self._pole, before)
        frames = self._frames.push(filtered[0])
        self._state = after
        return np.array([self._decide(float(rms), float(zcr)) for rms, zcr in frames], dtype=bool)

    def _decide(self, rms: float, crossing_rate: float) -> bool:
        self.level = 20 * math.log10(rms) if rms else -math.inf
        self._follow_floor()
        vowel = (
            self.level > self.floor + self._threshold and crossing_rate * self._sr < MAX_CROSSINGS
        )
        self._in_a_row = self._in_a_row + 1 if vowel else 0
        if self._in_a_row >= ONSET_FRAMES or (vowel and self.active):
            self._left = self._n_hangover + 1
        else:
            self._left = max(0, self._left - 1)
        self._n_frames += 1
        return self.active

    def _follow_floor(self) -> None:
        lowest = self._lowest
        if self.level > -math.inf:  # zeros are no room, but a device that is not yet there
            while lowest and lowest[-1][1] >= self.level:
                lowest.pop()
            lowest.append((self._n_frames, self.level))
        while lowest and lowest[0][0] <= self._n_frames - self._n_floor:
            lowest.popleft()
        self.floor = max(lowest[0][1], LOWEST_FLOOR) if lowest else LOWEST_FLOOR
