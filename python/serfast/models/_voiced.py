"""Two networks that hear recordings, of which one knows the voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from serfast.models._composed import below, described, prefixed, restored
from serfast.models._heard import Residual
from serfast.models._networks import Doubles, Settings, Tensors, check_sizes, mean_logits, softmax
from serfast.nets import BandStatistics
from serfast.nets._numbers import one_blas_thread


@dataclass(frozen=True)
class Voiced:
    """A residual network, and another that joins it once some clips of the speaker are known.

    Parameters
    ----------
    alone : Residual
        The network that hears each clip by its own measure.
    beside : Residual
        The one that hears it by that of the speaker's clips, through the same front end.
    voice : BandStatistics, optional
        Those clips' bands.
    """

    kind: ClassVar[str] = "voiced"
    alone: Residual
    beside: Residual
    voice: BandStatistics | None = None

    # With so many clips of the speaker, the second network has half of its share, which grows up to
    # that of the first.
    SHRINKAGE: ClassVar[float] = 3.0

    def logits(self, x: Sequence[npt.NDArray[Any]]) -> Doubles:
        """Score recordings: the logarithms of probabilities, so at a temperature of 1."""
        alone, beside = self.alone.runtime, self.beside.runtime
        if self.voice is None:
            return mean_logits([alone.predict_proba(x)])
        with one_blas_thread():
            pairs = [
                (alone.scores(bands), beside.scores(bands, self.voice))
                for bands in map(alone.front, x)
            ]
        scores = np.array(pairs, np.float64).reshape(len(x), 2, len(alone.classes))
        share = self.voice.n_clips / (self.voice.n_clips + self.SHRINKAGE)
        by_itself = softmax(scores[:, 0] / alone.temperature)
        by_voice = softmax(scores[:, 1] / beside.temperature)
        return mean_logits([(2 - share) * by_itself, share * by_voice])

    def enrolled(self, x: Sequence[npt.NDArray[Any]]) -> Voiced:
        """Return the networks for the speaker of some recordings."""
        heard = (BandStatistics.of(self.alone.runtime.front(y)) for y in x)
        return replace(self, voice=BandStatistics.total(heard))

    def settings(self) -> Settings:
        """Return the two networks' kinds and settings, and how much was heard of the voice."""
        networks = {"alone": described(self.alone), "beside": described(self.beside)}
        if self.voice is None:
            return networks
        return {**networks, "voice": [self.voice.n_clips, self.voice.n_frames]}

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return their tensors behind ``alone.`` and ``beside.``, the voice's behind ``voice.``."""
        networks = prefixed("alone", self.alone) | prefixed("beside", self.beside)
        if self.voice is None:
            return networks
        return {**networks, "voice.mean": self.voice.mean, "voice.squares": self.voice.squares}

    @classmethod
    def from_parts(cls, settings: Settings, tensors: Tensors) -> Voiced:
        """Return the networks of these parts."""
        alone, beside = (
            restored(settings[name], below(name, tensors)) for name in ("alone", "beside")
        )
        if not (isinstance(alone, Residual) and isinstance(beside, Residual)):
            raise ValueError("a voice is heard by residual networks")
        fit = (alone.runtime.front, alone.runtime.classes)
        check_sizes(fit == (beside.runtime.front, beside.runtime.classes), "the two networks")
        if "voice" not in settings:
            return cls(alone, beside)
        heard, (n_clips, n_frames) = below("voice", tensors), settings["voice"]
        sizes = {tensor.shape for tensor in heard.values()}
        check_sizes(sizes == {(alone.runtime.front.n_mels,)}, "the voice and the bands")
        return cls(
            alone, beside, BandStatistics(n_clips, n_frames, heard["mean"], heard["squares"])
        )
