"""Networks: what they hear, how they are trained, and predictions without PyTorch."""

from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest
from sklearn.base import clone

import serfast
from helpers import SR, assert_same, run_python, speech
from serfast.datasets import Recordings, find_clips, samples_dir
from serfast.models._networks import softmax
from serfast.nets import (
    BandStatistics,
    Chain,
    Gain,
    Level,
    LogMel,
    MelWarp,
    Noise,
    PitchShift,
    ResidualNet,
    Runtime,
    Shift,
    SpecAugment,
    Speed,
    TimeStretch,
    WhiteNoise,
    normalised,
)
from serfast.nets._batches import TrainingBatches, aligned, among_zeros, mixed, windows
from serfast.nets._numbers import held_out
from serfast.nets._store import FeatureStore, store_files

needs_torch = pytest.mark.skipif(
    not all(map(find_spec, ("torch", "skorch"))), reason="PyTorch or skorch is not installed"
)
CLIPS = find_clips(samples_dir(), emotions=["angry", "sad"]).clips
LABELS = [clip.label for clip in CLIPS]
SPEAKERS = [clip.speaker for clip in CLIPS]


def recordings():
    return Recordings([clip.path for clip in CLIPS], SR)


def small_net(**options):
    small = {"channels": (8, 16), "embedding": 16, "epochs": 3, "threads": 1, "calibrate": False}
    return ResidualNet(**{**small, "variants": (), **options})


@pytest.fixture(scope="module")
def trained():
    pytest.importorskip("skorch")
    return small_net(epochs=15, batch_size=8, dropout=0.1, mixup=0, averaging=0.9).fit(
        recordings(), LABELS, SPEAKERS
    )


# ---------------------------------------------------------------- recordings


def test_recordings_are_read_when_asked_for(tmp_path):
    both = Recordings([samples_dir() / "missing.wav", speech(100)], SR)
    assert_same(both[1], speech(100))
    with pytest.raises(serfast.AudioError, match="missing"):
        both[0]


def test_recordings_can_be_chosen():
    all_of_them = recordings()
    chosen = all_of_them[np.array([3, 0])]
    assert isinstance(chosen, Recordings)
    assert_same(chosen[0], all_of_them[3])
    assert len(all_of_them[:4]) == 4
    with pytest.raises(IndexError):
        all_of_them[len(CLIPS)]
    assert_same(Recordings([CLIPS[0].path], 8000)[0], serfast.load(CLIPS[0].path, sr=8000)[0])


@pytest.mark.parametrize(
    ("sources", "sr", "words"),
    [
        ([1.5], SR, "path or a one-dimensional array"),
        ([np.zeros((2, 9), np.float32)], SR, "one axis"),
        ([np.zeros(9, np.int16)], SR, "int16"),
        ([], 0, "sr=0"),
    ],
)
def test_recordings_refuse(sources, sr, words):
    with pytest.raises(serfast.ParameterError, match=words):
        Recordings(sources, sr)


# ---------------------------------------------------------------- front end, normalisation


def test_level_and_silence_around_do_not_matter():
    y = speech(SR)
    front = LogMel()
    quiet = front(y / 8)
    np.testing.assert_allclose(quiet, front(y), atol=1e-3)
    silence = np.zeros(SR, np.float32)
    longer = front(np.concatenate([silence, y, silence]))
    assert abs(longer.shape[1] - quiet.shape[1]) < 12


@pytest.mark.parametrize("n_samples", [0, 639])
def test_a_recording_shorter_than_a_frame_is_refused(n_samples):
    with pytest.raises(serfast.ParameterError, match=f"{n_samples} samples is shorter"):
        LogMel()(np.zeros(n_samples, np.float32))


def test_a_click_is_heard():
    click = np.zeros(SR, np.float32)
    click[8000] = 1
    assert np.isfinite(normalised(LogMel()(click))).all()


def test_a_quiet_room_is_not_heard():
    rng = np.random.default_rng(0)
    y = speech(SR)
    near = LogMel(band_range=20)
    quiet, louder = (near(y + rng.normal(0, s, SR).astype(np.float32)) for s in (1e-6, 1e-5))
    np.testing.assert_allclose(quiet, louder, atol=0.2)
    far = LogMel()(y) - near(y)
    assert far.min() < -5


def test_a_clip_by_its_own_measure():
    own = normalised(LogMel()(speech(SR)))
    np.testing.assert_allclose(own.mean(axis=1), 0, atol=1e-5)
    assert own.std() == pytest.approx(1)
    assert not normalised(LogMel()(np.zeros(SR, np.float32))).any()


def test_statistics_of_parts_are_those_of_the_whole():
    rng = np.random.default_rng(0)
    bands = (rng.standard_normal((5, 1000)) + 1e4).astype(np.float32)
    parts = np.split(bands, [1, 30, 700], axis=1)
    whole = BandStatistics.total(map(BandStatistics.of, parts))
    np.testing.assert_allclose(whole.mean, bands.mean(axis=1, dtype=float), rtol=1e-12)
    np.testing.assert_allclose(whole.deviation, bands.std(axis=1, dtype=float), rtol=1e-9)
    assert (whole.n_clips, whole.n_frames) == (4, 1000)


def test_a_voice_is_the_same_through_another_microphone():
    rng = np.random.default_rng(0)
    clips = rng.standard_normal((3, 5, 40)).astype(np.float32)
    through = clips * np.float32(1.5) + np.arange(5, dtype=np.float32)[:, np.newaxis]
    first, second = (
        BandStatistics.total(map(BandStatistics.of, heard)).normalised(heard[0])
        for heard in (clips, through)
    )
    np.testing.assert_allclose(first, second, atol=1e-5)
    empty = BandStatistics.of(np.zeros((5, 40), np.float32))
    np.testing.assert_allclose(empty.normalised(clips[0]), 10 * clips[0], rtol=1e-6)


# ---------------------------------------------------------------- augmentation

OF_SIGNALS = [
    Chain((Gain(), Shift(0.1))), Gain(), Noise(), PitchShift(2), Shift(0.1), Speed(0.9),
    TimeStretch(1.1), WhiteNoise(0.01),
]  # fmt: skip
OF_BANDS = [Level(), MelWarp(), SpecAugment()]


@pytest.mark.parametrize("change", OF_SIGNALS, ids=lambda one: type(one).__name__)
def test_a_changed_signal_follows_from_the_seed(change):
    y = speech(8000)
    kept = y.copy()
    changed = [change(y, SR, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert_same(changed[0], changed[1])
    assert_same(y, kept)
    assert changed[0].dtype == np.float32
    assert not np.array_equal(changed[0], y)
    fixed = isinstance(change, (PitchShift, Speed, TimeStretch))
    assert np.array_equal(changed[0], changed[2]) == fixed


@pytest.mark.parametrize("change", OF_BANDS, ids=lambda one: type(one).__name__)
def test_changed_bands_follow_from_the_seed(change):
    bands = LogMel()(speech(8000))
    kept = bands.copy()
    changed = [change(bands, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert_same(changed[0], changed[1])
    assert_same(bands, kept)
    assert changed[0].shape == bands.shape
    assert not np.array_equal(changed[0], changed[2])


def test_noise_has_its_ratio():
    y = speech(SR)
    noise = Noise(12, 12)(y, SR, np.random.default_rng(0)) - y
    assert 10 * np.log10(np.mean(y**2) / np.mean(noise**2)) == pytest.approx(12, abs=0.1)


def test_mixed_clips_keep_their_shares():
    x, mask = aligned([np.full((1, 2, 2 + i), i, np.float32) for i in range(1, 5)])
    y, union, targets = mixed(x, mask, np.eye(4, dtype=np.float32), 0.4, np.random.default_rng(0))
    np.testing.assert_allclose(targets.sum(axis=1), 1)
    assert (union >= mask).all()
    np.testing.assert_allclose(y.sum(axis=(1, 2, 3)), targets @ x.sum(axis=(1, 2, 3)), rtol=1e-6)


def test_clips_among_zeros():
    clip = np.arange(1, 6, dtype=np.float32)[None]
    np.testing.assert_array_equal(among_zeros(clip, 8), [[0, 1, 2, 3, 4, 5, 0, 0]])
    np.testing.assert_array_equal(among_zeros(clip, 3), [[2, 3, 4]])
    drawn = {bytes(among_zeros(clip, 7, np.random.default_rng(seed))) for seed in range(20)}
    assert len(drawn) == 3


@pytest.mark.parametrize("n", [1, 7, 8, 9, 16, 17, 40])
def test_windows_cover_a_clip(n):
    clip = np.arange(1, n + 1, dtype=np.float32)[None]
    parts = windows(clip, 8)
    assert {part.shape for part in parts} == {(1, 8)}
    assert len(parts) == -(-n // 8)
    assert set(np.concatenate(parts, axis=1)[0]) - {0} == set(clip[0])


@needs_torch
def test_of_long_clips_all_parts_are_heard():
    net = small_net(n_frames=32).fit(recordings(), LABELS)
    bands = LogMel()(recordings()[0])
    n_parts = -(-bands.shape[1] // 32)
    assert n_parts > 2
    whole = normalised(bands)
    starts = np.linspace(0, bands.shape[1] - 32, n_parts).round().astype(int)
    runtime = net._runtime
    parts = [runtime._scores(whole[:, start : start + 32]) for start in starts]
    np.testing.assert_allclose(runtime.scores(bands), np.mean(parts, axis=0), rtol=1e-5, atol=1e-5)


def test_an_epoch_has_every_clip_once_and_follows_from_the_seed():
    def epochs(seed):
        batches = TrainingBatches(
            load=lambda row, rng: np.full((1, 1, 5 + row), row + rng.random() / 2, np.float32),
            targets=np.eye(50, dtype=np.float32),
            n_frames=20,
            batch_size=8,
            mixup=0,
            seed=seed,
        )
        return [list(batches) for _ in range(2)]

    first, second = epochs(0)
    assert len(first) == 7
    np.testing.assert_array_equal(sum(targets.sum(axis=0) for _, _, targets in first), 1)
    assert max(x.shape[-1] for x, _, _ in first) == 20
    assert all(x[~np.broadcast_to(m[:, None, None] > 0, x.shape)].sum() == 0 for x, m, _ in first)
    again, _ = epochs(0)
    for one, same in zip(first, again, strict=True):
        for a, b in zip(one, same, strict=True):
            assert_same(a, b)
    assert [t.argmax(1).tolist() for _, _, t in first] != [
        t.argmax(1).tolist() for _, _, t in second
    ]


def test_a_store_on_disk_holds_the_same(tmp_path):
    rng = np.random.default_rng(0)
    clips = [rng.standard_normal((4, n), np.float32) for n in (3, 1, 70)]
    in_memory = FeatureStore(clips)
    with store_files(tmp_path) as files:
        on_disk = FeatureStore(iter(clips), next(files))
        assert len(on_disk) == len(in_memory) == 3
        for row, clip in enumerate(clips):
            np.testing.assert_array_equal(on_disk[row], clip)
            np.testing.assert_array_equal(in_memory[row], clip)
        assert isinstance(on_disk._frames, np.memmap)
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------- calibration


def test_speakers_are_held_out_whole():
    classes = np.tile([0, 1], 10)
    groups = np.repeat(list("abcde"), 4)
    train, held = held_out(classes, groups, 0.2, 0)
    assert not set(groups[train]) & set(groups[held])
    assert len(train) + len(held) == 20
    with pytest.raises(serfast.ParameterError, match=r"validation=0\.01"):
        held_out(classes, None, 0.01, 0)
    with pytest.raises(serfast.ParameterError, match="held-out speakers only"):
        held_out(np.repeat([0, 1, 2, 3, 4], 4), groups, 0.2, 0)


def test_clips_of_a_single_speaker_are_held_out_by_class():
    classes = np.tile([0, 1], 10)
    train, held = held_out(classes, ["a"] * 20, 0.2, 0)
    assert (len(train), len(held)) == (16, 4)
    assert classes[held].mean() == 0.5


# ---------------------------------------------------------------- training


def test_importing_the_networks_leaves_torch_alone():
    code = "import sys; from serfast.nets import *; print({'torch', 'skorch'} & {*sys.modules})"
    assert run_python(code).strip() == "set()"


def test_without_torch_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(serfast.ParameterError, match=r'pip install "serfast\[torch\]"'):
        small_net().fit(recordings(), LABELS)


def test_the_network_learns(trained):
    assert (trained.predict(recordings()) == LABELS).mean() > 0.9
    losses = [epoch["train_loss"] for epoch in trained.history_["all"]]
    assert len(losses) == 15
    assert losses[-1] < losses[0]
    assert json.loads(json.dumps(trained.history_)) == trained.history_


@needs_torch
def test_the_same_seed_gives_the_same_network(tmp_path):
    import torch

    state = torch.get_rng_state()
    options = {"variants": (Speed(1.1), Noise()), "epochs": 2}
    first, again, other, from_disk = (
        small_net(**options, **more).fit(list(recordings()), LABELS).to_parts()[1]
        for more in ({}, {}, {"seed": 1}, {"cache_dir": tmp_path})
    )
    assert torch.equal(state, torch.get_rng_state())
    for name, tensor in first.items():
        assert_same(again[name], tensor)
        assert_same(from_disk[name], tensor)
    assert not np.array_equal(first["output.weight"], other["output.weight"])


def test_predictions_do_not_depend_on_the_other_clips(trained):
    clips = recordings()
    together = trained.predict_proba(clips)
    np.testing.assert_allclose(together.sum(axis=1), 1)
    assert_same(trained.predict_proba(clips[3:4]), together[3:4])
    assert_same(trained.predict_proba(clips[::-1]), together[::-1])


@needs_torch
@pytest.mark.parametrize("n_frames", [16, 17, 80, 131])
def test_numpy_computes_what_torch_does(n_frames):
    import torch

    from serfast.nets._residual import ResidualModule

    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    module = ResidualModule(4, 80, (8, 16, 32), 16, 0.5)
    for _ in range(3):  # batch norms get statistics of their own
        module(torch.randn(8, 1, 80, 64) * 2 + 1)
    module.eval()
    bands = rng.standard_normal((80, n_frames), np.float32)
    x = torch.from_numpy(normalised(bands))[None, None]
    with torch.no_grad():
        scores = module(x).numpy()
    state = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    ours = Runtime("abcd", LogMel(), 1.0, n_frames, state).scores(bands)
    np.testing.assert_allclose(softmax(scores), softmax(ours[None]), atol=1e-5)


@needs_torch
def test_calibration_holds_speakers_out():
    told = []
    net = small_net(calibrate=True, progress=lambda *done: told.append(done))
    net.fit(recordings(), LABELS, SPEAKERS)
    assert told == [(i, 4) for i in range(1, 5)]  # one of them, a quarter, to calibrate
    assert set(net.history_) == {"held out", "all"}
    assert net.temperature_ != 1
    uncalibrated = small_net().fit(recordings(), LABELS, SPEAKERS).predict_proba(recordings())
    calibrated = net.predict_proba(recordings())
    np.testing.assert_allclose(softmax(np.log(uncalibrated) / net.temperature_), calibrated)


@needs_torch
def test_training_stops_when_held_out_speakers_gain_nothing_more():
    net = small_net(epochs=30, patience=2, schedule="plateau", learning_rate=0.05)
    losses = [
        epoch["valid_loss"]
        for epoch in net.fit(recordings(), LABELS, SPEAKERS).history_["held out"]
    ]
    assert len(losses) < 30
    assert min(losses) == min(losses[:-2])
    assert set(net.history_) == {"held out"}


def test_a_network_survives_being_taken_apart(trained):
    settings, tensors = trained.to_parts()
    again = Runtime.from_parts(json.loads(json.dumps(settings)), tensors)
    assert_same(again.predict_proba(recordings()), trained.predict_proba(recordings()))
    assert again.classes == tuple(trained.classes_)


@pytest.mark.parametrize("name", ["stem.weight", "blocks.0.excitation.squeeze.bias", "output.bias"])
@pytest.mark.parametrize("harm", ["missing", "shape", "nan"])
def test_broken_parts_are_refused(trained, name, harm):
    settings, tensors = trained.to_parts()
    broken = dict(tensors)
    if harm == "missing":
        del broken[name]
    else:
        broken[name] = tensors[name][:1] if harm == "shape" else tensors[name] * np.nan
    with pytest.raises(serfast.ParameterError, match="not the parts"):
        Runtime.from_parts(settings, broken)


def test_onnx_computes_the_same(trained, tmp_path):
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    trained.export_onnx(tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    for y in recordings()[:3]:
        clip = among_zeros(normalised(LogMel()(y)), trained.n_frames)[None, None]
        (theirs,) = session.run(["probabilities"], {"bands": clip})
        np.testing.assert_allclose(theirs, trained.predict_proba([y]), atol=1e-5)
    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["classes"]) == trained.classes_.tolist()


def test_parameters_are_only_stored():
    net = small_net(epochs=-1, variants=[Speed(0.9)])
    assert clone(net).get_params() == net.get_params()


@needs_torch
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 0}, "epochs=0"),
        ({"band_range": (0, 60)}, "band_range=0"),
        ({"band_range": 20}, "band_range=20 must be a pair"),
        ({"seed": 0.5}, "seed=0.5"),
        ({"schedule": "cosine"}, "schedule='cosine'"),
        ({"validation": 1.0}, "validation=1.0"),
        ({"dropout": 2}, "dropout=2"),
        ({"channels": ()}, "channels"),
        ({"cache_dir": "nowhere"}, "cache_dir='nowhere'"),
        ({"sr": 8000}, "read at 16000"),
    ],
)
def test_parameters_out_of_range_are_refused(options, words):
    with pytest.raises(serfast.ParameterError, match=words):
        small_net(**options).fit(recordings(), LABELS)


@needs_torch
def test_data_that_does_not_fit_is_refused():
    with pytest.raises(serfast.ParameterError, match="y has 1 entries"):
        small_net().fit(recordings(), ["angry"])
    with pytest.raises(serfast.ParameterError, match="at least two classes"):
        small_net().fit(recordings(), ["angry"] * len(CLIPS))
