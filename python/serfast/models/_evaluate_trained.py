"""Testing a model that is trained already, on a corpus that it never heard."""

from __future__ import annotations

from typing import Literal

import numpy as np

from serfast.datasets import Corpus, common_label
from serfast.errors import ParameterError
from serfast.models._bundle import Model
from serfast.models._composed import enrolled
from serfast.models._evaluate import MAYBE_HEARD, check_enrolment, enrolments, scored
from serfast.models._evaluation import Evaluation
from serfast.models._examples import Examples, in_common_words, load_examples
from serfast.models._leaks import heard_before, knows_voices
from serfast.models._networks import Doubles, softmax
from serfast.models._specs import ModelSpec
from serfast.tables import FeatureTable, extract_table


def evaluate_trained(
    data: FeatureTable | Corpus,
    model: Model,
    *,
    enrol: int | Literal["all"] | None = None,
    allow_leaks: bool = False,
    threads: int | None = None,
) -> Evaluation:
    """Test a trained model on clips of speakers whom it has not heard.

    Parameters
    ----------
    data : FeatureTable or Corpus
        Clips with labels, or the model's features of them. Classes that the model does not know
        are left out, and the model chooses among those that are here.
    model : Model
        The model.
    enrol, allow_leaks, threads
        As in `evaluate`.

    Returns
    -------
    Evaluation
        The figures.

    Raises
    ------
    ParameterError
        If the features are not the model's, less than two of its classes are here, or it was
        trained on one of the speakers or of the recordings.

    Examples
    --------
    >>> from serfast.datasets import find_clips, samples_dir
    >>> from serfast.models import load_model
    >>> figures = evaluate_trained(find_clips(samples_dir()), load_model())
    >>> figures.corpus, len(figures.clips)
    ('crema-d to samples', 48)
    """
    check_enrolment(enrol)
    if isinstance(data, Corpus) and model.rate is None:
        data = extract_table(data, model.extractor(), threads=threads)
    if isinstance(data, FeatureTable):
        model.check_table(data)
    kind = None if model.rate else "emotion-v1"
    spec = ModelSpec(model.name, about="", estimator="", features=kind, rate=model.rate)
    examples, notes = load_examples(data, spec, threads=threads)
    known = _in_common_words(model.classes)
    examples = _of_known_classes(in_common_words(examples), known, notes)
    leaks = heard_before(examples, model)
    if leaks and not allow_leaks:
        raise ParameterError(
            f"{'; '.join(leaks)}: figures would be too good (--allow-leaks goes on)"
        )
    if not (independent := knows_voices(examples, model)):
        notes.append(MAYBE_HEARD)
    everything = np.arange(len(examples.clips))
    classes = tuple(np.unique(examples.labels).tolist())
    columns = [known.index(name) for name in classes]
    shares = np.zeros((len(everything), len(classes)))
    for heard, predicted in enrolments(examples, everything, enrol, seed=0):
        network = model.network if heard is None else enrolled(model.network, examples.X[heard])
        with np.errstate(over="ignore", invalid="ignore"):
            shares[predicted] = _among(network.logits(examples.X[predicted]), columns, model)
    usable = np.flatnonzero(np.isfinite(shares).all(axis=1))
    if len(usable) < len(everything):
        lost = len(everything) - len(usable)
        notes.append(f"left out {lost} of {len(everything)} clips: too loud to be computed with")
        examples, shares = examples.of_rows(usable), shares[usable]
    return Evaluation(
        model=model.name,
        corpus=f"{model.training['corpus']} to {examples.corpus}",
        folds="trained before",
        speaker_independent=independent and not leaks,
        classes=classes,
        clips=examples.clips,
        probabilities=shares[np.newaxis],
        scores=(scored(examples, np.arange(len(usable)), shares, classes, seed=0),),
        random_scores=(),
        published=None,
        leaks=tuple(leaks),
        notes=tuple(notes),
        enrol=enrol,
    )


def _among(logits: Doubles, columns: list[int], model: Model) -> Doubles:
    return softmax(logits[:, columns] / model.temperature)


def _in_common_words(classes: tuple[str, ...]) -> tuple[str, ...]:
    """A model's classes as the clips' labels are called, unless two became one."""
    words = tuple(common_label(name) or name for name in classes)
    return words if len(set(words)) == len(classes) else classes


def _of_known_classes(examples: Examples, classes: tuple[str, ...], notes: list[str]) -> Examples:
    known = np.isin(examples.labels, classes)
    if len(np.unique(examples.labels[known])) < 2:
        raise ParameterError(
            f"{examples.corpus} has {', '.join(np.unique(examples.labels))}; the model knows "
            f"{', '.join(classes)}: two classes must be in both"
        )
    if not known.all():
        lost = ", ".join(np.unique(examples.labels[~known]))
        notes.append(f"{examples.corpus}: left out {lost}, which the model does not know")
    return examples.of_rows(np.flatnonzero(known))
