"""Several features of one signal, a batch, or files, in one pass."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Iterable, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from . import _core
from . import _engine as engine
from . import _validate as validate
from . import _whole as whole_signal
from ._feature_sets import feature_set
from ._jobs import Outcome, Progress, checked, counted_from, in_threads, path_name
from ._json import with_infinities
from ._options import (
    checked_features,
    options_by_feature,
    plain,
    statistics,
    whole,
    with_tuples,
)
from ._results import BatchResult, Failure
from ._validate import Real
from .errors import AudioError, ParameterError
from .streaming import FrameStream, PoolStream, refuse_whole

__all__ = ["BatchResult", "Extractor", "Failure"]

# A sample's share of what features of whole signals allocate, measured: at most, that of tonnetz
# of the harmonic part.
BYTES_OF_WHOLE_SIGNALS = 10


class Extractor:
    """Computes several features in one pass over each signal, each shared stage once.

    Parameters
    ----------
    features : sequence of str
        Names of feature functions, such as ``"mfcc"``; the columns come in this order.
    sr : float > 0
        Sampling rate in Hz of the signals, and the one that files are resampled to.
    pool : str, sequence of str, or None
        Statistics over time of each row: ``"mean"``, ``"std"``, ``"min"``, ``"max"``, ``"median"``,
        ``"p5"`` and the like for percentiles, ``"slope"`` (per second), ``"skewness"``,
        ``"kurtosis"`` (excess), ``"dct2"`` and the like for a cosine coefficient of the row's
        course (so many half periods), ``"change20ms"`` and the like for the RMS change over that
        time; with the prefix ``delta_`` of the rows' deltas, with ``delta2_`` of their second
        deltas. None: framewise. Frames without a value (NaN) do not count; statistics of a row
        without any are 0. Features that are columns already, as ``egemaps_like``, stay as they are.
    trim : float > 0, optional
        Of each signal only what `effects.trim` leaves with ``top_db=trim``.
    **options
        Options of the features by librosa's names. An option applies to every feature that has it;
        a dictionary under a feature's name applies to that feature alone.

    Attributes
    ----------
    names : list of str
        A name for each column (pooled), such as ``mfcc_03_mean``, or row (framewise), ``mfcc_03``.
    config : dict
        All options in full; JSON can store it, `from_config` restores it.
    hash : str
        A digest of `config`: equal for extractors that compute the same.

    Raises
    ------
    ParameterError
        If a feature, a statistic or an option is unknown or out of its range.

    See Also
    --------
    melspectrogram, mfcc, chroma_stft, spectral_contrast

    Notes
    -----
    ``tonnetz``, ``chroma_cqt``, ``chroma_cens`` and ``egemaps_like`` are computed by their
    functions, signal by signal. All but the last have an option more: with ``harmonic=True`` they
    are of `effects.harmonic` of it.

    Values are float32. Results are the same, bit for bit, for a single call and a batch, whatever
    the number of threads and the order. The tuning of ``chroma_stft`` is estimated for each signal.

    Examples
    --------
    >>> import numpy as np, serfast
    >>> fx = serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13, pool=["mean", "std"])
    >>> y = np.sin(np.arange(16000, dtype=np.float32) / 10)
    >>> fx(y).shape, fx.names[0], fx.names[-1]
    ((28,), 'mfcc_01_mean', 'rms_std')
    >>> fx.batch([y, y[:5000]]).values.shape
    (2, 28)
    """

    def __init__(
        self,
        features: Sequence[str],
        *,
        sr: float = 22050,
        pool: str | Sequence[str] | None = None,
        trim: float | None = None,
        **options: Any,
    ) -> None:
        self.sr = whole(validate.positive("sr", sr))
        self.features = checked_features(features)
        self.options = options_by_feature(self.features, options)
        self.pool = statistics(pool)
        self.trim = None if trim is None else whole(validate.positive("trim", trim))
        self._whole = [name for name in self.features if name in whole_signal.NAMES]
        self._framewise = [name for name in self.features if name not in whole_signal.NAMES]
        columns = [name for name in self.features if name in whole_signal.COLUMNS]
        if columns and self.pool is None:
            raise ParameterError(f"{columns[0]} has columns, not frames: pool must be set")
        requests = [
            engine.request(name, {**o, "source": "signal", "sr": self.sr, "freq": None})
            for name, o in self.options.items()
            if name in self._framewise
        ]
        self._plan = _core.Plan32(requests, self.trim)
        self._n_rows = dict(zip(self._framewise, self._plan.n_rows, strict=True)) | {
            name: whole_signal.n_rows(name, self.sr, self.options[name]) for name in self._whole
        }
        self._pool = self._core_pool()
        self._scratch = threading.local()
        self.names = self._column_names()

    def __reduce__(self) -> Any:
        return Extractor.from_config, (self.config,)

    def _core_pool(self) -> _core.Pool | None:
        if self.pool is None:
            return None
        return _core.Pool(
            [(s.kind, s.parameter, s.order) for s in self.pool],
            [self._frames_per_second(name) for name in self._framewise],
        )

    def _frames_per_second(self, feature: str) -> float:
        return self.sr / engine.hop_length(self.options[feature])

    def _column_names(self) -> list[str]:
        names = []
        for feature in self.features:
            if feature in whole_signal.COLUMNS:
                names += whole_signal.COLUMNS[feature]()
                continue
            n_rows = self._n_rows[feature]
            width = len(str(n_rows))
            rows = (
                [feature]
                if n_rows == 1
                else [f"{feature}_{row:0{width}d}" for row in range(1, n_rows + 1)]
            )
            if self.pool is None:
                names += rows
            else:
                names += [f"{row}_{statistic.label}" for statistic in self.pool for row in rows]
        return names

    @property
    def config(self) -> dict[str, Any]:
        """All options in full, as plain data."""
        config = {
            "features": self.features,
            "options": {name: plain(o) for name, o in self.options.items()},
            "sr": self.sr,
            "pool": None if self.pool is None else [s.label for s in self.pool],
        }
        # Configurations of before there was trimming keep their hashes.
        return config if self.trim is None else config | {"trim": self.trim}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Extractor:
        """The extractor that a configuration describes.

        Parameters
        ----------
        config : dict
            What `Extractor.config` gave, or JSON gave back, in which ``"inf"`` is infinity.

        Returns
        -------
        Extractor

        Examples
        --------
        >>> import serfast
        >>> fx = serfast.Extractor(["mfcc"], sr=16000)
        >>> serfast.Extractor.from_config(fx.config) == fx
        True
        """
        config = with_infinities(config)
        options = {name: with_tuples(o) for name, o in config["options"].items()}
        return cls(
            config["features"], sr=config["sr"], pool=config["pool"], trim=config.get("trim"),
            **options,
        )  # fmt: skip

    @classmethod
    def preset(cls, name: str) -> Extractor:
        """A set of features under a name that stands for the same columns for ever.

        Parameters
        ----------
        name : str
            ``"emotion-v1"``: 846 numbers that describe how a clip of speech at 16 kHz is spoken;
            ``"egemaps-like-v1"``: 88 numbers that do.

        Returns
        -------
        Extractor

        Raises
        ------
        ParameterError
            If there is no set of this name.

        Notes
        -----
        ``emotion-v1``: 20 MFCC, 20 log-mel bands, RMS, spectral centroid, bandwidth, rolloff and
        flatness, periodicity, and F0 of the voiced frames, every 10 ms; silence at both ends
        trimmed at 25 dB; of each row mean, standard deviation, five percentiles, slope, skewness,
        kurtosis, the first three cosine coefficients of its course, and the changes over 20, 40,
        80, 160 and 320 ms.

        ``egemaps-like-v1``: `egemaps_like`, with openSMILE's names of the columns.

        Examples
        --------
        >>> import serfast
        >>> fx = serfast.Extractor.preset("emotion-v1")
        >>> len(fx.names), fx.names[-1]
        (846, 'voiced_f0_change320ms')
        """
        found = feature_set(name)
        return cls(found.features, **found.options)

    @property
    def hash(self) -> str:
        """A digest of `config`."""
        text = json.dumps(self.config, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Extractor) and self.config == other.config

    def __hash__(self) -> int:
        return hash(self.hash)

    def __repr__(self) -> str:
        return f"Extractor({self.features}, sr={self.sr:g}, pool={self.config['pool']})"

    def __call__(self, y: Real) -> npt.NDArray[np.float32]:
        """Features of one signal.

        Parameters
        ----------
        y : np.ndarray [shape=(n,)], float32 or float64
            The signal, at the rate `sr`.

        Returns
        -------
        values : np.ndarray [shape=(columns,) or (rows, frames)], float32
            A number for each of `names` when pooled, else a row for each.

        Raises
        ------
        ParameterError
            If `y` has several axes, is no array of finite floats, or is too short.
        """
        y = validate.mono(y)
        return self._computed(y, engine.threads_for(y.size))

    def _computed(self, y: npt.NDArray[np.float32], threads: int = 1) -> npt.NDArray[np.float32]:
        if not hasattr(self._scratch, "worker"):
            self._scratch.worker = _core.Worker()
        parts: dict[str, npt.NDArray[np.float32]] = {}
        if self._framewise:
            values = _core.one_signal(self._plan, self._pool, self._scratch.worker, y, threads)
            if not self._whole:
                return values
            n_statistics = 1 if self.pool is None else len(self.pool)
            ends = np.cumsum([n_statistics * self._n_rows[name] for name in self._framewise])
            parts = dict(zip(self._framewise, np.split(values, ends[:-1]), strict=True))
        begin, end = self._plan.trimmed(y)
        y = y[begin:end]
        for name in self._whole:
            rows = whole_signal.rows(name, y, self.sr, self.options[name])
            if self._pool is not None and name not in whole_signal.COLUMNS:
                rows = self._pool.of_rows(rows, self._frames_per_second(name))
            parts[name] = rows
        if self._pool is None and len({part.shape[1] for part in parts.values()}) > 1:
            counts = ", ".join(f"{name} {part.shape[1]}" for name, part in parts.items())
            raise ParameterError(f"framewise features must have as many frames: {counts}")
        return np.concatenate([parts[name] for name in self.features])

    @overload
    def stream(self) -> FrameStream: ...

    @overload
    def stream(self, *, window: float) -> PoolStream: ...

    def stream(self, *, window: float | None = None) -> FrameStream | PoolStream:
        """Features of a signal that comes in chunks, from a microphone for example.

        Parameters
        ----------
        window : float > 0, optional
            With statistics (`pool`): over how many of the last seconds they are taken, rounded to
            whole frames.

        Returns
        -------
        stream : FrameStream or PoolStream
            Give it chunks with ``push``, and end it with ``flush``. Framewise, it gives the frames
            of the whole signal, bit for bit; with `window`, the statistics of the last frames.

        Raises
        ------
        ParameterError
            If a feature depends on the whole signal, as those of the constant-Q transform do:
            ``mfcc`` and ``spectral_contrast`` need ``top_db=None``, ``chroma_stft`` a number as
            `tuning`. If the features' frames do not come at the same times. If a pooled extractor
            is given no `window`, or one without statistics is given one. If signals are trimmed.

        Examples
        --------
        >>> import numpy as np, serfast
        >>> stream = serfast.Extractor("rms", sr=16000, hop_length=160).stream()
        >>> [len(stream.push(np.zeros(400, np.float32))) for _ in range(5)], len(stream.flush())
        ([0, 0, 2, 2, 3], 6)
        >>> stream.latency
        1024
        """
        if self.trim is not None:
            raise ParameterError(
                f"trim={self.trim} needs the whole signal, which a stream does not have"
            )
        needs = zip(self._framewise, self._plan.needs_whole_signal, strict=True)
        refuse_whole([*self._whole, *(name for name, does in needs if does)])
        if self._pool is None:
            if window is not None:
                raise ParameterError(f"window={window!r} is of use with statistics only: set pool")
            return FrameStream(_core.FrameStream(self._plan))
        if window is None:
            raise ParameterError(
                f"pool={self.config['pool']} of a stream needs a window, in seconds"
            )
        hop = engine.hop_length(self.options[self.features[0]])
        n_frames = max(1, round(validate.positive("window", window) * self.sr / hop))
        return PoolStream(_core.PoolStream(self._plan, self._pool, n_frames))

    def batch(
        self,
        signals: Iterable[Real],
        *,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> BatchResult:
        """Features of many signals, of any lengths, on worker threads.

        Parameters
        ----------
        signals : iterable of np.ndarray
            One-dimensional float arrays.
        threads : int > 0, optional
            Default: the environment variable SERFAST_NUM_THREADS, else all CPUs of the process.
        progress : function of (done, total), optional
            Called from this thread while the workers run, and at the end.

        Returns
        -------
        BatchResult
            An item that is no signal, or not finite, or too short costs only itself.

        Raises
        ------
        ParameterError
            If `threads` is not a positive integer.

        Examples
        --------
        >>> import numpy as np, serfast
        >>> fx = serfast.Extractor("rms", sr=16000, pool="max")
        >>> result = fx.batch([np.ones(4000), np.array([np.nan])])
        >>> result.values
        array([[ 1.],
               [nan]], dtype=float32)
        >>> result.failures[0].index
        1
        """
        items = list(signals)
        good, bad = checked(items, validate.mono)
        n_threads, signals = engine.thread_count(threads), list(good.values())
        progress = counted_from(len(bad), len(items), progress)
        if self._whole:
            values = self._unfilled(len(signals))
            failures = in_threads(
                self._tried, signals, range(len(signals)), values, n_threads, progress, per_job=1
            )
        else:
            values, failures, *_ = _core.batch_of_signals(
                self._plan, self._pool, signals, threads=n_threads, progress=progress
            )
        places = list(good)
        bad += [Failure(places[i], None, stage, reason) for i, stage, reason in failures]
        return self._result(len(items), places, values, bad)

    def files(
        self,
        paths: Iterable[str | os.PathLike[str]],
        *,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> BatchResult:
        """Features of many files, mixed to mono and resampled to `sr` where they need it.

        Parameters
        ----------
        paths : iterable of path-like
            WAV files are read in the core by its workers; other formats and other rates go through
            soundfile and soxr, in threads.
        threads, progress
            As in `batch`.

        Returns
        -------
        BatchResult
            A file that cannot be read or is too short costs only itself.

        Raises
        ------
        ParameterError
            If `threads` is not a positive integer.

        Examples
        --------
        >>> import serfast
        >>> paths = sorted(serfast.datasets.samples_dir().rglob("*.wav"))[:3]
        >>> fx = serfast.Extractor(["mfcc"], sr=16000, pool="mean", n_mfcc=13)
        >>> fx.files(paths).values.shape
        (3, 13)
        """
        items = list(paths)
        good, bad = checked(items, path_name)
        places, names = list(good), list(good.values())
        n_threads = engine.thread_count(threads)
        progress = counted_from(len(bad), len(items), progress)
        failures: list[tuple[int, str, str]] = []
        if self._whole:
            values, deferred = self._unfilled(len(names)), list(range(len(names)))
        else:
            values, failures, deferred, _ = self._core_files(names, n_threads, progress)
            if self._pool is None:
                values = list(values)
        # To hand a file over costs as much as a tenth of the core's features of it.
        failures += in_threads(
            self._decoded_file, names, deferred, values, n_threads, progress,
            per_job=1 if self._whole else 8,
        )  # fmt: skip
        bad += [Failure(places[i], names[i], stage, reason) for i, stage, reason in failures]
        return self._result(len(items), places, values, bad)

    def _core_files(
        self,
        files: Sequence[str | memoryview],
        threads: int,
        progress: Progress | None = None,
        max_bytes: int = 0,
    ) -> Any:
        """What the core makes of files: see `_core.batch_of_files`."""
        return _core.batch_of_files(
            self._plan, self._pool, files, sample_rate=self.sr, threads=threads,
            max_bytes=max_bytes, progress=progress,
        )  # fmt: skip

    def _bytes_kept(self, n_samples: int) -> int:
        """How much of a signal is kept at once, about, beside bounded scratch: rows of frames."""
        kept = BYTES_OF_WHOLE_SIGNALS * n_samples if self._whole else 0
        if self._pool is None or self._pool.needs_whole_rows:
            for feature, name in enumerate(self._framewise):
                with contextlib.suppress(ParameterError):  # of too short a signal nothing is kept
                    kept += 4 * self._n_rows[name] * self._plan.n_frames(feature, n_samples)
        return kept

    def _unfilled(self, n: int) -> Any:
        """Room for the values of n items."""
        if self._pool is None:
            return [None] * n
        return np.empty((n, len(self.names)), dtype=np.float32)

    def _tried(self, y: npt.NDArray[np.float32]) -> Outcome:
        try:
            return self(y), None
        except Exception as error:
            return None, ("extract", str(error) or type(error).__name__)

    def _decoded_file(self, path: str) -> Outcome:
        from ._decode import decode
        from .audio import resample

        try:
            y, sr = decode(path, mono=True, offset=0.0, duration=None, dtype=np.dtype(np.float32))
            if not y.size:
                raise AudioError(f"{path!r} holds no samples")
            if sr != self.sr:
                y = resample(y, orig_sr=sr, target_sr=self.sr)
        except Exception as error:
            return None, ("decode", str(error) or type(error).__name__)
        return self._tried(y)

    def _result(self, n: int, places: list[int], values: Any, bad: list[Failure]) -> BatchResult:
        bad.sort(key=lambda failure: failure.index)
        if self._pool is not None:
            if len(places) < n:
                full = np.full((n, len(self.names)), np.nan, dtype=np.float32)
                full[places] = values
                values = full
            return BatchResult(values, self.names, bad)
        arrays = [np.empty((len(self.names), 0), dtype=np.float32)] * n
        for index, value in zip(places, values, strict=True):
            if value is not None:
                arrays[index] = value
        return BatchResult(arrays, self.names, bad)
