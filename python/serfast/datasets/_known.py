"""The corpora that are recognised by the names of their files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from serfast.datasets._clips import Clip


@dataclass(frozen=True)
class KnownCorpus:
    """A published corpus: what a model card must say of it, and how its names are read.

    Parameters
    ----------
    name : str
        The short name, as in `Corpus.name`.
    title : str
        The full name.
    language : str
        What is spoken.
    licence : str
        The licence, as the corpus states it.
    citation : str
        What to cite.
    parse : function of (str, str) to Clip or None
        The clip of a path and its stem; None if the name is not one of this corpus.
    """

    name: str
    title: str
    language: str
    licence: str
    citation: str
    parse: Callable[[str, str], Clip | None]

    def to_dict(self) -> dict[str, str]:
        """Return what is to be said of it, as texts."""
        facts = ("name", "title", "language", "licence", "citation")
        return {fact: getattr(self, fact) for fact in facts}
