"""Axes of specshow and waveshow are librosa's: positions, ticks, names, scales."""

import warnings
from inspect import signature

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import serfast
from helpers import run_python
from serfast import display
from serfast.errors import ParameterError

librosa = pytest.importorskip("librosa")

rng = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def no_figures():
    yield
    pyplot.close("all")


@pytest.fixture
def ax():
    return Figure().subplots()


def drawn_by(package, data, **options):
    """Axes of a specshow, after they were drawn."""
    figure = Figure(figsize=(6.4, 4.8))
    package.display.specshow(data, ax=figure.subplots(), **options)
    figure.draw_without_rendering()
    return figure.axes[0]


def facts(axis):
    """What is seen of an axis: where ticks are, what they say, its name and its scale."""
    low, high = sorted(axis.get_view_interval())
    ticks = {}
    for which, found in (("major", axis.get_major_ticks()), ("minor", axis.get_minor_ticks())):
        places = [(tick.get_loc(), tick.label1.get_text()) for tick in found]
        ticks[which] = sorted((round(x, 6), text) for x, text in places if low <= x <= high)
    return ticks, axis.get_label_text(), axis.get_scale()


def assert_like_librosa(data, **options):
    ours, theirs = (drawn_by(package, data, **options) for package in (serfast, librosa))
    assert facts(ours.xaxis) == facts(theirs.xaxis)
    assert facts(ours.yaxis) == facts(theirs.yaxis)
    ours_mesh, theirs_mesh = (axes.collections[0] for axes in (ours, theirs))
    np.testing.assert_allclose(
        ours_mesh.get_coordinates(), theirs_mesh.get_coordinates(), rtol=1e-9, atol=1e-9
    )
    np.testing.assert_array_equal(ours_mesh.get_array(), theirs_mesh.get_array())
    assert ours_mesh.cmap.name == theirs_mesh.cmap.name
    assert ours.axis() == pytest.approx(theirs.axis())
    assert ours.get_aspect() == theirs.get_aspect()
    return ours


def has_texts(axis):
    ticks = facts(axis)[0]
    return any(text for _, text in ticks["major"] + ticks["minor"])


# Durations at which librosa's texts say what the ticks are.
@pytest.mark.parametrize(
    ("x_axis", "n_frames", "hop_length"),
    [
        ("time", 20, 512),  # half a second
        ("time", 200, 512),
        ("time", 400, 4410),  # minutes
        ("time", 500, 220500),  # hours
        ("s", 200, 512), ("ms", 40, 441), ("m", 400, 4410), ("h", 500, 220500),
        ("lag_ms", 40, 441), ("lag_h", 500, 220500),
        ("frames", 200, 512), ("off", 200, 512), (None, 200, 512),
    ],
)  # fmt: skip
def test_times_are_librosas(x_axis, n_frames, hop_length):
    axes = assert_like_librosa(rng.random((3, n_frames)), x_axis=x_axis, hop_length=hop_length)
    assert has_texts(axes.xaxis) == (x_axis not in ("off", None))


@pytest.mark.parametrize(
    ("y_axis", "n_rows", "options"),
    [
        ("linear", 1025, {}), ("hz", 201, {"sr": 16000, "n_fft": 400}),
        ("fft", 201, {"n_fft": 401}), ("log", 1025, {}), ("log", 257, {"sr": 16000}),
        ("mel", 128, {}), ("mel", 40, {"sr": 16000, "fmin": 60, "fmax": 7600, "htk": True}),
        ("cqt_hz", 84, {}), ("cqt_hz", 24, {"fmin": 220}),
        ("cqt_note", 84, {}), ("cqt_note", 84, {"key": "Eb:min"}),
        ("cqt_note", 84, {"tuning": 0.4}), ("cqt_note", 12, {"fmin": 440}),
        ("cqt_note", 36, {"bins_per_octave": 36, "fmin": 110, "unicode": False}),
        ("vqt_hz", 48, {"intervals": "ji5"}), ("vqt_note", 48, {"intervals": "ji5", "fmin": 55}),
        ("chroma", 12, {}), ("chroma", 12, {"key": "A:min"}), ("chroma", 12, {"key": "F#:maj"}),
        ("chroma", 24, {"bins_per_octave": 24, "key": "Db:maj", "unicode": False}),
        ("tonnetz", 6, {}),
        ("tempo", 384, {}), ("tempo", 384, {"tempo_min": 60, "tempo_max": 240}),
        ("fourier_tempo", 193, {}), ("fourier_tempo", 193, {"win_length": 385, "hop_length": 256}),
        ("frames", 7, {}), ("off", 7, {}),
    ],
)  # fmt: skip
def test_rows_are_librosas(y_axis, n_rows, options):
    axes = assert_like_librosa(rng.random((n_rows, 9)) - 0.5, y_axis=y_axis, **options)
    assert has_texts(axes.yaxis) == (y_axis != "off")


def test_notes_of_a_fourier_transform_lie_at_their_pitch():
    """librosa names powers of 2 Hz after the note that is nearest."""
    data = rng.random((1025, 9))
    ours, theirs = (
        facts(drawn_by(package, data, y_axis="fft_note").yaxis)
        for package in (serfast, librosa)
    )  # fmt: skip
    assert [text for _, text in ours[0]["major"]] == [text for _, text in theirs[0]["major"][1:]]
    named = {text: x for x, text in ours[0]["major"]}
    assert named["C5"] == pytest.approx(523.2511, abs=1e-3)
    assert ours[1:] == theirs[1:]


@pytest.mark.parametrize(
    "kinds",
    [
        ("time", "time"), ("time", "s"), ("frames", "frames"), ("chroma", "chroma"), (None, None),
        ("time", "lag"), ("lag", "lag_s"), ("frames", None), ("frames", "off"), ("log", "linear"),
        ("linear", "hz"),
    ],
)  # fmt: skip
def test_alike_axes_have_one_scale_as_in_librosa(kinds):
    assert_like_librosa(rng.random((12, 12)), x_axis=kinds[0], y_axis=kinds[1])
    assert_like_librosa(rng.random((12, 12)), x_axis=kinds[0], y_axis=kinds[1], auto_aspect=False)


def test_coordinates_and_options_reach_matplotlib():
    edges = np.array([0.0, 1.0, 4.0, 5.0])
    assert_like_librosa(
        rng.random((2, 3)),
        x_coords=edges,
        y_coords=[1, 2, 4],
        x_axis="time",
        vmin=0,
        cmap="viridis",
    )
    assert_like_librosa(rng.random((2, 3)) > 0.5, x_coords=edges[:3])


def test_lags_beyond_the_middle_are_negative():
    """librosa cuts them to two or three digits, and to the second below."""
    for x_axis, hop_length in (("lag", 512), ("lag_s", 512), ("lag_m", 4410)):
        ours, theirs = (
            drawn_by(package, rng.random((3, 200)), x_axis=x_axis, hop_length=hop_length)
            for package in (serfast, librosa)
        )
        pairs = zip(*(facts(axes.xaxis)[0]["major"] for axes in (ours, theirs)), strict=True)
        for (x, text), (their_x, their_text) in pairs:
            assert x == their_x
            assert text[0] == their_text[0]
            assert seconds(text) == pytest.approx(seconds(their_text), abs=0.05 if x < 9 else 1)
        assert seconds(text) < 0


def seconds(text):
    minutes, _, rest = text.lstrip("-").rpartition(":")
    return (60 * float(minutes or 0) + float(rest)) * (-1 if text.startswith("-") else 1)


@pytest.mark.parametrize(
    ("unit", "span", "x", "text"),
    [
        (None, 13, 10.5, "10.5"),
        ("s", 300, 1000.5, "1000.5"),
        ("ms", 2, 1.25, "1250"),
        ("m", 90, 89.9999999, "1:30"),
        ("m", 2, 61.5, "1:01.5"),
        ("h", 9000, 3661.0, "1:01:01"),
        (None, 9, -1.5, "-1.5"),
    ],
)
def test_times_keep_the_digits_that_librosa_cuts(ax, unit, span, x, text):
    ax.set_xlim(0, span)
    ax.xaxis.set_major_formatter(display.TimeFormatter(unit=unit))
    assert ax.xaxis.get_major_formatter()(x) == text


def test_complex_values_are_drawn_as_magnitudes(ax):
    with pytest.warns(UserWarning, match="magnitude"):
        image = display.specshow(np.array([[3 + 4j, 0], [0, 0]]), ax=ax)
    assert image.get_array().max() == 5


def test_bins_beyond_nyquist_are_noticed(ax):
    with pytest.warns(UserWarning, match="Nyquist"):
        display.specshow(np.ones((84, 3)), y_axis="cqt_note", sr=4000, ax=ax)


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (np.ones(5), {}, r"shape \(5,\)"),
        (np.ones((0, 5)), {}, "rows and columns"),
        (np.full((2, 2), "a"), {}, "must be numbers"),
        (np.ones((2, 2)), {"x_axis": "times"}, r"x_axis='times' must be one of .*'time'"),
        (np.ones((2, 2)), {"y_axis": "cqt_svara"}, "y_axis='cqt_svara'"),
        (np.ones((2, 2)), {"y_axis": "vqt_hz"}, "intervals=None"),
        (np.ones((12, 2)), {"y_axis": "chroma", "key": "H:maj"}, "'H:maj'"),
        (np.ones((2, 2)), {"sr": 0}, "sr=0"),
        (np.ones((2, 2)), {"hop_length": 0.5}, "hop_length=0.5"),
        (np.ones((2, 2)), {"fmin": -1}, "fmin=-1"),
        (np.ones((2, 2)), {"tempo_min": 0}, "tempo_min=0"),
        (np.ones((2, 2)), {"x_coords": [1, 2, 3, 4]}, r"x_coords: 4 .* must be 2, or 3 edges"),
        (np.ones((2, 2)), {"x_coords": [1, 2, 3]}, "both be edges"),
        (np.ones((2, 2)), {"x_coords": [[1, 2]]}, "one axis"),
        (np.ones((2, 2)), {"ax": pyplot}, "ax must be a matplotlib.axes.Axes, not module"),
    ],
)
def test_bad_input_is_named(ax, data, options, words):
    with pytest.raises(ParameterError, match=words):
        display.specshow(data, **{"ax": ax, **options})


@pytest.mark.parametrize(
    "data", [[-1.0, 1.0], [0.0, 1.0], [True, False], [-1.0, np.nan], np.r_[-1.0, np.ones(99)]]
)
def test_colours_are_librosas(data):
    assert display.cmap(data).name == librosa.display.cmap(np.asarray(data)).name


def test_nothing_finite_has_colours(ax):
    assert display.cmap([np.nan]).name == "magma"
    display.specshow(np.full((2, 2), np.nan), ax=ax)


# Svara and the Functional Just System; what librosa itself gives up.
LEFT_OUT = {"Sa", "mela", "thaat", "unison"}


@pytest.mark.parametrize(
    "name",
    [
        "specshow", "waveshow", "cmap", "TimeFormatter", "NoteFormatter", "LogHzFormatter",
        "ChromaFormatter", "TonnetzFormatter", "AdaptiveWaveplot",
    ],
)  # fmt: skip
def test_options_are_librosas(name):
    ours, theirs = (
        {
            parameter.name: (parameter.kind, parameter.default)
            for parameter in signature(getattr(package.display, name)).parameters.values()
            if parameter.name not in LEFT_OUT and "DEPRECATED" not in repr(parameter.default)
        }
        for package in (serfast, librosa)
    )
    assert ours == theirs


def test_matplotlib_is_imported_for_drawing_only():
    code = "import sys, serfast.display; print('matplotlib' in sys.modules)"
    assert run_python(code).strip() == "False"


# ---------------------------------------------------------------- pyplot


def test_given_axes_leave_pyplot_alone(ax):
    y = serfast.tone(440, sr=8000, duration=1)
    display.specshow(np.ones((2, 2)), ax=ax)
    display.waveshow(y, sr=8000, ax=ax)
    display.mel(y, sr=8000, ax=Figure().subplots())
    assert pyplot.get_fignums() == []


def test_without_axes_pyplots_current_ones_are_drawn_into():
    image = display.specshow(np.ones((2, 2)))
    assert image.axes is pyplot.gca()
    assert pyplot.gci() is image
    right = pyplot.figure().subplots(1, 2)[1]
    pyplot.sca(right)
    assert display.mel(serfast.tone(440, sr=8000, duration=1), sr=8000) is right
    assert pyplot.gca() is right


# ---------------------------------------------------------------- waveshow


@pytest.mark.parametrize("options", [{}, {"axis": "ms"}, {"axis": None}, {"transpose": True}])
def test_waves_have_librosas_axes_and_steps(options):
    y = rng.standard_normal(4000).astype(np.float32)
    shown = []
    for package in (serfast, librosa):
        figure = Figure()
        drawn = package.display.waveshow(y, sr=8000, offset=0.2, ax=figure.subplots(), **options)
        figure.draw_without_rendering()
        ax = figure.axes[0]
        shown.append((drawn, facts(ax.yaxis if "transpose" in options else ax.xaxis)))
    (ours, our_facts), (theirs, their_facts) = shown
    assert our_facts == their_facts
    assert ours.steps.get_visible()
    assert not ours.envelope.get_visible()
    np.testing.assert_allclose(ours.steps.get_xydata(), theirs.steps.get_xydata())


def test_an_envelope_holds_every_sample(ax):
    y = np.zeros(100_000, np.float32)
    y[12_345], y[77_777] = 0.5, -0.25
    drawn = display.waveshow(y, sr=1000, max_points=1000, ax=ax)
    assert drawn.envelope.get_visible()
    assert not drawn.steps.get_visible()
    outline = drawn.envelope.get_paths()[0].vertices
    assert outline[:, 1].max() == 0.5
    assert outline[:, 1].min() == -0.25
    assert outline[outline[:, 1] == 0.5, 0] == pytest.approx(12.345, abs=0.1)


def test_zooming_in_shows_samples(ax):
    y = rng.standard_normal(100_000).astype(np.float32)
    display.waveshow(y, sr=1000, max_points=1000, ax=ax)
    steps, envelope = ax.lines[0], ax.collections[0]
    ax.set_xlim(50.0, 50.5)
    assert steps.get_visible()
    assert not envelope.get_visible()
    times, samples = steps.get_data()
    assert times[0] <= 50.0 < 50.5 <= times[-1]
    np.testing.assert_array_equal(samples, y[np.round(times * 1000).astype(int)])
    ax.set_xlim(0, 100)
    assert envelope.get_visible()


def test_two_channels_are_two_edges(ax):
    y = np.stack([np.full(5000, 0.5), np.full(5000, -0.2)])
    drawn = display.waveshow(y, sr=1000, max_points=100, ax=ax, label="both", color="black")
    outline = drawn.envelope.get_paths()[0].vertices
    assert set(outline[:, 1]) == {0.5, -0.2}
    assert drawn.envelope.get_label() == "both"


@pytest.mark.parametrize(
    ("y", "options", "words"),
    [
        (np.zeros(0), {}, "not empty"),
        (np.zeros((3, 9)), {}, r"\(3, 9\)"),
        (np.full(9, np.nan), {}, "not finite"),
        (np.zeros(9, int), {}, "dtype int64"),
        (np.zeros(9), {"sr": -1}, "sr=-1"),
        (np.zeros(9), {"max_points": 0}, "max_points=0"),
        (np.zeros(9), {"where": "left"}, "where='left'"),
        (np.zeros(9), {"axis": "mel"}, "axis='mel'"),
        (np.zeros(9), {"offset": np.inf}, "offset=inf"),
    ],
)
def test_no_wave_is_named(ax, y, options, words):
    with pytest.raises(ParameterError, match=words):
        display.waveshow(y, ax=ax, **options)


def test_a_common_script_runs_with_either_package():
    """What tutorials do, with pyplot's state."""
    y = serfast.tone(440, sr=22050, duration=1) + 0.1 * rng.standard_normal(22050)
    titles = {}
    for package in (serfast, librosa):
        pyplot.figure(figsize=(10, 4))
        decibels = package.power_to_db(package.feature.melspectrogram(y=y), ref=np.max)
        pyplot.subplot(2, 1, 1)
        package.display.specshow(decibels, y_axis="mel", fmax=8000, x_axis="time")
        pyplot.colorbar(format="%+2.0f dB")
        pyplot.title("Mel spectrogram")
        pyplot.subplot(2, 1, 2)
        package.display.waveshow(y, sr=22050)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tight layouts
            pyplot.tight_layout()
        pyplot.gcf().draw_without_rendering()
        titles[package.__name__] = [
            (one.get_title(), facts(one.xaxis)) for one in pyplot.gcf().axes
        ]
    assert titles["serfast"] == titles["librosa"]
