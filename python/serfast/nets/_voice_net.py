"""The residual network that hears a clip beside the other clips of its speaker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from serfast.datasets import Recordings
from serfast.errors import ParameterError
from serfast.nets._base import Array, Loader, Rng
from serfast.nets._batches import among_zeros
from serfast.nets._front import in_range
from serfast.nets._net import ResidualNet
from serfast.nets._normalise import BandStatistics
from serfast.nets._numbers import Rows
from serfast.nets._store import FeatureStore

# Rooms whose noise the statistics are known for.
N_RANGES = 6


class VoiceNet(ResidualNet):
    """A residual network over bands by the measure of a voice rather than of the clip.

    Mean and deviation of each band are those of all the speaker's clips, so what differs from one
    clip of a speaker to the next stays: how loud the highs are, or how dull a voice has become.
    It is of use where some clips of the speaker are known, and is trained with all clips:
    `calibrate` must be False.
    """

    def _check(self, recordings: Recordings, labels: npt.NDArray[Any], groups: Any) -> None:
        super()._check(recordings, labels, groups)
        if groups is None:
            raise ParameterError("a network that hears voices needs to know who speaks: groups")
        if self._holds_out:
            raise ParameterError(
                "a network that hears voices holds no clips out: give it calibrate=False, no "
                "patience, and no schedule that depends on them"
            )

    def _prepare(self, stores: list[FeatureStore], rows: Rows, groups: Any) -> Loader:
        ranges = np.geomspace(min(self.band_range), max(self.band_range), N_RANGES).tolist()
        voices = [_voices((store[row] for row in rows), groups, ranges) for store in stores]

        def load(i: int, rng: Rng) -> Array:
            which, room = int(rng.integers(len(stores))), int(rng.integers(N_RANGES))
            bands = in_range(stores[which][rows[i]], ranges[room])
            clip = voices[which][room][groups[i]].normalised(bands)
            for change in self.augment:
                clip = change(clip, rng)
            return among_zeros(clip, self.n_frames, rng)[np.newaxis]

        return load


def _voices(
    clips: Iterable[Array], groups: npt.NDArray[Any], ranges: Sequence[float]
) -> list[dict[Any, BandStatistics]]:
    """The statistics of each speaker's clips, as if recorded in rooms of several noises."""
    found: list[dict[Any, BandStatistics]] = [{} for _ in ranges]
    for clip, name in zip(clips, groups, strict=True):
        for voices, band_range in zip(found, ranges, strict=True):
            part = BandStatistics.of(in_range(clip, band_range))
            voices[name] = voices[name] + part if name in voices else part
    return found
