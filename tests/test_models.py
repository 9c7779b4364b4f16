"""Models: training, files, honest evaluation. Features here are made up, so no core is needed."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from serfast.datasets import Clip
from serfast.errors import ParameterError
from serfast.models import (
    MLP,
    MODELS,
    choose_extractor,
    evaluate,
    find_feature_set,
    find_model,
    load_model,
    train,
)
from serfast.models._examples import Examples
from serfast.models._folds import EMOBOX_RAVDESS
from serfast.models._folds import make_folds as folds_of_examples
from serfast.tables import FeatureTable


def make_folds(table, folds, seed):
    return folds_of_examples(Examples(table.clips, table.values, table.corpus), folds, seed)


def make_table(n_speakers=6, n_each=4, labels=("angry", "happy", "sad"), n_columns=5, shift=4.0):
    """Clips whose first column tells the class and whose others are noise."""
    rng = np.random.default_rng(0)
    clips, rows = [], []
    for speaker in range(1, n_speakers + 1):
        for number, label in enumerate(labels):
            for take in range(n_each):
                clips.append(Clip(f"{speaker}/{label}{take}.wav", label, f"{speaker:02d}"))
                rows.append(rng.normal(size=n_columns) + np.eye(n_columns)[0] * shift * number)
    return FeatureTable(
        clips=tuple(clips),
        names=tuple(f"column_{i:02d}_mean" for i in range(n_columns)),
        values=np.array(rows, dtype=np.float32),
        config={"features": ["rms"], "sr": 16000},
        hash="cafe",
        corpus="ravdess",
        version="1.2.3",
    )


@pytest.fixture
def table():
    return make_table()


def test_saved_model_predicts_the_same(table, tmp_path):
    trained = train(table, "mlp", seed=1)
    trained.save(tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert sorted(p.name for p in (tmp_path / "model").iterdir()) == [
        "model.json",
        "weights.safetensors",
    ]
    assert loaded.predict_table(table) == trained.predict_table(table)
    assert loaded.card() == trained.card()
    pairs = zip(trained.predict_table(table), table.labels, strict=True)
    assert np.mean([p.label == label for p, label in pairs]) > 0.95


def test_probabilities_are_ranked_and_sum_to_one(table):
    for prediction in train(table).predict_table(table):
        shares = list(prediction.probabilities.values())
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) == pytest.approx(1)
        assert prediction.label == next(iter(prediction.probabilities))


def test_same_seed_same_model_other_seed_other_model(table):
    first, again, other = (
        train(table, "mlp", seed=seed).network.tensors()["inner.0.weight"] for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5, True])
def test_seeds_out_of_range_are_refused(table, seed):
    with pytest.raises(ParameterError, match=f"seed={seed} must be .* from 0 to 4294967295"):
        train(table, seed=seed)


def test_model_card_says_what_it_was_trained_on(table, tmp_path):
    values = table.values.copy()
    values[0] = np.nan
    train(replace(table, values=values), "mlp").save(tmp_path)
    card = json.loads((tmp_path / "model.json").read_text())
    assert card["classes"] == ["angry", "happy", "sad"]
    assert card["network"] == {
        "kind": "standardized",
        "inner": {"kind": "layers", "layers": [[5, 300], [300, 3]]},
    }
    assert card["features"] == {"hash": "cafe", "config": table.config, "names": list(table.names)}
    assert card["training"]["counts"] == {"angry": 23, "happy": 24, "sad": 24}
    assert card["training"]["speakers"] == ["01", "02", "03", "04", "05", "06"]
    assert card["training"]["notes"] == ["left out 1 of 72 clips: no features (the clip failed)"]
    assert {"serfast", "scikit-learn", "numpy", "python"} <= set(card["versions"])


def test_model_refuses_other_features(table):
    trained = train(table)
    renamed = replace(table, names=("other", *table.names[1:]))
    with pytest.raises(
        ParameterError, match=r"trained on 5 columns of configuration cafe .*; the "
    ):
        trained.predict_table(renamed)
    with pytest.raises(ParameterError, match="the table has 5 columns of configuration beef"):
        trained.predict_table(replace(table, hash="beef"))


def test_rows_that_failed_get_no_class(table):
    values = table.values.copy()
    values[2, 1] = np.nan
    predictions = train(table).predict_table(replace(table, values=values))
    assert predictions[2].label is None
    assert predictions[2].reason
    assert all(p.label for p in predictions[:2])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format_version", 1),
        ("format", "other"),
        ("classes", ["angry", "sad"]),
        ("network", {"kind": "layers", "layers": [[5, 300], [300, 3]]}),
        ("network", {"kind": "standardized", "inner": {"kind": "magic"}}),
        ("features", {"names": ["one"], "config": None, "hash": ""}),
        ("classes", ["sad", "happy", "angry"]),
        ("temperature", -1.0),
        ("training", {}),
        ("figures", [{}]),
    ],
)
def test_models_that_do_not_fit_together_are_refused(table, tmp_path, key, value):
    train(table).save(tmp_path)
    card = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps({**card, key: value}))
    with pytest.raises(ParameterError, match="not a model that this version of serfast can use"):
        load_model(tmp_path)


def test_damaged_or_missing_model_files_are_refused(table, tmp_path):
    with pytest.raises(ParameterError, match=r"not a model folder, it has no model\.json"):
        load_model(tmp_path)
    train(table, "mlp").save(tmp_path)
    train(table, "mlp", seed=1).save(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "weights.safetensors", tmp_path)
    with pytest.raises(ParameterError, match="are not as they were saved together"):
        load_model(tmp_path)
    (tmp_path / "weights.safetensors").write_bytes(b"\x80\x04no pickle is ever loaded")
    with pytest.raises(ParameterError, match="not a model that this version"):
        load_model(tmp_path)
    with pytest.raises(ParameterError, match="is a file; a model is written into a folder"):
        train(table).save(tmp_path / "model.json")


def test_a_training_that_is_interrupted_gives_no_model(table, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("sklearn.neural_network.MLPClassifier._backprop", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(table, "mlp")


def test_folds_keep_each_speaker_on_one_side(table):
    folds = make_folds(table, None, seed=0)
    assert folds.speaker_independent
    assert folds.name == "6 folds of speakers"
    speakers = np.array(table.speakers)
    tested = np.concatenate(folds.test_rows)
    assert sorted(tested) == list(range(len(speakers)))
    for test in folds.test_rows:
        assert not set(speakers[test]) & set(np.delete(speakers, test))


def test_ravdess_takes_the_published_folds(table):
    actors = [actor for fold in EMOBOX_RAVDESS for actor in fold]
    assert sorted(actors) == [f"{n:02d}" for n in range(1, 25)]
    twenty = make_table(n_speakers=20, n_each=1)
    folds = make_folds(twenty, None, seed=0)
    assert folds.name == "emobox-6"
    of_row = np.array(twenty.speakers)
    assert set(of_row[folds.test_rows[0]]) == {"01", "11", "20"}
    assert len(np.unique(np.concatenate(folds.test_rows))) == len(of_row)
    assert make_folds(twenty, 4, seed=0).name == "4 folds of speakers"
    assert make_folds(replace(twenty, corpus="other"), None, 0).name == "6 folds of speakers"
    with pytest.raises(ParameterError, match="at least one actor in each of its six folds"):
        make_folds(table, "emobox-6", seed=0)


@pytest.mark.parametrize("folds", [1, 0, "three", "1"])
def test_impossible_folds_are_refused(table, folds):
    with pytest.raises(ParameterError, match="give a number of at least 2, or 'emobox-6'"):
        make_folds(table, folds, seed=0)
    with pytest.raises(ParameterError, match="only 6 speakers"):
        make_folds(table, "7", seed=0)


def test_evaluation_figures_add_up(table):
    figures = evaluate(table, folds=3)
    assert figures.confusion.sum() == len(table.clips)
    assert figures.confusion.sum(axis=1).tolist() == list(figures.counts.values())
    assert figures.accuracy[0] == pytest.approx(figures.confusion.trace() / len(table.clips))
    assert figures.uar[0] == pytest.approx(np.mean(list(figures.recall.values())))
    assert figures.chance == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert figures.uar[0] > 0.8
    assert figures.random_scores == ()
    assert json.loads(json.dumps(figures.to_dict()))["speaker_independent"] is True


def test_uar_is_the_mean_of_recalls_not_the_accuracy(table):
    """With classes of unequal size and no information, UAR stays at chance, accuracy does not."""
    labels = ["angry" if i % 6 else "sad" for i in range(len(table.clips))]
    clips = tuple(replace(c, label=name) for c, name in zip(table.clips, labels, strict=True))
    nothing = replace(table, clips=clips, values=np.zeros_like(table.values))
    figures = evaluate(nothing, "mlp", allow_leaks=True)
    assert figures.accuracy[0] == pytest.approx(5 / 6)
    assert figures.uar[0] == pytest.approx(1 / 2)
    assert figures.chance == (pytest.approx(5 / 6), 1 / 2)
    assert figures.recall == {"angry": 1.0, "sad": 0.0}


def test_a_speakers_voice_does_not_help_in_folds_but_does_in_a_random_split():
    """Speaker and class are the same thing here: who knows the voice knows the answer."""
    rng = np.random.default_rng(1)
    clips, rows = [], []
    for speaker in range(12):
        label = "ab"[speaker % 2]
        voice = rng.normal(size=8) * 5
        for take in range(10):
            clips.append(Clip(f"{speaker}-{take}.wav", label, str(speaker)))
            rows.append(voice + rng.normal(size=8) * 0.1)
    voices = FeatureTable(tuple(clips), tuple("abcdefgh"), np.array(rows, np.float32))
    figures = evaluate(voices, folds=6, random_split=True)
    assert figures.random_split[0][0] > 0.95
    assert figures.accuracy[0] < 0.8
    assert figures.to_dict()["random_split"]["leaks_speakers"] is True


def test_nothing_is_fitted_on_test_rows_or_speakers(table, monkeypatch):
    seen, fit = [], MLP.fit

    def spy(self, X, y, groups=None):
        seen.append(({row.tobytes() for row in X}, set(groups)))
        return fit(self, X, y, groups)

    monkeypatch.setattr(MLP, "fit", spy)
    evaluate(table, replace(MODELS["mlp"], parameters={}), folds=3)
    every, speakers = {row.tobytes() for row in table.values}, set(table.speakers)
    tests = make_folds(table, 3, seed=0).test_rows
    assert seen == [
        (
            every - {table.values[row].tobytes() for row in test},
            speakers - {table.speakers[row] for row in test},
        )
        for test in tests
    ]


def test_unknown_speakers_are_said_to_leak(table):
    clips = tuple(replace(clip, speaker=None) for clip in table.clips)
    figures = evaluate(replace(table, clips=clips), random_split=True)
    assert figures.folds == "6 random folds"
    assert not figures.speaker_independent
    assert figures.random_scores == ()
    assert any("the same voices may be on both sides" in note for note in figures.notes)


def test_identical_clips_on_both_sides_are_named(table):
    values = table.values.copy()
    values[-1] = values[0]
    what = "identical clips on both sides of a fold: 1/angry0.wav, 6/sad3.wav"
    with pytest.raises(ParameterError, match=what):
        evaluate(replace(table, values=values), folds=3)
    assert evaluate(replace(table, values=values), folds=3, allow_leaks=True).leaks == (what,)
    values[-1], values[1] = table.values[-1], values[0]
    assert evaluate(replace(table, values=values), folds=3).leaks == ()


def test_clips_without_features_or_label_are_counted(table):
    values = table.values.copy()
    values[[0, 5]] = np.nan
    clips = (*table.clips[:-1], replace(table.clips[-1], label=None))
    figures = evaluate(replace(table, values=values, clips=clips), folds=2)
    assert figures.confusion.sum() == len(clips) - 3
    assert figures.notes == (
        "left out 1 of 72 clips: no label",
        "left out 2 of 71 clips: no features (the clip failed)",
    )


def test_one_class_or_none_is_refused(table):
    with pytest.raises(ParameterError, match="at least two classes; here is sad"):
        train(table.rows(np.array([label == "sad" for label in table.labels])))
    nameless = tuple(replace(clip, label=None) for clip in table.clips)
    with pytest.raises(ParameterError, match="at least two classes; here is none"):
        evaluate(replace(table, clips=nameless))


def test_unknown_models_are_refused():
    with pytest.raises(ParameterError, match="unknown model 'cnn'; models are mlp, svm, "):
        find_model("cnn")
    with pytest.raises(ParameterError, match="unknown recipe 'cnn'; recipes are classic-180, "):
        find_feature_set("cnn")


def test_recipes_have_the_published_parameters():
    first, second = MODELS["mlp-180"], MODELS["mlp-193"]
    parameters = first.make(3).get_params()
    assert parameters == {
        "hidden": (300,), "alpha": 0.01, "batch_size": 32, "max_iter": 500, "standardize": False,
        "calibrate": False, "seed": 3,
    }  # fmt: skip
    assert second.make(3).get_params() == parameters | {"batch_size": 256}
    assert set(first.recipe.emotions) == {"angry", "sad", "disgust", "happy"}
    assert set(second.recipe.emotions) == {"angry", "sad", "neutral", "happy"}


def test_recipes_make_their_number_of_columns():
    assert len(find_feature_set("mlp-180").extractor().names) == 40 + 12 + 128
    assert len(find_feature_set("mlp-193").extractor().names) == 40 + 12 + 128 + 7 + 6
    assert choose_extractor().hash == find_feature_set("mlp-180").extractor().hash
    assert choose_extractor(recipe="mlp-193").names == find_feature_set("mlp-193").extractor().names


def test_recipes_refuse_other_features_and_other_options(table):
    with pytest.raises(ParameterError, match=r"mlp-180 needs its own .*`serfast extract DIR --rec"):
        evaluate(table, "mlp-180")
    with pytest.raises(ParameterError, match="recipe mlp-180 fixes the features; leave out sr"):
        choose_extractor(recipe="mlp-180", sr=8000)
    with pytest.raises(ParameterError, match="n_mfcc=13: mfcc is not among the features"):
        choose_extractor(["rms"], n_mfcc=13)


def test_recipe_keeps_its_emotions_and_shows_both_splits():
    made = make_table(labels=("angry", "calm", "happy", "sad"), n_columns=180)
    made = replace(made, hash=find_feature_set("mlp-180").extractor().hash)
    figures = evaluate(made, "mlp-180", folds=2)
    assert list(figures.counts) == ["angry", "happy", "sad"]
    assert figures.random_scores[0].n_test == len(made.clips) * 3 // 4 // 4
    assert figures.published == pytest.approx(0.682)
    assert figures.notes[0].startswith("mlp-180 is 40 MFCC + 12 chroma + 128 mel of RAVDESS")
    assert figures.notes[1] == "mlp-180 knows angry, sad, disgust, happy; no disgust here"
    assert figures.notes[2].startswith("left out 24 of 96 clips: of emotions")


def test_signals_at_another_rate_are_refused():
    extractor = choose_extractor(["rms"])
    made = make_table(n_columns=len(extractor.names))
    made = replace(made, names=tuple(extractor.names), hash=extractor.hash, config=extractor.config)
    trained = train(made)
    y = np.random.default_rng(0).normal(size=16000).astype(np.float32)
    assert trained.predict_signal(y, sr=16000).label in trained.classes
    with pytest.raises(ParameterError, match="sr=22050: this model takes audio at 16000 Hz"):
        trained.predict_signal(y, sr=22050)


def test_model_of_another_version_is_refused_if_its_features_changed():
    extractor = choose_extractor(["rms"])
    made = make_table(n_columns=len(extractor.names))
    trained = train(replace(made, names=tuple(extractor.names), config=extractor.config))
    with pytest.raises(
        ParameterError, match=r"configuration cafe .* this version of serfast makes"
    ):
        trained.extractor()


def test_importing_the_models_does_not_import_scikit_learn():
    code = (
        "import sys, serfast.models, serfast.datasets, serfast.tables;"
        "heavy = {'sklearn', 'scipy', 'pyarrow', 'safetensors', 'rich', 'typer', 'librosa'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
