"""The functions that librosa has in ``librosa.core`` and at its top, under the former name."""

from typing import Any


def __getattr__(name: str) -> Any:
    import serfast

    if name in serfast.__all__:
        return getattr(serfast, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
