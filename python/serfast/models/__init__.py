"""Emotion recognition: training, honest evaluation, model files."""

from importlib import import_module
from typing import Any

# Nothing is imported before it is used: estimators need scikit-learn, predictions do not.
# __init__.pyi says the same to type checkers.
_home_of = {
    name: module
    for module, names in {
        "_bundle": "Model Prediction load_model",
        "_classical": "LDA MLP SVM Ensemble FeatureClassifier KernelRidge LogisticRegression",
        "_curves": "plot_training",
        "_evaluate": "evaluate evaluate_enrolment",
        "_evaluate_trained": "evaluate_trained",
        "_evaluation": "Evaluation Score",
        "_page": "summary_rows write_report",
        "_recipes": "Reproduction reproduce",
        "_scores": "calibration_error reliability",
        "_specs": (
            "MODELS ModelSpec RandomSplit Recipe choose_extractor find_feature_set find_model"
        ),
        "_train": "train",
    }.items()
    for name in names.split()
}

__all__ = sorted(_home_of)


def __getattr__(name: str) -> Any:
    if name not in _home_of:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f".{_home_of[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
