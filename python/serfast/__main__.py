"""``python -m serfast`` is the command ``serfast``."""

from serfast.cli import app

app(prog_name="serfast")
