"""The command line. Every command is one call into the package and one table or JSON document.

Results go to stdout, progress and messages to stderr. `EPILOG` has the exit codes.
"""

from __future__ import annotations

import time
import traceback
from dataclasses import asdict
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from serfast import _cli_demo, _cli_extract, _cli_live, _cli_plot
from serfast._cli_options import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    Data,
    DataOption,
    Json,
    ModelName,
    Quiet,
    Seed,
    Strict,
    Threads,
    exit_if_failed,
)
from serfast.errors import ParameterError, SerfastError

EPILOG = """Try it on the sample audio: serfast extract $(serfast samples) -o features.parquet

Exit codes: 0 done; 1 nothing worked, or something failed under --strict; 2 what was given cannot
be worked with; 130 interrupted. Results go to stdout, all else to stderr."""


class _Group(TyperGroup):
    """Turns errors and Ctrl-C into one line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        started, verbose = time.perf_counter(), ctx.params["verbose"]
        try:
            return super().invoke(ctx)
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


app.command(epilog="Example: serfast extract RAVDESS -o features.parquet")(_cli_extract.extract)
app.command("inspect", epilog="Example: serfast inspect features")(_cli_extract.inspect_output)


@app.command(epilog="Example: serfast corpus RAVDESS CREMA-D --common --manifest both.csv")
def corpus(
    folders: Annotated[
        list[str],
        typer.Argument(metavar="DIR...", help="Folders or manifests; several are united."),
    ],
    common: Annotated[
        bool, typer.Option("--common", help="Keep only the emotions that all of them have.")
    ] = False,
    manifest: Annotated[
        str | None, typer.Option(help="Write the table of the clips: NAME.csv or .parquet.")
    ] = None,
    plot: Annotated[
        str | None, typer.Option(help="Draw the counts of the emotions: NAME.png, .svg...")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what a corpus holds: emotions, speakers, durations.

    Every clip is opened. Files that cannot be read, are silent, too short or copies of others are
    left out of all figures and of the manifest, which `extract` takes in place of the folder.
    """
    from serfast import _report, datasets

    found = [datasets.find_clips(folder) for folder in folders]
    united = datasets.unite(found, common=common) if len(found) > 1 else found[0]
    with _report.progress_bar("Reading", quiet) as progress:
        inspected = datasets.inspect_clips(united, threads=threads, progress=progress)
    if manifest is not None:
        datasets.save_manifest(inspected, manifest)
    if plot is not None:
        datasets.plot_emotions(inspected, plot)
    summary = datasets.summarise(inspected)
    if as_json:
        _report.print_json(summary)
    else:
        _report.print_corpus(summary)
    if not quiet:
        _report.say_left_out(inspected.left_out)
        _report.say_notes(summary["warnings"])
    exit_if_failed(0, len(inspected.clips), strict=False)


@app.command(epilog="Example: serfast convert RAVDESS ravdess-16k --sr 16000")
def convert(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="A folder of audio files.")],
    dest: Annotated[str, typer.Argument(metavar="DEST", help="The folder of the new files.")],
    sr: Annotated[int, typer.Option(help="Their sampling rate in Hz.")] = 16000,
    format_: Annotated[str, typer.Option("--format", help="wav or flac.")] = "wav",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that exist.")
    ] = False,
    threads: Threads = None,
    strict: Strict = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Convert a tree of audio files to mono at one rate.

    Samples have 16 bits, and files their relative paths.
    """
    from serfast import _report
    from serfast.datasets import convert_tree

    with _report.progress_bar("Converting", quiet) as progress:
        done = convert_tree(
            folder, dest, sr=sr, format=format_, overwrite=overwrite, threads=threads,
            progress=progress,
        )  # fmt: skip
    if as_json:
        _report.print_json(asdict(done))
    else:
        _report.print_conversion(done, dest, sr)
    if not quiet:
        _report.say_failures(done.failures)
    exit_if_failed(len(done.failures), len(done.failures) + len(done.written), strict)


@app.command(epilog="Example: serfast train features.parquet --model mlp -o model/")
def train(
    output: Annotated[str, typer.Option("--output", "-o", help="The model's folder.")],
    data: Data = None,
    data_option: DataOption = None,
    model: ModelName = "mlp",
    seed: Seed = 0,
    evaluate: Annotated[
        bool,
        typer.Option("--evaluate", help="First test it with unseen speakers, for its card."),
    ] = False,
    plot: Annotated[
        str | None, typer.Option(help="Draw a network's training curves: NAME.png, .svg...")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a model on all labelled clips and save it as a folder."""
    from serfast import _report, models

    clips = _load(data, data_option)
    figures = []
    if evaluate:
        with _report.progress_bar("Folds", quiet) as progress:
            figures.append(models.evaluate(clips, model, threads=threads, progress=progress))
    with _report.progress_bar("Training", quiet) as progress:
        trained = models.train(
            clips, model, seed=seed, evaluations=figures, threads=threads, progress=progress
        )
    trained.save(output)
    if plot is not None:
        models.plot_training(trained, plot)
    if as_json:
        _report.print_json({"output": output, **trained.card()})
    else:
        _report.print_training(trained, output)
    if not quiet:
        _report.say_notes(trained.training["notes"])


@app.command(epilog="Example: serfast evaluate RAVDESS --model svm --folds emobox-6 --report out/")
def evaluate(
    data: Data = None,
    data_option: DataOption = None,
    model: ModelName = "mlp",
    trained: Annotated[
        str | None,
        typer.Option(help="Instead: the folder of a trained model to test, or `default`."),
    ] = None,
    folds: Annotated[
        str | None, typer.Option(help="A number of speaker folds, or emobox-6 for RAVDESS.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many times all folds are trained.")] = 1,
    test_data: Annotated[
        str | None, typer.Option(help="Train on all of DATA, test on this other corpus.")
    ] = None,
    enrol: Annotated[
        str | None,
        typer.Option(help="Unlabelled clips of the test speaker to hear first: a number, or all."),
    ] = None,
    random_split: Annotated[
        bool, typer.Option("--random-split", help="Show the leaking random split beside it.")
    ] = False,
    allow_leaks: Annotated[
        bool, typer.Option("--allow-leaks", help="Go on where the leak check finds something.")
    ] = False,
    report: Annotated[
        str | None, typer.Option(help="Write a page with pictures into this folder.")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train and test a model with unseen speakers.

    Shows UAR, accuracy, chance, the confusion matrix and what each class gets.
    """
    from serfast import _report, models
    from serfast.tables import load_data

    clips, heard = _load(data, data_option), _number_or_word(enrol)
    if trained is not None:
        _refuse_with("--trained", folds=folds, test_data=test_data, random_split=random_split)
        figures = models.evaluate_trained(
            clips,
            models.load_model(None if trained == "default" else trained),
            enrol=heard,
            allow_leaks=allow_leaks,
            threads=threads,
        )
    else:
        with _report.progress_bar("Folds", quiet) as progress:
            figures = models.evaluate(
                clips,
                model,
                folds=folds,
                seeds=seeds,
                test_data=None if test_data is None else load_data(test_data),
                enrol=heard,
                random_split=random_split,
                allow_leaks=allow_leaks,
                threads=threads,
                progress=progress,
            )
    if report is not None:
        models.write_report(figures, report)
    if as_json:
        _report.print_json(figures.to_dict())
    else:
        _report.print_evaluation(figures)
    if not quiet:
        _report.say_notes((*figures.leaks, *figures.notes))


@app.command(epilog="Example: serfast recipe mlp-180 --data RAVDESS")
def recipe(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A recipe that `models` lists.")],
    data: Annotated[str, typer.Option("--data", help="The corpus: a folder, manifest or table.")],
    seed: Seed = 0,
    seeds: Annotated[
        int | None, typer.Option(help="Repeat training with so many seeds, from --seed on.")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Reproduce a published system, and test it on unseen speakers."""
    from serfast import _report, models
    from serfast.tables import load_data

    with _report.progress_bar("Splits", quiet) as progress:
        done = models.reproduce(
            load_data(data), name, seed=seed, n_seeds=seeds, threads=threads, progress=progress
        )
    if as_json:
        _report.print_json(done.to_dict())
    else:
        _report.print_reproduction(done)
    if not quiet:
        _report.say_notes(done.figures.notes)


@app.command("models", epilog="Example: serfast models --json")
def list_models(as_json: Json = False) -> None:
    """List the models to train, and the published recipes."""
    from serfast import _report, models

    if as_json:
        _report.print_json([spec.to_dict() for spec in models.MODELS.values()])
    else:
        _report.print_models(models.MODELS.values())


@app.command(epilog="Example: serfast card model/")
def card(
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="A model's folder, else the default one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a model's training, figures and limits."""
    from serfast import _report, models

    loaded = models.load_model(model)
    if as_json:
        _report.print_json(loaded.card())
    else:
        _report.print_card(loaded)


@app.command(epilog="Example: serfast export model/ -o model.onnx")
def export(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model's folder.")],
    output: Annotated[str, typer.Option("--output", "-o", help="The ONNX file.")],
) -> None:
    """Write a network as an ONNX file (extra `onnx`)."""
    from serfast import models

    models.load_model(model).export_onnx(output)


@app.command(epilog="Example: serfast predict clip.wav")
def predict(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Audio files.")],
    model: Annotated[
        str | None, typer.Option(help="The folder that `train` wrote, else the default model.")
    ] = None,
    enrol: Annotated[
        list[str] | None,
        typer.Option(help="A clip of the same speaker, in any emotion; give many of them."),
    ] = None,
    threads: Threads = None,
    strict: Strict = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Predict the emotion of audio files."""
    from serfast import _report, models

    trained = models.load_model(model)
    if enrol:
        trained = trained.enrolled(enrol)
    with _report.progress_bar("Predicting", quiet) as progress:
        predictions = trained.predict_files(files, threads=threads, progress=progress)
    if as_json:
        _report.print_json([prediction.to_dict() for prediction in predictions])
    else:
        _report.print_predictions(predictions)
    failed = [(p.path, p.reason) for p in predictions if p.label is None]
    if not quiet:
        _report.say_failures(failed)
    exit_if_failed(len(failed), len(files), strict)


app.command(epilog="Example: serfast plot clip.wav --feature waveform,mel -o clip.png")(
    _cli_plot.plot
)
app.command(epilog="Example: serfast listen --seconds 7 --save take1")(_cli_live.listen)
app.command(epilog="Example: serfast devices --json")(_cli_live.devices)
app.command(epilog="Example: serfast demo --model model --pictures PICTURES")(_cli_demo.demo)


@app.command(epilog="Example: serfast doctor --json")
def doctor(as_json: Json = False) -> None:
    """Show versions, instruction sets and threads, for bug reports."""
    import serfast
    from serfast import _report

    if as_json:
        _report.print_json(serfast.config_info())
    else:
        serfast.show_config()


@app.command(epilog="Example: serfast samples clips/")
def samples(
    dest: Annotated[
        str | None, typer.Argument(metavar="[DEST]", help="Copy them to this new folder.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the folder of the sample audio, or copy it."""
    from serfast import _report
    from serfast.datasets import copy_samples, samples_dir

    folder = str(samples_dir() if dest is None else copy_samples(dest))
    if as_json:
        _report.print_json({"folder": folder})
    else:
        print(folder)


def _load(data: str | None, data_option: str | None) -> Any:
    from serfast.tables import load_data

    given = [path for path in (data, data_option) if path is not None]
    if len(given) != 1:
        raise ParameterError("name the data once: a folder, a manifest or a feature table")
    return load_data(given[0])


def _refuse_with(option: str, **others: object) -> None:
    given = [f"--{name.replace('_', '-')}" for name, value in others.items() if value]
    if given:
        raise ParameterError(f"{', '.join(given)}: means nothing with {option}; leave out either")


def _number_or_word(text: str | None) -> Any:
    return int(text) if text is not None and text.isdecimal() else text
