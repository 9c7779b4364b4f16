"""Signals changed."""

from . import decompose
from .spectrum import istft, stft


def hpss(y, *, kernel_size=31, power=2.0, mask=False, margin=1.0, n_fft=2048, hop_length=None,
         win_length=None, window="hann", center=True, pad_mode="constant"):  # fmt: skip
    """Harmonic and percussive parts of a signal."""
    frame = {"n_fft": n_fft, "hop_length": hop_length, "win_length": win_length,
             "window": window, "center": center}  # fmt: skip
    parts = decompose.hpss(
        stft(y, pad_mode=pad_mode, **frame),
        kernel_size=kernel_size, power=power, mask=mask, margin=margin,
    )  # fmt: skip
    return tuple(istft(part, dtype=y.dtype, length=y.shape[-1], **frame) for part in parts)


def harmonic(y, **options):
    """The first of the two parts."""
    return hpss(y, **options)[0]


def percussive(y, **options):
    """The second of the two parts."""
    return hpss(y, **options)[1]
