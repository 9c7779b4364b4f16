#include "extract/stft.hpp"

#include <algorithm>
#include <limits>

#include "extract/extract.hpp"
#include "extract/frames.hpp"
#include "plan/isa.hpp"

namespace serfast {

template <class T>
Stft<T>::Stft(std::vector<double> window, const Framing& framing)
    : kernels_(active_kernels<T>()), window_(std::move(window)), framing_(framing),
      plan_(window_, kernels_.lanes) {}

template <class T>
void Stft<T>::forward(const T* y, int64_t n, T* out, std::vector<Workspace<T>>& workspaces) const {
    const int64_t frames = n_frames(n), lanes = kernels_.lanes;
    const int64_t blocks = (frames + lanes - 1) / lanes;
    in_parallel(workers_for(frames, workspaces.size()), blocks, [&](int worker, int64_t first, int64_t end) {
        Workspace<T>& workspace = workspaces[static_cast<size_t>(worker)];
        T* scratch = workspace.scratch.reserve(plan_.scratch_size(kernels_.lanes));
        for (int64_t block = first; block < end; ++block) {
            const int64_t frame = block * lanes;
            check_finite(kernels_, framing_, y, n, block, blocks);
            const int count = static_cast<int>(std::min(lanes, frames - frame));
            const Frames<T> in = frames_of_block(framing_, y, n, frame, count, kernels_.lanes, workspace.frames);
            kernels_.complex_spectrum(plan_.view(), in.first, in.stride, scratch, out + 2 * frame,
                                      static_cast<ptrdiff_t>(2 * frames), count);
        }
    });
}

template <class T>
void Stft<T>::inverse(const T* in, int64_t stride, int64_t n_frames, T* out, int64_t length,
                      Workspace<T>& workspace) const {
    const int64_t lanes = kernels_.lanes, n_fft = framing_.length;
    T* scratch = workspace.scratch.reserve(plan_.scratch_size(kernels_.lanes));
    T* frames = workspace.frames.reserve(static_cast<size_t>(lanes * n_fft));
    std::fill(out, out + length, T(0));
    for (int64_t first = 0; first < n_frames; first += lanes) {
        const int count = static_cast<int>(std::min(lanes, n_frames - first));
        kernels_.inverse_frames(plan_.view(), in + 2 * first, static_cast<ptrdiff_t>(2 * stride), count,
                                scratch, frames);
        for (int lane = 0; lane < count; ++lane) {
            const int64_t start = framing_.start_of(first + lane);
            const int64_t begin = std::max<int64_t>(0, -start), end = std::min(n_fft, length - start);
            const T* frame = frames + lane * n_fft;
            for (int64_t i = begin; i < end; ++i) out[start + i] += frame[i];
        }
    }
    divide_by_window_sums(n_frames, out, length);
}

// Sums of the squared windows that overlap at the samples [first, end).
template <class T>
std::vector<T> Stft<T>::window_sums(int64_t n_frames, int64_t first, int64_t end) const {
    const int64_t n_fft = framing_.length, hop = framing_.hop;
    std::vector<T> sums;
    for (int64_t i = first; i < end; ++i) {
        const int64_t at = i + framing_.padding();
        double sum = 0;
        for (int64_t t = std::max<int64_t>(0, (at - n_fft) / hop); t < n_frames && t * hop <= at; ++t)
            if (at - t * hop < n_fft)
                sum +=
                    window_[static_cast<size_t>(at - t * hop)] * window_[static_cast<size_t>(at - t * hop)];
        sums.push_back(static_cast<T>(sum));
    }
    return sums;
}

template <class T> void Stft<T>::divide_by_window_sums(int64_t n_frames, T* out, int64_t length) const {
    const int64_t hop = framing_.hop;
    // Away from the ends the sums repeat every hop.
    const int64_t steady = std::min(length, static_cast<int64_t>(framing_.length));
    const int64_t steady_end = std::max(steady, std::min(length, (n_frames - 1) * hop - framing_.padding()));
    const auto divide = [&](int64_t first, int64_t end, const std::vector<T>& sums) {
        for (int64_t i = first, j = 0; i < end; ++i, j = j + 1 == static_cast<int64_t>(sums.size()) ? 0 : j + 1)
            if (sums[static_cast<size_t>(j)] > std::numeric_limits<T>::min()) out[i] /= sums[static_cast<size_t>(j)];
    };
    divide(0, steady, window_sums(n_frames, 0, steady));
    if (steady_end > steady)
        divide(steady, steady_end, window_sums(n_frames, steady, std::min(steady + hop, steady_end)));
    divide(steady_end, length, window_sums(n_frames, steady_end, length));
}

template class Stft<float>;
template class Stft<double>;

}  // namespace serfast
