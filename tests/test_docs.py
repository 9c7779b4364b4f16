"""Words: examples run, every parameter is named, table and functions list the same features; the
pages' code runs, their links lead somewhere, and the site has all that is public."""

import ast
import doctest
import importlib.util
import inspect
import os
import pkgutil
import re
import subprocess
import sys
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import pages
import reference
import serfast
from serfast import _core

# Front ends of other toolkits, and the functions there that theirs are: ``{}`` stands for the name.
FRONT_ENDS = {
    serfast.kaldi: r"``torchaudio\.compliance\.kaldi\.{}`` 2\.11",
    serfast.torchaudio: r"``torchaudio\.transforms\.{}`` 2\.11",
    serfast.whisper: r"``whisper\.{}_spectrogram`` 20250625",
}
FEATURE_MODULES = ("mel", "chroma", "spectral", "contrast", "energy", "voice")


# Where PyTorch is missing, modules that import it, and the objects whose examples train.
OF_TORCH = (
    "serfast.bulk.torch",
    *(f"serfast.nets._{name}" for name in ("residual", "scoring", "sequence", "training")),
)
TRAINING = ("serfast.nets._net", "serfast.nets._sequence_net.SequenceNet")
has_aiohttp = importlib.util.find_spec("aiohttp") is not None
has_torch = all(map(importlib.util.find_spec, ("torch", "skorch")))


def module_names():
    found = pkgutil.walk_packages(serfast.__path__, "serfast.")
    names = ["serfast", *(one.name for one in found if not one.name.endswith("__main__"))]
    if not has_aiohttp:
        names = [name for name in names if not name.startswith("serfast.demo")]
    return [name for name in names if has_torch or name not in OF_TORCH]


def doctests():
    finder = doctest.DocTestFinder(exclude_empty=True)
    modules = map(importlib.import_module, module_names())
    tests = [test for module in modules for test in finder.find(module) if test.examples]
    return [test for test in tests if has_torch or not test.name.startswith(TRAINING)]


def public_callables():
    """Functions and classes that users call; errors are raised, not called."""
    modules = (
        serfast, serfast.decompose, serfast.effects, serfast.feature.inverse, serfast.filters,
        serfast.onset, serfast.util, *FRONT_ENDS,
    )  # fmt: skip
    names = {module: module.__all__ for module in modules}
    found = [(m.__name__, name, getattr(m, name)) for m in names for name in names[m]]
    return [
        pytest.param(thing, id=f"{module}.{name}")
        for module, name, thing in found
        if callable(thing) and not (inspect.isclass(thing) and issubclass(thing, BaseException))
    ]


def sections(thing):
    """A numpydoc text by its headings."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}$", inspect.getdoc(thing) or "", flags=re.MULTILINE)
    return dict(zip(["Summary", *parts[1::2]], parts[::2], strict=True))


def documented_parameters(text):
    """Names at the beginning of a line, before a colon: ``a, b : int``, ``**options``."""
    heads = re.findall(r"^(\*{0,2}\w[^:\n]*)", text, flags=re.MULTILINE)
    return {name.strip(" *") for head in heads for name in head.split(",")}


def public_features(package):
    names = {name for name in package.__all__ if callable(getattr(package, name))}
    return {
        name
        for name in names
        if getattr(package, name).__module__.rpartition(".")[2] in FEATURE_MODULES
    }


@pytest.mark.parametrize("test", doctests(), ids=lambda test: test.name)
def test_example_runs(test):
    said = []
    result = doctest.DocTestRunner().run(test, out=said.append)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize("thing", public_callables())
def test_docstring_is_complete(thing):
    found = sections(thing)
    signature = inspect.signature(thing)
    assert found["Summary"].strip()
    assert "Examples" in found
    if inspect.isclass(thing):
        assert "Attributes" in found
    elif signature.return_annotation not in (None, "None"):
        assert "Returns" in found
    assert documented_parameters(found.get("Parameters", "")) == set(signature.parameters)


@pytest.mark.parametrize("thing", public_callables())
def test_docstring_names_its_source(thing):
    own_modules = (
        "serfast._config", "serfast.activity", "serfast.extractor", "serfast.patching",
        "serfast.tables._features",
    )  # fmt: skip
    if thing.__module__ in own_modules or thing.__name__ in reference.OWN:
        return
    found = sections(thing)
    source = found.get("References", "") + found.get("Notes", "")
    sources = {module.__name__: words for module, words in FRONT_ENDS.items()}
    words = sources.get(thing.__module__, r"``librosa\.(\w+\.)*{}`` 0\.11")
    assert re.search(words.format(thing.__name__), source)


def test_table_public_functions_and_reference_are_the_same_features():
    table = {row["name"] for row in _core.features() if row["framewise"]}
    assert public_features(serfast) == table
    assert public_features(reference) == table


@pytest.mark.parametrize("package", [serfast, serfast.models])
def test_type_checkers_see_the_public_names(package):
    tree = ast.parse(Path(package.__file__).with_suffix(".pyi").read_text())
    seen = {
        one.asname for node in tree.body if isinstance(node, ast.ImportFrom) for one in node.names
    }
    assert seen == set(package.__all__)


def page_name(page):
    return str(page.relative_to(pages.ROOT))


def external_links():
    """All addresses on other machines, each of which is the name of a test: this is their list."""
    found = set().union(*(pages.links(page.read_text()) for page in pages.PAGES))
    return sorted(link for link in found if ":" in link)


WITH_CODE = [page for page in pages.PAGES if any(b.runs for b in pages.blocks(page.read_text()))]


@pytest.mark.parametrize("page", WITH_CODE, ids=page_name)
def test_code_of_a_page_runs(page, tmp_path):
    pages.put_recordings(tmp_path)
    # One thread for linear algebra: its idle threads would take the cores from other tests.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    settings = {"PATH": path, "MPLBACKEND": "agg", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, pages.__file__, page], cwd=tmp_path, env={**os.environ, **settings},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("page", pages.PAGES, ids=page_name)
def test_code_of_a_page_is_found_and_what_does_not_run_has_its_place(page):
    text = page.read_text()
    found = pages.blocks(text)
    assert len(found) == len(re.findall(r"^\s*(?:```|~~~)\s*(?:python|sh)$", text, flags=re.M))
    assert len(pages.COMMENT.findall(text)) == sum(
        len(block.left_out) + bool(block.given) for block in found
    )
    for block in found:
        for words, _ in block.left_out:
            assert words is None or words in block.code


@pytest.mark.parametrize("page", pages.PAGES, ids=page_name)
def test_links_of_a_page_lead_somewhere(page):
    text = page.read_text()
    for link in pages.links(text):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert ":" in link or target.exists(), link
        if anchor and ":" not in link:
            assert anchor in pages.anchors(target.read_text()), link
    for name in re.findall(r"`(docs/[\w./-]+|tests/[\w./-]+\.py|bench/[\w./-]+\.py)`", text):
        assert (pages.ROOT / name).exists(), name


@pytest.mark.parametrize("link", external_links())
def test_external_link_is_well_formed(link):
    parts = urlsplit(link)
    assert parts.scheme == "https"
    assert re.fullmatch(r"(\w[\w-]*\.)+[a-z]{2,}", parts.netloc)


def test_site_is_built_without_warnings_and_complete(tmp_path):
    pytest.importorskip("furo", reason="the extra docs is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", pages.FOLDER, tmp_path],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert done.stdout == ""

    inventory = (tmp_path / "objects.inv").read_bytes().split(b"\n", 4)[4]
    entries = map(str.split, zlib.decompress(inventory).decode().splitlines())
    kinds = ("py:function", "py:class", "py:exception")
    documented = {pkgutil.resolve_name(name) for name, kind, *_ in entries if kind in kinds}
    assert {one.values[0] for one in public_callables()} <= documented

    loaded = r"""<(?:script|link|img|iframe)[^>]*\s(?:src|href)=["'](?:https?:)?//"""
    for page in tmp_path.rglob("*.html"):
        assert not re.search(loaded, page.read_text())
    for style in tmp_path.rglob("*.css"):
        assert not re.search(r"url\(\W*(?:https?:)?//|@import", style.read_text())
