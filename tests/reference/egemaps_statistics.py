"""From contours to the columns of eGeMAPS."""

import itertools

import numpy as np

HOP, SR = 160, 16000


def functionals(c):
    """The 88 columns."""
    semitones = np.where(c["f0"] > 0, 12 * np.log2(np.maximum(c["f0"], 1) / 27.5), 0)
    semitones = smoothed(semitones, of_values=True)
    pitched = semitones[_has_value(semitones)]
    loud = smoothed(c["loudness"])
    balance, fluxes, cepstra = c["balance"], c["flux"], c["mfcc"]
    voiced = c["f0"] > 0
    n = len(voiced)
    columns = [*_summary(pitched), *_turns(pitched), *_summary(loud), *_turns(loud)]
    for row in (fluxes, *cepstra.T):
        columns += _mean_and_variation(smoothed(row))
    frequency, bandwidth = c["formants"][:, 0].T, c["formants"][:, 1].T
    level = c["harmonics"].T
    of_voice = [c["jitter"], c["shimmer"], *level[:3]]
    for i in range(3):
        of_voice += [frequency[i], bandwidth[i], level[3 + i]]
    of_voice += [np.where(voiced, row[:n], 0) for row in (*balance.T, fluxes, *cepstra.T)]
    for row in of_voice:
        row = smoothed(row, of_values=True)
        columns += _mean_and_variation(row[_has_value(row)])
    for row in (*balance.T, fluxes):
        row = smoothed(np.where(voiced, 0, row[:n]), of_values=True)
        columns.append(_mean_and_variation(row[_has_value(row)])[0])
    seconds = HOP / SR
    columns.append(sum(high for _, high in turning_points(loud)) / (len(loud) * seconds))
    runs = [_segments(_has_value(semitones)), _segments(~_has_value(semitones))]
    columns.append(len(runs[0]) / (n * seconds))
    for lengths in runs:
        columns += [np.mean(lengths) * seconds, np.std(lengths) * seconds] if lengths else [0, 0]
    columns.append(10 * np.log10(max(np.mean(c["energy"]), 1e-30)))
    return np.array(columns)


def smoothed(row, of_values=False):
    """Mean of each frame and its neighbours; of_values: of those that have a value."""
    around = np.stack([np.append(row[0], row[:-1]), row, np.append(row[1:], row[-1])])
    if not of_values:
        return around.mean(axis=0)
    counts = np.maximum(_has_value(around).sum(axis=0), 1)
    return np.where(_has_value(row), around.sum(axis=0) / counts, 0)


def _has_value(x):
    return np.abs(x) >= 1e-9


def _mean_and_variation(x):
    if len(x) == 0:
        return [0.0, 0.0]
    return [np.mean(x), np.std(x) / (np.mean(x) or 1)]


def _summary(x):
    low, middle, high = np.percentile(x, [20, 50, 80]) if len(x) else (0.0, 0.0, 0.0)
    return [*_mean_and_variation(x), low, middle, high, high - low]


def turning_points(x):
    """Alternating minima and maxima, a tenth of the range apart: (frame, is maximum)."""
    if len(x) == 0:
        return []
    least = 0.1 * np.ptp(x)
    at = np.arange(2, len(x) - 2)
    maximum = (x[at] > x[at - 1]) & (x[at] > x[at + 1])
    minimum = (x[at] < x[at - 1]) & (x[at] < x[at + 1])
    turns = [(i, bool(x[i] > x[i - 1])) for i in at[maximum | minimum]]
    return _alternating(x, _deep_minima(x, _high_maxima(x, turns, least), least))


def _high_maxima(x, turns, least):
    """Without maxima that rise too little above the turn before and above the last deep minimum."""
    dropped = set()
    before = last_minimum = last_maximum = x[0]
    highest, falls = None, False
    for i, high in turns:
        if high and abs(x[i] - before) < least:
            if x[i] - last_minimum < least:
                dropped.add(i)
            elif x[i] > 1.05 * last_maximum:
                dropped.add(highest)
                last_maximum, highest, falls = x[i], i, False
            else:
                if falls:
                    last_maximum, highest = x[i], i
                else:
                    dropped.add(i)
                falls = False
        elif high:
            last_maximum, highest, falls = x[i], i, False
        elif abs(x[i] - before) >= least:
            last_minimum, falls = x[i], True
        before = x[i]
    return [turn for turn in turns if turn[0] not in dropped]


def _deep_minima(x, turns, least):
    kept, last = [], x[0]
    for i, high in turns:
        if high:
            last = x[i]
        if high or last - x[i] >= least:
            kept.append((i, high))
    return kept


def _alternating(x, turns):
    kept = []
    for i, high in turns:
        if kept and kept[-1][1] == high:
            if (x[i] > x[kept[-1][0]]) == high and x[i] != x[kept[-1][0]]:
                kept[-1] = (i, high)
        else:
            kept.append((i, high))
    return kept


def _turns(x):
    """Mean and deviation of the slopes of rising, then of falling parts, per second."""
    if len(x) < 2:
        return [0.0] * 4
    turns = turning_points(x)
    if turns:
        ends = [(0, not turns[0][1]), *turns, (len(x) - 1, not turns[-1][1])]
    else:
        ends = [(0, bool(x[-1] < x[0])), (len(x) - 1, bool(x[-1] > x[0]))]
    parts = {True: [], False: []}
    for (i, _), (j, rises) in itertools.pairwise(ends):
        parts[rises].append((x[j] - x[i]) * (1 if rises else -1) / ((j - i) * HOP / SR))
    return [
        f(parts[rises]) if parts[rises] else 0.0
        for rises in (True, False)
        for f in (np.mean, np.std)
    ]


def _segments(inside):
    """Frames from the first to the last of runs of three or more; single frames interrupt none."""
    lengths, first, count = [], None, 0
    for i, value in enumerate([*inside, False, False]):
        if value:
            first, count, last = (i if first is None else first), count + 1, i
        elif first is not None and i - last >= 2:
            if count >= 3:
                lengths.append(last - first)
            first, count = None, 0
    return lengths
