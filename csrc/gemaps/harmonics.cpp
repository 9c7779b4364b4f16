#include "gemaps/harmonics.hpp"

#include <array>
#include <cmath>

#include "gemaps/parabola.hpp"

namespace serfast::gemaps {

namespace {

constexpr int n_bins = long_fft / 2 + 1, most_harmonics = 100;
constexpr double hz_per_bin = sample_rate / long_fft;
constexpr double below_formant = 0.8, above_formant = 1.2, least_ratio = 1e-9, largest_ratio = 1e11;

bool is_peak(const double* x, int at) { return x[at] > x[at - 1] && x[at] > x[at + 1]; }

int nearest_bin(double hz) { return static_cast<int>(std::ceil(hz / hz_per_bin - 0.5)); }

// Outward from the middle, to one side first; -1 where there is none.
int nearest_peak(const double* x, int middle, int low, int high, int first_side) {
    for (int away = 0; away <= std::max(middle - low, high - middle); ++away)
        for (const int at : {middle + first_side * away, middle - first_side * away})
            if (at >= low && at <= high && is_peak(x, at)) return at;
    return -1;
}

struct Peak {
    double hz = 0, bin_height = 0, height = 0;  // height 0: no peak
};

// Peak h - 1 is that nearest to h times F0.
class HarmonicPeaks {
  public:
    HarmonicPeaks(const double* magnitude, double f0) {
        for (int h = 1; h <= most_harmonics; ++h) {
            const int middle = nearest_bin(h * f0);
            if (middle >= n_bins - 1) return;
            const int low = std::max(nearest_bin((h - 0.5) * f0), 1),
                      high = std::min(nearest_bin((h + 0.5) * f0), n_bins - 2);
            const int at = nearest_peak(magnitude, middle, low, high, 1);
            if (at < 0) continue;
            const Vertex vertex = vertex_of(magnitude[at - 1], magnitude[at], magnitude[at + 1]);
            peaks_[static_cast<size_t>(h) - 1] = {(at + vertex.shift) * hz_per_bin, magnitude[at], vertex.height};
        }
    }

    bool has(int h) const { return h > 0 && peaks_[static_cast<size_t>(h) - 1].height > 0; }
    // Relative to the bin of F0's peak.
    double decibels(int h) const {
        return h == 1 ? 0 : 20 * std::log10(peaks_[static_cast<size_t>(h) - 1].height / peaks_[0].bin_height);
    }
    // The number of the highest harmonic near a frequency; 0 where there is none.
    int highest_near(double hz) const {
        int best = 0;
        double top = 0;
        for (int h = 1; h <= most_harmonics; ++h) {
            const Peak& peak = peaks_[static_cast<size_t>(h) - 1];
            if (peak.hz < below_formant * hz || peak.hz > above_formant * hz || peak.bin_height <= top) continue;
            best = h;
            top = peak.bin_height;
        }
        return best;
    }

  private:
    std::array<Peak, most_harmonics> peaks_;
};

void add_levels(const HarmonicPeaks& peaks, size_t frame, const Formants& formants, Harmonics& to) {
    if (!peaks.has(1)) return;
    int near[n_formants];
    for (int i = 0; i < n_formants; ++i) {
        near[i] = peaks.highest_near(formants.frequency[i][frame]);
        if (peaks.has(near[i])) to.level[i][frame] = peaks.decibels(near[i]);
    }
    if (!peaks.has(2)) return;
    if (peaks.has(3)) to.h1_h2[frame] = peaks.decibels(2) - peaks.decibels(3);
    if (peaks.has(near[2])) to.h1_a3[frame] = peaks.decibels(2) - peaks.decibels(near[2]);
}

// The autocorrelation's peak nearest to the period, against what is left of the power.
double harmonicity(const double* acf, double f0) {
    const int at = nearest_peak(acf, static_cast<int>(sample_rate / f0), 1, n_bins - 2, -1);
    if (at < 0) return 0;
    const double rest = acf[0] - acf[at];
    const double ratio = rest > 0 ? acf[at] / rest : largest_ratio;
    return 10 * std::log10(std::clamp(ratio, least_ratio, largest_ratio));
}

}  // namespace

Harmonics::Harmonics(size_t frames) : hnr(frames), h1_h2(frames), h1_a3(frames) {
    for (Contour& row : level) row.resize(frames);
}

HarmonicFinder::HarmonicFinder()
    : autocorrelation_(std::vector<double>(long_fft), active_kernels<double>().lanes) {}

template <class T>
Harmonics HarmonicFinder::find(const LongSpectra& spectra, const T* y, int64_t n, const Contour& f0,
                               const Formants& formants) const {
    const Kernels<double>& kernels = active_kernels<double>();
    Harmonics result(f0.size());
    Blocks<T> blocks(spectra.group(), y, n);
    const auto lanes = static_cast<size_t>(kernels.lanes);
    Buffer<double> rows(long_fft * lanes), acf(n_bins * lanes), scratch(autocorrelation_.scratch_size(kernels.lanes));
    std::vector<double> column(n_bins);
    const auto of_lane = [&](const double* block, size_t lane) {
        for (size_t bin = 0; bin < n_bins; ++bin) column[bin] = std::sqrt(block[bin * lanes + lane]);
        return column.data();
    };
    for (size_t first = 0; first < f0.size(); first += lanes) {
        const size_t end = std::min(f0.size(), first + lanes);
        if (!has_pitch(f0, first, end)) continue;
        const double* power = blocks.run(static_cast<int64_t>(first), spectra.power() + 1)[static_cast<size_t>(spectra.power())];
        for (size_t i = 0; i < long_fft; ++i)
            std::copy_n(power + std::min(i, long_fft - i) * lanes, lanes, rows.data() + i * lanes);
        kernels.power_of_rows(autocorrelation_.view(), rows.data(), scratch.data(), acf.data());
        for (size_t t = first; t < end; ++t) {
            if (f0[t] == 0) continue;
            result.hnr[t] = harmonicity(of_lane(acf.data(), t - first), f0[t]);
            add_levels(HarmonicPeaks(of_lane(power, t - first), f0[t]), t, formants, result);
        }
    }
    return result;
}

template Harmonics HarmonicFinder::find(const LongSpectra&, const float*, int64_t, const Contour&,
                                        const Formants&) const;
template Harmonics HarmonicFinder::find(const LongSpectra&, const double*, int64_t, const Contour&,
                                        const Formants&) const;

}  // namespace serfast::gemaps
