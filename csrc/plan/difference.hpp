// Tables of the difference function.
#pragma once

#include "plan/fft_plan.hpp"

namespace serfast {

template <class T> class DifferencePlan {
  public:
    DifferencePlan(int frame_length, int max_period, int lanes);
    const DifferenceView<T>& view() const { return view_; }
    int padded_length() const { return view_.spectrum.n_fft; }
    int power_rows() const { return spectrum_.n_bins(); }
    int out_rows() const { return view_.max_period + 2; }
    size_t scratch_size(int lanes) const { return spectrum_.scratch_size(lanes); }  // elements

  private:
    SpectrumPlan<T> spectrum_, cosine_;
    std::vector<T> sines_, cosines_;
    DifferenceView<T> view_{};
};

extern template class DifferencePlan<double>;

}  // namespace serfast
