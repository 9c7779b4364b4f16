// Medians along time and along frequency of a spectrogram that is computed as it is needed: only
// the frames around the present ones are kept, however long the signal.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/kernels.hpp"
#include "plan/buffer.hpp"

namespace serfast {

// Frames are taken in steps of so many; a block of any instruction set divides a step.
constexpr int frames_per_step = max_lanes;

// At the borders the spectrogram is mirrored, the edge repeated.
template <class T> class MedianBand {
  public:
    MedianBand(const Kernels<T>& kernels, int n_bins, int64_t n_frames, int time_size, int frequency_size);

    int blocks_per_step() const { return frames_per_step / kernels_.lanes; }
    int64_t block_size() const { return static_cast<int64_t>(padded_bins_) * kernels_.lanes; }
    // How many steps are kept; step i lies in slot i % n_slots.
    int n_slots() const { return n_slots_; }

    // Computes the medians of a step. Steps come in order, and `load` is called, in order, for all
    // blocks that they need: it fills n_bins rows.
    void advance(int64_t step, const std::function<void(int64_t block, T* magnitudes)>& load);

    // Of one block of the present step.
    const T* along_time(int block_of_step) const { return along_time_.data() + block_of_step * block_size(); }
    const T* along_frequency(int block_of_step) const {
        return along_frequency_.data() + (slot_ * blocks_per_step() + block_of_step) * block_size();
    }

  private:
    void add(int64_t step, const std::function<void(int64_t, T*)>& load);
    const T* frame(int64_t t) const;

    const Kernels<T>& kernels_;
    const int n_bins_, padded_bins_;
    const int64_t n_frames_;
    const int time_size_, frequency_size_, n_slots_;
    int64_t next_ = -1;
    int slot_ = 0;
    Buffer<T> magnitudes_, frames_, along_frequency_, frames_out_, along_time_, scratch_;
    std::vector<const T*> bins_;  // rows of magnitudes_, mirrored at both ends
};

extern template class MedianBand<float>;
extern template class MedianBand<double>;

}  // namespace serfast
