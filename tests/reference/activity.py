"""Voice: frames of vowels above the noise floor, and what lies between them."""

import numpy as np

from .energy import rms, zero_crossing_rate


def voice_activity(y, *, sr, threshold=8.0, hangover=0.3):
    """Whether there is voice in each frame of 20 ms, every 10 ms.

    A vowel is a frame that is louder by the threshold than the quietest one of the last 4 s and
    crosses zero less than 5000 times a second. Voice begins with the third in a row, and goes on
    until there has been none for as long as the hangover.
    """
    hop = round(0.01 * sr)
    options = {"frame_length": 2 * hop, "hop_length": hop, "center": False}
    if len(y) < 2 * hop:
        return np.zeros(0, dtype=bool)
    y = _high_passed(y.astype(float), sr)
    with np.errstate(divide="ignore"):
        levels = 20 * np.log10(rms(y=y, dtype=float, **options)[0])
    crossings = sr * zero_crossing_rate(y, **options)[0]
    floors = np.array([_floor(levels[max(0, t - 399) : t + 1]) for t in range(len(levels))])
    vowels = (levels > floors + threshold) & (crossings < 5000)
    n_hangover = round(hangover / 0.01)
    voice = np.zeros(len(vowels), dtype=bool)
    last = None
    for t in np.flatnonzero(vowels):
        goes_on = last is not None and t - last <= n_hangover
        if goes_on or (t >= 2 and vowels[t - 2 : t + 1].all()):
            last = t
            voice[t : t + n_hangover + 1] = True
    return voice


def _high_passed(y, sr):
    """Differences, leaking with the time constant of 150 Hz; the first sample was always there."""
    out, before = np.zeros_like(y), y[0]
    for n, sample in enumerate(y):
        out[n] = sample - before + (np.exp(-2 * np.pi * 150 / sr) * out[n - 1] if n else 0)
        before = sample
    return out


def _floor(levels):
    """The lowest level, of digital silence apart, and at least -80 dB."""
    heard = levels[np.isfinite(levels)]
    return max(heard.min(), -80.0) if len(heard) else -80.0
