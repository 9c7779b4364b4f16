"""The models that have names: which estimator on which features, and what published recipes fix."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from serfast import _validate as validate
from serfast._feature_sets import CLASSIC_FEATURES, CLASSIC_OPTIONS, FEATURE_SETS, FeatureSet
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from serfast import Extractor


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
        A feature set, or the model that takes it; it fixes all the other parameters.
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
        return find_feature_set(recipe).extractor()
    chosen = list(CLASSIC_FEATURES if features is None else features)
    if n_mfcc is not None and "mfcc" not in chosen:
        raise ParameterError(f"n_mfcc={n_mfcc}: mfcc is not among the features {chosen}")
    options = CLASSIC_OPTIONS | changed
    for option, feature in (("n_mfcc", "mfcc"), ("chroma_stft", "chroma_stft")):
        if feature not in chosen:
            del options[option]
    return Extractor(chosen, **options)


@dataclass(frozen=True)
class RandomSplit:
    """scikit-learn's `train_test_split` of the clips in the order of their paths."""

    test_fraction: float = 0.25
    seed: int = 7


@dataclass(frozen=True)
class Recipe:
    """What a published system fixes besides its classifier, and what it reports.

    Parameters
    ----------
    about : str
        What it is, in a line.
    emotions : tuple of str
        The emotions that it keeps.
    accuracy : float
        What is published: on a random split, where test speakers are also training speakers.
    source : str
        Where it was published.
    split : RandomSplit
        Where its authors tested it.
    n_seeds : int
        How many runs a figure needs to be the same again.
    with_sex : bool
        Whether it learns the sex of the speaker too: twice as many classes. With unseen speakers
        only its emotions are counted.
    selected_on_test : bool
        Whether its authors kept the epoch that was best on the test clips. That is done again for
        the figure on their terms, and for no other.
    """

    about: str
    emotions: tuple[str, ...]
    accuracy: float
    source: str
    split: RandomSplit = RandomSplit()
    n_seeds: int = 10
    with_sex: bool = False
    selected_on_test: bool = False

    @property
    def terms(self) -> str:
        """What makes its figure another thing than one with unseen speakers."""
        also = {
            "best epoch chosen on the test clips": self.selected_on_test,
            "classes of sex and emotion": self.with_sex,
        }
        return ", ".join(["leaks speakers", *(words for words, true in also.items() if true)])


@dataclass(frozen=True)
class ModelSpec:
    """A model for `train` and `evaluate`: those in `MODELS` have names, others can be given.

    Parameters
    ----------
    name, about : str
        Its name, and what it is in a few words.
    estimator : str
        Where its class is, as ``module:class``; imported when it is used.
    parameters : dict
        What the class is given besides the seed.
    features : str or None
        The set of features that it takes; None if it takes recordings.
    rate : int or None
        The sampling rate of the recordings that it takes.
    recipe : Recipe or None
        If it is a published system.
    """

    name: str
    about: str
    estimator: str
    parameters: dict[str, Any] = field(default_factory=dict)
    features: str | None = None
    rate: int | None = None
    recipe: Recipe | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return name, input and, of a recipe, its source as plain texts and numbers."""
        about = {"name": self.name, "about": self.about, "features": self.features}
        return {**about, "rate": self.rate, "recipe": self.recipe and asdict(self.recipe)}

    def make(self, seed: int, *, enrolment: bool = True) -> Any:
        """Return an estimator that is not fitted yet.

        Parameters
        ----------
        seed : int
            Of everything random.
        enrolment : bool
            Whether speakers will be enrolled. If not, what only they need is not trained.

        Raises
        ------
        ParameterError
            If the seed is no whole number from 0 to 2**32 - 1.
        """
        module, name = self.estimator.split(":")
        estimator = getattr(importlib.import_module(module), name)(
            **self.parameters, seed=validate.seed(seed)
        )
        if not enrolment and hasattr(estimator, "voices"):
            estimator.voices = False
        return estimator

    @property
    def has_epochs(self) -> bool:
        """Whether it is trained in epochs, and tells of each."""
        return "progress" in self.make(0).get_params(deep=False)

    def extractor(self) -> Extractor:
        """Return the extractor of its features."""
        assert self.features is not None
        return FEATURE_SETS[self.features].extractor()


_CLASSICAL = "serfast.models._classical"
# Not calibrated: that would change nothing that they report, at four times the cost.
_PUBLISHED_MLP = {"standardize": False, "hidden": (300,), "alpha": 0.01, "max_iter": 500}
_SIX = ("angry", "disgust", "fearful", "happy", "neutral", "sad")
_TESS_MODELS = (
    ("cnn-tess", "frames_cnn", "convolutions", 0.97),
    ("lstm-tess", "frames_lstm", "two LSTM", 0.94),
    ("cnn-lstm-tess", "frames_cnn_lstm", "convolutions and two LSTM", 0.982),
)

MODELS = {
    spec.name: spec
    for spec in (
        ModelSpec(
            "mlp",
            "a multi-layer perceptron",
            f"{_CLASSICAL}:MLP",
            {"calibrate": True},
            features="emotion-v1",
        ),
        ModelSpec("svm", "a support vector machine", f"{_CLASSICAL}:SVM", features="emotion-v1"),
        ModelSpec(
            "ensemble",
            "SVM, kernel ridge, logistic regression and LDA together",
            f"{_CLASSICAL}:Ensemble",
            features="emotion-v1",
        ),
        ModelSpec(
            "residual",
            "a residual network that hears log-mel bands, trained with PyTorch",
            "serfast.nets:ResidualNet",
            rate=16000,
        ),
        ModelSpec(
            "fusion",
            "the residual network and the ensemble together",
            "serfast.models._fusion:Fusion",
            rate=16000,
        ),
        ModelSpec(
            "mlp-180",
            "a published recipe",
            f"{_CLASSICAL}:MLP",
            {**_PUBLISHED_MLP, "batch_size": 32},
            features="classic-180",
            recipe=Recipe(
                about="40 MFCC + 12 chroma + 128 mel of RAVDESS, unscaled",
                emotions=("angry", "sad", "disgust", "happy"),
                accuracy=0.682,
                source="https://github.com/flumi3/speech-emotion-recognition",
            ),
        ),
        ModelSpec(
            "mlp-193",
            "a published recipe",
            f"{_CLASSICAL}:MLP",
            {**_PUBLISHED_MLP, "batch_size": 256},
            features="classic-193",
            recipe=Recipe(
                about="40 MFCC + 12 chroma + 128 mel + 7 spectral contrast + 6 tonnetz of RAVDESS, "
                "unscaled",
                emotions=("angry", "sad", "neutral", "happy"),
                accuracy=0.7521,
                source="https://thepythoncode.com/article/"
                "building-a-speech-emotion-recognizer-using-sklearn",
            ),
        ),
        ModelSpec(
            "cnn1d-mfcc",
            "a published recipe",
            "serfast.nets:cnn1d",
            rate=44100,
            recipe=Recipe(
                about="a convolutional network over the mean of 40 MFCC of 2.5 s of RAVDESS",
                emotions=(*_SIX, "calm", "surprised"),
                accuracy=0.6,
                source="https://github.com/GARV3007/Speech-Emotion-Recognition",
                split=RandomSplit(0.25, 42),
                n_seeds=1,
                with_sex=True,
            ),
        ),
        ModelSpec(
            "cnn-lstm-mel",
            "a published recipe",
            "serfast.nets:cnn_lstm",
            rate=44100,
            recipe=Recipe(
                about="convolutions and two LSTM over 200 mel bands of 3.5 s of RAVDESS",
                emotions=(*_SIX, "surprised"),
                accuracy=0.73,
                source="https://github.com/msaleem18/Speech_Emotion_Recognition",
                split=RandomSplit(0.2, 42),
                n_seeds=1,
                selected_on_test=True,
            ),
        ),
        *(
            ModelSpec(
                name,
                "a published recipe",
                f"serfast.nets:{network}",
                rate=22050,
                recipe=Recipe(
                    about=f"{words} over the frames' MFCC of TESS",
                    emotions=(*_SIX, "surprised"),
                    accuracy=accuracy,
                    source="Wasowska and Kapitan",
                    split=RandomSplit(0.2, 42),
                    n_seeds=1,
                ),
            )
            for name, network, words, accuracy in _TESS_MODELS
        ),
    )
}


def find_model(model: str | ModelSpec) -> ModelSpec:
    """Return the model of this name, or the one that is given.

    Raises
    ------
    ParameterError
        If there is none.

    Examples
    --------
    >>> find_model("mlp-193").parameters["batch_size"]
    256
    """
    if isinstance(model, ModelSpec):
        return model
    if model not in MODELS:
        raise ParameterError(f"unknown model {model!r}; models are {', '.join(MODELS)}")
    return MODELS[model]


def find_feature_set(name: str) -> FeatureSet:
    """Return the feature set of this name, or the one that the model of this name takes.

    Raises
    ------
    ParameterError
        If there is neither.

    Examples
    --------
    >>> len(find_feature_set("mlp-180").extractor().names)
    180
    """
    known = FEATURE_SETS | {
        spec.name: FEATURE_SETS[spec.features] for spec in MODELS.values() if spec.features
    }
    if name not in known:
        raise ParameterError(f"unknown recipe {name!r}; recipes are {', '.join(known)}")
    return known[name]
