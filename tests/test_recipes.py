"""Networks of published recipes: what they hear and are made of, their terms, their files."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from importlib.util import find_spec
from typing import ClassVar

import librosa
import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from helpers import assert_same, speech
from serfast.cli import app
from serfast.datasets import Recordings, find_clips, samples_dir
from serfast.errors import ParameterError
from serfast.models import MODELS, evaluate, load_model, plot_training, reproduce, train
from serfast.models._composed import described, restored
from serfast.models._networks import softmax
from serfast.nets import (
    MeanMfcc,
    MelDecibels,
    MfccFrames,
    Noise,
    SequenceNet,
    cnn1d,
    cnn_lstm,
    frames_cnn,
    frames_cnn_lstm,
    frames_lstm,
)
from serfast.nets._batches import aligned

needs_torch = pytest.mark.skipif(
    not all(map(find_spec, ("torch", "skorch"))), reason="PyTorch or skorch is not installed"
)
SR = 16000
SAMPLES = find_clips(samples_dir())
CLIPS = find_clips(samples_dir(), emotions=["angry", "sad"]).clips
LABELS = [clip.label for clip in CLIPS]
SPEAKERS = [clip.speaker for clip in CLIPS]


def recordings(sr=SR):
    return Recordings([clip.path for clip in CLIPS], sr)


def small(**options):
    return SequenceNet(
        **{
            "front": MfccFrames(sr=SR, n_mfcc=13),
            "layers": ("conv 8 5", "norm", "relu", "pool 2", "lstm 8", "last", "dense 8", "relu"),
            "epochs": 3,
            "batch_size": 8,
            "threads": 1,
        }
        | options
    )


# ---------------------------------------------------------------- what they hear


def test_excerpts_are_heard_as_the_recipes_compute_them():
    sr = 22050
    y = speech(4 * sr)
    part = y[sr // 2 :]
    ours = MeanMfcc(sr=sr)(y)
    theirs = librosa.feature.mfcc(y=part[: round(2.5 * sr)], sr=sr, n_mfcc=40).mean(axis=1)
    np.testing.assert_allclose(ours, theirs[None], rtol=1e-3, atol=1e-2)
    short = y[: 3 * sr]
    power = librosa.feature.melspectrogram(y=short[sr // 2 :], sr=sr, n_mels=100)
    decibels = librosa.power_to_db(power, ref=np.max)
    ours = MelDecibels(sr=sr, n_mels=100)(short)
    np.testing.assert_allclose(ours[: decibels.shape[1]], decibels.T, atol=1e-2)
    assert ours.shape == (1 + round(3.5 * sr) // 512, 100)
    assert not ours[decibels.shape[1] :].any()
    with pytest.raises(ParameterError, match=r"0\.50 s has no sound after 0\.5 s"):
        MeanMfcc(sr=sr)(y[: sr // 2])


# ---------------------------------------------------------------- what they are made of


@needs_torch
def test_networks_have_as_many_weights_as_their_authors_count():
    from serfast.nets._sequence import SequenceModule

    def n_weights(net, n_classes, n_rows):
        module = SequenceModule(n_classes, n_rows, net.n_frames, net.layers)
        return sum(weights.numel() for weights in module.parameters())

    # PyTorch has two biases for each gate of an LSTM where Keras has one; and a last stretch of
    # positions that is not whole is pooled too, which gives the first dense layer 256 more inputs.
    of_gates, of_stretch = 4 * (540 + 256), 256 * 100
    assert n_weights(cnn1d(), 16, 1) == 1_282_960
    assert n_weights(cnn_lstm(), 7, 302) == 2_803_273 + of_gates + of_stretch


@needs_torch
@pytest.mark.parametrize(
    "layers", [("lstm 8", "last"), ("conv 8 4", "norm", "elu", "pool 3", "lstm 8", "last")]
)
def test_frames_beyond_the_clip_do_not_count(layers):
    import torch

    from serfast.nets._sequence import SequenceModule

    torch.manual_seed(0)
    module = SequenceModule(3, 4, 64, (*layers, "dense 8", "relu", "dropout 0.5")).eval()
    clip = np.random.default_rng(0).standard_normal((4, 40), np.float32)
    batches = [aligned([clip]), aligned([clip, np.ones((4, 64), np.float32)])]
    with torch.no_grad():
        alone, padded = (module(*map(torch.from_numpy, batch)).numpy()[0] for batch in batches)
    np.testing.assert_allclose(alone, padded, atol=1e-6)


RECIPES = {
    "cnn1d": lambda: cnn1d(epochs=1, threads=1, layers=("conv 8 8", "relu", "pool 5", "flatten")),
    "cnn_lstm": lambda: cnn_lstm(
        epochs=2, threads=1, variants=(Noise(),), layers=("conv 8 3", "pool 4", "lstm 8", "flatten")
    ),
    "frames_cnn": lambda: frames_cnn(epochs=2, threads=1),
    "frames_lstm": lambda: frames_lstm(epochs=2, threads=1),
    "frames_cnn_lstm": lambda: frames_cnn_lstm(epochs=2, threads=1),
}


@needs_torch
@pytest.mark.parametrize("name", RECIPES)
def test_networks_are_trained_and_taken_apart(name):
    net = RECIPES[name]()
    clips = recordings(net.sr)
    together = net.fit(clips, LABELS, SPEAKERS).predict_proba(clips)
    np.testing.assert_allclose(together.sum(axis=1), 1)
    assert np.ptp(together[:, 0]) > 0
    assert_same(net.predict_proba(clips[5:6]), together[5:6])
    if name == "frames_cnn":
        assert_same(RECIPES[name]().fit(clips, LABELS, SPEAKERS).predict_proba(clips), together)
    network = net.network_
    again = restored(json.loads(json.dumps(described(network))), network.tensors())
    assert_same(again.logits(clips[:3]), network.logits(clips[:3]))


@needs_torch
def test_an_epoch_takes_all_variants():
    twice = small(variants=(Noise(), Noise()), epochs=1)
    seen = []
    prepare = twice._prepare

    def counted(*arguments):
        load = prepare(*arguments)
        return lambda i, rng: seen.append(i) or load(i, rng)

    twice._prepare = counted
    twice.fit(recordings(), LABELS)
    assert sorted(seen) == list(range(3 * len(CLIPS)))


@needs_torch
@pytest.mark.parametrize("keep_best", [True, False])
def test_the_epoch_that_was_best_on_held_out_clips_is_kept(keep_best):
    clips = recordings()
    wrong = [{"angry": "sad", "sad": "angry"}[label] for label in LABELS]
    net = small(checkpoint=keep_best, schedule="plateau", learning_rate=0.02, epochs=8)
    net.fit(clips, LABELS, validation_data=(clips, wrong))
    (history,) = net.history_.values()
    by_epoch = [row["valid_accuracy"] for row in history]
    assert max(by_epoch) > by_epoch[-1]
    right = np.mean(net.predict(clips) == np.array(wrong))
    assert right == (max(by_epoch) if keep_best else by_epoch[-1])


@needs_torch
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"layers": ("conv 8", "last")}, r"'conv 8' is none of conv \(2 numbers\)"),
        ({"layers": ("gru 8", "last")}, "'gru 8' is none of"),
        ({"layers": ("conv 8 0", "last")}, "conv=0"),
        ({"layers": ("dropout 2", "last")}, "dropout=2"),
        ({"layers": ("lstm x", "last")}, "x is no number"),
        ({"layers": ("lstm 8",)}, "last or flatten"),
        ({"layers": ("dense 8", "last")}, "'dense 8' stands before"),
        ({"layers": ("last", "lstm 8")}, "'lstm 8' stands behind"),
        ({"by_position": True}, "clips of one length"),
        ({"optimizer": "sgd"}, "optimizer='sgd'"),
        ({"weight_decay": -1}, "weight_decay=-1"),
    ],
)
def test_layers_that_do_not_fit_are_refused(options, words):
    uneven = [speech(SR), speech(SR // 2)] * 2
    with pytest.raises(ParameterError, match=words):
        small(**options).fit(uneven, ["angry", "sad"] * 2)


# ---------------------------------------------------------------- their terms


class Listener:
    """An estimator that writes down what it is fitted with and believes the first class most."""

    fits: ClassVar[list[dict]] = []

    def __init__(self, seed):
        self.seed = seed

    def fit(self, X, y, groups=None, validation_data=None):
        self.classes_ = np.unique(y)
        self.fits.append(
            {"n": len(y), "classes": self.classes_.tolist(), "groups": groups is not None}
            | ({} if validation_data is None else {"chosen on": len(validation_data[1])})
        )
        return self

    def predict_proba(self, X):
        return np.tile(softmax(-np.arange(len(self.classes_), dtype=np.float64)[None]), (len(X), 1))


@pytest.fixture
def listener(monkeypatch):
    monkeypatch.setattr(Listener, "fits", [])
    published = MODELS["mlp-180"]

    def register(**terms):
        spec = replace(published, estimator="test_recipes:Listener", parameters={})
        spec = replace(spec, recipe=replace(spec.recipe, n_seeds=1, **terms))
        monkeypatch.setitem(MODELS, spec.name, spec)
        return spec.name

    return register


def test_only_the_figure_on_the_authors_terms_is_chosen_on_the_test_clips(listener):
    done = reproduce(SAMPLES, listener(selected_on_test=True))
    *folds, last = Listener.fits
    assert all("chosen on" not in fit and fit["groups"] for fit in folds)
    n_test = done.figures.random_scores[0].n_test
    assert (last["chosen on"], last["groups"]) == (n_test, False)
    kept = done.to_dict()
    assert kept["terms"] == "leaks speakers, best epoch chosen on the test clips"
    assert kept["details"]["random_split"]["terms"] == kept["terms"]
    Listener.fits.clear()
    evaluate(SAMPLES, listener())
    assert not any("chosen on" in fit for fit in Listener.fits)


def test_sex_is_learnt_but_not_counted_with_unseen_speakers(listener):
    figures = evaluate(SAMPLES, listener(with_sex=True))
    both = [f"{sex} {label}" for sex in ("female", "male") for label in figures.classes]
    assert Listener.fits[-1]["classes"] == both
    assert figures.classes == ("angry", "happy", "sad")
    np.testing.assert_allclose(figures.probabilities.sum(axis=2), 1)
    # Of six classes the first and, of the other sex, the fourth are those of the first emotion.
    shares = np.exp(-np.arange(6.0))
    first = shares[[0, 3]].sum() / shares.sum()
    np.testing.assert_allclose(figures.probabilities[0, :, 0], first)
    assert figures.random_terms == "leaks speakers, classes of sex and emotion"
    nobody = tuple(replace(clip, sex=None) for clip in SAMPLES.clips)
    with pytest.raises(ParameterError, match="sex is unknown of 36 clips"):
        evaluate(replace(SAMPLES, clips=nobody), listener(with_sex=True))


# ---------------------------------------------------------------- the whole path


@pytest.fixture
def tess(tmp_path):
    """A folder with TESS' names: each emotion is a tone, which the women hum at other levels."""
    rng = np.random.default_rng(0)
    for loudness, speaker in ((0.3, "OAF"), (0.1, "YAF")):
        for pitch, emotion in ((200, "angry"), (500, "happy"), (1200, "ps")):
            folder = tmp_path / f"{speaker}_{emotion}"
            folder.mkdir()
            for word in ("back", "bar", "base", "bath", "bean", "beg"):
                time = np.arange(round(rng.uniform(0.6, 0.9) * 24414)) / 24414
                y = np.sin(2 * np.pi * pitch * rng.uniform(0.97, 1.03) * time)
                y = loudness * y + rng.normal(scale=0.01, size=len(time))
                name = folder / f"{speaker}_{word}_{emotion}.wav"
                soundfile.write(name, y, 24414)
    return tmp_path


@needs_torch
def test_a_recipe_runs_by_one_command(tess, monkeypatch):
    spec = MODELS["cnn-lstm-tess"]
    quick = replace(spec, parameters={"epochs": 8, "batch_size": 8, "threads": 1})
    monkeypatch.setitem(MODELS, spec.name, quick)
    arguments = ["recipe", spec.name, "--data", str(tess), "--seeds", "1", "--quiet"]
    figures = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert figures["published"] == {"accuracy": 0.982, "uar": None}
    assert figures["reproduced"]["accuracy"] > 0.7
    assert figures["speaker_independent"]["uar"] > 0.4
    assert figures["details"]["folds"] == "2 folds of speakers"
    assert figures["details"]["counts"] == {"angry": 12, "happy": 12, "surprised": 12}


@needs_torch
def test_a_network_is_saved_and_predicts_as_before(tmp_path, monkeypatch):
    spec = MODELS["cnn-tess"]
    monkeypatch.setitem(MODELS, spec.name, replace(spec, parameters={"epochs": 2, "threads": 1}))
    model = train(SAMPLES, "cnn-tess")
    model.save(tmp_path)
    curves = tmp_path / "curves.svg"
    plot_training(load_model(tmp_path), curves)
    assert "<svg" in curves.read_text()
    assert [row["epoch"] for row in model.training["history"]["held out"]] == [1, 2]
    paths = [clip.path for clip in SAMPLES.clips[:4]]
    assert load_model(tmp_path).predict_files(paths) == model.predict_files(paths)
    tensors = {name: np.array(tensor) for name, tensor in model.network.tensors().items()}
    description = described(model.network)
    for harm in (
        tensors | {"layers.0.1.weight": tensors["layers.0.1.weight"][:1]},
        tensors | {"mean": tensors["mean"] * np.nan},
        {name: tensor for name, tensor in tensors.items() if name != "layers.0.1.bias"},
    ):
        with pytest.raises(ValueError, match=r"belong together|not finite"):
            restored(description, harm)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ParameterError, match="predicting with this network needs torch: pip"):
        load_model(tmp_path)


def test_what_has_no_epochs_has_no_curves(tmp_path):
    model = train(SAMPLES, "svm")
    with pytest.raises(ParameterError, match="svm is not trained in epochs"):
        plot_training(model, tmp_path / "curves.png")


@needs_torch
def test_networks_are_tested_on_another_corpus(tess, monkeypatch):
    spec = MODELS["cnn-tess"]
    monkeypatch.setitem(MODELS, spec.name, replace(spec, parameters={"epochs": 1, "threads": 1}))
    figures = evaluate(SAMPLES, "cnn-tess", test_data=find_clips(tess))
    assert figures.classes == ("angry", "happy")
    assert len(figures.clips) == 24
