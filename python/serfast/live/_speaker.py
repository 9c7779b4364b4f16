"""What is known of the one who speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from serfast.live._sources import Samples

if TYPE_CHECKING:
    from serfast.models import Model

MAX_ENROLLED = 60  # windows; more change little and take time


class Speaker:
    """A model that learns a speaker, window by window; listeners may follow each other on it.

    Parameters
    ----------
    model : Model
        The one to begin with.

    Attributes
    ----------
    model : Model
        The one for this speaker.
    n_windows : int
        How many windows it was made from: the last 60 at most.

    Examples
    --------
    >>> import serfast
    >>> from serfast.models import train
    >>> folder = serfast.datasets.samples_dir()
    >>> model = train(serfast.datasets.find_clips(folder), "svm")
    >>> speaker = serfast.live.Speaker(model)
    >>> speaker.learn(serfast.load(folder / "Actor_01" / "00-01-05-01-01-01-01.wav", sr=None)[0])
    >>> speaker.n_windows, speaker.model is model
    (1, False)
    >>> speaker.forget()
    >>> speaker.n_windows, speaker.model is model
    (0, True)
    """

    def __init__(self, model: Model) -> None:
        self.model = self._first_model = model
        self._windows: list[Samples] = []

    @property
    def n_windows(self) -> int:
        return len(self._windows)

    def learn(self, window: Samples) -> None:
        """Make the model anew, from one more window.

        Parameters
        ----------
        window : np.ndarray [shape=(n,)], float32
            At the model's rate.

        Raises
        ------
        ParameterError
            If the model takes no enrolment, or no window can be used.
        """
        windows = [*self._windows, window][-MAX_ENROLLED:]
        self.model = self._first_model.enrolled_signals(windows, self._first_model.sr)
        self._windows = windows

    def forget(self) -> None:
        """Go back to the model that was given."""
        self.model, self._windows = self._first_model, []

    def warm_up(self, *, enrol: bool) -> None:
        """Predict once, and enrol if asked: what is loaded and planned then takes no time later.

        Raises
        ------
        ParameterError
            If it shall enrol, and the model does not.
        """
        sr = self._first_model.sr
        noise = np.random.default_rng(0).uniform(-0.1, 0.1, round(sr)).astype(np.float32)
        self.model.predict_signal(noise, sr)
        if enrol:
            self._first_model.enrolled_signals([noise], sr)
