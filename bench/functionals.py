"""emotion-v1 beside openSMILE's eGeMAPS: time of a clip, and the emotions of unseen speakers.

    python bench/functionals.py RAVDESS

RAVDESS is a folder with its WAV files at 16 kHz, test folds are emobox-6. eGeMAPS is left out where
the package `opensmile` is not installed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from measure import in_turn
from serfast import Extractor
from serfast.datasets import find_clips
from serfast.models._folds import make_folds
from serfast.tables import FeatureTable, extract_table

N_TIMED = 50


def classifiers(n_columns: int) -> dict[str, Any]:
    """The four whose mean is the ensemble; probabilities everywhere."""
    return {
        "SVC": SVC(C=10, gamma=1 / (3 * n_columns), class_weight="balanced", probability=True,
                   random_state=0),
        "logistic regression": LogisticRegression(C=0.003, class_weight="balanced", max_iter=1000),
        "LDA": LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3),
        "extra trees": ExtraTreesClassifier(400, max_features=0.03, class_weight="balanced",
                                            random_state=0),
    }  # fmt: skip


def recalls(table: FeatureTable, values: np.ndarray) -> dict[str, float]:
    """Mean over the folds of the mean recall of the classes, in percent, by classifier."""
    labels = np.array([clip.label for clip in table.clips])
    found: dict[str, list[float]] = {}
    for test in make_folds(table, "emobox-6", seed=0).test_rows:
        train = np.setdiff1d(np.arange(len(labels)), test)
        probabilities = {}
        for name, classifier in classifiers(values.shape[1]).items():
            model = make_pipeline(StandardScaler(), classifier).fit(values[train], labels[train])
            probabilities[name] = model.predict_proba(values[test])
        probabilities["mean of the four"] = sum(probabilities.values())
        for name, shares in probabilities.items():
            said = model.classes_[shares.argmax(axis=1)]
            recall = recall_score(labels[test], said, average="macro")
            found.setdefault(name, []).append(100 * recall)
    return {name: float(np.mean(values)) for name, values in found.items()}


def egemaps() -> Callable[[Iterable[str]], np.ndarray] | None:
    """Rows of files by openSMILE, if it is here."""
    try:
        import opensmile
    except ImportError:
        return None
    smile = opensmile.Smile(feature_set=opensmile.FeatureSet.eGeMAPSv02)
    return lambda paths: np.concatenate([smile.process_file(path).values for path in paths])


def main(folder: str) -> None:
    """Print both tables."""
    extractor = Extractor.preset("emotion-v1")
    table = extract_table(find_clips(folder), extractor)
    paths = [clip.path for clip in table.clips]
    rows = {"emotion-v1": lambda paths: extractor.files(paths, threads=1).values}
    if theirs := egemaps():
        rows["eGeMAPS"] = theirs
    some = paths[:: max(1, len(paths) // N_TIMED)]
    times = in_turn({name: lambda f=f: f(some) for name, f in rows.items()}, 10)
    for name, f in rows.items():
        milliseconds = 1e3 * np.median(times[name]) / len(some)
        figures = recalls(table, np.asarray(f(paths), dtype=float))
        said = ", ".join(f"{classifier} {uar:.1f}" for classifier, uar in figures.items())
        print(f"{name}: {milliseconds:.2f} ms a clip; UAR: {said}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
