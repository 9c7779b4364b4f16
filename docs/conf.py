"""The documentation site: ``sphinx-build -W docs build/docs`` (the extra ``docs``)."""

import sys
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

import serfast

sys.path.insert(0, str(Path(__file__).parent / "_site"))

project = "serfast"
version = release = serfast.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "reference", "code_links"]
exclude_patterns = ["_site"]

# Anchors as GitHub makes them, so that a link works in both places.
myst_heading_anchors = 3
# Names in single backticks, as docstrings write them, are links where the reference has them.
default_role = "py:obj"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"serfast {version}"
html_static_path = ["_site/static"]
html_css_files = ["site.css"]
html_copy_source = html_show_copyright = html_show_sphinx = False
toc_object_entries_show_parents = "hide"


def setup(app: Sphinx) -> None:
    app.add_lexer("csv", TextLexer)
