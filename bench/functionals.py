"""The named sets beside openSMILE's eGeMAPS: time of a clip, and the emotions of unseen speakers.

    python bench/functionals.py RAVDESS

RAVDESS is a folder with its WAV files at 16 kHz; the test folds are emobox-6. eGeMAPS is left out
where the package `opensmile` is not installed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.metrics import recall_score

from measure import in_turn
from serfast import Extractor
from serfast.datasets import find_clips
from serfast.models import LDA, SVM, Ensemble, LogisticRegression
from serfast.models._folds import make_folds
from serfast.tables import FeatureTable, extract_table

Rows = Callable[[Sequence[str]], np.ndarray]
CLASSIFIERS = (SVM, LogisticRegression, LDA, Ensemble)
N_TIMED = 50


def recalls(
    table: FeatureTable, values: np.ndarray, classifiers: Sequence[type] = CLASSIFIERS
) -> dict[str, float]:
    """Mean over the folds of the mean recall of the classes, in percent, by classifier."""
    labels = np.array([clip.label for clip in table.clips])
    speakers = np.array(table.speakers)
    found: dict[str, list[float]] = {make.__name__: [] for make in classifiers}
    for test in make_folds(table, "emobox-6", seed=0).test_rows:
        train = np.setdiff1d(np.arange(len(labels)), test)
        for make in classifiers:
            model = make().fit(values[train], labels[train], groups=speakers[train])
            recall = recall_score(labels[test], model.predict(values[test]), average="macro")
            found[make.__name__].append(100 * recall)
    return {name: float(np.mean(shares)) for name, shares in found.items()}


def feature_sets() -> dict[str, Rows]:
    """From paths to rows, by the name of the set."""
    sets: dict[str, Rows] = {}
    for name in ("emotion-v1", "egemaps-like-v1"):
        extractor = Extractor.preset(name)
        sets[name] = lambda paths, fx=extractor: fx.files(paths, threads=1).values
    try:
        import opensmile
    except ImportError:
        return sets
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    sets["eGeMAPS"] = lambda paths: np.concatenate([smile.process_file(p).values for p in paths])
    return sets


def main(folder: str) -> None:
    """Print a line for each set."""
    table = extract_table(find_clips(folder), Extractor("rms", sr=16000, pool="mean"))
    paths = [clip.path for clip in table.clips]
    some = paths[:: max(1, len(paths) // N_TIMED)]
    sets = feature_sets()
    times = in_turn({name: lambda rows=rows: rows(some) for name, rows in sets.items()}, 10)
    for name, rows in sets.items():
        figures = recalls(table, np.asarray(rows(paths), dtype=float))
        said = ", ".join(f"{classifier} {share:.1f}" for classifier, share in figures.items())
        milliseconds = 1e3 * np.median(times[name]) / len(some)
        print(f"{name}: {milliseconds:.2f} ms a clip; UAR: {said}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
