// The frames of eGeMAPS, and a group's stages run over blocks of them.
#pragma once

#include <algorithm>

#include "extract/extract.hpp"
#include "plan/isa.hpp"

namespace serfast::gemaps {

constexpr double sample_rate = 16000;  // Hz; what follows is in samples
constexpr int hop = 160, short_length = 320, long_length = 960, short_fft = 512, long_fft = 1024;
constexpr double seconds_per_frame = hop / sample_rate;

using Contour = std::vector<double>;  // a value of each frame

inline bool has_pitch(const Contour& f0, size_t first, size_t end) {
    return std::any_of(f0.begin() + static_cast<ptrdiff_t>(first), f0.begin() + static_cast<ptrdiff_t>(end),
                       [](double hz) { return hz != 0; });
}

inline int64_t n_frames(int64_t n, int length) { return n < length ? 0 : 1 + (n - length) / hop; }

// A signal of either precision, its frames as doubles: what chooses between nearly equal peaks must not depend
// on the precision.
template <class T> class Blocks {
  public:
    Blocks(const Group<double>& group, const T* y, int64_t n)
        : group_(group), y_(y), n_(n), lanes_(active_kernels<double>().lanes),
          blocks_(blocks_in(workspace_, group, lanes_)), none_(group.stages.size()) {}

    int lanes() const { return lanes_; }

    // Runs the first `stages` stages on the frames from `first` on; frames that do not exist hold zeros.
    const std::vector<double*>& run(int64_t first, int stages) {
        const int64_t start = first * hop, span = (lanes_ - 1) * hop + group_.framing.length + lanes_;
        const int64_t inside = std::clamp<int64_t>(n_ - start, 0, span);
        double* samples = workspace_.frames.reserve(static_cast<size_t>(span));
        active_kernels<T>().to_double(y_ + start, inside, samples);
        std::fill(samples + inside, samples + span, 0.0);
        const BlockContext<double> context{active_kernels<double>(), samples,        hop,         lanes_,
                                           workspace_.scratch.data(), blocks_.data(), none_.data()};
        for (int i = 0; i < stages; ++i)
            group_.stages[static_cast<size_t>(i)]->run(context, blocks_[static_cast<size_t>(i)], nullptr);
        return blocks_;
    }

  private:
    const Group<double>& group_;
    const T* y_;
    const int64_t n_;
    const int lanes_;
    Workspace<double> workspace_;
    std::vector<double*> blocks_;
    std::vector<const Facts<double>*> none_;
};

}  // namespace serfast::gemaps
