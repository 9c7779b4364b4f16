"""`serfast demo`."""

from __future__ import annotations

import contextlib
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serfast._cli_options import Quiet, terminated_as_interrupted
from serfast.errors import ParameterError

if TYPE_CHECKING:
    from serfast.models import Model

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def demo(
    model: Annotated[
        list[str] | None,
        typer.Option(help="A folder that `train` wrote, to choose beside the default model."),
    ] = None,
    pictures: Annotated[
        str | None, typer.Option(help="Your own: a folder with a folder for each emotion.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(help="How long each picture is shown, and recorded.")
    ] = 7.0,
    seed: Annotated[int, typer.Option(help="Of the order of the pictures.")] = 0,
    save: Annotated[
        str | None, typer.Option(help="Keep recordings and results in this folder.")
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = LOOPBACK[0],
    port: Annotated[int, typer.Option(help="Its port; default: one that is free.")] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Whether to open the page.")
    ] = True,
    quiet: Quiet = False,
) -> None:
    """Open a page in the browser that listens to a microphone.

    It shows what is heard and the emotions over time, and pictures to speak to. The page's address
    is printed; Ctrl-C ends it. Nothing is kept on disk without --save, and nothing leaves this
    machine.
    """
    from serfast import _report
    from serfast import _validate as validate
    from serfast._outputs import check_folder
    from serfast.demo import Demo, find_pictures, serve
    from serfast.live._listener import LEAST_WINDOW_SECONDS

    if not host:
        raise ParameterError("--host is empty: name an address, as 127.0.0.1")
    validate.number("--seed", seed, 0)
    validate.number("--port", port, 0, 65535)
    shown = Demo(
        models=_models(model or []),
        pictures=find_pictures(pictures, seed=seed),
        seconds=validate.number("--seconds", seconds, LEAST_WINDOW_SECONDS, 60),
        save=None if save is None else check_folder(save, "a recording"),
    )
    if shown.save is not None:
        shown.save.mkdir(parents=True, exist_ok=True)
    if host not in LOOPBACK and not quiet:
        _report.say(
            f"{host} may be reached from the network; browsers give microphones to localhost only"
        )

    def open_page(address: str) -> None:
        print(address, flush=True)
        if browser:
            # A browser in the terminal keeps its caller waiting, and waits for the server.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    with contextlib.suppress(KeyboardInterrupt), terminated_as_interrupted():
        serve(shown, host=host, port=port, on_ready=open_page)


def _models(folders: list[str]) -> dict[str, Model]:
    """Those of the folders by their names, by their paths where these are equal; the default."""
    from serfast.models import load_model

    models: dict[str, Model] = {}
    for folder in folders:
        path = Path(folder).resolve()
        name = path.name if path.name not in (*models, "default") else str(path)
        models[name] = load_model(folder)
    return {**models, "default": load_model()}
