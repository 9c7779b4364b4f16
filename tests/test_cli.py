"""The command line, end to end on the audio that ships."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import serfast
from serfast.cli import app
from serfast.datasets import samples_dir

ANGRY = str(samples_dir() / "Actor_01" / "00-01-05-01-01-01-01.wav")


def run(*arguments, code=0):
    """Run a command in this process and check its exit code."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    path = tmp_path_factory.mktemp("features") / "features.parquet"
    run("extract", samples_dir(), "-o", path)
    return path


@pytest.fixture(scope="module")
def model(features):
    folder = features.parent / "model"
    run("train", features, "--model", "mlp", "-o", folder)
    return folder


def test_the_whole_job(features, model):
    evaluated = json.loads(run("evaluate", features, "--model", "mlp", "--json").stdout)
    assert evaluated["speaker_independent"] is True
    assert evaluated["folds"] == "6 folds of speakers"
    assert evaluated["uar"] > 0.6 > evaluated["chance"]["uar"] == 0.25
    (predicted,) = json.loads(run("predict", ANGRY, "--model", model, "--json").stdout)
    assert predicted["label"] == "angry"
    assert predicted["path"] == ANGRY


def test_the_model_that_ships_predicts_and_has_a_card():
    (predicted,) = json.loads(run("predict", ANGRY, "--json").stdout)
    assert sum(predicted["probabilities"].values()) == pytest.approx(1)
    shown = run("card").stdout
    for words in ("ODbL 1.0", "crema-d to ravdess", "Do not use it to decide about people"):
        assert words in shown
    assert json.loads(run("card", "--json").stdout)["training"]["corpus"] == "crema-d"


def test_a_trained_model_is_tested_and_its_card_has_figures(features, tmp_path):
    run("train", features, "--model", "mlp", "-o", tmp_path, "--evaluate")
    assert "6 folds of speakers" in run("card", tmp_path).stdout
    arguments = ("evaluate", features, "--trained", tmp_path)
    assert "trained on 6 of the speakers, such as samples:01, " in run(*arguments, code=2).stderr
    said = json.loads(run(*arguments, "--allow-leaks", "--json").stdout)
    assert said["corpus"] == "samples to samples"
    assert "--folds: means nothing with --trained" in run(*arguments, "--folds", 3, code=2).stderr


def test_extract_reports_what_it_found(tmp_path):
    output = tmp_path / "f.csv"
    said = json.loads(run("extract", samples_dir(), "-o", output, "--json").stdout)
    assert (said["corpus"], said["clips"], said["speakers"]) == ("samples", 48, 6)
    assert said["columns"] == 180
    assert said["counts"] == {"angry": 12, "happy": 12, "neutral": 12, "sad": 12}
    assert said["failures"] == []
    assert said["failures_file"] is None
    assert said["config"]["sr"] == 16000
    assert output.read_text(encoding="utf-8").count("\n") == 50


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        (["--features", "mfcc,rms", "--n-mfcc", "13"], 14),
        (["--features", "mfcc", "--n-mfcc", "13", "--pool", "mean,std"], 26),
        (["--recipe", "mlp-193"], 193),
        (["--recipe", "emotion-v1"], 846),
        (["--recipe", "egemaps-like-v1"], 88),
    ],
)
def test_extract_options_choose_the_columns(tmp_path, options, columns):
    arguments = [samples_dir(), "-o", tmp_path / "f.npz", "--emotions", "sad", "--json"]
    said = json.loads(run("extract", *arguments, *options).stdout)
    assert (said["columns"], said["clips"]) == (columns, 12)


def test_tables_are_printed_without_json(features, model):
    assert "neutral" in run("extract", samples_dir(), "-o", features).stdout
    shown = run("evaluate", features, "--random-split").stdout
    honest, leaking = shown.index("unseen speakers"), shown.index("LEAKS SPEAKERS")
    assert honest < shown.index("chance") < leaking
    assert "LEAKS" not in run("evaluate", features).stdout
    assert "angry" in run("predict", ANGRY, "--model", model).stdout


def test_recipes_run_by_name(features):
    figures = json.loads(run("evaluate", features, "--model", "mlp-180", "--json").stdout)
    assert list(figures["counts"]) == ["angry", "happy", "sad"]
    assert figures["random_split"]["published_accuracy"] == pytest.approx(0.682)
    result = run("evaluate", features, "--model", "mlp-193", code=2)
    assert "serfast extract DIR --recipe mlp-193" in result.stderr


@pytest.fixture
def partly_broken(tmp_path):
    folder = tmp_path / "clips"
    shutil.copytree(samples_dir() / "Actor_01", folder)
    (folder / "00-01-05-01-01-01-01.wav").write_bytes(b"not audio")
    return folder


def test_failures_cost_their_row_and_strict_makes_them_count(partly_broken, tmp_path):
    result = run("extract", partly_broken, "-o", tmp_path / "f.csv")
    assert "failed: " in result.stderr
    assert "f.failures.csv" in result.stderr
    listed = (tmp_path / "f.failures.csv").read_text().splitlines()
    assert len(listed) == 2
    assert "00-01-05-01-01-01-01.wav" in listed[1]
    run("extract", partly_broken, "-o", tmp_path / "f.csv", "--strict", code=1)
    quiet = run("extract", partly_broken, "-o", tmp_path / "f.csv", "--quiet")
    assert quiet.stderr == ""


def test_nothing_worked_is_exit_code_1(tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.wav").write_bytes(b"not audio")
    run("extract", tmp_path / "bad", "-o", tmp_path / "f.csv", code=1)


def test_predict_says_which_file_failed(model, partly_broken):
    bad = partly_broken / "00-01-05-01-01-01-01.wav"
    result = run("predict", ANGRY, bad, "--model", model, "--json")
    good, failed = json.loads(result.stdout)
    assert good["label"] == "angry"
    assert good["reason"] == ""
    assert failed["label"] is None
    assert failed["reason"]
    assert str(bad) in result.stderr
    run("predict", ANGRY, bad, "--model", model, "--strict", code=1)
    run("predict", bad, "--model", model, code=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["extract", "nowhere", "-o", "f.csv"], "nowhere: no such file or folder"),
        (["extract", str(samples_dir()), "-o", "f.xlsx"], "one of .parquet, .npz, .csv"),
        (
            ["extract", str(samples_dir()), "-o", "f.csv", "--recipe", "x"],
            "recipes are classic-180",
        ),
        (["extract", str(samples_dir()), "-o", "f.csv", "--emotions", "joy"], "labels here are"),
        (["train", "none.parquet", "-o", "m"], "none.parquet: no such file"),
        (["evaluate", "none.parquet"], "none.parquet: no such file"),
        (["predict", ANGRY, "--model", "none"], "none: not a model folder"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments, code=2)
    assert result.stdout == ""
    assert result.stderr.startswith("serfast: ")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate", ".", "--report", "afile"], "afile: is a file; a report is written into"),
        (["evaluate", ".", "--report", "afile/r"], "afile: is a file; a report is written into"),
        (["train", ".", "-o", "afile"], "afile: is a file; a model is written into a folder"),
        (["train", ".", "-o", "m", "--plot", "none/p.png"], "none: not a folder"),
        (["train", ".", "-o", "m", "--plot", "p.png"], "ensemble is not trained in epochs"),
        (["corpus", ".", "--plot", "p.x"], "p.x: a plot's name ends in"),
        (["corpus", ".", "--manifest", "none/m.csv"], "none: not a folder"),
        (["corpus", "m.csv", "--manifest", "../there/m.csv"], "../there/m.csv: is the input, too"),
        (["extract", "m.csv", "-o", "m.csv"], "m.csv: is the input, too"),
        (["extract", "*.csv", "-o", "m.csv"], "m.csv: is the input, too"),
        (["extract", ".", "-o", "none/f.csv"], "none: not a folder"),
        (["convert", ".", "afile"], "afile: is a file; a tree is written into a folder"),
        (["inspect", "afile"], "afile: not a job's folder"),
        (["corpus", ".", "--plot", "p.pgf"], "p.pgf: a plot's name ends in"),
        (["extract", ".", "-o", ""], "--output '': name a file, or a folder"),
        (["extract", ".", "-o", "-"], "--output '-': name a file, or a folder"),
        (["extract", ".", "-o", "new", "--memory", "9" * 400], "--memory is more than the"),
        (["predict", ANGRY, "--threads", "-5"], "threads=-5 must be a positive integer"),
        (["extract", ".", "-o", "folder.csv/f.csv/"], "folder.csv/f.csv: is a file; a job is"),
    ],
)
def test_output_that_cannot_be_written_is_refused_before_the_work(
    arguments, words, tmp_path, monkeypatch
):
    pytest.importorskip("matplotlib")
    folder = tmp_path / "there"
    (folder / "folder.csv").mkdir(parents=True)
    shutil.copy(ANGRY, folder)
    for name in ("afile", "m.csv", "folder.csv/f.csv"):
        (folder / name).write_text("path\n00-01-05-01-01-01-01.wav\n")
    monkeypatch.chdir(folder)
    for work in ("models.evaluate", "models.train", "datasets.inspect_clips"):
        monkeypatch.setattr(f"serfast.{work}", None)
    assert words in run(*arguments, code=2).stderr
    assert len(list(folder.rglob("*"))) == 5


@pytest.mark.skipif(os.name == "nt", reason="no such names on Windows")
def test_names_of_files_do_not_command_the_terminal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ANGRY, "a\x1b[31m.wav")
    (tmp_path / "b\x1b[2J.wav").write_text("no audio")
    shown = run("predict", "a\x1b[31m.wav", "b\x1b[2J.wav")
    for text in shown.stdout, shown.stderr:
        assert "\x1b" not in text
    assert r"a\x1b[31m.wav" in shown.stdout
    assert r"b\x1b[2J.wav" in shown.stderr


def test_figures_are_shown_even_where_the_report_fails(features, tmp_path, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr("serfast.models.write_report", full)
    result = run("evaluate", features, "--model", "svm", "--report", tmp_path / "r", code=1)
    assert "unseen speakers" in result.stdout
    assert "no space left" in result.stderr


def test_unknown_names_say_what_is_allowed(features):
    assert "models are mlp, svm" in run("evaluate", features, "--model", "x", code=2).stderr
    assert "at least 2" in run("evaluate", features, "--folds", "x", code=2).stderr
    run("evaluate", features, "--no-such-option", code=2)
    assert (
        "seed=-1 must be a whole number from 0 to 4294967295"
        in run("train", features, "-o", "m", "--seed", "-1", code=2).stderr
    )


def test_samples_are_printed_or_copied(tmp_path):
    assert run("samples").stdout.strip() == str(samples_dir())
    assert json.loads(run("samples", tmp_path / "new", "--json").stdout) == {
        "folder": str(tmp_path / "new")
    }
    assert "exists already" in run("samples", tmp_path / "new", code=2).stderr


def test_doctor_shows_the_configuration():
    assert json.loads(run("doctor", "--json").stdout)["version"]
    done = subprocess.run(
        [sys.executable, "-m", "serfast", "doctor"], capture_output=True, text=True, check=True
    )
    assert "threads" in done.stdout


def test_corpus_shows_what_there_is_and_writes_a_manifest(tmp_path):
    manifest = tmp_path / "clips.csv"
    arguments = ["corpus", samples_dir(), "--manifest", manifest]
    said = json.loads(run(*arguments, "--json").stdout)
    assert (said["corpus"], said["clips"], len(said["speakers"])) == ("samples", 48, 6)
    assert said["emotions"] == {"angry": 12, "happy": 12, "neutral": 12, "sad": 12}
    assert said["duration"]["total"] > 30
    shown = run("corpus", manifest)
    for words in ("samples: 48 clips", "angry       12  25.0", "female (24)", "rates: 16000 (48)"):
        assert words in shown.stdout
    assert shown.stderr == ""
    extracted = run("extract", manifest, "-o", tmp_path / "f.npz", "--features", "rms", "--json")
    assert json.loads(extracted.stdout)["speakers"] == 6


def test_corpus_unites_and_says_what_it_left_out(partly_broken, tmp_path):
    other = tmp_path / "mine"
    for label in ("wut", "dull"):
        (other / label).mkdir(parents=True)
        shutil.copy(ANGRY, other / label / f"{label}.wav")
    result = run("corpus", partly_broken, other / "wut", "--common", code=2)
    assert "no class is in all of the corpora" in result.stderr
    result = run("corpus", partly_broken, other, "--common", "--json")
    said = json.loads(result.stdout)
    assert said["corpus"] == "samples+folders"
    assert said["emotions"] == {"angry": 2}
    assert "left out, dropped label dull: 1\n" in result.stderr
    assert "left out, unreadable: 1\n" in result.stderr
    assert "note: clips without speaker: 1" in result.stderr
    assert run("corpus", partly_broken, "--quiet").stderr == ""


def test_corpus_draws_a_plot(tmp_path):
    pytest.importorskip("matplotlib")
    run("corpus", samples_dir(), "--plot", tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 1000


def test_corpus_without_any_usable_clip_is_exit_code_1(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"not audio")
    assert "left out, unreadable: 1" in run("corpus", tmp_path, code=1).stderr


def test_convert_writes_a_tree_and_counts_failures(partly_broken, tmp_path):
    new = tmp_path / "new"
    result = run("convert", partly_broken, new, "--sr", "8000", "--format", "flac")
    assert result.stdout == f"{new}: 7 files, mono, 8000 Hz, 1 failed\n"
    assert "failed: " in result.stderr
    assert len(list(new.rglob("*.flac"))) == 7
    assert "exists already" in run("convert", partly_broken, new, "--format", "flac", code=2).stderr
    arguments = ["convert", partly_broken, new, "--overwrite", "--strict", "--json"]
    said = json.loads(run(*arguments, code=1).stdout)
    assert len(said["written"]) == 7
    assert said["failures"][0][0].endswith("00-01-05-01-01-01-01.wav")


COMMANDS = ["extract", "corpus", "convert", "train", "evaluate", "predict", "doctor", "samples"]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name):
    assert f"Example: serfast {name}" in run(name, "--help").stdout


def test_the_version_is_the_package_s():
    assert run("--version").stdout.strip() == serfast.__version__


def test_verbose_says_where_an_error_arose_and_what_a_command_took():
    failed = run("--verbose", "card", "nowhere", code=2)
    assert "Traceback" in failed.stderr
    assert f"serfast {serfast.__version__}" in failed.stderr
    assert failed.stdout == ""
    assert "Traceback" not in run("card", "nowhere", code=2).stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_ends_a_command_without_a_word(unbuffered):
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "serfast", "doctor"]
    with os.fdopen(writes) as nobody:
        ended = subprocess.run(
            command, stdout=nobody, stderr=subprocess.PIPE, timeout=60,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_names_that_are_not_utf8_are_written_with_escapes(tmp_path):
    folder = tmp_path / "caf\udce9"
    try:
        shutil.copytree(samples_dir() / "Actor_01", folder)
    except (OSError, UnicodeError):
        pytest.skip("names are UTF-8 here")
    command = [sys.executable, "-m", "serfast", "predict", *folder.iterdir()]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert b"caf\\udce9" in done.stdout
    run("evaluate", tmp_path, "--model", "svm", "--folds", 2, "--report", tmp_path / "r")
    assert "caf\\udce9" in (tmp_path / "r" / "predictions.csv").read_text()


def test_an_interrupted_command_says_so_in_a_line(monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("serfast.models.load_model", interrupt)
    stopped = run("predict", ANGRY, code=130)
    assert (stopped.stdout, stopped.stderr) == ("", "serfast: interrupted\n")


def test_help_fits_into_a_terminal_and_has_the_exit_codes():
    text = run("--help").stdout
    assert "Exit codes: 0 done;" in text
    commands = text[text.index("Commands:") : text.index("Try it")].splitlines()[1:]
    assert not [line for line in commands if line.endswith("...")]


def test_shells_get_completions():
    environment = {"_SERFAST_COMPLETE": "complete_bash", "COMP_WORDS": "serfast pre"}
    completed = CliRunner().invoke(
        app, [], env={**environment, "COMP_CWORD": "1"}, prog_name="serfast"
    )
    assert completed.stdout.split() == ["predict"]
