"""The sample audio that ships with the package."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from serfast.datasets._clips import Clip
from serfast.datasets._known import KnownCorpus
from serfast.datasets._ravdess import read_name
from serfast.errors import ParameterError

NO_MODALITY = (0,)  # which no clip of RAVDESS has


def samples_dir() -> Path:
    """Return the folder of the sample audio: 48 short synthetic clips named after RAVDESS' rule.

    Six "speakers" in four "emotions", made by the project with a speech synthesizer so that every
    example runs with nothing downloaded.

    Examples
    --------
    >>> samples_dir().name
    'samples'
    """
    return Path(__file__).resolve().parent.parent / "samples"


def copy_samples(dest: str | os.PathLike[str]) -> Path:
    """Copy the sample audio to a new folder and return that folder.

    Raises
    ------
    ParameterError
        If `dest` exists already.

    Examples
    --------
    >>> import tempfile
    >>> copied = copy_samples(Path(tempfile.mkdtemp()) / "clips")
    >>> len(list(copied.rglob("*.wav")))
    48
    """
    target = Path(dest)
    if target.exists():
        raise ParameterError(f"{target}: exists already; name a folder that does not")
    shutil.copytree(samples_dir(), target)
    return target


def parse(path: str, stem: str) -> Clip | None:
    """Read names that begin with the modality 00, and go on as in RAVDESS."""
    return read_name(path, stem, NO_MODALITY)


SAMPLES = KnownCorpus(
    name="samples",
    title="Sample audio of serfast: synthetic voices, nobody's feelings",
    language="English",
    licence="MIT",
    citation="serfast",
    parse=parse,
)
