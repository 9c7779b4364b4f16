// How a signal is cut into frames.
#pragma once

#include <cstdint>
#include <string>

#include "plan/options.hpp"

namespace serfast {

enum class Pad { constant, edge, reflect, symmetric, linear_ramp };

Pad pad_of(const std::string& mode);

struct Framing {
    int length;
    int hop;
    bool center;
    Pad pad;
    // librosa.stft pads the end as if the signal began at the first frame that overruns it; the
    // time-domain features pad the signal as a whole.
    bool pads_end_apart;
    // Frames begin `late` samples after where centering puts them, and are counted as if the signal
    // were `spared` samples shorter: what other toolkits' centered frames differ by.
    int late = 0;
    int spared = 0;

    int padding() const { return center ? length / 2 : 0; }
    int64_t n_frames(int64_t n_samples) const;
    // How far so many frames reach, without the padding.
    int64_t n_samples(int64_t n_frames) const { return length + hop * (n_frames - 1) - 2 * padding(); }
    int64_t start_of(int64_t frame) const { return frame * hop - padding() + late; }
    // The sample from which on the end's padding is made.
    int64_t end_origin(int64_t n_samples) const;
};

// Position p folded into [0, n) by reflection, the edge repeated.
int64_t mirrored(int64_t p, int64_t n);

// The padded signal's value at any position.
template <class T> T padded_at(const Framing& framing, const T* y, int64_t n, int64_t position);

}  // namespace serfast
