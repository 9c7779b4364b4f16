// Tables of the difference function.
#pragma once

#include <algorithm>

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

// Where a block's frames lie with the zeros behind them that a longer transform reads; frames that
// overlap stay one stretch of the signal.
class PaddedFrames {
  public:
    PaddedFrames(ptrdiff_t stride, int length, int padded_length, int lanes)
        : from_(stride), runs_(stride <= length ? 1 : lanes),
          span_(stride <= length ? (lanes - 1) * stride + length : length),
          stride(stride <= length ? stride : padded_length + lanes),
          size((lanes - 1) * this->stride + padded_length + lanes) {}

    // copy(from, n, to): the samples of n values.
    template <class In, class T, class Copy> void fill(const In* samples, T* out, const Copy& copy) const {
        for (int run = 0; run < runs_; ++run) {
            copy(samples + run * from_, span_, out + run * stride);
            std::fill(out + run * stride + span_, run + 1 == runs_ ? out + size : out + (run + 1) * stride, T(0));
        }
    }

  private:
    const ptrdiff_t from_;
    const int runs_;
    const ptrdiff_t span_;

  public:
    const ptrdiff_t stride, size;
};

extern template class DifferencePlan<float>;
extern template class DifferencePlan<double>;

}  // namespace serfast
