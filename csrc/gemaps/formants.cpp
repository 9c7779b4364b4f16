#include "gemaps/formants.hpp"

#include <cmath>
#include <tuple>
#include <utility>

namespace serfast::gemaps {

namespace {

constexpr int order = 11, n_lags = order + 1;
constexpr double resampled_rate = 11000, min_hz = 50, max_hz = 5450;
constexpr int n_bins = 1 + static_cast<int>(resampled_rate / 2 / (sample_rate / short_fft));  // up to 5500 Hz
const double pi = std::acos(-1.0);

// Levinson's recursion: a[0..order) of z^order + a[0] z^(order - 1) + ...
void linear_prediction(const double* acf, double* a) {
    double error = acf[0];
    for (int m = 0; m < order; ++m) {
        double sum = acf[m + 1];
        for (int i = 0; i < m; ++i) sum += a[i] * acf[m - i];
        const double reflection = -sum / error;
        for (int i = 0, j = m - 1; i <= j; ++i, --j) {
            const double front = a[i], back = a[j];
            a[i] = front + reflection * back;
            a[j] = back + reflection * front;
        }
        a[m] = reflection;
        error *= 1 - reflection * reflection;
    }
}

}  // namespace

Formants::Formants(size_t frames) {
    for (Contour& row : frequency) row.resize(frames);
    for (Contour& row : bandwidth) row.resize(frames);
}

FormantFinder::FormantFinder() {
    for (int lag = 0; lag < n_lags; ++lag)
        for (int bin = 0; bin < n_bins; ++bin)
            cosines_.push_back((bin == 0 || bin == n_bins - 1 ? 1 : 2) * std::cos(pi * lag * bin / (n_bins - 1)));
    for (int k = 0; k < order; ++k) {
        const double angle = 2 * pi * (k + 0.25) / order;
        start_.insert(start_.end(), {0.9 * std::cos(angle), 0.9 * std::sin(angle)});
    }
}

template <class T>
Formants FormantFinder::find(const ShortSpectra& spectra, const T* y, int64_t n, const Contour& f0) const {
    Formants result(f0.size());
    Blocks<T> blocks(spectra.group(), y, n);
    const auto lanes = static_cast<size_t>(blocks.lanes());
    std::vector<double> acf;
    std::vector<size_t> frames;
    for (size_t first = 0; first < f0.size(); first += lanes) {
        const size_t end = std::min(f0.size(), first + lanes);
        if (!has_pitch(f0, first, end)) continue;
        const double* power = blocks.run(static_cast<int64_t>(first), spectra.power() + 1)[static_cast<size_t>(spectra.power())];
        for (size_t t = first; t < end; ++t) {
            if (f0[t] == 0) continue;
            double column[n_bins];
            for (size_t bin = 0; bin < n_bins; ++bin) column[bin] = power[bin * lanes + t - first];
            for (size_t lag = 0; lag < n_lags; ++lag)
                acf.push_back(active_kernels<double>().dot(column, cosines_.data() + lag * n_bins, n_bins));
            if (acf[acf.size() - n_lags] > 0) frames.push_back(t);
            else acf.resize(acf.size() - n_lags);  // digital silence
        }
    }
    for (size_t i = 0; i < frames.size(); i += lanes) {
        const std::vector<size_t> some(frames.begin() + static_cast<ptrdiff_t>(i),
                                       frames.begin() + static_cast<ptrdiff_t>(std::min(frames.size(), i + lanes)));
        add_poles(acf.data() + i * n_lags, some, result);
    }
    return result;
}

void FormantFinder::add_poles(const double* acf, const std::vector<size_t>& frames, Formants& to) const {
    const Kernels<double>& kernels = active_kernels<double>();
    const auto lanes = static_cast<size_t>(kernels.lanes);
    alignas(64) double polynomials[order * max_lanes], real[order * max_lanes], imaginary[order * max_lanes];
    for (size_t lane = 0; lane < lanes; ++lane) {
        double a[order];
        linear_prediction(acf + std::min(lane, frames.size() - 1) * n_lags, a);
        for (size_t i = 0; i < order; ++i) polynomials[i * lanes + lane] = a[i];
    }
    kernels.polynomial_roots(polynomials, order, start_.data(), real, imaginary);
    for (size_t lane = 0; lane < frames.size(); ++lane) {
        std::vector<std::pair<double, double>> poles;
        for (size_t i = 0; i < order; ++i) {
            const double re = real[i * lanes + lane], im = imaginary[i * lanes + lane];
            const double hz = std::atan2(im, re) * resampled_rate / (2 * pi);
            if (im > 0 && hz >= min_hz && hz <= max_hz)
                poles.emplace_back(hz, -0.5 * std::log(re * re + im * im) * resampled_rate / pi);
        }
        std::sort(poles.begin(), poles.end());
        for (size_t i = 0; i < std::min<size_t>(n_formants, poles.size()); ++i)
            std::tie(to.frequency[i][frames[lane]], to.bandwidth[i][frames[lane]]) = poles[i];
    }
}

template Formants FormantFinder::find(const ShortSpectra&, const float*, int64_t, const Contour&) const;
template Formants FormantFinder::find(const ShortSpectra&, const double*, int64_t, const Contour&) const;

}  // namespace serfast::gemaps
