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
      plan_(window_, kernels_.lanes) {
    const int64_t full = framing_.length / framing_.hop + 1, start = framing_.start_of(full);
    steady_sums_ = window_sums(full + 1, {start, start + std::min(framing_.hop, framing_.length)});
}

template <class T>
void Stft<T>::forward(const T* y, int64_t n, T* out, std::vector<Workspace<T>>& workspaces) const {
    const int64_t frames = n_frames(n), lanes = kernels_.lanes;
    const int64_t blocks = (frames + lanes - 1) / lanes;
    in_parallel(workers_for(frames, workspaces.size()), blocks, [&](int worker, int64_t first, int64_t end) {
        for (int64_t block = first; block < end; ++block)
            spectra_of_block(y, n, block, static_cast<int>(std::min(lanes, frames - block * lanes)),
                             out + 2 * block * lanes, static_cast<ptrdiff_t>(2 * frames),
                             workspaces[static_cast<size_t>(worker)]);
    });
}

template <class T>
void Stft<T>::spectra_of_block(const T* y, int64_t n, int64_t block, int count, T* out, ptrdiff_t row_stride,
                               Workspace<T>& workspace) const {
    const int64_t lanes = kernels_.lanes, blocks = (n_frames(n) + lanes - 1) / lanes;
    check_finite(kernels_, framing_, y, n, block, blocks);
    const Frames<T> in = frames_of_block(framing_, y, n, block * lanes, count, kernels_.lanes, workspace.frames);
    T* scratch = workspace.scratch.reserve(plan_.scratch_size(kernels_.lanes));
    kernels_.complex_spectrum(plan_.view(), in.first, in.stride, scratch, out, row_stride, count);
}

template <class T>
void Stft<T>::inverse(const T* in, int64_t stride, int64_t n_frames, T* out, int64_t length,
                      std::vector<Workspace<T>>& workspaces) const {
    const int64_t lanes = kernels_.lanes;
    in_parallel(workers_for(n_frames, workspaces.size()), length, [&](int worker, int64_t begin, int64_t end) {
        const Span span{begin, end};
        std::fill(out + begin, out + end, T(0));
        const auto [first, last] = frames_in(span, n_frames);
        for (int64_t frame = first; frame < last; frame += lanes)
            add_inverse(in + 2 * frame, static_cast<ptrdiff_t>(2 * stride), frame,
                        static_cast<int>(std::min(lanes, last - frame)), out, span,
                        workspaces[static_cast<size_t>(worker)]);
        divide_by_window_sums(n_frames, out, span);
    });
}

template <class T>
std::pair<int64_t, int64_t> Stft<T>::frames_in(const Span& span, int64_t n_frames) const {
    const int64_t past_first = span.begin + framing_.padding() - framing_.length;
    const int64_t first = past_first < 0 ? 0 : past_first / framing_.hop + 1;
    const int64_t end = std::min(n_frames, (span.end - 1 + framing_.padding()) / framing_.hop + 1);
    return {first, span.begin < span.end ? std::max(first, end) : first};
}

template <class T>
void Stft<T>::add_inverse(const T* in, ptrdiff_t row_stride, int64_t first_frame, int count, T* out,
                          const Span& span, Workspace<T>& workspace) const {
    const int64_t n_fft = framing_.length;
    T* scratch = workspace.scratch.reserve(plan_.scratch_size(kernels_.lanes));
    // Frames a power of two apart would fall into the same cache sets.
    const int64_t stride = n_fft + max_lanes;
    T* frames = workspace.frames.reserve(static_cast<size_t>(kernels_.lanes * stride));
    kernels_.inverse_frames(plan_.view(), in, row_stride, count, scratch, frames, static_cast<ptrdiff_t>(stride));
    for (int lane = 0; lane < count; ++lane) {
        const int64_t start = framing_.start_of(first_frame + lane);
        const int64_t begin = std::max(span.begin, start), end = std::min(span.end, start + n_fft);
        if (begin < end)
            kernels_.add_to(frames + lane * stride + (begin - start), static_cast<ptrdiff_t>(end - begin), out + begin);
    }
}

// 1 where they are nearly zero.
template <class T> std::vector<T> Stft<T>::window_sums(int64_t n_frames, const Span& span) const {
    std::vector<double> sums(static_cast<size_t>(std::max<int64_t>(0, span.end - span.begin)));
    const auto [first, last] = frames_in(span, n_frames);
    for (int64_t frame = first; frame < last; ++frame) {
        const int64_t start = framing_.start_of(frame);
        for (int64_t i = std::max(span.begin, start); i < std::min(span.end, start + framing_.length); ++i) {
            const double w = window_[static_cast<size_t>(i - start)];
            sums[static_cast<size_t>(i - span.begin)] += w * w;
        }
    }
    std::vector<T> divisors;
    for (double sum : sums)
        divisors.push_back(static_cast<T>(sum) > std::numeric_limits<T>::min() ? static_cast<T>(sum) : T(1));
    return divisors;
}

template <class T> void Stft<T>::divide_by_window_sums(int64_t n_frames, T* out, const Span& span) const {
    const int64_t hop = framing_.hop, padding = framing_.padding(), n_steady = static_cast<int64_t>(steady_sums_.size());
    const int64_t last_end = framing_.start_of(n_frames - 1) + framing_.length;
    const int64_t steady = std::clamp<int64_t>(framing_.length - padding, span.begin, span.end);
    const int64_t steady_end = std::clamp<int64_t>(n_frames * hop - padding, steady, span.end);
    for (const Span& edge : {Span{span.begin, steady}, Span{steady_end, std::min(last_end, span.end)}}) {
        const std::vector<T> sums = window_sums(n_frames, edge);
        kernels_.divide_by(sums.data(), static_cast<ptrdiff_t>(sums.size()), out + edge.begin);
    }
    for (int64_t i = steady; i < steady_end;) {
        const int64_t phase = (i + padding) % hop, n = std::min(steady_end - i, hop - phase);
        if (phase < n_steady)
            kernels_.divide_by(steady_sums_.data() + phase, static_cast<ptrdiff_t>(std::min(n, n_steady - phase)),
                               out + i);
        i += n;
    }
}

template class Stft<float>;
template class Stft<double>;

}  // namespace serfast
