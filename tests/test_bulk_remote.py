"""Jobs over a web server and over an object store."""

from __future__ import annotations

import pytest

import serfast
from outputs import (
    read_failures,
    read_parts,
    read_records,
    read_shards,
    values_of,
    values_of_part,
)
from serfast import bulk, datasets
from serfast.bulk import Input, Job, plan_shards, run_job, run_shard
from serfast.datasets import _remote
from serfast.tables import extract_table
from sources import (
    SR,
    Web,
    object_store,
    upload,
    web_server,
    write_clips,
    write_parts,
    write_tar,
)

FX = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean", "std"])


@pytest.fixture
def clips(tmp_path):
    return write_clips(tmp_path / "clips", 24)


def urls_of(clips, root):
    return {f"{root}/clips/{path.name}": path for path in clips}


def test_a_web_server(clips, tmp_path):
    write_tar(tmp_path / "a.tar", clips)
    with web_server(tmp_path) as root:
        assert run_job(f"{root}/clips/", tmp_path / "out", FX).done == 24
        assert read_parts(tmp_path / "out", FX.names) == values_of(FX, urls_of(clips, root))
        Web.asked.clear()
        assert run_job(f"{root}/clips/", tmp_path / "out", FX).computed == 0
        assert Web.asked == ["/clips/"]
        run_job(f"{root}/clips/*.flac", tmp_path / "flac", FX)
        assert len(read_parts(tmp_path / "flac", FX.names)) == 6
        # This server gives whole files only.
        run_job(f"{root}/a.tar", tmp_path / "tar", FX)
        names = {f"{root}/a.tar/{path.name}": path for path in clips}
        assert read_parts(tmp_path / "tar", FX.names) == values_of(FX, names)
        with pytest.raises(serfast.ParameterError, match=r"nowhere\.wav: no such file"):
            run_job(f"{root}/nowhere.wav", tmp_path / "none", FX)
    with pytest.raises(serfast.AudioError, match="cannot be listed"):
        run_job(f"{root}/clips/", tmp_path / "out", FX)


def test_a_connection_that_breaks_is_tried_again(clips, tmp_path):
    broken = {path.name for path in clips[::5]}
    with web_server(tmp_path) as root:
        run_job(f"{root}/clips/", tmp_path / "whole", FX, shard_files=7)
        Web.broken = broken
        report = run_job(f"{root}/clips/", tmp_path / "out", FX, shard_files=7)
        assert (report.done, report.failed) == (19, 5)
        assert {stage for stage, _ in read_failures(tmp_path / "out").values()} == {"read"}
        assert run_job(f"{root}/clips/", tmp_path / "out", FX).failed == 5
        Web.broken = set()
        report = run_job(f"{root}/clips/", tmp_path / "out", FX)
        assert (report.computed, report.failed) == (5, 0)
        assert read_shards(tmp_path / "out") == read_shards(tmp_path / "whole")


def test_a_listed_url_that_is_not_answered_is_not_taken_for_gone(clips, tmp_path):
    with web_server(tmp_path) as root:
        urls = urls_of(clips[:6], root)
        manifest = tmp_path / "urls.csv"
        manifest.write_text("path\n" + "".join(f"{url}\n" for url in urls))
        assert run_job(manifest, tmp_path / "out", FX).done == 6
        before = read_shards(tmp_path / "out")
        Web.busy = {clips[1].name}
        clips[2].unlink()
        report = run_job(manifest, tmp_path / "out", FX, prune=True)
        assert (report.done, report.gone) == (5, 0)
        assert [path for path, _ in report.left_out] == [f"{root}/clips/{clips[2].name}"]
        assert f"{root}/clips/{clips[1].name}" in {
            path for path, *_ in read_parts(tmp_path / "out", FX.names)
        }
        Web.busy = set()
        assert run_job(manifest, tmp_path / "out", FX).failed == 0
    assert before != read_shards(tmp_path / "out")


def test_a_connection_that_breaks_while_a_long_file_is_decoded(clips, tmp_path, monkeypatch):
    fetch = _remote.fetch
    answers = iter([True, *[False] * 1000])

    def fails_later(requests):
        if next(answers):
            return fetch(requests)
        return [_remote.FetchError("connection lost") for _ in requests]

    with web_server(tmp_path) as root:
        monkeypatch.setattr(_remote, "fetch", fails_later)
        report = run_job(f"{root}/clips/001.flac", tmp_path / "out", FX, memory=1000, threads=1)
        assert report.reasons == [("read", "connection lost", 1)]
        monkeypatch.undo()
        assert run_job(f"{root}/clips/001.flac", tmp_path / "out", FX).failed == 0


def test_without_fsspec_urls_are_refused_in_words(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    _remote._filesystem.cache_clear()
    with pytest.raises(serfast.ParameterError, match=r"pip install 'serfast\[remote\]'"):
        datasets.find_clips("s3://speech/clips")


@pytest.fixture(scope="module")
def store():
    with object_store() as url:
        yield url


def test_an_object_store(store, clips, tmp_path):
    write_tar(tmp_path / "tars/a.tar", clips[:12])
    write_tar(tmp_path / "tars/b.tar", clips[12:])
    write_parts(tmp_path / "parts.jsonl", [path.relative_to(tmp_path) for path in clips])
    upload(tmp_path, store)
    out = tmp_path / "out"
    assert run_job(f"{store}/clips", out, FX, shard_files=7).done == 24
    assert read_parts(out, FX.names) == values_of(FX, urls_of(clips, store))
    assert all(record["etag"] and "mtime" not in record for record in read_records(out))
    assert run_job(f"{store}/clips", out, FX).computed == 0
    run_job(f"{store}/clips/*.flac", tmp_path / "flac", FX)
    assert len(read_parts(tmp_path / "flac", FX.names)) == 6
    tar = f"{store}/tars/a.tar"
    run_job(f"{store}/tars", tmp_path / "tar", FX)
    got = read_parts(tmp_path / "tar", FX.names)
    assert len(got) == 24
    assert got[f"{tar}/000.wav", None, None] == FX.files([clips[0]]).values[0].tolist()
    run_job(f"{store}/tars", tmp_path / "small", FX, memory=1000)
    assert read_shards(tmp_path / "small") == read_shards(tmp_path / "tar")
    assert run_job(f"{store}/parts.jsonl", tmp_path / "parts", FX).done == 72
    part = read_parts(tmp_path / "parts", FX.names)[f"{store}/clips/001.flac", 0.05, 0.15]
    assert part == values_of_part(FX, clips[1], 0.05, 0.15)
    table = extract_table(datasets.find_clips(f"{store}/clips"), FX)
    assert table.values.tolist() == list(read_parts(out, FX.names).values())


def test_objects_that_change_and_vanish(store, clips, tmp_path):
    root, out = f"{store}/changes", tmp_path / "out"
    upload(tmp_path / "clips", root)
    system, path = _remote.filesystem(root)
    run_job(root, out, FX, shard_files=7)
    before = read_shards(out)
    # The same content once more is no change; another one is.
    system.pipe_file(f"{path}/000.wav", clips[0].read_bytes())
    assert run_job(root, out, FX).computed == 0
    assert read_shards(out) == before
    system.pipe_file(f"{path}/000.wav", clips[8].read_bytes())
    system.rm_file(f"{path}/001.flac")
    report = run_job(root, out, FX)
    assert (report.computed, report.done, report.gone) == (1, 24, 1)
    whole = FX.files([clips[8]]).values[0].tolist()
    assert read_parts(out, FX.names)[f"{root}/000.wav", None, None] == whole
    # One that goes between listing and reading is tried again.
    corpus = datasets.find_clips(root)
    job = Job(str(tmp_path / "job"), root, FX.config, shard_files=100, corpus=corpus.name)
    job.folder.mkdir()
    job.save()
    (shard,) = plan_shards(job, [Input.of(clip) for clip in corpus.clips]).shards
    system.rm_file(f"{path}/002.ogg")
    assert run_shard(job, shard).failed == 1
    ((stage, reason),) = [(r.stage, r.reason) for r in bulk._records.read_records(
        job.folder / shard.name) if r.status == "failed"]  # fmt: skip
    assert stage == "read"
    assert "cannot be fetched" in reason
    system.pipe_file(f"{path}/002.ogg", clips[2].read_bytes())
    assert run_job(root, job.folder, FX).failed == 0
