"""The page of `serfast demo` in a real browser without a screen, whose microphone is a WAV file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

import serfast
from serfast.datasets import find_clips, samples_dir
from serfast.models import load_model, train

pytest.importorskip("aiohttp", reason='no aiohttp: pip install "serfast[demo]"')
pytest.importorskip("selenium", reason='no selenium: pip install "serfast[test]"')

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    BROWSER is None or DRIVER is None, reason="no Chromium: apt install chromium chromium-driver"
)

RATE = 48000
CLIPS = sorted(samples_dir().glob("Actor_0[12]/*.wav"))
PATIENCE_SECONDS = 300  # a machine may be busy; nothing is asserted about time
LABELS = {"angry", "happy", "neutral", "sad"}  # of the sample voices


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a model and the microphone's sound, outside of that in which the demo runs."""
    folder = tmp_path_factory.mktemp("home")
    train(find_clips(samples_dir()), "svm").save(folder / "svm")
    clips = [serfast.load(path, sr=RATE)[0] for path in CLIPS]
    soundfile.write(folder / "voice.wav", np.concatenate(clips), RATE)
    soundfile.write(folder / "long.wav", np.zeros(10_000_001), RATE)
    return folder


@pytest.fixture(scope="module")
def demo(home, tmp_path_factory):
    """The page's address, and the only folder that the demo could take for its own."""
    folder = tmp_path_factory.mktemp("empty")
    command = ["-m", "serfast", "demo", "--no-browser", "--seconds", "1", "--model", home / "svm"]
    with subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=folder, env=os.environ | {"HOME": str(folder), "TMPDIR": str(folder)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        yield server.stdout.readline().strip(), folder, server.pid
        server.terminate()
        _, errors = server.communicate(timeout=60)
    assert (server.returncode, errors) == (0, "")


@pytest.fixture(scope="module")
def browser(home):
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for switch in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,1100",
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={home / 'voice.wav'}",
    ):  # fmt: skip
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


class Page:
    """What a person sees and does."""

    def __init__(self, browser):
        self.browser = browser

    def find(self, name):
        return self.browser.find_element(By.ID, name)

    def text(self, name):
        return self.find(name).text

    def press(self, name):
        self.find(name).click()

    def wait(self, happens):
        end = time.monotonic() + PATIENCE_SECONDS
        while not (found := happens()):
            assert time.monotonic() < end, self.find("problem").text or "nothing happens"
            time.sleep(0.05)
        return found

    def heard(self):
        text = self.text("heard").removesuffix(" s")
        return 0.0 if text == "–" else float(text)

    def drawn(self, label):
        """How many columns of a track are not empty."""
        return self.browser.execute_script(
            """const canvas = document.querySelector(`canvas[aria-label^="${arguments[0]}"]`);
            const { width, height } = canvas;
            const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
            let columns = 0;
            for (let x = 0; x < width; x++) {
              for (let y = 0; y < height - 2; y++) {
                if (pixels[4 * (y * width + x) + 3]) { columns++; break; }
              }
            }
            return columns / width;""",
            label,
        )


@pytest.fixture
def page(browser, demo):
    address, *_ = demo
    browser.get("about:blank")
    browser.get(address)
    shown = Page(browser)
    shown.wait(lambda: browser.find_elements(By.CSS_SELECTOR, "#tracks canvas"))
    yield shown
    said = browser.get_log("browser")
    assert [entry for entry in said if entry["level"] in ("SEVERE", "WARNING")] == []


def test_it_listens(page):
    page.press("start")
    page.wait(lambda: page.text("emotion") in LABELS)
    page.wait(lambda: page.heard() > 3)
    for track in ("the waveform", "the mel", "coefficients", "loudness", "pitch"):
        assert page.drawn(track) > 0.05, track
    page.wait(lambda: page.drawn(f"the probability of {page.text('emotion')}") > 0.05)
    shares = page.browser.find_elements(By.CSS_SELECTOR, ".track.likeliest .value")
    assert [share.text.endswith(" %") for share in shares] == [True]
    for cost in ("cost-features", "cost-word", "cost-server"):
        assert page.text(cost).endswith(" ms")
    page.press("start")
    assert page.text("start") == "Start listening"
    assert not page.find("problem").is_displayed()


def test_it_stops_listening_when_it_cannot_follow(page, demo):
    *_, server = demo
    page.press("start")
    page.wait(lambda: page.heard() > 0)
    os.kill(server, signal.SIGSTOP)
    try:
        page.wait(lambda: "is 10 seconds behind what is said" in page.text("problem"))
        assert page.text("start") == "Start listening"
    finally:
        os.kill(server, signal.SIGCONT)
    page.press("start")
    page.wait(lambda: page.text("emotion") in LABELS)
    assert not page.find("problem").is_displayed()
    page.press("start")


def test_a_voice_is_learnt_by_a_button(page):
    page.press("start")
    page.press("learn")
    page.wait(lambda: page.text("learnt").startswith("learnt from one stretch"))
    assert page.find("learn").get_attribute("aria-pressed") == "true"
    page.press("learn")
    page.press("start")
    page.press("forget")
    page.wait(lambda: page.text("learnt") == "")
    assert not page.find("forget").is_enabled()


def test_files_and_samples_give_a_prediction(page, home):
    page.find("file").send_keys(str(CLIPS[0]))
    page.wait(lambda: page.find("player").is_displayed())
    (expected,) = load_model(home / "svm").predict_files([CLIPS[0]])
    share = round(100 * expected.probabilities[expected.label])
    assert page.text("emotion") == expected.label
    assert page.text("share") == f"{share} %, the whole of {CLIPS[0].name}"
    assert page.drawn("the mel") > 0.95
    Select(page.find("sample")).select_by_index(3)
    page.wait(lambda: "the whole of speaker 01" in page.text("share"))


def test_what_is_no_audio_and_what_is_too_long_is_refused(page, home):
    page.find("file").send_keys(str(home / "long.wav"))
    page.wait(lambda: page.find("problem").is_displayed())
    assert page.text("problem") == "the file has 20.0 MB; at most 20 MB are taken"
    page.find("file").send_keys(str(home / "svm" / "model.json"))
    page.wait(lambda: "the file could not be decoded" in page.text("problem"))
    page.find("file").send_keys(str(CLIPS[0]))
    page.wait(lambda: page.find("player").is_displayed())
    assert not page.find("problem").is_displayed()


def test_models_are_chosen_from_a_list(page):
    choice = Select(page.find("model"))
    assert [option.text for option in choice.options] == ["svm", "default"]
    assert page.browser.find_elements(By.CSS_SELECTOR, 'canvas[aria-label*="of fearful"]') == []
    choice.select_by_value("default")
    assert page.browser.find_elements(By.CSS_SELECTOR, 'canvas[aria-label*="of fearful"]')
    Select(page.find("sample")).select_by_index(1)
    page.wait(lambda: page.find("player").is_displayed())


def test_the_scenario_runs_by_keyboard(page):
    page.find("to-pictures").send_keys(Keys.ENTER)
    count = page.wait(lambda: page.find("count").is_displayed() and page.find("count"))
    assert count.get_attribute("max") == "4"
    count.clear()
    count.send_keys("3")
    page.find("begin").send_keys(Keys.ENTER)
    page.wait(lambda: page.find("shown").is_displayed())
    page.wait(lambda: page.find("results").is_displayed())
    cards = page.browser.find_elements(By.CSS_SELECTOR, "#cards li")
    facts = [[fact.text for fact in card.find_elements(By.TAG_NAME, "dd")] for card in cards]
    assert len(facts) == 3
    assert all(expected in LABELS for expected, _ in facts)
    assert {detected for _, detected in facts} <= {*LABELS, "–"}
    right = sum(expected == detected for expected, detected in facts)
    assert page.text("summary") == f"{right} of 3 as expected"
    assert page.text("confusions").endswith("Guessing finds one in 4.")
    assert page.browser.switch_to.active_element == page.find("summary")


def test_the_scenario_can_be_stopped(page):
    page.press("to-pictures")
    page.press("begin")
    page.wait(lambda: page.find("shown").is_displayed())
    page.press("break")
    page.wait(lambda: page.find("results").is_displayed() or page.find("intro").is_displayed())


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_is_wider_than_the_screen(browser, demo, width):
    before = browser.current_window_handle
    browser.switch_to.new_window("tab")  # other tests go on in one that had no other size
    try:
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        browser.get(demo[0])
        page = Page(browser)
        page.wait(lambda: browser.find_elements(By.CSS_SELECTOR, "#tracks canvas"))
        for view in ("to-pictures", "to-listen"):
            page.press(view)
            taken = browser.execute_script("return document.documentElement.scrollWidth")
            assert taken <= width
    finally:
        browser.close()
        browser.switch_to.window(before)


def test_whatever_can_be_used_has_a_name(page):
    assert (
        page.browser.execute_script(
            """return [...document.querySelectorAll("button, select, input, a, canvas")]
        .filter((one) => !(one.textContent.trim() || one.ariaLabel || one.labels?.length))
        .map((one) => one.outerHTML);"""
        )
        == []
    )


def test_nothing_is_written(demo, page):
    _, folder, _ = demo
    page.press("start")
    page.wait(lambda: page.heard() > 1)
    page.press("start")
    assert list(folder.rglob("*")) == []
