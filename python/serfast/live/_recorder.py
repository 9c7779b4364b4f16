"""What was heard and said about it, in files."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from serfast._json import dumps
from serfast.errors import ParameterError
from serfast.live._listener import Update


class Recorder:
    """Writes NAME.wav, 16 bits a sample, and NAME.jsonl, a line for each word.

    It is a context manager; the files are whole when it has been left, whatever the reason.

    Parameters
    ----------
    name : path
        That of the files without their endings.
    rate : int
        Sampling rate in Hz.

    Raises
    ------
    ParameterError
        If one of the files exists.
    OSError
        If they cannot be written.

    Examples
    --------
    >>> import serfast
    >>> from serfast.live import FileSource, Recorder, listen
    >>> def record(path, name, model):
    ...     source = FileSource(path)
    ...     with Recorder(name, source.rate) as recorder:
    ...         for update in listen(source, model):
    ...             recorder.add(update)
    """

    def __init__(self, name: str | os.PathLike[str], rate: int) -> None:
        self._name, self._rate = os.fspath(name), rate
        self._files = ExitStack()
        self._sound: Any = None
        self._words: Any = None

    def __enter__(self) -> Recorder:
        import soundfile

        for path in (f"{self._name}.wav", f"{self._name}.jsonl"):
            if os.path.exists(path):
                raise ParameterError(f"{path}: exists; give another name")
        with ExitStack() as files:
            self._words = files.enter_context(open(f"{self._name}.jsonl", "x", encoding="utf-8"))
            raw = files.enter_context(open(f"{self._name}.wav", "xb"))
            self._sound = files.enter_context(
                soundfile.SoundFile(raw, "w", self._rate, 1, "PCM_16", format="WAV")
            )
            self._files = files.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._files.close()

    def add(self, update: Update) -> None:
        """Append what an update holds."""
        self._sound.write(update.samples)
        if update.word is not None:
            self._words.write(dumps(asdict(update.word)) + "\n")
            self._words.flush()
