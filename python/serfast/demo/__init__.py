"""A page in the browser that shows what the features and a model make of a voice.

It needs the package aiohttp: ``pip install "serfast[demo]"``.
"""

from ._pictures import Picture, find_pictures
from ._server import Demo, make_app, serve

__all__ = ["Demo", "Picture", "find_pictures", "make_app", "serve"]
