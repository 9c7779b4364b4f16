#include "extract/autocorrelation.hpp"

#include <algorithm>

#include "extract/extract.hpp"
#include "plan/isa.hpp"
#include "plan/norm.hpp"

namespace serfast {

namespace {

// The window and zeros, so long that what is cyclic in the transform does not overlap, and of a
// length that transforms fast.
std::vector<double> padded(std::vector<double> window) {
    window.resize(static_cast<size_t>(next_fast_length(2 * static_cast<int>(window.size()))), 0.0);
    return window;
}

}  // namespace

template <class T>
Autocorrelation<T>::Autocorrelation(const std::vector<double>& window, std::optional<double> norm)
    : kernels_(active_kernels<T>()), n_lags_(static_cast<int>(window.size())), norm_(norm),
      plan_(padded(window), kernels_.lanes) {}

template <class T>
void Autocorrelation<T>::run(const T* y, int64_t n, int64_t n_frames, T* out,
                             std::vector<Workspace<T>>& workspaces) const {
    const int64_t lanes = kernels_.lanes, blocks = (n_frames + lanes - 1) / lanes;
    const int64_t span = lanes - 1 + plan_.view().n_fft + lanes;  // samples that a block reads
    in_parallel(workers_for(n_frames, workspaces.size()), blocks, [&](int worker, int64_t first, int64_t end) {
        Workspace<T>& workspace = workspaces[static_cast<size_t>(worker)];
        T* scratch = workspace.scratch.reserve(plan_.scratch_size(kernels_.lanes));
        T* samples = workspace.frames.reserve(static_cast<size_t>(span));
        T* power = workspace.blocks.reserve(static_cast<size_t>((plan_.n_bins() + n_lags_) * lanes));
        T* lags = power + plan_.n_bins() * lanes;
        for (int64_t block = first; block < end; ++block) {
            const int64_t start = block * lanes, have = std::min(span, n - start);
            std::copy(y + start, y + start + have, samples);
            std::fill(samples + have, samples + span, T(0));
            kernels_.autocorrelation(plan_.view(), samples, 1, n_lags_, scratch, power, lags);
            if (norm_) kernels_.normalize(lags, n_lags_, norm_of_order(*norm_), *norm_, lags);
            kernels_.store_rows(lags, n_lags_, static_cast<int>(std::min(lanes, n_frames - start)), out + start,
                                static_cast<ptrdiff_t>(n_frames));
        }
    });
}

template class Autocorrelation<float>;
template class Autocorrelation<double>;

}  // namespace serfast
