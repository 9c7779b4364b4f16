"""Short-time Fourier transform and its inverse."""

import numpy as np

from .filters import fft_window
from .framing import frames, pad

_UNSUPPORTED = ("wrap", "maximum", "mean", "median", "minimum")


def stft(y, *, n_fft=2048, hop_length=None, win_length=None, window="hann", center=True,
         dtype=None, pad_mode="constant"):  # fmt: skip
    """Spectra of windowed frames (..., 1 + n_fft // 2, n_frames)."""
    if not (np.issubdtype(y.dtype, np.floating) and np.isfinite(y).all()):
        raise ValueError("y must be finite floating-point samples")
    win_length = n_fft if win_length is None else win_length
    hop_length = win_length // 4 if hop_length is None else hop_length
    taper = fft_window(window, win_length, n_fft)[:, None]
    columns = (_centered_frames if center else _plain_frames)(y, n_fft, hop_length, pad_mode)
    spectrum = np.fft.rfft(taper * columns, axis=-2)
    return spectrum if dtype is None else spectrum.astype(dtype)


def _plain_frames(y, n_fft, hop, _pad_mode):
    """Frames that begin at t * hop."""
    return frames(y, n_fft, hop)


def _centered_frames(y, n_fft, hop, pad_mode):
    """Frames whose middle is sample t * hop, the signal padded by half a frame at both ends.

    Head and tail are padded on their own, as librosa does: the tail that the padding sees begins
    with the first frame that reaches past the end, so a reflection longer than that tail turns
    back inside it. Where head and tail would share a frame the whole signal is padded at once.
    """
    if pad_mode in _UNSUPPORTED:
        raise ValueError(f"pad_mode={pad_mode!r} is not supported")
    if hop < 1:
        raise ValueError(f"hop_length={hop} must be positive")
    half, n = n_fft // 2, y.shape[-1]
    n_head = -(-half // hop)
    first_tail = (n + half - n_fft) // hop + 1
    if first_tail <= n_head:
        return frames(pad(y, half, half, pad_mode), n_fft, hop)
    head = pad(y[..., : (n_head - 1) * hop - half + n_fft + 1], half, 0, pad_mode)
    parts = [
        frames(head, n_fft, hop)[..., :n_head],
        frames(y[..., n_head * hop - half :], n_fft, hop),
    ]
    if first_tail * hop + n_fft <= n + 2 * half:
        parts.append(frames(pad(y[..., first_tail * hop - half :], 0, half, pad_mode), n_fft, hop))
    return np.concatenate(parts, axis=-1)


def istft(stft_matrix, *, hop_length=None, win_length=None, n_fft=None, window="hann", center=True,
          dtype=None, length=None):  # fmt: skip
    """Signal of a spectrum: windowed frames overlap-added, over the sum of squared windows."""
    n_fft = 2 * (stft_matrix.shape[-2] - 1) if n_fft is None else n_fft
    win_length = n_fft if win_length is None else win_length
    hop_length = win_length // 4 if hop_length is None else hop_length
    if hop_length < 1:
        raise ValueError(f"hop_length={hop_length} must be positive")
    taper = fft_window(window, win_length, n_fft)
    cut = n_fft // 2 if center else 0
    n_frames = stft_matrix.shape[-1]
    if length:
        n_frames = min(n_frames, -(-(length + 2 * cut) // hop_length))
    total = n_fft + hop_length * (n_frames - 1)
    n_out = length or total - 2 * cut
    columns = taper[:, None] * np.fft.irfft(stft_matrix[..., :n_frames], n=n_fft, axis=-2)
    signal = np.zeros((*stft_matrix.shape[:-2], max(total, cut + n_out)))
    weight = np.zeros(signal.shape[-1])
    for frame in range(n_frames):
        place = slice(frame * hop_length, frame * hop_length + n_fft)
        signal[..., place] += columns[..., frame]
        weight[place] += taper**2
    covered = weight > np.finfo(weight.dtype).tiny
    signal[..., covered] /= weight[covered]
    signal = signal[..., cut : cut + n_out]
    return signal if dtype is None else signal.astype(dtype)


def magnitude(y, S, n_fft, power=1, **frame_options):
    """The given S, or |stft(y)| ** power; and the n_fft that belongs to it.

    An S that n_fft does not fit is taken to come from an even transform.
    """
    if S is None:
        return np.abs(stft(y, n_fft=n_fft, **frame_options)) ** power, n_fft
    bins = S.shape[-2]
    return S, n_fft if n_fft is not None and n_fft // 2 + 1 == bins else 2 * (bins - 1)
