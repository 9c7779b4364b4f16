"""Packages of which nothing is imported before it is used; their `__init__.pyi` names it all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def homes(names_of: Mapping[str, str]) -> dict[str, str]:
    """Return the module of each name, of modules and their names with blanks between."""
    return {name: module for module, names in names_of.items() for name in names.split()}


def getter(package: str, home_of: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package that finds each name in its module, once."""

    def find(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(package)
        found = getattr(import_module(f".{home_of[name]}", package), name)
        setattr(module, name, found)
        return found

    return find
