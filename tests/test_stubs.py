"""The core's stubs describe the core that is installed."""

from __future__ import annotations

import ast
import importlib.util

import pytest

from make_stubs import STUBS, stubs
from serfast import _core


def public(names):
    return {name for name in names if not name.startswith("_")}


def test_stubs_name_all_that_the_core_has():
    tree = ast.parse(STUBS.read_text(encoding="utf-8"))
    found = {node.name: node for node in tree.body if hasattr(node, "name")}
    assert set(found) == public(dir(_core))
    for name, node in found.items():
        if isinstance(node, ast.ClassDef):
            members = {member.name for member in node.body if hasattr(member, "name")}
            assert public(members) == public(dir(getattr(_core, name)))


def test_stubs_are_those_that_the_core_gives():
    if importlib.util.find_spec("pybind11_stubgen") is None:
        pytest.skip("pybind11-stubgen is not installed")
    # Formatting apart.
    here, wanted = (ast.unparse(ast.parse(text)) for text in (STUBS.read_text("utf-8"), stubs()))
    assert here == wanted, "the core changed: run python tests/make_stubs.py"


def test_the_package_says_that_it_is_typed():
    assert STUBS.with_name("py.typed").exists()
