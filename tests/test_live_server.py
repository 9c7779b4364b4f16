"""`serfast listen` through PortAudio and a real sound server."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest

import serfast
import soundserver
from serfast.datasets import find_clips, samples_dir
from serfast.live import FileSource, listen
from serfast.models import load_model, train

RATE = 44100  # what ALSA's way to PulseAudio states, so that nothing resamples on the way

pytestmark = pytest.mark.skipif(
    soundserver.missing() is not None, reason=str(soundserver.missing())
)


@pytest.fixture(scope="module")
def server():
    with soundserver.sound_server(RATE) as environment:
        listed = serfast_command("devices", "--json", env=environment, capture_output=True)
        found = json.loads(listed.stdout) if listed.returncode == 0 else []
        if not found:
            pytest.skip(f"PortAudio sees no PulseAudio: apt install libportaudio2 "
                        f"libasound2-plugins ({listed.stderr.decode().strip()})")  # fmt: skip
        yield environment


def serfast_command(*arguments, **options):
    command = [sys.executable, "-m", "serfast", *map(str, arguments)]
    return subprocess.run(command, check=False, **options)


def test_what_is_played_is_heard(server, tmp_path):
    train(find_clips(samples_dir()), "svm").save(tmp_path / "model")
    paths = sorted(samples_dir().glob("Actor_03/*.wav"))[:4]
    played = np.concatenate([serfast.load(path, sr=RATE)[0] for path in paths])
    command = [sys.executable, "-m", "serfast", "listen", "--json", "--model", tmp_path / "model"]
    with subprocess.Popen(
        [*map(str, command), "--save", str(tmp_path / "take")],
        env=server, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        soundserver.wait_for_recording(server)
        soundserver.play(np.pad(played, (RATE // 2, RATE)), RATE, server)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert b"overflows 0" in errors
    heard, rate = serfast.load(tmp_path / "take.wav", sr=None)
    assert rate == RATE
    start = np.flatnonzero(heard)[0] - np.flatnonzero(np.rint(played * 32768))[0]
    np.testing.assert_allclose(heard[start : start + len(played)], played, atol=1e-4)
    # A microphone's words are those of its recording.
    words = [json.loads(line) for line in output.splitlines()]
    source = FileSource(tmp_path / "take.wav", paced=False)
    again = [u.word for u in listen(source, load_model(tmp_path / "model")) if u.word]
    assert len(words) >= 2
    assert min(word["latency"] for word in words) > 0
    for word, other in zip(words, again, strict=False):
        assert word | {"latency": 0} == asdict(other) | {"latency": 0}
