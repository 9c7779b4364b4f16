"""Emotion recognition: training, honest evaluation, model files."""

from serfast._lazy import getter, homes

# Estimators need scikit-learn, predictions do not.
_home_of = homes(
    {
        "_bundle": "Model Prediction",
        "_classical": "LDA MLP SVM Ensemble FeatureClassifier KernelRidge LogisticRegression",
        "_curves": "plot_training",
        "_evaluate": "evaluate evaluate_enrolment",
        "_evaluate_trained": "evaluate_trained",
        "_evaluation": "Evaluation Score",
        "_load": "load_model",
        "_page": "summary_rows write_report",
        "_recipes": "Reproduction reproduce",
        "_scores": "calibration_error reliability",
        "_specs": (
            "MODELS ModelSpec RandomSplit Recipe choose_extractor find_feature_set find_model"
        ),
        "_train": "train",
    }
)

__all__ = sorted(_home_of)
__getattr__ = getter(__name__, _home_of)


def __dir__() -> list[str]:
    return __all__
