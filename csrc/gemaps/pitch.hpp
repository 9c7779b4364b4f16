// The pitch of eGeMAPS: subharmonic summation (Hermes 1988), and the cheapest path through its candidates.
#pragma once

#include "gemaps/spectra.hpp"

namespace serfast::gemaps {

// The spectrum summed up at each frequency and at its multiples, on an axis of octaves from 25 Hz on.
class SubharmonicStage : public Stage<double> {
  public:
    explicit SubharmonicStage(int power);
    void run(const BlockContext<double>& context, double* out, Facts<double>*) const override;
    size_t scratch_size(int lanes) const override;

  private:
    std::vector<SplineKnot<double>> knots_;
    std::vector<SplinePoint<double>> points_;
    std::vector<int> shifts_;
    std::vector<double> weights_;
};

// F0 of each long frame in Hz, 0 where unvoiced.
template <class T> Contour pitch(const LongSpectra& spectra, const T* y, int64_t n);

}  // namespace serfast::gemaps
