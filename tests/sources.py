"""Clips where a job may find them: parts of files, tar files, a web server, an object store."""

from __future__ import annotations

import contextlib
import functools
import http.server
import io
import json
import os
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import soundfile

from helpers import speech, start_python

SR = 16000
FORMATS = ("wav", "flac", "ogg", "wav")


def touch(root: Path, *names: str) -> Path:
    """Make empty files: finding clips does not open them."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def write_clips(folder: Path, n: int) -> list[Path]:
    """Clips of several formats, rates and lengths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{i:03}.{FORMATS[i % len(FORMATS)]}" for i in range(n)]
    for i, path in enumerate(paths):
        soundfile.write(path, speech(3000 + 300 * (i % 20), seed=i), (SR, 22050)[i % 5 == 4])
    return paths


def write_classes(folder: Path, n: int, step: int) -> Path:
    """Clips of several formats, rates and lengths, in two folders: one for each class."""
    for i in range(n):
        path = folder / ("sad", "happy")[i % 2] / f"{i:03}.{('wav', 'flac', 'ogg')[i % 3]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, speech(1500 + step * i, seed=i), (SR, 22050)[i % 5 == 4])
    return folder


def write_tar(path: Path, clips: list[Path]) -> None:
    """A shard in WebDataset's layout; a clip's label is in its .cls, its speaker in its .json."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for i, clip in enumerate(clips):
            tar.add(clip, clip.name)
            _add(tar, f"{clip.stem}.cls", ("sad", "happy")[i % 2].encode())
            _add(tar, f"{clip.stem}.json", json.dumps({"Speaker": f"s{i % 3}"}).encode())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def write_parts(path: Path, clips: list[Path]) -> list[tuple[str, float | None, float | None]]:
    """A manifest of lines of JSON that names several parts of each clip; returns its rows."""
    parts = [(None, 0.1), (0.05, 0.15), (0.1, None)]
    rows = [(str(clip), start, end) for clip in clips for start, end in parts]
    lines = [json.dumps({"path": p, "start": s, "end": e, "label": "x"}) for p, s, e in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return rows


class Web(http.server.SimpleHTTPRequestHandler):
    """Serves files; closes the connection without an answer where a name is in `broken`.

    Where it is in `busy`, the answer is 503.
    """

    broken: ClassVar[set[str]] = set()
    busy: ClassVar[set[str]] = set()
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if os.path.basename(self.path) in self.broken:
            self.close_connection = True
            return
        super().do_GET()

    def send_head(self) -> Any:
        if os.path.basename(self.path) in self.busy:
            self.send_error(503)
            return None
        return super().send_head()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """The address of a server of a folder, on loopback."""
    pytest.importorskip("fsspec", reason="needs the extra remote")
    pytest.importorskip("aiohttp", reason="needs the extra remote")
    handler = functools.partial(Web, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            Web.broken, Web.busy = set(), set()
            server.shutdown()
            thread.join()


STORE = """
    import sys
    from moto.server import ThreadedMotoServer
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    sys.stdin.read()
    server.stop()
"""


@contextlib.contextmanager
def object_store() -> Iterator[str]:
    """The URL of an empty bucket in an S3 server on loopback, which the environment names."""
    pytest.importorskip("s3fs", reason="needs the extra remote")
    pytest.importorskip("moto", reason="needs moto[server], an S3 server")
    from serfast.datasets import _remote

    with start_python(STORE) as process, pytest.MonkeyPatch.context() as patch:
        try:
            port = process.stdout.readline().strip()
            assert port, process.stderr.read()
            patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
            for name in "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY":
                patch.setenv(name, "testing")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            _remote._filesystem.cache_clear()
            system, _ = _remote.filesystem("s3://speech/")
            system.mkdir("speech")
            yield "s3://speech"
        finally:
            _remote._filesystem.cache_clear()
            process.stdin.close()
            process.kill()


def upload(folder: Path, url: str) -> None:
    """Put the files of a folder below a URL."""
    from serfast.datasets import _remote

    system, root = _remote.filesystem(url)
    for path in sorted(folder.rglob("*.*")):
        if path.is_file():
            system.pipe_file(f"{root}/{path.relative_to(folder).as_posix()}", path.read_bytes())
