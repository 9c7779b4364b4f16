"""librosa's audio features many times faster, and honest speech emotion recognition.

Feature functions carry librosa's names, keywords, defaults, shapes and values. `Extractor` computes
many of them in one pass, for one signal, a batch or files.
"""

from importlib import import_module
from typing import Any

from ._lazy import getter, homes

_modules = [
    "beat",
    "bulk",
    "convert",
    "core",
    "datasets",
    "decompose",
    "display",
    "effects",
    "feature",
    "filters",
    "kaldi",
    "live",
    "models",
    "onset",
    "tables",
    "torchaudio",
    "util",
    "whisper",
]
_home_of = homes(
    {
        "_config": "__version__ config_info get_include show_config",
        "activity": "VoiceActivity",
        "audio": "get_duration get_samplerate load resample to_mono",
        "blocks": "stream",
        "chroma": "chroma_stft",
        "constantq": "cqt hybrid_cqt pseudo_cqt vqt",
        "contrast": "spectral_contrast",
        "convert": (
            "A4_to_tuning fft_frequencies hz_to_mel hz_to_midi hz_to_octs mel_frequencies "
            "mel_to_hz midi_to_hz octs_to_hz tuning_to_A4"
        ),
        "decibel": "amplitude_to_db db_to_amplitude db_to_power power_to_db",
        "dynamics": "delta stack_memory",
        "egemaps": "egemaps_like",
        "emphasis": "deemphasis preemphasis",
        "energy": "rms zero_crossing_rate",
        "errors": "AudioError ParameterError SerfastError",
        "extractor": "Extractor",
        "f0": "pyin yin",
        "gain": "pcen",
        "harmonics": "f0_harmonics",
        "intervals": "cqt_frequencies interval_frequencies plimit_intervals pythagorean_intervals",
        "mel": "log_mel melspectrogram mfcc",
        "notes": "hz_to_note midi_to_note note_to_hz note_to_midi",
        "patching": "patch_librosa patch_report patched_librosa unpatch_librosa",
        "phases": "griffinlim magphase",
        "pitch": "estimate_tuning piptrack pitch_tuning",
        "rhythm": "fourier_tempogram tempo tempogram tempogram_ratio",
        "spectral": "spectral_bandwidth spectral_centroid spectral_flatness spectral_rolloff",
        "spectrum": "istft stft",
        "stretching": "phase_vocoder",
        "tables": "load_features",
        "times": (
            "blocks_to_frames blocks_to_samples blocks_to_time fourier_tempo_frequencies "
            "frames_to_samples frames_to_time samples_like samples_to_frames samples_to_time "
            "tempo_frequencies time_to_frames time_to_samples times_like"
        ),
        "tonal": "chroma_cens chroma_cqt chroma_vqt tonnetz",
        "tones": "chirp clicks tone",
        "trend": "poly_features",
        "voice": "periodicity voiced_f0",
        "waveform": "autocorrelate lpc mu_compress mu_expand zero_crossings",
        "weighting": (
            "A_weighting B_weighting C_weighting D_weighting Z_weighting frequency_weighting "
            "multi_frequency_weighting perceptual_weighting"
        ),
    }
)

_find = getter(__name__, _home_of)
__all__ = sorted([*_modules, *_home_of])


def __getattr__(name: str) -> Any:
    # C looks for its interface in the core by this name.
    if name in _modules or name == "_core":
        return import_module(f".{name}", __name__)
    return _find(name)


def __dir__() -> list[str]:
    return __all__
