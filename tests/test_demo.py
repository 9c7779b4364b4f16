"""`serfast demo` without a browser: who is answered, what is heard, what is refused."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

import serfast
from serfast import ParameterError
from serfast.datasets import find_clips, samples_dir
from serfast.live import Block, Listener
from serfast.models import load_model, train

pytest.importorskip("aiohttp", reason='no aiohttp: pip install "serfast[demo]"')

from aiohttp import WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer
from typer.testing import CliRunner

from serfast.cli import app
from serfast.demo import Demo, find_pictures, make_app
from serfast.demo._server import PAGE

SR = 16000
TOKEN = "secret"
CLIPS = sorted(samples_dir().glob("Actor_01/*.wav"))


@pytest.fixture(scope="module")
def demo():
    models = {"svm": train(find_clips(samples_dir()), "svm"), "default": load_model()}
    return Demo(models=models, pictures=find_pictures(), seconds=2.0, token=TOKEN)


@pytest.fixture(scope="module")
def talk():
    """All clips of a speaker, 7 s."""
    return np.concatenate([serfast.load(path, sr=SR)[0] for path in CLIPS])


def asked(demo, *paths, name="localhost", **headers):
    """Status, headers and content of what is there."""

    async def ask():
        async with TestClient(TestServer(make_app(demo, name))) as client:
            answers = [await client.get(path, headers=headers) for path in paths]
            return [(one.status, one.headers, await one.read()) for one in answers]

    return asyncio.run(ask())


def told(demo, *commands):
    """What a page is told; commands are dictionaries, bytes go out as they are.

    Each command is answered with messages up to one of the kinds that `until` in it names.
    """

    async def tell():
        async with TestClient(TestServer(make_app(demo))) as client:
            origin = str(client.make_url("")).rstrip("/")
            async with client.ws_connect(f"/{TOKEN}/live", origin=origin) as socket:
                answers = []
                for command in commands:
                    if isinstance(command, bytes):
                        await socket.send_bytes(command)
                        continue
                    until = command.get("until")
                    await socket.send_str(command.get("text") or json.dumps(command))
                    while until:
                        answers.append(await socket.receive_json(timeout=120))
                        if answers[-1]["kind"] in until:
                            break
                return answers

    return asyncio.run(tell())


def microphone(y, rate=SR, size=1000, **options):
    """Commands that say a signal."""
    blocks = [y[start : start + size].tobytes() for start in range(0, len(y), size)]
    return {"do": "start", "rate": rate, **options}, *blocks, {"do": "stop", "until": ["ended"]}


def upload(data, until=("ended", "error")):
    """Commands that send a file."""
    pieces = [data[start : start + 100_000] for start in range(0, len(data), 100_000)]
    # What is no beginning of something else waits until the file has been heard.
    return {"do": "file", "size": len(data)}, *pieces, {"do": "forget", "until": until}


def of_kind(messages, kind):
    return [message for message in messages if message["kind"] == kind]


def wav(y, rate=SR, subtype="PCM_16"):
    file = io.BytesIO()
    soundfile.write(file, y, rate, format="WAV", subtype=subtype)
    return file.getvalue()


# ---------------------------------------------------------------- who is answered


def test_the_page_and_its_parts(demo):
    names = ["", *(path.name for path in PAGE.iterdir() if path.is_file()), "state"]
    paths = [f"/{TOKEN}/{name}" for name in (*names, "pictures/0", "samples/0")]
    for path, (status, headers, content) in zip(paths, asked(demo, *paths), strict=True):
        assert (path, status) == (path, 200)
        assert content
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
    missing = ("pictures/99", "samples/99", "no.js", "_server.py", "pictures/happy/balloons.svg")
    answers = asked(demo, *(f"/{TOKEN}/{name}" for name in missing))
    assert {status for status, _, _ in answers} == {404}
    assert all("no-store" in headers["Cache-Control"] for _, headers, _ in answers)


def test_the_page_needs_nothing_from_elsewhere():
    for path in PAGE.rglob("*.*"):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|url\((?!#)", text), path


def test_nobody_is_answered_without_the_token(demo):
    answers = asked(demo, "/", "/state", "/other/", "/secre/state", f"/{TOKEN}x/")
    assert {status for status, _, _ in answers} == {404}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.example", "["])
def test_names_that_were_made_to_point_here_are_refused(demo, host):
    ((status, _, _),) = asked(demo, f"/{TOKEN}/", Host=host)
    assert status == 403


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8000"])
def test_this_machine_has_several_names(demo, host):
    ((status, _, _),) = asked(demo, f"/{TOKEN}/", Host=host)
    assert status == 200


def test_the_name_that_it_is_called_by_is_known(demo):
    for host, expected in (("box.local:80", 200), ("BOX.local", 200), ("other.local", 403)):
        ((status, _, _),) = asked(demo, f"/{TOKEN}/", name="box.local", Host=host)
        assert status == expected


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", None])
def test_other_sites_cannot_talk_to_it(demo, origin):
    if origin:
        ((status, _, _),) = asked(demo, f"/{TOKEN}/state", Origin=origin)
        assert status == 403

    async def connect():
        async with TestClient(TestServer(make_app(demo))) as client:
            await client.ws_connect(f"/{TOKEN}/live", origin=origin)

    with pytest.raises(WSServerHandshakeError, match="403"):
        asyncio.run(connect())


# ---------------------------------------------------------------- what is heard


@pytest.mark.parametrize("rate", [SR, 44100])
def test_words_are_those_of_a_listener(demo, talk, rate):
    y = serfast.resample(talk, orig_sr=SR, target_sr=rate)
    messages = told(demo, *microphone(y, rate, take=5))
    listener = Listener(demo.models["svm"], rate)
    updates = [*listener.hear(Block(y, 0.0)), *listener.finish()]
    expected = [update.word for update in updates if update.word]
    words = of_kind(messages, "word")
    assert [(word["end"], word["probabilities"]) for word in words] == [
        (word.end, word.probabilities) for word in expected
    ]
    assert len(words) > 5
    assert {message["take"] for message in messages} == {5}
    assert messages[-1] == {"kind": "ended", "time": pytest.approx(len(y) / rate), "take": 5}


def test_tracks_are_the_features_of_the_whole(demo, talk):
    sounds = of_kind(told(demo, *microphone(talk, size=777)), "sound")
    n = sum(sound["frames"] for sound in sounds)
    assert n == 1 + len(talk) // 160

    def packed(name):
        parts = [base64.b64decode(sound[name]) for sound in sounds]
        return np.frombuffer(b"".join(parts), np.uint8).reshape(n, -1).T

    mel = serfast.melspectrogram(y=talk, sr=SR, n_fft=512, hop_length=160, n_mels=64, fmax=8000)
    expected = (serfast.power_to_db(mel, top_db=None) + 80) * 2
    np.testing.assert_allclose(packed("mel"), np.clip(expected, 0, 255), atol=0.51)
    assert packed("mfcc").shape == (12, n)
    edges = np.concatenate([sound["envelope"] for sound in sounds]).reshape(-1, 2)
    hops = talk[: len(edges) * 160].reshape(-1, 160)
    np.testing.assert_allclose(edges, np.stack([hops.min(1), hops.max(1)], 1), atol=6e-5)
    loudness = np.concatenate([sound["loudness"] for sound in sounds])
    rms = serfast.rms(y=talk, frame_length=512, hop_length=160)[0]
    np.testing.assert_allclose(loudness, 20 * np.log10(np.maximum(rms, 10**-4.5)), atol=0.06)
    pitches = np.array([pitch for sound in sounds for pitch in sound["pitch"]], float)
    options = {"frame_length": 512, "hop_length": 160, "fmin": 75, "fmax": 500}
    expected = serfast.voiced_f0(y=talk, sr=SR, **options)[0]
    np.testing.assert_allclose(pitches, expected, atol=0.06)


def test_a_file_is_heard_whole(demo, tmp_path):
    data = CLIPS[0].read_bytes()
    messages = told(demo, *upload(data))
    (whole,) = of_kind(messages, "whole")
    (expected,) = demo.models["svm"].predict_files([CLIPS[0]])
    assert whole["probabilities"] == expected.probabilities
    assert messages[-1]["time"] == pytest.approx(serfast.get_duration(path=CLIPS[0]))
    stereo = np.stack([serfast.load(CLIPS[0], sr=None)[0]] * 2, axis=1)
    other = told(demo, *upload(wav(np.repeat(stereo, 3, axis=0), 48000)))
    assert of_kind(other, "whole")


@pytest.mark.parametrize("then", [{"do": "stop"}, {"do": "model", "name": "default"}])
def test_a_file_that_is_heard_can_be_left(demo, talk, then):
    y = np.tile(talk, 40)
    begin, *pieces, _ = upload(wav(y))
    begin["take"] = 1
    messages = told(
        demo, begin, *pieces, {**then, "until": ["ended", "learnt"]}, *microphone(talk[:SR])
    )
    assert of_kind(messages, "whole") == []
    heard = [message["time"] for message in of_kind(messages, "sound") if message["take"] == 1]
    assert max(heard, default=0) < len(y) / SR / 2
    assert messages[-1]["kind"] == "ended"
    assert messages[-1]["time"] == 1


def test_pictures_are_answered_with_one_word(demo, talk):
    y = talk[: 2 * SR]
    (word,) = of_kind(told(demo, *microphone(y, picture=3)), "word")
    assert (word["start"], word["end"]) == (0, 2)
    expected = demo.models["svm"].predict_signal(y, SR)
    assert word["probabilities"] == expected.probabilities
    assert of_kind(told(demo, *microphone(np.zeros(SR, np.float32), picture=3)), "word") == []


def test_a_voice_is_learnt_and_forgotten(demo, talk):
    learn = {"do": "learn", "on": True, "until": ["learnt"]}
    once = microphone(talk)
    messages = told(
        demo, *once, learn, *once, *once, {"do": "forget", "until": ["learnt"]}, *once,
        {"do": "model", "name": "default", "until": ["learnt"]}, *microphone(talk),
    )  # fmt: skip
    takes, told_learnt = [[]], []
    for message in messages:
        if message["kind"] == "word":
            takes[-1].append(message["probabilities"])
        elif message["kind"] == "ended":
            takes.append([])
        elif message["kind"] == "learnt":
            told_learnt.append((message["on"], message["windows"]))
    before, _, learnt, after, by_other_model, _ = takes
    assert told_learnt[:3] == [(True, 0), (True, 1), (True, 2)]
    assert told_learnt[-1] == (False, 0)
    assert (True, 0) in told_learnt[3:]
    assert learnt[0] != before[0]
    assert after[0] == before[0]
    assert by_other_model[0] != before[0]


def test_a_model_that_cannot_learn_says_so_and_goes_on(demo, talk, monkeypatch):
    def refuse(*_):
        raise ParameterError("this model takes no enrolment")

    monkeypatch.setattr("serfast.models.Model.enrolled_signals", refuse)
    start, *blocks, stop = microphone(talk)
    learn = {"do": "learn", "on": True, "until": ["refused"]}
    messages = told(demo, start, *blocks[:9], learn, *blocks[9:], stop)
    assert of_kind(messages, "refused")[0]["message"] == "this model takes no enrolment"
    assert messages[-1]["kind"] == "ended"
    assert messages[-1]["time"] == pytest.approx(len(talk) / SR)


@pytest.mark.parametrize("n", [0, 1, 100])
def test_short_takes_end_too(demo, n):
    messages = told(demo, *microphone(np.full(n, 0.1, np.float32)))
    assert messages[-1]["kind"] == "ended"
    if n:
        assert told(demo, *upload(wav(np.full(n, 0.1))))[-1]["kind"] in ("ended", "error")


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ({"text": "{"}, "a command must be a JSON object"),
        ({"text": "[1]"}, "a command must be a JSON object"),
        ({"do": "dance"}, "do='dance' must be one of 'start'"),
        ({"do": []}, "do=[] must be one of"),
        ({"do": "start", "rate": 100}, "rate=100 must be a whole number from 8000"),
        ({"do": "start", "rate": "fast"}, "rate='fast' must be a whole number"),
        ({"do": "start", "rate": SR, "picture": 9}, "picture=9 must be a whole number from 0 to 8"),
        ({"do": "model", "name": "/etc"}, "model='/etc' must be one of 'svm', 'default'"),
        ({"do": "file", "size": 20_000_001}, "the file has 20.0 MB; at most 20 MB are taken"),
        ({"do": "file", "size": 0}, "the file is empty"),
    ],
)  # fmt: skip
def test_bad_commands_are_refused_in_words(demo, talk, command, words):
    messages = told(demo, {**command, "until": ["error"]}, *microphone(talk[:SR]))
    assert words in messages[0]["message"]
    assert messages[-1]["kind"] == "ended"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no audio at all", "the file could not be decoded"),
        (wav(np.zeros(0)), "the file holds no samples"),
        (wav(np.zeros(SR)), "silent: no sample above"),
        (wav(np.zeros(301 * 8000), 8000), "the file lasts 301 s; at most 300 s are taken"),
        (wav(np.zeros(8000), 4000), "the file has 4000 Hz; it must have 8000 to 192000 Hz"),
        (wav(np.full(SR, np.nan), subtype="FLOAT"), "the file holds nan"),
    ],
    ids=["text", "empty", "silence", "long", "slow", "nan"],
)
def test_bad_files_are_refused_in_words(demo, data, words):
    hearing = {"do": "model", "name": "default", "until": ["learnt"]}
    messages = told(demo, hearing, *upload(data, until=["error"]))
    assert words in messages[-1]["message"]


def test_compressed_files_cannot_fill_the_memory(demo, monkeypatch):
    monkeypatch.setattr("serfast.demo._connection.MAX_UPLOAD_SAMPLES", 1000)
    messages = told(demo, *upload(CLIPS[0].read_bytes()))
    assert "1 channels of" in messages[-1]["message"]
    assert "at most 1000 samples are taken" in messages[-1]["message"]


def test_more_bytes_than_announced_are_refused(demo):
    bad = {"do": "file", "size": 10}
    messages = told(demo, bad, b"x" * 11, {"do": "learn", "on": False, "until": ["learnt"]})
    assert messages[0]["message"] == "more came than the 10 bytes that were announced"


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"abc", "3 bytes are no float32 samples"), (np.float32([np.inf]).tobytes(), "finite")],
)
def test_bad_samples_are_refused(demo, data, words):
    start = {"do": "start", "rate": SR}
    messages = told(demo, start, data, {"do": "forget", "until": ["learnt"]})
    assert words in messages[0]["message"]


def test_messages_have_a_size(demo):
    async def send():
        async with TestClient(TestServer(make_app(demo))) as client:
            origin = str(client.make_url("")).rstrip("/")
            async with client.ws_connect(f"/{TOKEN}/live", origin=origin) as socket:
                await socket.send_bytes(bytes((1 << 20) + 1))
                answer = await socket.receive(timeout=60)
                return answer.type, socket.close_code

    assert asyncio.run(send()) == (WSMsgType.CLOSE, 1009)


# ---------------------------------------------------------------- what is kept


def test_recordings_are_kept_where_asked(demo, talk, tmp_path):
    kept = replace(demo, save=tmp_path)
    told(kept, *microphone(talk), *microphone(talk[: 2 * SR], picture=0))
    names = sorted(path.name for path in tmp_path.iterdir())
    emotion = demo.pictures[0].emotion
    endings = [re.sub(r"^\d{8}-\d{6}-", "", name) for name in names]
    assert endings == [
        f"{number:03d}-{what}.{ending}"
        for number, what in ((1, "talk"), (2, emotion))
        for ending in ("jsonl", "wav")
    ]
    heard, rate = serfast.load(tmp_path / names[1], sr=None)
    assert rate == SR
    np.testing.assert_allclose(heard, talk, atol=1e-4)


def test_a_lost_page_leaves_whole_recordings(demo, talk, tmp_path):
    start, *blocks, _ = microphone(talk[:SR])
    told(replace(demo, save=tmp_path), start, *blocks, {"do": "learn", "until": ["learnt"]})
    (path,) = tmp_path.glob("*.wav")
    assert len(serfast.load(path, sr=None)[0]) == SR


# ---------------------------------------------------------------- pictures


def test_own_pictures_are_one_for_each_emotion():
    assert sorted(one.emotion for one in find_pictures()) == list(serfast.datasets.EMOTIONS)


def test_pictures_of_a_folder_come_in_rounds(tmp_path):
    names = ("Anger/a.png", "Anger/b.JPG", "Anger/c.webp", "joy/d.svg", "joy/notes.txt", "x/e.png")
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = find_pictures(tmp_path)
    assert sorted(one.path.name for one in found) == ["a.png", "b.JPG", "c.webp", "d.svg"]
    assert {one.emotion for one in found[:2]} == {"angry", "happy"}
    assert found == find_pictures(tmp_path, seed=0)
    assert any(found != find_pictures(tmp_path, seed=seed) for seed in range(1, 9))


@pytest.mark.parametrize(("name", "words"), [("none", "no such folder"), ("", "holds no pictures")])
def test_a_folder_without_pictures_is_refused(tmp_path, name, words):
    with pytest.raises(ParameterError, match=words):
        find_pictures(tmp_path / name)


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model", "nowhere"], "nowhere: not a model folder"),
        (["--pictures", "nowhere"], "nowhere: no such folder of pictures"),
        (["--seconds", "0"], "--seconds=0.0 must be a finite number from 0.6 to 60"),
        (["--port", "70000"], "--port=70000 must be a finite number from 0 to 65535"),
        (["--seed", "-1"], "--seed=-1 must be a finite number, at least 0"),
        (["--save", __file__], "is a file; a recording is written into a folder"),
        (["--host", ""], "--host is empty"),
    ],
)
def test_bad_options_are_refused(arguments, words):
    result = CliRunner().invoke(app, ["demo", *arguments])
    assert result.exit_code == 2
    assert words in result.stderr


def test_models_of_the_same_name_are_kept_apart(tmp_path):
    from serfast._cli_demo import _models

    folders = [tmp_path / "a" / "default", tmp_path / "b" / "svm", tmp_path / "c" / "svm"]
    for folder in folders:
        train(find_clips(samples_dir()), "svm").save(folder)
    found = _models([str(folder) for folder in folders])
    assert list(found) == [str(folders[0]), "svm", str(folders[2]), "default"]
    assert [model.name for model in found.values()] == ["svm"] * 3 + ["default"]


def test_a_browser_that_waits_keeps_nobody_waiting(monkeypatch):
    ended, closed = [], threading.Event()

    def browser(address):
        closed.wait(60)
        ended.append(address)

    monkeypatch.setattr("webbrowser.open", browser)
    monkeypatch.setattr("serfast.demo.serve", lambda *_, on_ready, **__: on_ready("http://x/"))
    assert CliRunner().invoke(app, ["demo"]).stdout == "http://x/\n"
    assert ended == []
    closed.set()


def test_the_command_answers_until_it_is_ended(tmp_path):
    command = [sys.executable, "-m", "serfast", "demo", "--no-browser", "--save", tmp_path / "kept"]
    with subprocess.Popen(map(str, command), stdout=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        port = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/[\w-]{22}/", address)[1]
        second = subprocess.run(
            [*map(str, command), "--port", port], capture_output=True, text=True, check=False
        )
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
    assert (process.returncode, rest) == (0, "")
    assert list(Path(tmp_path / "kept").iterdir()) == []
    assert second.returncode == 1
    assert "address already in use" in second.stderr
