"""Facts of clips as tables and files of JSON write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from serfast.datasets._clips import FIELD_TYPES, Clip, clip_from_row
from serfast.errors import ParameterError

# What other tools call our columns.
ALIASES = {
    "file": "path", "filename": "path", "audio_filepath": "path", "emotion": "label",
    "gender": "sex", "begin": "start",
}  # fmt: skip
SEXES = dict.fromkeys(("female", "f", "woman"), "female") | dict.fromkeys(
    ("male", "m", "man"), "male"
)
# What can be said of a clip without naming or opening it.
DESCRIPTIVE = frozenset(FIELD_TYPES) - {
    "path", "start", "end", "duration", "rate", "channels", "hash",
}  # fmt: skip


def own_names(columns: Sequence[str]) -> list[str]:
    """Return our names of a table's columns."""
    plain = [name.strip().lower() for name in columns]
    return [name if (own := ALIASES.get(name, name)) in plain else own for name in plain]


def clip_of(row: Mapping[str, Any]) -> Clip:
    """Return the clip of a row with our names, sex in our words, without spaces around texts.

    Where a fact of ours is empty, it is what the row says under another name.

    Raises
    ------
    ParameterError
        If a fact is not of its kind.
    """
    # A path may begin with a space: a folder's name, not one that a person typed beside a comma.
    texts = {
        name: value.rstrip() if name == "path" else value.strip()
        for name, value in row.items()
        if isinstance(value, str)
    }
    facts = {**row, **texts}
    for alias, own in ALIASES.items():
        if facts.get(own) in (None, ""):
            facts[own] = facts.get(alias, facts.get(own))
    clip = clip_from_row(facts)
    sex = SEXES.get((clip.sex or "").lower())
    if clip.sex is not None and sex is None:
        raise ParameterError(f"sex={clip.sex!r} must be female or male, or empty")
    return replace(clip, sex=sex)
