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
_Complex = typing.TypeVar("_Complex", bound=numpy.complexfloating[typing.Any, typing.Any])
class Stft32:
    def __init__(self, *, window: collections.abc.Sequence[float], hop_length: int, center: bool, pad_mode: str) -> None:
        ...
    def forward(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> numpy.typing.NDArray[typing.Any]:
        ...
    def inverse(self, stft_matrix: numpy.typing.NDArray[numpy.complex64], n_frames: int, length: int, threads: int) -> numpy.typing.NDArray[numpy.float32]:
        ...
    def n_frames(self, n_samples: int) -> int:
        ...
    def n_samples(self, n_frames: int) -> int:
        ...
class Stft64:
    def __init__(self, *, window: collections.abc.Sequence[float], hop_length: int, center: bool, pad_mode: str) -> None:
        ...
    def forward(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> numpy.typing.NDArray[typing.Any]:
        ...
    def inverse(self, stft_matrix: numpy.typing.NDArray[numpy.complex128], n_frames: int, length: int, threads: int) -> numpy.typing.NDArray[numpy.float64]:
        ...
    def n_frames(self, n_samples: int) -> int:
        ...
    def n_samples(self, n_frames: int) -> int:
        ...
class PeriodFinder:
    def __init__(self, *, frame_length: int, hop_length: int, center: bool, pad_mode: str, min_period: int, max_period: int) -> None:
        ...
    def yin(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]] | numpy.typing.NDArray[numpy.float64], threshold: float, threads: int) -> numpy.typing.NDArray[numpy.float64]:
        """
        The period of each frame in samples.
        """
class PitchModel:
    def __init__(self, *, thresholds: collections.abc.Sequence[float], beliefs: collections.abc.Sequence[float], decay: float, no_trough_prob: float, sr: float, fmin: float, bins_per_octave: int) -> None:
        ...
class Pyin:
    def __init__(self, finder: PeriodFinder, model: PitchModel, stay: numpy.typing.NDArray[numpy.float64], change: numpy.typing.NDArray[numpy.float64]) -> None:
        ...
    def track(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]] | numpy.typing.NDArray[numpy.float64], threads: int) -> tuple[numpy.typing.NDArray[numpy.int32], numpy.typing.NDArray[numpy.float64]]:
        """
        The state of each frame (pitch bin, plus the number of bins where unvoiced), and how likely it is voiced.
        """
class Responses32:
    def __init__(self, *, window: collections.abc.Sequence[float], hop_length: int, center: bool, pad_mode: str, filters: numpy.typing.NDArray[numpy.complex128], phase: str) -> None:
        ...
    def n_frames(self, n_samples: int) -> int:
        ...
    def run(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], out: numpy.typing.NDArray[typing.Any], first_row: int, threads: int) -> None:
        ...
class Responses64:
    def __init__(self, *, window: collections.abc.Sequence[float], hop_length: int, center: bool, pad_mode: str, filters: numpy.typing.NDArray[numpy.complex128], phase: str) -> None:
        ...
    def n_frames(self, n_samples: int) -> int:
        ...
    def run(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], out: numpy.typing.NDArray[typing.Any], first_row: int, threads: int) -> None:
        ...
class Gemaps:
    """
    The numbers of eGeMAPS of signals at 16 kHz.
    """
    def __init__(self) -> None:
        ...
    def functionals(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]] | numpy.typing.NDArray[numpy.float64]) -> numpy.typing.NDArray[numpy.float64]:
        """
        A number for each of the names.
        """
    @property
    def names(self) -> list[str]:
        ...
class Plan32:
    def __init__(self, requests: collections.abc.Sequence[tuple[str, dict[str, typing.Any]]], trim_db: float | None = None) -> None:
        ...
    def frames(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> numpy.typing.NDArray[numpy.float32]:
        ...
    def n_frames(self, feature: int, size: int) -> int:
        ...
    def rows(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> list[numpy.typing.NDArray[numpy.float32]]:
        ...
    def trimmed(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]]) -> tuple[int, int]:
        ...
    def tuning(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> float | None:
        ...
    @property
    def n_rows(self) -> list[int]:
        ...
    @property
    def needs_whole_signal(self) -> list[bool]:
        ...
class Plan64:
    def __init__(self, requests: collections.abc.Sequence[tuple[str, dict[str, typing.Any]]], trim_db: float | None = None) -> None:
        ...
    def frames(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> numpy.typing.NDArray[numpy.float64]:
        ...
    def n_frames(self, feature: int, size: int) -> int:
        ...
    def rows(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> list[numpy.typing.NDArray[numpy.float64]]:
        ...
    def trimmed(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]]) -> tuple[int, int]:
        ...
    def tuning(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int) -> float | None:
        ...
    @property
    def n_rows(self) -> list[int]:
        ...
    @property
    def needs_whole_signal(self) -> list[bool]:
        ...
class SeparationOptions:
    def __init__(self, *, harmonic_size: int, percussive_size: int, power: float, harmonic_margin: float, percussive_margin: float) -> None:
        ...
class Pool:
    def __init__(self, items: collections.abc.Sequence[tuple[str, float, int]], frames_per_second: collections.abc.Sequence[float]) -> None:
        ...
    def of_rows(self, rows: numpy.typing.NDArray[numpy.float32], frames_per_second: float) -> numpy.typing.NDArray[numpy.float32]:
        ...
    @property
    def needs_whole_rows(self) -> bool:
        ...
class Worker:
    """
    Scratch of one thread.
    """
    def __init__(self) -> None:
        ...
class FrameStream:
    """
    Frames of a signal in chunks: (frames, rows).
    """
    def __init__(self, plan: Plan32) -> None:
        ...
    def flush(self) -> numpy.typing.NDArray[numpy.float32]:
        ...
    def push(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]]) -> numpy.typing.NDArray[numpy.float32]:
        ...
    @property
    def latency(self) -> int:
        ...
class PoolStream:
    """
    Columns of the last frames of a signal in chunks.
    """
    def __init__(self, plan: Plan32, pool: Pool | None, n_frames: int) -> None:
        ...
    def flush(self) -> numpy.typing.NDArray[numpy.float32]:
        ...
    def push(self, y: numpy.typing.NDArray[numpy.floating[typing.Any]]) -> numpy.typing.NDArray[numpy.float32]:
        ...
    @property
    def latency(self) -> int:
        ...
class ContentHash:
    """
    XXH64 of bytes that come in blocks.
    """
    def __init__(self) -> None:
        ...
    def update(self, block: bytes | memoryview) -> None:
        """
        Every block but the last is a multiple of 32 bytes.
        """
    def value(self) -> int:
        ...
def active_isa() -> str:
    """
    The instruction set whose kernels run.
    """
def autocorrelations(values: numpy.typing.NDArray[_Float], *, window: collections.abc.Sequence[float], n_frames: int, norm: float | None, threads: int) -> numpy.typing.NDArray[_Float]:
    ...
def batch_of_files(plan: Plan32, pool: Pool | None, files: collections.abc.Sequence[bytes | memoryview | os.PathLike[typing.Any] | str | bytes], *, sample_rate: float, threads: int, max_bytes: int = 0, progress: collections.abc.Callable[[int, int], object] | None) -> tuple[typing.Any, list[tuple[int, str, str]], list[int], list[tuple[int, int, int, int, float] | None]]:
    """
    Values, failures (index, stage, reason), and the indices of files, paths or their bytes, that need another decoder or a resampler. With max_bytes, WAV files are read whole, longer ones are among the latter, and of each that was read, else None: hash of its content, sampling rate, channels, frames, seconds of work.
    """
def batch_of_signals(plan: Plan32, pool: Pool | None, signals: collections.abc.Sequence[numpy.typing.NDArray[numpy.float32]], *, threads: int, progress: collections.abc.Callable[[int, int], object] | None) -> tuple[typing.Any, list[tuple[int, str, str]], list[int], list[tuple[int, int, int, int, float] | None]]:
    """
    Values, failures (index, stage, reason), no deferred items and no facts.
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
def cosine_window(weights: collections.abc.Sequence[float], n: int, periodic: bool) -> numpy.typing.NDArray[numpy.float64]:
    ...
def decibels(power: numpy.typing.NDArray[_Float], *, amin: float, reference: float, top_db: float | None) -> numpy.typing.NDArray[_Float]:
    ...
def features() -> list[dict[str, typing.Any]]:
    """
    The feature table: name, the stage read, unit, fit for an Extractor.
    """
def first_order(rows: numpy.typing.NDArray[_Float], b0: float, b1: float, a1: float, initial: numpy.typing.NDArray[_Float]) -> tuple[numpy.typing.NDArray[_Float], numpy.typing.NDArray[_Float]]:
    ...
def hash_file(path: os.PathLike[typing.Any] | str | bytes) -> tuple[int, bytes]:
    """
    XXH64 of what a regular file holds, and its first four bytes, if it has so many.
    """
def mel_filters(*, sr: float, n_fft: int, n_mels: int, fmin: float, fmax: float, htk: bool, slaney: bool, norm: float | None, single: bool) -> numpy.typing.NDArray[numpy.float64]:
    ...
def one_signal(plan: Plan32, pool: Pool | None, worker: Worker, y: numpy.typing.NDArray[numpy.floating[typing.Any]], threads: int = 1) -> numpy.typing.NDArray[numpy.float32]:
    """
    Columns of one signal when pooled, else its rows.
    """
def read_wav(path: os.PathLike[typing.Any] | str | bytes, *, float64: bool, mono: bool, offset: float, duration: float | None) -> tuple[numpy.typing.NDArray[typing.Any], int, int, int] | None:
    """
    Samples, sampling rate, total number of frames and number of channels of a WAV file, or None where it is of a kind that this reader leaves to others. The selection, in seconds, is cut to what the file holds.
    """
def separate(stft: Stft32 | Stft64, y: numpy.typing.NDArray[numpy.floating[typing.Any]], options: SeparationOptions, *, harmonic: bool, percussive: bool, threads: int) -> tuple[numpy.typing.NDArray[_Float] | None, numpy.typing.NDArray[_Float] | None]:
    ...
def separation_masks(S: numpy.typing.NDArray[_Float], options: SeparationOptions, *, threads: int) -> tuple[numpy.typing.NDArray[_Float], numpy.typing.NDArray[_Float]]:
    ...
def stretch(forward: Stft64, inverse: Stft32 | Stft64, y: numpy.typing.NDArray[numpy.floating[typing.Any]], times: collections.abc.Sequence[float], length: int) -> numpy.typing.NDArray[_Float]:
    ...
def supported_isas() -> list[str]:
    """
    Those of the built instruction sets that this CPU runs.
    """
def version() -> str:
    """
    The version of the package.
    """
def vocode(D: numpy.typing.NDArray[_Complex], times: collections.abc.Sequence[float]) -> numpy.typing.NDArray[_Complex]:
    ...
_C_API: typing.Any
