"""The pitch of eGeMAPS: subharmonic summation, and the cheapest path through its candidates."""

import itertools

import numpy as np
from scipy.interpolate import CubicSpline

HZ = np.fft.rfftfreq(1024, 1 / 16000)
LOWEST, N_POINTS, PER_OCTAVE = 25.0, 513, 513 / np.log2(8000 / 25)  # the axis of octaves
VOICED = 0.7  # probability


def subharmonic_sums(magnitude):
    """Each point of the octave axis: the spectrum there and at its multiples."""
    axis = np.log2(HZ[1:])
    axis = np.append(2 * axis[0] - axis[1], axis)
    points = np.linspace(np.log2(LOWEST), axis[-1], N_POINTS)
    spectra = [_smoothed(_peaks_alone(m)) for m in magnitude]
    on_octaves = CubicSpline(axis, np.array(spectra).T, bc_type="natural")(points)
    ear = 3 * (np.arange(2, N_POINTS + 2) / PER_OCTAVE - np.log2(65 / 50))
    on_octaves = np.maximum(on_octaves, 0) * (0.5 + np.arctan(ear) / np.pi)[:, None]
    total = np.zeros_like(on_octaves)
    for harmonic in range(1, 16):
        shift = int(PER_OCTAVE * np.log2(harmonic))
        total[: N_POINTS - shift] += 0.85 ** (harmonic - 1) * on_octaves[shift:]
    return total.T / 15


def _peaks_alone(m):
    """Between the first peak and the last: zero where none is within two bins."""
    beyond = np.concatenate([[-1], m, [-1]])
    peaks = (m > beyond[:-2]) & (m >= beyond[2:])
    peaks[0] = m[0] > m[1]
    at = np.flatnonzero(peaks)
    result = m.copy()
    for one, other in itertools.pairwise(at):
        result[one + 3 : max(one + 3, other - 2)] = 0
    return result


def _smoothed(m):
    result = m.copy()
    result[:-1] = (np.append(0, m[:-2]) + 2 * m[:-1] + m[1:]) / 4
    return result


def parabola(values, at):
    """Position and height of the vertex through a peak and its neighbours."""
    a, b, c = values[at - 1], values[at], values[at + 1]
    bend = a - 2 * b + c
    return at + (a - c) / (2 * bend), b - (a - c) ** 2 / (8 * bend)


def candidates(sums):
    """The six highest peaks, those within 55 to 1000 Hz: frequency and probability of voicing."""
    rows = np.flatnonzero((sums[1:-1] > sums[:-2]) & (sums[1:-1] > sums[2:])) + 1
    mean, step = sums.mean(), np.log2(8000 / LOWEST) / (N_POINTS - 1)
    found = []
    for row in rows[np.argsort(-sums[rows], kind="stable")][:6]:
        position, height = parabola(sums, row)
        hz = LOWEST * 2 ** (position * step)
        if 55 <= hz <= 1000:
            found.append((hz, max(0, 1 - mean / height), height))
    if found:  # the highest vertex goes first
        best = max(range(len(found)), key=lambda i: found[i][2])
        found[0], found[best] = found[best], found[0]
    return [(hz, p) for hz, p, _ in found]


def pitch(magnitude):
    """The cheapest path through the candidates and silence; 0 where unvoiced."""
    path = []
    for sums in subharmonic_sums(magnitude):
        states = candidates(sums)
        cost = [
            2 * (4 * (p < VOICED) - np.log(max(p, 0.01)))
            + np.interp(hz, [0, 100, 100, 350, 600, 600], [1, 0, 0, 0, 1, 1.2])
            for hz, p in states
        ]
        cost.append(8 * any(p >= VOICED for _, p in states))
        f0 = [*(hz for hz, _ in states), 0]
        if not path:
            path.append((f0, np.array(cost), None))
            continue
        before, total, _ = path[-1]
        sums = np.array([_changes(before, new) for new in f0]) + total
        path.append((f0, sums.min(axis=1) + cost, sums.argmin(axis=1)))
    state = int(path[-1][1].argmin())
    result = np.zeros(len(path))
    for t in range(len(path) - 1, -1, -1):
        f0, _, back = path[t]
        result[t] = f0[state]
        state = back[state] if t else None
    return result


def _changes(before, new):
    """Costs from each state before.

    A step in pitch costs by its size, and by how it differs from that from the candidate above.
    """
    if not new:
        return [10] * (len(before) - 1) + [0]
    steps = np.log(new / np.array(before[:-1]))
    return [*(10 * np.abs(steps) + 5 * np.abs(np.diff(steps, prepend=0))), 10]
