"""Training a model on all of a corpus, with what its card says of that."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from typing import Any

import numpy as np

from serfast.datasets import Corpus, count_labels, known_corpora
from serfast.errors import ParameterError
from serfast.models._bundle import Model
from serfast.models._evaluation import Evaluation, title_of
from serfast.models._examples import Examples, Progress, as_taught, load_examples
from serfast.models._specs import ModelSpec, find_model
from serfast.models._start import corpora_before, start_facts, starting_from
from serfast.tables import FeatureTable


def train(
    data: FeatureTable | Corpus,
    model: str | ModelSpec = "ensemble",
    *,
    seed: int = 0,
    start: Model | None = None,
    evaluations: Sequence[Evaluation] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> Model:
    """Train a model on all complete, labelled clips.

    Parameters
    ----------
    data : FeatureTable or Corpus
        Features with labels, or clips with labels.
    model : str or ModelSpec
        A name of `serfast.models.MODELS`, or a model of your own.
    seed : int
        Of the network's first weights and batches.
    start : Model, optional
        A trained model, of any classes, from whose residual network that of ``"residual"`` or
        ``"fusion"`` starts: it needs fewer clips to become good. The card names what both heard.
    evaluations : sequence of Evaluation
        What `evaluate` found out about such models; their figures go into the card.
    threads
        As in `Extractor.files`, for the features of a corpus.
    progress : callable, optional
        Called as ``progress(done, total)`` after each clip whose features are computed, and after
        each epoch of a network.

    Returns
    -------
    Model
        Ready to predict; how good it is, only `evaluate` tells.

    Raises
    ------
    ParameterError
        If there is no such model, the data do not fit it, it cannot start from `start`, or an
        evaluation is of another model.

    Examples
    --------
    >>> import tempfile
    >>> from serfast.models import load_model
    >>> from serfast.datasets import Clip
    >>> clips = tuple(Clip(f"{i}.wav", "ab"[i % 2]) for i in range(8))
    >>> values = np.array([[i % 2] for i in range(8)], np.float32)
    >>> trained = train(FeatureTable(clips, ("x",), values))
    >>> folder = tempfile.mkdtemp()
    >>> trained.save(folder)
    >>> load_model(folder).classes
    ('a', 'b')
    """
    spec = find_model(model)
    if start is not None:
        spec = starting_from(spec, start)
    title = title_of(spec.name, corpora_before(start))
    for evaluation in evaluations:
        if evaluation.title != title:
            raise ParameterError(f"an evaluation of {evaluation.title} says nothing of {title}")
    examples, notes = load_examples(data, spec, threads=threads, progress=progress)
    everyone = np.arange(len(examples.clips))
    labels = as_taught(spec, examples).labels
    estimator = spec.make(seed)
    if spec.has_epochs:
        estimator.set_params(progress=progress)
    estimator.fit(examples.X, labels, groups=examples.groups(everyone))
    heard = [] if start is None else [start.recordings]
    network, table = estimator.network_, examples.features
    return Model(
        name=spec.name,
        classes=tuple(str(name) for name in estimator.classes_),
        network=network,
        temperature=float(estimator.temperature_),
        features=None if table is None else _identity(table),
        rate=spec.rate,
        training={
            **_corpus_facts(examples),
            "start": None if start is None else start_facts(start),
            "seed": seed,
            "notes": notes,
            "history": getattr(estimator, "history_", {}),
        },
        figures=tuple(evaluation.summary() for evaluation in evaluations),
        versions=_versions(),
        recordings=np.unique(np.concatenate([examples.fingerprints, *heard])),
    )


def _identity(table: FeatureTable) -> dict[str, Any]:
    return {"hash": table.hash, "config": table.config, "names": list(table.names)}


def _corpus_facts(examples: Examples) -> dict[str, Any]:
    return {
        "corpus": examples.corpus,
        "sources": [known.to_dict() for known in known_corpora(examples.corpus)],
        "clips": len(examples.clips),
        "counts": count_labels(examples.clips),
        "speakers": sorted({name for name in examples.speakers if name is not None}),
        "unknown_speakers": examples.speakers.count(None),
    }


def _versions() -> dict[str, str]:
    import sklearn

    from serfast import __version__

    return {
        "serfast": __version__,
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
