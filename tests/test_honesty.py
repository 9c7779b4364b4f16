"""What a figure must not hide: missing classes, leaks, single tests, silence, odd labels."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import serfast
from helpers import run_python
from serfast.cli import app
from serfast.datasets import Clip, find_clips, load_manifest, samples_dir
from serfast.errors import ParameterError
from serfast.models import (
    MODELS,
    Ensemble,
    ModelSpec,
    evaluate,
    evaluate_trained,
    load_model,
    train,
    write_report,
)
from serfast.models._examples import Examples
from serfast.tables import FeatureTable, extract_table, save_table
from test_models import make_table


class Always:
    """A classifier that has one answer."""

    temperature_ = 1.0

    def __init__(self, seed=0):
        self.seed = seed

    def fit(self, X, y, groups=None):
        self.classes_ = np.unique(y)
        self.answer = np.bincount(np.unique(y, return_inverse=True)[1]).argmax()
        return self

    def predict_proba(self, X):
        return np.eye(len(self.classes_))[np.full(len(X), self.answer)]


ALWAYS = ModelSpec("always", about="", estimator=f"{__name__}:Always", features="emotion-v1")


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "200"})


def table_of(labels_of_speakers):
    """A table of one column, given the labels of each speaker's clips."""
    clips = tuple(
        Clip(f"{speaker}-{i}.wav", label, f"s{speaker}")
        for speaker, labels in enumerate(labels_of_speakers)
        for i, label in enumerate(labels)
    )
    values = np.random.default_rng(0).normal(size=(len(clips), 1)).astype(np.float32)
    return FeatureTable(clips, ("x",), values)


# ---------------------------------------------------------------- missing classes


def test_one_answer_is_chance_whatever_classes_a_fold_has():
    table = table_of([["neutral"] * 10 + ["angry"] * 6, *[["neutral"] * 10] * 5])
    figures = evaluate(table, ALWAYS)
    assert figures.uar[0] == pytest.approx(0.5) == figures.chance[1]
    assert figures.recall == {"angry": 0.0, "neutral": 1.0}
    assert figures.notes == (
        "all clips of angry are in one fold, which has none left to learn from",
        "folds without clips of angry: UAR is that of all folds together",
    )


def test_folds_that_have_every_class_are_averaged():
    table = table_of(
        [["neutral", "angry"] * 3, ["neutral", "angry", "neutral"], ["angry"] * 2 + ["neutral"]]
    )
    figures = evaluate(table, "svm", seeds=2)
    assert figures.uar[0] == pytest.approx(np.mean([score.uar for score in figures.scores]))
    assert figures.notes == ()


# ---------------------------------------------------------------- leaks


def test_what_leaks_is_never_called_unseen(tmp_path):
    table = make_table(shift=1.5)
    figures = evaluate(table, "svm", test_data=table, allow_leaks=True)
    assert not figures.speaker_independent
    page = write_report(figures, tmp_path).read_text(encoding="utf-8")
    assert "SPEAKERS MAY BE ON BOTH SIDES" in page
    assert "unseen speakers" not in page
    train(table, "svm", evaluations=[figures]).save(tmp_path / "model")
    shown = run("card", tmp_path / "model").stdout
    assert "WITH LEAKS" in shown


def test_a_card_says_where_speakers_are_unknown(tmp_path):
    table = make_table(shift=1.5)
    clips = tuple(replace(clip, speaker=None) for clip in table.clips)
    table = replace(table, clips=clips)
    train(table, "svm", evaluations=[evaluate(table, "svm")]).save(tmp_path / "model")
    shown = run("card", tmp_path / "model").stdout
    assert "SPEAKERS MAY BE ON BOTH SIDES" in shown


def test_clips_are_known_again_on_another_processor(tmp_path):
    """Kernels of other instruction sets differ in the last bits of features."""
    code = """
    import sys
    from serfast.datasets import find_clips, samples_dir
    from serfast.models import train
    train(find_clips(samples_dir()), "svm").save(sys.argv[1])
    """
    levels = serfast._core.supported_isas()
    for level in levels:
        run_python(code, tmp_path / level, SERFAST_ISA=level)
    here = extract_table(find_clips(samples_dir()), MODELS["svm"].extractor())
    clips = tuple(
        replace(clip, path=f"{i}.wav", speaker=f"x{i}") for i, clip in enumerate(here.clips)
    )
    for level in levels:
        model = load_model(tmp_path / level)
        with pytest.raises(ParameterError, match=r"was trained on (4[678]) of the recordings"):
            evaluate_trained(replace(here, clips=clips), model)


def test_few_columns_are_compared_bit_by_bit():
    values = np.float32([[1, 2], [1, np.nextafter(np.float32(2), 3)], [1, 2]])
    clips = tuple(Clip(f"{i}.wav", "sad") for i in range(3))
    one, other, again = Examples(
        clips, values, "x", FeatureTable(clips, ("a", "b"), values)
    ).fingerprints
    assert one == again != other


def test_many_leaks_are_counted():
    table = make_table(shift=1.5)
    values = np.repeat(table.values[:1], len(table.clips), axis=0)
    values[1::2] += 1
    with pytest.raises(ParameterError, match=r"identical clips on both sides") as error:
        evaluate(replace(table, values=values, config=None), "svm")
    assert ", and 1 more" in str(error.value)


def test_speakers_with_numbers_are_the_same_from_a_column_with_gaps(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet

    soundfile.write(tmp_path / "a.wav", np.full(100, 0.1), 16000)
    soundfile.write(tmp_path / "b.wav", np.full(100, 0.1), 16000)
    rows = {"path": ["a.wav", "b.wav"], "label": [1.0, 2.5], "speaker": [3.0, None]}
    pa.parquet.write_table(pa.table(rows), tmp_path / "m.parquet")
    clips = load_manifest(tmp_path / "m.parquet").clips
    assert [(clip.label, clip.speaker) for clip in clips] == [("1", "3"), ("2.5", None)]


# ---------------------------------------------------------------- what is shown


def test_a_single_test_has_no_spread(tmp_path):
    table = make_table(shift=1.5)
    other = replace(
        table,
        corpus="other",
        clips=tuple(replace(c, speaker=f"o{c.speaker}") for c in table.clips),
        values=table.values + 0.5,
    )
    figures = evaluate(table, "svm", test_data=other)
    assert figures.uar[1] is figures.accuracy[1] is None
    write_report(figures, tmp_path)
    kept = json.loads((tmp_path / "figures.json").read_text())
    assert kept["uar_std"] is kept["accuracy_std"] is None
    assert f"| {100 * figures.uar[0]:.1f} | {100 * figures.accuracy[0]:.1f} |" in (
        tmp_path / "report.md"
    ).read_text(encoding="utf-8")


def test_what_people_recognise_stands_beside_what_they_heard_only():
    labels = ("angry", "calm", "disgust", "fearful", "happy", "neutral", "sad", "surprised")
    table = replace(table_of([labels] * 3), corpus="ravdess")
    assert evaluate(table, ALWAYS).human == 0.67
    song = tuple(replace(clip, vocal_channel="song") for clip in table.clips)
    assert evaluate(replace(table, clips=song), ALWAYS).human is None
    bored = tuple(replace(c, label=c.label.replace("calm", "bored")) for c in table.clips)
    assert evaluate(replace(table, clips=bored), ALWAYS).human is None


def test_labels_of_several_lines_stay_in_their_row(tmp_path):
    table = make_table(shift=1.5)
    clips = tuple(replace(clip, label=f"{clip.label}\nline") for clip in table.clips)
    write_report(evaluate(replace(table, clips=clips), "svm", folds=2), tmp_path)
    assert "| angry line |" in (tmp_path / "report.md").read_text(encoding="utf-8")


# ---------------------------------------------------------------- what cannot be used


def test_silence_is_nothing_to_learn_from(tmp_path):
    rng = np.random.default_rng(0)
    for label in "sad", "happy":
        (tmp_path / label).mkdir()
        for i in range(4):
            soundfile.write(tmp_path / label / f"{i}.wav", rng.uniform(-0.3, 0.3, 16000), 16000)
    soundfile.write(tmp_path / "sad/silent.wav", np.zeros(20000), 16000)
    training = train(find_clips(tmp_path), "svm").training
    assert training["counts"] == {"happy": 4, "sad": 4}
    assert any("1 of 9 clips: silent, no sample above" in note for note in training["notes"])


def test_clips_that_are_too_loud_for_a_model_are_left_out(tmp_path):
    for clip in find_clips(samples_dir(), emotions=["angry", "sad"]).clips[:8]:
        y, sr = serfast.load(clip.path, sr=None)
        (tmp_path / clip.label).mkdir(exist_ok=True)
        soundfile.write(tmp_path / clip.label / f"{clip.speaker}.wav", y, sr, "FLOAT")
    soundfile.write(tmp_path / "sad/loud.wav", y * 1e30, sr, "FLOAT")
    found = find_clips(tmp_path)
    figures = evaluate_trained(found, load_model())
    assert len(figures.clips) == len(found.clips) - 1
    assert np.isfinite(figures.probabilities).all()
    assert any("1 of" in note and "too loud to be computed with" in note for note in figures.notes)


def test_as_many_rows_as_classes_are_refused_in_words():
    with pytest.raises(
        ParameterError, match="LDA needs more rows than classes; here are 2 rows of 2"
    ):
        Ensemble(calibrate=False).fit([[0.0], [1.0]], ["a", "b"])


def test_a_class_of_one_clip_is_learnt_without_complaint():
    Ensemble(calibrate=False).fit(np.arange(8.0)[:, None], ["a"] * 7 + ["b"])


@pytest.mark.parametrize("seeds", [0, True, [1, 1], []])
def test_odd_seeds_are_refused(seeds):
    with pytest.raises(ParameterError, match="give a number above 0, or a list of seeds"):
        evaluate(make_table(shift=1.5), "svm", folds=2, seeds=seeds)
    assert evaluate(make_table(shift=1.5), "svm", folds=2, seeds=np.int64(1)).seeds == [0]


def test_options_that_mean_nothing_are_refused_or_noted(tmp_path):
    table = make_table(shift=1.5)
    save_table(table, tmp_path / "t.npz")
    given = ["evaluate", str(tmp_path / "t.npz"), "--trained", "default"]
    for option in ["--seeds", "5"], ["--model", "svm"]:
        shown = run(*given, *option)
        assert shown.exit_code == 2
        assert f"{option[0]}: means nothing with --trained" in shown.stderr
    unknown = replace(table, clips=tuple(replace(clip, speaker=None) for clip in table.clips))
    figures = evaluate(unknown, "svm", random_split=True)
    assert "no random split: it stands beside folds of speakers only" in figures.notes
