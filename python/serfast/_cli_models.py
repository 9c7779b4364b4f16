"""Commands about models: `serfast train`, `evaluate`, `recipe`, `models`, `card`, `predict`..."""

from __future__ import annotations

import warnings
from typing import Annotated, Any

import typer

from serfast._cli_options import (
    Data,
    DataOption,
    Json,
    ModelName,
    Quiet,
    Seed,
    Start,
    Strict,
    Threads,
    exit_if_failed,
)
from serfast.errors import ParameterError


def train(
    output: Annotated[str, typer.Option("--output", "-o", help="The model's folder.")],
    data: Data = None,
    data_option: DataOption = None,
    model: ModelName = "ensemble",
    start: Start = None,
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
    from serfast._outputs import check_folder

    check_folder(output, "a model")
    if plot is not None:
        from serfast._figures import figure_for
        from serfast.models._curves import no_curves

        figure_for(plot)  # or refuse it before the work begins
        if not models.find_model(model).has_epochs:
            raise no_curves(model)
    clips, before = _load(data, data_option), _trained(start)
    figures = []
    if evaluate:
        with _report.progress_bar("Folds", quiet) as progress:
            figures.append(
                models.evaluate(clips, model, start=before, threads=threads, progress=progress)
            )
    with _report.progress_bar("Training", quiet) as progress:
        trained = models.train(
            clips, model, seed=seed, start=before, evaluations=figures, threads=threads,
            progress=progress,
        )  # fmt: skip
    trained.save(output)
    if as_json:
        _report.print_json({"output": output, **trained.card()})
    else:
        _report.print_training(trained, output)
    if not quiet:
        _report.say_notes(trained.training["notes"])
    if plot is not None:
        models.plot_training(trained, plot)


def evaluate(
    data: Data = None,
    data_option: DataOption = None,
    model: ModelName = "ensemble",
    start: Start = None,
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
    from serfast._outputs import check_folder
    from serfast.tables import load_data

    if report is not None:
        check_folder(report, "a report")
    clips, heard = _load(data, data_option), _number_or_word(enrol)
    if trained is not None:
        _refuse_with(
            "--trained", start=start, folds=folds, test_data=test_data, random_split=random_split,
            seeds=seeds != 1, model=model != "ensemble",
        )  # fmt: skip
        figures = models.evaluate_trained(
            clips,
            _trained(trained),
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
                start=_trained(start),
                random_split=random_split,
                allow_leaks=allow_leaks,
                threads=threads,
                progress=progress,
            )
    if as_json:
        _report.print_json(figures.to_dict())
    else:
        _report.print_evaluation(figures)
    if not quiet:
        _report.say_notes((*figures.leaks, *figures.notes))
    if report is not None:
        models.write_report(figures, report)


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


def list_models(as_json: Json = False) -> None:
    """List the models to train, and the published recipes."""
    from serfast import _report, models

    if as_json:
        _report.print_json([spec.to_dict() for spec in models.MODELS.values()])
    else:
        _report.print_models(models.MODELS.values())


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


def export(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model's folder.")],
    output: Annotated[str, typer.Option("--output", "-o", help="The ONNX file.")],
) -> None:
    """Write a network as an ONNX file (extra `onnx`)."""
    from serfast import models

    models.load_model(model).export_onnx(output)


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
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            trained = trained.enrolled(enrol)
        if not quiet:
            _report.say_notes([str(warning.message) for warning in caught])
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


def _load(data: str | None, data_option: str | None) -> Any:
    from serfast.tables import load_data

    given = [path for path in (data, data_option) if path is not None]
    if len(given) != 1:
        raise ParameterError("name the data once: a folder, a manifest or a feature table")
    return load_data(given[0])


def _trained(folder: str | None) -> Any:
    """The model of that folder, or the one that ships; None where none is named."""
    from serfast.models import load_model

    if folder is None:
        return None
    return load_model(None if folder == "default" else folder)


def _refuse_with(option: str, **others: object) -> None:
    given = [f"--{name.replace('_', '-')}" for name, value in others.items() if value]
    if given:
        raise ParameterError(f"{', '.join(given)}: means nothing with {option}; leave out either")


def _number_or_word(text: str | None) -> Any:
    is_number = text is not None and text.isdecimal() and len(text) < 10
    return int(text or 0) if is_number else text
