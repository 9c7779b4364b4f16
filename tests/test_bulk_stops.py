"""Jobs that are killed, interrupted, or run out of disk: what is done stays, and goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import soundfile

import serfast
from helpers import run_python, speech, start_python
from serfast.bulk import run_job
from sources import object_store, upload, write_clips, write_parts, write_tar

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")

SR = 16000
N_CLIPS = 100
FX = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13, pool=["mean", "std"])
PRELUDE = """
    import os, random, resource, signal, sys, time
    import serfast
    from serfast.bulk import run_job
    fx = serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13, pool=["mean", "std"])
    clips, out = sys.argv[1:3]
    def run(output=out):
        return run_job(clips, output, fx, shard_files=10, threads=2)
"""


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """WAV and FLAC files, and damaged ones."""
    folder = tmp_path_factory.mktemp("clips")
    for i in range(N_CLIPS):
        path = folder / f"{i:03}.{'flac' if i % 4 == 1 else 'wav'}"
        soundfile.write(path, speech(2000 + 50 * i, seed=i), SR)
        if i % 25 == 3:
            os.truncate(path, 40)
    return folder


@pytest.fixture(scope="module")
def undisturbed(clips, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    report = run_job(clips, out, FX, shard_files=10)
    assert (report.done, report.failed) == (N_CLIPS - 4, 4)
    return files(out)


def files(out, partial=False):
    """The bytes of each file that has to be equal."""
    names = sorted(os.listdir(out))
    if not partial:
        assert not any(name.startswith("_partial") for name in names)
    return {n: (out / n).read_bytes() for n in names if n.startswith(("part-", "_manifest"))}


def assert_part_of(some, whole):
    """Each shard that can be seen is one of an undisturbed run, whole."""
    for name, content in some.items():
        assert name.startswith("_manifest") or content == whole[name], name


# Forked from a process that has imported all, since a fresh one needs longer for that than for the
# job; a fifth of the delays falls after the last shard, into the manifest.
KILLED = """
    import pyarrow.parquet, numpy, soundfile, serfast.tables, warnings
    warnings.simplefilter("ignore")  # of forking beside threads of the libraries
    random.seed(sys.argv[3])
    def child():
        pid = os.fork()
        if pid == 0:
            run()
            os._exit(0)
        return pid
    started = time.perf_counter()
    os.waitpid(child(), 0)
    whole = time.perf_counter() - started
    kills = 0
    while kills < int(sys.argv[4]):
        print("fresh", flush=True)
        sys.stdin.readline()
        ended = False
        while not ended:
            pid = child()
            # Late kills too: what the first shards go through, the last ones and the manifest do.
            time.sleep(random.uniform(0, 1.2 if random.random() < 0.3 else 0.5) * whole)
            os.kill(pid, signal.SIGKILL)
            ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
            kills += not ended
            print("ended" if ended else "killed", flush=True)
            sys.stdin.readline()
    print("enough", flush=True)
"""


def kill_often(source, out, undisturbed, n_kills):
    """Kill a job so many times on its way and begin anew when it ended, which happened so often."""
    killed = whole = 0
    with start_python(PRELUDE + KILLED, source, out, 5, n_kills) as process:
        try:
            for line in process.stdout:
                if line == "enough\n":
                    break
                if line == "fresh\n":
                    for path in out.iterdir():
                        path.unlink()
                elif line == "killed\n":
                    killed += 1
                    assert_part_of(files(out, partial=True), undisturbed)
                else:
                    whole += 1
                    assert files(out) == undisturbed
                process.stdin.write("\n")
                process.stdin.flush()
        finally:
            process.kill()
        assert process.stderr.read() == ""
    assert killed >= n_kills
    return whole


def test_killed_at_random_moments(clips, undisturbed, tmp_path):
    assert kill_often(clips, tmp_path / "out", undisturbed, 50) >= 5


def kill_on_the_way(source, folder, n_kills=12):
    report = run_job(source, folder / "undisturbed", FX, shard_files=10)
    whole = files(folder / "undisturbed")
    assert len(whole) > 4
    assert kill_often(source, folder / "out", whole, n_kills) >= 1
    return report


def test_killed_over_parts_of_files(tmp_path):
    rows = write_parts(tmp_path / "parts.jsonl", write_clips(tmp_path / "clips", 30))
    with (tmp_path / "parts.jsonl").open("a") as file:
        file.write(json.dumps({"path": rows[0][0], "start": 9, "end": 10}))
    report = kill_on_the_way(tmp_path / "parts.jsonl", tmp_path)
    assert (report.done, report.failed) == (90, 1)


def test_killed_over_tar_files(tmp_path):
    clips = write_clips(tmp_path / "clips", 80)
    for i in range(4):
        write_tar(tmp_path / f"tars/{i}.tar", clips[20 * i : 20 * i + 20])
    os.truncate(tmp_path / "tars/3.tar", (tmp_path / "tars/3.tar").stat().st_size // 2)
    report = kill_on_the_way(tmp_path / "tars", tmp_path)
    assert 60 < report.done < 80
    assert report.failed == 1


def test_killed_over_an_object_store(tmp_path):
    write_clips(tmp_path / "clips", 60)
    os.truncate(tmp_path / "clips/001.flac", 20)
    with object_store() as url:
        upload(tmp_path / "clips", url)
        report = kill_on_the_way(url, tmp_path, 6)
    assert (report.done, report.failed) == (59, 1)


def test_an_interrupt_leaves_what_is_done(clips, undisturbed, tmp_path):
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "serfast", "extract", str(clips), "-o", str(out), "--features",
        "mfcc,rms", "--n-mfcc", "13", "--pool", "mean,std", "--shard-files", "10",
    ]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while not (out / "part-00000.parquet").exists():
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "interrupted; the same command goes on" in said
    some = files(out)
    assert_part_of(some, undisturbed)
    listed = [json.loads(line)["shard"] for line in some["_manifest.jsonl"].splitlines()]
    assert set(listed) == {name for name in some if name.startswith("part-")}
    subprocess.run(command, check=True, capture_output=True)
    assert files(out) == undisturbed


def test_files_that_may_not_be_so_long(clips, undisturbed, tmp_path):
    code = """
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    try:
        run()
    except OSError as error:
        print(type(error).__name__, error)
    """
    out = tmp_path / "out"
    limit = len(undisturbed["part-00002.parquet"]) - 1
    assert "File too large" in run_python(PRELUDE + code, clips, out, limit)
    assert_part_of(files(out), undisturbed)
    assert "part-00002.parquet" not in files(out)
    run_job(clips, out, FX)
    assert files(out) == undisturbed


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root of Linux makes small disks"
)
def test_a_full_disk(clips, undisturbed, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=140k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("may not mount a small disk")
    try:
        with pytest.raises(OSError, match="No space left on device"):
            run_job(clips, disk / "out", FX, shard_files=10)
        some = files(disk / "out")
        assert_part_of(some, undisturbed)
        assert 0 < len(some) < len(undisturbed)
        subprocess.run([*mount[:3], "-o", "remount,size=50m", str(disk)], check=True)
        assert run_job(clips, disk / "out", FX).computed == N_CLIPS - 10 * len(some)
        assert files(disk / "out") == undisturbed
    finally:
        subprocess.run(["umount", str(disk)], check=True)
