"""Energy and sign changes of frames of samples."""

import numpy as np

from .framing import frames, pad


def rms(*, y=None, S=None, frame_length=2048, hop_length=512, center=True, pad_mode="constant",
        dtype=np.float32):  # fmt: skip
    """Root of the mean square of the samples, or by Parseval of a spectrum (..., 1, n_frames).

    The squares are rounded to dtype, which by default is float32 whatever the input is.
    """
    if y is None and S is None:
        raise ValueError("y or S must be given")
    if y is not None:
        if center:
            y = pad(y, frame_length // 2, frame_length // 2, pad_mode)
        squares = np.square(frames(y, frame_length, hop_length).astype(dtype))
        return np.sqrt(np.mean(squares, axis=-2, keepdims=True, dtype=float)).astype(dtype)
    if S.shape[-2] != frame_length // 2 + 1:
        raise ValueError(f"S has {S.shape[-2]} rows, not {frame_length // 2 + 1}")
    squares = (np.abs(S) ** 2).astype(dtype)
    squares[..., 0, :] *= 0.5
    if frame_length % 2 == 0:
        squares[..., -1, :] *= 0.5
    energy = 2 * np.sum(squares, axis=-2, keepdims=True, dtype=float)
    return np.sqrt(energy / frame_length**2).astype(dtype)


def zero_crossing_rate(y, *, frame_length=2048, hop_length=512, center=True, threshold=1e-10,
                       ref_magnitude=None, pad=False, zero_pos=True):  # fmt: skip
    """Share of the samples of a frame whose sign is not that of the sample before.

    Samples within the threshold count as 0; ``pad`` is what the first sample of a frame counts as.
    """
    y = _frames(y, frame_length, hop_length, center)
    if ref_magnitude is not None:
        threshold = threshold * (
            ref_magnitude(np.abs(y)) if callable(ref_magnitude) else ref_magnitude
        )
    sign = np.sign(np.where(np.abs(y) <= threshold, 0.0, y))
    if zero_pos:
        sign = sign < 0
    changed = np.full(y.shape, bool(pad))
    changed[..., 1:, :] = sign[..., 1:, :] != sign[..., :-1, :]
    return np.mean(changed, axis=-2, keepdims=True)


def _frames(y, length, hop, center):
    """Frames of a valid signal, its ends repeated by half a frame when centred."""
    if not (np.issubdtype(y.dtype, np.floating) and np.isfinite(y).all()):
        raise ValueError("y must be finite floating-point samples")
    return frames(pad(y, length // 2, length // 2, "edge") if center else y, length, hop)
