"""The leak check: what a model has heard of the clips that it is tested on."""

from __future__ import annotations

import numpy as np

from serfast.models._bundle import Model
from serfast.models._examples import Examples, Rows, find_duplicates, voice_of
from serfast.models._folds import Folds


def find_leaks(examples: Examples, split: Folds) -> list[str]:
    """Return what is on both sides of a fold: a speaker, where they are known, or a recording."""
    found = []
    speakers = np.array(examples.speakers, dtype=object)
    # Folds by class share their speakers; a corpus to test on, which is one fold, must not.
    grouped = split.speaker_independent or len(split.test_rows) == 1
    for test in split.test_rows:
        found += shared_recordings(examples, test, "a fold")
        if grouped:
            both = {*speakers[test]} & {*np.delete(speakers, test)} - {None}
            found += [f"speaker {name} is on both sides of a fold" for name in sorted(both)]
    return list(dict.fromkeys(found))


def shared_recordings(examples: Examples, test: Rows, where: str) -> list[str]:
    """Return which recordings are tested and also trained on, in words."""
    tested = set(test.tolist())
    shared = [
        rows for rows in find_duplicates(examples) if 0 < len(tested.intersection(rows)) < len(rows)
    ]
    if not shared:
        return []
    paths = ", ".join(examples.clips[row].path for row in shared[0])
    more = f", and {len(shared) - 1} more" if len(shared) > 1 else ""
    return [f"identical clips on both sides of {where}: {paths}{more}"]


def heard_before(examples: Examples, model: Model) -> list[str]:
    """Return which of the speakers and of the recordings a model was trained on, in words."""
    trained = {
        voice_of(name, training["corpus"])
        for training in model.trainings
        for name in training["speakers"]
    }
    voices = sorted(str(voice) for voice in {*examples.voices} & trained - {None})
    heard = np.flatnonzero(np.isin(examples.fingerprints, model.recordings))
    paths = [examples.clips[row].path for row in heard]
    return [
        f"{model.name} was trained on {len(known)} of the {what}, such as {', '.join(known[:3])}"
        for what, known in (("speakers", voices), ("recordings", paths))
        if known
    ]


def knows_voices(examples: Examples, model: Model) -> bool:
    """Whether it is known of all clips, those trained on too, who speaks."""
    return None not in examples.speakers and all(
        training["speakers"] and not training["unknown_speakers"] for training in model.trainings
    )
