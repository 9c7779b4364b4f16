"""The server behind the page: files, pictures, and a WebSocket for each page that is open."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import ipaddress
import itertools
import secrets
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from serfast._json import dumps
from serfast.datasets import find_clips, samples_dir
from serfast.demo._connection import MAX_UPLOAD_BYTES, Connection
from serfast.demo._pictures import IMAGE_TYPES, Picture
from serfast.demo._tracks import FRAMES_PER_SECOND, MAX_HZ, MEL_DB, N_MELS, N_MFCC
from serfast.errors import ParameterError
from serfast.models import Model

try:
    from aiohttp import WSMsgType, web
except ImportError:
    raise ParameterError(
        'the demo needs the package aiohttp: pip install "serfast[demo]"'
    ) from None

PAGE = Path(__file__).parent / "page"
PAGE_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
MAX_MESSAGE_BYTES = 1 << 20  # five seconds of samples, or a piece of a file
SHUTDOWN_SECONDS = 1.0

# Nothing comes from elsewhere, nothing is kept, and no other page may show or ask this one.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_sockets: web.AppKey[weakref.WeakSet[web.WebSocketResponse]] = web.AppKey("sockets")


@dataclass(frozen=True)
class Demo:
    """What a page has to choose from.

    Parameters
    ----------
    models : mapping of str to Model
        By the names that the page shows; the first is the one to begin with.
    pictures : sequence of Picture
        In the order in which they are shown.
    seconds : float
        How long each is shown, and recorded.
    save : Path, optional
        The folder that recordings are written to. Default: nothing is written.
    token : str
        A secret in the page's address, without which there is no answer. Default: a random one.
    """

    models: Mapping[str, Model]
    pictures: Sequence[Picture]
    seconds: float = 7.0
    save: Path | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def path_to_save(self, purpose: str) -> str | None:
        """Return a new name for a recording, without an ending; None where nothing is saved."""
        if self.save is None:
            return None
        started = time.strftime("%Y%m%d-%H%M%S")
        return str(self.save / f"{started}-{next(self._numbers):03d}-{purpose}")

    def to_dict(self) -> dict[str, Any]:
        """Return what the page has to know."""
        from serfast import __version__

        clips = find_clips(samples_dir()).clips
        return {
            "version": __version__,
            "models": {
                name: {"classes": model.classes, "title": _title(model)}
                for name, model in self.models.items()
            },
            "pictures": [
                {"number": number, "emotion": picture.emotion}
                for number, picture in enumerate(self.pictures)
            ],
            "samples": [
                {"number": number, "name": f"speaker {clip.speaker}, {clip.label}"}
                for number, clip in enumerate(clips)
            ],
            "seconds": self.seconds,
            "save": None if self.save is None else str(self.save),
            "max_bytes": MAX_UPLOAD_BYTES,
            "tracks": {
                "rate": FRAMES_PER_SECOND,
                "n_mels": N_MELS,
                "n_mfcc": N_MFCC - 1,  # the first is the level
                "max_hz": MAX_HZ,
                "mel_db": MEL_DB,
            },
        }


def make_app(demo: Demo, host: str = "localhost") -> web.Application:
    """Return the application that answers requests.

    Parameters
    ----------
    demo : Demo
        What it shows.
    host : str
        The name under which it is asked, besides localhost and addresses in numbers.

    Returns
    -------
    web.Application
        Of aiohttp. Every address begins with the token.
    """
    pages = {path.name: path for path in PAGE.iterdir() if path.suffix in PAGE_TYPES}
    samples = [Path(clip.path) for clip in find_clips(samples_dir()).clips]

    async def page(request: web.Request) -> web.StreamResponse:
        path = pages.get(request.match_info["name"] or "index.html")
        if path is None:
            raise web.HTTPNotFound
        return _file(path, PAGE_TYPES[path.suffix])

    async def state(_: web.Request) -> web.StreamResponse:
        return web.json_response(demo.to_dict())

    async def picture(request: web.Request) -> web.StreamResponse:
        path = _numbered([one.path for one in demo.pictures], request)
        return _file(path, IMAGE_TYPES[path.suffix.lower()])

    async def sample(request: web.Request) -> web.StreamResponse:
        return _file(_numbered(samples, request), "audio/wav")

    async def live(request: web.Request) -> web.StreamResponse:
        return await _talk(demo, request)

    app = web.Application(middlewares=[_guard(demo.token, host)])
    app[_sockets] = weakref.WeakSet()
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(_close_sockets)
    app.add_routes(
        [
            web.get("/{token}/state", state),
            web.get("/{token}/live", live),
            web.get(r"/{token}/pictures/{number:\d{1,6}}", picture),
            web.get(r"/{token}/samples/{number:\d{1,6}}", sample),
            web.get("/{token}/{name:[a-z.]*}", page),
        ]
    )
    return app


def serve(
    demo: Demo,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    on_ready: Callable[[str], None],
) -> None:
    """Answer requests until KeyboardInterrupt.

    Parameters
    ----------
    demo : Demo
        What to show.
    host : str
        The address of this machine to listen at; others than the loopback are open to the network.
    port : int, 0 to 65535
        0: one that is free.
    on_ready : function of a str
        Called with the page's address, when it can be opened.

    Raises
    ------
    OSError
        If it cannot listen there.
    """
    asyncio.run(_serve(demo, host, port, on_ready))


async def _serve(demo: Demo, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    runner = web.AppRunner(make_app(demo, host), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        port = runner.addresses[0][1]
        name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        bracketed = f"[{name}]" if ":" in name else name
        on_ready(f"http://{bracketed}:{port}/{demo.token}/")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _talk(demo: Demo, request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(max_msg_size=MAX_MESSAGE_BYTES, compress=False)
    await socket.prepare(request)
    request.app[_sockets].add(socket)
    connection = Connection(demo, partial(socket.send_json, dumps=dumps))
    try:
        with contextlib.suppress(ConnectionError):  # the page has been closed
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await connection.command(message.data)
                elif message.type is WSMsgType.BINARY:
                    await connection.data(message.data)
    finally:
        await connection.end()
    return socket


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


async def _close_sockets(app: web.Application) -> None:
    for socket in set(app[_sockets]):
        await socket.close(code=1001, message=b"the server ends")


def _guard(token: str, called: str) -> Any:
    """Refuse who does not know the token, and other web sites even if they should know it."""

    async def guarded(request: web.Request, handler: Any) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if not _is_this_machine(request.host, called):
            response: web.StreamResponse = web.Response(status=403, text="Unknown host.\n")
        elif origin != f"http://{request.host}" and (origin or _is_upgrade(request)):
            response = web.Response(status=403, text="Not from this page.\n")
        elif not hmac.compare_digest(
            request.path.lstrip("/").partition("/")[0].encode(), token.encode()
        ):
            response = web.Response(status=404, text="Open the address that was printed.\n")
        else:
            response = await handler(request)
        return response

    return web.middleware(guarded)


def _is_upgrade(request: web.Request) -> bool:
    return "Upgrade" in request.headers


def _is_this_machine(host: str, called: str) -> bool:
    """Whether a request names localhost, an address in numbers, or what this machine is `called`.

    A foreign site whose name has been made to point to this machine sends that name.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        known = ("localhost", called.lower())
        return name in known or bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def _numbered(paths: Sequence[Path], request: web.Request) -> Path:
    number = int(request.match_info["number"])
    if number >= len(paths):
        raise web.HTTPNotFound
    return paths[number]


def _file(path: Path, content_type: str) -> web.FileResponse:
    return web.FileResponse(path, headers={"Content-Type": content_type})


def _title(model: Model) -> str:
    """Where the model comes from, in a line."""
    return f"{model.name}, trained on {model.training.get('corpus', 'clips of your own')}"
