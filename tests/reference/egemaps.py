"""The 88 numbers of eGeMAPS: the definitions of Eyben et al. (2016) with openSMILE's settings."""

import numpy as np

from .egemaps_pitch import pitch
from .egemaps_statistics import functionals
from .egemaps_voice import formants, harmonics, perturbation
from .framing import frames

SR, HOP, SHORT, LONG = 16000, 160, 320, 960  # Hz and samples: frames of 20 and 60 ms every 10 ms
SHORT_HZ = np.fft.rfftfreq(512, 1 / SR)


def egemaps_like(*, y, sr=SR):
    """The columns, in openSMILE's order."""
    if sr != SR:
        raise ValueError(f"sr={sr} must be {SR}")
    if len(y) < LONG:
        raise ValueError(f"{len(y)} samples are too few for a frame of {LONG}")
    return functionals(contours(np.asarray(y, dtype=float)))


# ---------------------------------------------------------------- contours


def contours(y):
    """A value of each frame, 0 where there is none: of short frames, and of the fewer long ones."""
    short = frames(y, SHORT, HOP).T
    power = _power(short, np.hamming(SHORT), 512)
    long = frames(y, LONG, HOP).T
    window = np.exp(-0.5 * ((np.arange(LONG) - (LONG - 1) / 2) / (0.4 * (LONG - 1) / 2)) ** 2)
    long_power = _power(long, window, 1024)
    f0 = pitch(np.sqrt(long_power))
    f0[np.sqrt(np.mean((long * window) ** 2, axis=1)) <= 0.001] = 0
    lpc = formants(power[: len(f0)], f0)
    jitter, shimmer = perturbation(y, f0)
    return {
        "energy": np.mean(short**2, axis=1),
        "loudness": loudness(power),
        "flux": flux(power),
        "mfcc": mfcc(power),
        "balance": balance(power),
        "f0": f0,
        "jitter": jitter,
        "shimmer": shimmer,
        "formants": lpc,
        "harmonics": harmonics(long_power, f0, lpc[:, 0]),
    }


def _power(x, window, n_fft):
    return np.abs(np.fft.rfft(x * window, n_fft)) ** 2


def mel_bands():
    """26 triangles, straight in mel, and their centres in Hz."""
    low, high = 1127 * np.log(1 + np.array([20, 8000]) / 700)
    edges = np.linspace(low, high, 28)
    mel = 1127 * np.log(1 + SHORT_HZ / 700)
    rising = (mel - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - mel) / (edges[2:] - edges[1:-1])[:, None]
    bands = np.clip(np.minimum(rising, falling), 0, None)
    bands[:, [1, -1]] = 0  # the bins nearest to the edges
    return bands, 700 * np.expm1(edges[1:-1] / 1127)


def loudness(power):
    """Mean of the mel bands, weighted by the ear's sensitivity and compressed."""
    bands, hz = mel_bands()
    w = 2 * np.pi * hz
    ear = 1e32 * (w**2 + 56.8e6) * w**4
    ear /= (w**2 + 6.3e6) ** 2 * (w**2 + 0.38e9) * (w**7 + 1.7e31)
    return np.mean((np.maximum(power @ bands.T, 9.3e-10) * ear) ** 0.33, axis=1)


def mfcc(power):
    """Coefficients 1 to 4, of samples as 16-bit integers, liftered."""
    bands, _ = mel_bands()
    log = np.log(np.maximum(power @ bands.T * 32767**2, 1))
    k = np.arange(1, 5)[:, None]
    cosines = np.sqrt(2 / 26) * np.cos(np.pi * k / 26 * (np.arange(26) + 0.5))
    return log @ (cosines * (1 + 11 * np.sin(np.pi * k / 22))).T


def flux(power):
    """RMS change of the magnitudes below 5 kHz."""
    change = np.diff(np.sqrt(power[:, SHORT_HZ < 5000]), axis=0)
    return np.append(0, np.sqrt(np.mean(change**2, axis=1)))


def balance(power):
    """Alpha ratio, Hammarberg index (dB), slopes in 0 to 500 and 500 to 1500 Hz (dB per Hz)."""
    result = np.zeros((len(power), 4))
    sounds = power[:, SHORT_HZ <= 5000].any(axis=1)
    p = power[sounds]

    def db(x):
        return 10 * np.log10(np.maximum(x, 1e-14))

    low, high = p[:, SHORT_HZ < 1000], p[:, (SHORT_HZ >= 1000) & (SHORT_HZ <= 5000)]
    result[sounds, 0] = db(high.sum(axis=1)) - db(low.sum(axis=1))
    low, high = p[:, SHORT_HZ < 2000], p[:, (SHORT_HZ >= 2000) & (SHORT_HZ <= 5000)]
    result[sounds, 1] = db(low.max(axis=1)) - db(high.max(axis=1))
    for column, (first, last) in enumerate(((0, 500), (500, 1500)), start=2):
        inside = (first <= SHORT_HZ) & (last >= SHORT_HZ)
        result[sounds, column] = np.polyfit(SHORT_HZ[inside], db(p[:, inside]).T, 1)[0]
    return result
