"""Kaldi's, Whisper's and torchaudio's front ends: against their definitions and the toolkits."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import reference.kaldi
import reference.torchaudio
import serfast
import serfast.kaldi
import serfast.torchaudio
import serfast.whisper
from frontends import FRONTENDS, cases, excused, explained, from_reference, from_toolkit
from helpers import assert_same, error_over_scale, run_python, speech
from toolkits import AbsentError

# Of torchaudio's 128 bands, some are narrower than a bin of its 400 samples.
pytestmark = pytest.mark.filterwarnings("ignore:Empty filters")
N_CASES = 44
Y = speech(6000)
PAIRS = [(name, package) for name, one in FRONTENDS.items() for package in one.theirs]


def disagreeing(name, measure, excuse):
    """Cases in which float32 is farther off than the bound, without an excuse."""
    drawn = [(case, measure(case)) for case in cases(name, N_CASES) if case.noisy]
    beyond = [(case, far) for case, far in drawn if not far <= FRONTENDS[name].bound]
    return {str(case): far for case, far in beyond if not excuse(case, far)}


@pytest.mark.parametrize("name", FRONTENDS)
def test_float64_is_the_definition(name):
    drawn = list(cases(name, N_CASES))
    found = {str(case): from_reference(name, case, np.float64) / case.exact for case in drawn}
    assert {case: far for case, far in found.items() if not far <= 1} == {}


@pytest.mark.parametrize("name", FRONTENDS)
def test_float32_is_near_the_definition(name):
    found = disagreeing(
        name, partial(from_reference, name, precision=np.float32), partial(explained, name)
    )
    assert found == {}


@pytest.mark.parametrize(("name", "package"), PAIRS)
def test_the_toolkit_gives_the_same(name, package):
    try:
        found = disagreeing(
            name, partial(from_toolkit, name, package), partial(excused, name, package)
        )
    except AbsentError as reason:
        pytest.skip(str(reason))
    assert found == {}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FRONTENDS)
def test_channels_stand_alone(name, dtype):
    ours = FRONTENDS[name].ours
    y = speech(3000, channels=6).astype(dtype)
    together = ours(np.asfortranarray(y.reshape(2, 3, -1)))
    assert together.dtype == dtype
    alone = [ours(channel[None])[0] for channel in y]
    assert together.shape == (2, 3, *alone[0].shape)
    if name != "torchaudio.MFCC":  # the maximum is that of all three channels
        for got, expected in zip(together.reshape(6, *alone[0].shape), alone, strict=True):
            assert_same(got, expected)


@pytest.mark.parametrize("name", FRONTENDS)
def test_threads_do_not_matter(name, monkeypatch):
    y = speech(1 << 18)
    results = []
    for threads in ("1", "4"):
        monkeypatch.setenv("SERFAST_NUM_THREADS", threads)
        results.append(FRONTENDS[name].ours(y))
    assert_same(*results)


def test_instruction_sets_agree(tmp_path):
    code = """
        import sys, numpy as np, serfast.kaldi as kaldi
        from serfast import torchaudio, whisper
        y = np.load(sys.argv[1])
        np.savez(
            sys.argv[2], fbank=kaldi.fbank(y, num_mel_bins=80), mfcc=kaldi.mfcc(y),
            log_mel=whisper.log_mel(y), spectrogram=torchaudio.Spectrogram(y),
        )
    """
    np.save(tmp_path / "y.npy", Y)
    results = {}
    for isa in serfast.config_info()["isas_supported"]:
        file = tmp_path / f"{isa}.npz"
        run_python(code, tmp_path / "y.npy", file, SERFAST_ISA=isa)
        results[isa] = dict(np.load(file))
    for found in results.values():
        for name, values in results["baseline"].items():
            assert error_over_scale(found[name], values) < 1e-4


class Tensor:
    """What numpy makes an array of, as of a tensor; or cannot, as of one on a GPU."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        if self.values is None:
            raise TypeError("tensor is not on the CPU")
        return self.values


@pytest.mark.parametrize("name", FRONTENDS)
def test_tensors_are_taken(name):
    ours = FRONTENDS[name].ours
    assert_same(ours(Tensor(Y)), ours(Y))
    with pytest.raises(serfast.ParameterError, match="tensor is not on the CPU"):
        ours(Tensor(None))


BAD = {
    "nan": (np.append(Y, np.float32("nan")), "sample 6000 is not a number"),
    "inf": (np.append(np.inf, Y), "sample 0 is infinite"),
    "list": (Y.tolist(), "must be a numpy array of samples, not list"),
    "complex": (Y + 0j, "has dtype complex64; samples must be float32 or float64"),
    "0-d": (np.array(1.0), r"must have at least one axis; its shape is \(\)"),
    "empty": (Y[:0], "too short|needs more than|at least 160|fewer"),
    "short": (Y[:100], "too short|needs more than|at least 160|fewer"),
}


@pytest.mark.parametrize("name", FRONTENDS)
@pytest.mark.parametrize("bad", BAD)
def test_bad_signals_are_refused(name, bad):
    y, words = BAD[bad]
    with pytest.raises(serfast.ParameterError, match=words):
        FRONTENDS[name].ours(y)


REFUSED = [
    ("kaldi.fbank", {"dither": 1.0}, "dither=1.0 must be 0"),
    ("kaldi.fbank", {"window_type": "hann"}, "window_type='hann' must be one of 'povey'"),
    ("kaldi.fbank", {"sample_frequency": 0}, "sample_frequency=0 must be greater than 0"),
    ("kaldi.fbank", {"frame_length": 0.1}, "frame_length=0.1 ms is 1 samples at 16000 Hz"),
    ("kaldi.fbank", {"frame_shift": 0.01}, "frame_shift=0.01 ms is 0 samples"),
    ("kaldi.fbank", {"frame_length": 25.1, "round_to_power_of_two": False}, "401 samples.*even"),
    ("kaldi.fbank", {"preemphasis_coefficient": 2}, "preemphasis_coefficient=2 .* from 0 to 1"),
    ("kaldi.fbank", {"num_mel_bins": 0}, "num_mel_bins=0 must be a positive integer"),
    ("kaldi.fbank", {"low_freq": 9000}, "low_freq=9000 and high_freq=0.0 .* 0 to 8000 Hz"),
    ("kaldi.fbank", {"high_freq": -8000}, "high_freq=-8000"),
    ("kaldi.fbank", {"energy_floor": -1}, "energy_floor=-1 must be"),
    ("kaldi.mfcc", {"num_ceps": 24}, "num_ceps=24 must be at most num_mel_bins=23"),
    ("kaldi.mfcc", {"cepstral_lifter": -1}, "cepstral_lifter=-1 must be"),
    ("whisper.log_mel", {"padding": -1}, "padding=-1 must be 'max_length' or a number"),
    ("whisper.log_mel", {"padding": "longest"}, "padding='longest' must be 'max_length'"),
    ("whisper.log_mel", {"n_mels": 80.0}, "n_mels=80.0 must be a positive integer"),
    ("torchaudio.Spectrogram", {"pad_mode": "edge"}, "pad_mode='edge' must be one of 'reflect'"),
    ("torchaudio.Spectrogram", {"pad": -1}, "pad=-1 must be a positive integer"),
    ("torchaudio.Spectrogram", {"win_length": 401}, "win_length=401 must be at most n_fft=400"),
    ("torchaudio.Spectrogram", {"normalized": "no"}, "normalized='no' must be one of"),
    ("torchaudio.Spectrogram", {"power": -1}, "power=-1 must be greater than 0"),
    ("torchaudio.MelSpectrogram", {"n_fft": 400.0}, "n_fft=400.0 must be a positive integer"),
    ("torchaudio.MelSpectrogram", {"norm": "area"}, "norm='area' must be one of None, 'slaney'"),
    ("torchaudio.MelSpectrogram", {"mel_scale": "mel"}, "mel_scale='mel' must be one of"),
    ("torchaudio.MelSpectrogram", {"f_min": 9000.0}, "f_min=9000 must be at most f_max=8000"),
    ("torchaudio.MFCC", {"n_mfcc": 129}, "n_mfcc=129 must be at most n_mels=128"),
    ("torchaudio.MFCC", {"dct_type": 3}, "dct_type=3 must be one of 2"),
    ("torchaudio.MFCC", {"melkwargs": {"bands": 3}}, "unknown option 'bands' in melkwargs"),
]


@pytest.mark.parametrize(("name", "options", "words"), REFUSED)
def test_bad_options_are_refused(name, options, words):
    with pytest.raises(serfast.ParameterError, match=words):
        FRONTENDS[name].ours(Y, **options)


def test_kaldi_asks_for_integers_as_floats():
    samples = (Y * 32768).astype(np.int16)
    with pytest.raises(serfast.ParameterError, match=r"waveform has dtype int16.*16-bit"):
        serfast.kaldi.fbank(samples)
    assert serfast.kaldi.fbank(samples.astype(np.float32)).shape == (36, 23)


@pytest.mark.parametrize("n", [80, 81, 200, 401])
def test_kaldi_mirrors_signals_shorter_than_a_frame(n):
    got = serfast.kaldi.fbank(Y[:n].astype(float), snip_edges=False)
    expected = reference.kaldi.fbank(Y[:n], snip_edges=False)
    assert got.shape == ((n + 80) // 160, 23)
    np.testing.assert_allclose(got, expected, atol=1e-9)


# 74 = 2 * 37 samples: a transform with a large prime factor.
@pytest.mark.parametrize("frame_length", [4, 16, 30, 74, 100])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kaldi_takes_any_even_frame(frame_length, dtype):
    options = {"sample_frequency": 1000.0, "frame_length": frame_length, "frame_shift": 7,
               "round_to_power_of_two": False, "num_mel_bins": 5}  # fmt: skip
    y = 1000 * Y[:2000].astype(dtype)
    expected = reference.kaldi.fbank(y, **options)
    tolerance = 1e-3 if dtype is np.float32 else 1e-9
    np.testing.assert_allclose(serfast.kaldi.fbank(y, **options), expected, atol=tolerance)


@pytest.mark.parametrize("n", [0, 1, 159, 6000, 479_600, 479_999, 480_000, 490_000])
def test_whisper_pads_with_zeros(n):
    y = np.resize(Y, n)
    padded = np.concatenate([y, np.zeros(480_000, np.float32)])[:480_000]
    assert_same(serfast.whisper.log_mel(y, padding="max_length"), serfast.whisper.log_mel(padded))
    appended = np.concatenate([y, np.zeros(9999, np.float32)])
    assert_same(serfast.whisper.log_mel(y, padding=9999), serfast.whisper.log_mel(appended))


@pytest.mark.parametrize("shape", [(4, 9), (3, 4, 9), (2, 3, 4, 9), (1, 2, 3, 4, 9)])
@pytest.mark.parametrize("top_db", [None, 10.0])
@pytest.mark.parametrize("stype", ["power", "magnitude"])
def test_amplitude_to_db_has_a_floor_for_each_item(shape, top_db, stype):
    x = np.random.default_rng(0).exponential(size=shape) ** 4
    x[..., 0, 0] = 0
    expected = reference.torchaudio.AmplitudeToDB(x, stype=stype, top_db=top_db)
    got = serfast.torchaudio.AmplitudeToDB(x, stype=stype, top_db=top_db)
    np.testing.assert_allclose(got, expected, atol=1e-10)


def test_mel_scale_and_spectrogram_make_a_mel_spectrogram():
    options = {"n_mels": 40, "sample_rate": 11025, "norm": "slaney", "mel_scale": "slaney"}
    S = serfast.torchaudio.Spectrogram(Y)
    mel = serfast.torchaudio.MelScale(S, **options)
    assert error_over_scale(mel, serfast.torchaudio.MelSpectrogram(Y, **options)) < 1e-6
    with pytest.raises(serfast.ParameterError, match="specgram has 200 rows where n_stft=201"):
        serfast.torchaudio.MelScale(S[1:])
