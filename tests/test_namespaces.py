"""``import serfast as librosa``: names lie where librosa has them and take what they take."""

from __future__ import annotations

import inspect

import pytest

import serfast
from helpers import run_python

librosa = pytest.importorskip("librosa")

SPACES = (
    "", "core", "beat", "decompose", "effects", "feature", "feature.inverse", "feature.rhythm",
    "filters", "onset", "util",
)  # fmt: skip

# What serfast's functions take beyond librosa's, and why.
MORE = {"spectral_contrast": {"top_db"}}  # librosa has a fixed floor of 80 dB


def space(module, path):
    for name in filter(None, path.split(".")):
        module = getattr(module, name, None)
    return module


def public(module):
    """Functions of a namespace, by name; librosa's own modules list theirs in __all__."""
    # librosa.display needs matplotlib.
    names = set(getattr(module, "__all__", None) or dir(module)) - {"display"}
    found = {name: getattr(module, name) for name in sorted(names) if not name.startswith("_")}
    return {name: one for name, one in found.items() if callable(one)}


def everything():
    """Names of all of serfast's functions."""
    modules = [module for path in SPACES if (module := space(serfast, path))]
    return {
        name
        for module in modules
        for name in getattr(module, "__all__", ())
        if callable(getattr(module, name))
    }


def common():
    ours = everything()
    return [
        pytest.param(path, name, theirs, id=".".join(filter(None, (path, name))))
        for path in SPACES
        for name, theirs in public(space(librosa, path)).items()
        if name in ours and not inspect.isclass(theirs)
    ]


@pytest.mark.parametrize(("path", "name", "theirs"), common())
def test_a_function_lies_where_librosa_has_it(path, name, theirs):
    module = space(serfast, path)
    assert module is not None
    assert callable(getattr(module, name, None))


def test_modules_are_imported_by_librosas_names():
    for path in filter(None, SPACES):
        name = f"serfast.{path}"
        assert run_python(f"import {name}; print({name}.__name__)").startswith("serfast")


@pytest.mark.parametrize(("path", "name", "theirs"), common())
def test_a_function_takes_what_librosas_takes(path, name, theirs):
    ours = getattr(space(serfast, path), name)
    taken = inspect.signature(ours).parameters
    expected = inspect.signature(theirs).parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in expected.values())
    wrong = []
    for parameter in expected.values():
        found = taken.get(parameter.name)
        if parameter.kind is parameter.VAR_KEYWORD or "DEPRECATED" in repr(parameter.default):
            continue
        if found is None or (found.kind, found.default) != (parameter.kind, parameter.default):
            wrong.append((parameter, found))
    assert not wrong
    # Options that librosa passes on may be spelled out.
    assert open_ended or set(taken) - set(expected) <= MORE.get(name, set())
