// What eGeMAPS takes from a voice's harmonics: harmonics-to-noise ratio and levels.
#pragma once

#include "gemaps/formants.hpp"
#include "plan/fft_plan.hpp"

namespace serfast::gemaps {

// In dB, 0 where a frame has no value.
struct Harmonics {
    explicit Harmonics(size_t frames);
    Contour hnr;
    // H1 is the first harmonic above F0; A3 the highest one near F3.
    Contour h1_h2, h1_a3;
    Contour level[n_formants];  // of the highest harmonic near each formant, relative to F0's
};

class HarmonicFinder {
  public:
    HarmonicFinder();
    template <class T>
    Harmonics find(const LongSpectra& spectra, const T* y, int64_t n, const Contour& f0,
                   const Formants& formants) const;

  private:
    SpectrumPlan<double> autocorrelation_;  // of a symmetric row of power: real, so its power is its square
};

}  // namespace serfast::gemaps
