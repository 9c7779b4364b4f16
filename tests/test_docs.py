"""Words: examples run, every parameter is named, table and functions list the same features."""

import ast
import doctest
import importlib.util
import inspect
import pkgutil
import re
import sys
from pathlib import Path

import pytest

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
has_torch = all(map(importlib.util.find_spec, ("torch", "skorch")))


def module_names():
    found = pkgutil.walk_packages(serfast.__path__, "serfast.")
    names = ["serfast", *(one.name for one in found if not one.name.endswith("__main__"))]
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
