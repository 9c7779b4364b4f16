"""Published systems, run again: what was published, what comes out, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serfast import _validate as validate
from serfast.datasets import Corpus
from serfast.errors import ParameterError
from serfast.models._evaluate import evaluate
from serfast.models._evaluation import Evaluation
from serfast.models._examples import Progress
from serfast.models._specs import MODELS, find_model
from serfast.tables import FeatureTable

_FIGURES = ("accuracy", "accuracy_std", "uar", "uar_std")


@dataclass(frozen=True)
class Reproduction:
    """A published figure beside those that it was compared with.

    Parameters
    ----------
    published : float
        The accuracy that the authors report.
    figures : Evaluation
        With unseen speakers, and, in `random_split`, on the authors' terms: test speakers are also
        training speakers.
    """

    published: float
    figures: Evaluation

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain numbers, lists and texts."""
        details = self.figures.to_dict()
        reproduced = details["random_split"]
        return {
            "recipe": self.figures.model,
            "terms": self.figures.random_terms,
            "published": {"accuracy": self.published, "uar": None},
            "reproduced": {
                **{name: reproduced[name] for name in _FIGURES},
                "runs": [score.accuracy for score in self.figures.random_scores],
            },
            "speaker_independent": {name: details[name] for name in _FIGURES},
            "details": details,
        }


def reproduce(
    data: FeatureTable | Corpus,
    recipe: str,
    *,
    seed: int = 0,
    n_seeds: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Reproduction:
    """Run a published system on its corpus, on its own terms and with unseen speakers.

    Parameters
    ----------
    data : Corpus or FeatureTable
        The corpus that it was published on, or the recipe's features of it.
    recipe : str
        The name of a recipe among `serfast.models.MODELS`.
    seed : int
        The first of the seeds.
    n_seeds : int > 0, optional
        How often training is repeated; default: as often as the recipe says, because single runs
        of some differ by 20 points.
    threads, progress
        As in `evaluate`.

    Returns
    -------
    Reproduction
        The figures.

    Raises
    ------
    ParameterError
        If there is no such recipe, or the data do not fit it: with less than two known speakers
        there is no honest figure to put beside the published one.

    Examples
    --------
    >>> from serfast.datasets import find_clips, samples_dir
    >>> done = reproduce(find_clips(samples_dir()), "mlp-180")
    >>> done.published, sorted(done.to_dict()["speaker_independent"])
    (0.682, ['accuracy', 'accuracy_std', 'uar', 'uar_std'])
    """
    published = find_model(recipe).recipe
    if published is None:
        known = ", ".join(spec.name for spec in MODELS.values() if spec.recipe)
        raise ParameterError(f"{recipe} is not a published recipe; recipes are {known}")
    n_runs = published.n_seeds if n_seeds is None else validate.positive_int("n_seeds", n_seeds)
    seeds = range(seed, seed + n_runs)
    figures = evaluate(data, recipe, seeds=seeds, threads=threads, progress=progress)
    if not figures.random_scores:
        raise ParameterError(
            f"{figures.corpus}: its speakers are unknown, so {recipe} cannot be tested honestly"
        )
    return Reproduction(published.accuracy, figures)
