"""Jobs on a Dask cluster: the bytes of a job of this process, whatever happens to the workers."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from textwrap import dedent

import pytest
import soundfile

import serfast
from clusters import ENVIRONMENT, Cluster, wait_for
from helpers import speech
from serfast.bulk import run_job
from sources import web_server, write_clips, write_parts, write_tar

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals"),
    pytest.mark.skipif(
        importlib.util.find_spec("distributed") is None, reason='needs pip install "serfast[dask]"'
    ),
]

SR = 16000
N_CLIPS, SHARD_FILES = 30, 3
FX = serfast.Extractor(["mfcc", "tonnetz"], sr=SR, n_mfcc=13, pool=["mean", "std"])

# What a worker does in place of writing a shard: it stays in the middle of its second one,
# dies, or has no room.
STUCK = """
    import os, pathlib, threading
    shards = []
    def instead(write, path):
        write(path)
        shards.append(path)
        if len(shards) == 2:
            os.truncate(path, path.stat().st_size // 2)
            pathlib.Path(f"{path.parent}-stuck-{os.getpid()}").touch()
            threading.Event().wait()
"""
DEADLY = """
    import os
    def instead(*_, **__):
        os._exit(1)
"""
FULL = """
    def instead(*_, **__):
        raise OSError(28, "No space left on device")
"""
PATCH = """
def dask_setup(worker):
    from functools import partial
    from serfast.bulk import _shard_file
    durably = _shard_file.write_durably
    _shard_file.write_durably = lambda path, write: durably(path, partial(instead, write))
"""
# A worker that stays at a file as long as anybody waits for it.
HELD = """
import pathlib, time
def dask_setup(_):
    from serfast.bulk._work import Worker
    decoded = Worker._decoded_file
    def held(worker, *clip):
        decoded(worker, *clip)
        pathlib.Path(f"{worker.folder}-held").touch()
        while not worker.stopped():
            time.sleep(0.01)
        pathlib.Path(f"{worker.folder}-let-go").touch()
    Worker._decoded_file = held
"""
OTHER_VERSION = "import serfast; serfast.__version__ = '0.0.1'"


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """WAV and FLAC files, a damaged one, and one with a name that is not UTF-8."""
    folder = tmp_path_factory.mktemp("clips")
    for i in range(N_CLIPS):
        path = folder / f"{i:02}.{'flac' if i % 4 == 1 else 'wav'}"
        soundfile.write(path, speech(2100 + 50 * i, seed=i), SR)
    os.truncate(folder / "07.wav", 40)
    os.rename(os.fsencode(folder / "08.wav"), os.fsencode(folder) + b"/08\xff.wav")
    return folder


@pytest.fixture(scope="module")
def undisturbed(clips, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    report = run_job(clips, out, FX, shard_files=SHARD_FILES)
    assert (report.done, report.failed) == (N_CLIPS - 1, 1)
    return files(out)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture
def cluster(scheduler):
    """A scheduler that has no workers yet."""
    yield scheduler
    scheduler.kill_workers()


def files(out):
    return {path.name: path.read_bytes() for path in out.iterdir()}


def start(clips, out, address, *options, of_rows=("--pool", "mean,std")):
    sources = clips if isinstance(clips, list) else [clips]
    command = [
        sys.executable, "-m", "serfast", "extract", *map(str, sources), "-o", str(out),
        "--features", "mfcc,tonnetz", "--n-mfcc", "13", "--shard-files", str(SHARD_FILES),
        "--engine", "dask", "--scheduler", address, *of_rows, *options,
    ]  # fmt: skip
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, **ENVIRONMENT},
    )  # fmt: skip


def end(job, code=0):
    said, errors = job.communicate()
    assert job.returncode == code, errors
    return said, errors


def stuck(out):
    return list(out.parent.glob(f"{out.name}-stuck-*"))


def n_partial(out):
    return len(list(out.glob("_partial-*")))


def n_shards(out):
    return len(list(out.glob("part-*")))


def test_what_workers_do_is_what_threads_do(clips, undisturbed, cluster, tmp_path):
    cluster.worker(n_threads=2)
    out, log = tmp_path / "out", tmp_path / "log"
    said, errors = end(start(clips, out, cluster.address, "--json", "--quiet", "--log", str(log)))
    assert files(out) == undisturbed
    assert errors == ""
    report = json.loads(said)
    assert (report["done"], report["failed"], report["computed"]) == (N_CLIPS - 1, 1, N_CLIPS)
    assert report["shards"] == N_CLIPS // SHARD_FILES
    assert len(report["slowest"]) == 5
    assert [reason[2] for reason in report["reasons"]] == [1]
    seconds = sum((2100 + 50 * i) / SR for i in range(N_CLIPS) if i != 7)
    assert report["hours"] * 3600 == pytest.approx(seconds)
    events = [json.loads(line) for line in log.read_text().splitlines()]
    kinds = [event["event"] for event in events]
    assert (kinds[0], kinds[-1]) == ("start", "end")
    assert (kinds.count("failure"), kinds.count("shard")) == (1, N_CLIPS // SHARD_FILES)
    again = json.loads(end(start(clips, out, cluster.address, "--json"))[0])
    assert (again["computed"], again["done"], again["shards"]) == (0, N_CLIPS - 1, 0)
    assert files(out) == undisturbed


@pytest.mark.parametrize(
    ("of_rows", "pool", "asked"),
    [
        (("--frames",), None, {}),
        (("--frames", "--chunk", "0.06", "--overlap", "0.02"), None,
         {"chunk": 0.06, "overlap": 0.02}),
        (("--pool", "mean,std", "--chunk", "0.06"), ["mean", "std"], {"chunk": 0.06}),
    ],
)  # fmt: skip
def test_frames_and_chunks_of_parts_and_tar_files(cluster, tmp_path, of_rows, pool, asked):
    clips = write_clips(tmp_path / "clips", 8)
    write_parts(tmp_path / "parts.jsonl", clips[:5])
    write_tar(tmp_path / "more.tar", clips[5:])
    sources = [tmp_path / "parts.jsonl", tmp_path / "more.tar"]
    cluster.worker(n_threads=2)
    out, expected = tmp_path / "out", tmp_path / "expected"
    of_rows = ("--features", "mfcc,rms", *of_rows)  # of parts that are too short for tonnetz
    said, _ = end(start(sources, out, cluster.address, "--json", of_rows=of_rows))
    extractor = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=pool)
    report = run_job(sources, expected, extractor, shard_files=SHARD_FILES, **asked)
    assert (report.done, report.failed) == (18, 0)
    assert json.loads(said)["done"] == 18
    assert files(out) == files(expected)


def test_urls(clips, cluster, tmp_path):
    out, expected = tmp_path / "out", tmp_path / "expected"
    with web_server(clips) as url:
        sources = [f"{url}/{name}" for name in ("00.wav", "01.flac", "07.wav")]
        cluster.worker()
        said, _ = end(start(sources, out, cluster.address, "--json"))
        report = run_job(sources, expected, FX, shard_files=SHARD_FILES)
    assert (report.done, report.failed) == (2, 1)
    assert json.loads(said)["reasons"] == [list(reason) for reason in report.reasons]
    assert files(out) == files(expected)


def test_arrays_are_refused(clips, tmp_path):
    pytest.importorskip("zarr", reason="needs the extra zarr")
    out = tmp_path / "out"
    of_rows = ("--frames", "--store", "zarr")
    _, errors = end(start(clips, out, "tcp://127.0.0.1:9", of_rows=of_rows), 2)
    assert 'store="zarr" is for work in this process' in errors
    assert not out.exists()


def test_a_killed_worker_costs_its_shard(clips, undisturbed, cluster, tmp_path):
    out = tmp_path / "out"
    lost = cluster.worker(dedent(STUCK) + PATCH)
    job = start(clips, out, cluster.address)
    wait_for(lambda: stuck(out), job, lost)
    cluster.worker()
    wait_for(lambda: n_shards(out) > 3, job, lost)
    assert n_partial(out) >= 1
    lost.kill()
    end(job)
    assert files(out) == undisturbed


def test_all_workers_killed(clips, undisturbed, cluster, tmp_path):
    """The job waits for new ones; once it is interrupted, too, and the same command goes on."""
    out = tmp_path / "out"
    job = None
    for interrupted in (False, True):
        lost = [cluster.worker(dedent(STUCK) + PATCH), cluster.worker(dedent(STUCK) + PATCH)]
        job = job or start(clips, out, cluster.address)
        wait_for(lambda: len(stuck(out)) == 2, job, *lost)
        for worker in lost:
            worker.kill()
        for mark in stuck(out):
            mark.unlink()
        if interrupted:
            job.send_signal(signal.SIGINT)
            _, errors = end(job, 130)
            assert "interrupted; the same command goes on" in errors
    some = files(out)
    assert all(some[name] == undisturbed[name] for name in some if name.startswith("part-"))
    listed = {json.loads(line)["shard"] for line in some["_manifest.jsonl"].splitlines()}
    assert listed == {name for name in some if name.startswith("part-")}
    assert (n_shards(out), n_partial(out)) == (4, 0)
    cluster.worker()
    said, _ = end(start(clips, out, cluster.address))
    assert f"this run: {N_CLIPS - 4 * SHARD_FILES} clips" in said
    assert files(out) == undisturbed


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_workers_stop_with_the_command(clips, undisturbed, cluster, tmp_path, sent):
    out, let_go = tmp_path / "out", tmp_path / "out-let-go"
    cluster.worker(HELD)
    job = start(clips, out, cluster.address)
    wait_for((tmp_path / "out-held").exists, job)
    job.send_signal(sent)
    if sent == signal.SIGINT:
        end(job, 130)
        assert let_go.exists(), "the command waits for it"
    else:
        end(job, -sent)
        wait_for(let_go.exists)
    assert n_shards(out) == 0
    cluster.kill_workers()
    cluster.worker()
    end(start(clips, out, cluster.address))
    assert files(out) == undisturbed


def test_a_shard_that_kills_its_workers(clips, tmp_path):
    with Cluster(tmp_path, allowed_failures=0) as cluster:
        cluster.worker(dedent(DEADLY) + PATCH)
        _, errors = end(start(clips, tmp_path / "out", cluster.address), 1)
    assert "is given up: workers that died with it in hand: 1" in errors
    assert len(errors.splitlines()) == 1


def test_a_disk_that_is_full(clips, cluster, tmp_path):
    cluster.worker(dedent(FULL) + PATCH)
    _, errors = end(start(clips, tmp_path / "out", cluster.address), 1)
    said = r"serfast: \[Errno 28\] .*part-\d+\.parquet cannot be written: No space left on device\n"
    assert re.fullmatch(said, errors)


def test_a_scheduler_that_goes(clips, tmp_path):
    out = tmp_path / "out"
    with Cluster(tmp_path) as cluster:
        cluster.worker(dedent(STUCK) + PATCH)
        job = start(clips, out, cluster.address)
        wait_for(lambda: stuck(out), job)
        cluster.scheduler.kill()
        _, errors = end(job, 1)
    assert errors == "serfast: the Dask scheduler is gone\n"


def test_workers_that_cannot_do_the_job(clips, cluster, tmp_path, monkeypatch):
    worker = cluster.worker()
    monkeypatch.chdir(tmp_path)
    _, errors = end(start(clips, "out", cluster.address), 1)
    assert "does not find out: it must be the same folder" in errors
    monkeypatch.chdir(clips.parent)
    _, errors = end(start(clips.name, tmp_path / "far", cluster.address), 1)
    assert "finds none of the clips of part-00" in errors
    write_tar(clips.parent / "some.tar", [clips / "00.wav"])
    _, errors = end(start("some.tar", tmp_path / "tar", cluster.address), 1)
    assert "finds none of the clips of part-00000.parquet, as some.tar: they" in errors
    worker.kill()
    cluster.worker(OTHER_VERSION)
    _, errors = end(start(clips, tmp_path / "other", cluster.address), 2)
    assert f"has serfast 0.0.1, not {serfast.__version__}" in errors


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("tcp://127.0.0.1:9", 1, "no Dask scheduler answers at tcp://127.0.0.1:9"),
        ("ftp://x:1", 2, "scheduler 'ftp://x:1' must be an address, as tcp://HOST:8786"),
        ("tcp://x", 2, "scheduler 'tcp://x' must be an address, as tcp://HOST:8786"),
    ],
)
def test_wrong_addresses_are_refused_in_words(clips, tmp_path, address, code, words):
    _, errors = end(start(clips, tmp_path / "out", address), code)
    assert words in errors
    assert len(errors.splitlines()) == 1
    assert not (tmp_path / "out").exists()
