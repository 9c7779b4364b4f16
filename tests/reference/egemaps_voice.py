"""Formants, harmonics, jitter and shimmer of eGeMAPS."""

import numpy as np

from .egemaps_pitch import parabola

SR, HOP, LONG = 16000, 160, 960


def formants(power, f0):
    """F1 to F3 of the voiced frames: (frames, [frequency, bandwidth], 3)."""
    result = np.zeros((len(f0), 2, 3))
    lags, bins = np.arange(12)[:, None], np.arange(177)  # up to half of 11 kHz
    weights = np.where((bins == 0) | (bins == 176), 1, 2) * np.cos(np.pi * lags * bins / 176)
    for t in np.flatnonzero(f0):
        acf = weights @ power[t, :177]
        if acf[0] <= 0:
            continue
        roots = np.roots(linear_prediction(acf))
        hz, bandwidth = (np.array([np.angle(roots), -2 * np.log(np.abs(roots))]) * 11000) / (
            2 * np.pi
        )
        kept = (roots.imag > 0) & (hz >= 50) & (hz <= 5450)
        found = sorted(zip(hz[kept], bandwidth[kept], strict=True))[:3]
        result[t, :, : len(found)] = np.transpose(found)
    return result


def linear_prediction(acf):
    """Levinson's recursion."""
    a, error = np.array([1.0]), acf[0]
    for order in range(1, len(acf)):
        reflection = -(a @ acf[order:0:-1]) / error
        a = np.append(a, 0) + reflection * np.append(0, a[::-1])
        error *= 1 - reflection**2
    return a


# ---------------------------------------------------------------- harmonics


def harmonics(power, f0, frequency):
    """HNR, H1-H2, H1-A3, and levels of F1 to F3 relative to the first harmonic, in dB."""
    result = np.zeros((len(f0), 6))
    for t in np.flatnonzero(f0):
        result[t, 0] = harmonicity(power[t], f0[t])
        peaks = harmonic_peaks(np.sqrt(power[t]), f0[t])
        if 1 not in peaks:
            continue
        db = {h: 20 * np.log10(level / peaks[1][2]) for h, (_, _, level) in peaks.items()}
        loudest = [
            max(
                (h for h, (hz, _, _) in peaks.items() if 0.8 * f <= hz <= 1.2 * f),
                key=lambda h: peaks[h][1],
                default=None,
            )
            for f in frequency[t]
        ]
        # Of the harmonics H1 is the first above F0.
        for column, other in ((1, 3), (2, loudest[2])):
            result[t, column] = db[2] - db[other] if 2 in db and other in db else 0
        result[t, 3:] = [db.get(h, 0) for h in loudest]
    return result


def harmonic_peaks(magnitude, f0):
    """By number: the peak nearest to each multiple; its frequency, bin's height, vertex's height.

    The first harmonic's level is that of its bin.
    """
    found, step = {}, SR / 1024
    for h in range(1, 101):
        low, middle, high = (int(np.ceil(x * f0 / step - 0.5)) for x in (h - 0.5, h, h + 0.5))
        if middle >= 512:
            break
        at = _nearest_peak(magnitude, middle, max(low, 1), min(high, 511))
        if at is not None:
            position, height = parabola(magnitude, at)
            found[h] = (position * step, magnitude[at], magnitude[at] if h == 1 else height)
    return found


def _nearest_peak(x, middle, low, high):
    """Outward from the middle, to the right first."""
    for away in range(max(middle - low, high - middle) + 1):
        for at in (middle + away, middle - away):
            if low <= at <= high and x[at] > x[at - 1] and x[at] > x[at + 1]:
                return at
    return None


def harmonicity(power, f0):
    """Autocorrelation at the peak nearest to the period, against what is left of it."""
    acf = np.abs(np.fft.irfft(power)[:513])
    lag = int(SR / f0)
    for away in range(512):
        for at in (lag - away, lag + away):
            if 1 <= at <= 511 and acf[at] > acf[at - 1] and acf[at] > acf[at + 1]:
                rest = acf[0] - acf[at]
                ratio = acf[at] / rest if rest > 0 else np.inf
                return 10 * np.log10(np.clip(ratio, 1e-9, 1e11))
    return 0.0


# ---------------------------------------------------------------- periods


def perturbation(y, f0):
    """Jitter, and shimmer in dB, of the frames: periods are followed through voiced stretches."""
    jitter, shimmer = np.zeros(len(f0)), np.zeros(len(f0))
    position, last, ratios = 0, 0.0, (0.0, 0.0)
    for t, hz in enumerate(f0):
        end = (t + 1) * HOP
        if hz == 0:
            position, last, ratios = end, 0.0, (0.0, 0.0)
            continue
        shortest, longest = int(0.9 * SR / hz), int(np.ceil(1.1 * SR / hz))
        n = max(end - position, 2 * longest + 2)
        n = min(n, t * HOP + LONG - position, len(y) - position)
        x = y[position : position + n]
        start, boundary = 0, 0
        periods, changes, heights, differences = [], [], [], []
        while start < n - 2 * longest - 1:
            period, similarity, whole = _period(x[start:], shortest, longest)
            if period is not None and similarity > 0.5:
                periods.append(period)
                if last:
                    changes.append(abs(last - period))
                last = period
                one, two = (np.ptp(x[s + 1 : s + whole - 1]) for s in (start, start + whole))
                heights.append((one + two) / 2)
                differences.append(abs(one - two))
            start += round(SR / hz) if period is None else whole
            if position + start < end - 1:
                boundary = start
        position += boundary
        local = ratios[0]
        if periods:
            local = np.mean(changes) / np.mean(periods) if changes else 0.0
            shim = min(1, np.sum(differences) / np.sum(heights)) if np.sum(heights) > 0 else 0.0
            ratios = (local if changes else ratios[0], shim)
        jitter[t] = min(1, local)
        shimmer[t] = 20 * np.log10(1 + ratios[1])
    return jitter, shimmer


def _period(x, shortest, longest):
    """The shift at which the signal's beginning correlates best with what follows it."""
    similarity = np.array([_correlation(x, shift) for shift in range(shortest, longest + 1)])
    inner = np.arange(1, len(similarity) - 2)
    peaks = inner[
        (similarity[inner] > similarity[inner - 1]) & (similarity[inner] > similarity[inner + 1])
    ]
    if len(peaks) == 0:
        return None, 0.0, 0
    best = peaks[similarity[peaks].argmax()]
    position, height = parabola(similarity, best)
    return shortest + position, height, shortest + best


def _correlation(x, shift):
    a, b = x[:shift] - np.mean(x[:shift]), x[shift : 2 * shift] - np.mean(x[shift : 2 * shift])
    size = np.sqrt(np.sum(a**2) * np.sum(b**2))
    return np.sum(a * b) / size if size > 0 else 0.0
