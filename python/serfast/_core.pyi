# Written by tests/make_stubs.py: do not edit.
# ruff: noqa: E501, I001
# fmt: off
"""
The compiled core of serfast. Not a public interface: use the package's functions.
"""
from __future__ import annotations
import collections.abc
import numpy
import numpy.typing
import os
import typing
_Float = typing.TypeVar("_Float", bound=numpy.floating[typing.Any])
class Stft32:
    def __init__(self, *, window: collections.abc.Sequence[float], hop_length: int, center: bool, pad_mode: str) -> None:
        ...
    def forward(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> numpy.typing.NDArray[typing.Any]:
        ...
    def inverse(self, stft_matrix: numpy.typing.NDArray[numpy.complex64], n_frames: int, length: int) -> numpy.typing.NDArray[numpy.float32]:
        ...
class Stft64:
    def __init__(self, *, window: collections.abc.Sequence[float], hop_length: int, center: bool, pad_mode: str) -> None:
        ...
    def forward(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> numpy.typing.NDArray[typing.Any]:
        ...
    def inverse(self, stft_matrix: numpy.typing.NDArray[numpy.complex128], n_frames: int, length: int) -> numpy.typing.NDArray[numpy.float64]:
        ...
class Plan32:
    def __init__(self, requests: collections.abc.Sequence[tuple[str, dict[str, typing.Any]]]) -> None:
        ...
    def n_frames(self, feature: int, size: int) -> int:
        ...
    def rows(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> list[numpy.typing.NDArray[numpy.float32]]:
        ...
    def tuning(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> float:
        ...
    @property
    def n_rows(self) -> list[int]:
        ...
class Plan64:
    def __init__(self, requests: collections.abc.Sequence[tuple[str, dict[str, typing.Any]]]) -> None:
        ...
    def n_frames(self, feature: int, size: int) -> int:
        ...
    def rows(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> list[numpy.typing.NDArray[numpy.float64]]:
        ...
    def tuning(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> float:
        ...
    @property
    def n_rows(self) -> list[int]:
        ...
class Pool:
    def __init__(self, items: collections.abc.Sequence[tuple[str, float, bool]], frames_per_second: collections.abc.Sequence[float]) -> None:
        ...
class Worker:
    """
    Scratch of one thread.
    """
    def __init__(self) -> None:
        ...
def active_isa() -> str:
    """
    The instruction set whose kernels run.
    """
def autocorrelations(values: numpy.typing.NDArray[_Float], *, window: collections.abc.Sequence[float], n_frames: int, norm: float | None, threads: int) -> numpy.typing.NDArray[_Float]:
    ...
def batch_of_files(plan: Plan32, pool: Pool | None, paths: collections.abc.Sequence[os.PathLike[typing.Any] | str | bytes], *, sample_rate: float, threads: int, progress: collections.abc.Callable[[int, int], object] | None) -> tuple[typing.Any, list[tuple[int, str, str]], list[int]]:
    """
    Values, failures (index, stage, reason), and the indices of files that need another decoder or a resampler.
    """
def batch_of_signals(plan: Plan32, pool: Pool | None, signals: collections.abc.Sequence[numpy.typing.NDArray[numpy.float32]], *, threads: int, progress: collections.abc.Callable[[int, int], object] | None) -> tuple[typing.Any, list[tuple[int, str, str]], list[int]]:
    """
    Values, failures (index, stage, reason), and no deferred items.
    """
def built_isas() -> list[str]:
    """
    The instruction sets that were built, weakest first.
    """
def chroma_filters(*, sr: float, n_fft: int, n_chroma: int, tuning: float, ctroct: float, octwidth: float | None, norm: float | None, base_c: bool, single: bool) -> numpy.typing.NDArray[numpy.float64]:
    ...
def compiler() -> str:
    """
    The compiler that built the core.
    """
def correlate(rows: numpy.typing.NDArray[_Float], weights: numpy.typing.NDArray[_Float]) -> numpy.typing.NDArray[_Float]:
    ...
def decibels(power: numpy.typing.NDArray[_Float], *, amin: float, reference: float, top_db: float | None) -> numpy.typing.NDArray[_Float]:
    ...
def features() -> list[dict[str, typing.Any]]:
    """
    The feature table: name, the stage read, unit, fit for an Extractor.
    """
def first_order(rows: numpy.typing.NDArray[_Float], b0: float, b1: float, a1: float, initial: numpy.typing.NDArray[_Float]) -> tuple:
    ...
def mel_filters(*, sr: float, n_fft: int, n_mels: int, fmin: float, fmax: float, htk: bool, slaney: bool, norm: float | None, single: bool) -> numpy.typing.NDArray[numpy.float64]:
    ...
def one_signal(plan: Plan32, pool: Pool | None, worker: Worker, y: numpy.typing.NDArray[numpy.floating[typing.Any]]) -> numpy.typing.NDArray[numpy.float32]:
    """
    Columns of one signal when pooled, else its rows.
    """
def read_wav(path: os.PathLike[typing.Any] | str | bytes, *, float64: bool, mono: bool, offset: float, duration: float | None) -> tuple[numpy.typing.NDArray[typing.Any], int, int] | None:
    """
    Samples, sampling rate and total number of frames of a WAV file, or None where the file is of a kind that this reader leaves to others. The selection, in seconds, is cut to what the file holds.
    """
def supported_isas() -> list[str]:
    """
    Those of the built instruction sets that this CPU runs.
    """
def version() -> str:
    """
    The version of the package.
    """
