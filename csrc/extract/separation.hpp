// Harmonic and percussive parts: what goes on in time, and what spreads over frequency.
#pragma once

#include "extract/stft.hpp"

namespace serfast {

struct SeparationOptions {
    int harmonic_size, percussive_size;  // of the medians along time and along frequency
    double power;                        // of the soft masks; infinite for hard ones
    double harmonic_margin, percussive_margin;
};

// One array for each part, or null where it is not wanted.
template <class T> struct Parts {
    T* harmonic;
    T* percussive;
};

// The parts, n samples each, of the signal y. Memory beyond the result does not grow with n.
template <class T>
void separate(const Stft<T>& stft, const SeparationOptions& options, const T* y, int64_t n, const Parts<T>& out,
              std::vector<Workspace<T>>& workspaces);

// The masks of a spectrogram of magnitudes, n_bins rows of n_frames.
template <class T>
void separation_masks(const SeparationOptions& options, const T* S, int n_bins, int64_t n_frames,
                      const Parts<T>& out, int threads);

}  // namespace serfast
