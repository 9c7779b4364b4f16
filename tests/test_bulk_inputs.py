"""What a job takes: patterns, parts of files, tar files, URLs; and what damage of these costs."""

from __future__ import annotations

import csv
import json
import os
import shutil
import tarfile

import numpy as np
import pytest
import soundfile

import serfast
from helpers import speech
from outputs import (
    by_part,
    read_failures,
    read_parts,
    read_records,
    read_rows,
    read_shards,
    values_of,
    values_of_part,
)
from serfast import datasets
from serfast.bulk import Input, Job, plan_shards, run_job, run_shard
from serfast.datasets import _tar
from serfast.tables import extract_table
from sources import (
    SR,
    write_clips,
    write_parts,
    write_tar,
)

FX = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean", "std"])


@pytest.fixture
def clips(tmp_path):
    return write_clips(tmp_path / "clips", 24)


# ---------------------------------------------------------------- several sources, patterns


def test_patterns_and_several_sources_give_each_clip_once(clips, tmp_path):
    flac = [str(path) for path in clips if path.suffix == ".flac"]
    pattern = str(tmp_path / "**/*.flac")
    assert run_job(pattern, tmp_path / "out", FX).done == len(flac)
    assert read_parts(tmp_path / "out", FX.names) == values_of(FX, {path: path for path in flac})
    several = [pattern, clips[0], tmp_path / "clips", os.path.relpath(clips[1])]
    found = datasets.find_clips(several)
    assert sorted(os.path.abspath(c.path) for c in found.clips) == [str(path) for path in clips]
    assert run_job(several, tmp_path / "several", FX).done == 24
    assert run_job(several, tmp_path / "several", FX).computed == 0
    with pytest.raises(serfast.ParameterError, match=r"source was .* and is"):
        run_job(several[1:], tmp_path / "several", FX)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("clips/*.mp3", "no audio files in it"),
        ("nowhere", "no such file or folder"),
        ("notes.txt", "no audio, manifest or tar file"),
        ("x9://clips/a.wav", "x9"),
    ],
)
def test_sources_of_nothing_are_refused_in_words(clips, tmp_path, monkeypatch, source, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("no audio")
    with pytest.raises(serfast.ParameterError, match=words):
        datasets.find_clips(source)
    with pytest.raises(serfast.ParameterError, match="no source"):
        datasets.find_clips([])


def test_a_file_whose_name_is_a_pattern_is_a_file(clips, tmp_path):
    path = tmp_path / "a[1].wav"
    shutil.copy(clips[0], path)
    assert [clip.path for clip in datasets.find_clips(path).clips] == [str(path)]


# ---------------------------------------------------------------- parts of files


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_rows_with_times_are_parts(clips, tmp_path, suffix):
    wanted = write_parts(tmp_path / "parts.jsonl", clips)
    manifest = tmp_path / f"parts.{suffix}"
    corpus = datasets.find_clips(tmp_path / "parts.jsonl")
    datasets.save_manifest(corpus, manifest)
    assert datasets.find_clips(manifest).clips == corpus.clips
    report = run_job(manifest, tmp_path / "out", FX, shard_files=10)
    assert (report.done, report.failed) == (72, 0)
    got = read_parts(tmp_path / "out", FX.names)
    assert got == {part: values_of_part(FX, *part) for part in wanted}
    row = by_part(read_rows(tmp_path / "out"))[str(clips[0]), 0.05, 0.15]
    assert (row["label"], row["duration"]) == ("x", pytest.approx(0.1))
    # In one table, and from hardly any memory, they are the same.
    table = extract_table(corpus, FX, threads=2)
    keys = [(clip.path, clip.start, clip.end) for clip in table.clips]
    assert dict(zip(keys, table.values.tolist(), strict=True)) == got
    run_job(manifest, tmp_path / "small", FX, shard_files=10, memory=1000)
    assert read_shards(tmp_path / "small") == read_shards(tmp_path / "out")


def test_a_part_of_all_is_the_whole(clips, tmp_path):
    with (tmp_path / "clips.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "start", "end"])
        for path in clips:
            # Rounded up, as tables have it.
            writer.writerow([path, 0, f"{serfast.get_duration(path=path) + 0.005:.3f}"])
    assert run_job(tmp_path / "clips.csv", tmp_path / "out", FX).done == 24
    whole = FX.files(clips).values.tolist()
    assert [row for _, row in sorted(read_parts(tmp_path / "out", FX.names).items())] == whole


def test_times_outside_of_the_file_cost_one_failure(clips, tmp_path):
    lines = [(0, 0.1), (5, 6), (0.1, 5), (0.3, 0.2), (-1, 0.1), (0.1, 0.1), (0, 1e-9), (0.05, 0.1)]
    manifest = tmp_path / "parts.jsonl"
    manifest.write_text(
        "\n".join(json.dumps({"path": str(clips[0]), "start": s, "end": e}) for s, e in lines)
    )
    report = run_job(manifest, tmp_path / "out", FX)
    assert (report.done, report.failed) == (2, 6)
    reasons = {
        (r["start"], r["end"]): r["reason"] for r in read_records(tmp_path / "out") if "stage" in r
    }
    assert "from 5 s to 6 s is not in the file, which lasts 0.1875 s" in reasons[5, 6]
    assert "is not in the file" in reasons[0.1, 5]
    for times in (0.3, 0.2), (-1, 0.1), (0.1, 0.1):
        assert "must end after it starts" in reasons[times]
    assert "shorter than a sample" in reasons[0, 1e-9]
    assert {n for _, _, n in report.reasons} == {1, 2, 3}
    assert run_job(manifest, tmp_path / "out", FX).computed == 0


def test_a_file_that_is_shorter_than_it_says_has_no_part_behind_its_end(tmp_path):
    path = tmp_path / "long.flac"
    soundfile.write(path, speech(40000), SR)
    content = bytearray(path.read_bytes())
    content[21:26] = (int.from_bytes(content[21:26], "big") + 40000).to_bytes(5, "big")
    path.write_bytes(content)
    assert soundfile.info(path).frames == 80000
    manifest = tmp_path / "parts.jsonl"
    rows = [{"path": str(path), "start": s, "end": e} for s, e in ((1, 2), (2, 4))]
    manifest.write_text("\n".join(map(json.dumps, rows)))
    report = run_job(manifest, tmp_path / "out", FX)
    assert (report.done, report.failed) == (1, 1)
    y, _ = soundfile.read(path, SR, SR, dtype="float32")
    assert read_parts(tmp_path / "out", FX.names)[str(path), 1, 2] == FX(y).tolist()


def test_only_the_part_is_decoded(tmp_path, monkeypatch):
    path = tmp_path / "long.flac"
    soundfile.write(path, np.tile(speech(20_000), 50), SR)
    manifest = tmp_path / "parts.jsonl"
    manifest.write_text(json.dumps({"path": str(path), "start": 50, "end": 51}))
    asked = []
    read = soundfile.SoundFile.read

    def counted(file, frames=-1, *args, **options):
        asked.append((file.tell(), frames))
        return read(file, frames, *args, **options)

    monkeypatch.setattr(soundfile.SoundFile, "read", counted)
    assert run_job(manifest, tmp_path / "out", FX).done == 1
    assert asked == [(50 * SR, SR)]


def test_changed_parts_are_new_inputs(clips, tmp_path):
    manifest, out = tmp_path / "parts.jsonl", tmp_path / "out"
    write_parts(manifest, clips)
    run_job(manifest, out, FX, shard_files=10)
    text = manifest.read_text().replace('"end": 0.15', '"end": 0.16')
    manifest.write_text(text)
    report = run_job(manifest, out, FX)
    assert (report.computed, report.done, report.gone) == (24, 96, 24)
    assert run_job(manifest, out, FX, prune=True).done == 72
    run_job(manifest, tmp_path / "fresh", FX)
    assert read_parts(out, FX.names) == read_parts(tmp_path / "fresh", FX.names)


def test_parts_are_not_heard_as_whole_files(clips, tmp_path):
    write_parts(tmp_path / "parts.jsonl", clips)
    with pytest.raises(serfast.ParameterError, match=r"000.wav#t=0,0.1: only whole local files"):
        datasets.inspect_clips(datasets.find_clips(tmp_path / "parts.jsonl"))


def test_lines_that_are_no_objects_are_refused(clips, tmp_path):
    manifest = tmp_path / "bad.jsonl"
    for line, words in ("[1]", "line 1 is no object"), ("{", "not a table"):
        manifest.write_text(line)
        with pytest.raises(serfast.ParameterError, match=words):
            datasets.find_clips(manifest)
    manifest.write_text(json.dumps({"path": str(clips[0]), "start": "soon"}))
    with pytest.raises(serfast.ParameterError, match="row 1: start='soon' must be a number"):
        datasets.find_clips(manifest)


# ---------------------------------------------------------------- tar files


def test_tar_files_are_read_without_unpacking(clips, tmp_path):
    write_tar(tmp_path / "tars/a.tar", clips[:12])
    write_tar(tmp_path / "tars/b.tar", clips[12:])
    report = run_job(tmp_path / "tars", tmp_path / "out", FX, shard_files=5)
    assert (report.corpus, report.done, report.failed) == ("tar", 24, 0)
    names = {
        f"{tmp_path}/tars/{'ab'[i // 12]}.tar/{path.name}": path for i, path in enumerate(clips)
    }
    assert read_parts(tmp_path / "out", FX.names) == values_of(FX, names)
    for i, row in enumerate(by_part(read_rows(tmp_path / "out")).values()):
        assert row["label"] == ("sad", "happy")[i % 12 % 2]
        assert row["speaker"] == f"s{i % 12 % 3}"
    for record in read_records(tmp_path / "out"):
        path = names[record["path"]]
        assert int(record["hash"], 16) == serfast._core.hash_file(path)[0]
        assert record["size"] == path.stat().st_size
    assert run_job(tmp_path / "tars", tmp_path / "out", FX).computed == 0
    run_job(tmp_path / "tars", tmp_path / "small", FX, shard_files=5, memory=1000, threads=1)
    assert read_shards(tmp_path / "small") == read_shards(tmp_path / "out")
    table = extract_table(datasets.find_clips(tmp_path / "tars"), FX)
    assert table.values.tolist() == list(read_parts(tmp_path / "out", FX.names).values())


def test_a_tar_file_that_changed_is_looked_into(clips, tmp_path):
    tar, out = tmp_path / "a.tar", tmp_path / "out"
    write_tar(tar, clips[:12])
    run_job(tar, out, FX)
    write_tar(tar, [clips[20], *clips[1:13]])
    report = run_job(tar, out, FX)
    # All are hashed; those of the same content stay.
    assert (report.computed, report.done, report.gone) == (13, 14, 1)
    run_job(tar, tmp_path / "fresh", FX)
    fresh = read_parts(tmp_path / "fresh", FX.names)
    assert {key: row for key, row in read_parts(out, FX.names).items() if key in fresh} == fresh


@pytest.mark.parametrize(
    ("cut", "lost"),
    [(lambda tar: tar.offset_data + 100, 12), (lambda tar: tar.offset, 12), (lambda tar: 100, 24)],
    ids=["in a clip", "between two", "in the first header"],
)
def test_a_cut_tar_file_costs_what_is_lost_and_one_failure(clips, tmp_path, cut, lost):
    tar, out = tmp_path / "tars/a.tar", tmp_path / "out"
    write_tar(tar, clips)
    write_tar(tmp_path / "tars/b.tar", clips[:3])
    whole = tar.read_bytes()
    with tarfile.open(tar) as opened:
        os.truncate(tar, cut(opened.getmember("012.wav")))
    report = run_job(tmp_path / "tars", out, FX)
    assert (report.done, report.failed) == (27 - lost, 1)
    stage, reason = read_failures(out)[str(tar)]
    assert stage == "read"
    assert "cut" in reason or "damaged" in reason
    with pytest.raises(serfast.ParameterError, match=r"prune: .*a.tar is damaged"):
        run_job(tmp_path / "tars", out, FX, prune=True)
    before = read_shards(out)
    assert run_job(tmp_path / "tars", out, FX).shards == 0
    assert read_shards(out) == before
    # Whole again, it is gone on with.
    tar.write_bytes(whole)
    assert run_job(tmp_path / "tars", out, FX, prune=True).failed == 0
    run_job(tmp_path / "tars", tmp_path / "fresh", FX)
    assert read_parts(out, FX.names) == read_parts(tmp_path / "fresh", FX.names)


def test_tar_files_with_random_damage_cost_no_more_than_it_is(clips, tmp_path):
    rng = np.random.default_rng(0)
    tar = tmp_path / "a.tar"
    write_tar(tar, clips[:6])
    whole = tar.read_bytes()
    for _ in range(60):
        content = bytearray(whole)
        for at in rng.integers(0, len(content), 40):
            content[at] ^= 1 << rng.integers(8)
        header = 512 * rng.integers(len(content) // 512)
        content[header : header + 512] = rng.bytes(512)
        tar.write_bytes(content[: rng.integers(len(content))])
        archive = _tar.read_archive(str(tar), _tar.state(str(tar)))
        found, _ = _tar.clips_of(archive, datasets.AUDIO_EXTENSIONS)
        assert archive.damage
        assert all(clip.place.offset + clip.place.size <= len(content) for clip in found)


def test_facts_that_cannot_be_read_cost_no_clip(clips, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for i, text in enumerate(["{", "[1]", '{"age": "old"}', '{"label": "sad", "path": "x"}']):
        shutil.copy(clips[0], folder / f"{i}.wav")
        (folder / f"{i}.json").write_text(text)
    (folder / "3.txt").write_text("what is said\n")
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.add(folder, ".")
    report = run_job(tmp_path / "a.tar", tmp_path / "out", FX)
    assert (report.done, report.failed, len(report.left_out)) == (4, 0, 3)
    assert all("facts that cannot be read" in reason for _, reason in report.left_out)
    row = by_part(read_rows(tmp_path / "out"))[f"{tmp_path}/a.tar/3.wav", None, None]
    assert (row["label"], row["sentence"]) == ("sad", "what is said")


def test_a_tar_file_that_changes_after_it_was_listed_is_read_again(clips, tmp_path):
    tar = tmp_path / "a.tar"
    write_tar(tar, clips)
    corpus = datasets.find_clips(tar)
    job = Job(str(tmp_path / "out"), str(tar), FX.config, shard_files=100, corpus=corpus.name)
    job.folder.mkdir()
    job.save()
    (shard,) = plan_shards(job, [Input.of(clip) for clip in corpus.clips]).shards
    write_tar(tar, clips[::-1])
    assert run_shard(job, shard).failed == 24
    assert run_job(tar, job.folder, FX).done == 24
    run_job(tar, tmp_path / "fresh", FX)
    assert read_parts(job.folder, FX.names) == read_parts(tmp_path / "fresh", FX.names)


def test_links_sparse_members_and_names_that_come_twice(clips, tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.add(clips[0], "x.wav")
        tar.add(clips[4], "x.wav")  # an update: the last one counts
        hard, soft = tarfile.TarInfo("hard.wav"), tarfile.TarInfo("soft.wav")
        hard.type, hard.linkname, soft.type, soft.linkname = (
            tarfile.LNKTYPE,
            "x.wav",
            tarfile.SYMTYPE,
            "x.wav",
        )
        tar.addfile(hard)
        tar.addfile(soft)
    report = run_job(tmp_path / "a.tar", tmp_path / "out", FX)
    updated = {f"{tmp_path}/a.tar/{name}.wav": clips[4] for name in ("hard", "x")}
    assert read_parts(tmp_path / "out", FX.names) == values_of(FX, updated)
    assert report.left_out == [
        (f"{tmp_path}/a.tar/soft.wav", "member of a tar file that is a link")
    ]


def test_listed_members_that_a_damaged_tar_file_has_lost_keep_their_rows(clips, tmp_path):
    write_tar(tmp_path / "a.tar", clips[:8])
    names = [f"a.tar/{clip.name}" for clip in clips[:8]]
    (tmp_path / "m.csv").write_text("path\n" + "".join(f"{name}\n" for name in names))
    assert run_job(tmp_path / "m.csv", tmp_path / "out", FX).done == 8
    before = read_parts(tmp_path / "out", FX.names)
    os.truncate(tmp_path / "a.tar", os.path.getsize(tmp_path / "a.tar") // 2)
    report = run_job(tmp_path / "m.csv", tmp_path / "out", FX, prune=True)
    assert (report.done, report.gone, report.left_out) == (8, 0, [])
    assert read_parts(tmp_path / "out", FX.names) == before


def test_members_and_parts_of_members_can_be_listed(clips, tmp_path):
    write_tar(tmp_path / "a.tar", clips[:4])
    manifest = tmp_path / "parts.jsonl"
    lines = [("a.tar/000.wav", None), ("a.tar/001.flac", 0.1), ("a.tar/nothing.wav", None)]
    manifest.write_text("\n".join(json.dumps({"path": p, "start": s}) for p, s in lines))
    report = run_job(manifest, tmp_path / "out", FX)
    assert (report.done, [path for path, _ in report.left_out]) == (
        2, [f"{tmp_path}/a.tar/nothing.wav"],
    )  # fmt: skip
    got = read_parts(tmp_path / "out", FX.names)
    assert got[f"{tmp_path}/a.tar/001.flac", 0.1, None] == values_of_part(FX, clips[1], 0.1, None)
