"""The C interface: the values of the Python functions, words for what is refused, both examples."""

from __future__ import annotations

import ctypes
import inspect
import os
import re
import shutil
import subprocess
import sys
import threading
from ctypes import POINTER, c_char, c_char_p, c_double, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path

import numpy as np
import pytest

import serfast
from helpers import FRAMEWISE, SR, assert_same, speech
from serfast import Extractor, _core

EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "c-api"
COMPILERS = {"c99": ["cc", "-std=c99", "-xc"], "c++17": ["c++", "-std=c++17", "-xc++"]}
Y = speech(9000)


class Error(ctypes.Structure):
    _fields_ = [("code", c_int), ("message", c_char * 508)]


class Option(ctypes.Structure):
    _fields_ = [
        ("name", c_char_p), ("number", c_double), ("text", c_char_p),
        ("values", POINTER(c_double)), ("n_values", c_size_t),
    ]  # fmt: skip


def function(result, *arguments):
    return ctypes.CFUNCTYPE(result, *arguments)


class Api(ctypes.Structure):
    _fields_ = [
        ("abi", c_int),
        ("size", c_size_t),
        ("version", c_char_p),
        ("plan_create", function(c_void_p, c_char_p, POINTER(Option), c_size_t, POINTER(Error))),
        ("plan_free", function(None, c_void_p)),
        ("n_rows", function(c_int64, c_void_p)),
        ("n_frames", function(c_int64, c_void_p, c_int64, POINTER(Error))),
        ("workspace_create", function(c_void_p)),
        ("workspace_free", function(None, c_void_p)),
        ("run", function(c_int, c_void_p, c_void_p, c_void_p, c_int64, c_void_p, POINTER(Error))),
    ]


def get_api(abi=1):
    core = ctypes.CDLL(_core.__file__)
    core.serfast_get_api.restype = POINTER(Api)
    return core.serfast_get_api(abi)


API = get_api().contents


def option(name, value):
    """An option as C has it."""
    made = Option(name.encode())
    if value is None or isinstance(value, str):
        made.text = (value or "none").encode()
    elif isinstance(value, np.ndarray):
        made.values = np.ascontiguousarray(value, np.float64).ctypes.data_as(POINTER(c_double))
        made.n_values = len(value)
    else:
        made.number = value
    return made


class Refused(Exception):  # noqa: N818
    """What the C interface says."""


class Plan:
    """A plan of the C interface; Refused with its words where it does not take something."""

    def __init__(self, features, **options):
        made = [option(name.replace("__", "."), value) for name, value in options.items()]
        error = Error()
        self.plan = API.plan_create(
            features.encode(), (Option * len(made))(*made), len(made), ctypes.byref(error)
        )
        if not self.plan:
            raise Refused(error.message.decode())

    def __del__(self):
        API.plan_free(getattr(self, "plan", None))

    def __call__(self, y, workspace=None):
        error = Error()
        n_frames = API.n_frames(self.plan, len(y), ctypes.byref(error))
        if n_frames < 0:
            raise Refused(error.message.decode())
        out = np.empty((API.n_rows(self.plan), n_frames), np.float32)
        code = API.run(
            self.plan, workspace, y.ctypes.data, len(y), out.ctypes.data, ctypes.byref(error)
        )
        if code != 0:
            raise Refused(error.message.decode())
        return out


def test_every_feature_has_pythons_defaults():
    for feature in FRAMEWISE:
        assert_same(Plan(feature)(Y), Extractor(feature)(Y))


@pytest.mark.parametrize("feature", FRAMEWISE)
def test_every_option_has_pythons_name_and_default(feature):
    options = dict(Extractor(feature).config["options"][feature])
    options.pop("dtype", None)
    if "sr" in inspect.signature(getattr(serfast, feature)).parameters:
        options["sr"] = 22050
    assert_same(Plan(feature, **options)(Y), Extractor(feature)(Y))
    known = ", ".join(sorted(options))
    with pytest.raises(Refused, match=f"unknown option 'dtype'; known: {known}$"):
        Plan(feature, dtype="float32")


OPTIONS = {
    "melspectrogram": [
        {"n_mels": 40, "fmin": 100.0, "fmax": 4000.0, "htk": True, "norm": None, "power": 1.0},
        {"norm": 2.0, "n_fft": 400, "hop_length": 160},
        {"norm": np.inf, "win_length": 800, "hop_length": None, "n_mels": 30},
        {"window": np.hamming(600), "win_length": 600, "pad_mode": "edge"},
    ],
    "log_mel": [
        {"n_mels": 40, "ref": "max", "top_db": 20.0},
        {"norm": None, "ref": 0.1, "amin": 1e-5, "top_db": None},
    ],
    "mfcc": [
        {"n_mfcc": 40, "dct_type": 3, "norm": None, "lifter": 22.0, "top_db": None},
        {"norm": "forward", "mel_norm": None, "top_db": 20.0, "center": False},
    ],
    "chroma_stft": [
        {"norm": None, "tuning": 0.25, "n_chroma": 24, "octwidth": None, "base_c": False},
        {"norm": 1.0, "ctroct": 4.0, "power": 1.0},
    ],
    "spectral_centroid": [{"n_fft": 1001, "hop_length": 100}],
    "spectral_bandwidth": [{"norm": False, "p": 1.5}],
    "spectral_rolloff": [{"roll_percent": 0.5, "pad_mode": "linear_ramp"}],
    "spectral_flatness": [{"amin": 1e-5, "power": 1.0}],
    "spectral_contrast": [
        {"fmin": 100.0, "n_bands": 4, "quantile": 0.2, "linear": True},
        {"top_db": None, "pad_mode": "reflect"},
    ],
    "rms": [{"frame_length": 512, "hop_length": 100, "pad_mode": "symmetric"}],
    "zero_crossing_rate": [
        {"frame_length": 500, "threshold": 0.01, "pad": True, "zero_pos": False, "center": False},
    ],
    "voiced_f0": [{"fmin": 100.0, "min_periodicity": 0.3}],
    "periodicity": [{"sr": 16000.0, "fmax": 300.0, "trough_threshold": 0.5, "frame_length": 1024}],
}  # fmt: skip


@pytest.mark.parametrize("feature", FRAMEWISE)
@pytest.mark.filterwarnings("ignore:Empty filters")
def test_options_mean_what_they_mean_in_python(feature):
    for options in OPTIONS[feature]:
        expected = Extractor(feature, **options)(Y)
        assert_same(Plan(feature, **options)(Y), expected)
        assert not np.array_equal(expected, Extractor(feature)(Y))


def test_several_features_share_a_plan():
    fx = Extractor(["mfcc", "chroma_stft", "rms"], hop_length=256, mfcc={"norm": None}, center=True)
    plan = Plan("mfcc, chroma_stft,rms", hop_length=256, mfcc__norm=None)
    assert_same(plan(Y), fx(Y))


def test_a_workspace_serves_any_plans():
    workspace = API.workspace_create()
    for feature in FRAMEWISE:
        for n in (9000, 1, 20000):
            y = speech(n)
            assert_same(Plan(feature)(y, workspace), Extractor(feature)(y))
    API.workspace_free(workspace)


def test_threads_share_a_plan():
    plan = Plan("mfcc", sr=SR)
    signals = [speech(40000, seed) for seed in range(4)]
    got = [[] for _ in signals]

    def run(i):  # ctypes lets go of the GIL for the call
        got[i] = [plan(signals[i]) for _ in range(10)]

    workers = [threading.Thread(target=run, args=(i,)) for i in range(len(signals))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for y, results in zip(signals, got, strict=True):
        expected = serfast.mfcc(y=y, sr=SR)
        for result in results:
            assert_same(result, expected)


REFUSED = {
    "unknown feature 'mfc'; known: .*mfcc": ("mfc", {}),
    "unknown feature ''": ("mfcc,", {}),
    "unknown option 'n_bands'; known: ": ("mfcc", {"n_bands": 3}),
    "unknown option 'rms.center'; known: ": ("mfcc", {"rms__center": 0}),
    "n_mfcc=0 must be a positive integer$": ("mfcc", {"n_mfcc": 0}),
    "n_mfcc=2.5 must be a positive integer": ("mfcc", {"n_mfcc": 2.5}),
    "n_mfcc=nan must be": ("mfcc", {"n_mfcc": np.nan}),
    "n_mfcc=1e.12 must be": ("mfcc", {"n_mfcc": 1e12}),
    "n_mfcc='many' must be a positive integer": ("mfcc", {"n_mfcc": "many"}),
    "n_mfcc=an array must be": ("mfcc", {"n_mfcc": np.ones(3)}),
    "htk=2 must be 0 or 1": ("mfcc", {"htk": 2}),
    "sr=0 must be a finite number, greater than 0": ("mfcc", {"sr": 0}),
    "fmin=-1 must be a finite number, at least 0": ("mfcc", {"fmin": -1}),
    "top_db=-1 must be .* at least 0 or 'none'": ("mfcc", {"top_db": -1}),
    "mel_norm='area' must be .* or 'slaney' or 'none'": ("mfcc", {"mel_norm": "area"}),
    "dct_type=4 must be one of 1, 2, 3": ("mfcc", {"dct_type": 4}),
    "dct_type=1 needs at least 2 mel bands": ("mfcc", {"dct_type": 1, "n_mels": 1}),
    "n_mfcc=41 with a lifter must be at most 40": (
        "mfcc", {"lifter": 2, "n_mfcc": 41, "n_mels": 40},
    ),
    "norm='l2' must be 'ortho' or 'forward'": ("mfcc", {"norm": "l2"}),
    "pad_mode='wrap' must be 'constant' or 'edge'": ("rms", {"pad_mode": "wrap"}),
    "pad_mode=0 must be 'constant'": ("rms", {"pad_mode": 0}),
    "win_length=2049 must be at most n_fft=2048": ("mfcc", {"win_length": 2049}),
    "hop_length=0 must be": ("mfcc", {"n_fft": 2, "hop_length": None}),
    "window has 3 samples where 2048 are needed": ("mfcc", {"window": np.ones(3)}),
    "window must be finite": ("mfcc", {"window": np.full(2048, np.nan)}),
    "window='hamming' must be an array or 'hann'": ("mfcc", {"window": "hamming"}),
    r"roll_percent=1 must be a number in the range \(0, 1\)": (
        "spectral_rolloff", {"roll_percent": 1},
    ),
    "highest band of spectral_contrast would begin at 12800 Hz.*11025": (
        "spectral_contrast", {"n_bands": 7},
    ),
    "holds too few of the 17 frequency bins": ("spectral_contrast", {"n_fft": 32}),
}  # fmt: skip


@pytest.mark.parametrize("words", REFUSED)
def test_refusals_say_what_was_allowed(words):
    features, options = REFUSED[words]
    with pytest.raises(Refused, match=words):
        Plan(features, **options)


def test_signals_that_are_refused():
    plan = Plan("rms", center=False)
    with pytest.raises(Refused, match="2047 samples is too short"):
        plan(speech(2047))
    bad = speech(3000)
    bad[7] = np.inf
    with pytest.raises(Refused, match="sample 7 is infinite"):
        plan(bad)
    with pytest.raises(Refused, match="mfcc has 18 frames but rms has 36"):
        Plan("mfcc,rms", rms__hop_length=256)(Y)
    assert_same(plan(speech(3000)), Extractor("rms", center=False)(speech(3000)))


def test_null_pointers_and_impossible_lengths_are_refused():
    plan, error, out = Plan("rms"), Error(), np.empty(1, np.float32)
    calls = {
        b"plan is NULL": lambda: API.run(None, None, out.ctypes.data, 1, out.ctypes.data, error),
        b"y is NULL": lambda: API.run(plan.plan, None, None, 1, out.ctypes.data, error),
        b"out is NULL": lambda: API.run(plan.plan, None, out.ctypes.data, 1, None, error),
        b"n=-1 must be from 0 to 2305843009213693951": lambda: API.n_frames(plan.plan, -1, error),
        b"n=9223372036854775807 must be from 0 to 2305843009213693951": lambda: API.n_frames(
            plan.plan, 2**63 - 1, error
        ),
        b"features is NULL": lambda: API.plan_create(None, None, 0, error) or error.code,
        b"options is NULL": lambda: API.plan_create(b"rms", None, 1, error) or error.code,
        b"an option has no name": lambda: API.plan_create(b"rms", Option(), 1, error) or error.code,
    }
    for words, call in calls.items():
        assert call() == error.code == -1
        assert error.message == words
    assert API.n_frames(None, 5, None) == -1
    API.plan_free(None)
    API.workspace_free(None)


def test_the_table_is_of_this_abi_only():
    assert (API.abi, API.size, API.version.decode()) == (1, ctypes.sizeof(Api), serfast.__version__)
    assert not get_api(2)
    assert not get_api(0)


# ---------------------------------------------------------------- compiled


def run(*command, cwd):
    # Unoptimized code is compiled in a third of the time.
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True,
        env={**os.environ, "CFLAGS": "-O0"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compiler(language):
    command = COMPILERS[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here to compile with")
    return [*command, "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{serfast.get_include()}"]


@pytest.mark.parametrize("language", COMPILERS)
def test_header_compiles_and_its_structs_keep_their_layout(tmp_path, language):
    offsets = "\n".join(
        f'printf("%d\\n", (int)offsetof(serfast_api, {name}));' for name, *_ in Api._fields_
    )
    (tmp_path / "layout").write_text(
        f"""
        #include <serfast.h>
        #include <stdio.h>
        int main(void) {{
            {offsets}
            printf("%d\\n", (int)sizeof(serfast_api));
            printf("%d\\n", (int)sizeof(serfast_option));
            printf("%d\\n", (int)sizeof(serfast_error));
            printf("%d\\n", SERFAST_ABI);
            return 0;
        }}
        """
    )
    run(*compiler(language), "layout", "-o", "program", cwd=tmp_path)
    expected = [getattr(Api, name).offset for name, *_ in Api._fields_]
    expected += [ctypes.sizeof(Api), ctypes.sizeof(Option), ctypes.sizeof(Error), 1]
    assert list(map(int, run(tmp_path / "program", cwd=tmp_path).split())) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="the example's command is for Unix")
def test_example_in_c_runs(tmp_path, monkeypatch, capsys):
    shutil.copy(EXAMPLES / "loudest.c", tmp_path)
    shared = ["-O2", "-shared", "-fPIC", "loudest.c", "-o", "loudest.lib"]
    run(*compiler("c++17"), *shared, cwd=tmp_path)
    run(*compiler("c99"), *shared, cwd=tmp_path)
    text = (EXAMPLES / "README.md").read_text()
    monkeypatch.chdir(tmp_path)
    exec(re.search(r"```python\n(.*?)```", text, flags=re.DOTALL)[1], {})
    assert capsys.readouterr().out == "2\n"


def test_example_in_cython_runs(tmp_path):
    pytest.importorskip("Cython", reason="Cython is not installed")
    pytest.importorskip("setuptools", reason="setuptools is not installed")
    compiler("c99")
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    run(sys.executable, "setup.py", "build_ext", "--inplace", cwd=tmp_path)
    np.save(tmp_path / "y.npy", Y)
    code = """
        import threading
        import numpy as np, serfast, example
        y = np.load("y.npy")
        mfcc = example.Mfcc(16000, 13)
        expected = serfast.mfcc(y=y, sr=16000, n_mfcc=13)
        found = []
        workers = [threading.Thread(target=lambda: found.append(mfcc(y))) for _ in range(4)]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
        assert len(found) == 4
        assert all(np.array_equal(one, expected) for one in found)
        for bad in (lambda: example.Mfcc(-1), lambda: mfcc(np.full(10, np.nan, np.float32))):
            try: bad()
            except ValueError as error: print(error)
        """
    lines = run(
        sys.executable, "-c", "\n".join(line[8:] for line in code.splitlines()), cwd=tmp_path
    )
    assert lines.splitlines() == [
        "sr=-1 must be a finite number, greater than 0",
        "audio is not finite everywhere: sample 0 is not a number",
    ]


def test_python_extensions_import_the_table():
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = c_void_p, [ctypes.py_object, c_char_p]
    pointer = get_pointer(_core._C_API, b"serfast._core._C_API")
    assert pointer == ctypes.cast(get_api(), c_void_p).value
