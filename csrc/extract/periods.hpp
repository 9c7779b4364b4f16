// The normalized difference functions of the frames of a signal, whose troughs are at the periods.
#pragma once

#include <functional>

#include "plan/difference.hpp"
#include "plan/framing.hpp"

namespace serfast {

// Which trough is chosen is decided by comparing nearly equal numbers, so all of this is done in
// double, whatever the precision of the signal.
class PeriodFinder {
  public:
    PeriodFinder(const Framing& framing, int min_period, int max_period);

    const Kernels<double>& kernels() const { return kernels_; }
    int min_period() const { return min_period_; }
    int n_periods() const { return plan_.view().max_period - min_period_ + 1; }
    int64_t n_frames(int64_t n_samples) const { return framing_.n_frames(n_samples); }

    // Calls take(first frame, count, curve) for each block, from several threads; the curve's rows are
    // the periods. Throws ParameterError for a signal that is not finite.
    using Take = std::function<void(int64_t frame, int count, const double* curve)>;
    template <class T> void find(const T* y, int64_t n, int threads, const Take& take) const;

  private:
    const Kernels<double>& kernels_;
    const Framing framing_;
    const int min_period_;
    const DifferencePlan<double> plan_;
};

// The period of each frame in samples, as YIN chooses it: of the first trough below the threshold, or
// else of the lowest point.
template <class T>
void yin_periods(const PeriodFinder& finder, const T* y, int64_t n, double threshold, int threads, double* out);

}  // namespace serfast
