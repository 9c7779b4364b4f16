"""Where long recordings are cut."""

from __future__ import annotations

from dataclasses import dataclass

from serfast import _validate
from serfast.errors import ParameterError


@dataclass(frozen=True)
class Chunks:
    """Chunks of one length that begin at equal distances, in samples.

    Parameters
    ----------
    length : int > 0
        Of a chunk.
    step : int > 0
        From the beginning of a chunk to that of the next.

    Examples
    --------
    >>> Chunks.of(2.0, 0.5, sr=10).spans(47)
    [(0, 20), (15, 35), (30, 47)]
    """

    length: int
    step: int

    @classmethod
    def of(cls, seconds: float, overlap: float, sr: float) -> Chunks:
        """Return chunks of so many seconds, which share `overlap` seconds with the one before.

        Raises
        ------
        ParameterError
            If a chunk has no sample, or does not go on from the one before.
        """
        length = round(_validate.positive("chunk", seconds) * sr)
        step = length - round(_validate.number("overlap", overlap, 0, seconds) * sr)
        if length < 1:
            raise ParameterError(f"chunk={seconds} is less than a sample at {sr} Hz")
        if step < 1:
            raise ParameterError(f"overlap={overlap} must be less than chunk={seconds}")
        return cls(length, step)

    def spans(self, n_samples: int) -> list[tuple[int, int]]:
        """Return where each chunk of a signal begins and ends.

        They cover the signal: the last one ends with it, and has at least half the length of the
        others, since what is less than that belongs to the chunk before. A signal that is shorter
        is a chunk of its own.
        """
        overlap = self.length - self.step
        begins = list(range(0, max(1, n_samples - overlap), self.step))
        if len(begins) > 1 and 2 * (n_samples - begins[-1]) < self.length:
            begins.pop()
        return [(begin, begin + self.length) for begin in begins[:-1]] + [(begins[-1], n_samples)]
