// Jitter and shimmer: how neighbouring periods of a voice differ.
#pragma once

#include "gemaps/spectra.hpp"

namespace serfast::gemaps {

// Contours of the long frames, 0 where a frame has no two periods.
struct Perturbation {
    Contour jitter;   // mean change of the period, relative to the period
    Contour shimmer;  // mean change of the peak-to-peak amplitude, relative to it, in dB
};

template <class T> Perturbation perturbation(const T* y, int64_t n, const Contour& f0);

}  // namespace serfast::gemaps
