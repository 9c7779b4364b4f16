"""The models that can be named, and the published systems that some of them reproduce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from serfast.errors import ParameterError

if TYPE_CHECKING:
    from serfast import Extractor

# The 180 numbers of the classic pipeline: means over time of librosa's defaults, with the chroma
# of a magnitude (`S=abs(stft)`) as all the published copies of this pipeline have it.
CLASSIC_FEATURES = ("mfcc", "chroma_stft", "melspectrogram")
CLASSIC_OPTIONS: dict[str, Any] = {
    "sr": 16000,
    "n_mfcc": 40,
    "pool": "mean",
    "chroma_stft": {"power": 1.0},
}

# Both published recipes split at random like this, in the order of the rows.
SPLIT_TEST_FRACTION = 0.25
SPLIT_SEED = 7


def choose_extractor(
    features: Sequence[str] | None = None,
    *,
    recipe: str | None = None,
    sr: int | None = None,
    n_mfcc: int | None = None,
    pool: str | Sequence[str] | None = None,
) -> Extractor:
    """Return the extractor of the classic 180 numbers, with what is given changed.

    Parameters
    ----------
    features : sequence of str, optional
        Features instead of MFCC, chroma and mel spectrogram.
    recipe : str, optional
        A published recipe, which fixes all the other parameters.
    sr, n_mfcc, pool
        Options of the extractor instead of 16000, 40 and ``"mean"``.

    Returns
    -------
    Extractor
        A pooled extractor.

    Raises
    ------
    ParameterError
        If something is given beside `recipe`, `n_mfcc` is given without MFCC, or the extractor does
        not know a value.

    Examples
    --------
    >>> len(choose_extractor(n_mfcc=13).names)
    153
    """
    from serfast import Extractor

    given = {"sr": sr, "n_mfcc": n_mfcc, "pool": pool}
    changed = {name: value for name, value in given.items() if value is not None}
    if recipe is not None:
        if changed or features is not None:
            extra = ", ".join(changed) or "features"
            raise ParameterError(f"recipe {recipe} fixes the features; leave out {extra}")
        return find_recipe(recipe).extractor()
    chosen = list(CLASSIC_FEATURES if features is None else features)
    if n_mfcc is not None and "mfcc" not in chosen:
        raise ParameterError(f"n_mfcc={n_mfcc}: mfcc is not among the features {chosen}")
    options = CLASSIC_OPTIONS | changed
    for option, feature in (("n_mfcc", "mfcc"), ("chroma_stft", "chroma_stft")):
        if feature not in chosen:
            del options[option]
    return Extractor(chosen, **options)


@dataclass(frozen=True)
class MlpParameters:
    """A multi-layer perceptron of scikit-learn: relu, adam; what is not here is its default."""

    scale: bool
    hidden: tuple[int, ...] = (300,)
    alpha: float = 0.01
    batch_size: int = 32
    max_iter: int = 500


@dataclass(frozen=True)
class Recipe:
    """What a published system fixes besides its classifier, and what it reports.

    Parameters
    ----------
    about : str
        What it is, in a line.
    emotions : tuple of str
        The emotions that it keeps.
    published : float
        Its accuracy on a random split, where test speakers are also training speakers.
    source : str
        Where it was published.
    features : tuple of str
        Features of the extractor.
    options : dict
        Options of the extractor.
    """

    about: str
    emotions: tuple[str, ...]
    published: float
    source: str
    features: tuple[str, ...] = CLASSIC_FEATURES
    options: dict[str, Any] = field(default_factory=lambda: CLASSIC_OPTIONS)

    def extractor(self) -> Extractor:
        """Return the extractor of the recipe's features."""
        from serfast import Extractor

        return Extractor(list(self.features), **self.options)


@dataclass(frozen=True)
class ModelSpec:
    """A model that `train` and `evaluate` know by name."""

    name: str
    mlp: MlpParameters
    recipe: Recipe | None = None


MODELS = {
    spec.name: spec
    for spec in (
        ModelSpec("mlp", MlpParameters(scale=True)),
        ModelSpec(
            "mlp-180",
            MlpParameters(scale=False),
            Recipe(
                about="40 MFCC + 12 chroma + 128 mel of RAVDESS, unscaled",
                emotions=("angry", "sad", "disgust", "happy"),
                published=0.682,
                source="https://github.com/flumi3/speech-emotion-recognition",
            ),
        ),
        ModelSpec(
            "mlp-193",
            MlpParameters(scale=False, batch_size=256),
            Recipe(
                about="40 MFCC + 12 chroma + 128 mel + 7 spectral contrast + 6 tonnetz of RAVDESS, "
                "unscaled",
                emotions=("angry", "sad", "neutral", "happy"),
                published=0.7521,
                source="https://thepythoncode.com/article/"
                "building-a-speech-emotion-recognizer-using-sklearn",
                features=(*CLASSIC_FEATURES, "spectral_contrast", "tonnetz"),
                options=CLASSIC_OPTIONS | {"tonnetz": {"harmonic": True}},
            ),
        ),
    )
}


def find_model(name: str) -> ModelSpec:
    """Return the model of this name.

    Raises
    ------
    ParameterError
        If there is none.

    Examples
    --------
    >>> find_model("mlp-193").mlp.batch_size
    256
    """
    if name not in MODELS:
        raise ParameterError(f"unknown model {name!r}; models are {', '.join(MODELS)}")
    return MODELS[name]


def find_recipe(name: str) -> Recipe:
    """Return the recipe of the model of this name.

    Raises
    ------
    ParameterError
        If there is no such model, or it is not a published recipe.

    Examples
    --------
    >>> find_recipe("mlp-180").emotions
    ('angry', 'sad', 'disgust', 'happy')
    """
    recipe = MODELS[name].recipe if name in MODELS else None
    if recipe is None:
        allowed = ", ".join(spec.name for spec in MODELS.values() if spec.recipe)
        raise ParameterError(f"unknown recipe {name!r}; recipes are {allowed}")
    return recipe
