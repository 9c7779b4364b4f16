"""The kernels' object files hold nothing that the linker could mix up between instruction sets.

A weak symbol (a template or an inline function from a shared header) is kept once for all of them:
were it the copy made for AVX-512, older CPUs would crash.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CMAKE = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
KERNELS = ROOT / "csrc" / "kernels"
OF_X86 = ("v3", "v4")

# name, bytes of a vector, compiler flags; and the flags of them all
ISAS = re.findall(r"^\s*serfast_kernels\((\w+) (\d+)(.*)\)", CMAKE, flags=re.MULTILINE)
FLAGS = re.search(r"set\(flags -O3 (.*) \$\{ARGN\}\)", CMAKE)[1]


def symbols(path: Path) -> list[tuple[str, str]]:
    """Kind and name of each symbol, as nm has them."""
    nm = shutil.which("nm") or shutil.which("llvm-nm")
    if nm is None:
        pytest.skip("no nm here to list the symbols with")
    out = subprocess.run([nm, "-C", str(path)], check=True, capture_output=True, text=True).stdout
    return re.findall(r"^[0-9a-f]* +(\w) (.+)$", out, flags=re.MULTILINE)


def assert_only_the_table_is_seen(path: Path, isa: str) -> None:
    found = symbols(path)
    assert [name for kind, name in found if kind in "WVuwv"] == []
    precision = "f32" if "f32" in path.name else "f64"
    defined = [name for kind, name in found if kind.isupper() and kind != "U"]
    assert defined == [f"serfast::kernels_{precision}_{isa}"]


def compilers() -> list[str]:
    candidates = [os.environ.get("CXX", ""), "g++", "clang++"]
    return [name for name in dict.fromkeys(candidates) if name and shutil.which(name.split()[0])]


def compiled(source: str, isa: tuple[str, str, str], optimize: str, compiler: str, folder: Path):
    """The object file of one kernel source, with CMakeLists.txt's flags."""
    name, vector_bytes, flags = isa
    path = folder / f"{source}.{name}.o"
    command = [
        *compiler.split(), "-std=c++17", "-fPIC", "-fvisibility=hidden", "-w", optimize,
        *FLAGS.split(), *flags.split(), f"-DSERFAST_ISA={name}",
        f"-DSERFAST_VECTOR_BYTES={vector_bytes}", f"-I{ROOT / 'csrc'}",
        "-c", str(KERNELS / source), "-o", str(path),
    ]  # fmt: skip
    subprocess.run(command, check=True)
    return path


def test_the_flags_were_found_in_cmakelists():
    assert [name for name, _, _ in ISAS] == ["baseline", *OF_X86]
    assert "-ffp-contract=fast" in FLAGS.split()
    assert {path.name for path in KERNELS.glob("*.cpp")} == {"kernels_f32.cpp", "kernels_f64.cpp"}


@pytest.mark.parametrize("source", ["kernels_f32.cpp", "kernels_f64.cpp"])
@pytest.mark.parametrize(
    ("isa", "optimize"),
    [*((isa, "-O0") for isa in ISAS), (ISAS[0], "-O3")],
    ids=[*(name for name, _, _ in ISAS), "optimized"],
)
def test_compiled_kernels_have_no_weak_symbol(tmp_path, isa, optimize, source):
    if not compilers():
        pytest.skip("no C++ compiler here to compile the kernels with")
    if isa[0] in OF_X86 and platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip(f"{isa[0]} is an instruction set of x86")
    # Without optimization, which is quick, every inline function is left standing.
    for compiler in compilers() if optimize == "-O0" else compilers()[:1]:
        object_file = compiled(source, isa, optimize, compiler, tmp_path)
        assert_only_the_table_is_seen(object_file, isa[0])


def test_built_kernels_have_no_weak_symbol():
    objects = sorted(ROOT.glob("build/*/CMakeFiles/kernels_*.dir/**/kernels_f??.cpp.o"))
    clean = [path for path in objects if b"__asan_" not in path.read_bytes()]
    if not clean:
        pytest.skip("no build tree here with the kernels' object files")
    for path in clean:
        isa = re.search(r"kernels_(\w+)\.dir", str(path))[1]
        assert_only_the_table_is_seen(path, isa)


def test_the_module_exports_nothing_else():
    from serfast import _core

    nm = shutil.which("nm")
    if nm is None or platform.system() != "Linux":
        pytest.skip("needs nm and an ELF module")
    command = [nm, "-D", "--defined-only", "-C", _core.__file__]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = re.findall(r"^[0-9a-f]+ +\w (.+)$", out, flags=re.MULTILINE)
    assert "PyInit__core" in names
    assert [name for name in names if "kernels" in name] == []
