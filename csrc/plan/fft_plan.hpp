// Tables of the transforms: computed in double, stored in the element type.
#pragma once

#include <complex>
#include <memory>
#include <vector>

#include "kernels/kernels.hpp"

namespace serfast {

// exp(-2 pi i k / n), accurate for any k.
std::complex<double> root_of_unity(int64_t k, int64_t n);

struct Factors {
    int first;                // radix of the first pass
    std::vector<int> passes;  // radices of the others
};

// The least multiple of 16 from n on whose only prime factors are 2, 3 and 5.
int next_fast_length(int n);
bool is_direct(int n);  // no prime factor needs Bluestein
Factors factorize(int n, int lanes, int element_size);

template <class T> class FftPlan {
  public:
    FftPlan(int n, const Factors& factors);
    FftPlan(const FftPlan&) = delete;
    FftPlan& operator=(const FftPlan&) = delete;
    const FftView<T>& view() const { return view_; }

  private:
    const T* keep(std::vector<T> table);
    std::vector<std::vector<T>> tables_;
    FftView<T> view_{};
};

template <class T> class SpectrumPlan {
  public:
    SpectrumPlan(const std::vector<double>& window, int lanes);
    const SpectrumView<T>& view() const { return view_; }
    int n_bins() const { return view_.n_fft / 2 + 1; }
    size_t scratch_size(int lanes) const;  // elements

  private:
    void plan_bluestein(int n, int lanes);
    std::unique_ptr<FftPlan<T>> fft_;
    std::vector<T> window_, inverse_window_, unpack_, chirp_, chirp_spectrum_;
    SpectrumView<T> view_{};
};

extern template class FftPlan<float>;
extern template class FftPlan<double>;
extern template class SpectrumPlan<float>;
extern template class SpectrumPlan<double>;

}  // namespace serfast
