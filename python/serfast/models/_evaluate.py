"""Evaluation with unseen speakers, and the leaking random split only beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from serfast import _validate as validate
from serfast.datasets import Corpus
from serfast.errors import ParameterError
from serfast.models import _scores as scores
from serfast.models._bundle import Model
from serfast.models._composed import enrolled
from serfast.models._evaluation import Evaluation, Score, targets_of
from serfast.models._examples import (
    Examples,
    Progress,
    Rows,
    as_taught,
    join_examples,
    load_examples,
)
from serfast.models._folds import Folds, make_folds, missing_classes
from serfast.models._leaks import find_leaks, heard_before, knows_voices, shared_recordings
from serfast.models._networks import Doubles, softmax
from serfast.models._specs import ModelSpec, RandomSplit, find_model
from serfast.models._start import corpora_before, starting_from
from serfast.tables import FeatureTable

MAYBE_HEARD = "speakers are unknown or only one: the same voices may be on both sides"


def evaluate(
    data: FeatureTable | Corpus,
    model: str | ModelSpec = "ensemble",
    *,
    folds: int | str | None = None,
    seeds: int | Sequence[int] = 1,
    test_data: FeatureTable | Corpus | None = None,
    enrol: int | Literal["all"] | None = None,
    start: Model | None = None,
    random_split: bool = False,
    allow_leaks: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Train and test a model on folds of a corpus, keeping each speaker on one side.

    Scalers, networks, temperatures and augmentation see the training clips of a fold only. Where
    the corpus does not say who speaks, folds are by class and a note says that the figure may be
    too good.

    Parameters
    ----------
    data : FeatureTable or Corpus
        Clips with labels and, if at all possible, speakers; or features of them.
    model : str or ModelSpec
        A name of `serfast.models.MODELS`, or a model of your own.
    folds : int, "emobox-6" or None
        See the notes.
    seeds : int > 0, or sequence of int
        How many times all folds are trained, with the seeds 0, 1, 2...; or those seeds.
    test_data : FeatureTable or Corpus, optional
        Another corpus: the model is trained on all of `data` and tested on this, both with only
        the classes that they share. There are no folds then.
    enrol : int >= 0, "all" or None
        How many clips of a test speaker, without their classes, a model may hear before it
        predicts the speaker's other clips (each half of them is predicted with clips of the other
        half); ``"all"`` is all of them, also those that it predicts. None for models without
        enrolment.
    start : Model, optional
        A trained model from whose network that of each fold starts, see `train`. It must not have
        heard the speakers and recordings that are tested.
    random_split : bool
        Also test one random split of the clips, as most published figures do. Recipes always have
        it. It comes beside the speaker-independent figure, never instead.
    allow_leaks : bool
        Whether to go on, with a note, where the leak check finds something.
    threads : int, optional
        Worker threads of feature extraction.
    progress : callable, optional
        Called as ``progress(done, total)`` after each fold.

    Returns
    -------
    Evaluation
        The figures.

    Raises
    ------
    ParameterError
        If the model, the folds or the data do not fit; or if something leaks: a speaker, or the
        same recording, is on both sides of a fold, or was heard by the model to start from.

    Notes
    -----
    By default RAVDESS is tested on the six folds published with EmoBox, restricted to the actors
    at hand, and any other corpus on six folds of speakers (fewer if there are fewer speakers).

    Examples
    --------
    >>> from serfast.datasets import Clip
    >>> rng = np.random.default_rng(0)
    >>> clips = tuple(Clip(f"{i}.wav", "ab"[i % 2], f"{i % 6 // 2}") for i in range(24))
    >>> values = rng.normal(size=(24, 2)) + [[i % 2 * 9, 0] for i in range(24)]
    >>> figures = evaluate(FeatureTable(clips, ("x", "y"), values.astype(np.float32)))
    >>> figures.folds, figures.uar
    ('3 folds of speakers', (1.0, 0.0))
    """
    (figures,) = _evaluations(
        data, model, [enrol], folds, seeds, test_data, start, random_split, allow_leaks, threads,
        progress,
    )  # fmt: skip
    return figures


def evaluate_enrolment(
    data: FeatureTable | Corpus,
    model: str | ModelSpec = "ensemble",
    clips: Sequence[int | Literal["all"] | None] = (0, 1, 3, 5, 10, 20, 30, "all"),
    *,
    folds: int | str | None = None,
    seeds: int | Sequence[int] = 1,
    start: Model | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> list[Evaluation]:
    """Evaluate a model as `evaluate` does with several numbers of enrolled clips, training once.

    Parameters
    ----------
    data, model, folds, seeds, start, threads, progress
        As in `evaluate`.
    clips : sequence of int, "all" or None
        How many unlabelled clips of the test speaker are heard first; with None all other clips
        are predicted at once, not by halves.

    Returns
    -------
    list of Evaluation
        One for each of `clips`.

    Raises
    ------
    ParameterError
        As `evaluate` does.
    """
    return _evaluations(
        data, model, clips, folds, seeds, None, start, False, False, threads, progress
    )


def _evaluations(
    data: FeatureTable | Corpus,
    model: str | ModelSpec,
    enrolled_clips: Sequence[int | str | None],
    folds: int | str | None,
    seeds: int | Sequence[int],
    test_data: FeatureTable | Corpus | None,
    start: Model | None,
    random_split: bool,
    allow_leaks: bool,
    threads: int | None,
    progress: Progress | None,
) -> list[Evaluation]:
    spec = find_model(model)
    if start is not None:
        spec = starting_from(spec, start)
    chosen_seeds = _seeds(seeds)
    for enrol in enrolled_clips:
        check_enrolment(enrol)
    examples, split, notes = _arranged(data, test_data, spec, folds, chosen_seeds[0], threads)
    tested = np.sort(np.concatenate(split.test_rows))
    leaks, independent = find_leaks(examples, split), split.speaker_independent
    if start is not None:
        unseen = examples.of_rows(tested)
        leaks += heard_before(unseen, start)
        independent = independent and knows_voices(unseen, start)
    if leaks and not allow_leaks:
        raise ParameterError(
            f"{'; '.join(leaks)}: figures would be too good (--allow-leaks goes on)"
        )
    if not independent:
        notes.append(MAYBE_HEARD)
    notes += missing_classes(examples, split)
    taught = as_taught(spec, examples)
    emotion_of = dict(zip(taught.labels.tolist(), examples.labels.tolist(), strict=True))
    classes = tuple(np.unique(examples.labels).tolist())
    shape = (len(enrolled_clips), len(chosen_seeds), len(examples.clips), len(classes))
    probabilities = np.full(shape, np.nan)
    figures: list[list[Score]] = [[] for _ in enrolled_clips]
    leaking: list[Score] = []
    also_random = bool(random_split or spec.recipe)
    if also_random and (test_data is not None or not split.speaker_independent):
        also_random = False
        notes.append("no random split: it stands beside folds of speakers only")
    n_runs = len(chosen_seeds) * (len(split.test_rows) + also_random)

    def tell() -> None:
        if progress is not None:
            progress(len(figures[0]) + len(leaking), n_runs)

    for number, seed in enumerate(chosen_seeds):
        for test in split.test_rows:
            train = np.setdiff1d(np.arange(len(examples.clips)), test)
            estimator = spec.make(seed, enrolment=any(enrolled_clips))
            estimator.fit(taught.X[train], taught.labels[train], groups=taught.groups(train))
            for which, enrol in enumerate(enrolled_clips):
                shares = _predicted(estimator, emotion_of, examples, test, classes, seed, enrol)
                probabilities[which, number, test] = shares
                figures[which].append(scored(examples, test, shares, classes, seed))
            tell()
    if also_random:
        train, test = _random_rows(spec, examples)
        notes += shared_recordings(examples, test, "the random split")
        for seed in chosen_seeds:
            leaking.append(_on_random_rows(spec, taught, train, test, seed))
            tell()
    return [
        Evaluation(
            model=spec.name,
            corpus=examples.corpus,
            folds=split.name,
            speaker_independent=independent and not leaks,
            classes=classes,
            clips=tuple(examples.clips[row] for row in tested),
            probabilities=probabilities[which][:, tested],
            scores=tuple(figures[which]),
            random_scores=tuple(leaking),
            published=spec.recipe.accuracy if spec.recipe else None,
            random_terms=spec.recipe.terms if spec.recipe else "leaks speakers",
            leaks=tuple(leaks),
            notes=tuple(dict.fromkeys(notes)),
            enrol=enrol,
            start=corpora_before(start),
        )
        for which, enrol in enumerate(enrolled_clips)
    ]


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    """The seeds that are asked for."""
    asked = seeds
    if isinstance(seeds, (int, np.integer)):
        seeds = range(0 if isinstance(seeds, bool) else int(seeds))
    found = [validate.seed(seed) for seed in seeds]
    if not found or len(set(found)) < len(found):
        raise ParameterError(
            f"seeds={asked!r}: give a number above 0, or a list of seeds, each once"
        )
    return found


def _arranged(
    data: FeatureTable | Corpus,
    test_data: FeatureTable | Corpus | None,
    spec: ModelSpec,
    folds: int | str | None,
    seed: int,
    threads: int | None,
) -> tuple[Examples, Folds, list[str]]:
    """The examples of one corpus or two, and which of them are tested together."""
    examples, notes = load_examples(data, spec, threads=threads)
    if test_data is None:
        examples = _of_known_speakers(examples, notes)
        return examples, make_folds(examples, folds, seed), notes
    if folds is not None:
        raise ParameterError(f"folds={folds!r}: with a corpus to test on there are no folds")
    other, more = load_examples(test_data, spec, threads=threads)
    joined, n_trained = join_examples(examples, other, notes)
    test = np.arange(n_trained, len(joined.clips))
    independent = None not in joined.speakers
    split = Folds(f"trained on {examples.corpus}", (test,), speaker_independent=independent)
    return joined, split, [*notes, *more]


def _of_known_speakers(examples: Examples, notes: list[str]) -> Examples:
    """Without the clips of which nobody knows who speaks, where that is known of others."""
    known = np.array([speaker is not None for speaker in examples.speakers])
    n_speakers = len({*examples.speakers} - {None})
    if known.all() or n_speakers < 2 or len(np.unique(examples.labels[known])) < 2:
        return examples
    notes.append(f"left out {(~known).sum()} of {len(known)} clips: no speaker")
    return examples.of_rows(np.flatnonzero(known))


def check_enrolment(enrol: object) -> None:
    """Raise ParameterError for what is no number of clips to enrol with."""
    is_count = isinstance(enrol, (int, np.integer)) and not isinstance(enrol, bool) and enrol >= 0
    if enrol not in (None, "all") and not is_count:
        raise ParameterError(f'enrol={enrol!r}: give a number of clips, or "all"')


def _predicted(
    estimator: Any,
    emotion_of: dict[str, str],
    examples: Examples,
    test: Rows,
    classes: tuple[str, ...],
    seed: int,
    enrol: int | str | None,
) -> Doubles:
    """Return the probabilities of all classes, each the sum of what was learnt of it."""
    learned = np.zeros((len(test), len(estimator.classes_)))
    if enrol is None:
        learned[:] = estimator.predict_proba(examples.X[test])
    else:
        for heard, predicted in enrolments(examples, test, enrol, seed):
            network = estimator.network_
            if heard is not None:
                network = enrolled(network, examples.X[test[heard]])
            logits = network.logits(examples.X[test[predicted]])
            learned[predicted] = softmax(logits / estimator.temperature_)
    shares = np.zeros((len(test), len(classes)))
    for name, column in zip(estimator.classes_, learned.T, strict=True):
        shares[:, classes.index(emotion_of[name])] += column
    return shares


def _on_random_rows(spec: ModelSpec, taught: Examples, train: Rows, test: Rows, seed: int) -> Score:
    """The figure of a split that leaks speakers, and, of a recipe, all that its authors leak."""
    X, labels, leaks = taught.X, taught.labels, {}
    if spec.recipe is not None and spec.recipe.selected_on_test:
        leaks["validation_data"] = (X[test], labels[test])
    estimator = spec.make(seed, enrolment=False).fit(X[train], labels[train], **leaks)
    classes = tuple(np.unique(labels).tolist())
    itself = dict(zip(classes, classes, strict=True))
    shares = _predicted(estimator, itself, taught, test, classes, seed, None)
    return scored(taught, test, shares, classes, seed)


def enrolments(
    examples: Examples, test: Rows, enrol: int | str | None, seed: int
) -> Iterator[tuple[Rows | None, Rows]]:
    """Which of the tested clips are heard before which others are predicted.

    Each half of a speaker's clips is predicted with clips of the other half.
    """
    if enrol is None:
        yield None, np.arange(len(test))
        return
    speakers = examples.groups(test)
    if speakers is None:
        raise ParameterError(f"enrol={enrol!r}: there are clips whose speaker is unknown")
    rng = np.random.default_rng(seed)
    for name in np.unique(speakers):
        own = rng.permutation(np.flatnonzero(speakers == name))
        if enrol == "all":
            yield own, own
            continue
        halves = np.array_split(own, 2)
        for heard, predicted in (halves, halves[::-1]):
            yield heard[:enrol] if enrol and len(heard) else None, predicted


def _random_rows(spec: ModelSpec, examples: Examples) -> tuple[Rows, Rows]:
    """The rows to train on and to test, in the order that scikit-learn shuffles them into."""
    from sklearn.model_selection import train_test_split

    split = spec.recipe.split if spec.recipe else RandomSplit()
    train, test = train_test_split(
        np.arange(len(examples.clips)), test_size=split.test_fraction, random_state=split.seed
    )
    return np.asarray(train), np.asarray(test)


def scored(
    examples: Examples, test: Rows, shares: Doubles, classes: tuple[str, ...], seed: int
) -> Score:
    """Return the figures of some examples, given the probabilities of the classes for each."""
    clips = [examples.clips[row] for row in test]
    targets, chosen = targets_of(clips, classes), shares.argmax(axis=1)
    return Score(
        seed=seed,
        speakers=tuple(sorted({clip.speaker or "unknown" for clip in clips})),
        n_test=len(test),
        accuracy=scores.accuracy(targets, chosen),
        uar=scores.unweighted_recall(targets, chosen),
        n_classes=len(np.unique(targets)),
    )
