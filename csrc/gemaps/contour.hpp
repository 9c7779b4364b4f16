// Statistics of contours. Where a contour has gaps, they are zeros.
#pragma once

#include <cmath>

#include "gemaps/spectra.hpp"

namespace serfast::gemaps {

// Rounding does not fill a gap: a ratio of equal powers may come out as 0 dB, or as next to it.
inline bool is_gap(double x) { return std::abs(x) < 1e-9; }

// The mean of each frame and its neighbours; where there are gaps, of those that are none.
Contour smoothed(const Contour& x, bool has_gaps);
Contour without_gaps(const Contour& x);

struct Spread {
    double mean, variation;  // standard deviation over mean
};
Spread spread_of(const Contour& x);

// Linear between the ranks.
double percentile(const Contour& sorted, double percent);

// Alternating minima and maxima, each at least a tenth of the contour's range from the last.
struct Turn {
    size_t frame;
    bool is_maximum;
};
std::vector<Turn> turning_points(const Contour& x);

struct Slopes {
    double mean_rising, deviation_rising, mean_falling, deviation_falling;  // per second, positive
};
Slopes slopes_between(const std::vector<Turn>& turns, const Contour& x);

// The lengths, in seconds from the first frame to the last, of runs of three frames and more that are gaps, or
// none; a single frame does not interrupt a run.
Contour run_lengths(const Contour& x, bool of_gaps);

}  // namespace serfast::gemaps
