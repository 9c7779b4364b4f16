"""The model that ships, cards, and testing of models that are trained already."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import sklearn.base
import soundfile
from typer.testing import CliRunner

import serfast
import serfast.nets
from serfast.cli import app
from serfast.datasets import Clip, Corpus, find_clips, samples_dir, unite
from serfast.errors import ParameterError
from serfast.models import (
    ModelSpec,
    evaluate,
    evaluate_enrolment,
    evaluate_trained,
    find_model,
    load_model,
    train,
)
from serfast.nets._batches import among_zeros
from serfast.tables import extract_table

EMOTIONS = ("angry", "disgust", "fearful", "happy", "neutral", "sad")


@pytest.fixture(scope="module")
def samples():
    return find_clips(samples_dir())


@pytest.fixture(scope="module")
def table(samples):
    return extract_table(samples, find_model("svm").extractor())


def by_speaker(data, speakers):
    return replace(data, clips=tuple(c for c in data.clips if c.speaker in speakers))


def test_the_card_of_the_model_that_ships_names_no_folder():
    notes = load_model().training["notes"]
    assert len(notes) == 4
    assert not any("/" in note for note in notes)


def test_a_model_ships_that_may_ship():
    model = load_model()
    assert model.classes == EMOTIONS
    (source,) = model.training["sources"]
    assert (source["name"], source["licence"]) == ("crema-d", "ODbL 1.0, contents DbCL 1.0")
    folder = serfast.models._load.DEFAULT_MODEL
    assert sum(path.stat().st_size for path in folder.iterdir()) < 5e6
    unseen, *foreign = model.figures
    assert unseen["corpus"] == "crema-d"
    assert unseen["uar"] > 0.5 > unseen["chance"]["uar"]
    assert {figures["corpus"] for figures in foreign} == {"crema-d to ravdess", "crema-d to emodb"}
    assert "Do not use it to decide about people" in model.card()["limits"]


def test_the_model_that_ships_hears_any_rate_and_length(tmp_path):
    model = load_model()
    y, sr = serfast.load(find_clips(samples_dir()).clips[0].path, sr=None)
    first = model.predict_signal(y, sr)
    assert set(first.probabilities) == set(EMOTIONS)
    assert sum(first.probabilities.values()) == pytest.approx(1)
    assert load_model().predict_signal(y, sr) == first
    for seconds in (0.1, 20):
        heard = model.predict_signal(np.resize(y, int(seconds * sr)), sr)
        assert sum(heard.probabilities.values()) == pytest.approx(1)
    with pytest.raises(serfast.AudioError, match="silent: no sample above -80 dBFS"):
        model.predict_signal(np.zeros(sr, np.float32), sr)
    with pytest.raises(ParameterError, match="sr=8000"):
        model.predict_signal(y, 8000)


def test_a_recording_too_loud_to_compute_with_has_no_class():
    model = load_model()
    y = np.random.default_rng(0).normal(size=16000).astype(np.float32)
    for loud in (y * np.float32(1e19), y * np.float32(1e30)):
        with pytest.raises(serfast.AudioError, match="too loud to be computed with"):
            model.predict_signal(loud, 16000)
    with pytest.raises(ParameterError, match="a clip to enrol with is too loud"):
        model.enrolled_signals([loud], 16000)


@pytest.mark.parametrize("name", ["default", "svm"])
def test_silence_says_nothing_of_a_voice(tmp_path, trained, name):
    model = {"default": load_model(), "svm": trained}[name]
    clip = find_clips(samples_dir()).clips[0].path
    silent, empty = tmp_path / "silent.wav", tmp_path / "empty.wav"
    soundfile.write(silent, np.zeros(5000), 16000)
    soundfile.write(empty, np.zeros(0), 16000)
    assert model.predict_files([silent])[0].reason == "silent: no sample above -80 dBFS"
    with pytest.raises(serfast.AudioError, match="silent"):
        model.predict_signal(np.full(5000, 1e-5, np.float32), 16000)
    with pytest.warns(UserWarning, match="passed over 2 of 3 clips to enrol with: .*silent"):
        heard = model.enrolled([silent, empty, clip])
    assert heard.predict_files([clip]) == model.enrolled([clip]).predict_files([clip])
    with pytest.raises(ParameterError, match="none of the 1 clips"):
        model.enrolled([silent])


def test_one_file_is_no_list_of_files():
    for call in (load_model().predict_files, load_model().enrolled):
        with pytest.raises(ParameterError, match=r"paths='a.wav' must be a list of files"):
            call("a.wav")


def test_the_command_says_which_clips_say_nothing_of_a_voice(tmp_path):
    clip = find_clips(samples_dir()).clips[0].path
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(5000), 16000)
    said = CliRunner().invoke(app, ["predict", clip, "--enrol", str(silent), "--enrol", clip])
    assert said.stderr.startswith("note: passed over 1 of 2 clips to enrol with")


def test_cards_carry_the_figures_of_evaluations(table, tmp_path):
    figures = evaluate(table, "svm")
    train(table, "svm", evaluations=[figures]).save(tmp_path)
    card = json.loads((tmp_path / "model.json").read_text())
    (kept,) = card["figures"]
    assert (kept["folds"], kept["uar"]) == (figures.folds, figures.uar[0])
    assert card["training"]["sources"][0]["licence"] == "MIT"
    assert load_model(tmp_path).card() | {"digest": card["digest"]} == card
    with pytest.raises(ParameterError, match="an evaluation of svm says nothing of mlp"):
        train(table, "mlp", evaluations=[figures])


@pytest.fixture(scope="module")
def trained(table):
    known = table.rows(np.array([clip.speaker not in ("05", "06") for clip in table.clips]))
    return train(known, "svm")


def test_a_trained_model_is_tested_as_it_predicts(samples, trained):
    unseen = by_speaker(samples, ("05", "06"))
    figures = evaluate_trained(unseen, trained)
    said = trained.predict_files([clip.path for clip in unseen.clips])
    chosen = [figures.classes[i] for i in figures.probabilities[0].argmax(axis=1)]
    assert chosen == [prediction.label for prediction in said]
    assert figures.uar[0] > 0.5
    assert figures.corpus == "samples to samples"


def test_speakers_of_the_training_are_refused(samples, trained):
    with pytest.raises(ParameterError, match="svm was trained on 4 of the speakers, such as samp"):
        evaluate_trained(samples, trained)
    leaking = evaluate_trained(samples, trained, allow_leaks=True)
    assert len(leaking.leaks) == 2
    assert not leaking.speaker_independent


def test_speakers_are_known_by_other_names_of_their_corpus(samples, trained):
    united = unite([samples, Corpus("mine", (Clip("a.wav", "sad", "01"),))])
    clips = tuple(clip for clip in united.clips if clip.speaker != "mine:01")
    with pytest.raises(ParameterError, match="4 of the speakers, such as samples:01"):
        evaluate_trained(replace(united, clips=clips), trained)


def test_recordings_of_the_training_are_refused_whoever_speaks(samples, trained):
    strangers = tuple(replace(clip, speaker=f"new {clip.speaker}") for clip in samples.clips)
    with pytest.raises(ParameterError, match="svm was trained on 32 of the recordings, such as"):
        evaluate_trained(Corpus("mine", strangers), trained)


def test_figures_of_unknown_speakers_say_so(samples, trained):
    unseen = by_speaker(samples, ("05", "06"))
    clips = tuple(replace(clip, speaker=None) for clip in unseen.clips)
    figures = evaluate_trained(Corpus("mine", clips), trained)
    assert not figures.speaker_independent
    assert "speakers are unknown" in figures.notes[-1]


def test_classes_are_known_by_their_synonyms(samples, table):
    words = {"angry": "anger", "happy": "joy"}
    renamed = tuple(replace(c, label=words.get(str(c.label), c.label)) for c in table.clips)
    model = train(replace(table, clips=renamed).rows(np.arange(len(renamed)) % 3 > 0), "svm")
    assert "anger" in model.classes
    unseen = replace(samples, name="mine", clips=tuple(samples.clips[::3]))
    figures = evaluate_trained(unseen, model, allow_leaks=True)
    assert figures.classes == ("angry", "happy", "neutral", "sad")
    assert figures.uar[0] > 0.7


def test_classes_that_a_model_does_not_know_are_left_out(samples, trained):
    unseen = by_speaker(samples, ("05", "06"))
    clips = tuple(
        replace(clip, label="bored") if clip.label == "sad" else clip for clip in unseen.clips
    )
    figures = evaluate_trained(replace(unseen, clips=clips), trained)
    assert figures.classes == ("angry", "happy", "neutral")
    assert any("left out bored" in note for note in figures.notes)
    strangers = tuple(replace(clip, label="bored") for clip in clips if clip.label != "angry")
    with pytest.raises(ParameterError, match="two classes must be in both"):
        evaluate_trained(Corpus("x", strangers + clips[:1]), trained)


def test_enrolment_of_trained_models(samples, trained):
    unseen = by_speaker(samples, ("05", "06"))
    plain, heard = (evaluate_trained(unseen, trained, enrol=n) for n in (0, "all"))
    np.testing.assert_allclose(plain.probabilities, evaluate_trained(unseen, trained).probabilities)
    assert not np.allclose(plain.probabilities, heard.probabilities)


SMALL = {"channels": (4, 8), "embedding": 8, "variants": (), "calibrate": False, "threads": 1}


@pytest.fixture(scope="module")
def network(samples, tmp_path_factory):
    pytest.importorskip("skorch", reason="networks are trained with PyTorch (the extra torch)")
    folder = tmp_path_factory.mktemp("network")
    known = by_speaker(samples, ("01", "02", "03"))
    spec = ModelSpec("small", "a small one", "serfast.nets:ResidualNet", {**SMALL, "epochs": 2},
                     rate=16000)  # fmt: skip
    train(known, spec).save(folder)
    return folder


@pytest.fixture(scope="module")
def started(network, samples):
    """A network of other speakers' three emotions that starts from `network`."""
    known = by_speaker(samples, ("04",)).keep(["angry", "sad", "happy"])
    spec = ModelSpec("small", "a small one", "serfast.nets:ResidualNet",
                     {**SMALL, "epochs": 1, "learning_rate": 1e-9}, rate=16000)  # fmt: skip
    return train(known, spec, start=load_model(network))


def test_a_network_starts_from_a_trained_one(network, started):
    before, after = load_model(network).network.tensors(), started.network.tensors()
    weights = [name for name in before if name.endswith(".weight") and "output" not in name]
    for name in weights:
        np.testing.assert_allclose(after[name], before[name], atol=1e-6, err_msg=name)
    assert (before["output.weight"].shape[0], after["output.weight"].shape[0]) == (4, 3)


def test_the_last_layer_starts_too_where_classes_are_the_same(network, samples):
    pytest.importorskip("skorch", reason="networks are trained with PyTorch (the extra torch)")
    start = load_model(network).network.runtime
    clips = samples.clips[:8] + samples.clips[-8:]
    recordings = serfast.datasets.Recordings([clip.path for clip in clips], 16000)
    net = serfast.nets.ResidualNet(**SMALL, epochs=1, learning_rate=1e-9, start=start)
    same = sklearn.base.clone(net).fit(recordings, np.resize(start.classes, 16)).tensors_
    other = sklearn.base.clone(net).fit(recordings, np.resize(list("abcd"), 16)).tensors_
    weights = start.tensors["output.weight"]
    np.testing.assert_allclose(same["output.weight"], weights, atol=1e-6)
    assert not np.allclose(other["output.weight"], weights, atol=1e-3)


def test_what_cannot_start_from_a_network_says_so(network, samples, table, trained):
    model, start = load_model(network), load_model(network).network.runtime
    with pytest.raises(ParameterError, match="svm cannot start from a trained model; residual and"):
        train(table, "svm", start=model)
    with pytest.raises(ParameterError, match="start: svm has no residual network to start from"):
        evaluate(samples, "residual", start=trained)
    clips = [np.ones(8000, np.float32)] * 4
    for wrong in ({"channels": (4, 4)}, {"embedding": 4}):
        with pytest.raises(ParameterError, match="start has other layers than the network"):
            serfast.nets.ResidualNet(**{**SMALL, **wrong}, start=start).fit(clips, list("abab"))
    with pytest.raises(ParameterError, match=r"start hears 16000 Hz, .* from it 22050"):
        serfast.nets.ResidualNet(**SMALL, sr=22050, start=start).fit(clips, list("abab"))


def test_what_a_start_heard_is_never_unseen(network, started, samples, tmp_path):
    model = load_model(network)
    with pytest.raises(ParameterError, match="small was trained on 3 of the speakers, such as"):
        evaluate(samples, "residual", start=model)
    started.save(tmp_path)
    again = load_model(tmp_path)
    assert [training["clips"] for training in again.trainings] == [6, 24]
    for speakers in ("01",), ("04",):
        with pytest.raises(ParameterError, match="small was trained on 1 of the speakers"):
            evaluate_trained(by_speaker(samples, speakers), again)
    assert (again.recordings.dtype, again.recordings.size) == (np.uint64, 30)
    renamed = tuple(replace(c, speaker=f"new {c.speaker}") for c in samples.clips)
    with pytest.raises(ParameterError, match="small was trained on 24 of the recordings"):
        evaluate_trained(Corpus("mine", renamed), again)
    said = CliRunner().invoke(app, ["card", str(tmp_path)])
    assert "before that trained on 24 clips of samples, 3 speakers" in said.stdout


def test_figures_say_what_networks_started_from(network, samples):
    unseen = by_speaker(samples, ("04", "05", "06"))
    spec = ModelSpec("small", "a small one", "serfast.nets:ResidualNet", {**SMALL, "epochs": 1},
                     rate=16000)  # fmt: skip
    figures = evaluate(unseen, spec, folds=3, start=load_model(network))
    assert (figures.title, figures.summary()["start"]) == ("small after samples", "samples")
    assert figures.speaker_independent
    with pytest.raises(ParameterError, match="small after samples says nothing of small"):
        train(unseen, spec, evaluations=[figures])


def test_enrolment_curves_are_those_of_single_evaluations(table):
    plain, three = evaluate_enrolment(table, "svm", (None, 3))
    np.testing.assert_array_equal(plain.probabilities, evaluate(table, "svm").probabilities)
    np.testing.assert_array_equal(
        three.probabilities, evaluate(table, "svm", enrol=3).probabilities
    )


def test_models_are_exported(network, trained, samples, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX needs the extra onnx")
    model = load_model(network)
    model.export_onnx(tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    path = samples.clips[0].path
    runtime, (y, _) = model.network.runtime, serfast.load(path, sr=16000)
    clip = among_zeros(serfast.nets.normalised(runtime.front(y)), runtime.n_frames)
    (shares,) = session.run(["probabilities"], {"bands": clip[np.newaxis, np.newaxis]})[0]
    ours = model.predict_files([path])[0].probabilities
    np.testing.assert_allclose(shares, [ours[name] for name in model.classes], atol=1e-5)
    with pytest.raises(ParameterError, match="svm: only a residual network can be an ONNX file"):
        trained.export_onnx(tmp_path / "svm.onnx")


def test_the_model_that_ships_predicts_without_scikit_learn():
    clip = find_clips(samples_dir()).clips[0].path
    code = (
        "import sys; from serfast.models import load_model;"
        f"assert load_model().predict_files([{clip!r}])[0].label;"
        "print(sorted({'sklearn', 'scipy', 'torch', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
