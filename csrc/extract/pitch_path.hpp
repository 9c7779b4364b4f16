// The likeliest path through pitch bins, voiced and unvoiced, from frame to frame.
#pragma once

#include <vector>

#include "kernels/kernels.hpp"
#include "plan/buffer.hpp"

namespace serfast {

struct PitchCandidate {
    int bin;
    double log_prob;
};

// What was seen in each frame. A voiced state that is no candidate has the smallest probability.
class PitchObservations {
  public:
    PitchObservations(int64_t n_frames, int lanes);

    // Frames of a block come in order; different blocks may come from different threads.
    void add(int64_t frame, const std::vector<PitchCandidate>& candidates, double unvoiced_log_prob);

    int64_t n_frames() const { return static_cast<int64_t>(frames_.size()); }
    double unvoiced_log_prob(int64_t frame) const { return frames_[static_cast<size_t>(frame)].unvoiced_log_prob; }
    template <class F> void for_each_candidate(int64_t frame, F f) const {
        const Frame& here = frames_[static_cast<size_t>(frame)];
        const auto& block = blocks_[static_cast<size_t>(frame / lanes_)];
        for (size_t i = here.begin; i < here.end; ++i) f(block[i]);
    }

  private:
    struct Frame {
        double unvoiced_log_prob;
        size_t begin, end;
    };
    const int64_t lanes_;
    std::vector<Frame> frames_;
    std::vector<std::vector<PitchCandidate>> blocks_;
};

// A Viterbi search that gives the path of a search over all transitions: those beyond `reach` bins
// all have the smallest probability, so only the one from the best state can matter.
class PitchPath {
  public:
    // stay and change: [2 * reach + 1][n_bins], the log-probability of reaching a bin from the bin
    // `row - reach` bins above it with the same, and with the other, voicing.
    PitchPath(int n_bins, int reach, const double* stay, const double* change);

    int n_bins() const { return view_.n_bins; }
    // States: bin, plus n_bins where unvoiced.
    void decode(const PitchObservations& observations, int32_t* states) const;

  private:
    // Log-probabilities of the best paths into each state, and the largest of them.
    struct Values {
        double* row;
        double highest;
    };
    Values begin(const PitchObservations& observations, double* row) const;
    Values advance(const PitchObservations& observations, int64_t frame, const Values& before,
                   std::vector<double>& log_probs, double* row) const;
    int best_source(const Values& values, int state) const;
    int best_state(const Values& values) const;

    const Kernels<double>& kernels_;
    Buffer<double> weights_;
    PitchStepView<double> view_{};
};

}  // namespace serfast
