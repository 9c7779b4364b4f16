"""Jobs that are killed, interrupted, or run out of disk: what is done stays, and goes on."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
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
# job. `stop` ends the child somehow, and returns whether it was before its end.
STOPPED = """
    import pyarrow.parquet, numpy, soundfile, serfast.tables, warnings
    from serfast.cli import app
    warnings.simplefilter("ignore")  # of forking beside threads of the libraries
    random.seed(sys.argv[3])
    def child(work):
        pid = os.fork()
        if pid == 0:
            work()
            os._exit(0)
        return pid
    def until_its_end(pid):
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    def stopped(stop):
        started = time.perf_counter()
        assert until_its_end(child(run)) == 0
        whole = time.perf_counter() - started
        stops = 0
        while stops < int(sys.argv[4]):
            print("fresh", flush=True)
            sys.stdin.readline()
            ended, longer = False, 1.0
            while not ended:
                ended = not stop(longer * whole)
                longer *= 1.1  # so that it ends also where the machine has become slower
                stops += not ended
                print("ended" if ended else "stopped", flush=True)
                sys.stdin.readline()
        print("enough", flush=True)
    def some_time(whole):
        # Late stops too: what the first shards go through, the last ones and the manifest do.
        time.sleep(random.uniform(0, 1.2 if random.random() < 0.3 else 0.5) * whole)
"""


def survived(code, clips, undisturbed, out, n_stops, partial=True):
    """Stop a job so many times, and see it to its end; how often a file was being written."""
    writing = ends = 0
    with start_python(PRELUDE + STOPPED + code, clips, out, 5, n_stops) as process:
        try:
            for line in process.stdout:
                if line == "enough\n":
                    break
                if line == "fresh\n":
                    for path in out.iterdir():
                        path.unlink()
                elif line == "stopped\n":
                    writing += any(name.startswith("_partial") for name in os.listdir(out))
                    assert_part_of(files(out, partial), undisturbed)
                else:
                    ends += 1
                    assert files(out) == undisturbed
                process.stdin.write("\n")
                process.stdin.flush()
            else:
                pytest.fail(process.stderr.read())
        finally:
            process.kill()
        assert process.stderr.read() == ""
    assert ends >= 1
    return writing


KILLED = """
    def killed(whole):
        pid = child(run)
        some_time(whole)
        os.kill(pid, signal.SIGKILL)
        return until_its_end(pid) != 0
    stopped(killed)
"""


def test_killed_at_random_moments(clips, undisturbed, tmp_path):
    survived(KILLED, clips, undisturbed, tmp_path / "out", 50)


def test_killed_at_each_step_of_a_write(clips, undisturbed, tmp_path):
    code = """
    def dying(step):
        # The system kills who writes more than so many bytes to a file; or before or after a step
        # that puts what was written on the disk, or gives it its name.
        if step % 3 == 0:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            limit = random.randrange(1, 16000)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        left = step
        def counted(function):
            def call(*arguments):
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments)
            return call
        if step % 3:
            os.fsync, os.replace = counted(os.fsync), counted(os.replace)
        run()
    def killed(whole):
        step = random.randrange(1, 16)
        limit = random.getrandbits(30)
        def work():
            random.seed(limit)
            dying(step)
        return until_its_end(child(work)) in (-signal.SIGKILL, -signal.SIGXFSZ)
    stopped(killed)
    """
    assert survived(code, clips, undisturbed, tmp_path / "out", 30) >= 15


def test_interrupted_at_random_moments(clips, undisturbed, tmp_path):
    code = """
    def command():
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(out + ".said", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            app(["extract", clips, "-o", out, "--features", "mfcc,rms", "--n-mfcc", "13", "--pool",
                 "mean,std", "--shard-files", "10", "--threads", "2"])
        except SystemExit as end:
            os._exit(end.code or 0)
        except KeyboardInterrupt:  # before the command began
            os._exit(130)
    def interrupted(whole):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # until the child is ready for it
        pid = child(command)
        some_time(whole)
        os.kill(pid, signal.SIGINT)
        code = until_its_end(pid)
        assert code in (0, 130), code
        return code == 130
    stopped(interrupted)
    """
    survived(code, clips, undisturbed, tmp_path / "out", 20, partial=False)
    assert "serfast: interrupted" in (tmp_path / "out.said").read_text()


def kill_on_the_way(source, folder, n_kills=12):
    report = run_job(source, folder / "undisturbed", FX, shard_files=10)
    whole = files(folder / "undisturbed")
    assert len(whole) > 4
    survived(KILLED, source, whole, folder / "out", n_kills)
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


@pytest.fixture
def disk(tmp_path):
    """A folder, and a function that makes it so many kilobytes large."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root of Linux makes small disks")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o"]
    if subprocess.run([*mount, "size=4k", "none", folder], capture_output=True).returncode != 0:
        pytest.skip("may not mount a small disk")

    def resize(kilobytes):
        subprocess.run([*mount, f"remount,size={kilobytes}k", folder], check=True)

    yield folder, resize
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk(clips, undisturbed, disk):
    # It is full at the configuration, in the first shards and in the later ones, at the manifest.
    folder, resize = disk
    out = folder / "out"
    whole = sum(len(content) for content in undisturbed.values()) // 1024
    seen = set()
    for kilobytes in 4, whole // 8, whole // 4, whole // 2, whole - 8, whole:
        resize(kilobytes)
        with pytest.raises(OSError, match=r"/disk/out.*: No space left on device"):
            run_job(clips, out, FX, shard_files=10)
        some = files(out)
        assert_part_of(some, undisturbed)
        seen.add(len(some))
    assert len(seen) >= 3
    command = [sys.executable, "-m", "serfast", "extract", clips, "-o", out, "--features",
               "mfcc,rms", "--n-mfcc", "13", "--pool", "mean,std"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.fullmatch(r"serfast: .* cannot be written: No space left on device\n", done.stderr)
    resize(50_000)
    assert run_job(clips, out, FX).computed == N_CLIPS - 10 * len(some)
    assert files(out) == undisturbed


def test_a_full_disk_under_a_long_file(disk, tmp_path):
    # Its samples do not fit on the disk: it is the file that fails, and is tried again.
    folder, resize = disk
    resize(600)
    (tmp_path / "clips").mkdir()
    for name in "long", "short":
        y = speech(SR * (20 if name == "long" else 1))
        soundfile.write(tmp_path / f"clips/{name}.flac", y, SR)
    options = {"threads": 1, "memory": 100_000}
    report = run_job(tmp_path / "clips", folder / "out", FX, **options)
    ((stage, reason, n),) = report.reasons
    assert (stage, n, report.done) == ("decode", 1, 1)
    assert "No space left on device" in reason
    resize(50_000)
    report = run_job(tmp_path / "clips", folder / "out", FX, **options)
    assert (report.done, report.failed) == (2, 0)


# ---------------------------------------------------------------- folders that may not be read

# As root, only without the right to read everything.
WITHOUT_RIGHTS = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


def run_without_rights(code, *arguments):
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may read everything, and no setpriv is here to change that")
        command = [*WITHOUT_RIGHTS, *command]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


UNREADABLE = """
    from pathlib import Path
    from serfast.bulk import Input, Job, plan_shards, run_shard
    from serfast.datasets import find_clips
    clips, out = Path(clips), Path(out)
    # A folder that becomes unreadable after it was listed, half of the job being done.
    corpus = find_clips(clips)
    job = Job(str(out), str(clips), fx.config, shard_files=10, corpus=corpus.name,
              version=serfast.__version__)
    out.mkdir()
    job.save()
    shards = plan_shards(job, [Input.of(clip) for clip in corpus.clips]).shards
    for shard in shards[::2]:
        run_shard(job, shard)
    (clips / "sub").chmod(0)
    failed = sum(run_shard(job, shard).failed for shard in shards[1::2])
    reasons = {record.reason for path in sorted(out.glob("part-*"))
               for record in read_records(path) if record.path.startswith(str(clips / "sub"))}
    print(failed, *[reason for reason in reasons if reason])
    # Then one that cannot be listed: its rows stay.
    report = run(out)
    print(report.done, report.failed, report.gone, *report.left_out[0])
    # An output folder that may not be written to.
    (clips / "sub").chmod(0o755)
    out.chmod(0o555)
    try:
        run(out)
    except OSError as error:
        print(error)
    out.chmod(0o755)
    report = run(out)
    print(report.done, report.failed)
"""


def test_folders_that_become_unreadable(clips, tmp_path):
    folder, out = tmp_path / "clips", tmp_path / "out"
    shutil.copytree(clips, folder)
    (folder / "sub").mkdir()
    for path in sorted(folder.glob("*.*"))[30:60]:
        path.rename(folder / "sub" / path.name)
    code = PRELUDE + "    from serfast.bulk._records import read_records\n" + UNREADABLE
    said = run_without_rights(code, folder, out).splitlines()
    assert said[0].split(" ", 1)[1].count("Permission denied") >= 1
    assert "sub folder that cannot be listed: Permission denied" in said[1]
    assert "Permission denied" in said[2]
    assert said[3].split() == [str(N_CLIPS - 4), "4"]
    run_job(folder, tmp_path / "fresh", FX, shard_files=10)
    assert files(out) == files(tmp_path / "fresh")
