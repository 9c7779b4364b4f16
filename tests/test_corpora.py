"""Known corpora in the layouts in which they are met, and real ones where they are at hand."""

import os
from pathlib import Path

import pytest

from serfast.datasets import (
    CORPORA,
    EMOTIONS,
    SYNONYMS,
    common_label,
    count_labels,
    find_clips,
    inspect_clips,
    known_corpora,
)
from serfast.errors import ParameterError
from sources import touch

DATA = Path(
    os.environ.get("SERFAST_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data"
)
FACTS = ("label", "speaker", "sex", "sentence", "intensity", "repetition", "vocal_channel", "age")


def facts(clip):
    return tuple(getattr(clip, name) for name in FACTS)


NAMES = {
    "ravdess": {
        "Actor_12/03-01-06-02-02-01-12.wav":
            ("fearful", "12", "female", "2", "strong", "1", "speech", None),
        "03-02-05-01-01-02-07.FLAC": ("angry", "07", "male", "1", "normal", "2", "song", None),
    },
    "samples": {
        "Actor_12/00-01-05-01-02-01-12.wav":
            ("angry", "12", "female", "2", "normal", "1", "speech", None),
    },
    "tess": {
        "OAF_Fear/OAF_back_fear.wav":
            ("fearful", "OAF", "female", "back", None, None, None, 64),
        "YAF_pleasant_surprised/YAF_bar_ps.wav":
            ("surprised", "YAF", "female", "bar", None, None, None, 26),
        "wrong/OA_bite_neutral.wav": ("neutral", "OAF", "female", "bite", None, None, None, 64),
        "yaf_Chain_PLEASANT_surprise.wav":
            ("surprised", "YAF", "female", "chain", None, None, None, 26),
    },
    "emodb": {
        "wav/03a01Fa.wav": ("happy", "03", "male", "a01", None, "a", None, 31),
        "16b10Wb.ogg": ("angry", "16", "female", "b10", None, "b", None, 31),
        "WAV/08A07LA.WAV": ("bored", "08", "female", "a07", None, "a", None, 34),
        "11a05A.wav": ("fearful", "11", "male", "a05", None, None, None, 26),
    },
    "crema-d": {
        "AudioWAV/1001_DFA_ANG_XX.wav": ("angry", "1001", None, "DFA", None, None, None, None),
        "1002_IEO_SAD_LO.mp3": ("sad", "1002", None, "IEO", "low", None, None, None),
        "1040_ITH_SAD_X.wav": ("sad", "1040", None, "ITH", None, None, None, None),
        "1003_ieo_hap_hi.wav": ("happy", "1003", None, "IEO", "high", None, None, None),
    },
    "savee": {
        "AudioData/DC/sa01.wav": ("sad", "DC", "male", "sa01", None, None, None, None),
        "je/N30.wav": ("neutral", "JE", "male", "n30", None, None, None, None),
        "all/KL_su15.wav": ("surprised", "KL", "male", "su15", None, None, None, None),
    },
    "cafe": {
        "Colère/Fort/01-C-2-1.wav": ("angry", "01", "male", "1", "high", None, None, 46),
        "Neutre/12-N-1-6.aiff": ("neutral", "12", "female", "6", None, None, None, 37),
        "03-t-1-4.wav": ("sad", "03", "male", "4", "low", None, None, 18),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CORPORA)
def test_names_are_read_in_any_case_nesting_and_format(tmp_path, name):
    corpus = find_clips(touch(tmp_path, *NAMES[name]))
    assert corpus.name == name
    assert corpus.left_out == ()
    found = {Path(clip.path).relative_to(tmp_path).as_posix(): facts(clip) for clip in corpus.clips}
    assert found == NAMES[name]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("OAF_back_angry.wav", ["OAF_back.wav", "OAF_back_puzzled.wav", "XAF_back_angry.wav"]),
        ("03a01Fa.wav", ["04a01Fa.wav", "03a01Xa.wav", "03c01Fa.wav", "03a01Faa.wav"]),
        ("1001_DFA_ANG_XX.wav", ["1001_DFA_XXX_XX.wav", "101_DFA_ANG_XX.wav", "1001_DFA_ANG.wav"]),
        ("DC/a01.wav", ["a01.wav", "XX/a01.wav", "DC/x01.wav", "DC/a1.wav"]),
        ("01-C-1-1.wav", ["13-C-1-1.wav", "01-B-1-1.wav", "01-C-3-1.wav", "01-C-1-7.wav"]),
        ("03-01-06-02-02-01-12.wav", ["03-03-06-02-02-01-12.wav", "03-01-06-02-02-01.wav"]),
    ],
)  # fmt: skip
def test_other_names_are_left_out_with_the_reason(tmp_path, good, bad):
    for number, name in enumerate(bad):
        folder = touch(tmp_path / str(number), good, name)
        corpus = find_clips(folder)
        assert [clip.path for clip in corpus.clips] == [str(folder / good)]
        reason = f"unknown name: not as in {corpus.name}"
        assert corpus.left_out == ((str(folder / name), reason),)


@pytest.mark.parametrize("place", [".", "..", "AudioWAV"])
def test_sex_and_age_of_crema_d_are_read_from_its_table(tmp_path, place):
    folder = touch(
        tmp_path / "crema" / "top", "AudioWAV/1001_DFA_ANG_XX.wav", "1002_DFA_SAD_XX.wav"
    )
    (folder / place / "VideoDemographics.csv").write_text(
        '"ActorID","Age","Sex","Race","Ethnicity"\n1001,51,"Male","x","y"\n1003,21,"Female","x","y"\n'
    )
    clips = find_clips(folder).clips
    assert [(clip.speaker, clip.sex, clip.age) for clip in clips] == [
        ("1002", None, None),
        ("1001", "male", 51),
    ]


def test_another_table_of_that_name_is_refused(tmp_path):
    touch(tmp_path, "1001_DFA_ANG_XX.wav")
    (tmp_path / "VideoDemographics.csv").write_text("actor,age\n1001,51\n")
    with pytest.raises(ParameterError, match=r"Demographics\.csv: .* columns ActorID, Sex and Age"):
        find_clips(tmp_path)


def test_several_corpora_below_one_folder_are_a_union(tmp_path):
    touch(tmp_path, "a/03-01-06-02-02-01-12.wav", "b/03a01Fa.wav", "b/16b10Wb.wav", "b/notes.wav")
    corpus = find_clips(tmp_path)
    assert corpus.name == "ravdess+emodb"
    assert [clip.speaker for clip in corpus.clips] == ["ravdess:12", "emodb:03", "emodb:16"]
    assert [path for path, _ in corpus.left_out] == [str(tmp_path / "b" / "notes.wav")]


def test_every_word_for_an_emotion_has_one_meaning():
    words = [word for name, others in SYNONYMS.items() for word in (name, *others.split())]
    assert len(words) == len(set(words))
    assert {common_label(word) for word in words} == set(EMOTIONS)
    german = ("Wut", "Langeweile", "Ekel", "Angst", "Freude", "Trauer", "neutral", "Überraschung")
    assert [common_label(word) for word in german] == [
        "angry", "bored", "disgust", "fearful", "happy", "sad", "neutral", "surprised",
    ]  # fmt: skip
    assert common_label("De\u0301gou\u0302t") == common_label("d\xe9go\xfbt") == "disgust"
    assert common_label("") is None


def test_every_known_corpus_tells_its_licence():
    for known in CORPORA.values():
        assert all((known.title, known.language, known.licence, known.citation))
    assert [known.name for known in known_corpora("ravdess+folders+cafe")] == ["ravdess", "cafe"]


@pytest.fixture
def data():
    if not DATA.is_dir():
        pytest.skip(f"no {DATA} here; SERFAST_TEST_DATA names the folder of test audio")
    return DATA


@pytest.mark.parametrize(
    ("folder", "n_clips", "n_speakers", "emotions"),
    [
        ("ravdess", 1200, 20, "angry calm disgust fearful happy neutral sad surprised"),
        ("crema-d", 1949, 24, "angry disgust fearful happy neutral sad"),
        ("emodb", 535, 10, "angry bored disgust fearful happy neutral sad"),
    ],
)
def test_real_corpora_are_found_whole(data, folder, n_clips, n_speakers, emotions):
    corpus = find_clips(data / folder)
    assert (corpus.name, len(corpus.clips), corpus.left_out) == (folder, n_clips, ())
    assert " ".join(count_labels(corpus.clips)) == emotions
    assert len({clip.speaker for clip in corpus.clips}) == n_speakers
    assert all(clip.sex for clip in corpus.clips)


def test_the_same_recording_is_found_in_real_corpora(data, tmp_path):
    actor = find_clips(data / "ravdess" / "Actor_07")
    inspected = inspect_clips(actor)
    assert len(inspected.clips) == len(actor.clips) - 1
    ((path, reason),) = inspected.left_out
    assert Path(path).stem == "03-01-03-01-02-02-07"
    assert reason.startswith("duplicate: ")
    assert "03-01-03-01-02-01-07" in reason
