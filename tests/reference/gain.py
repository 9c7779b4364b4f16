"""Per-channel energy normalization."""

import numpy as np


def pcen(S, *, sr=22050, hop_length=512, gain=0.98, bias=2, power=0.5, time_constant=0.4, eps=1e-6,
         b=None, max_size=1, return_zf=False):  # fmt: skip
    """(S / (eps + M) ** gain + bias) ** power - bias ** power, M the smoothed past of each band.

    M[t] = b S[t] + (1 - b) M[t - 1] begins after an M of 1; a power of 0 is the logarithm of
    1 + S / (eps + M) ** gain.
    """
    if min(power, gain, bias) < 0 or min(eps, time_constant, max_size) <= 0:
        raise ValueError("an option is negative, or 0 where it must not be")
    if max_size > 1 and S.ndim != 2:
        raise ValueError("it is not clear which axis the bands lie along")
    if b is None:
        frames = time_constant * sr / hop_length
        b = (np.sqrt(1 + 4 * frames**2) - 1) / (2 * frames**2)
    if not 0 < b <= 1:
        raise ValueError("b must be at most 1 and, without a past, more than 0")
    S = np.abs(S)
    past = np.ones((*S.shape[:-1], 1))
    smooth = np.empty(S.shape)
    for t in range(S.shape[-1]):
        loud = S[..., t : t + 1]
        if max_size > 1:
            before, n = max_size // 2, len(loud)
            loud = np.array(
                [loud[max(0, k - before) : k - before + max_size].max(axis=0) for k in range(n)]
            )
        smooth[..., t : t + 1] = past = b * loud + (1 - b) * past
    x = S / (eps + smooth) ** gain
    if power == 0:
        result = np.log1p(x)
    elif bias == 0:
        result = x**power
    else:  # (x + bias) ** power - bias ** power, without cancellation
        result = bias**power * np.expm1(power * np.log1p(x / bias))
    return (result, (1 - b) * past) if return_zf else result
