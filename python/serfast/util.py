"""Tools for arrays under the names that they have in librosa: ``serfast.util.frame``."""

from .arrays import expand_to, fix_length, frame, normalize, pad_center
from .least_squares import nnls
from .masks import softmask
from .peaks import localmax, localmin, peak_pick
from .segments import fix_frames, index_to_slice, sync
from .values import (
    abs2,
    buf_to_float,
    dtype_c2r,
    dtype_r2c,
    is_positive_int,
    phasor,
    tiny,
    valid_audio,
    valid_int,
)

__all__ = [
    "abs2",
    "buf_to_float",
    "dtype_c2r",
    "dtype_r2c",
    "expand_to",
    "fix_frames",
    "fix_length",
    "frame",
    "index_to_slice",
    "is_positive_int",
    "localmax",
    "localmin",
    "nnls",
    "normalize",
    "pad_center",
    "peak_pick",
    "phasor",
    "softmask",
    "sync",
    "tiny",
    "valid_audio",
    "valid_int",
]
