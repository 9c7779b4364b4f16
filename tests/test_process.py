"""The core inside a process: forks, threads, interrupts, instruction sets, imports."""

from __future__ import annotations

import os
import re
import signal as signals
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile

import serfast
from helpers import (
    OF_SIGNAL,
    SR,
    assert_same,
    compute,
    error_over_scale,
    run_python,
    speech,
    start_python,
)
from serfast import _core

PRELUDE = """
    import sys
    import numpy as np, serfast
    y = np.random.default_rng(0).standard_normal(1 << 18).astype(np.float32)
"""


def script(code: str) -> str:
    """Code that has serfast and a signal y."""
    return PRELUDE + code


# ---------------------------------------------------------------- forks and threads

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


@needs_fork
@pytest.mark.parametrize("threads", ["1", "3"])
def test_a_forked_child_computes_the_same(threads):
    code = script("""
    import os, warnings
    warnings.simplefilter("ignore")  # of forking beside the threads of numpy's BLAS
    fx = serfast.Extractor(["mfcc", "chroma_stft"], pool="mean")
    def digest():
        features = serfast.mfcc(y=y, hop_length=128), fx.batch([y, y[:5000], y]).values
        return b"".join(feature.tobytes() for feature in features)
    here = digest()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if digest() == here else 3)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), digest() == here)
    """)
    assert run_python(code, SERFAST_NUM_THREADS=threads).split() == ["0", "True"]


@needs_fork
def test_a_pool_of_forked_processes():
    code = script("""
    import multiprocessing, warnings
    warnings.simplefilter("ignore")
    fx = serfast.Extractor(["mfcc", "rms"], pool="mean")
    clips = [y[i * 9000 : (i + 1) * 9000] for i in range(20)]
    here = fx.batch(clips, threads=2).values
    def pooled(clip):
        return fx(clip)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(np.array_equal(pool.map(pooled, clips), here))
    """)
    assert run_python(code).strip() == "True"


@pytest.mark.parametrize("feature", OF_SIGNAL)
def test_python_threads_may_compute_at_once(feature):
    ys = [speech(20000 + 500 * i, seed=i) for i in range(8)]
    expected = [compute(feature, y) for y in ys]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            for values, rows in zip(
                pool.map(lambda y: compute(feature, y), ys), expected, strict=True
            ):
                assert_same(values, rows)


def test_python_threads_may_share_an_extractor():
    fx = serfast.Extractor(["mfcc", "chroma_stft"], sr=SR, pool=["mean", "median"])
    ys = [speech(9000 + 500 * i, seed=i) for i in range(12)]
    expected = fx.batch(ys, threads=1).values
    with ThreadPoolExecutor(4) as pool:
        assert_same(np.stack(list(pool.map(fx, ys))), expected)
        for result in pool.map(lambda _: fx.batch(ys, threads=2), range(8)):
            assert_same(result.values, expected)


def released(call):
    """How often another thread got the interpreter during a call, at one look a millisecond."""
    looks, done = [], threading.Event()

    def look():
        while not done.wait(0.001):
            looks.append(None)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        while not looks:
            time.sleep(0.001)
        before = len(looks)
        call()
        return len(looks) - before
    finally:
        done.set()
        thread.join()


LONG_CALLS = {
    "stft": lambda y: serfast.stft(y, hop_length=32),
    "istft": lambda y: serfast.istft(np.ones((1025, 20000), np.complex64), hop_length=32),
    "mfcc": lambda y: serfast.mfcc(y=y, hop_length=8),
    "of rows": lambda y: serfast.spectral_contrast(S=np.ones((1025, 40000), np.float32)),
    "tuning": lambda y: serfast.estimate_tuning(y=y, hop_length=8),
    "decibels": lambda y: serfast.power_to_db(np.ones((100, 1 << 19), np.float32)),
    "batch": lambda y: serfast.Extractor(["mfcc"], pool="mean").batch([y] * 100, threads=1),
}


@pytest.mark.parametrize("name", LONG_CALLS)
def test_other_threads_run_meanwhile(name):
    y = speech(1 << 19)
    # Without a release, the other thread would get its turn only around the call.
    assert released(lambda: LONG_CALLS[name](y)) >= 10


# ---------------------------------------------------------------- interrupts

INTERRUPTED = script("""
    source = sys.argv[1:] * 50000 or [y[:160000]] * 50000
    fx = serfast.Extractor(["mfcc", "chroma_stft"], pool=["mean", "median"])
    batch = fx.files if sys.argv[1:] else fx.batch
    seen = []
    def progress(done, total):
        seen.append(done)
        if len(seen) == 1:
            print("running", flush=True)
    try:
        batch(source, threads=2, progress=progress)
    except KeyboardInterrupt:
        print(batch(source[:3], threads=2).failures, seen[-1] < len(source))
""")


@pytest.mark.parametrize("source", ["arrays", "clip.wav", "clip.flac"])
def test_an_interrupt_stops_a_batch(tmp_path, source):
    paths = []
    if source != "arrays":
        paths.append(tmp_path / source)
        soundfile.write(paths[0], speech(160000), 22050)
    with start_python(INTERRUPTED, *paths) as process:
        try:
            assert process.stdout.readline() == "running\n"
            process.send_signal(signals.SIGINT)
            out, error = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (out.strip(), process.returncode) == ("[] True", 0), error


# ---------------------------------------------------------------- the environment


def test_instruction_sets_agree(tmp_path):
    features = ["mfcc", "melspectrogram", "chroma_stft", "spectral_contrast", "piptrack", "stft"]
    code = """
    import io, sys
    from contextlib import redirect_stdout
    import numpy as np, serfast
    from helpers import compute, speech
    y = speech(40000).astype(sys.argv[2])
    np.savez(sys.argv[1], **{name: compute(name, y) for name in sys.argv[3:]})
    with redirect_stdout(io.StringIO()) as shown:
        serfast.show_config()
    print(serfast.config_info()["isa"], shown.getvalue().replace(chr(10), " "))
    """
    isas = _core.supported_isas()
    assert isas[0] == "baseline"
    assert set(isas) <= set(_core.built_isas())
    # Of the results' scale; dB of the faintest bins, in spectral_contrast, are the worst case.
    for dtype, tolerance in (("float32", 1e-4), ("float64", 1e-12)):
        results = {}
        for isa in isas:
            file = tmp_path / f"{isa}.npz"
            path = os.pathsep.join(filter(None, sys.path))
            out = run_python(code, file, dtype, *features, SERFAST_ISA=isa, PYTHONPATH=path)
            assert re.match(rf"{isa} serfast .*instruction set: {isa} \(built: baseline", out)
            results[isa] = dict(np.load(file))
        for isa in isas[1:]:
            for name in features:
                error = error_over_scale(results[isa][name], results["baseline"][name])
                assert error < tolerance, (isa, name)


@pytest.mark.parametrize("isa", ["nonsense", "V3"])
def test_an_unknown_instruction_set_is_refused_in_words(isa):
    code = script("""
    for call in (lambda: serfast.mfcc(y=y), lambda: serfast.config_info()):
        try:
            call()
        except serfast.ParameterError as error:
            print(error)
    """)
    lines = run_python(code, SERFAST_ISA=isa).splitlines()
    assert len(lines) == 2
    for line in lines:
        allowed = ", ".join(_core.supported_isas())
        assert line == f"SERFAST_ISA={isa} is not one of those that this CPU runs: {allowed}"


def test_an_empty_instruction_set_means_the_best():
    code = script("    print(serfast.config_info()['isa'])")
    assert run_python(code, SERFAST_ISA="").strip() == _core.supported_isas()[-1]


@pytest.mark.parametrize("threads", ["0", "-2", "abc", "2.5", "1e3"])
def test_a_wrong_number_of_threads_is_refused_in_words(monkeypatch, threads):
    monkeypatch.setenv("SERFAST_NUM_THREADS", threads)
    words = rf"SERFAST_NUM_THREADS='?{threads}'? must be a positive integer"
    with pytest.raises(serfast.ParameterError, match=words):
        serfast.mfcc(y=np.zeros(1 << 17, np.float32))
    with pytest.raises(serfast.ParameterError, match=words):
        serfast.Extractor(["mfcc"]).batch([])


def test_threads_follow_the_environment(monkeypatch):
    monkeypatch.setenv("SERFAST_NUM_THREADS", "5")
    assert serfast.config_info()["threads"] == 5
    monkeypatch.setenv("SERFAST_NUM_THREADS", "")
    assert serfast.config_info()["threads"] >= 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
@pytest.mark.skipif("san" in os.environ.get("LD_PRELOAD", ""), reason="sanitizers need much of it")
def test_threads_that_cannot_be_had_are_done_without():
    # Stacks of a GiB each, and room for about two of them beside the data.
    code = """
    import os, resource, sys
    GiB = 1 << 30
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    if soft != GiB:
        resource.setrlimit(resource.RLIMIT_STACK, (GiB, hard))
        os.execv(sys.executable, sys.orig_argv)
    """ + script("""
    clips = [y[:5000]] * 300
    fx = serfast.Extractor(["mfcc"], pool="mean")
    expected = serfast.mfcc(y=y, hop_length=16), np.tile(fx(y[:5000]), (300, 1))
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 5 * GiB // 2,) * 2)
    os.environ["SERFAST_NUM_THREADS"] = "30"
    print(np.array_equal(serfast.mfcc(y=y, hop_length=16), expected[0]))
    print(np.array_equal(fx.batch(clips, threads=30).values, expected[1]))
    """)
    assert run_python(code, SERFAST_NUM_THREADS="1").split() == ["True", "True"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process")
@pytest.mark.skipif("san" in os.environ.get("LD_PRELOAD", ""), reason="sanitizers need much of it")
def test_a_signal_that_memory_does_not_hold_costs_only_itself():
    # The median keeps whole rows: 128 of 65 000 frames, 33 MB.
    code = script("""
    import resource
    fx = serfast.Extractor(["melspectrogram"], sr=16000, hop_length=64, pool="median")
    clip, long = y[:30000], np.zeros(1 << 22, np.float32)
    expected = fx(clip)
    with open("/proc/self/status") as file:
        used = next(int(line.split()[1]) for line in file if line.startswith("VmData"))
    resource.setrlimit(resource.RLIMIT_DATA, (used * 1024 + 24_000_000,) * 2)
    result = fx.batch([clip, long, clip], threads=1)
    print(*[(failure.index, failure.reason) for failure in result.failures])
    print(np.array_equal(result.values[[0, 2]], [expected, expected]))
    """)
    assert run_python(code) == "(1, 'out of memory')\nTrue\n"


def test_functions_take_numpy_and_nothing_heavier_before_they_are_called():
    code = """import sys, serfast
for name in set(serfast.__all__) - {"datasets", "models", "tables"}:
    getattr(serfast, name)
print(*sorted({name.split(".")[0] for name in sys.modules}))"""
    imported = set(run_python(code).split())
    assert {"numpy", "serfast"} <= imported
    heavy = {"scipy", "sklearn", "soundfile", "soxr", "typer", "rich", "pyarrow", "torch",
             "safetensors", "librosa", "pandas", "click", "multiprocessing"}  # fmt: skip
    assert imported.isdisjoint(heavy)
