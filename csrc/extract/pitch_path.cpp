#include "extract/pitch_path.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plan/isa.hpp"

namespace serfast {

namespace {

constexpr double lowest = -std::numeric_limits<double>::infinity();
// Values of this many bytes are kept for the way back; of longer signals only every so many frames'
// values are, and those between them are computed a second time.
constexpr size_t kept_bytes = size_t(16) << 20;

constexpr double smallest = std::numeric_limits<double>::min();
const double log_of_nothing = std::log(smallest);

}  // namespace

PitchObservations::PitchObservations(int64_t n_frames, int lanes)
    : lanes_(lanes), frames_(static_cast<size_t>(n_frames)),
      blocks_(static_cast<size_t>((n_frames + lanes - 1) / lanes)) {}

void PitchObservations::add(int64_t frame, const std::vector<PitchCandidate>& candidates, double unvoiced_log_prob) {
    auto& block = blocks_[static_cast<size_t>(frame / lanes_)];
    const size_t begin = block.size();
    block.insert(block.end(), candidates.begin(), candidates.end());
    frames_[static_cast<size_t>(frame)] = {unvoiced_log_prob, begin, block.size()};
}

PitchPath::PitchPath(int n_bins, int reach, const double* stay, const double* change)
    : kernels_(active_kernels<double>()) {
    const int panel = 2 * kernels_.lanes, n_offsets = 2 * reach + 1;
    const int64_t padded = (n_bins + panel - 1) / panel * panel;
    double* to = weights_.reserve(2 * static_cast<size_t>(padded * n_offsets));
    for (int first = 0; first < n_bins; first += panel)
        for (int d = 0; d < n_offsets; ++d)
            for (const double* from : {stay, change})
                for (int j = first; j < first + panel; ++j)
                    *to++ = j < n_bins ? from[static_cast<int64_t>(d) * n_bins + j] : 0.0;
    view_ = {n_bins, reach, padded + reach, weights_.data()};
}

auto PitchPath::begin(const PitchObservations& observations, double* row) const -> Values {
    const double start = std::log(1.0 / (2 * n_bins()) + smallest);
    double* voiced = row + view_.reach;
    double* unvoiced = voiced + view_.stride;
    std::fill(voiced, voiced + n_bins(), log_of_nothing + start);
    observations.for_each_candidate(0, [=](const PitchCandidate& c) { voiced[c.bin] = c.log_prob + start; });
    std::fill(unvoiced, unvoiced + n_bins(), observations.unvoiced_log_prob(0) + start);
    return {row, std::max(*std::max_element(voiced, voiced + n_bins()), *unvoiced)};
}

auto PitchPath::advance(const PitchObservations& observations, int64_t frame, const Values& before,
                                     std::vector<double>& log_probs, double* row) const -> Values {
    observations.for_each_candidate(frame, [&](const PitchCandidate& c) { log_probs[c.bin] = c.log_prob; });
    const double highest =
        kernels_.viterbi_step(view_, before.row + view_.reach, before.highest + log_of_nothing, log_probs.data(),
                              observations.unvoiced_log_prob(frame), row + view_.reach);
    observations.for_each_candidate(frame, [&](const PitchCandidate& c) { log_probs[c.bin] = log_of_nothing; });
    return {row, highest};
}

// The best state that leads to this one; of several, the first.
int PitchPath::best_source(const Values& values, int state) const {
    const int n = n_bins(), reach = view_.reach, panel = 2 * kernels_.lanes;
    const int to = state % n, n_offsets = 2 * reach + 1;
    const double* halves[] = {values.row + reach, values.row + reach + view_.stride};
    const double* weights = view_.weights + static_cast<int64_t>(to / panel) * n_offsets * 2 * panel + to % panel;
    double best = lowest;
    int source = 0;
    for (int half = 0; half < 2; ++half) {
        const int changes = half != state / n ? 1 : 0;
        for (int k = std::max(0, to - reach); k < std::min(n, to + reach + 1); ++k) {
            const double value = halves[half][k] + weights[(2 * (k - to + reach) + changes) * panel];
            if (value > best) {
                best = value;
                source = half * n + k;
            }
        }
    }
    const double jump = values.highest + log_of_nothing;
    if (jump < best) return source;
    for (int from = 0; from < 2 * n; ++from)
        if (halves[from / n][from % n] + log_of_nothing == jump) return jump > best ? from : std::min(from, source);
    return source;
}

int PitchPath::best_state(const Values& values) const {
    const double* voiced = values.row + view_.reach;
    const double* unvoiced = voiced + view_.stride;
    const double* best = std::max_element(voiced, voiced + n_bins());
    const double* other = std::max_element(unvoiced, unvoiced + n_bins());
    return static_cast<int>(*other > *best ? n_bins() + (other - unvoiced) : best - voiced);
}

void PitchPath::decode(const PitchObservations& observations, int32_t* states) const {
    const int64_t n_frames = observations.n_frames();
    const size_t row_size = static_cast<size_t>(2 * view_.stride + view_.reach);
    const int64_t span = std::min(n_frames, 1 + static_cast<int64_t>(kept_bytes / (row_size * sizeof(double))));
    const int64_t n_spans = (n_frames + span - 1) / span;
    // The rows of one span, then the first rows of the later spans.
    std::vector<double> memory(static_cast<size_t>(span + n_spans - 1) * row_size, lowest);
    std::vector<double> log_probs(static_cast<size_t>(view_.stride), log_of_nothing);
    std::vector<Values> values(static_cast<size_t>(span)), starts;
    const auto row = [&](int64_t i) { return memory.data() + static_cast<size_t>(i) * row_size; };
    const auto fill = [&](int64_t s) {
        values[0] = starts[static_cast<size_t>(s)];
        const size_t count = static_cast<size_t>(std::min(span, n_frames - s * span));
        for (size_t i = 1; i < count; ++i)
            values[i] = advance(observations, s * span + static_cast<int64_t>(i), values[i - 1], log_probs,
                                row(static_cast<int64_t>(i)));
        return count;
    };

    starts.push_back(begin(observations, row(0)));
    for (int64_t s = 0; s + 1 < n_spans; ++s) {
        const Values& last = values[fill(s) - 1];
        starts.push_back(advance(observations, (s + 1) * span, last, log_probs, row(span + s)));
    }
    for (int64_t s = n_spans - 1; s >= 0; --s) {
        const size_t count = fill(s);
        int32_t* to = states + s * span;
        const Values& last = values[count - 1];
        to[count - 1] = s + 1 == n_spans ? best_state(last) : best_source(last, to[count]);
        for (size_t i = count - 1; i > 0; --i) to[i - 1] = best_source(values[i - 1], to[i]);
    }
}

}  // namespace serfast
