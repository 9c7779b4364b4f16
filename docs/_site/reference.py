"""Directives that write the reference from the package: nothing in it is typed a second time.

``api`` documents the public names of topics, ``feature-table`` the core's table, ``feature-sets``
the named sets of an Extractor, ``commands`` the help of every command.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pkgutil import resolve_name
from typing import Any

import typer
from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from typer.testing import CliRunner

from serfast import _core, _feature_sets, _whole

# Where public names live. A function that several of these have is documented under the first.
NAMESPACES = (
    "serfast", "serfast.extractor", "serfast.streaming", "serfast.effects", "serfast.decompose",
    "serfast.onset", "serfast.beat", "serfast.feature.inverse", "serfast.filters", "serfast.util",
    "serfast.kaldi", "serfast.torchaudio", "serfast.whisper", "serfast.datasets", "serfast.tables",
    "serfast.models", "serfast.nets", "serfast.live", "serfast.bulk", "serfast.display",
)  # fmt: skip


def public_names() -> dict[str, Any]:
    """Every public function and class by the name under which it is documented."""
    found: dict[str, Any] = {}
    for namespace in NAMESPACES:
        package = resolve_name(namespace)
        for name in package.__all__:
            thing = getattr(package, name)
            if callable(thing) and not any(thing is one for one in found.values()):
                found[f"{namespace}.{name}"] = thing
    return found


def topic_of(name: str, thing: Any) -> str:
    """The module that has a name of `serfast` itself; for other names their namespace."""
    namespace = name.rpartition(".")[0]
    return str(thing.__module__) if namespace == "serfast" else namespace


def introduction(topic: str) -> Iterator[str]:
    """A section's title, and what the module says of itself."""
    text = inspect.getdoc(resolve_name(topic)) or ""
    title = f"``{topic}``" if topic in NAMESPACES else text.partition("\n")[0].partition(":")[0]
    title = title.rstrip(".")
    yield from (title, "-" * len(title), "", text, "")


class Written(Directive):
    """A directive that is replaced by reStructuredText."""

    has_content = True

    def lines(self) -> Iterator[str]:
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        container = nodes.section()
        container.document = self.state.document
        text = "\n".join(self.lines()).splitlines()
        source = self.state.document.current_source or ""
        self.state.nested_parse(StringList(text, source), 0, container, match_titles=True)
        return container.children


class Api(Written):
    """Modules, a line each: a section for each, with all that is public of it."""

    def lines(self) -> Iterator[str]:
        for topic in self.content:
            names = {n: t for n, t in public_names().items() if topic_of(n, t) == topic}
            if not names:
                raise self.error(f"nothing public has the topic {topic!r}")
            yield from (".. py:currentmodule:: serfast", "", *introduction(topic))
            yield from table((f":py:obj:`{name}`", summary(t)) for name, t in names.items())
            for name, thing in names.items():
                kind = "class" if inspect.isclass(thing) else "function"
                yield from (f".. auto{kind}:: {name}", *members(thing), "")


def members(thing: Any) -> list[str]:
    methods = inspect.isclass(thing) and not issubclass(thing, BaseException)
    return ["   :members:"] if methods else []


def summary(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")


def table(rows: Any, header: tuple[str, ...] = ()) -> Iterator[str]:
    """Rows of cells as a list-table."""
    yield ".. list-table::"
    yield from ("   :header-rows: 1",) if header else ("   :class: names",)
    yield ""
    for row in (header, *rows) if header else rows:
        for number, cell in enumerate(row):
            yield f"   {' ' if number else '*'} - {cell}"
    yield ""


class FeatureTable(Written):
    """What an Extractor takes: the core's table, and the features of whole signals."""

    def lines(self) -> Iterator[str]:
        rows = [
            (f":py:obj:`serfast.{row['name']}`", row["reads"], row["unit"])
            for row in _core.features()
            if row["framewise"]
        ]
        rows += [(f":py:obj:`serfast.{name}`", "whole signal", "") for name in _whole.NAMES]
        yield from table(rows, ("feature", "reads", "unit"))


class FeatureSets(Written):
    """The named sets: how many columns, of which features."""

    def lines(self) -> Iterator[str]:
        yield from table(
            (
                (f"``{name}``", str(len(one.extractor().names)), ", ".join(one.features))
                for name, one in _feature_sets.FEATURE_SETS.items()
            ),
            ("name", "columns", "features"),
        )


class Commands(Written):
    """Every command's help, as a terminal of 90 columns shows it."""

    def lines(self) -> Iterator[str]:
        from serfast.cli import app

        for name in typer.main.get_command(app).commands:
            shown = CliRunner().invoke(
                app, [name, "--help"], prog_name="serfast", env={"COLUMNS": "90"}
            )
            yield from (name, "-" * len(name), "", ".. code-block:: text", "")
            yield from (f"   {line}" for line in shown.stdout.splitlines())
            yield ""


def skip_foreign(
    app: Sphinx, kind: str, name: str, thing: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out methods that a base class of another package has put there."""
    module = getattr(thing, "__module__", None) or "serfast"
    return None if module.startswith("serfast") else True


def plain_defaults(
    app: Sphinx, kind: str, name: str, thing: Any, options: Any, signature: str | None, returns: str
) -> tuple[str, str] | None:
    """Types as they are written in code, ``np.float32``, not as they are printed."""
    if not signature:
        return None
    return re.sub(r"<class 'numpy\.(\w+)'>", r"np.\1", signature), returns


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("api", Api)
    app.add_directive("feature-table", FeatureTable)
    app.add_directive("feature-sets", FeatureSets)
    app.add_directive("commands", Commands)
    app.connect("autodoc-process-signature", plain_defaults)
    app.connect("autodoc-skip-member", skip_foreign)
    return {"parallel_read_safe": True}
