// Autocorrelations of overlapping windowed frames, as a tempogram has them.
#pragma once

#include <optional>

#include "extract/workspace.hpp"
#include "plan/fft_plan.hpp"

namespace serfast {

template <class T> class Autocorrelation {
  public:
    // As many lags as the window has values. norm: the order of the norm that each frame is divided
    // by, if any.
    Autocorrelation(const std::vector<double>& window, std::optional<double> norm);

    int n_lags() const { return n_lags_; }
    // Frames begin at the first n_frames samples; out: n_lags rows of n_frames.
    void run(const T* y, int64_t n, int64_t n_frames, T* out, std::vector<Workspace<T>>& workspaces) const;

  private:
    const Kernels<T>& kernels_;
    const int n_lags_;
    const std::optional<double> norm_;
    const SpectrumPlan<T> plan_;
};

extern template class Autocorrelation<float>;
extern template class Autocorrelation<double>;

}  // namespace serfast
