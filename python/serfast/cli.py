"""The command line. Every command is one call into the package and one table or JSON document.

Results go to stdout, progress and messages to stderr. `EPILOG` has the exit codes.
"""

from __future__ import annotations

import io
import sys
import time
import traceback
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from serfast import _cli_corpora, _cli_demo, _cli_extract, _cli_live, _cli_models, _cli_plot
from serfast._cli_options import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE, Json
from serfast.errors import ParameterError, SerfastError

EPILOG = """Try it on the sample audio: serfast extract $(serfast samples) -o features.parquet

Exit codes: 0 done; 1 nothing worked, or something failed under --strict; 2 what was given cannot
be worked with; 130 interrupted. Results go to stdout, all else to stderr."""


class _Group(TyperGroup):
    """Turns errors and Ctrl-C into one line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        started, verbose = time.perf_counter(), ctx.params["verbose"]
        try:
            try:
                return super().invoke(ctx)
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()  # here, where what cannot be written has its words
        except BrokenPipeError:
            raise  # nobody reads on, as behind `| head`: Typer ends without a word
        except ParameterError as error:
            raise _quit(error, EXIT_USAGE, verbose) from error
        except (SerfastError, OSError) as error:
            raise _quit(error, EXIT_FAILED, verbose) from error
        except KeyboardInterrupt as interrupt:
            raise _quit("interrupted", EXIT_INTERRUPTED, verbose) from interrupt
        finally:
            if verbose:
                _say_cost(time.perf_counter() - started)


def _quit(words: Exception | str, code: int, verbose: bool) -> typer.Exit:
    if verbose:
        traceback.print_exc()
    typer.echo(f"serfast: {' '.join(str(words).split())}", err=True)
    return typer.Exit(code)


def _say_cost(seconds: float) -> None:
    import serfast

    found = serfast.config_info()
    typer.echo(
        f"serfast {found['version']}, {found['isa']}, {found['threads']} threads: {seconds:.2f} s",
        err=True,
    )


def _print_version(wanted: bool) -> None:
    if wanted:
        import serfast

        print(serfast.__version__)
        raise typer.Exit


app = typer.Typer(
    cls=_Group,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)


@app.callback(epilog=EPILOG)
def serfast_command(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it."),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Say how long it took, and where an error arose."),
    ] = False,
) -> None:
    """Audio features as librosa defines them, many times faster, and honest emotion recognition."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files need not be text


def doctor(as_json: Json = False) -> None:
    """Show versions, instruction sets and threads, for bug reports."""
    import serfast
    from serfast import _report

    if as_json:
        _report.print_json(serfast.config_info())
    else:
        serfast.show_config()


# In the order in which `serfast --help` lists them.
COMMANDS: tuple[tuple[str, Callable[..., None], str], ...] = (
    ("extract", _cli_extract.extract, "extract RAVDESS -o features.parquet"),
    ("inspect", _cli_extract.inspect_output, "inspect features"),
    ("corpus", _cli_corpora.corpus, "corpus RAVDESS CREMA-D --common --manifest both.csv"),
    ("convert", _cli_corpora.convert, "convert RAVDESS ravdess-16k --sr 16000"),
    ("train", _cli_models.train, "train features.parquet --model mlp -o model/"),
    (
        "evaluate",
        _cli_models.evaluate,
        "evaluate RAVDESS --model svm --folds emobox-6 --report out/",
    ),
    ("recipe", _cli_models.recipe, "recipe mlp-180 --data RAVDESS"),
    ("models", _cli_models.list_models, "models --json"),
    ("card", _cli_models.card, "card model/"),
    ("export", _cli_models.export, "export model/ -o model.onnx"),
    ("predict", _cli_models.predict, "predict clip.wav"),
    ("plot", _cli_plot.plot, "plot clip.wav --feature waveform,mel -o clip.png"),
    ("listen", _cli_live.listen, "listen --seconds 7 --save take1"),
    ("devices", _cli_live.devices, "devices --json"),
    ("demo", _cli_demo.demo, "demo --model model --pictures PICTURES"),
    ("doctor", doctor, "doctor --json"),
    ("samples", _cli_corpora.samples, "samples clips/"),
)

for name, function, example in COMMANDS:
    app.command(name, epilog=f"Example: serfast {example}")(function)
