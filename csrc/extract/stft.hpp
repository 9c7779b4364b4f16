// The short-time Fourier transform and its inverse.
#pragma once

#include "extract/workspace.hpp"
#include "plan/fft_plan.hpp"
#include "plan/framing.hpp"

namespace serfast {

// Samples [begin, end) of a signal.
struct Span {
    int64_t begin, end;
};

template <class T> class Stft {
  public:
    Stft(std::vector<double> window, const Framing& framing);

    const Kernels<T>& kernels() const { return kernels_; }
    int n_bins() const { return plan_.n_bins(); }
    int64_t n_frames(int64_t n_samples) const { return framing_.n_frames(n_samples); }
    int64_t n_samples(int64_t n_frames) const { return framing_.n_samples(n_frames); }

    // out: n_bins rows of n_frames complex numbers.
    void forward(const T* y, int64_t n, T* out, std::vector<Workspace<T>>& workspaces) const;

    // in: n_bins rows of complex numbers, `stride` complex numbers apart, of which n_frames are
    // used; out: `length` samples.
    void inverse(const T* in, int64_t stride, int64_t n_frames, T* out, int64_t length,
                 std::vector<Workspace<T>>& workspaces) const;

    // The parts of both, for those who go block by block. The spectra of one block, of which `count`
    // frames are stored; throws ParameterError where a sample is not finite.
    void spectra_of_block(const T* y, int64_t n, int64_t block, int count, T* out, ptrdiff_t row_stride,
                          Workspace<T>& workspace) const;
    // The frames [first, second) that reach into a span.
    std::pair<int64_t, int64_t> frames_in(const Span& span, int64_t n_frames) const;
    // Adds the inverse of `count` frames to a span of the signal out.
    void add_inverse(const T* in, ptrdiff_t row_stride, int64_t first_frame, int count, T* out,
                     const Span& span, Workspace<T>& workspace) const;
    // Divides by the sums of the squared windows of all frames.
    void divide_by_window_sums(int64_t n_frames, T* out, const Span& span) const;

  private:
    std::vector<T> window_sums(int64_t n_frames, const Span& span) const;

    const Kernels<T>& kernels_;
    const std::vector<double> window_;
    const Framing framing_;
    const SpectrumPlan<T> plan_;
    std::vector<T> steady_sums_;  // where no frame is missing, from a frame's begin to the next one's
};

extern template class Stft<float>;
extern template class Stft<double>;

}  // namespace serfast
