"""All corpora that are recognised, by name."""

from __future__ import annotations

from serfast.datasets._cafe import CAFE
from serfast.datasets._crema_d import CREMA_D
from serfast.datasets._emodb import EMODB
from serfast.datasets._known import KnownCorpus
from serfast.datasets._ravdess import RAVDESS
from serfast.datasets._samples import SAMPLES
from serfast.datasets._savee import SAVEE
from serfast.datasets._tess import TESS

# A further corpus is a module like these, and its entry.
CORPORA = {known.name: known for known in (RAVDESS, TESS, EMODB, CREMA_D, SAVEE, CAFE, SAMPLES)}


def known_corpora(name: str) -> tuple[KnownCorpus, ...]:
    """Return the published corpora behind `Corpus.name`: several for a union, none for own data.

    Examples
    --------
    >>> [known.licence for known in known_corpora("emodb+cafe+mine")]
    ['free for research, with citation', 'CC BY-NC-SA 4.0']
    """
    return tuple(CORPORA[part] for part in name.split("+") if part in CORPORA)
