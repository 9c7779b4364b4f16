"""Corpora of emotional speech: which clips a folder holds, and who says what in which emotion."""

from serfast.datasets._clips import Clip, Corpus, count_labels
from serfast.datasets._convert import Conversion, convert_tree
from serfast.datasets._emotions import EMOTIONS, SYNONYMS, common_label
from serfast.datasets._find import find_clips
from serfast.datasets._inspect import inspect_clips
from serfast.datasets._known import KnownCorpus
from serfast.datasets._manifest import load_manifest, save_manifest
from serfast.datasets._plot import plot_emotions
from serfast.datasets._recordings import Recordings
from serfast.datasets._registry import CORPORA, known_corpora
from serfast.datasets._samples import copy_samples, samples_dir
from serfast.datasets._sources import AUDIO_EXTENSIONS
from serfast.datasets._summary import summarise
from serfast.datasets._union import unite

__all__ = [
    "AUDIO_EXTENSIONS",
    "CORPORA",
    "EMOTIONS",
    "SYNONYMS",
    "Clip",
    "Conversion",
    "Corpus",
    "KnownCorpus",
    "Recordings",
    "common_label",
    "convert_tree",
    "copy_samples",
    "count_labels",
    "find_clips",
    "inspect_clips",
    "known_corpora",
    "load_manifest",
    "plot_emotions",
    "samples_dir",
    "save_manifest",
    "summarise",
    "unite",
]
