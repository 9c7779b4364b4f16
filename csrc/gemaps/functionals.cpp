#include "gemaps/functionals.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "gemaps/contour.hpp"

namespace serfast::gemaps {

namespace {

constexpr double base_of_semitones = 27.5, least_energy = 1e-30;

constexpr const char* balance_names[] = {"alphaRatio", "hammarbergIndex", "slope", "slope"};
constexpr const char* slope_bands[] = {"", "", "0-500", "500-1500"};

Contour semitones(const Contour& f0) {
    Contour result;
    for (double hz : f0) result.push_back(hz > 0 ? 12 * std::log2(hz / base_of_semitones) : 0);
    return result;
}

class Columns {
  public:
    void add(const std::string& name, double value) { columns_.push_back({name, value}); }

    void add_spread(const std::string& name, const Contour& x) {
        const Spread spread = spread_of(x);
        add(name + "_amean", spread.mean);
        add(name + "_stddevNorm", spread.variation);
    }

    void add_course(const std::string& name, const Contour& x, const std::vector<Turn>& turns) {
        add_spread(name, x);
        Contour sorted = x;
        std::sort(sorted.begin(), sorted.end());
        const double low = percentile(sorted, 20), high = percentile(sorted, 80);
        add(name + "_percentile20.0", low);
        add(name + "_percentile50.0", percentile(sorted, 50));
        add(name + "_percentile80.0", high);
        add(name + "_pctlrange0-2", high - low);
        const Slopes slopes = slopes_between(turns, x);
        add(name + "_meanRisingSlope", slopes.mean_rising);
        add(name + "_stddevRisingSlope", slopes.deviation_rising);
        add(name + "_meanFallingSlope", slopes.mean_falling);
        add(name + "_stddevFallingSlope", slopes.deviation_falling);
    }

    void add_lengths(const std::string& what, const std::string& unit, const Contour& lengths) {
        const Spread spread = spread_of(lengths);
        add("Mean" + what + "SegmentLength" + unit, spread.mean);
        add("Stddev" + what + "SegmentLength" + unit, spread.mean * spread.variation);
    }

    std::vector<Column> take() { return std::move(columns_); }

  private:
    std::vector<Column> columns_;
};

// Of the long frames those that have a pitch, or none; the others become gaps.
Contour where(bool voiced, const Contour& x, const Contour& f0) {
    Contour result(f0.size());
    for (size_t t = 0; t < f0.size(); ++t)
        if ((f0[t] > 0) == voiced) result[t] = x[t];
    return result;
}

void add_voice(const Contours& c, Columns& to) {
    const auto add = [&](const std::string& name, const Contour& x) {
        to.add_spread(name + "_sma3nz", without_gaps(smoothed(x, true)));
    };
    add("jitterLocal", c.perturbation.jitter);
    add("shimmerLocaldB", c.perturbation.shimmer);
    add("HNRdBACF", c.harmonics.hnr);
    add("logRelF0-H1-H2", c.harmonics.h1_h2);
    add("logRelF0-H1-A3", c.harmonics.h1_a3);
    for (int i = 0; i < n_formants; ++i) {
        const std::string name = "F" + std::to_string(i + 1);
        add(name + "frequency", c.formants.frequency[i]);
        add(name + "bandwidth", c.formants.bandwidth[i]);
        add(name + "amplitudeLogRelF0", c.harmonics.level[i]);
    }
    const auto add_voiced = [&](const std::string& name, const Contour& x) { add(name, where(true, x, c.f0)); };
    for (int i = 0; i < n_balance; ++i)
        add_voiced(std::string(balance_names[i]) + "V" + slope_bands[i], c.shorts.balance[i]);
    add_voiced("spectralFluxV", c.shorts.flux);
    for (int k = 0; k < n_mfcc; ++k) add_voiced("mfcc" + std::to_string(k + 1) + "V", c.shorts.mfcc[k]);
}

void add_unvoiced(const Contours& c, Columns& to) {
    const auto add = [&](const std::string& name, const Contour& x) {
        to.add(name + "_sma3nz_amean", spread_of(without_gaps(smoothed(where(false, x, c.f0), true))).mean);
    };
    for (int i = 0; i < n_balance; ++i)
        add(std::string(balance_names[i]) + "UV" + slope_bands[i], c.shorts.balance[i]);
    add("spectralFluxUV", c.shorts.flux);
}

}  // namespace

std::vector<Column> columns_of(const Contours& c) {
    Columns columns;
    const Contour pitch = smoothed(semitones(c.f0), true), pitched = without_gaps(pitch);
    columns.add_course("F0semitoneFrom27.5Hz_sma3nz", pitched, turning_points(pitched));
    const Contour loudness = smoothed(c.shorts.loudness, false);
    const std::vector<Turn> turns = turning_points(loudness);
    columns.add_course("loudness_sma3", loudness, turns);
    columns.add_spread("spectralFlux_sma3", smoothed(c.shorts.flux, false));
    for (int k = 0; k < n_mfcc; ++k)
        columns.add_spread("mfcc" + std::to_string(k + 1) + "_sma3", smoothed(c.shorts.mfcc[k], false));
    add_voice(c, columns);
    add_unvoiced(c, columns);

    const auto per_second = [](auto count, const Contour& x) {
        return static_cast<double>(count) / (static_cast<double>(x.size()) * seconds_per_frame);
    };
    const auto maxima =
        std::count_if(turns.begin(), turns.end(), [](const Turn& turn) { return turn.is_maximum; });
    columns.add("loudnessPeaksPerSec", per_second(maxima, loudness));
    const Contour voiced = run_lengths(pitch, false);
    columns.add("VoicedSegmentsPerSec", per_second(voiced.size(), pitch));
    columns.add_lengths("Voiced", "Sec", voiced);
    columns.add_lengths("Unvoiced", "", run_lengths(pitch, true));
    const double energy = spread_of(c.shorts.energy).mean;
    columns.add("equivalentSoundLevel_dBp", 10 * std::log10(std::max(energy, least_energy)));
    return columns.take();
}

}  // namespace serfast::gemaps
