"""From blocks of sound to words about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from serfast import _validate as validate
from serfast.activity import HOP_SECONDS, VoiceActivity, VoiceStream
from serfast.errors import ParameterError
from serfast.live._silero import SileroStream
from serfast.live._sources import Block, Samples, Source, resampler
from serfast.live._speaker import Speaker

if TYPE_CHECKING:
    from serfast.models import Model

LEAST_VOICE_SECONDS = 0.5  # a cough and the hangover behind it are shorter
LEAST_WINDOW_SECONDS = 0.6  # in which there can be so much, behind its onset
DETECTORS: dict[str, Callable[[float], VoiceStream | SileroStream]] = {
    "energy": lambda sr: VoiceActivity(sr=sr).stream(),
    "silero": SileroStream,
}


@dataclass(frozen=True)
class Word:
    """What the model says about a window.

    Parameters
    ----------
    start, end : float
        Of the window, in seconds of the sound.
    label : str
        The likeliest class.
    probabilities : dict
        Of each class, likeliest first.
    voice : float
        Share of the window with voice, 0 to 1.
    latency : float
        Seconds from the window's last sound to the word: the device's part as it states it, and
        what was measured, waiting, resampling and computing.
    enrolled : int
        Windows that the speaker was learnt from.
    """

    start: float
    end: float
    label: str
    probabilities: dict[str, float]
    voice: float
    latency: float
    enrolled: int


@dataclass(frozen=True)
class Update:
    """The state after some sound.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float32
        That sound, at the source's rate; empty where a word comes of what was heard before.
    time : float
        Seconds of sound so far.
    level, floor : float
        Level of the last 20 ms and the noise floor, in dB of full scale, see `VoiceStream`.
    voice : bool
        Whether there is voice.
    mute : bool
        Whether all samples so far were zeros.
    overflows : int
        How many times sound was lost so far.
    word : Word or None
        What the model says, where it says something.
    """

    samples: Samples
    time: float
    level: float
    floor: float
    voice: bool
    mute: bool
    overflows: int
    word: Word | None


class Listener:
    """Gives words about the last seconds of a sound that comes in blocks.

    Every `every` seconds the model hears the last `window` seconds, if half a second of what has
    come since the time before was voice. What it hears depends on the samples alone, not on how
    they were cut into blocks.

    Parameters
    ----------
    model : Model or Speaker
        What predicts; see `serfast.models.load_model`. A `Speaker` keeps what is learnt.
    rate : number > 0
        Sampling rate of the sound in Hz, resampled to the model's where they differ.
    window, every : number, 0.6 to 3600
        In seconds.
    enrol : bool
        Whether to learn the speaker from the last 60 windows with words that do not overlap, as
        `Model.enrolled_signals` does.
    detector : "energy" or "silero"
        What finds voice: `serfast.VoiceActivity`, or the trained detector of silero-vad, which lets
        no music and no machine pass and costs more (extra ``silero``).

    Attributes
    ----------
    enrol : bool
        As given; it may be changed at any time.

    Raises
    ------
    ParameterError
        If a number is out of its range, the model takes no enrolment, or a package is missing.

    See Also
    --------
    listen

    Examples
    --------
    >>> import serfast
    >>> from serfast.models import train
    >>> folder = serfast.datasets.samples_dir()
    >>> model = train(serfast.datasets.find_clips(folder), "svm")
    >>> path = folder / "Actor_01" / "00-01-05-01-01-01-01.wav"
    >>> source = serfast.live.FileSource(path, paced=False)
    >>> words = [update.word for update in serfast.live.listen(source, model) if update.word]
    >>> [(word.end, word.label) for word in words]
    [(0.775, 'angry')]
    """

    def __init__(
        self,
        model: Model | Speaker,
        rate: float,
        *,
        window: float = 3.0,
        every: float = 1.0,
        enrol: bool = False,
        detector: str = "energy",
    ) -> None:
        self._speaker = model if isinstance(model, Speaker) else Speaker(model)
        self._rate = validate.positive("rate", rate)
        self._sr = self._speaker.model.sr
        self._n_window = _n_samples("window", window, self._sr)
        self._n_every = _n_samples("every", every, self._sr)
        self._resampler = resampler(self._rate, self._sr)
        self._n_frames = round(self._n_window / self._sr / HOP_SECONDS)
        chosen = validate.choice("detector", detector, tuple(DETECTORS))
        self._detector = DETECTORS[chosen](self._sr)
        self._decisions = np.zeros(0, dtype=bool)
        self._heard: Samples = np.zeros(0, dtype=np.float32)
        self._n_heard = self._n_taken = self._n_voiced = 0
        self._mute = True
        self.enrol = enrol
        self._n_at_enrolment = 0
        self._speaker.warm_up(enrol=enrol)

    def hear(self, block: Block, *, latency: float = 0.0, overflows: int = 0) -> Iterator[Update]:
        """The state after a block, and words that are due within it, each when it is there.

        Parameters
        ----------
        block : Block
            The next samples.
        latency, overflows
            Of its source, as `Source` has them.
        """
        self._n_taken += len(block.samples)
        self._mute = self._mute and not block.samples.any()
        samples = block.samples
        for word in self._words(self._resampled(samples), block.arrived - latency):
            yield self._update(samples, overflows, word)
            samples = samples[:0]
            self._learn()
        if len(samples):
            yield self._update(samples, overflows, None)

    def finish(self, *, overflows: int = 0) -> Iterator[Update]:
        """The word about what has come since the last one, if there is one; the sound ends.

        Parameters
        ----------
        overflows
            As of `hear`.
        """
        ended = time.perf_counter()
        for word in self._words(self._resampled(np.zeros(0, np.float32), last=True), ended):
            yield self._update(np.zeros(0, np.float32), overflows, word)
        if last := self._word(ended):
            yield self._update(np.zeros(0, np.float32), overflows, last)

    def _resampled(self, samples: Samples, last: bool = False) -> Samples:
        if self._resampler is None:
            return samples
        resampled: Samples = self._resampler.resample_chunk(samples, last=last)
        return resampled

    def _words(self, samples: Samples, arrived: float) -> Iterator[Word]:
        while len(samples):
            n = self._n_every - self._n_heard % self._n_every
            piece, samples = samples[:n], samples[n:]
            self._n_heard += len(piece)
            self._heard = np.concatenate([self._heard, piece])[-self._n_window :]
            decided = self._detector.push(piece)
            self._n_voiced += int(decided.sum())
            self._decisions = np.concatenate([self._decisions, decided])[-self._n_frames :]
            if self._n_heard % self._n_every == 0 and (word := self._word(arrived)):
                yield word

    def _word(self, arrived: float) -> Word | None:
        """The word about the window, if one is due; `arrived` is of the last sample taken."""
        n_voiced, self._n_voiced = self._n_voiced, 0
        if n_voiced * HOP_SECONDS < LEAST_VOICE_SECONDS:
            return None
        # The end of the window was there before the end of what was taken.
        behind = self._n_taken / self._rate - self._n_heard / self._sr
        prediction = self._speaker.model.predict_signal(self._heard, self._sr)
        return Word(
            start=round((self._n_heard - len(self._heard)) / self._sr, 3),
            end=round(self._n_heard / self._sr, 3),
            label=str(prediction.label),
            probabilities=prediction.probabilities,
            voice=round(float(self._decisions.mean()), 3),
            latency=round(time.perf_counter() - arrived + behind, 4),
            enrolled=self._speaker.n_windows,
        )

    def _learn(self) -> None:
        """Learn the speaker from the window that there was a word about, if all of it is new."""
        if not self.enrol or self._n_heard - self._n_at_enrolment < self._n_window:
            return
        self._n_at_enrolment = self._n_heard
        self._speaker.learn(self._heard)

    def _update(self, samples: Samples, overflows: int, word: Word | None) -> Update:
        return Update(
            samples=samples,
            time=self._n_taken / self._rate,
            level=self._detector.level,
            floor=self._detector.floor,
            voice=self._detector.active,
            mute=self._mute,
            overflows=overflows,
            word=word,
        )


def listen(
    source: Source,
    model: Model,
    *,
    window: float = 3.0,
    every: float = 1.0,
    enrol: bool = False,
    detector: str = "energy",
    seconds: float | None = None,
) -> Generator[Update, None, None]:
    """Listen to a source: its state after each block, and words when they are due.

    Parameters
    ----------
    source : Source
        A microphone or what stands for it; it is opened when the first update is asked for, and
        closed after the last one.
    model, window, every, enrol, detector
        As of `Listener`.
    seconds : number > 0, optional
        How much to hear. Default: until the source ends.

    Yields
    ------
    Update
        As soon as it is there.

    Raises
    ------
    ParameterError
        As of `Listener`, or if the source fails.

    Examples
    --------
    See `Listener`.
    """
    n = None if seconds is None else _n_samples("seconds", seconds, source.rate)
    listener = Listener(
        model, source.rate, window=window, every=every, enrol=enrol, detector=detector
    )
    return _updates(source, listener, n)


def _updates(
    source: Source, listener: Listener, n_left: int | None
) -> Generator[Update, None, None]:
    with source:
        for block in source.blocks():
            samples = block.samples[:n_left]
            yield from listener.hear(
                Block(samples, block.arrived), latency=source.latency, overflows=source.overflows
            )
            if n_left is not None:
                n_left -= len(samples)
                if n_left == 0:
                    break
    yield from listener.finish(overflows=source.overflows)


def _n_samples(name: str, seconds: Any, rate: float) -> int:
    n = round(validate.positive(name, seconds) * rate)
    if n / rate < LEAST_WINDOW_SECONDS or n / rate > 3600:
        raise ParameterError(
            f"{name}={seconds!r} must be a number of seconds from {LEAST_WINDOW_SECONDS:g} to 3600"
        )
    return n
