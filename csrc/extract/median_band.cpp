#include "extract/median_band.hpp"

#include <algorithm>

#include "plan/framing.hpp"

namespace serfast {

namespace {

int64_t ceiling(int64_t n, int64_t unit) { return (n + unit - 1) / unit; }

}  // namespace

template <class T>
MedianBand<T>::MedianBand(const Kernels<T>& kernels, int n_bins, int64_t n_frames, int time_size,
                          int frequency_size)
    : kernels_(kernels), n_bins_(n_bins), padded_bins_(static_cast<int>(ceiling(n_bins, max_lanes)) * max_lanes),
      n_frames_(n_frames), time_size_(time_size), frequency_size_(frequency_size),
      n_slots_(static_cast<int>(1 + ceiling(time_size / 2, frames_per_step) +
                                ceiling((time_size - 1) / 2, frames_per_step))) {
    const auto step_size = static_cast<size_t>(frames_per_step * static_cast<int64_t>(padded_bins_));
    const auto one_block = static_cast<size_t>(block_size());
    magnitudes_.reserve(one_block);
    std::fill(magnitudes_.data(), magnitudes_.data() + one_block, T(0));
    frames_.reserve(step_size * static_cast<size_t>(n_slots_));
    along_frequency_.reserve(step_size * static_cast<size_t>(n_slots_));
    frames_out_.reserve(step_size);
    along_time_.reserve(step_size);
    scratch_.reserve(static_cast<size_t>(std::max(time_size, frequency_size)) * static_cast<size_t>(kernels.lanes));
    for (int i = 0; i < n_bins + frequency_size - 1; ++i)
        bins_.push_back(magnitudes_.data() + mirrored(i - frequency_size / 2, n_bins) * kernels.lanes);
}

template <class T>
void MedianBand<T>::advance(int64_t step, const std::function<void(int64_t, T*)>& load) {
    const int64_t first = step * frames_per_step - time_size_ / 2, n = frames_per_step + time_size_ - 1;
    if (next_ < 0) next_ = std::max<int64_t>(0, first) / frames_per_step;
    const int64_t last = std::min(n_frames_, first + n) - 1;
    for (; next_ * frames_per_step <= last; ++next_) add(next_, load);
    slot_ = static_cast<int>(step % n_slots_);

    std::vector<const T*> rows;
    for (int64_t i = 0; i < n; ++i) rows.push_back(frame(first + i));
    kernels_.running_median(rows.data(), frames_per_step, time_size_, padded_bins_, scratch_.data(),
                            frames_out_.data(), padded_bins_);
    for (int b = 0; b < blocks_per_step(); ++b)
        kernels_.transpose_matrix(frames_out_.data() + b * block_size(), padded_bins_, kernels_.lanes, padded_bins_,
                                  along_time_.data() + b * block_size(), kernels_.lanes);
}

template <class T> void MedianBand<T>::add(int64_t step, const std::function<void(int64_t, T*)>& load) {
    for (int b = 0; b < blocks_per_step(); ++b) {
        const int64_t block = step * blocks_per_step() + b;
        if (block * kernels_.lanes >= n_frames_) return;
        load(block, magnitudes_.data());
        const int64_t at = (step % n_slots_ * blocks_per_step() + b) * block_size();
        kernels_.transpose_matrix(magnitudes_.data(), kernels_.lanes, padded_bins_, kernels_.lanes,
                                  frames_.data() + at, padded_bins_);
        kernels_.running_median(bins_.data(), n_bins_, frequency_size_, kernels_.lanes, scratch_.data(),
                                along_frequency_.data() + at, kernels_.lanes);
    }
}

template <class T> const T* MedianBand<T>::frame(int64_t t) const {
    const int64_t slots = static_cast<int64_t>(n_slots_) * frames_per_step;
    return frames_.data() + mirrored(t, n_frames_) % slots * padded_bins_;
}

template class MedianBand<float>;
template class MedianBand<double>;

}  // namespace serfast
