"""librosa with serfast's functions in it: what is replaced, what is answered, and the way back."""

from __future__ import annotations

import inspect
import io
import re
import subprocess
import sys
import threading
from types import FunctionType, ModuleType

import numpy as np
import pytest

import serfast
from helpers import error_over_scale, run_python, speech

librosa = pytest.importorskip("librosa")

Y = speech(16000)
# The second channel far below the first: a floor over both cuts it off.
STEREO = np.stack([Y, 1e-5 * speech(16000, seed=1)])


@pytest.fixture(autouse=True)
def no_patch_stays():
    yield
    assert not any(is_serfasts(value) for _, _, value in attributes())


def attributes():
    for module_name, module in list(sys.modules.items()):
        if module_name.split(".")[0] == "librosa" and isinstance(module, ModuleType):
            yield from ((module_name, name, value) for name, value in list(vars(module).items()))


def is_serfasts(value):
    return isinstance(value, FunctionType) and "serfast" in value.__code__.co_filename


def shared_functions(namespace=serfast, path=()):
    """The dotted paths of functions that both packages have, but for tools and pictures."""
    for name in sorted({*getattr(namespace, "__all__", ())} - {"util", "display"}):
        theirs = librosa
        try:
            for part in (*path, name):
                theirs = getattr(theirs, part)
        except AttributeError:
            continue
        ours = getattr(namespace, name)
        if isinstance(ours, ModuleType):
            yield from shared_functions(ours, (*path, name))
        # An old name of a function that has moved warns of that, and stays.
        elif isinstance(ours, FunctionType) and theirs.__module__.split(".")[1] in (*path, "core"):
            yield (*path, name)


def in_librosa(path):
    found = librosa
    for part in path:
        found = getattr(found, part)
    return found


SHARED = list(shared_functions())


def row(report, name):
    return next(row for row in report.rows if row.function == f"librosa.{name}")


def counts(report, name):
    found = row(report, name)
    return found.calls, found.fallbacks


# ---------------------------------------------------------------- what is replaced


def test_many_functions_are_shared():
    assert ("stft",) in SHARED
    assert ("feature", "mfcc") in SHARED
    assert ("filters", "mel") in SHARED


@pytest.mark.parametrize("path", SHARED, ids=".".join)
def test_every_shared_function_is_replaced_and_given_back(path):
    before = in_librosa(path)
    with serfast.patched_librosa():
        patched = in_librosa(path)
        assert is_serfasts(patched)
        assert patched.__wrapped__ is before
    assert in_librosa(path) is before


def test_a_replacement_looks_like_librosas_function():
    mfcc = librosa.feature.mfcc
    with serfast.patched_librosa():
        patched = librosa.feature.mfcc
    assert (patched.__name__, patched.__doc__, patched.__module__) == (
        "mfcc", mfcc.__doc__, "librosa.feature.spectral",
    )  # fmt: skip
    assert inspect.signature(patched) == inspect.signature(mfcc)


def test_all_names_of_a_function_are_replaced():
    with serfast.patched_librosa():
        assert librosa.stft is librosa.core.stft is sys.modules["librosa.core.spectrum"].stft
        assert sys.modules["librosa.feature.spectral"].power_to_db is librosa.power_to_db
        assert not any(
            is_serfasts(value.__wrapped__)
            for _, _, value in attributes()
            if isinstance(value, FunctionType) and hasattr(value, "__wrapped__")
        )


def test_nothing_else_is_touched():
    before = {(module, name): value for module, name, value in attributes()}
    serfast.patch_librosa()
    serfast.patch_librosa()
    assert before != {(module, name): value for module, name, value in attributes()}
    serfast.unpatch_librosa()
    after = {(module, name): value for module, name, value in attributes()}
    assert all(after[key] is value for key, value in before.items())
    serfast.unpatch_librosa()


def test_modules_that_load_later_are_patched_and_given_back():
    code = """
        import sys, serfast
        serfast.patch_librosa()
        assert "librosa" not in sys.modules
        import librosa
        assert "librosa.effects" not in sys.modules
        first = librosa.stft
        from librosa.feature import mfcc
        from librosa import effects
        assert effects.core.stft is first and hasattr(first, "__wrapped__")
        serfast.unpatch_librosa()
        assert librosa.stft is librosa.core.stft is first.__wrapped__
        assert effects.feature.mfcc is mfcc.__wrapped__
        import librosa.beat
        assert librosa.beat.core.stft is librosa.stft
    """
    run_python(code)


def test_librosa_must_be_installed():
    code = """
        import sys
        sys.modules["librosa"] = None
        import serfast
        try:
            serfast.patch_librosa()
        except ModuleNotFoundError as error:
            print(error, error.name)
    """
    words = "serfast.patch_librosa() needs librosa, which is not installed here librosa\n"
    assert run_python(code) == words


# ---------------------------------------------------------------- what is answered

CALLS = {
    "stft": lambda: librosa.stft(Y),
    "mfcc": lambda: librosa.feature.mfcc(y=Y, sr=16000, n_mfcc=20),
    "chroma_stft": lambda: librosa.feature.chroma_stft(y=Y, sr=16000),
    "melspectrogram": lambda: librosa.feature.melspectrogram(y=STEREO, sr=16000),
    "spectral_centroid": lambda: librosa.feature.spectral_centroid(y=Y, sr=16000),
    "rms": lambda: librosa.feature.rms(y=STEREO),
    "mfcc of channels": lambda: librosa.feature.mfcc(y=STEREO, sr=16000),
    "mfcc of rows": lambda: librosa.feature.mfcc(S=np.log(1 + np.abs(librosa.stft(STEREO)))),
    "chroma of channels": lambda: librosa.feature.chroma_stft(y=STEREO, sr=16000),
    "contrast of channels": lambda: librosa.feature.spectral_contrast(y=STEREO, sr=16000),
    "phase_vocoder": lambda: librosa.phase_vocoder(librosa.stft(Y.astype(float)), rate=1.5),
    "onset_strength": lambda: librosa.onset.onset_strength(y=Y, sr=16000),
}


@pytest.mark.parametrize("call", CALLS)
def test_values_stay_librosas(call):
    expected = CALLS[call]()
    with serfast.patched_librosa() as report:
        actual = CALLS[call]()
    assert sum(found.calls - found.fallbacks for found in report.rows) > 0
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    assert error_over_scale(actual, expected) < 1e-4


def of_signals():
    """Functions that need nothing but a signal."""
    for path in SHARED:
        parameters = inspect.signature(in_librosa(path)).parameters.values()
        needed = [
            p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD
        ]
        if "y" in [p.name for p in parameters] and needed in ([], ["y"]):
            yield path


def flat(result):
    """The numbers of an array, or of a tuple or list of arrays."""
    several = isinstance(result, (tuple, list))
    return np.concatenate([flat(part) for part in result]) if several else 1.0 * np.ravel(result)


def outcome(path, y):
    """The numbers, or none if channels are refused."""
    try:
        return flat(in_librosa(path)(y=y))
    except librosa.ParameterError:
        return None


@pytest.mark.parametrize("path", list(of_signals()), ids=".".join)
@pytest.mark.filterwarnings("ignore")
def test_loud_and_faint_channels_have_librosas_values(path):
    y = STEREO[:, :12000].astype(np.float64)
    expected = outcome(path, y)
    with serfast.patched_librosa():
        actual = outcome(path, y)
    if expected is not None:
        assert actual.shape == expected.shape
        assert error_over_scale(actual, expected) < 1e-7


@pytest.mark.parametrize(
    ("feature", "relative", "absolute"), [("stft", 1e-5, 1e-8), ("spectral_contrast", 1e-4, 1e-6)]
)
def test_float32_shows_no_noise_of_its_transform(feature, relative, absolute):
    y = STEREO[:1].copy()
    y[:, :8000] = np.round(3 * y[:, :8000]) * 2.0**-15  # silence but for steps of 16 bits

    def compute():
        if feature == "stft":
            return librosa.stft(y, n_fft=512)
        return getattr(librosa.feature, feature)(y=y, n_fft=512)

    expected = compute()
    with serfast.patched_librosa():
        actual = compute()
    assert actual.dtype == expected.dtype
    np.testing.assert_allclose(actual, expected, relative, absolute)


def test_channels_that_share_a_floor_are_left_to_librosa():
    with serfast.patched_librosa() as report:
        librosa.feature.mfcc(y=STEREO)
        librosa.feature.mfcc(y=STEREO[:1])
        librosa.feature.mfcc(S=np.ones((2, 40, 10)))
    assert counts(report, "feature.mfcc") == (3, 1)
    assert row(report, "feature.mfcc").reasons == {"several channels": 1}


def test_arguments_that_serfast_refuses_go_to_librosa():
    whole = np.arange(4096) % 100
    expected = librosa.feature.rms(y=whole)
    with serfast.patched_librosa() as report:
        for _ in range(3):
            np.testing.assert_array_equal(librosa.feature.rms(y=whole), expected)
        librosa.feature.rms(y=Y)
    assert counts(report, "feature.rms") == (4, 3)
    ((reason, times),) = row(report, "feature.rms").reasons.items()
    assert reason.startswith("ParameterError: y has dtype int64")
    assert times == 3


@pytest.fixture
def hz_to_octs_is(monkeypatch):
    """Puts another function in the place of librosa's, as another version might have it."""
    module = sys.modules["librosa.core.convert"]

    def replace(function):
        function.__module__, function.__name__ = module.__name__, "hz_to_octs"
        monkeypatch.setattr(module, "hz_to_octs", function)
        return lambda **options: module.hz_to_octs([440.0], **options)

    return replace


def test_unknown_keywords_go_to_librosa(hz_to_octs_is):
    call = hz_to_octs_is(lambda frequencies, **flavours: list(flavours))
    with serfast.patched_librosa() as report:
        assert call() == [4.0]
        assert call(sweet=1) == ["sweet"]
    assert counts(report, "hz_to_octs") == (2, 1)
    assert "unexpected keyword argument 'sweet'" in str(report)


def test_reasons_do_not_pile_up(hz_to_octs_is):
    call = hz_to_octs_is(lambda frequencies, **flavours: list(flavours))
    with serfast.patched_librosa() as report:
        for i in range(30):
            call(**{f"flavour{i}": i})
    (found,) = report.rows
    assert found.fallbacks == found.reasons.total() == 30
    assert len(found.reasons) == 21
    assert found.reasons["others"] == 10


def test_defaults_are_librosas(hz_to_octs_is):
    call = hz_to_octs_is(lambda frequencies, *, tuning=12.0, bins_per_octave=12: None)
    with serfast.patched_librosa() as report:
        assert call() == [3.0]
        assert call(tuning=0.0) == [4.0]
    assert counts(report, "hz_to_octs") == (2, 0)


def test_a_function_with_other_parameters_is_left_alone(hz_to_octs_is):
    call = hz_to_octs_is(lambda frequencies, *, tuning=0.0, stretched=True: "stretched")
    with serfast.patched_librosa() as report:
        assert call() == "stretched"
    assert report.rows == []


def test_a_file_that_serfast_has_begun_to_read_is_rewound(monkeypatch):
    def load(path):
        return path.read()

    module = sys.modules["librosa.core.audio"]
    monkeypatch.setattr(load, "__module__", module.__name__)
    monkeypatch.setattr(module, "load", load)
    file = io.BytesIO(b"..no audio")
    file.seek(2)
    with serfast.patched_librosa() as report:
        assert module.load(file) == b"no audio"
    assert counts(report, "load") == (1, 1)


def test_an_iterator_that_serfast_has_begun_to_read_is_read_again():
    y = np.random.default_rng(0).standard_normal(400)
    intervals = [np.array([-50, -10]), np.array([100, 300])]
    expected = librosa.effects.remix(y, iter(intervals))
    with serfast.patched_librosa():
        np.testing.assert_array_equal(librosa.effects.remix(y, iter(intervals)), expected)


def test_errors_are_librosas_and_not_counted():
    with serfast.patched_librosa() as report:
        with pytest.raises(librosa.ParameterError) as caught:
            librosa.stft(np.full(4096, np.nan))
        with pytest.raises(TypeError):
            librosa.stft(Y, no_such_option=1)
    assert caught.value.__context__ is None
    assert report.rows == []


def test_a_patch_taken_off_after_an_error():
    with pytest.raises(RuntimeError, match="stop"), serfast.patched_librosa():
        raise RuntimeError("stop")


def test_a_context_within_a_patch_leaves_it_on():
    serfast.patch_librosa()
    with serfast.patched_librosa():
        librosa.feature.rms(y=Y)
    assert is_serfasts(librosa.feature.rms)
    serfast.unpatch_librosa()
    assert counts(serfast.patch_report(), "feature.rms") == (1, 0)


def test_counts_begin_anew_with_a_patch():
    with serfast.patched_librosa():
        librosa.feature.rms(y=Y)
    with serfast.patched_librosa() as report:
        assert report.rows == []


def test_the_report_is_a_table():
    with serfast.patched_librosa() as report:
        librosa.feature.rms(y=np.ones(4096, int))
        librosa.stft(Y)
    assert re.match(r"function +calls +by librosa\n", str(report))
    assert re.search(r"^librosa\.feature\.rms +1 +1\n +1 x ParameterError: y ", str(report), re.M)
    assert re.search(r"^librosa\.stft +1 +0$", str(report), re.M)


def test_threads_count_together():
    def work():
        for _ in range(50):
            librosa.feature.rms(y=Y)
            librosa.feature.rms(y=np.ones(4096, int))

    with serfast.patched_librosa() as report:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counts(report, "feature.rms") == (400, 200)


# ---------------------------------------------------------------- librosa 1.0


@pytest.fixture
def version_1(monkeypatch):
    monkeypatch.setattr(sys.modules["librosa.version"], "version", "1.0.0")


@pytest.mark.parametrize(
    "path",
    [("effects", "pitch_shift"), ("feature", "inverse", "mel_to_audio"), ("perceptual_weighting",)],
    ids=".".join,
)
def test_what_1_0_computes_otherwise_is_left_alone(path, version_1):
    with serfast.patched_librosa():
        assert not is_serfasts(in_librosa(path))
        assert is_serfasts(librosa.effects.hpss)


ABOVE = {
    "octaves above a fifth": lambda: librosa.cqt(Y, n_bins=98),
    "just intervals": lambda: librosa.vqt(Y, sr=15500, intervals=[1, 1.25, 1.5], n_bins=24),
    "beyond half": lambda: librosa.pseudo_cqt(Y, n_bins=101),
    "short filters": lambda: librosa.hybrid_cqt(Y, n_bins=96, filter_scale=0.1),
    "a low rate": lambda: librosa.feature.chroma_cqt(y=Y, sr=10200),
    "through chroma": lambda: librosa.feature.tonnetz(y=Y, fmin=72.0),
}
BELOW = {
    "octaves up to a fifth": lambda: librosa.cqt(Y, n_bins=97),
    "just intervals": lambda: librosa.vqt(Y, sr=16000, intervals=[1, 1.25, 1.5], n_bins=24),
    "up to half": lambda: librosa.pseudo_cqt(Y, n_bins=97),
    "chroma": lambda: librosa.feature.chroma_cens(y=Y),
    "chroma of a low rate": lambda: librosa.feature.chroma_vqt(y=Y, sr=11025, intervals="equal"),
    "through chroma": lambda: librosa.feature.tonnetz(y=Y, sr=11025),
}


@pytest.mark.parametrize(
    ("call", "differs"),
    [
        (call, differs)
        for calls, differs in ((ABOVE, True), (BELOW, False))
        for call in calls.values()
    ],
    ids=[*(f"above: {name}" for name in ABOVE), *(f"below: {name}" for name in BELOW)],
)
@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning")
def test_filters_that_1_0_treats_otherwise_are_left_to_it(call, differs, version_1):
    with serfast.patched_librosa() as report:
        call()
    reasons = [reason for found in report.rows for reason in found.reasons]
    assert any("librosa 1.0" in reason for reason in reasons) == differs


# ---------------------------------------------------------------- the command

PROGRAM = """
import sys
import librosa, numpy as np
from beside import SAMPLES
print(__name__, sys.argv[1:], hasattr(librosa.stft, "__wrapped__"))
librosa.feature.mfcc(y=np.ones(SAMPLES))
if "--raise" in sys.argv:
    raise RuntimeError("as asked")
sys.exit(3)
"""


def run_patched(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "serfast.patch", *map(str, arguments)],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


@pytest.fixture
def program(tmp_path):
    (tmp_path / "beside.py").write_text("SAMPLES = 4096")
    (tmp_path / "program.py").write_text(PROGRAM)
    return tmp_path / "program.py"


def test_a_program_runs_patched(program):
    done = run_patched(program, "a b", "--report")
    assert done.stdout == "__main__ ['a b', '--report'] True\n"
    assert done.stderr == ""
    assert done.returncode == 3


def test_the_report_comes_last_even_after_an_error(program):
    done = run_patched("--report", program, "--raise")
    assert done.returncode == 1
    assert "RuntimeError: as asked" in done.stderr
    assert "librosa.feature.mfcc         1           0" in done.stderr


def test_a_missing_program_is_refused(tmp_path):
    done = run_patched(tmp_path / "none.py")
    assert done.returncode == 2
    assert "no such file" in done.stderr
