"""A PulseAudio server of one's own, with a sink that nobody hears: what is played into it comes out
of its monitor, an input like a microphone."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

ALSA = """\
<{alsa}>
pcm.!default {{ type pulse }}
ctl.!default {{ type pulse }}
"""
SYSTEM_ALSA = "/usr/share/alsa/alsa.conf"


def missing():
    """What a sound server needs and this machine has not; None if there is all."""
    for program in ("pulseaudio", "pactl", "pacat"):
        if shutil.which(program) is None:
            return f"no {program}: apt install pulseaudio pulseaudio-utils"
    if importlib.util.find_spec("sounddevice") is None:
        return "no sounddevice: pip install sounddevice"
    if not Path(SYSTEM_ALSA).exists():
        return "no ALSA"
    return None


@contextlib.contextmanager
def sound_server(rate):
    """The environment in which programs find the server."""
    # Not pytest's folder: the name of a socket has a hundred characters at most.
    with tempfile.TemporaryDirectory(prefix="pulse") as folder:
        alsa = Path(folder) / "asound.conf"
        alsa.write_text(ALSA.format(alsa=SYSTEM_ALSA))
        environment = os.environ | {
            "HOME": folder,
            "XDG_RUNTIME_DIR": folder,
            "PULSE_SERVER": f"unix:{folder}/socket",
            "ALSA_CONFIG_PATH": str(alsa),
        }
        command = [
            "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
            "--load", f"module-native-protocol-unix socket={folder}/socket auth-anonymous=1",
            "--load", f"module-null-sink sink_name=silent rate={rate} channels=1",
        ]  # fmt: skip
        server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            _wait_until(lambda: "silent.monitor" in _listed("sources", environment))
            yield environment
        finally:
            server.terminate()
            server.wait()


def wait_for_recording(environment):
    """Wait until a program records."""
    _wait_until(lambda: _listed("source-outputs", environment))


def play(samples, rate, environment):
    """Play float32 samples; return when the server has played all of them."""
    command = ["pacat", "--playback", "--format=float32le", f"--rate={rate}", "--channels=1"]
    subprocess.run(command, input=samples.tobytes(), env=environment, check=True)


def _listed(what, environment):
    command = ["pactl", "list", "short", what]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def _wait_until(happens):
    deadline = time.monotonic() + 30
    while not happens():
        if time.monotonic() > deadline:
            raise TimeoutError("the sound server does not do what it was asked for")
        time.sleep(0.02)
