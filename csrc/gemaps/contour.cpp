#include "gemaps/contour.hpp"

namespace serfast::gemaps {

namespace {

constexpr double least_turn = 0.1, higher = 1.05;  // of the contour's range; of the last maximum
constexpr int shortest_run = 3;

double mean_of(const Contour& x) {
    double sum = 0;
    for (double value : x) sum += value;
    return x.empty() ? 0 : sum / static_cast<double>(x.size());
}

double deviation_of(const Contour& x, double mean) {
    double sum = 0;
    for (double value : x) sum += (value - mean) * (value - mean);
    return x.empty() ? 0 : std::sqrt(sum / static_cast<double>(x.size()));
}

std::vector<Turn> local_extremes(const Contour& x) {
    std::vector<Turn> turns;
    for (size_t i = 2; i + 2 < x.size(); ++i) {
        if (x[i] > x[i - 1] && x[i] > x[i + 1]) turns.push_back({i, true});
        if (x[i] < x[i - 1] && x[i] < x[i + 1]) turns.push_back({i, false});
    }
    return turns;
}

// Without maxima that rise too little above the turn before and above the last deep minimum.
std::vector<Turn> with_high_maxima(const Contour& x, const std::vector<Turn>& turns, double least) {
    std::vector<char> dropped(x.size());
    double before = x[0], last_minimum = x[0], last_maximum = x[0];
    size_t highest = 0;
    bool falls = false;
    for (const Turn& turn : turns) {
        const double here = x[turn.frame];
        const bool far = std::abs(here - before) >= least;
        before = here;
        if (!turn.is_maximum) {
            if (far) last_minimum = here, falls = true;
            continue;
        }
        if (!far && here - last_minimum < least) {
            dropped[turn.frame] = 1;
            continue;
        }
        if (!far && here > higher * last_maximum) {
            dropped[highest] = 1;
        } else if (!far && !falls) {
            dropped[turn.frame] = 1;
            continue;
        }
        last_maximum = here;
        highest = turn.frame;
        falls = false;
    }
    std::vector<Turn> kept;
    for (const Turn& turn : turns)
        if (!dropped[turn.frame]) kept.push_back(turn);
    return kept;
}

std::vector<Turn> with_deep_minima(const Contour& x, const std::vector<Turn>& turns, double least) {
    std::vector<Turn> kept;
    double last_maximum = x[0];
    for (const Turn& turn : turns) {
        if (turn.is_maximum) last_maximum = x[turn.frame];
        if (turn.is_maximum || last_maximum - x[turn.frame] >= least) kept.push_back(turn);
    }
    return kept;
}

// Of neighbours of one kind the more extreme.
std::vector<Turn> alternating(const Contour& x, const std::vector<Turn>& turns) {
    std::vector<Turn> kept;
    for (const Turn& turn : turns) {
        if (kept.empty() || kept.back().is_maximum != turn.is_maximum) {
            kept.push_back(turn);
            continue;
        }
        const double here = x[turn.frame], last = x[kept.back().frame];
        if (turn.is_maximum ? here > last : here < last) kept.back() = turn;
    }
    return kept;
}

}  // namespace

Contour smoothed(const Contour& x, bool has_gaps) {
    Contour result(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
        const double before = x[i > 0 ? i - 1 : 0], after = x[std::min(i + 1, x.size() - 1)];
        const int count = has_gaps ? !is_gap(before) + 1 + !is_gap(after) : 3;
        result[i] = has_gaps && is_gap(x[i]) ? 0 : (before + x[i] + after) / count;
    }
    return result;
}

Contour without_gaps(const Contour& x) {
    Contour result;
    for (double value : x)
        if (!is_gap(value)) result.push_back(value);
    return result;
}

Spread spread_of(const Contour& x) {
    const double mean = mean_of(x);
    return {mean, deviation_of(x, mean) / (mean != 0 ? mean : 1)};
}

double percentile(const Contour& sorted, double percent) {
    if (sorted.empty()) return 0;
    const double position = percent / 100 * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<size_t>(position);
    const size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::vector<Turn> turning_points(const Contour& x) {
    if (x.empty()) return {};
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    const double least = least_turn * (*high - *low);
    return alternating(x, with_deep_minima(x, with_high_maxima(x, local_extremes(x), least), least));
}

Slopes slopes_between(const std::vector<Turn>& turns, const Contour& x) {
    if (x.size() < 2) return {};
    const size_t end = x.size() - 1;
    std::vector<Turn> ends = turns;
    if (turns.empty()) ends = {{0, x[end] < x[0]}, {end, x[end] > x[0]}};
    else {
        ends.insert(ends.begin(), {0, !turns.front().is_maximum});
        ends.push_back({end, !turns.back().is_maximum});
    }
    Contour rising, falling;
    for (size_t i = 1; i < ends.size(); ++i) {
        const double seconds = static_cast<double>(ends[i].frame - ends[i - 1].frame) * seconds_per_frame;
        const double slope = (x[ends[i].frame] - x[ends[i - 1].frame]) / seconds;
        if (ends[i].is_maximum) rising.push_back(slope);
        else falling.push_back(-slope);
    }
    const double mean_rising = mean_of(rising), mean_falling = mean_of(falling);
    return {mean_rising, deviation_of(rising, mean_rising), mean_falling, deviation_of(falling, mean_falling)};
}

Contour run_lengths(const Contour& x, bool of_gaps) {
    Contour lengths;
    size_t first = 0, last = 0;
    int count = 0;
    const auto end_run = [&] {
        if (count >= shortest_run) lengths.push_back(static_cast<double>(last - first) * seconds_per_frame);
        count = 0;
    };
    for (size_t i = 0; i < x.size(); ++i) {
        if (is_gap(x[i]) == of_gaps) {
            if (count++ == 0) first = i;
            last = i;
        } else if (count > 0 && i - last >= 2) {
            end_run();
        }
    }
    end_run();
    return lengths;
}

}  // namespace serfast::gemaps
