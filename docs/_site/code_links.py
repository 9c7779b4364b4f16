"""Names in code font become links: pages of this folder, and what the reference documents.

So a page that is read as a file (``docs/bulk.md`` in the text) is a page of the site, too.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

PAGE = re.compile(r"docs/([\w./-]+?)(?:\.md)?$")
NAME = re.compile(r"(serfast(?:\.\w+)+)(?:\(.*\))?$")


class CodeLinks(SphinxTransform):
    """Literals that name a page or a public object, wrapped into references."""

    default_priority = 5  # before references are resolved

    def apply(self) -> None:
        for literal in list(self.document.findall(nodes.literal)):
            bound = isinstance(
                literal.parent, nodes.reference | nodes.title | addnodes.pending_xref
            )
            if not bound and (link := self.link(literal)) is not None:
                literal.replace_self(link)
                link += literal

    def link(self, literal: nodes.literal) -> addnodes.pending_xref | None:
        text = literal.astext()
        if (page := PAGE.match(text)) and (doc := self.page(page[1])):
            return reference("std", "doc", f"/{doc}", self.env.docname)
        if name := NAME.match(text):
            return reference("py", "obj", name[1], self.env.docname)
        return None

    def page(self, name: str) -> str | None:
        return next((p for p in (name, f"{name}/README") if p in self.env.found_docs), None)


def reference(domain: str, kind: str, target: str, docname: str) -> addnodes.pending_xref:
    return addnodes.pending_xref(
        "", refdomain=domain, reftype=kind, reftarget=target, refdoc=docname, refexplicit=True,
        refwarn=False,
    )  # fmt: skip


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_transform(CodeLinks)
    return {"parallel_read_safe": True}
