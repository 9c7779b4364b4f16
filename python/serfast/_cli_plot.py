"""`serfast plot`."""

from __future__ import annotations

import warnings
from typing import Annotated

import typer


def plot(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An audio file.")],
    output: Annotated[
        str, typer.Option("--output", "-o", help="The picture: NAME.png, .svg, .pdf...")
    ],
    features: Annotated[
        str,
        typer.Option(
            "--feature",
            help="Names with commas: waveform, spectrogram, mel, mfcc, chroma, contrast, tonnetz, "
            "cqt. Each is a panel.",
        ),
    ] = "waveform,mel",
    sr: Annotated[int | None, typer.Option(help="Sampling rate; default: the file's.")] = None,
    offset: Annotated[float, typer.Option(help="Where to begin, in seconds.")] = 0.0,
    duration: Annotated[
        float | None, typer.Option(help="How much to draw, in seconds; default: all.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="What stands above the picture.")] = None,
    dpi: Annotated[float, typer.Option(help="Dots per inch; it is 7 inches wide.")] = 150,
) -> None:
    """Draw an audio file's waveform, spectrogram and other features."""
    from serfast import _report, display, load

    y, rate = load(file, sr=sr, offset=offset, duration=duration)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        display.plot_features(
            y,
            output,
            sr=rate,
            features=[name.strip() for name in features.split(",")],
            offset=offset,
            title=title,
            dpi=dpi,
        )
    _report.say_notes(list(dict.fromkeys(str(warning.message) for warning in caught)))
