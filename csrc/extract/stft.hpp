// The short-time Fourier transform and its inverse.
#pragma once

#include "extract/workspace.hpp"
#include "plan/fft_plan.hpp"
#include "plan/framing.hpp"

namespace serfast {

template <class T> class Stft {
  public:
    Stft(std::vector<double> window, const Framing& framing);

    int n_bins() const { return plan_.n_bins(); }
    int64_t n_frames(int64_t n_samples) const { return framing_.n_frames(n_samples); }

    // out: n_bins rows of n_frames complex numbers.
    void forward(const T* y, int64_t n, T* out, std::vector<Workspace<T>>& workspaces) const;

    // in: n_bins rows of complex numbers, `stride` complex numbers apart, of which n_frames are
    // used; out: `length` samples.
    void inverse(const T* in, int64_t stride, int64_t n_frames, T* out, int64_t length,
                 Workspace<T>& workspace) const;

  private:
    std::vector<T> window_sums(int64_t n_frames, int64_t first, int64_t end) const;
    void divide_by_window_sums(int64_t n_frames, T* out, int64_t length) const;

    const Kernels<T>& kernels_;
    const std::vector<double> window_;
    const Framing framing_;
    const SpectrumPlan<T> plan_;
};

extern template class Stft<float>;
extern template class Stft<double>;

}  // namespace serfast
