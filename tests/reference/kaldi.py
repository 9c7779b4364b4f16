"""Kaldi's filter bank energies and cepstra, with torchaudio.compliance.kaldi's options."""

import numpy as np

EPSILON = float(np.finfo(np.float32).eps)


def fbank(waveform, *, energy_floor=1.0, htk_compat=False, use_energy=False, use_log_fbank=True,
          use_power=True, subtract_mean=False, **options):  # fmt: skip
    """Log mel energies (..., frames, num_mel_bins + use_energy)."""
    mel, energy = bands(waveform, energy_floor, use_power, **options)
    if use_log_fbank:
        mel = np.log(np.maximum(mel, EPSILON))
    if use_energy:
        mel = np.concatenate([mel, energy] if htk_compat else [energy, mel], axis=-1)
    return mel - mel.mean(axis=-2, keepdims=True) if subtract_mean else mel


def mfcc(waveform, *, num_ceps=13, cepstral_lifter=22.0, energy_floor=1.0, htk_compat=False,
         use_energy=False, subtract_mean=False, **options):  # fmt: skip
    """Mel-frequency cepstra (..., frames, num_ceps)."""
    mel, energy = bands(waveform, energy_floor, True, **options)
    n = mel.shape[-1]
    i = np.arange(num_ceps)
    dct = np.sqrt(2 / n) * np.cos(np.pi * i * (np.arange(n)[:, None] + 0.5) / n)
    dct[:, 0] = np.sqrt(1 / n)
    cepstra = np.log(np.maximum(mel, EPSILON)) @ dct
    if cepstral_lifter:
        cepstra *= 1 + cepstral_lifter / 2 * np.sin(np.pi * i / cepstral_lifter)
    if use_energy:
        cepstra[..., :1] = energy
    if htk_compat:
        first = cepstra[..., :1] * (1 if use_energy else np.sqrt(2))
        cepstra = np.concatenate([cepstra[..., 1:], first], axis=-1)
    return cepstra - cepstra.mean(axis=-2, keepdims=True) if subtract_mean else cepstra


def bands(y, energy_floor, use_power, *, sample_frequency=16000.0, frame_length=25.0,
          frame_shift=10.0, snip_edges=True, remove_dc_offset=True, preemphasis_coefficient=0.97,
          raw_energy=True, window_type="povey", blackman_coeff=0.42, round_to_power_of_two=True,
          num_mel_bins=23, low_freq=20.0, high_freq=0.0):  # fmt: skip
    """Mel energies (..., frames, num_mel_bins), and log energies (..., frames, 1)."""
    size = int(sample_frequency * frame_length * 0.001)
    x = frames(np.asarray(y, float), size, int(sample_frequency * frame_shift * 0.001), snip_edges)
    if remove_dc_offset:
        x = x - x.mean(axis=-1, keepdims=True)
    raw = x
    x = x - preemphasis_coefficient * np.concatenate([x[..., :1], x[..., :-1]], axis=-1)
    x = x * window(window_type, size, blackman_coeff)
    energy = np.square(raw if raw_energy else x).sum(axis=-1, keepdims=True)
    n_fft = 2 ** int(np.ceil(np.log2(size))) if round_to_power_of_two else size
    power = np.abs(np.fft.rfft(x, n_fft)) ** (2 if use_power else 1)
    filters = mel_filters(num_mel_bins, n_fft, sample_frequency, low_freq, high_freq)
    return power @ filters.T, np.log(np.maximum(energy, max(EPSILON, energy_floor)))


def frames(y, size, shift, snip_edges):
    """Frames (..., frames, size); without snipping, around the middle of each shift."""
    n = y.shape[-1]
    if snip_edges:
        count, first = 1 + (n - size) // shift, 0
    else:
        count, first = (n + shift // 2) // shift, shift // 2 - size // 2
    at = first + shift * np.arange(count)[:, None] + np.arange(size)
    at %= 2 * n  # mirrored at the ends, the edge sample included
    return y[..., np.minimum(at, 2 * n - 1 - at)]


def window(kind, size, blackman_coeff):
    """Symmetric window."""
    phase = 2 * np.pi * np.arange(size) / (size - 1)
    hann = 0.5 - 0.5 * np.cos(phase)
    return {
        "povey": hann**0.85,
        "hanning": hann,
        "hamming": 0.54 - 0.46 * np.cos(phase),
        "rectangular": np.ones(size),
        "blackman": blackman_coeff - 0.5 * np.cos(phase)
        + (0.5 - blackman_coeff) * np.cos(2 * phase),
    }[kind]  # fmt: skip


def mel_filters(n, n_fft, sr, low_freq, high_freq):
    """Triangles (n, 1 + n_fft // 2) with sides straight on the mel scale."""

    def mel(hz):
        return 1127 * np.log1p(hz / 700)

    high_freq = high_freq if high_freq > 0 else sr / 2 + high_freq
    edges = np.linspace(mel(low_freq), mel(high_freq), n + 2)[:, None]
    bins = mel(np.arange(1 + n_fft // 2) * sr / n_fft)
    step = edges[1] - edges[0]
    return np.maximum(0, np.minimum((bins - edges[:-2]) / step, (edges[2:] - bins) / step))
