"""What the fuzz targets begin with (tests/fuzz), run through them once, whatever the compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import serfast
from helpers import run_python

ROOT = Path(__file__).resolve().parents[1]
FUZZ = ROOT / "tests" / "fuzz"
SOURCES = {"wav": sorted((ROOT / "csrc/audio").glob("*.cpp")), "signal": []}


@pytest.mark.skipif(sys.platform != "linux", reason="memory and symbols are those of Linux")
@pytest.mark.skipif("san" in os.environ.get("LD_PRELOAD", ""), reason="sanitizers need much memory")
@pytest.mark.parametrize("target", SOURCES)
def test_the_corpus_passes(tmp_path, target):
    compiler = os.environ.get("CXX") or shutil.which("c++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler here")
    corpus, library = tmp_path / "corpus", tmp_path / "target.so"
    corpus.mkdir()
    subprocess.run([sys.executable, FUZZ / "make_corpus.py", target, corpus], check=True)
    command = [
        compiler, "-std=c++17", "-O1", "-D_GLIBCXX_ASSERTIONS", "-shared", "-fPIC", "-o", library,
        f"-I{ROOT / 'csrc'}", f"-I{serfast.get_include()}", FUZZ / f"{target}.cpp",
        *SOURCES[target],
    ]  # fmt: skip
    subprocess.run(command, check=True)
    code = """
    import ctypes, os, resource, sys
    from serfast import _core
    ctypes.CDLL(_core.__file__, ctypes.RTLD_GLOBAL)
    target = ctypes.CDLL(sys.argv[1]).LLVMFuzzerTestOneInput
    target.argtypes = ctypes.c_char_p, ctypes.c_size_t
    resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))  # where options ask for any sizes
    names = sorted(os.listdir(sys.argv[2]))
    for name in names:
        with open(os.path.join(sys.argv[2], name), "rb") as file:
            content = file.read()
        print(name, file=sys.stderr, flush=True)
        assert target(content, len(content)) == 0
    print(len(names))
    """
    assert int(run_python(code, library, corpus)) == len(os.listdir(corpus)) >= 50
