"""Emotion recognition on feature tables: training, honest evaluation, model files."""

from serfast.models._bundle import Model, Prediction, load_model, train
from serfast.models._evaluate import Evaluation, evaluate
from serfast.models._mlp import Mlp, fit_mlp
from serfast.models._specs import (
    MODELS,
    MlpParameters,
    ModelSpec,
    Recipe,
    choose_extractor,
    find_model,
    find_recipe,
)

__all__ = [
    "MODELS",
    "Evaluation",
    "Mlp",
    "MlpParameters",
    "Model",
    "ModelSpec",
    "Prediction",
    "Recipe",
    "choose_extractor",
    "evaluate",
    "find_model",
    "find_recipe",
    "fit_mlp",
    "load_model",
    "train",
]
