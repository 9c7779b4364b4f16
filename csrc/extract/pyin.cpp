#include "extract/pyin.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace serfast {

namespace {

int most_troughs(const PeriodFinder& finder) { return finder.n_periods() / 2 + 1; }

}  // namespace

Pyin::Pyin(const PeriodFinder& finder, PitchModel model, PitchPath path)
    : finder_(finder), model_(std::move(model)), path_(std::move(path)), beliefs_below_{0.0} {
    for (double belief : model_.beliefs) beliefs_below_.push_back(beliefs_below_.back() + belief);
    // A Boltzmann distribution over the first n troughs: norms_[n] * priors_[k].
    for (int n = 0; n <= most_troughs(finder); ++n) {
        priors_.push_back(std::exp(-model_.decay * n));
        norms_.push_back((1 - std::exp(-model_.decay)) / (1 - std::exp(-model_.decay * n)));
    }
}

// The probability of each trough: for each threshold its belief, shared out among the troughs below
// it; the lowest trough also gets a share of the thresholds that nothing is below.
void Pyin::weigh(const std::vector<Trough<double>>& troughs, std::vector<double>& probs) const {
    const size_t n_troughs = troughs.size(), n_thresholds = model_.thresholds.size();
    std::vector<size_t> above(n_troughs);  // the first threshold that each trough is below
    for (size_t m = 0; m < n_troughs; ++m)
        above[m] = static_cast<size_t>(std::upper_bound(model_.thresholds.begin(), model_.thresholds.end(),
                                                        troughs[m].height) -
                                       model_.thresholds.begin());
    probs.assign(n_troughs, 0.0);
    std::vector<size_t> steps(above);
    std::sort(steps.begin(), steps.end());
    steps.push_back(n_thresholds);
    for (size_t i = 0; i < n_troughs; ++i) {
        if (steps[i] == steps[i + 1]) continue;
        // From this threshold to the next step, i + 1 troughs are below.
        double belief = 0;
        for (size_t j = steps[i]; j < steps[i + 1]; ++j) belief += model_.beliefs[j];
        for (size_t m = 0, position = 0; m < n_troughs; ++m)
            if (above[m] <= steps[i]) probs[m] += norms_[i + 1] * priors_[position++] * belief;
    }
    const auto lower = [](const auto& a, const auto& b) { return a.height < b.height; };
    const auto lowest = std::min_element(troughs.begin(), troughs.end(), lower) - troughs.begin();
    probs[static_cast<size_t>(lowest)] +=
        model_.no_trough_prob * beliefs_below_[above[static_cast<size_t>(lowest)]];
}

// Notes what a frame shows; returns the probability that it is voiced.
double Pyin::observe(const std::vector<Trough<double>>& troughs, int64_t frame,
                     PitchObservations& observations) const {
    constexpr double smallest = std::numeric_limits<double>::min();
    std::vector<double> probs;
    if (!troughs.empty()) weigh(troughs, probs);
    std::vector<std::pair<int, double>> bins;
    for (size_t m = 0; m < probs.size(); ++m) {
        if (probs[m] == 0) continue;
        const double period = finder_.min_period() + troughs[m].row + troughs[m].shift;
        const double bin = std::nearbyint(model_.bins_per_octave * std::log2(model_.sr / period / model_.fmin));
        if (bin >= path_.n_bins()) continue;
        // Of two troughs in one bin the longer period counts.
        const int at = static_cast<int>(std::max(bin, 0.0));
        if (!bins.empty() && bins.back().first == at) bins.pop_back();
        bins.emplace_back(at, probs[m]);
    }
    double voiced = 0;
    std::vector<PitchCandidate> candidates;
    for (auto bin = bins.rbegin(); bin != bins.rend(); ++bin) {
        voiced += bin->second;
        candidates.push_back({bin->first, std::log(bin->second + smallest)});
    }
    voiced = std::clamp(voiced, 0.0, 1.0);
    observations.add(frame, candidates, std::log((1 - voiced) / path_.n_bins() + smallest));
    return voiced;
}

template <class T>
void Pyin::track(const T* y, int64_t n, int threads, int32_t* states, double* voiced_prob) const {
    const Kernels<double>& kernels = finder_.kernels();
    const int most = most_troughs(finder_);
    PitchObservations observations(finder_.n_frames(n), kernels.lanes);
    finder_.find(y, n, threads, [&](int64_t frame, int count, const double* curve) {
        std::vector<Trough<double>> found(static_cast<size_t>(most * kernels.lanes));
        int counts[max_lanes];
        kernels.troughs(curve, finder_.n_periods(), most, found.data(), counts);
        for (int lane = 0; lane < count; ++lane) {
            const auto begin = found.begin() + lane * most;
            voiced_prob[frame + lane] = observe({begin, begin + counts[lane]}, frame + lane, observations);
        }
    });
    path_.decode(observations, states);
}

template void Pyin::track(const float*, int64_t, int, int32_t*, double*) const;
template void Pyin::track(const double*, int64_t, int, int32_t*, double*) const;

}  // namespace serfast
