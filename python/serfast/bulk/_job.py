"""What a job computes and where: its configuration, which every shard of its output shares."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serfast._json import dumps, with_infinities
from serfast._outputs import write_durably
from serfast.bulk._chunks import Chunks
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from serfast import Extractor

JOB_FILE = "_job.json"
FORMAT_VERSION = 1
READABLE_VERSIONS = (1,)


@dataclass(frozen=True)
class Job:
    """A job, as its output folder remembers it.

    Parameters
    ----------
    output : str
        The folder of the shards.
    source : str or tuple of str
        The folder of audio, the manifest..., or several of them.
    config : dict
        The configuration of the `serfast.Extractor`.
    emotions : tuple of str or None
        Only the inputs with these labels.
    chunk, overlap : float or None, float
        Seconds of a row, where recordings are cut into several, and those that it shares with the
        row before.
    store : str
        Where the values of a framewise extractor are: ``"parquet"``, in the shards' files, or
        ``"zarr"``, in arrays beside them.
    shard_files : int > 0
        How many inputs go into a shard.
    corpus : str
        How the inputs were recognised, see `serfast.datasets.Corpus`.
    n_inputs : int
        How many there were when the job was last started.
    n_gone : int
        How many earlier ones were no longer there then, and have rows still.
    version : str
        The version of serfast that began it.

    Examples
    --------
    >>> import serfast
    >>> fx = serfast.Extractor(["rms"], sr=16000, pool="mean")
    >>> job = Job("out", "clips", fx.config, shard_files=100)
    >>> job.extractor() == fx
    True
    """

    output: str
    source: str | tuple[str, ...]
    config: dict[str, Any]
    emotions: tuple[str, ...] | None = None
    chunk: float | None = None
    overlap: float = 0.0
    store: str = "parquet"
    shard_files: int = 1
    corpus: str = "files"
    n_inputs: int = 0
    n_gone: int = 0
    version: str = ""

    def extractor(self) -> Extractor:
        """Return the extractor, the same one for every shard in this process."""
        return _extractor(json.dumps(self.config))

    def chunks(self) -> Chunks | None:
        """Return where recordings are cut, if they are."""
        if self.chunk is None:
            return None
        return Chunks.of(self.chunk, self.overlap, self.config["sr"])

    @property
    def is_framewise(self) -> bool:
        """Whether a row has values for each frame, rather than statistics of them."""
        return self.config["pool"] is None

    @property
    def folder(self) -> Path:
        """The output folder."""
        return Path(self.output)

    def save(self) -> None:
        """Write the configuration, with its hash, into the output folder."""
        facts = asdict(self)
        del facts["output"]
        stored = {"format_version": FORMAT_VERSION, "hash": self.extractor().hash, **facts}
        text = dumps(stored, indent=2, sort_keys=True) + "\n"
        write_durably(self.folder / JOB_FILE, lambda path: path.write_text(text, encoding="utf-8"))

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Job:
        """Read what `save` wrote.

        Raises
        ------
        ParameterError
            If the folder is not the output of a job.
        """
        path = Path(folder) / JOB_FILE
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            version = stored.pop("format_version")
            if version in READABLE_VERSIONS:
                del stored["hash"]
                stored["config"] = with_infinities(stored["config"])
                job = cls(output=str(folder), **stored)
                source = job.source if isinstance(job.source, str) else tuple(job.source)
                return replace(job, source=source, emotions=job.emotions and tuple(job.emotions))
        except (FileNotFoundError, NotADirectoryError):
            raise ParameterError(
                f"{folder}: not a job's folder, as there is no {JOB_FILE} in it; "
                "`serfast extract -o FOLDER` writes one"
            ) from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ParameterError(f"{path}: not the configuration of a job ({error})") from error
        raise ParameterError(
            f"{path}: format {version}, of another version of serfast; this one reads "
            f"{', '.join(map(str, READABLE_VERSIONS))}"
        )

    def refuse_changes(self, begun: Job) -> None:
        """Raise ParameterError, naming what differs, unless `begun` has this configuration."""
        names = ("source", "emotions", "chunk", "overlap", "store")
        old, new = ({**j.config, **{n: getattr(j, n) for n in names}} for j in (begun, self))
        differences = list(_differences("", old, new))
        if differences:
            raise ParameterError(
                f"{self.output}: begun with another configuration: {'; '.join(differences)}. "
                "Give the same again, or another folder"
            )


@lru_cache(maxsize=4)
def _extractor(config: str) -> Extractor:
    from serfast import Extractor

    return Extractor.from_config(json.loads(config))


def _differences(name: str, old: Any, new: Any) -> Iterator[str]:
    """Yield, in words, each setting of which the two have other values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            label = f"{name}.{key}".removeprefix(".").removeprefix("options.")
            yield from _differences(label, old.get(key), new.get(key))
    elif _plain(old) != _plain(new):
        yield f"{name} was {_shown(old)} and is {_shown(new)}"


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    return "none" if value is None else str(value)
