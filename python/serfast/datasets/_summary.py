"""What a corpus holds, in numbers and words."""

from __future__ import annotations

import statistics
from typing import Any

from serfast.datasets._clips import Corpus, count_facts, count_labels
from serfast.datasets._emotions import common_label
from serfast.datasets._registry import known_corpora


def summarise(corpus: Corpus) -> dict[str, Any]:
    """Return counts, durations, licences and warnings of a corpus, as JSON can hold them.

    Parameters
    ----------
    corpus : Corpus
        Durations, rates and channels are there if `inspect_clips` has opened the clips.

    Returns
    -------
    dict
        ``corpus``: its name; ``known``: title, language, licence and citation of each published
        corpus in it; ``clips``: their number; ``emotions``, ``speakers``, ``sexes``,
        ``vocal_channels``, ``rates``, ``channels``: the number of clips of each; ``duration``:
        total, shortest, median and longest in seconds, or None; ``left_out``: path and reason
        of each file; ``warnings``: what to know before training on it.

    Examples
    --------
    >>> from serfast.datasets import find_clips, samples_dir
    >>> summary = summarise(find_clips(samples_dir()))
    >>> summary["emotions"], summary["sexes"]
    ({'angry': 12, 'happy': 12, 'neutral': 12, 'sad': 12}, {'female': 24, 'male': 24})
    """
    durations = [clip.duration for clip in corpus.clips if clip.duration is not None]
    return {
        "corpus": corpus.name,
        "known": [known.to_dict() for known in known_corpora(corpus.name)],
        "clips": len(corpus.clips),
        "emotions": count_labels(corpus.clips),
        "speakers": count_facts(corpus.clips, "speaker"),
        "sexes": count_facts(corpus.clips, "sex"),
        "vocal_channels": count_facts(corpus.clips, "vocal_channel"),
        "rates": count_facts(corpus.clips, "rate"),
        "channels": count_facts(corpus.clips, "channels"),
        "duration": {
            "total": sum(durations),
            "shortest": min(durations),
            "median": statistics.median(durations),
            "longest": max(durations),
        }
        if durations
        else None,
        "left_out": [{"path": path, "reason": reason} for path, reason in corpus.left_out],
        "warnings": _warnings(corpus),
    }


def _warnings(corpus: Corpus) -> list[str]:
    found = []
    for fact, why in {
        "label": "nothing to learn from",
        "speaker": "folds cannot keep speakers apart",
        "sex": "no results by sex",
    }.items():
        n_unknown = sum(getattr(clip, fact) is None for clip in corpus.clips)
        if n_unknown:
            found.append(f"clips without {fact}: {n_unknown}; {why}")
    foreign = [label for label in corpus.labels if common_label(label) is None]
    if foreign:
        found.append(f"labels that are no common names of emotions: {', '.join(foreign)}")
    rates = {clip.rate for clip in corpus.clips if clip.rate is not None}
    if len(rates) > 1:
        found.append(
            f"different sampling rates: {', '.join(map(str, sorted(rates)))} Hz; "
            "bandwidth can give a class or a corpus away"
        )
    n_wide = sum((clip.channels or 1) > 1 for clip in corpus.clips)
    if n_wide:
        found.append(f"clips with several channels: {n_wide}; features see their mean")
    n_again = _n_of_same_facts(corpus)
    if n_again:
        found.append(f"clips that say of themselves what another clip says: {n_again}")
    return found


def _n_of_same_facts(corpus: Corpus) -> int:
    """Count clips with the facts of an earlier one: archives often hold each file twice."""
    names = ("speaker", "label", "sentence", "intensity", "repetition", "vocal_channel")
    facts = [
        tuple(getattr(clip, name) for name in names)
        for clip in corpus.clips
        if clip.speaker is not None and clip.sentence is not None
    ]
    return len(facts) - len(set(facts))
