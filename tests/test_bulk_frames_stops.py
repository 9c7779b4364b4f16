"""Jobs over frames that were killed, and what others have removed."""

from __future__ import annotations

import os
import shutil

import pyarrow as pa
import pyarrow.parquet
import pytest

from helpers import start_python
from layouts import FRAMES, files, needs_zarr, stores
from serfast.bulk import run_job
from sources import write_classes


@pytest.fixture
def clips(tmp_path):
    return write_classes(tmp_path / "clips", 13, 700)


STOPPED = """
    import os, random, signal, sys, time, warnings
    import pyarrow.parquet, numpy, soundfile, serfast, serfast.tables
    from serfast.bulk import run_job
    warnings.simplefilter("ignore")  # of forking beside threads of the libraries
    clips, out, store = sys.argv[1:4]
    if store == "zarr":
        import zarr
    fx = serfast.Extractor(["mfcc", "rms"], sr=16000, n_mfcc=13)
    random.seed(int(sys.argv[4]))
    def child():
        pid = os.fork()
        if pid == 0:
            run_job(clips, out, fx, shard_files=3, threads=2, chunk=0.2, overlap=0.1, store=store)
            os._exit(0)
        return pid
    started = time.perf_counter()
    os.waitpid(child(), 0)
    whole = time.perf_counter() - started
    kills = 0
    while kills < int(sys.argv[5]):
        print("fresh", flush=True)
        sys.stdin.readline()
        ended = False
        while not ended:
            pid = child()
            time.sleep(random.uniform(0, 1.2 if random.random() < 0.3 else 0.6) * whole)
            os.kill(pid, signal.SIGKILL)
            ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
            kills += not ended
            print("ended" if ended else "killed", flush=True)
            sys.stdin.readline()
    print("enough", flush=True)
"""


@stores
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_killed_at_random_moments(clips, tmp_path, store):
    (clips / "sad/text.wav").write_text("no audio")
    options = {"chunk": 0.2, "overlap": 0.1, "store": store}
    run_job(clips, tmp_path / "undisturbed", FRAMES, shard_files=3, **options)
    undisturbed = files(tmp_path / "undisturbed")
    out = tmp_path / "out"
    killed = whole = 0
    with start_python(STOPPED, clips, out, store, 7, 25) as process:
        try:
            for line in process.stdout:
                if line == "enough\n":
                    break
                if line == "fresh\n":
                    shutil.rmtree(out)
                elif line == "killed\n":
                    killed += 1
                    assert_whole_shards(out, undisturbed)
                else:
                    whole += 1
                    assert files(out) == undisturbed
                process.stdin.write("\n")
                process.stdin.flush()
        finally:
            process.kill()
        assert process.stderr.read() == ""
    assert killed >= 25
    assert whole >= 1


def assert_whole_shards(out, undisturbed):
    """Each shard that is there is that of an undisturbed run, and so are the arrays it names."""
    for shard in out.glob("part-*.parquet"):
        assert shard.read_bytes() == undisturbed[shard.name]
        table = pa.parquet.read_table(shard)
        names = table["array"].unique().to_pylist() if "array" in table.column_names else []
        for name in names:
            array = f"_frames.zarr/{name}/"
            wanted = {n: content for n, content in undisturbed.items() if n.startswith(array)}
            assert {n: (out / n).read_bytes() for n in wanted} == wanted


@needs_zarr
def test_an_array_that_was_removed_is_made_again(clips, tmp_path):
    out = tmp_path / "out"
    run_job(clips, out, FRAMES, shard_files=5, store="zarr")
    before = files(out)
    shutil.rmtree(next((out / "_frames.zarr").glob("part-00001-*")))
    report = run_job(clips, out, FRAMES, store="zarr")
    assert (report.computed, report.shards) == (5, 1)
    assert files(out) == before


@needs_zarr
def test_what_killed_runs_left_is_removed(clips, tmp_path):
    out = tmp_path / "out"
    run_job(clips, out, FRAMES, shard_files=5, store="zarr")
    before = files(out)
    stray = out / "_frames.zarr/part-00001-0123456789abcdef"
    half = out / "_partial-01234567-part-00001-0123456789abcdef"
    for folder in stray, half:
        (folder / "c").mkdir(parents=True)
        (folder / "c/0").write_bytes(b"x")
    assert run_job(clips, out, FRAMES, store="zarr").computed == 0
    assert files(out) == before
