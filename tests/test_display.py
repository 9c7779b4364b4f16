"""Pictures hold what they were given, and go where they are told."""

import builtins

import numpy as np
import pytest
from matplotlib.cbook import is_math_text
from matplotlib.figure import Figure
from matplotlib.text import Text

import serfast
from serfast import display
from serfast.datasets import Clip, Corpus
from serfast.errors import ParameterError


@pytest.fixture
def ax():
    return Figure().subplots()


def test_confusion_shows_every_share(ax):
    drawn = display.confusion_matrix([[0.9, 0.1], [0.4, 0.6]], ["calm", "sad"], ax=ax)
    assert drawn is ax
    assert [text.get_text() for text in ax.texts] == ["90", "10", "40", "60"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["calm", "sad"]
    with pytest.raises(ParameterError, match=r"shares of shape \(2, 2\) for 3 classes"):
        display.confusion_matrix(np.eye(2), ["a", "b", "c"], ax=ax)


def test_reliability_puts_sureness_against_accuracy(ax):
    display.reliability([(0.4, 0.5, 10), (0.9, 0.8, 30)], ax=ax)
    points = ax.collections[0]
    assert points.get_offsets().tolist() == [[0.4, 0.5], [0.9, 0.8]]
    assert points.get_sizes().tolist() == [250, 750]


def test_bars_have_their_mean(ax):
    display.bars({"01": 0.6, "02": 0.8}, unit="UAR", ax=ax)
    assert [bar.get_height() for bar in ax.patches] == [0.6, 0.8]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["01", "02"]
    assert ax.lines[0].get_ydata() == pytest.approx([0.7, 0.7])
    assert ax.get_title() == "mean 0.7"


def test_of_many_bars_some_are_named(ax):
    display.bars({str(number): 1.0 for number in range(1001, 1092)}, unit="UAR", ax=ax)
    assert len(ax.patches) == 91
    assert [label.get_text() for label in ax.get_xticklabels()][:2] == ["1001", "1004"]


def test_nothing_to_draw_is_refused(ax):
    with pytest.raises(ParameterError, match="values is empty"):
        display.bars({}, unit="UAR", ax=ax)
    with pytest.raises(ParameterError, match="points is empty"):
        display.reliability([], ax=ax)


def test_emotions_are_counted_by_sex(ax):
    clips = (Clip("a", "sad", sex="female"), Clip("b", "sad", sex="male"), Clip("c", "happy"))
    display.emotion_counts(Corpus("mine", clips), ax=ax)
    heights = {bar.get_label(): [one.get_height() for one in bar] for bar in ax.containers}
    assert heights == {"female": [0, 1], "male": [0, 1], "sex unknown": [1, 0]}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["happy", "sad"]
    assert ax.get_title() == "mine: 3 clips"


@pytest.mark.parametrize("name", ["$\\frac{$", "a$b$", "caf\udce9"], ids=ascii)
def test_names_are_drawn_as_they_are(name):
    figure = Figure()
    axes = figure.subplots(4)
    display.confusion_matrix([[1.0]], [name], ax=axes[0])
    display.bars({name: 1.0}, unit=name, ax=axes[1])
    display.training_curves({name: [1.0]}, ax=axes[2])
    display.emotion_counts(Corpus(name, (Clip("a.wav", name),)), ax=axes[3])
    figure.draw_without_rendering()
    assert not any(is_math_text(text.get_text()) for text in figure.findobj(Text))


@pytest.mark.parametrize("htk", [False, True])
def test_the_mel_scale_has_its_bands_in_even_steps(ax, htk):
    display.mel_scale(fmin=50, fmax=4000, n_mels=10, htk=htk, ax=ax)
    curve, bands = (line.get_xydata() for line in ax.lines)
    assert curve[[0, -1], 0].tolist() == [50, 4000]
    assert curve[:, 1] == pytest.approx(serfast.hz_to_mel(curve[:, 0], htk=htk))
    assert len(bands) == 10
    assert np.diff(bands[:, 1]) == pytest.approx(np.full(9, np.diff(bands[:2, 1])[0]))
    with pytest.raises(ParameterError, match=r"fmax=10 must be .* at least 50"):
        display.mel_scale(fmin=50, fmax=10, ax=ax)


def test_curves_count_epochs_from_one(ax):
    display.training_curves({"train": [2.0, 1.5], "valid": [2.1]}, ax=ax)
    assert [line.get_xdata().tolist() for line in ax.lines] == [[1, 2], [1]]


def test_without_matplotlib_the_message_says_what_to_install(monkeypatch):
    load = builtins.__import__

    def refused(name, *rest):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refused)
    with pytest.raises(ParameterError, match=r'pip install "serfast\[plot\]"'):
        display.bars({"a": 1.0}, unit="x")
