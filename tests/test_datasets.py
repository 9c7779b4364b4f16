"""Corpora: what is found, what is read from names, and the audio that ships."""

from pathlib import Path

import pytest

from serfast.datasets import copy_samples, count_labels, find_clips, samples_dir
from serfast.errors import ParameterError
from sources import touch

RAVDESS_NAME = "03-01-06-02-02-01-12"


def test_ravdess_name_is_read_field_by_field(tmp_path):
    corpus = find_clips(touch(tmp_path, f"deep/er/{RAVDESS_NAME}.FLAC"))
    (clip,) = corpus.clips
    assert corpus.name == "ravdess"
    assert (clip.label, clip.speaker, clip.sex) == ("fearful", "12", "female")
    assert (clip.intensity, clip.sentence, clip.repetition) == ("strong", "2", "1")
    assert Path(clip.path) == tmp_path / "deep" / "er" / f"{RAVDESS_NAME}.FLAC"


@pytest.mark.parametrize(
    "name",
    ["03-01-09-01-01-01-01", "03-01-00-01-01-01-01", "03-01-01-03-01-01-01", "03-01-01-01-01-01",
     "03-01-xx-01-01-01-01", "03-01-01-01-01-01-01-01", "03-01-0²-01-01-01-01"],
)  # fmt: skip
def test_names_that_only_look_like_ravdess_are_left_out_by_name(tmp_path, name):
    corpus = find_clips(touch(tmp_path, f"{RAVDESS_NAME}.wav", f"{name}.wav"))
    assert [Path(clip.path).stem for clip in corpus.clips] == [RAVDESS_NAME]
    assert [(Path(path).stem, reason) for path, reason in corpus.left_out] == [
        (name, "unknown name: not as in ravdess")
    ]


def test_a_folder_per_class_gives_labels_and_no_speakers(tmp_path):
    corpus = find_clips(touch(tmp_path, "sad/b.wav", "sad/a.ogg", "train/happy/c.mp3"))
    assert corpus.name == "folders"
    assert [(Path(clip.path).name, clip.label, clip.speaker) for clip in corpus.clips] == [
        ("a.ogg", "sad", None),
        ("b.wav", "sad", None),
        ("c.mp3", "happy", None),
    ]


@pytest.mark.parametrize(
    "names", [["a.wav", "b.wav"], ["one/a.wav", "one/b.wav"], ["a.wav", "x/b.wav"]]
)
def test_plain_files_have_no_labels(tmp_path, names):
    corpus = find_clips(touch(tmp_path, *names))
    assert corpus.name == "files"
    assert [clip.label for clip in corpus.clips] == [None, None]


def test_hidden_and_other_files_are_not_looked_at(tmp_path):
    touch(tmp_path, "a.wav", "._a.wav", ".git/b.wav", "notes.txt", "wav")
    assert [Path(clip.path).name for clip in find_clips(tmp_path).clips] == ["a.wav"]


def test_order_is_that_of_the_relative_paths(tmp_path):
    names = ["b/2.wav", "b-c/1.wav", "a/3.wav", "a/10.wav"]
    clips = find_clips(touch(tmp_path, *names)).clips
    found = [Path(clip.path).relative_to(tmp_path).as_posix() for clip in clips]
    assert found == sorted(names)


def test_emotions_are_kept_by_name_and_checked(tmp_path):
    touch(tmp_path, "sad/a.wav", "happy/b.wav", "angry/c.wav")
    assert find_clips(tmp_path, ["sad", "angry"]).labels == ("angry", "sad")
    with pytest.raises(ParameterError, match="labelled joy; labels here are: angry, happy, sad"):
        find_clips(tmp_path, ["sad", "joy"])


def test_nothing_to_find_is_said_in_words(tmp_path):
    with pytest.raises(ParameterError, match="nowhere: no such file or folder"):
        find_clips(tmp_path / "nowhere")
    with pytest.raises(ParameterError, match=r"no audio files in it \(looked for .*\.wav"):
        find_clips(tmp_path)


def test_samples_are_a_small_balanced_corpus_of_their_own():
    corpus = find_clips(samples_dir())
    assert corpus.name == "samples"
    assert count_labels(corpus.clips) == {"angry": 12, "happy": 12, "neutral": 12, "sad": 12}
    assert {clip.speaker for clip in corpus.clips} == {f"{n:02d}" for n in range(1, 7)}
    assert {clip.sex for clip in corpus.clips} == {"female", "male"}
    size = sum(path.stat().st_size for path in samples_dir().rglob("*") if path.is_file())
    assert size < 2_000_000


def test_samples_are_mono_16_bit_speech_that_does_not_clip():
    soundfile = pytest.importorskip("soundfile")
    for clip in find_clips(samples_dir()).clips:
        y, sr = soundfile.read(clip.path, dtype="int16")
        assert (sr, y.ndim) == (16000, 1)
        assert 0.5 < len(y) / sr < 1.3
        assert 1000 < abs(y.astype(int)).max() < 32767, clip.path


def test_samples_are_copied_to_a_new_folder_only(tmp_path):
    copied = copy_samples(tmp_path / "clips")
    assert len(find_clips(copied).clips) == 48
    with pytest.raises(ParameterError, match="clips: exists already"):
        copy_samples(copied)
