"""Jobs over files and folders that change meanwhile."""

from __future__ import annotations

import os

import pytest
import soundfile

import serfast
from helpers import speech
from outputs import read_shards, read_values
from serfast import datasets
from serfast.bulk import Input, Job, plan_shards, run_job, run_shard
from sources import write_classes

SR = 16000
FX = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean", "std"])


@pytest.fixture
def clips(tmp_path):
    return write_classes(tmp_path / "clips", 23, 400)


def test_files_that_change_meanwhile(clips, tmp_path):
    corpus = datasets.find_clips(clips)
    job = Job(str(tmp_path / "out"), str(clips), FX.config, shard_files=6, corpus=corpus.name)
    job.folder.mkdir()
    job.save()
    plan = plan_shards(job, [Input.of(clip) for clip in corpus.clips])
    gone, cut, grown = (clips / name for name in ("sad/000.wav", "happy/001.flac", "sad/006.wav"))
    content = gone.read_bytes()
    gone.unlink()
    os.truncate(cut, 900)
    soundfile.write(grown, speech(30000, seed=5), SR)
    reports = [run_shard(job, shard) for shard in plan.shards]
    assert (sum(r.done for r in reports), sum(r.failed for r in reports)) == (21, 2)
    assert read_values(job.folder, FX.names)[str(grown)] == FX.files([grown]).values[0].tolist()
    gone.write_bytes(content)
    report = run_job(clips, job.folder, FX)
    assert (report.done, report.failed) == (22, 1)
    run_job(clips, tmp_path / "fresh", FX)
    assert read_values(job.folder, FX.names) == read_values(tmp_path / "fresh", FX.names)


def test_a_file_that_changes_while_it_is_read_is_read_again(clips, tmp_path, monkeypatch):
    path = clips / "happy/001.flac"
    read = soundfile.SoundFile.read

    def read_and_change(file, *args, **options):
        result = read(file, *args, **options)
        if os.fsdecode(file.name) == str(path):
            path.write_bytes((clips / "happy/007.flac").read_bytes())
        return result

    monkeypatch.setattr(soundfile.SoundFile, "read", read_and_change)
    report = run_job(clips, tmp_path / "out", FX)
    assert report.reasons == [("read", "changed while it was read", 1)]
    monkeypatch.undo()
    assert run_job(clips, tmp_path / "out", FX).failed == 0
    assert read_values(tmp_path / "out", FX.names)[str(path)] == FX.files([path]).values[0].tolist()


def test_a_folder_that_becomes_unreadable_loses_no_row(clips, tmp_path, monkeypatch):
    run_job(clips, tmp_path / "out", FX, shard_files=6)
    before = read_values(tmp_path / "out", FX.names)
    scandir = os.scandir

    def refusing(path):
        if str(path) == str(clips / "sad"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = run_job(clips, tmp_path / "out", FX)
    assert report.left_out == [
        (str(clips / "sad"), "folder that cannot be listed: Permission denied")
    ]
    assert (report.done, report.gone) == (23, 12)
    with pytest.raises(serfast.ParameterError, match="sad cannot be listed"):
        run_job(clips, tmp_path / "out", FX, prune=True)
    monkeypatch.undo()
    assert read_values(tmp_path / "out", FX.names) == before
    assert run_job(clips, tmp_path / "out", FX).gone == 0


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_clips_that_cannot_be_read_any_more_keep_their_rows(clips, tmp_path):
    run_job(clips, tmp_path / "out", FX, shard_files=6)
    before = read_shards(tmp_path / "out")
    path = clips / "sad/000.wav"
    path.rename(tmp_path / "elsewhere.wav")
    path.symlink_to(tmp_path / "nowhere.wav")
    for verify in False, True:
        report = run_job(clips, tmp_path / "out", FX, verify=verify)
        assert report.reasons == [("read", "cannot be opened: No such file or directory", 1)]
        assert (report.done, report.failed) == (23, 0)
        assert read_shards(tmp_path / "out") == before
