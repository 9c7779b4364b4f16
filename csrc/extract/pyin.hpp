// Probabilistic YIN: what each frame's troughs say about its pitch, and the likeliest path.
#pragma once

#include "extract/periods.hpp"
#include "extract/pitch_path.hpp"

namespace serfast {

// The weight of troughs and the grid of pitch bins.
struct PitchModel {
    std::vector<double> thresholds;  // increasing
    std::vector<double> beliefs;     // in each of them
    double decay;                    // of a trough's prior from each trough to the next
    double no_trough_prob;
    double sr;
    double fmin;
    int bins_per_octave;
};

// Troughs come by increasing period; their rows count from the shortest period.
class Pyin {
  public:
    Pyin(const PeriodFinder& finder, PitchModel model, PitchPath path);

    int64_t n_frames(int64_t n_samples) const { return finder_.n_frames(n_samples); }

    // States as PitchPath::decode gives them, and the probability that each frame is voiced.
    template <class T> void track(const T* y, int64_t n, int threads, int32_t* states, double* voiced_prob) const;

  private:
    void weigh(const std::vector<Trough<double>>& troughs, std::vector<double>& probs) const;
    double observe(const std::vector<Trough<double>>& troughs, int64_t frame, PitchObservations& observations) const;

    const PeriodFinder& finder_;
    const PitchModel model_;
    const PitchPath path_;
    std::vector<double> priors_, norms_, beliefs_below_;
};

}  // namespace serfast
