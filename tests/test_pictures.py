"""Pictures of signals: what is drawn is the feature, where it belongs; and files of them."""

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images

import make_pictures
import serfast
from serfast import display
from serfast.errors import ParameterError
from test_cli import run

SR = 16000
TONE = serfast.tone(440, sr=SR, duration=2).astype(np.float32)


@pytest.fixture
def ax():
    return Figure(layout="constrained").subplots()


def mesh(ax):
    """Values, edges of the columns in s, and edges of the rows of what was drawn."""
    (found,) = ax.collections
    places = np.asarray(found.get_coordinates())
    return np.asarray(found.get_array()), places[0, :, 0], places[:, 0, 1]


def texts(axis):
    axis.axes.figure.draw_without_rendering()
    low, high = axis.get_view_interval()
    ticks = axis.get_major_ticks()
    return [tick.label1.get_text() for tick in ticks if low <= tick.get_loc() <= high]


# The feature, by the functions that have tests of their own.
EXPECTED = {
    "spectrogram": lambda y: serfast.amplitude_to_db(np.abs(serfast.stft(y)), ref=np.max),
    "mel": lambda y: serfast.power_to_db(serfast.melspectrogram(y=y, sr=SR), ref=np.max),
    "mfcc": lambda y: serfast.mfcc(y=y, sr=SR),
    "chroma": lambda y: serfast.chroma_stft(y=y, sr=SR),
    "contrast": lambda y: serfast.spectral_contrast(y=y, sr=SR),
    "tonnetz": lambda y: serfast.tonnetz(y=y, sr=SR),
    "cqt": lambda y: serfast.amplitude_to_db(np.abs(serfast.cqt(y, sr=SR)), ref=np.max),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_picture_is_of_its_feature(ax, name):
    y = serfast.chirp(fmin=100, fmax=6000, sr=SR, duration=2).astype(np.float32)
    assert display.PICTURES[name](y, sr=SR, hop_length=512, offset=3.0, ax=ax) is ax
    values, times, _ = mesh(ax)
    np.testing.assert_allclose(values, EXPECTED[name](y), atol=1e-3)
    hop = 512 / SR
    assert times == pytest.approx(3.0 + hop * (np.arange(values.shape[1] + 1) - 0.5))
    assert ax.get_xlabel() == "Time (seconds)"
    assert texts(ax.xaxis)[:2] == ["3", "3.5"]
    assert ax.get_title()
    bar = ax.figure.axes[1]
    assert bar.get_ylabel() == ("" if name in ("mfcc", "chroma", "tonnetz") else "dB")


@pytest.mark.parametrize("name", ["spectrogram", "mel", "cqt"])
def test_a_tone_lies_at_its_frequency(ax, name):
    display.PICTURES[name](TONE, sr=SR, ax=ax)
    values, _, edges = mesh(ax)
    loudest = values.mean(axis=1).argmax()
    below, above = edges[loudest : loudest + 2]
    assert abs((below + above) / 2 - 440) < above - below
    assert ax.collections[0].get_clim() == (-80, 0)


def test_a_tone_lies_at_its_note(ax):
    display.chroma(TONE, sr=SR, key="F:maj", ax=ax)
    assert mesh(ax)[0].mean(axis=1).argmax() == 9
    assert dict(zip(ax.get_yticks(), texts(ax.yaxis), strict=False))[9] == "A"
    assert "B♭" in texts(ax.yaxis)


def test_rows_have_names(ax):
    display.contrast(TONE, sr=8000, ax=ax)
    assert texts(ax.yaxis) == ["0", "200", "400", "800", "1600", "3200", "4000"]
    assert len(mesh(ax)[2]) == 7
    second = Figure().subplots()
    display.mfcc(TONE, sr=SR, n_mfcc=13, ax=second)
    assert texts(second.yaxis) == ["0", "2", "4", "6", "8", "10", "12"]
    low, high = second.collections[0].get_clim()
    assert low == -high == pytest.approx(-np.percentile(np.abs(mesh(second)[0][1:]), 99))


@pytest.mark.parametrize(
    ("seconds", "label", "words"),
    [
        (0.5, "Time (milliseconds)", ["0", "100", "200", "300", "400", "500"]),
        (2, "Time (seconds)", ["0", "0.5", "1", "1.5", "2"]),
        (90, "Time (minutes)", ["0:00", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00", "1:10"]),
        (4000, "Time (hours)", ["0:00:00", "0:10:00", "0:20:00", "0:30:00"]),
    ],
)
def test_times_have_the_unit_that_suits(ax, seconds, label, words):
    display.waveform(np.zeros(int(100 * seconds), np.float32), sr=100, ax=ax)
    assert ax.get_xlabel() == label
    assert texts(ax.xaxis)[: len(words)] == words
    assert ax.get_xlim() == (0, seconds)


def test_small_axes_have_fewer_times():
    figure = Figure(figsize=(2, 2), layout="constrained")
    display.waveform(np.zeros(530, np.float32), sr=100, ax=figure.subplots())
    assert texts(figure.axes[0].xaxis) == ["0", "5"]


@pytest.mark.parametrize(
    ("n_samples", "hop", "n_frames"),
    [(6400, 64, 101), (64 * 2047, 64, 2048), (2_560_000, 2496, 1026)],
)
def test_hops_suit_the_width_of_a_picture(ax, n_samples, hop, n_frames):
    display.mfcc(np.zeros(n_samples, np.float32), sr=SR, ax=ax)
    values, times, _ = mesh(ax)
    assert values.shape[1] == n_frames
    assert times[1] - times[0] == pytest.approx(hop / SR)


@pytest.mark.parametrize("name", ["spectrogram", "mel", "cqt"])
def test_silence_is_dark(ax, name):
    display.PICTURES[name](np.zeros(SR, np.float32), sr=SR, ax=ax)
    assert mesh(ax)[0].max() <= -80


@pytest.mark.parametrize("name", display.PICTURES)
def test_low_rates_are_drawn(ax, name):
    display.PICTURES[name](TONE[:8000], sr=8000, ax=ax)
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize("name", display.PICTURES)
@pytest.mark.parametrize(
    ("y", "options", "words"),
    [
        (np.zeros(0, np.float32), {}, "y is empty"),
        (np.zeros((2, 99), np.float32), {}, r"shape \(2, 99\)"),
        (np.full(9999, np.nan, np.float32), {}, "not finite"),
        (TONE, {"sr": 0}, "sr=0"),
        (TONE, {"offset": np.nan}, "offset=nan"),
        (TONE, {"ax": "left"}, "ax must be a matplotlib.axes.Axes, not str"),
    ],
)
def test_what_cannot_be_drawn_is_named(ax, name, y, options, words):
    with pytest.raises(ParameterError, match=words):
        display.PICTURES[name](y, **{"sr": SR, "ax": ax, **options})


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("spectrogram", {"y_axis": "mel"}, "y_axis='mel' must be one of 'linear', 'log'"),
        ("mfcc", {"n_mfcc": 1}, "n_mfcc=1 must be at least 2"),
        ("mel", {"hop_length": 1 << 20}, "single frame"),
        ("chroma", {"key": "none"}, "'none' is not a key"),
    ],
)
def test_options_are_checked(ax, name, options, words):
    with pytest.raises(ParameterError, match=words):
        display.PICTURES[name](TONE, sr=SR, ax=ax, **options)


# ---------------------------------------------------------------- pixels

same_letters = pytest.mark.skipif(
    not matplotlib.__version__.startswith(make_pictures.DRAWN_WITH + "."),
    reason=f"matplotlib other than {make_pictures.DRAWN_WITH} draws other letters",
)
LARGEST_RMS = 5


@same_letters
@pytest.mark.parametrize("name", display.PICTURES)
def test_pictures_look_as_they_were_looked_at(name, tmp_path):
    make_pictures.draw(name, tmp_path / "now.png")
    expected = make_pictures.FOLDER / f"{name}.png"
    assert compare_images(expected, tmp_path / "now.png", tol=LARGEST_RMS) is None


@same_letters
@pytest.mark.parametrize(
    ("name", "options"), [("spectrogram", {"y_axis": "log"}), ("mel", {"offset": 0.1})]
)
def test_another_axis_looks_different(name, options, tmp_path):
    make_pictures.draw(name, tmp_path / "now.png", **options)
    expected = make_pictures.FOLDER / f"{name}.png"
    difference = compare_images(expected, tmp_path / "now.png", tol=LARGEST_RMS, in_decorator=True)
    assert difference["rms"] > 1.5 * LARGEST_RMS


# ---------------------------------------------------------------- files


def test_a_file_has_a_panel_for_each_feature(tmp_path):
    path = tmp_path / "p.svg"
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        display.plot_features(TONE, path, sr=SR, features=["mel", "chroma"], title="A tone")
    drawn = path.read_text()
    for words in ("A tone", "Mel spectrogram", "Chroma", "Pitch class"):
        assert words in drawn
    assert drawn.count("Time (seconds)") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"features": []}, "features is empty"),
        ({"features": ["mell"]}, r"feature='mell' must be one of 'waveform'.*'cqt'"),
        ({"dpi": 1e6}, "dpi=1000000.0 must be .* from 20 to 1200"),
    ],
)
def test_files_are_checked_first(options, words, tmp_path):
    with pytest.raises(ParameterError, match=words):
        display.plot_features(TONE, tmp_path / "p.png", sr=SR, **options)
    assert list(tmp_path.iterdir()) == []


def test_the_command_draws(tmp_path):
    path = tmp_path / "p.png"
    result = run(
        "plot", make_pictures.CLIP, "-o", path, "--dpi", 50, "--offset", 0.1, "--title", "$\\frac{$"
    )
    assert result.stdout == ""
    assert matplotlib.image.imread(path).shape == (290, 350, 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "p.doc"), "p.doc: a plot's name ends in one of"),
        (("-o", "none/p.png"), "none: not a folder"),
        (("-o", "p.png", "--feature", "mel,mell"), "feature='mell' must be one of"),
        (("-o", "p.png", "--offset", "99"), "offset=99.0 s is past the end"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert words in run("plot", make_pictures.CLIP, *arguments, code=2).stderr
