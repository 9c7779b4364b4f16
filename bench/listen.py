"""How late `serfast listen` is and what it costs, through PortAudio and a PulseAudio server.

    python bench/listen.py [--model DIR] [--seconds 30]

Sample voices are played into a null sink; PortAudio hears its monitor.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

import serfast
from serfast.live import Microphone, listen
from serfast.models import load_model

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import soundserver

RATE = 48000
BLOCK = RATE // 100
SILENCE_SECONDS = 2
RAW = ["--format=float32le", f"--rate={RATE}", "--channels=1", "--latency-msec=20"]


class Player(threading.Thread):
    """Plays silence, then voices, a block every 10 ms; `began` is when the first voice did."""

    def __init__(self, seconds, environment):
        super().__init__()
        paths = sorted(serfast.datasets.samples_dir().rglob("*.wav"))
        silence = np.zeros(SILENCE_SECONDS * RATE, np.float32)
        self.sound = np.concatenate([silence, *(serfast.load(path, sr=RATE)[0] for path in paths)])
        self.n_blocks, self.environment = round(seconds * 100), environment
        self.began = 0.0

    def run(self):
        command = ["pacat", "--playback", *RAW]
        started = time.perf_counter()
        with subprocess.Popen(command, stdin=subprocess.PIPE, env=self.environment) as player:
            for number in range(self.n_blocks):
                time.sleep(max(0.0, started + number / 100 - time.perf_counter()))
                if number == SILENCE_SECONDS * 100:
                    self.began = time.perf_counter()
                player.stdin.write(self.sound[number * BLOCK : (number + 1) * BLOCK].tobytes())
                player.stdin.flush()


def pacat_delay(environment):
    """Seconds from a sound to PulseAudio's own recorder."""
    player = Player(SILENCE_SECONDS + 2, environment)
    player.start()
    command = ["pacat", "--record", "--device=silent.monitor", *RAW]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as recorder:
        while not any(recorder.stdout.read1(65536)):
            pass
        delay = time.perf_counter() - player.began
        recorder.terminate()
    player.join()
    return delay


def measure(model, seconds, environment):
    """The source, seconds from sound to samples and to voice, words, the share of one CPU."""
    os.environ.update(environment)  # PortAudio reads it
    source, player = Microphone(), Player(seconds + 2, environment)
    heard = voiced = None
    words = []
    player.start()
    started = time.perf_counter(), time.process_time()
    for update in listen(source, model, seconds=seconds):
        now = time.perf_counter() - player.began
        if heard is None and not update.mute:
            heard = now
        if voiced is None and update.voice:
            voiced = now
        if update.word:
            words.append(update.word)
    share = (time.process_time() - started[1]) / (time.perf_counter() - started[0])
    player.join()
    return source, heard, voiced, words, share


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    model = load_model(options.model)
    with soundserver.sound_server(RATE) as environment:
        delay = pacat_delay(environment)
        source, heard, voiced, words, share = measure(model, options.seconds, environment)
    lateness = [1000 * word.latency for word in words]
    print(
        f"{source.name}, {source.rate} Hz; {model.name}; {options.seconds:g} s, {len(words)} words"
    )
    print(f"sound to PulseAudio's own recorder: {1000 * delay:.0f} ms")
    print(f"sound to serfast:                   {1000 * heard:.0f} ms")
    print(f"sound to voice detected:            {1000 * voiced:.0f} ms")
    print(
        f"end of window to word:              median {statistics.median(lateness):.0f} ms, "
        f"longest {max(lateness):.0f} ms, {1000 * source.latency:.0f} of them PortAudio's statement"
    )
    print(f"CPU: {100 * share:.1f} % of one; overflows: {source.overflows}")


if __name__ == "__main__":
    main()
