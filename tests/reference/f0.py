"""Fundamental frequency by the troughs of a difference function."""

import numpy as np
from scipy.signal.windows import triang
from scipy.special import betainc

from .framing import frames, pad

_TINY = np.finfo(float).tiny


def yin(y, *, sr=22050, **options):
    """Frequency of the first trough under the threshold, or else of the lowest point."""
    return sr / chosen_troughs(y, sr=sr, **options)[0]


def chosen_troughs(y, *, fmin, fmax, sr, frame_length=2048, hop_length=None, trough_threshold=0.1,
                   center=True, pad_mode="constant"):  # fmt: skip
    """Where in samples each frame's trough is, and how high; 1 in frames without one."""
    cut = _frames(y, fmin, fmax, sr, frame_length, hop_length, center, pad_mode)
    shortest, longest = int(np.floor(sr / fmax)), int(np.ceil(sr / fmin))
    curves = np.moveaxis(_difference(cut, longest)[..., shortest - 1 :, :], -2, -1)
    periods, heights = np.empty((2, *curves.shape[:-1]))
    for index in np.ndindex(periods.shape):
        curve, troughs = curves[index], _troughs(curves[index])
        below = [k for k in troughs if curve[k] < trough_threshold]
        k = below[0] if below else np.argmin(curve)
        periods[index] = shortest + k + _vertex(curve, k)
        heights[index] = curve[k] if len(troughs) else 1.0
    return periods, heights


def _frames(y, fmin, fmax, sr, length, hop, center, pad_mode):
    """Frames of a valid signal that hold a period of fmin."""
    if not (np.issubdtype(y.dtype, np.floating) and np.isfinite(y).all()):
        raise ValueError("y must be finite floating-point samples")
    if fmin is None or fmax is None or not 0 < fmin < fmax <= sr / 2 or sr / fmin >= length - 1:
        raise ValueError(f"fmin={fmin} and fmax={fmax} do not fit sr={sr} and frames of {length}")
    if center:
        y = pad(y, length // 2, length // 2, pad_mode)
    return frames(y.astype(float), length, length // 4 if hop is None else hop)


def _difference(cut, longest):
    """Energy of a frame less itself k samples later, over the mean of that for 1 to k.

    At k = 1 librosa leaves out the energy of the sample that the shift uncovers.
    """
    n, k = cut.shape[-2], np.arange(1, longest + 1)[:, None]
    correlation = np.fft.irfft(np.abs(np.fft.rfft(cut, 2 * n, axis=-2)) ** 2, axis=-2)
    uncovered = np.cumsum(cut**2, axis=-2)[..., :longest, :]
    uncovered[..., 0, :] = 0
    difference = 2 * (correlation[..., :1, :] - correlation[..., 1 : longest + 1, :]) - uncovered
    return difference / (np.cumsum(difference, axis=-2) / k + _TINY)


def _troughs(curve):
    """Points below the one before and not above the one after, at the ends below the only one."""
    left = np.append(curve[0] < curve[1], curve[1:] < curve[:-1])
    return np.flatnonzero(left & np.append(curve[:-1] <= curve[1:], True))


def _vertex(curve, k):
    """How far the vertex of the parabola through three points is from the middle one."""
    if k in (0, len(curve) - 1):
        return 0.0
    bend = curve[k - 1] + curve[k + 1] - 2 * curve[k]
    slope = (curve[k + 1] - curve[k - 1]) / 2
    return -slope / bend if abs(slope) < abs(bend) else 0.0


def pyin(y, *, fmin, fmax, sr=22050, frame_length=2048, hop_length=None, n_thresholds=100,
         beta_parameters=(2, 18), boltzmann_parameter=2, resolution=0.1, max_transition_rate=35.92,
         switch_prob=0.01, no_trough_prob=0.01, fill_na=np.nan, center=True,
         pad_mode="constant"):  # fmt: skip
    """Frequency, voicing and its probability: the likeliest path through what the troughs say."""
    cut = _frames(y, fmin, fmax, sr, frame_length, hop_length, center, pad_mode)
    shortest, longest = int(np.floor(sr / fmax)), int(np.ceil(sr / fmin))
    curves = np.moveaxis(_difference(cut, longest)[..., shortest - 1 :, :], -2, -1)
    beliefs = np.diff(betainc(*beta_parameters, np.linspace(0, 1, n_thresholds + 1)))
    octave = 12 * int(np.ceil(1 / resolution))
    n_bins = int(np.floor(octave * np.log2(fmax / fmin))) + 1
    hop = frame_length // 4 if hop_length is None else hop_length
    width = round(max_transition_rate * 12 * hop / sr) * (octave // 12) + 1
    transition = _transition(n_bins, width, switch_prob)

    seen = np.zeros((*curves.shape[:-1], 2 * n_bins))
    for index in np.ndindex(curves.shape[:-1]):
        curve = curves[index]
        for k, prob in _weights(curve, beliefs, boltzmann_parameter, no_trough_prob):
            pitch = sr / (shortest + k + _vertex(curve, k))
            at = max(int(np.round(octave * np.log2(pitch / fmin))), 0)
            if at < n_bins and prob > 0:
                seen[(*index, at)] = prob
    voiced_prob = np.clip(seen[..., :n_bins].sum(axis=-1), 0, 1)
    seen[..., n_bins:] = (1 - voiced_prob[..., None]) / n_bins
    states = np.empty(voiced_prob.shape, dtype=int)
    for index in np.ndindex(states.shape[:-1]):
        states[index] = _path(seen[index], transition)
    voiced = states < n_bins
    f0 = fmin * 2 ** ((states % n_bins) / octave)
    return f0 if fill_na is None else np.where(voiced, f0, fill_na), voiced, voiced_prob


def _weights(curve, beliefs, decay, no_trough_prob):
    """Each trough and its probability.

    A threshold's belief is shared out among the troughs under it, shorter periods first; of the
    thresholds that no trough is under, the lowest trough gets a part.
    """
    troughs = _troughs(curve)
    heights, thresholds = curve[troughs], np.linspace(0, 1, len(beliefs) + 1)[1:]
    probs = np.zeros(len(troughs))
    for threshold, belief in zip(thresholds, beliefs, strict=True):
        below = np.flatnonzero(heights < threshold)
        if len(below):
            shares = np.exp(-decay * np.arange(len(below)))
            shares *= (1 - np.exp(-decay)) / (1 - np.exp(-decay * len(below)))
            probs[below] += belief * shares
        elif len(troughs):
            probs[np.argmin(heights)] += no_trough_prob * belief
    return zip(troughs, probs, strict=True)


def _transition(n_bins, width, switch_prob):
    """Probabilities of all states from all states: a triangle around each bin, cut at the ends."""
    if not (n_bins > 1 and width <= n_bins and 0 <= switch_prob <= 1):
        raise ValueError(f"{n_bins} bins, {width} of them in reach, switch_prob={switch_prob}")
    # An even triangle has no middle: librosa centres it among all bins, and wraps what falls off.
    source = np.arange(n_bins)[:, None]
    target = source + (n_bins - width) // 2 + n_bins // 2 + 1 + np.arange(width)
    near = np.abs(target % n_bins - source) <= width // 2
    local = np.zeros((n_bins, n_bins))
    local[np.nonzero(near)[0], target[near] % n_bins] = np.tile(triang(width), (n_bins, 1))[near]
    local /= local.sum(axis=1, keepdims=True)
    stay = 1 - switch_prob
    return np.kron([[stay, 1 - stay], [1 - stay, stay]], local)


def _path(seen, transition):
    """The likeliest sequence of states (frames,); of several, that of the first states."""
    step, seen = np.log(transition.T + _TINY), np.log(seen + _TINY)
    value = seen[0] + np.log(1 / len(step) + _TINY)
    sources = []
    for now in seen[1:]:
        paths = value + step
        sources.append(np.argmax(paths, axis=1))
        value = now + np.max(paths, axis=1)
    states = [np.argmax(value)]
    for source in reversed(sources):
        states.append(source[states[-1]])
    return states[::-1]
