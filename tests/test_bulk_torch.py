"""Frames of jobs as a data set of PyTorch."""

from __future__ import annotations

import functools
import warnings
from importlib.util import find_spec

import numpy as np
import pytest
import soundfile

import serfast
from helpers import speech
from serfast.bulk import run_job

torch = pytest.importorskip("torch", reason='needs the extra "torch"')

from torch.utils.data import DataLoader, WeightedRandomSampler  # noqa: E402

from serfast.bulk.torch import UNKNOWN, FrameDataset, FrameItem, pad_frames  # noqa: E402

SR = 16000
FX = serfast.Extractor(["mfcc", "rms"], sr=SR, n_mfcc=13)
N_CLIPS = 24

stores = pytest.mark.parametrize(
    "store",
    [
        "parquet",
        pytest.param(
            "zarr",
            marks=pytest.mark.skipif(find_spec("zarr") is None, reason='needs the extra "zarr"'),
        ),
    ],
)


@pytest.fixture(autouse=True)
def one_thread():
    """Threads of a network this small only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Loud clips and quiet ones, some without a speaker."""
    folder = tmp_path_factory.mktemp("clips")
    lines = ["path,label,speaker"]
    for i in range(N_CLIPS):
        y = speech(4000 + 900 * i, seed=i) * (0.9, 0.02)[i % 2]
        soundfile.write(folder / f"{i:02}.wav", y, SR)
        lines.append(f"{i:02}.wav,{('loud', 'quiet')[i % 2]},{'' if i < 3 else i % 4}")
    (folder / "clips.csv").write_text("\n".join(lines) + "\n")
    return folder / "clips.csv"


@pytest.fixture(scope="module")
def outputs(clips, tmp_path_factory):
    """An output for each store, made when it is asked for."""
    folder = tmp_path_factory.mktemp("outputs")

    @functools.cache
    def output(store):
        run_job(clips, folder / store, FX, shard_files=5, store=store)
        return folder / store

    return output


@stores
def test_items_are_those_of_the_extractor(clips, outputs, store):
    data = FrameDataset(outputs(store))
    assert len(data) == N_CLIPS
    assert data.names == FX.names
    assert data.classes == ("loud", "quiet")
    for i in (7, 0, N_CLIPS - 1, -2):
        y, _ = soundfile.read(clips.parent / f"{i % N_CLIPS:02}.wav", dtype="float32")
        frames, label, speaker = data[i]
        assert frames.dtype == torch.float32
        np.testing.assert_array_equal(frames.numpy(), FX(y))
        assert label == i % 2
        assert speaker == ("" if i % N_CLIPS < 3 else str(i % 4))
    assert data.labels.tolist() == [i % 2 for i in range(N_CLIPS)]
    assert data.lengths.tolist() == [data[i].frames.shape[1] for i in range(N_CLIPS)]
    with pytest.raises(IndexError):
        data[N_CLIPS]


@stores
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_read_what_this_process_reads(outputs, store, start):
    data = FrameDataset(outputs(store), n_frames=20, seed=3)
    alone = [data[i].frames for i in range(len(data))]  # files are open here, too
    loader = DataLoader(
        data, batch_size=5, num_workers=2, multiprocessing_context=start, collate_fn=pad_frames,
        persistent_workers=True,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*fork.*", category=DeprecationWarning)
        batches = list(loader)
    together = [row for batch in batches for row in batch.frames]
    assert len(together) == len(alone)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other[:, : one.shape[1]])
    assert [n for batch in batches for n in batch.labels] == data.labels.tolist()
    assert [name for batch in batches for name in batch.speakers] == data.speakers
    # The next epoch is another one for workers that live on.
    data.set_epoch(1)
    again = [row for batch in loader for row in batch.frames]
    for i, row in enumerate(again):
        frames = data[i].frames
        np.testing.assert_array_equal(frames, row[:, : frames.shape[1]])
    assert any((a != b).any() for a, b in zip(together, again, strict=True))


def test_crops_follow_from_seed_and_epoch(outputs):
    first = FrameDataset(outputs("parquet"), n_frames=8)
    whole = FrameDataset(outputs("parquet"))
    np.testing.assert_array_equal(first[9].frames, whole[9].frames[:, :8])
    crops = {}
    for seed in 0, 1:
        for epoch in 0, 1:
            data = FrameDataset(outputs("parquet"), n_frames=8, seed=seed)
            data.set_epoch(epoch)
            crops[seed, epoch] = torch.stack([data[i].frames for i in range(len(data))])
            again = torch.stack([data[i].frames for i in reversed(range(len(data)))])
            np.testing.assert_array_equal(again.flip(0), crops[seed, epoch])
    assert len({crop.numpy().tobytes() for crop in crops.values()}) == 4
    for i, crop in enumerate(crops[0, 0]):
        windows = whole[i].frames.unfold(1, 8, 1).permute(1, 0, 2)
        assert (windows == crop).all(dim=(1, 2)).any()


def test_padding_is_told_apart(outputs):
    data = FrameDataset(outputs("parquet"))
    items = [data[i] for i in (20, 3)]
    frames, mask, labels, speakers = pad_frames(items)
    lengths = [item.frames.shape[1] for item in items]
    assert frames.shape == (2, 14, max(lengths))
    assert mask.sum(1).tolist() == lengths
    assert mask.dtype == torch.bool
    for row, item, own in zip(frames, items, mask, strict=True):
        np.testing.assert_array_equal(row[:, own], item.frames)
        assert (row[:, ~own] == 0).all()
    assert labels.tolist() == [0, 1]
    assert speakers == ["0", "3"]
    assert pad_frames(items, n_frames=100).frames.shape == (2, 14, 100)
    with pytest.raises(serfast.ParameterError, match=r"frames, a batch n_frames=5: crop"):
        pad_frames(items, n_frames=5)


def test_labels_and_options_that_are_not_there(clips, tmp_path):
    (tmp_path / "plain").mkdir()
    soundfile.write(tmp_path / "plain/a.wav", speech(5000), SR)
    run_job(tmp_path / "plain", tmp_path / "out", FX)
    data = FrameDataset(tmp_path / "out")
    assert data.classes == ()
    assert data[0][1:] == (UNKNOWN, "")
    with pytest.raises(serfast.ParameterError, match="n_frames=0 must be a positive integer"):
        FrameDataset(tmp_path / "out", n_frames=0)
    pooled = serfast.Extractor("rms", sr=SR, pool="mean")
    run_job(tmp_path / "plain", tmp_path / "pooled", pooled)
    with pytest.raises(serfast.ParameterError, match="holds statistics, not frames"):
        FrameDataset(tmp_path / "pooled")


def test_memory_holds_no_more_than_some_groups(outputs, monkeypatch):
    from serfast.bulk import _frames

    monkeypatch.setattr(_frames, "OPEN_SHARDS", 2)
    data = FrameDataset(outputs("parquet"))
    for i in np.random.default_rng(0).permutation(len(data)):
        assert isinstance(data[int(i)], FrameItem)
        assert len(data._frames._own.shards) <= 2


@stores
def test_a_tiny_network_learns(outputs, store):
    torch.manual_seed(0)
    data = FrameDataset(outputs(store), n_frames=30, seed=0)
    weights = np.ones(len(data))
    sampler = WeightedRandomSampler(weights, 64, generator=torch.Generator().manual_seed(1))
    loader = DataLoader(
        data, batch_size=8, sampler=sampler, collate_fn=functools.partial(pad_frames, n_frames=30)
    )
    convolution, linear = torch.nn.Conv1d(14, 8, 3, padding=1), torch.nn.Linear(8, 2)

    everything = torch.cat([item.frames for item in map(data.__getitem__, range(len(data)))], 1)
    mean, std = everything.mean(1)[:, None], everything.std(1)[:, None]

    def scores(batch):
        hidden = torch.relu(convolution((batch.frames - mean) / std)) * batch.mask[:, None]
        return linear(hidden.sum(2) / batch.mask.sum(1, keepdim=True))

    optimiser = torch.optim.Adam([*convolution.parameters(), *linear.parameters()], lr=0.02)
    for epoch in range(8):
        data.set_epoch(epoch)
        for batch in loader:
            loss = torch.nn.functional.cross_entropy(scores(batch), batch.labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    batch = pad_frames([data[i] for i in range(len(data))])
    right = scores(batch).argmax(1) == batch.labels
    assert right.float().mean() >= 0.9
