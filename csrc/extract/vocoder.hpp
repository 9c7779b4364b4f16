// The phase vocoder: a spectrogram read at other times, its phases turned on from frame to frame.
// All in double, since the phases accumulate.
#pragma once

#include <functional>

#include "extract/stft.hpp"

namespace serfast {

// Step t of the result lies at frame times[t] of the input, times[t] >= 0, never falling.
struct Stretch {
    int n_bins;
    int64_t n_frames;
    std::vector<double> times;
};

// `load` fills the pairs of a block (of doubles), one call for each block in order; `put` gets `count`
// steps from `first` on as a block of pairs (of T).
template <class T>
void vocode(const Stretch& stretch, const std::function<void(int64_t block, double* pairs)>& load,
            const std::function<void(int64_t first, int count, const T* pairs)>& put);

// The signal y, n samples, stretched so that its frames come at other times; out: `length` samples.
template <class T>
void stretch_signal(const Stft<double>& forward, const Stft<T>& inverse, const double* y, int64_t n,
                    const std::vector<double>& times, T* out, int64_t length);

}  // namespace serfast
