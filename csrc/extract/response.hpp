// Filters, given as spectra, over the frames of a signal: one octave of a constant-Q transform.
#pragma once

#include <complex>

#include "extract/frames.hpp"
#include "extract/workspace.hpp"
#include "plan/fft_plan.hpp"
#include "plan/framing.hpp"

namespace serfast {

// What becomes of the phase: kept in complex responses, or lost with their magnitudes, or lost
// before, with those of the spectrum.
enum class Phase { kept, of_responses_lost, of_spectrum_lost };

template <class T> class Responses {
  public:
    // filters: n_rows spectra of window.size() / 2 + 1 bins. Where the phase of the spectrum is lost,
    // their imaginary parts do not count.
    Responses(const std::vector<double>& window, const Framing& framing,
              const std::complex<double>* filters, int n_rows, Phase phase);

    Phase phase() const { return phase_; }
    int n_rows() const { return static_cast<int>(start_.size()); }
    int64_t n_frames(int64_t n_samples) const { return framing_.n_frames(n_samples); }

    // The first n_frames frames of y to n_rows rows, `row_stride` values (or pairs) apart.
    void run(const T* y, int64_t n, int64_t n_frames, T* out, int64_t row_stride,
             std::vector<Workspace<T>>& workspaces) const;

  private:
    void run_block(const Frames<T>& in, int count, T* out, ptrdiff_t row_stride, Workspace<T>& workspace) const;
    size_t n_bins() const { return static_cast<size_t>(plan_.n_bins()); }

    const Kernels<T>& kernels_;
    const Framing framing_;
    const SpectrumPlan<T> plan_;
    const Phase phase_;
    int first_bin_ = 0, end_bin_ = 0;
    std::vector<int> start_, length_;
    std::vector<T> weights_;
};

extern template class Responses<float>;
extern template class Responses<double>;

}  // namespace serfast
