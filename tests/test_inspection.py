"""Opening clips: facts, and the reasons to leave some out; unions, manifests, summary and plot."""

import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from helpers import files_at_most
from serfast.datasets import (
    Clip,
    Corpus,
    find_clips,
    inspect_clips,
    load_manifest,
    plot_emotions,
    samples_dir,
    save_manifest,
    summarise,
    unite,
)
from serfast.errors import ParameterError

SR = 8000


def noise(seed=0, seconds=0.2, channels=1):
    rng = np.random.default_rng(seed)
    y = rng.integers(-9999, 9999, (int(seconds * SR), channels))
    return y.astype(np.int16)


def write(path, y, sr=SR, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, y, sr, **options)
    return path


def reasons(corpus, root):
    return {
        Path(path).relative_to(root).as_posix(): reason.partition(":")[0]
        for path, reason in corpus.left_out
    }


def test_facts_are_those_of_the_file(tmp_path):
    write(tmp_path / "happy" / "a.wav", noise(1, 0.25))
    write(tmp_path / "sad" / "b.flac", noise(2, 0.5, channels=2), 16000)
    happy, sad = inspect_clips(find_clips(tmp_path)).clips
    assert (happy.label, happy.duration, happy.rate, happy.channels) == ("happy", 0.25, 8000, 1)
    assert (sad.label, sad.duration, sad.rate, sad.channels) == ("sad", 0.25, 16000, 2)
    assert happy.hash != sad.hash


def test_what_cannot_be_used_is_left_out_with_the_reason(tmp_path):
    write(tmp_path / "good.wav", noise())
    write(tmp_path / "zero.wav", np.zeros(SR, np.int16))
    write(tmp_path / "dither.wav", (noise() > 0).astype(np.int16) * 3)
    write(tmp_path / "short.wav", noise(1, 0.05))
    write(tmp_path / "empty.wav", noise(1, 0))
    write(tmp_path / "nan.wav", np.array([[0.5, np.nan] * SR]).T, subtype="FLOAT")
    (tmp_path / "text.wav").write_text("not audio")
    (tmp_path / "nothing.flac").touch()
    (tmp_path / "cut.wav").write_bytes((tmp_path / "good.wav").read_bytes()[:30])
    corpus = inspect_clips(find_clips(tmp_path))
    assert [Path(clip.path).name for clip in corpus.clips] == ["good.wav"]
    assert reasons(corpus, tmp_path) == {
        "zero.wav": "silent",
        "dither.wav": "silent",
        "short.wav": "too short",
        "empty.wav": "too short",
        "nan.wav": "unreadable",
        "text.wav": "unreadable",
        "nothing.flac": "unreadable",
        "cut.wav": "unreadable",
    }
    short = inspect_clips(find_clips(tmp_path), min_duration=0.04).clips
    assert [Path(clip.path).name for clip in short] == ["good.wav", "short.wav"]


def test_a_recording_is_recognised_in_any_packing(tmp_path):
    y = noise()
    write(tmp_path / "a.wav", y)
    write(tmp_path / "b.flac", y)
    write(tmp_path / "c.wav", np.repeat(y, 2, axis=1))
    write(tmp_path / "d.wav", y / 32768, subtype="FLOAT")
    write(tmp_path / "e.wav", y, format="AIFF")  # as in TESS: an AIFF file by the name of a WAV
    write(tmp_path / "f.wav", y, subtype="PCM_24")
    other = y.copy()
    other[100] += 1
    write(tmp_path / "g.wav", other)
    corpus = inspect_clips(find_clips(tmp_path))
    assert [Path(clip.path).name for clip in corpus.clips] == ["a.wav", "g.wav"]
    assert set(reasons(corpus, tmp_path)) == {f"{name}" for name in (
        "b.flac", "c.wav", "d.wav", "e.wav", "f.wav")}  # fmt: skip


def test_duplicates_with_other_labels_are_named(tmp_path):
    y = noise()
    for name in ("03-01-03-01-01-01-07", "03-01-03-01-01-02-07", "03-01-05-01-01-01-08"):
        write(tmp_path / f"{name}.wav", y)
    corpus = inspect_clips(find_clips(tmp_path))
    (first,) = corpus.clips
    assert first.label == "happy"
    assert [reason for _, reason in corpus.left_out] == [
        f"duplicate: the same samples as {first.path}",
        f"duplicate with other facts: the same samples as {first.path}, "
        "which is happy of speaker 07 and not angry of speaker 08",
    ]


def test_order_and_threads_change_nothing():
    corpus = find_clips(samples_dir())
    calls = []
    one = inspect_clips(corpus, threads=1, progress=lambda *numbers: calls.append(numbers))
    assert one == inspect_clips(corpus, threads=3)
    assert calls[-1] == (48, 48)
    backwards = inspect_clips(replace(corpus, clips=corpus.clips[::-1]))
    assert backwards.clips[::-1] == one.clips


def test_options_of_inspection_are_checked():
    corpus = Corpus("files", ())
    with pytest.raises(ParameterError, match="min_duration=-1 must be"):
        inspect_clips(corpus, min_duration=-1)
    with pytest.raises(ParameterError, match="threads=0 must be"):
        inspect_clips(corpus, threads=0)


# ---------------------------------------------------------------- unions


def test_a_union_has_one_vocabulary_and_keeps_speakers_apart():
    tess = Corpus("tess", (Clip("a", "fearful", "OAF"), Clip("b", "sad", "OAF")))
    mine = Corpus(
        "folders", (Clip("c", "Peur"), Clip("d", "tristesse"), Clip("e", "dur"), Clip("f"))
    )
    both = unite([tess, mine])
    assert both.name == "tess+folders"
    assert both.labels == ("dur", "fearful", "sad")
    assert [clip.speaker for clip in both.clips] == ["tess:OAF", "tess:OAF", None, None, None, None]
    more = unite([both, Corpus("cafe", (Clip("g", "sad", "01"),))], common=True)
    assert more.name == "tess+folders+cafe"
    assert [clip.speaker for clip in more.clips] == ["tess:OAF", None, None, "cafe:01"]
    assert more.left_out == (
        ("a", "dropped label fearful"),
        ("c", "dropped label fearful"),
        ("e", "dropped label dur"),
    )


def test_parts_of_one_corpus_share_their_speakers():
    speech = Corpus("ravdess", (Clip("a", "sad", "01"),), (("x", "why"),))
    song = Corpus("ravdess", (Clip("b", "sad", "01"),), (("y", "why"),))
    both = unite([speech, song])
    assert both.name == "ravdess"
    assert [clip.speaker for clip in both.clips] == ["01", "01"]
    assert both.left_out == (("x", "why"), ("y", "why"))


def test_unions_that_make_no_sense_are_refused():
    one = Corpus("mine", (Clip("a", "sad", "1"),))
    with pytest.raises(ParameterError, match="at least one corpus"):
        unite([])
    with pytest.raises(ParameterError, match="speaker 1 is in two corpora named mine"):
        unite([one, one])
    with pytest.raises(ParameterError, match=r"no class is in all of .*mine: sad; tess: happy"):
        unite([one, Corpus("tess", (Clip("b", "happy", "OAF"),))], common=True)


# ---------------------------------------------------------------- manifests


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".CSV"])
def test_a_manifest_gives_the_corpus_back(tmp_path, suffix):
    write(tmp_path / "data" / "Actor_07" / "03-01-03-01-02-01-07.wav", noise(1))
    write(tmp_path / "data" / "Actor_08" / "03-02-03-01-02-01-08.wav", noise(2, channels=2))
    corpus = inspect_clips(find_clips(tmp_path / "data"))
    manifest = tmp_path / f"clips{suffix}"
    save_manifest(corpus, manifest)
    assert load_manifest(manifest) == corpus
    assert find_clips(manifest, ["happy"]) == corpus
    moved = (tmp_path / "elsewhere").resolve()
    moved.mkdir()
    for thing in (manifest, tmp_path / "data"):
        thing.rename(moved / thing.name)
    found = load_manifest(moved / manifest.name)
    assert [clip.hash for clip in found.clips] == [clip.hash for clip in corpus.clips]
    assert Path(found.clips[0].path).is_file()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_manifests_of_other_tools_are_read(tmp_path, delimiter):
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).touch()
    rows = [
        ["File", "emotion", "gender", "age", "more"],
        [str(tmp_path / "a.wav"), "Freude ", "F", "51.0", "x"],
        ["b.wav ", " ", "", "", ""],
        ["./b.wav", "sad", "", "", ""],
        ["gone.wav", "sad", "m", "", ""],
    ]
    text = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows) + "\r\n\r\n"
    (tmp_path / "clips.csv").write_text(text, encoding="utf-8", newline="")
    corpus = find_clips(tmp_path / "clips.csv")
    assert corpus.name == "clips"
    assert corpus.clips == (
        Clip(str(tmp_path / "a.wav"), "Freude", sex="female", age=51),
        Clip(str(tmp_path / "b.wav")),
    )
    assert reasons(corpus, tmp_path) == {"b.wav": "listed twice", "gone.wav": "no such file"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no column path"),
        ("label,speaker\nsad,1\n", "no column path; its columns are label, speaker"),
        ("path,label\n,sad\n", "row 1: path is empty"),
        ("path,label\na.wav,sad,x\n", "row 1 has 3 cells, the header has 2"),
        ("path,age\na.wav,old\n", "row 1: age='old' must be a whole number, or empty"),
        ("path,age\na.wav,7.5\n", "row 1: age='7.5' must be a whole number, or empty"),
        ("path,duration\na.wav,inf\n", "row 1: duration='inf' must be a number, or empty"),
        ("path,sex\na.wav,x\n", "row 1: sex='x' must be female or male, or empty"),
        ("path,path\na.wav,a.wav\n", "the columns path, path mean path: only one can"),
        ("file,filename\na.wav,a.wav\n", "the columns file, filename mean path: only one can"),
        ("path\ngone.wav\n", "none of the files that it lists exists"),
        ("\udcff", "not a table"),
    ],
)
def test_manifests_that_say_nothing_are_refused(tmp_path, text, words):
    (tmp_path / "a.wav").touch()
    (tmp_path / "m.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ParameterError, match=r"m\.csv: ") as caught:
        load_manifest(tmp_path / "m.csv")
    assert words in str(caught.value)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_manifest_that_cannot_be_written_leaves_the_old_one(tmp_path, suffix):
    manifest = tmp_path / f"m{suffix}"
    manifest.write_text("old")
    with files_at_most(10), pytest.raises(OSError, match="cannot be written: File too large"):
        save_manifest(Corpus("files", (Clip("a.wav"),)), manifest)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [(manifest.name, "old")]


def test_a_file_is_one_clip_by_whatever_name(tmp_path, monkeypatch):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.wav").touch()
    monkeypatch.chdir(tmp_path)
    names = ["d/a.wav", "./d/a.wav", "d/../d/a.wav", str(tmp_path / "d" / "a.wav")]
    Path("m.csv").write_text("\n".join(["path", *names]))
    corpus = load_manifest("m.csv")
    assert len(corpus.clips) == 1
    assert [reason.partition(":")[0] for _, reason in corpus.left_out] == ["listed twice"] * 3


@pytest.mark.parametrize(
    "fact", [{"label": ["x"]}, {"label": {"x": 1}}, {"speaker": True}, {"age": True}]
)
def test_facts_that_are_no_texts_are_refused(tmp_path, fact):
    (tmp_path / "m.jsonl").write_text(json.dumps({"path": "a.wav", **fact}))
    ((name, value),) = fact.items()
    with pytest.raises(ParameterError, match=re.escape(f"row 1: {name}={value!r} must be ")):
        load_manifest(tmp_path / "m.jsonl")


def test_names_that_are_not_utf8_are_for_manifests_of_json(tmp_path):
    name = os.fsdecode(b"caf\xe9.wav")
    try:
        (tmp_path / name).touch()
    except OSError:
        pytest.skip("names are UTF-8 here")
    corpus = Corpus("m", (Clip(str(tmp_path / name)),))
    for suffix in ".csv", ".parquet":
        with pytest.raises(ParameterError, match=r"caf\\xe9\.wav is not UTF-8; only .* \.jsonl"):
            save_manifest(corpus, tmp_path / f"m{suffix}")
    save_manifest(corpus, tmp_path / "m.jsonl")
    assert load_manifest(tmp_path / "m.jsonl") == corpus
    assert len(list(tmp_path.iterdir())) == 2


def test_manifests_need_a_name_and_a_place(tmp_path):
    corpus = Corpus("files", (Clip("a.wav"),))
    (tmp_path / "bad.parquet").write_text("no")
    for name, words in {
        "m.txt": "a manifest's name ends in .csv or .parquet",
        "none.csv": "no such file",
        "bad.parquet": "not a table",
    }.items():
        with pytest.raises(ParameterError, match=words):
            load_manifest(tmp_path / name)
    with pytest.raises(ParameterError, match="none: not a folder"):
        save_manifest(corpus, tmp_path / "none" / "m.csv")


# ---------------------------------------------------------------- summary and plot


def test_a_summary_counts_and_warns(tmp_path):
    clips = (
        Clip("a", "sad", "1", "male", "x", duration=1.0, rate=8000, channels=1),
        Clip("b", "sad", "1", "male", "x", duration=2.0, rate=16000, channels=2),
        Clip("c", "puzzled", None, None, duration=6.0, rate=16000, channels=1),
        Clip("d"),
    )
    summary = summarise(Corpus("emodb+mine", clips, (("e", "silent: so"),)))
    assert summary["clips"] == 4
    assert summary["emotions"] == {"puzzled": 1, "sad": 2, "(none)": 1}
    assert summary["speakers"] == {"1": 2, "(none)": 2}
    assert summary["rates"] == {"8000": 1, "16000": 2, "(none)": 1}
    assert summary["duration"] == {"total": 9.0, "shortest": 1.0, "median": 2.0, "longest": 6.0}
    assert [known["title"] for known in summary["known"]] == ["Berlin Database of Emotional Speech"]
    assert summary["left_out"] == [{"path": "e", "reason": "silent: so"}]
    assert [warning.partition(";")[0] for warning in summary["warnings"]] == [
        "clips without label: 1",
        "clips without speaker: 2",
        "clips without sex: 2",
        "labels that are no common names of emotions: puzzled",
        "different sampling rates: 8000, 16000 Hz",
        "clips with several channels: 1",
        "clips that say of themselves what another clip says: 1",
    ]


def test_a_clean_corpus_has_no_warnings():
    assert summarise(inspect_clips(find_clips(samples_dir())))["warnings"] == []


@pytest.mark.parametrize("suffix", [".png", ".SVG"])
def test_emotions_are_drawn(tmp_path, suffix):
    pytest.importorskip("matplotlib")
    clips = (*find_clips(samples_dir()).clips, Clip("a", "bored"))
    plot_emotions(Corpus("mine", clips), tmp_path / f"p{suffix}")
    drawn = (tmp_path / f"p{suffix}").read_bytes()
    assert drawn.startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")
    with pytest.raises(ParameterError, match=r"p\.doc: a plot's name ends in one of .*\.png"):
        plot_emotions(Corpus("mine", clips), tmp_path / "p.doc")
    with pytest.raises(ParameterError, match="none: not a folder"):
        plot_emotions(Corpus("mine", clips), tmp_path / "none" / "p.png")


def test_a_plot_without_matplotlib_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ParameterError, match=r'pip install "serfast\[plot\]"'):
        plot_emotions(find_clips(samples_dir()), tmp_path / "p.png")
