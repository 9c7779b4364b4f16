"""Corpora of emotional speech: which clips a folder holds, and who says what in which emotion."""

from serfast.datasets._clips import Clip, Corpus, count_labels
from serfast.datasets._find import AUDIO_EXTENSIONS, find_clips
from serfast.datasets._recordings import Recordings
from serfast.datasets._samples import copy_samples, samples_dir

__all__ = [
    "AUDIO_EXTENSIONS",
    "Clip",
    "Corpus",
    "Recordings",
    "copy_samples",
    "count_labels",
    "find_clips",
    "samples_dir",
]
