#include "gemaps/pitch.hpp"

#include <array>
#include <cmath>
#include <cstdint>

#include "gemaps/parabola.hpp"

namespace serfast::gemaps {

namespace {

constexpr int n_bins = long_fft / 2 + 1, n_points = n_bins, n_harmonics = 15, n_candidates = 6;
constexpr double lowest_hz = 25, min_pitch = 55, max_pitch = 1000, decay = 0.85;
constexpr double voiced_probability = 0.7, least_rms = 0.001;
// Weights of the path's costs.
constexpr double of_frame = 2, of_threshold = 4, of_step = 10, of_bend = 5, of_voicing = 10;

const double octaves = std::log2(sample_rate / 2 / lowest_hz);
const double octaves_per_point = octaves / (n_points - 1), points_per_octave = n_points / octaves;

// The logarithms of the bins' frequencies; bin 0 as far below bin 1 as that below bin 2.
std::vector<double> log_frequencies() {
    std::vector<double> axis;
    for (int i = 0; i < n_bins; ++i) axis.push_back(std::log2(i * sample_rate / long_fft));
    axis[0] = 2 * axis[1] - axis[2];
    return axis;
}

// How the ear dampens low frequencies.
double sensitivity(int point) {
    const double knee = points_per_octave * std::log2(65.0 / 50.0) - 1;
    return 0.5 + std::atan(3 * (point + 1 - knee) / points_per_octave) / std::acos(-1.0);
}

struct Candidate {
    double hz, voicing, height;
};
// States of a frame: the candidates, then silence.
struct States {
    std::array<double, n_candidates> hz, log_hz, cost;
    double unvoiced_cost;
    int count;
};

struct Peaks {
    int rows[n_candidates];  // highest first
    int count = 0;
    double mean;  // of all rows
};

// The highest peaks of one lane.
Peaks highest_peaks(const double* sums, int lanes) {
    Peaks peaks;
    double before = sums[0], here = sums[lanes], total = before + here;
    for (int row = 1; row + 1 < n_points; ++row) {
        const double after = sums[(row + 1) * lanes];
        total += after;
        if (here > before && here > after) {
            int at = peaks.count < n_candidates ? peaks.count++ : n_candidates;
            while (at > 0 && sums[peaks.rows[at - 1] * lanes] < here) --at;
            for (int i = peaks.count - 1; i > at; --i) peaks.rows[i] = peaks.rows[i - 1];
            if (at < n_candidates) peaks.rows[at] = row;
        }
        before = here;
        here = after;
    }
    peaks.mean = total / n_points;
    return peaks;
}

int candidates(const double* sums, int lanes, Candidate* found) {
    const Peaks peaks = highest_peaks(sums, lanes);
    int count = 0, best = 0;
    for (int i = 0; i < peaks.count; ++i) {
        const double* at = sums + peaks.rows[i] * lanes;
        const Vertex vertex = vertex_of(at[-lanes], at[0], at[lanes]);
        const double hz = lowest_hz * std::exp2((peaks.rows[i] + vertex.shift) * octaves_per_point);
        if (hz < min_pitch || hz > max_pitch) continue;
        found[count] = {hz, std::max(0.0, 1 - peaks.mean / vertex.height), vertex.height};
        if (found[count].height > found[best].height) best = count;
        ++count;
    }
    if (count > 0) std::swap(found[0], found[best]);
    return count;
}

// Voices are likely between 100 and 350 Hz.
double range_cost(double hz) {
    if (hz < 100) return 1 - hz / 100;
    if (hz < 350) return 0;
    return hz < 600 ? (hz - 350) / 250 : 1.2;
}

States states_of(const double* sums, int lanes) {
    Candidate found[n_candidates];
    States states{};
    states.count = candidates(sums, lanes, found);
    for (int i = 0; i < states.count; ++i) {
        const auto at = static_cast<size_t>(i);
        const bool voiced = found[i].voicing >= voiced_probability;
        states.hz[at] = found[i].hz;
        states.log_hz[at] = std::log(found[i].hz);
        states.cost[at] = of_frame * ((voiced ? 0 : of_threshold) - std::log(std::max(found[i].voicing, 0.01))) +
                          range_cost(found[i].hz);
        if (voiced) states.unvoiced_cost = of_frame * of_threshold;
    }
    return states;
}

// The costs of the cheapest paths so far, and the way back, frame after frame.
class Path {
  public:
    void add(const States& states) {
        std::array<double, n_candidates + 1> cost{};
        std::array<std::int8_t, n_candidates + 1> from{};
        std::array<double, n_candidates + 1> hz{};
        for (int i = 0; i <= states.count; ++i) {
            const auto at = static_cast<size_t>(i);
            const bool voiced = i < states.count;
            hz[at] = voiced ? states.hz[at] : 0;
            cost[at] = voiced ? states.cost[at] : states.unvoiced_cost;
            if (!from_.empty()) cost[at] += cheapest(voiced ? &states.log_hz[at] : nullptr, from[at]);
        }
        cost_ = cost;
        before_ = states;
        from_.push_back(from);
        hz_.push_back(hz);
    }

    Contour pitch() const {
        Contour f0(hz_.size());
        size_t state = 0;
        for (size_t i = 1; i <= static_cast<size_t>(before_.count) && !hz_.empty(); ++i)
            if (cost_[i] < cost_[state]) state = i;
        for (size_t t = hz_.size(); t-- > 0; state = static_cast<size_t>(from_[t][state])) f0[t] = hz_[t][state];
        return f0;
    }

  private:
    // Into a pitch, or into silence (null), from the frame before. A step in pitch costs by its size, and by
    // how it differs from the step from the candidate ranked above.
    double cheapest(const double* log_hz, std::int8_t& from) const {
        const auto silence = static_cast<size_t>(before_.count);
        double least = cost_[silence] + (log_hz ? of_voicing : 0), above = 0;
        from = static_cast<std::int8_t>(silence);
        for (size_t j = silence; j-- > 0;) {
            double sum = cost_[j] + of_voicing;
            if (log_hz) {
                const double step = *log_hz - before_.log_hz[j];
                above = j > 0 ? *log_hz - before_.log_hz[j - 1] : 0;
                sum = cost_[j] + of_step * std::abs(step) + of_bend * std::abs(step - above);
            }
            if (sum <= least) {
                least = sum;
                from = static_cast<std::int8_t>(j);
            }
        }
        return least;
    }

    std::array<double, n_candidates + 1> cost_{};
    States before_{};
    std::vector<std::array<std::int8_t, n_candidates + 1>> from_;
    std::vector<std::array<double, n_candidates + 1>> hz_;
};

}  // namespace

SubharmonicStage::SubharmonicStage(int power) : Stage<double>(n_points, {power}), knots_(n_bins) {
    const std::vector<double> x = log_frequencies();
    for (size_t i = 1; i + 1 < x.size(); ++i) {
        const double low = x[i] - x[i - 1], high = x[i + 1] - x[i];
        const double pivot = 2 * (low + high) - (i > 1 ? low * knots_[i - 1].back : 0);
        const double before = 6 / (low * pivot), after = 6 / (high * pivot);
        knots_[i] = {before, -before - after, after, low / pivot, high / pivot};
    }
    int knot = 0;
    for (int k = 0; k < n_points; ++k) {
        const double at = std::log2(lowest_hz) + k * octaves_per_point;
        while (knot + 2 < n_bins && x[static_cast<size_t>(knot) + 1] <= at) ++knot;
        const double left = x[static_cast<size_t>(knot)], step = x[static_cast<size_t>(knot) + 1] - left;
        const double b = (at - left) / step, a = 1 - b, bend = step * step / 6, ear = sensitivity(k);
        points_.push_back({knot, a * ear, b * ear, (a * a * a - a) * bend * ear, (b * b * b - b) * bend * ear});
    }
    for (int h = 1; h <= n_harmonics; ++h) {
        shifts_.push_back(static_cast<int>(points_per_octave * std::log2(static_cast<double>(h))));
        weights_.push_back(std::pow(decay, h - 1) / n_harmonics);
    }
}

size_t SubharmonicStage::scratch_size(int lanes) const {
    return static_cast<size_t>(2 * n_bins + n_points) * static_cast<size_t>(lanes);
}

void SubharmonicStage::run(const BlockContext<double>& c, double* out, Facts<double>*) const {
    const SubharmonicView<double> view{n_bins,       knots_.data(),  n_points, points_.data(),
                                       n_harmonics, shifts_.data(), weights_.data()};
    c.kernels.subharmonic_sums(view, c.blocks[inputs[0]], c.scratch, out);
}

template <class T> Contour pitch(const LongSpectra& spectra, const T* y, int64_t n) {
    const int64_t frames = n_frames(n, long_length);
    Blocks<T> blocks(spectra.group(), y, n);
    const int lanes = blocks.lanes();
    Path path;
    std::vector<char> audible;
    for (int64_t first = 0; first < frames; first += lanes) {
        const std::vector<double*>& all = blocks.run(first, spectra.sums() + 1);
        const double* energy = all[static_cast<size_t>(spectra.prepared())] + (long_fft + 1) * lanes;
        for (int lane = 0; lane < std::min<int64_t>(lanes, frames - first); ++lane) {
            path.add(states_of(all[static_cast<size_t>(spectra.sums())] + lane, lanes));
            audible.push_back(std::sqrt(energy[lane] / long_length) > least_rms);
        }
    }
    Contour f0 = path.pitch();
    for (size_t t = 0; t < f0.size(); ++t)
        if (!audible[t]) f0[t] = 0;
    return f0;
}

template Contour pitch(const LongSpectra&, const float*, int64_t);
template Contour pitch(const LongSpectra&, const double*, int64_t);

}  // namespace serfast::gemaps
