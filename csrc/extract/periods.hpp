// Candidate periods of the frames of a signal: the troughs of their normalized difference functions.
#pragma once

#include <functional>

#include "plan/difference.hpp"
#include "plan/framing.hpp"

namespace serfast {

// One frame's troughs, by increasing period; `row` counts from the shortest period.
struct PeriodCandidates {
    const Trough<double>* troughs;
    int count;
    double first_height;  // of the shortest period, a trough or not
};

// Which trough is chosen is decided by comparing nearly equal numbers, so all of this is done in
// double, whatever the precision of the signal.
class PeriodFinder {
  public:
    PeriodFinder(const Framing& framing, int min_period, int max_period);

    int lanes() const { return kernels_.lanes; }
    int min_period() const { return min_period_; }
    int most_troughs() const { return n_periods() / 2 + 1; }
    int64_t n_frames(int64_t n_samples) const { return framing_.n_frames(n_samples); }

    // Calls take(block, lane, candidates) for each frame, from several threads, the frames of a block
    // in turn. Throws ParameterError for a signal that is not finite.
    using Take = std::function<void(int64_t block, int lane, const PeriodCandidates&)>;
    template <class T> void find(const T* y, int64_t n, int threads, const Take& take) const;

  private:
    int n_periods() const { return plan_.view().max_period - min_period_ + 1; }

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
