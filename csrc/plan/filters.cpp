#include "plan/filters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace serfast {

namespace {

constexpr double pi = 3.14159265358979323846;

// Slaney's scale: linear below 1 kHz, logarithmic above.
constexpr double hz_per_mel = 200.0 / 3;
constexpr double log_start_hz = 1000.0;
constexpr double log_start_mel = log_start_hz / hz_per_mel;
const double log_step = std::log(6.4) / 27.0;

double hz_to_mel(double hz, bool htk) {
    if (htk) return 2595.0 * std::log10(1.0 + hz / 700.0);
    if (hz >= log_start_hz) return log_start_mel + std::log(hz / log_start_hz) / log_step;
    return hz / hz_per_mel;
}

double mel_to_hz(double mel, bool htk) {
    if (htk) return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0);
    if (mel >= log_start_mel) return log_start_hz * std::exp(log_step * (mel - log_start_mel));
    return hz_per_mel * mel;
}

double rounded(double x, bool single) { return single ? static_cast<float>(x) : x; }

void normalize(double* x, int n, int stride, double p, double smallest, bool single) {
    const double length = norm_of(x, n, stride, p);
    if (length < smallest) return;
    for (int i = 0; i < n; ++i) x[i * stride] = rounded(x[i * stride] / length, single);
}

}  // namespace

double norm_of(const double* x, int n, int stride, double p) {
    double length = p < 0 ? std::numeric_limits<double>::infinity() : 0;
    for (int i = 0; i < n; ++i) {
        const double m = std::abs(x[i * stride]);
        if (std::isinf(p)) length = p > 0 ? std::max(length, m) : std::min(length, m);
        else if (p == 0) length += m > 0;
        else length += std::pow(m, p);
    }
    return std::isinf(p) || p == 0 ? length : std::pow(length, 1 / p);
}

std::vector<double> cosine_window(const std::vector<double>& weights, int n, bool periodic) {
    if (n == 1) return {1.0};
    const double step = 2 * pi / (periodic ? n : n - 1);
    std::vector<double> window;
    for (int i = 0; i < n; ++i) {
        double sum = 0;
        for (size_t k = 0; k < weights.size(); ++k)
            sum += weights[k] * std::cos(static_cast<double>(k) * (i * step - pi));
        window.push_back(sum);
    }
    return window;
}

std::vector<double> fft_frequencies(double sr, int n_fft) {
    const double step = 1.0 / (n_fft * (1.0 / sr));
    std::vector<double> frequencies;
    for (int k = 0; k <= n_fft / 2; ++k) frequencies.push_back(k * step);
    return frequencies;
}

Matrix mel_filters(const MelSpec& spec) {
    const double low = hz_to_mel(spec.fmin, spec.htk), high = hz_to_mel(spec.fmax, spec.htk);
    const double step = (high - low) / (spec.n_mels + 1);
    std::vector<double> edges;
    for (int i = 0; i < spec.n_mels + 2; ++i) {
        const double mel = i <= spec.n_mels ? low + i * step : high;
        edges.push_back(spec.straight_in_mel ? mel : mel_to_hz(mel, spec.htk));
    }
    std::vector<double> frequencies = fft_frequencies(spec.sr, spec.n_fft);
    if (spec.straight_in_mel)
        for (double& f : frequencies) f = hz_to_mel(f, spec.htk);
    const int n_bins = static_cast<int>(frequencies.size());
    Matrix bank{spec.n_mels, n_bins, std::vector<double>(static_cast<size_t>(spec.n_mels) * frequencies.size())};
    for (int i = 0; i < spec.n_mels; ++i) {
        const double left = edges[i], center = edges[i + 1], right = edges[i + 2];
        double* row = bank.row(i);
        for (int k = 0; k < n_bins; ++k) {
            const double rising = (frequencies[k] - left) / (center - left);
            const double falling = (right - frequencies[k]) / (right - center);
            row[k] = rounded(std::max(0.0, std::min(rising, falling)), spec.single);
        }
        if (spec.slaney)
            for (int k = 0; k < n_bins; ++k)
                row[k] = rounded(row[k] * (2.0 / (right - left)), spec.single);
        else if (spec.norm) {
            const double smallest = spec.single ? std::numeric_limits<float>::min()
                                                : std::numeric_limits<double>::min();
            normalize(row, n_bins, 1, *spec.norm, smallest, spec.single);
        }
    }
    return bank;
}

Matrix chroma_filters(const ChromaSpec& spec, double tuning) {
    const int n = spec.n_chroma, n_bins = 1 + spec.n_fft / 2;
    const double a440 = 440.0 * std::pow(2.0, tuning / n);
    // Position of each bin on the scale; bin 0 is put one and a half octaves below bin 1.
    std::vector<double> position(static_cast<size_t>(n_bins) + 1);
    for (int k = 1; k <= n_bins; ++k)
        position[k] = n * std::log2(k * (spec.sr / spec.n_fft) / (a440 / 16));
    position[0] = position[1] - 1.5 * n;

    Matrix bank{n, n_bins, std::vector<double>(static_cast<size_t>(n) * static_cast<size_t>(n_bins))};
    const double half = std::nearbyint(n / 2.0);
    const int shift = spec.base_c ? 3 * (n / 12) : 0;
    for (int k = 0; k < n_bins; ++k) {
        const bool last = k == spec.n_fft - 1;
        const double width = last ? 1.0 : std::max(position[k + 1] - position[k], 1.0);
        double* column = bank.values.data() + k;
        std::vector<double> weights(static_cast<size_t>(n));
        for (int c = 0; c < n; ++c) {
            const double from = position[k] - c + half + 10.0 * n;
            const double distance = from - std::floor(from / n) * n - half;
            weights[c] = std::exp(-0.5 * std::pow(2 * distance / width, 2));
        }
        if (spec.norm)
            normalize(weights.data(), n, 1, *spec.norm, std::numeric_limits<double>::min(), false);
        const double octave = spec.octwidth
            ? std::exp(-0.5 * std::pow((position[k] / n - spec.ctroct) / *spec.octwidth, 2)) : 1.0;
        for (int c = 0; c < n; ++c)
            column[static_cast<ptrdiff_t>(c) * n_bins] = rounded(weights[(c + shift) % n] * octave, spec.single);
    }
    return bank;
}

Matrix dct_matrix(int type, DctNorm norm, int n_in, int n_out) {
    Matrix m{n_out, n_in, std::vector<double>(static_cast<size_t>(n_in) * static_cast<size_t>(n_out))};
    const double n = n_in;
    const double period = type == 1 ? n - 1 : n;
    const double forward = norm == DctNorm::forward ? 1 / (2 * period) : 1;
    const double ortho = std::sqrt(1 / (2 * period)), root2 = std::sqrt(2.0);
    for (int k = 0; k < n_out; ++k)
        for (int j = 0; j < n_in; ++j) {
            const bool edge_in = j == 0 || (type == 1 && j == n_in - 1);
            const bool edge_out = k == 0 || (type == 1 && k == n_in - 1);
            double w;
            if (type == 1) w = (edge_in ? 1 : 2) * std::cos(pi * k * j / (n - 1));
            else if (type == 2) w = 2 * std::cos(pi * k * (2 * j + 1) / (2 * n));
            else w = (edge_in ? 1 : 2) * std::cos(pi * (2 * k + 1) * j / (2 * n));
            if (norm == DctNorm::ortho) {
                w *= ortho;
                if (type != 2 && edge_in) w *= root2;
                if (type != 3 && edge_out) w /= root2;
            }
            m.row(k)[j] = w * forward;
        }
    return m;
}

}  // namespace serfast
