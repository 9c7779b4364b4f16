"""Training of networks: what ends it, what it refuses, and what is left of it afterwards."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from serfast.datasets import Recordings
from serfast.errors import ParameterError
from serfast.models._composed import Standardized, described, enrolled, restored
from serfast.models._networks import Layers
from serfast.nets import LogMel, MfccFrames, ResidualNet, SequenceNet, Speed
from serfast.nets._batches import TrainingBatches

pytestmark = pytest.mark.skipif(
    not all(map(find_spec, ("torch", "skorch"))), reason="PyTorch or skorch is not installed"
)
SR = 16000
Y = np.array(["a", "b"] * 4)
SPEAKERS = np.array(list("11223344"))
TINY = {
    "channels": (4, 8), "embedding": 8, "epochs": 4, "variants": (), "threads": 1, "n_frames": 32,
    "calibrate": False,
}  # fmt: skip


def noise(n, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal(n)).astype(np.float32)


X = [noise(4000 + 500 * i, i) for i in range(8)]


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize("options", [{}, {"calibrate": True}, {"patience": 3}])
@pytest.mark.parametrize("after", [1, 2])
def test_an_interrupted_training_gives_no_network(options, after):
    def interrupt(done, total):
        if done == after:
            raise KeyboardInterrupt

    net = ResidualNet(**{**TINY, **options}, progress=interrupt)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, SPEAKERS)
    with pytest.raises(NotFittedError):
        net.predict_proba(X)


def test_nothing_is_left_of_a_training_before():
    net = ResidualNet(**TINY).fit(X, list("abcdabcd"))

    def fail(done, total):
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        net.set_params(progress=fail).fit(X, Y)
    with pytest.raises(NotFittedError):
        net.predict_proba(X)


def test_a_training_that_diverges_is_refused():
    with pytest.raises(ParameterError, match=r"learning_rate=1e\+30 is too high"):
        ResidualNet(**TINY, learning_rate=1e30).fit(X, Y)


# ---------------------------------------------------------------- what steers it


@pytest.mark.parametrize("calibrate", [False, True])
def test_a_temperature_is_found_where_it_is_asked_for(calibrate):
    net = ResidualNet(**{**TINY, "calibrate": calibrate}, patience=9).fit(X, Y, SPEAKERS)
    assert (net.temperature_ == 1.0) is not calibrate


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ((X[6:], ["c", "a"]), "validation_data has the class c, which y has not"),
        ((X[6:], ["a"]), "validation_data has 1 classes for 2 clips"),
        ((X[6:], ["a", "b", "a"]), "validation_data has 3 classes for 2 clips"),
        (([], []), "validation_data has 0 classes for 0 clips"),
    ],
)
def test_validation_data_that_does_not_fit_is_refused(held, words):
    with pytest.raises(ParameterError, match=words):
        ResidualNet(**TINY, patience=3).fit(X[:6], Y[:6], SPEAKERS[:6], validation_data=held)


@pytest.mark.parametrize(
    ("options", "groups", "words"),
    [
        ({"batch_size": 1}, None, "batch_size=1 must be at least 2"),
        ({"seed": 2**33}, None, "seed=8589934592 must be"),
        ({"seed": True}, None, "seed=True must be"),
        ({"start": "default"}, None, "start='default' must be a Runtime"),
        ({}, ["a", None] * 4, "groups must name the speaker of every clip"),
    ],
)
def test_what_cannot_be_is_refused_in_words(options, groups, words):
    with pytest.raises(ParameterError, match=words):
        ResidualNet(**TINY | options).fit(X, Y, groups)


# ---------------------------------------------------------------- odd clips, sizes and batches


@pytest.mark.parametrize(("n", "batch_size"), [(7, 2), (5, 4), (2, 32), (9, 8)])
def test_no_batch_is_a_single_clip(n, batch_size):
    batches = TrainingBatches(
        lambda i, _: np.full((1, 4), i, np.float32),
        np.eye(n, dtype=np.float32),
        4,
        batch_size,
        0,
        0,
    )
    sizes = [len(x) for x, *_ in batches]
    assert min(sizes) >= 2
    assert sum(sizes) == n
    assert len(sizes) == len(batches)


def test_clips_that_a_variant_makes_too_short_are_filled_up():
    net = ResidualNet(**TINY | {"variants": (Speed(1.1),)}).fit([noise(650), *X[1:]], Y)
    assert np.isfinite(net.predict_proba([noise(650)])).all()
    with pytest.raises(ParameterError, match="a recording of 630 samples is shorter"):
        ResidualNet(**TINY | {"variants": (Speed(1.1),)}).fit([noise(630), *X[1:]], Y)


@pytest.mark.parametrize("options", [{"n_frames": 2}, {"n_frames": 4}, {"embedding": 1}])
def test_small_networks_are_networks(options):
    net = ResidualNet(**TINY | options).fit(X, Y)
    shares = net.predict_proba(X)
    assert shares.shape == (8, 2)
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_no_clips_have_no_scores():
    net = SequenceNet(front=MfccFrames(sr=SR), layers=("lstm 4", "last"), epochs=1, threads=1)
    assert net.fit(X, Y).predict_proba([]).shape == (0, 2)


def test_frames_that_have_means_of_their_own_are_as_many_as_learnt():
    front = MfccFrames(sr=SR, n_mfcc=5)
    layers = ("conv 4 3", "last")
    net = SequenceNet(front=front, layers=layers, by_position=True, epochs=1, threads=1)
    net.fit([noise(4096, i) for i in range(8)], Y)
    for n in (2100, 6000):
        with pytest.raises(ParameterError, match="this network hears 9, each by its own mean"):
            net.predict_proba([noise(n)])


def test_signals_that_float32_can_hardly_hold_are_silence():
    assert np.ptp(LogMel()(np.full(4000, 1e-40, np.float32))) == 0


def test_recordings_must_be_finite():
    with pytest.raises(ParameterError, match="a recording is not finite everywhere"):
        Recordings([np.full(10, np.nan, np.float32)], SR)


def test_loading_a_network_leaves_pytorchs_chance_alone():
    import torch

    net = SequenceNet(front=MfccFrames(sr=SR), layers=("lstm 4", "last"), epochs=1, threads=1)
    network = net.fit(X, Y).network_
    torch.manual_seed(1)
    before = torch.get_rng_state()
    restored(described(network), network.tensors())
    assert torch.equal(torch.get_rng_state(), before)


# ---------------------------------------------------------------- fusion and enrolment


def fusion(**options):
    from serfast.models import LDA
    from serfast.models._fusion import Fusion

    network = ResidualNet(**TINY | {"epochs": 30} | options)
    return Fusion(network=network, classifier=LDA(calibrate=False))


def test_a_fusion_hears_one_rate_only():
    signals = [noise(16000 + 500 * i, i) for i in range(8)]
    net = fusion().fit(signals, Y, SPEAKERS)
    with pytest.raises(ParameterError, match="read at 44100"):
        net.predict_proba(Recordings(signals, 44100))
    with pytest.raises(ParameterError, match="the network hears 22050"):
        fusion(sr=22050).fit(Recordings(signals, 22050), Y)
    with pytest.raises(ParameterError, match="n_networks=0"):
        fusion().set_params(n_networks=0).fit(signals, Y)


def test_an_enrolled_voice_is_saved_with_its_model():
    signals = [noise(16000 + 500 * i, i) for i in range(8)]
    network = enrolled(fusion().fit(signals, Y, SPEAKERS).network_, signals[:4])
    loaded = restored(described(network), network.tensors())
    np.testing.assert_array_equal(loaded.logits(signals), network.logits(signals))
    with pytest.raises(ParameterError, match="there is no clip to enrol with"):
        enrolled(network, [])


def test_speakers_of_a_single_row_say_nothing_of_how_speakers_vary():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 3)) * [1000, 1, 0.001]
    layers = Layers(((np.eye(3, 2), np.zeros(2)),))
    speakers = np.repeat(np.arange(10), 4)
    mixed = np.concatenate([speakers, np.arange(100, 140)])
    plain = Standardized.of_rows(rows, speakers, lambda _: layers).within
    beside = Standardized.of_rows(np.tile(rows, (2, 1)), mixed, lambda _: layers).within
    np.testing.assert_allclose(plain, beside)
    alone = Standardized.of_rows(rows, np.arange(40), lambda _: layers)
    with pytest.raises(ParameterError, match="no enrolment"):
        alone.enrolled(rows[:5])
