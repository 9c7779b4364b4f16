"""Several sources at once, links, manifests of several corpora, odd names and tables."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serfast.datasets import (
    Clip,
    Corpus,
    convert_tree,
    find_clips,
    inspect_clips,
    load_manifest,
    save_manifest,
    unite,
)
from serfast.display import emotion_counts
from serfast.errors import ParameterError
from sources import touch

RAVDESS = [f"03-01-0{emotion}-01-01-01-01.wav" for emotion in range(1, 5)]


def facts(corpus):
    return [(Path(clip.path).name, clip.label, clip.speaker) for clip in corpus.clips]


def listed(folder, name, rows):
    """A manifest of empty files, and the files."""
    touch(folder, *(row["path"] for row in rows))
    path = folder / name
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


# ---------------------------------------------------------------- several sources


def test_people_of_two_manifests_are_different_people(tmp_path):
    one = listed(tmp_path / "a", "one.jsonl", [{"path": "x.wav", "label": "fear", "speaker": 1}])
    two = listed(tmp_path / "b", "two.jsonl", [{"path": "y.wav", "label": "joy", "speaker": 1}])
    corpus = find_clips([one, two])
    assert corpus.name == "one+two"
    assert facts(corpus) == [("x.wav", "fearful", "one:1"), ("y.wav", "happy", "two:1")]
    same = listed(tmp_path / "c", "one.jsonl", [{"path": "z.wav", "label": "fear", "speaker": 1}])
    with pytest.raises(ParameterError, match="is in two corpora named one"):
        find_clips([one, same])


@pytest.mark.parametrize("n", [2, 20])
def test_each_source_is_recognised_by_itself(tmp_path, n):
    own = [f"{label}/{i}.wav" for label in ("happy", "sad") for i in range(n)]
    corpus = find_clips([touch(tmp_path / "known", *RAVDESS), touch(tmp_path / "own", *own)])
    assert corpus.name == "ravdess+folders"
    assert corpus.left_out == ()
    assert {clip.speaker for clip in corpus.clips} == {"ravdess:01", None}
    assert sum(clip.label == "sad" for clip in corpus.clips) == n + 1


def test_files_that_are_named_one_by_one_are_one_corpus(tmp_path):
    touch(tmp_path, *RAVDESS, "extra.wav")
    corpus = find_clips(sorted(tmp_path.glob("*.wav")))
    assert len(corpus.clips) == 4
    assert [Path(path).name for path, _ in corpus.left_out] == ["extra.wav"]


def test_what_a_manifest_says_of_a_clip_counts(tmp_path):
    rows = [{"path": "x.wav", "label": "sad", "speaker": "s"}]
    manifest = listed(tmp_path, "facts.jsonl", rows)
    touch(tmp_path, "y.wav")
    for sources in [tmp_path, manifest], [manifest, tmp_path]:
        assert facts(find_clips(sources)) == [("x.wav", "sad", "facts:s"), ("y.wav", None, None)]


def test_a_source_that_is_named_twice_is_found_once(tmp_path):
    touch(tmp_path, "sad/a.wav", "happy/b.wav", "happy/c.m4a")
    corpus = find_clips([tmp_path, tmp_path])
    assert sorted(facts(corpus)) == [("a.wav", "sad", None), ("b.wav", "happy", None)]
    assert [reason for _, reason in corpus.left_out] == ["format that is not read"]


def test_each_pattern_is_recognised_by_itself(tmp_path):
    touch(tmp_path, *(f"known/{name}" for name in RAVDESS), "own/a.wav", "own/b.wav")
    corpus = find_clips([f"{tmp_path}/own/*.wav", f"{tmp_path}/known/*.wav"])
    assert (corpus.name, len(corpus.clips), corpus.left_out) == ("files+ravdess", 6, ())


def test_speakers_of_known_corpora_are_the_same_in_every_source(tmp_path):
    emodb = ["03a01Fa.wav", "03a01Nc.wav", "08a01Fd.wav", "08a01Na.wav"]
    for i, part in enumerate(("train", "test")):
        touch(tmp_path / part, RAVDESS[i], emodb[2 * i], emodb[2 * i + 1], RAVDESS[i + 2])
    corpus = find_clips([tmp_path / "train", tmp_path / "test"])
    assert set(corpus.name.split("+")) == {"ravdess", "emodb"}
    assert {clip.speaker for clip in corpus.clips} == {"ravdess:01", "emodb:03", "emodb:08"}


def test_what_one_source_leaves_out_and_another_uses_is_not_left_out(tmp_path):
    touch(tmp_path, *RAVDESS, "strange.wav")
    corpus = find_clips([tmp_path, tmp_path / "strange.wav"])
    assert len(corpus.clips) == 5
    assert corpus.left_out == ()


def test_a_pattern_of_folders_stands_for_their_files(tmp_path):
    touch(tmp_path, "sad/a.wav", "happy/b.wav", "notes.txt")
    assert len(find_clips(f"{tmp_path}/[sh]a*").clips) == 2


# ---------------------------------------------------------------- folders


def test_a_file_beside_the_folders_of_classes_has_no_label(tmp_path):
    touch(tmp_path, "intro.wav", "sad/a.wav", "happy/b.wav")
    assert sorted(facts(find_clips(tmp_path))) == [
        ("a.wav", "sad", None), ("b.wav", "happy", None), ("intro.wav", None, None),
    ]  # fmt: skip
    touch(tmp_path, "2.wav", "3.wav", "4.wav")
    assert {clip.label for clip in find_clips(tmp_path).clips} == {None}


def test_a_class_is_the_same_however_its_accents_are_written(tmp_path):
    touch(tmp_path, "a/Col\u00e8re/x.wav", "b/Cole\u0300re/y.wav", "b/Joie/z.wav")
    assert find_clips(tmp_path).labels == ("Col\u00e8re", "Joie")


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_to_folders_are_followed_and_loops_end(tmp_path):
    touch(tmp_path / "store", "sad/a.wav", "happy/b.wav")
    root = tmp_path / "root"
    root.mkdir()
    (root / "linked").symlink_to(tmp_path / "store")
    (root / "other").symlink_to(tmp_path / "store" / "sad")
    (tmp_path / "store" / "happy" / "up").symlink_to(root)
    corpus = find_clips(root)
    assert sorted(facts(corpus)) == [("a.wav", "sad", None), ("b.wav", "happy", None)]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_to_folders_make_no_second_clips(tmp_path):
    touch(tmp_path, "a/x.wav", "b/y.wav")
    (tmp_path / "a/round").symlink_to(tmp_path / "a")
    (tmp_path / "a/b").symlink_to(tmp_path / "b")
    corpus = find_clips(f"{tmp_path}/a/**/*.wav")
    assert sorted(clip.path for clip in corpus.clips) == [
        f"{tmp_path}/a/b/y.wav",
        f"{tmp_path}/a/x.wav",
    ]
    assert len(find_clips([tmp_path / "a", tmp_path / "b"]).clips) == 2


def test_a_folder_with_the_name_of_a_file_is_looked_into(tmp_path):
    touch(tmp_path, "sad.wav/a.wav", "happy/b.wav")
    (tmp_path / "empty.wav").mkdir()
    corpus = find_clips(tmp_path)
    assert len(corpus.clips) == 2
    assert [Path(path).name for path, _ in corpus.left_out] == ["empty.wav"]


def test_speakers_of_savee_are_known_inside_of_their_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(touch(tmp_path / "DC", "a01.wav", "sa02.wav"))
    assert facts(find_clips(".")) == [("a01.wav", "angry", "DC"), ("sa02.wav", "sad", "DC")]


def test_tables_of_crema_d_with_other_words_and_gaps(tmp_path):
    for tree, actor, row in (("a", 1001, "1001,51,M"), ("b", 1002, "1002,,unknown")):
        touch(tmp_path / tree, f"{actor}_DFA_ANG_XX.wav")
        table = tmp_path / tree / "videodemographics.csv"
        table.write_text(f"ActorID,Age,Sex\n{row}\n", encoding="utf-8")
    corpus = find_clips([tmp_path / "a", tmp_path / "b"])
    assert [(clip.sex, clip.age) for clip in corpus.clips] == [("male", 51), (None, None)]
    (tmp_path / "b/videodemographics.csv").write_text("ActorID,Age,Sex\n" + "x" * 200_000)
    with pytest.raises(ParameterError, match="not the table of CREMA-D"):
        find_clips(tmp_path / "b")


# ---------------------------------------------------------------- manifests


def test_a_manifest_of_several_corpora_is_their_union(tmp_path):
    rows = [
        {"path": "x.wav", "label": "fear", "speaker": "03", "corpus": "emodb"},
        {"path": "y.wav", "label": "happy", "speaker": "03", "corpus": "ravdess"},
    ]
    corpus = load_manifest(listed(tmp_path, "mix.jsonl", rows))
    assert corpus.name == "emodb+ravdess"
    assert facts(corpus) == [("x.wav", "fearful", "emodb:03"), ("y.wav", "happy", "ravdess:03")]
    # Once more, from what was written of it, and with others.
    save_manifest(corpus, tmp_path / "again.csv")
    again = load_manifest(tmp_path / "again.csv")
    assert (again.name, facts(again)) == (corpus.name, facts(corpus))
    both = unite([again, Corpus("ravdess", (Clip("z.wav", "sad", "03"),))])
    assert [clip.speaker for clip in both.clips] == ["emodb:03", "ravdess:03", "ravdess:03"]


def test_speakers_of_a_name_with_a_plus_get_it_too():
    one = Corpus("a+b", (Clip("x.wav", "sad", "1"),))
    both = unite([one, Corpus("c", (Clip("y.wav", "sad", "1"),))])
    assert [clip.speaker for clip in both.clips] == ["a+b:1", "c:1"]


def test_files_that_may_not_be_looked_at_are_not_taken_for_missing(tmp_path, monkeypatch):
    manifest = listed(tmp_path, "m.jsonl", [{"path": "a/x.wav"}, {"path": "b/y.wav"}])
    look = os.stat

    def refusing(path, **options):
        if str(path).endswith("y.wav"):
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, **options)

    monkeypatch.setattr(os, "stat", refusing)
    corpus = load_manifest(manifest)
    assert [Path(clip.path).name for clip in corpus.clips] == ["x.wav", "y.wav"]
    assert corpus.left_out == ()


def test_a_quote_that_is_not_closed_is_refused(tmp_path):
    touch(tmp_path, "a.wav", "b.wav")
    path = tmp_path / "clips.csv"
    path.write_text('path,sentence\na.wav,"he said\nb.wav,x\n', encoding="utf-8")
    with pytest.raises(ParameterError, match=r"clips\.csv: not a table"):
        load_manifest(path)


def test_rows_may_call_a_fact_differently(tmp_path):
    rows = [
        {"path": "a.wav", "label": "happy"},
        {"file": "b.wav", "emotion": "sad"},
        {"path": "c.wav", "label": None, "emotion": "angry"},
    ]
    touch(tmp_path, "b.wav")
    manifest = listed(tmp_path, "m.jsonl", [rows[0], rows[2]])
    manifest.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    assert [label for _, label, _ in facts(load_manifest(manifest))] == ["happy", "sad", "angry"]


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_table_is_refused_in_words(tmp_path, content):
    (tmp_path / "m.csv").write_text(content)
    with pytest.raises(ParameterError, match="has no column path; its columns are none"):
        load_manifest(tmp_path / "m.csv")
    touch(tmp_path, "a.wav")
    (tmp_path / "m.csv").write_text(f"{content}path,label\na.wav,sad\n")
    assert facts(load_manifest(tmp_path / "m.csv")) == [("a.wav", "sad", None)]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_spaces_in_front_of_a_name_are_kept(tmp_path, suffix):
    corpus = find_clips(touch(tmp_path, " sad/a.wav", "happy/b.wav"))
    save_manifest(corpus, tmp_path / f"m.{suffix}")
    again = load_manifest(tmp_path / f"m.{suffix}")
    assert [clip.path for clip in again.clips] == [clip.path for clip in corpus.clips]


# ---------------------------------------------------------------- what is in the files


def test_the_same_samples_at_another_rate_are_another_recording(tmp_path):
    y = np.random.default_rng(0).uniform(-0.5, 0.5, 8000)
    for name, sr in ("a", 16000), ("b", 8000), ("c", 16000):
        soundfile.write(tmp_path / f"{name}.wav", y, sr)
    corpus = inspect_clips(find_clips(tmp_path))
    assert [Path(clip.path).stem for clip in corpus.clips] == ["a", "b"]
    ((path, reason),) = corpus.left_out
    assert Path(path).stem == "c"
    assert reason.startswith("duplicate: the same samples as")


def test_facts_that_differ_are_said_in_words(tmp_path):
    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", np.full(8000, 0.1), 16000)
    found = find_clips(tmp_path)
    clips = (found.clips[0], replace(found.clips[1], label="sad", speaker="s"))
    ((_, reason),) = inspect_clips(replace(found, clips=clips)).left_out
    assert reason.endswith("without label of speaker unknown and not sad of speaker s")


@pytest.mark.parametrize("sex", [None, "other"])
def test_bars_of_every_clip_are_drawn_below_the_legend(sex):
    from matplotlib.figure import Figure

    clips = [Clip(f"{i}.wav", "sad", sex="female") for i in range(9)]
    axes = emotion_counts(
        Corpus("x", (*clips, Clip("9.wav", "sad", sex=sex))), ax=Figure().subplots()
    )
    assert sum(bar.get_height() for bars in axes.containers for bar in bars) == 10
    assert axes.get_ylim() == (0, 13)


def test_a_corpus_without_clips_is_drawn_without_complaint(recwarn):
    from matplotlib.figure import Figure

    emotion_counts(Corpus("x", ()), ax=Figure().subplots())
    assert not recwarn


# ---------------------------------------------------------------- trees


def test_files_without_samples_and_long_names_are_converted_or_reported(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    long = "x" * 251 + ".wav"
    soundfile.write(folder / long, np.full(800, 0.1), 16000)
    soundfile.write(folder / "zero.wav", np.zeros(0), 16000)
    done = convert_tree(folder, tmp_path / "out")
    assert [Path(path).name for path in done.written] == [long]
    ((path, reason),) = done.failures
    assert Path(path).name == "zero.wav"
    assert "holds no samples" in reason


def test_folders_that_cannot_be_listed_are_failures_of_a_conversion(tmp_path, monkeypatch):
    folder = tmp_path / "in"
    (folder / "closed").mkdir(parents=True)
    soundfile.write(folder / "a.wav", np.full(800, 0.1), 16000)
    scandir = os.scandir

    def refusing(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    done = convert_tree(folder, tmp_path / "out")
    assert len(done.written) == 1
    assert done.failures == (
        (str(folder / "closed"), "folder that cannot be listed: Permission denied"),
    )
