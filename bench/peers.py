"""The same features by other packages, where they are installed."""

from __future__ import annotations

import importlib.util
from functools import partial

import librosa
import numpy as np
import scipy.fft

from measure import Call

Peers = dict[str, dict[str, Call]]
INSTALLED = [name for name in ("torch", "audioflux") if importlib.util.find_spec(name)]


def torch_calls(y: np.ndarray, asr: np.ndarray, clip: np.ndarray) -> dict[str, Call]:
    """PyTorch's own operations and librosa's filters, by name of the case."""
    import torch

    torch.set_num_threads(1)
    eps = 1e-10

    def power(x, n_fft, hop_length, window):
        spectrum = torch.stft(
            x, n_fft, hop_length, window=window, pad_mode="constant", return_complex=True
        )
        # Three times as fast as abs().square().
        return torch.addcmul(spectrum.real.square(), spectrum.imag, spectrum.imag)

    def decibels(power):
        db = 10 * torch.log10(power.clamp(min=eps))
        return torch.maximum(db, db.max() - 80)

    signal, short, speech = (torch.from_numpy(x) for x in (y, clip, asr))
    hann = torch.hann_window(2048)
    mel = torch.from_numpy(librosa.filters.mel(sr=22050, n_fft=2048))
    mel_asr = torch.from_numpy(librosa.filters.mel(sr=16000, n_fft=400, n_mels=80))
    dct = torch.from_numpy(scipy.fft.dct(np.eye(128), axis=0, norm="ortho")[:40].astype(np.float32))
    pitch = torch.from_numpy(librosa.filters.chroma(sr=22050, n_fft=2048, tuning=0.0))
    hz = torch.from_numpy(librosa.fft_frequencies(sr=22050).astype(np.float32))
    moments = torch.stack([torch.ones_like(hz), hz, hz.square()])

    def signal_power():
        return power(signal, 2048, 512, hann)

    def mfcc(x):
        return dct @ decibels(mel @ power(x, 2048, 512, hann))

    def chroma():
        raw = pitch @ signal_power()
        return raw / raw.amax(0).clamp(min=torch.finfo(torch.float32).tiny)

    def centroid_and_variance():
        total, first, second = moments @ signal_power().sqrt_()
        mean = first / total.clamp(min=eps)
        return mean, second / total.clamp(min=eps) - mean.square()

    def rolloff():
        total = signal_power().sqrt_().cumsum(0)
        return hz[(total < 0.85 * total[-1]).sum(0).clamp(max=1024)]

    def flatness():
        S = signal_power().clamp_(min=eps)
        mean = S.mean(0)
        return S.log_().mean(0).exp() / mean

    return {
        "stft": lambda: torch.stft(
            signal, 2048, 512, window=hann, pad_mode="constant", return_complex=True
        ),
        "melspectrogram": lambda: mel @ signal_power(),
        "mfcc, 40": partial(mfcc, signal),
        "mfcc, 40, of a 3.5 s clip": partial(mfcc, short),
        "chroma_stft, tuning=0": chroma,
        "spectral_centroid": lambda: centroid_and_variance()[0],
        "spectral_bandwidth": lambda: centroid_and_variance()[1].sqrt(),
        "spectral_rolloff": rolloff,
        "spectral_flatness": flatness,
        "log-mel for speech recognition": lambda: decibels(
            mel_asr @ power(speech, 400, 160, torch.hann_window(400))
        ),
    }


def audioflux_calls(y: np.ndarray, asr: np.ndarray, clip: np.ndarray) -> dict[str, Call]:
    """audioflux has no padding (four frames fewer) and transforms of powers of two only."""
    import audioflux as af
    from audioflux.type import SpectralDataType, SpectralFilterBankScaleType

    def mel_bank(num, radix2_exp, samplate, slide_length):
        return af.BFT(
            num, radix2_exp, samplate, slide_length=slide_length,
            scale_type=SpectralFilterBankScaleType.MEL, data_type=SpectralDataType.POWER,
        )  # fmt: skip

    bank, bank_asr = mel_bank(128, 11, 22050, 512), mel_bank(80, 9, 16000, 160)
    cepstrum = af.XXCC(128)

    def mfcc(x):
        rows = bank.bft(x, result_type=1)
        cepstrum.set_time_length(rows.shape[-1])
        return cepstrum.xxcc(rows, 40)

    return {
        "melspectrogram": lambda: bank.bft(y, result_type=1),
        "mfcc, 40": partial(mfcc, y),
        "mfcc, 40, of a 3.5 s clip": partial(mfcc, clip),
        "log-mel for speech recognition": lambda: af.utils.power_to_db(
            bank_asr.bft(asr, result_type=1)
        ),
    }


def peer_calls(y: np.ndarray, asr: np.ndarray, clip: np.ndarray) -> Peers:
    """Calls by name of the peer, then by name of the case."""
    makers = {"torch": torch_calls, "audioflux": audioflux_calls}
    return {name: makers[name](y, asr, clip) for name in INSTALLED}
