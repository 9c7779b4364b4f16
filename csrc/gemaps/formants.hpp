// Formants: the poles of the linear prediction of 20 ms at 11 kHz.
#pragma once

#include "gemaps/spectra.hpp"

namespace serfast::gemaps {

constexpr int n_formants = 3;

// Contours of the long frames, 0 where a frame has no such formant or is unvoiced.
struct Formants {
    explicit Formants(size_t frames);
    Contour frequency[n_formants], bandwidth[n_formants];
};

class FormantFinder {
  public:
    FormantFinder();
    // Of the frames in which f0 is not 0.
    template <class T> Formants find(const ShortSpectra& spectra, const T* y, int64_t n, const Contour& f0) const;

  private:
    void add_poles(const double* autocorrelation, const std::vector<size_t>& frames, Formants& to) const;

    std::vector<double> cosines_;  // [lag][bin]: from power to autocorrelation
    std::vector<double> start_;    // where the search for roots begins
};

}  // namespace serfast::gemaps
