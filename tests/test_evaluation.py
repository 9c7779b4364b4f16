"""Evaluation beyond one table: seeds, leaks, another corpus, one speaker's clips, the page."""

import csv
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.base import clone

from serfast.datasets import Recordings, find_clips, samples_dir
from serfast.errors import AudioError, ParameterError
from serfast.models import MODELS, evaluate, load_model, reproduce, train, write_report
from serfast.models._composed import described, restored
from serfast.models._networks import softmax
from serfast.models._start import starting_from
from test_models import make_table


@pytest.fixture(scope="module")
def table():
    return make_table(shift=1.5)


@pytest.fixture(scope="module")
def figures(table):
    return evaluate(table, "svm", folds=3, seeds=[4, 1])


def test_each_clip_is_tested_once_for_each_seed(table, figures):
    assert figures.seeds == [4, 1]
    assert figures.probabilities.shape == (2, len(table.clips), 3)
    np.testing.assert_allclose(figures.probabilities.sum(axis=2), 1)
    assert figures.confusion.sum() == 2 * len(table.clips)
    assert len(figures.scores) == 2 * 3
    assert figures.scores[0].seed == 4


def test_groups_cover_what_is_known(table, figures):
    speakers = figures.by("speaker")
    assert list(speakers) == ["01", "02", "03", "04", "05", "06"]
    assert all(found["clips"] == 12 for found in speakers.values())
    mean = np.mean([found["accuracy"] for found in speakers.values()])
    assert mean == pytest.approx(figures.accuracy[0])
    assert figures.by("sex") == {}
    clips = tuple(replace(c, sex="female" if c.speaker < "03" else None) for c in table.clips)
    sexes = evaluate(replace(table, clips=clips), "svm", folds=3).by("sex")
    assert sexes["female"]["clips"] == 24


def test_calibration_error_is_the_distance_of_sureness_from_accuracy(figures):
    points = figures.reliability
    assert sum(clips for *_, clips in points) == figures.confusion.sum()
    gaps = sum(abs(sure - right) * clips for sure, right, clips in points)
    assert figures.calibration_error == pytest.approx(gaps / figures.confusion.sum())
    sure = [
        evaluate(make_table(shift=1.5), spec, folds=3).calibration_error
        for spec in (MODELS["mlp"], replace(MODELS["mlp"], parameters={"calibrate": False}))
    ]
    assert sure[0] < sure[1]


def test_a_speaker_on_both_sides_is_refused(table):
    """Corpora that number their speakers alike are kept apart; one that is given twice is not."""
    other = replace(table, corpus="other", values=table.values + np.float32(0.01))
    assert evaluate(table, "svm", test_data=other).leaks == ()
    again = replace(table, values=table.values + np.float32(0.01))
    with pytest.raises(ParameterError, match="speaker ravdess:01 is on both sides of a fold"):
        evaluate(table, "svm", test_data=again)
    allowed = evaluate(table, "svm", test_data=again, allow_leaks=True)
    assert len(allowed.leaks) == 6


def test_speakers_of_the_same_name_in_own_corpora_are_the_same(table):
    monday = replace(table, corpus="monday")
    tuesday = replace(table, corpus="tuesday", values=table.values + np.float32(0.01))
    with pytest.raises(ParameterError, match="speaker 01 is on both sides of a fold"):
        evaluate(monday, "svm", test_data=tuesday)
    nobody = tuple(replace(clip, speaker=None) for clip in table.clips)
    unknown = evaluate(monday, "svm", test_data=replace(tuesday, clips=nobody))
    assert not unknown.speaker_independent
    assert any("the same voices may be on both sides" in note for note in unknown.notes)


def test_clips_without_a_speaker_are_left_out_where_others_have_one(table):
    clips = (replace(table.clips[0], speaker=None), *table.clips[1:])
    figures = evaluate(replace(table, clips=clips), "svm")
    assert (figures.speaker_independent, len(figures.clips)) == (True, len(clips) - 1)
    assert f"left out 1 of {len(clips)} clips: no speaker" in figures.notes


@pytest.mark.parametrize(
    "options", [{"folds": 2.7}, {"enrol": True}, {"enrol": -1}, {"seeds": ["a"]}, {"seeds": [-1]}]
)
def test_options_of_the_wrong_kind_are_refused(table, options):
    (name,) = options
    with pytest.raises(ParameterError, match=name.removesuffix("s")):
        evaluate(table, "svm", **options)


def test_what_cannot_be_learnt_from_is_refused_in_words(table):
    one_each = tuple(replace(c, speaker="1" if c.label == "angry" else "2") for c in table.clips)
    clips = tuple(replace(c, label="sad" if c.label == "happy" else c.label) for c in one_each)
    with pytest.raises(ParameterError, match="at least two classes; here is one class, "):
        evaluate(replace(table, clips=clips), "svm")
    with pytest.raises(ParameterError, match="labelled clips of at least two classes; here is no"):
        evaluate(table.rows(np.zeros(len(clips), dtype=bool)), "svm")


def test_the_same_recording_under_two_names_is_refused(table):
    other = replace(table, corpus="other")
    with pytest.raises(ParameterError, match="identical clips on both sides of a fold"):
        evaluate(table, "svm", test_data=other)


def test_another_corpus_is_tested_on_the_classes_that_both_have(table):
    words = {"angry": "anger", "happy": "happiness", "sad": "boredom"}
    clips = tuple(replace(c, label=words[c.label], path=f"o/{c.path}") for c in table.clips)
    shifted = table.values + np.float32(0.01)
    figures = evaluate(
        table, "svm", test_data=replace(table, clips=clips, corpus="other", values=shifted)
    )
    assert figures.classes == ("angry", "happy")
    assert figures.folds == "trained on ravdess"
    assert figures.corpus == "ravdess to other"
    assert {clip.path[:2] for clip in figures.clips} == {"o/"}
    assert figures.uar[0] > 0.6
    assert "other: left out bored, which the other corpus has not" in figures.notes
    with pytest.raises(ParameterError, match="there are no folds"):
        evaluate(table, "svm", folds=3, test_data=table)
    few = tuple(replace(c, label="bored" if i % 2 else "sad") for i, c in enumerate(clips))
    with pytest.raises(ParameterError, match="share 1 classes, two are needed"):
        evaluate(table, test_data=replace(table, clips=few, corpus="x", values=shifted))
    with pytest.raises(ParameterError, match="features of different configurations, cafe and beef"):
        evaluate(table, test_data=replace(table, hash="beef", corpus="x", values=shifted))


@pytest.mark.parametrize("seeds", [0, []])
def test_no_seed_is_refused(table, seeds):
    with pytest.raises(ParameterError, match="give a number above 0, or a list of seeds"):
        evaluate(table, seeds=seeds)


def test_page_shows_the_figures(figures, tmp_path):
    page = write_report(figures, tmp_path / "out").read_text()
    text = (tmp_path / "out" / "report.md").read_text()
    uar = f"{100 * figures.uar[0]:.1f} ± {100 * figures.uar[1]:.1f}"
    for words in ("svm on ravdess", uar, "3 folds of speakers, unseen speakers", "confusion.png"):
        assert words in page
        assert words in text
    kept = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert kept == json.loads(json.dumps(figures.to_dict()))
    with (tmp_path / "out" / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(figures.clips)
    right = np.mean([row["label"] == row["predicted"] for row in rows])
    assert right == pytest.approx(figures.accuracy[0])
    with pytest.raises(ParameterError, match="is a file; a report is written into a folder"):
        write_report(figures, tmp_path / "out" / "report.md")


def test_names_in_pages_are_no_markup(table, tmp_path):
    clips = tuple(replace(clip, speaker=f"<b>|{clip.speaker}") for clip in table.clips)
    page = write_report(evaluate(replace(table, clips=clips), "svm", folds=2), tmp_path)
    assert "<b>" not in page.read_text()
    assert "&lt;b&gt;|01" in page.read_text()
    assert r"| &lt;b>\|01 |" in (tmp_path / "report.md").read_text()


def test_a_folder_of_audio_is_evaluated_trained_and_predicted(tmp_path):
    corpus = find_clips(samples_dir())
    figures = evaluate(corpus, "svm", folds=3)
    assert figures.speaker_independent
    assert len(figures.clips) == 48
    model = train(corpus, "svm")
    model.save(tmp_path)
    paths = [clip.path for clip in corpus.clips[:8]]
    loaded = load_model(tmp_path)
    assert loaded.predict_files(paths) == model.predict_files(paths)
    assert [p.label for p in loaded.predict_files(paths)] == [c.label for c in corpus.clips[:8]]


def test_enrolment_changes_predictions_towards_the_speaker():
    corpus = find_clips(samples_dir())
    model = train(corpus, "svm")
    own = [clip.path for clip in corpus.clips if clip.speaker == "03"]
    enrolled = model.enrolled(own)
    assert enrolled.predict_files(own) != model.predict_files(own)
    assert enrolled.enrolled(own).network.mean.tolist() != model.network.mean.tolist()
    with pytest.raises(ParameterError, match="none of the 1 clips to enrol with can be used"):
        model.enrolled(["nowhere.wav"])
    with pytest.raises(ParameterError, match="this model takes no enrolment"):
        train(corpus, "mlp-180").enrolled(own)


def test_evaluation_with_enrolment_hears_other_clips_of_the_speaker():
    """Speakers whose columns are all moved: those who are known by a few clips are understood."""
    table = make_table(n_each=8, shift=2.0)
    rng = np.random.default_rng(3)
    voices = {s: rng.normal(scale=4, size=table.values.shape[1]) for s in set(table.speakers)}
    moved = table.values + np.array([voices[s] for s in table.speakers], dtype=np.float32)
    table = replace(table, values=moved)
    uar = {k: evaluate(table, "svm", folds=3, enrol=k).uar[0] for k in (None, 0, 12, "all")}
    assert uar[0] == uar[None]
    assert min(uar[12], uar["all"]) > uar[None] + 0.1
    assert evaluate(table, "svm", folds=3, enrol=2).to_dict()["enrol"] == 2
    for wrong in (-1, "many", 1.5):
        with pytest.raises(ParameterError, match='give a number of clips, or "all"'):
            evaluate(table, "svm", enrol=wrong)
    with pytest.raises(ParameterError, match="takes no enrolment"):
        evaluate(find_clips(samples_dir()), "mlp-180", folds=2, enrol=2)


def test_recipes_print_three_figures_side_by_side():
    done = reproduce(find_clips(samples_dir()), "mlp-180", seed=2)
    kept = done.to_dict()
    assert kept["published"] == {"accuracy": 0.682, "uar": None}
    again = kept["reproduced"]
    assert (
        again["accuracy"]
        == done.figures.random_split[0][0]
        == pytest.approx(np.mean(again["runs"]))
    )
    assert again["accuracy_std"] == pytest.approx(np.std(again["runs"]))
    assert kept["speaker_independent"]["uar"] == done.figures.uar[0]
    assert done.figures.seeds == [*range(2, 12)]
    with pytest.raises(ParameterError, match="mlp is not a published recipe; recipes are mlp-180"):
        reproduce(find_clips(samples_dir()), "mlp")
    nobody = find_clips(samples_dir())
    nobody = replace(nobody, clips=tuple(replace(c, speaker=None) for c in nobody.clips))
    with pytest.raises(ParameterError, match="its speakers are unknown"):
        reproduce(nobody, "mlp-180")


def test_every_model_has_its_input():
    for spec in MODELS.values():
        assert (spec.features is None) != (spec.rate is None)
        assert json.loads(json.dumps(spec.to_dict()))["name"] == spec.name


def test_what_only_enrolment_needs_is_trained_only_for_it(monkeypatch):
    pytest.importorskip("torch", reason="networks are trained with PyTorch (the extra torch)")
    from serfast.models import ModelSpec

    asked = []
    make = ModelSpec.make

    def noting(spec, seed, *, enrolment=True):
        asked.append(enrolment)
        return make(spec, seed, enrolment=enrolment)

    assert [MODELS["fusion"].make(0, enrolment=e).voices for e in (True, False)] == [True, False]
    monkeypatch.setattr(ModelSpec, "make", noting)
    for enrol, expected in ((None, False), (0, False), (2, True), ("all", True)):
        evaluate(make_table(), "svm", folds=2, enrol=enrol)
        assert asked == [expected] * 2
        asked.clear()


def test_fusion_hears_and_counts():
    """Half of it needs PyTorch to be trained; neither half needs it to predict."""
    pytest.importorskip("torch", reason="networks are trained with PyTorch (the extra torch)")
    pytest.importorskip("skorch", reason="networks are trained with skorch (the extra torch)")
    from serfast.models._fusion import Fusion
    from serfast.nets import ResidualNet

    corpus = find_clips(samples_dir())
    clips = Recordings([clip.path for clip in corpus.clips], 16000)
    labels, speakers = zip(*((c.label, c.speaker) for c in corpus.clips), strict=True)
    small = ResidualNet(channels=(4, 8), embedding=8, epochs=1, variants=())
    told = []
    fitted = Fusion(network=small, progress=lambda *at: told.append(at))
    fitted.fit(clips, labels, speakers)
    assert told == [(1, 3), (2, 3), (3, 3)]  # the one that finds the temperature, and two
    start = fitted.network_.members[0].alone.runtime
    slow = clone(small).set_params(learning_rate=1e-9)
    further = Fusion(network=slow, start=start, voices=False).fit(clips, labels, speakers)
    weights = further.network_.members[0].runtime.tensors["stem.weight"]
    np.testing.assert_allclose(weights, start.tensors["stem.weight"], atol=1e-6)
    heard, counted = (
        softmax(member.logits(clips[:5]) / temperature)
        for member, temperature in zip(
            fitted.network_.members, fitted.network_.temperatures, strict=True
        )
    )
    np.testing.assert_allclose(fitted.predict_proba(clips[:5]), (heard + counted) / 2)
    again = restored(json.loads(json.dumps(described(fitted.network_))), fitted.network_.tensors())
    np.testing.assert_array_equal(again.logits(clips[:5]), fitted.network_.logits(clips[:5]))
    own = clips[[row for row, speaker in enumerate(speakers) if speaker == "02"]]
    assert not np.allclose(again.enrolled(own).logits(own), again.logits(own))
    with pytest.raises(AudioError, match="recording 0: audio is not finite"):
        again.members[1].logits([np.full(8000, np.nan, np.float32)])
    plain = Fusion(network=small, voices=False).fit(clips, labels, speakers)
    np.testing.assert_allclose(plain.predict_proba(clips[:5]), fitted.predict_proba(clips[:5]))
    for network, groups in ((small, None), (clone(small).set_params(patience=1), speakers)):
        without = Fusion(network=network).fit(clips, labels, groups)
        assert without.network_.members[0].kind == "residual"
    trained = SimpleNamespace(name="fusion", network=fitted.network_)
    assert starting_from(MODELS["residual"], trained).parameters["start"] is start


def test_a_voice_is_heard_once_its_clips_are_known(tmp_path):
    pytest.importorskip("torch", reason="networks are trained with PyTorch (the extra torch)")
    pytest.importorskip("skorch", reason="networks are trained with skorch (the extra torch)")
    from serfast.models._voiced import Voiced
    from serfast.nets import BandStatistics, ResidualNet
    from serfast.nets._voice_net import VoiceNet

    corpus = find_clips(samples_dir())
    clips = Recordings([clip.path for clip in corpus.clips], 16000)
    labels, speakers = zip(*((c.label, c.speaker) for c in corpus.clips), strict=True)
    small = {"channels": (4, 8), "embedding": 8, "epochs": 2, "variants": (), "calibrate": False}
    alone = ResidualNet(**small).fit(clips, labels).network_
    beside = VoiceNet(**small).fit(clips, labels, speakers).network_
    both = Voiced(alone, beside)
    by_itself = softmax(alone.logits(clips[:4]))
    np.testing.assert_allclose(softmax(both.logits(clips[:4])), by_itself)
    own = clips[[row for row, speaker in enumerate(speakers) if speaker == "02"]]
    for n_heard, share in ((1, 1 / 4), (3, 1 / 2), (len(own), len(own) / (len(own) + 3))):
        heard = own[:n_heard]
        voice = BandStatistics.total(BandStatistics.of(beside.runtime.front(y)) for y in heard)
        scores = [beside.runtime.scores(beside.runtime.front(y), voice) for y in clips[:4]]
        expected = (1 - share / 2) * by_itself + share / 2 * softmax(np.array(scores, np.float64))
        np.testing.assert_allclose(softmax(both.enrolled(heard).logits(clips[:4])), expected)
    again = restored(json.loads(json.dumps(described(both))), both.tensors())
    np.testing.assert_array_equal(again.logits(clips[:2]), both.logits(clips[:2]))
    from_disk = VoiceNet(**small, cache_dir=tmp_path).fit(clips, labels, speakers).tensors_
    for name, tensor in beside.runtime.tensors.items():
        np.testing.assert_array_equal(from_disk[name], tensor)
    other = ResidualNet(**small | {"band_range": (15, 30)}).fit(clips, labels).network_
    with pytest.raises(ValueError, match="the two networks have sizes"):
        Voiced.from_parts(Voiced(alone, other).settings(), Voiced(alone, other).tensors())
    with pytest.raises(ParameterError, match="needs to know who speaks: groups"):
        VoiceNet(**small).fit(clips, labels)
    with pytest.raises(ParameterError, match="holds no clips out: give it calibrate=False"):
        VoiceNet().fit(clips, labels, speakers)
