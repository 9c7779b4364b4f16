"""Spectra at another speed, and signals from magnitudes."""

import numpy as np

from .spectrum import istft, stft


def phase_vocoder(D, *, rate, hop_length=None, n_fft=None):
    """Spectra at every `rate`-th frame: magnitudes between two frames, phases that go on."""
    if rate <= 0:
        raise ValueError(f"rate={rate} must be positive")
    if n_fft is not None and n_fft // 2 + 1 != D.shape[-2]:
        raise ValueError(f"n_fft={n_fft} does not fit {D.shape[-2]} rows")
    times = np.arange(0, D.shape[-1], rate)
    frame = times.astype(int)
    later = np.concatenate([D, np.zeros((*D.shape[:-1], 2))], axis=-1)
    here, there = later[..., frame], later[..., frame + 1]
    share = times - frame
    turns = np.angle(there) - np.angle(here)
    turns -= 2 * np.pi * np.round(turns / (2 * np.pi))
    phases = np.cumsum(turns[..., :-1], axis=-1)
    phases = np.angle(D[..., :1]) + np.concatenate([0 * turns[..., :1], phases], axis=-1)
    return ((1 - share) * np.abs(here) + share * np.abs(there)) * np.exp(1j * phases)


def magphase(D, *, power=1):
    """Magnitude and phase, the phase of nothing being 0."""
    magnitude = np.abs(D)
    return magnitude**power, np.where(magnitude == 0, 1, np.exp(1j * np.angle(D)))


def griffinlim(S, *, n_iter=32, hop_length=None, win_length=None, n_fft=None, window="hann",
               center=True, dtype=None, length=None, pad_mode="constant", momentum=0.99,
               init="random", random_state=None):  # fmt: skip
    """Signal of which the magnitudes are known, by the fast Griffin-Lim algorithm."""
    if init not in ("random", None) or momentum < 0:
        raise ValueError(f"init={init!r} or momentum={momentum} is not allowed")
    n_fft = 2 * (S.shape[-2] - 1) if n_fft is None else n_fft
    frame = {"n_fft": n_fft, "hop_length": hop_length, "win_length": win_length,
             "window": window, "center": center}  # fmt: skip
    phase = np.ones(S.shape, complex)
    if init == "random":
        phase = np.exp(2j * np.pi * np.random.RandomState(random_state).random(size=S.shape))
    before = 0
    for _ in range(n_iter):
        y = istft(S * phase, length=length, **frame)
        now = stft(y, pad_mode=pad_mode, **frame)
        ahead = now - momentum / (1 + momentum) * before
        phase = ahead / (np.abs(ahead) + np.finfo(float).tiny)
        before = now
    return istft(S * phase, dtype=dtype, length=length, **frame)
