#include "extract/response.hpp"

#include <algorithm>

#include "extract/extract.hpp"
#include "extract/frames.hpp"
#include "plan/isa.hpp"

namespace serfast {

template <class T>
Responses<T>::Responses(const std::vector<double>& window, const Framing& framing,
                        const std::complex<double>* filters, int n_rows, Phase phase)
    : kernels_(active_kernels<T>()), framing_(framing), plan_(window, kernels_.lanes), phase_(phase),
      first_bin_(plan_.n_bins()) {
    for (int row = 0; row < n_rows; ++row, filters += plan_.n_bins()) {
        int first = 0, end = plan_.n_bins();
        while (first < end && filters[first] == 0.0) ++first;
        while (end > first && filters[end - 1] == 0.0) --end;
        start_.push_back(first);
        length_.push_back(end - first);
        first_bin_ = std::min(first_bin_, first);
        end_bin_ = std::max(end_bin_, end);
        for (int k = first; k < end; ++k) {
            weights_.push_back(static_cast<T>(filters[k].real()));
            if (phase != Phase::of_spectrum_lost) weights_.push_back(static_cast<T>(filters[k].imag()));
        }
    }
}

template <class T>
void Responses<T>::run(const T* y, int64_t n, int64_t n_frames, T* out, int64_t row_stride,
                       std::vector<Workspace<T>>& workspaces) const {
    const int64_t lanes = kernels_.lanes, per_value = phase_ == Phase::kept ? 2 : 1;
    const int64_t blocks = (n_frames + lanes - 1) / lanes;
    in_parallel(workers_for(n_frames, workspaces.size()), blocks, [&](int worker, int64_t first, int64_t end) {
        Workspace<T>& workspace = workspaces[static_cast<size_t>(worker)];
        for (int64_t block = first; block < end; ++block) {
            const int64_t frame = block * lanes;
            check_finite(kernels_, framing_, y, n, block, blocks);
            const int count = static_cast<int>(std::min(lanes, n_frames - frame));
            const Frames<T> in = frames_of_block(framing_, y, n, frame, count, kernels_.lanes, workspace.frames);
            run_block(in, count, out + per_value * frame, static_cast<ptrdiff_t>(per_value * row_stride), workspace);
        }
    });
}

template <class T>
void Responses<T>::run_block(const Frames<T>& in, int count, T* out, ptrdiff_t row_stride,
                             Workspace<T>& workspace) const {
    const auto lanes = static_cast<size_t>(kernels_.lanes);
    T* scratch = workspace.scratch.reserve(plan_.scratch_size(kernels_.lanes));
    T* bins = workspace.blocks.reserve((2 * n_bins() + start_.size()) * lanes);
    if (phase_ == Phase::of_spectrum_lost) {
        T* rows = bins + n_bins() * lanes;
        kernels_.power_spectrum(plan_.view(), in.first, in.stride, scratch, bins);
        kernels_.square_root(bins, static_cast<ptrdiff_t>(n_bins() * lanes), bins);
        kernels_.filterbank({n_rows(), start_.data(), length_.data(), weights_.data()}, bins, rows);
        kernels_.store_rows(rows, n_rows(), count, out, row_stride);
        return;
    }
    const ResponseView<T> view{plan_.view(), first_bin_,     std::max(end_bin_ - first_bin_, 0),
                               n_rows(),     start_.data(), length_.data(),
                               weights_.data()};
    const auto respond = phase_ == Phase::kept ? kernels_.complex_responses : kernels_.response_magnitudes;
    respond(view, in.first, in.stride, scratch, bins, out, row_stride, count);
}

template class Responses<float>;
template class Responses<double>;

}  // namespace serfast
