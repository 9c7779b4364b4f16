#include "gemaps/spectra.hpp"

#include <cmath>

#include "gemaps/pitch.hpp"
#include "stages/kaldi.hpp"

namespace serfast::gemaps {

namespace {

const double pi = std::acos(-1.0);
constexpr int n_bands = 26;
constexpr double least_mel_power = 9.3e-10, least_bin_power = 1e-14, compression = 0.33, hz_per_bin = sample_rate / short_fft;
constexpr int bin(double hz) { return static_cast<int>(hz / hz_per_bin); }

Framing framing(int length) { return {length, hop, false, Pad::constant, false}; }

int add_prepared(Group<double>& group, int n_fft, std::vector<double> window) {
    const int length = group.framing.length;
    return group.stage("prepared", [&] {
        return std::make_unique<PreparedFramesStage<double>>(
            Preparation{length, n_fft, false, 0.0, std::move(window)});
    });
}

int add_power(Group<double>& group, int prepared, int n_fft) {
    return group.stage("power", [&] {
        return std::make_unique<PowerOfFramesStage<double>>(prepared, n_fft, active_kernels<double>().lanes);
    });
}

Matrix mel_bank() {
    MelSpec spec{sample_rate, short_fft, n_bands, 20, 8000, true, false, std::nullopt, false};
    spec.straight_in_mel = true;
    Matrix bank = mel_filters(spec);
    bank.row(0)[1] = 0;  // the bin nearest to 20 Hz
    return bank;
}

// Coefficients 1 to 4 of logarithms to base e, liftered.
Matrix cepstrum() {
    Matrix matrix = dct_matrix(2, DctNorm::ortho, n_bands, n_mfcc + 1);
    matrix.values.erase(matrix.values.begin(), matrix.values.begin() + n_bands);
    matrix.rows = n_mfcc;
    for (int k = 1; k <= n_mfcc; ++k)
        for (int j = 0; j < n_bands; ++j) matrix.row(k - 1)[j] *= 1 + 11 * std::sin(pi * k / 22);
    return matrix;
}

// The regression of decibels on Hz in two ranges of bins, from natural logarithms.
Matrix slopes() {
    Matrix matrix{2, bin(1500) + 1, std::vector<double>(static_cast<size_t>(2 * (bin(1500) + 1)))};
    const int ends[] = {0, bin(500), bin(1500)};
    for (int row = 0; row < 2; ++row) {
        const double middle = (ends[row] + ends[row + 1]) / 2.0;
        double square = 0;
        for (int i = ends[row]; i <= ends[row + 1]; ++i) square += (i - middle) * (i - middle);
        for (int i = ends[row]; i <= ends[row + 1]; ++i)
            matrix.row(row)[i] = (i - middle) / (square * hz_per_bin) * 10 / std::log(10.0);
    }
    return matrix;
}

// Makhoul and Cosell's curve, in rad/s.
double ear(double hz) {
    const double w = 2 * pi * hz, w2 = w * w;
    return 1e32 * (w2 + 56.8e6) * w2 * w2 /
           ((w2 + 6.3e6) * (w2 + 6.3e6) * (w2 + 0.38e9) * (w2 * w2 * w2 * w + 1.7e31));
}

std::vector<double> log_ear_of_bands() {
    const double low = std::log1p(20 / 700.0), high = std::log1p(8000 / 700.0);
    std::vector<double> result;
    for (int band = 1; band <= n_bands; ++band)
        result.push_back(std::log(ear(700 * std::expm1(low + (high - low) * band / (n_bands + 1)))));
    return result;
}

std::vector<double> gaussian() {
    const double middle = (long_length - 1) / 2.0;
    std::vector<double> window;
    for (int i = 0; i < long_length; ++i)
        window.push_back(std::exp(-0.5 * std::pow((i - middle) / (0.4 * middle), 2)));
    return window;
}

// Values of one lane's rows, from the block's first one on.
double sum_of_rows(const double* block, int first, int end, int lanes) {
    double sum = 0;
    for (int row = first; row < end; ++row) sum += block[row * lanes];
    return sum;
}
double max_of_rows(const double* block, int first, int end, int lanes) {
    double top = 0;
    for (int row = first; row < end; ++row) top = std::max(top, block[row * lanes]);
    return top;
}

double decibels(double power, double reference) {
    return 10 * std::log10(std::max(power, least_bin_power) / std::max(reference, least_bin_power));
}

}  // namespace

ShortContours::ShortContours(int64_t frames)
    : energy(static_cast<size_t>(frames)), loudness(energy), flux(energy) {
    for (Contour& row : mfcc) row = energy;
    for (Contour& row : balance) row = energy;
}

ShortSpectra::ShortSpectra() : group_("short", framing(short_length), false), log_ear_(log_ear_of_bands()) {
    prepared_ = add_prepared(group_, short_fft, cosine_window({0.54, 0.46}, short_length, false));
    power_ = add_power(group_, prepared_, short_fft);
    mel_ = group_.stage("mel", [&] { return std::make_unique<FilterbankStage<double>>(power_, mel_bank()); });
    // Of samples as 16-bit integers, bands below 1 would count as 1: the scale drops out of the coefficients.
    log_mel_ = group_.stage("log mel", [&] {
        return std::make_unique<LogarithmStage<double>>(mel_, 0, n_bands, 1 / (32767.0 * 32767.0));
    });
    mfcc_ = group_.stage("mfcc", [&] { return std::make_unique<MatrixStage<double>>(log_mel_, cepstrum()); });
    log_power_ = group_.stage("log power", [&] {
        return std::make_unique<LogarithmStage<double>>(power_, 0, bin(1500) + 1, least_bin_power);
    });
    slopes_ = group_.stage("slopes", [&] { return std::make_unique<MatrixStage<double>>(log_power_, slopes()); });
    magnitudes_ = group_.stage("magnitudes", [&] {
        return std::make_unique<MagnitudeStage<double>>(power_, bin(5000), 1);
    });
    group_.finish(active_kernels<double>().lanes);
}

template <class T> ShortContours ShortSpectra::contours(const T* y, int64_t n) const {
    const int64_t frames = n_frames(n, short_length);
    ShortContours result(frames);
    Blocks<T> blocks(group_, y, n);
    const int lanes = blocks.lanes();
    std::vector<double> before(static_cast<size_t>(bin(5000)));
    for (int64_t first = 0; first < frames; first += lanes) {
        const std::vector<double*>& all = blocks.run(first, static_cast<int>(group_.stages.size()));
        const int count = static_cast<int>(std::min<int64_t>(lanes, frames - first));
        add_block(all, first, count, result);
        const double* magnitude = all[static_cast<size_t>(magnitudes_)];
        double change[max_lanes] = {};
        for (int row = 0; row < bin(5000); ++row) {
            const double* here = magnitude + row * lanes;
            double& last = before[static_cast<size_t>(row)];
            for (int lane = 0; lane < lanes; ++lane) {
                const double d = here[lane] - (lane ? here[lane - 1] : last);
                change[lane] += d * d;
            }
            last = here[lanes - 1];
        }
        for (int lane = 0; lane < count; ++lane)
            result.flux[static_cast<size_t>(first + lane)] =
                first + lane == 0 ? 0 : std::sqrt(change[lane] / bin(5000));
    }
    return result;
}

void ShortSpectra::add_block(const std::vector<double*>& blocks, int64_t first, int count, ShortContours& to) const {
    const int lanes = active_kernels<double>().lanes;
    const auto block = [&](int stage) { return blocks[static_cast<size_t>(stage)]; };
    for (int lane = 0; lane < count; ++lane) {
        const auto frame = static_cast<size_t>(first + lane);
        to.energy[frame] = block(prepared_)[short_fft * lanes + lane] / short_length;
        const double* mel = block(mel_) + lane;
        double loudness = 0;
        for (int band = 0; band < n_bands; ++band)
            loudness += std::exp(compression * (std::log(std::max(mel[band * lanes], least_mel_power)) +
                                                log_ear_[static_cast<size_t>(band)]));
        to.loudness[frame] = loudness / n_bands;
        for (int k = 0; k < n_mfcc; ++k) to.mfcc[k][frame] = block(mfcc_)[k * lanes + lane];
        const double* power = block(power_) + lane;
        const double below = sum_of_rows(power, 0, bin(1000), lanes),
                     above = sum_of_rows(power, bin(1000), bin(5000) + 1, lanes);
        if (below + above == 0) continue;
        to.balance[0][frame] = decibels(above, below);
        to.balance[1][frame] = decibels(max_of_rows(power, 0, bin(2000), lanes),
                                        max_of_rows(power, bin(2000), bin(5000) + 1, lanes));
        for (int i = 0; i < 2; ++i) to.balance[2 + i][frame] = block(slopes_)[i * lanes + lane];
    }
}

LongSpectra::LongSpectra() : group_("long", framing(long_length), false) {
    prepared_ = add_prepared(group_, long_fft, gaussian());
    power_ = add_power(group_, prepared_, long_fft);
    sums_ = group_.stage("subharmonic sums", [&] { return std::make_unique<SubharmonicStage>(power_); });
    group_.finish(active_kernels<double>().lanes);
}

template ShortContours ShortSpectra::contours(const float*, int64_t) const;
template ShortContours ShortSpectra::contours(const double*, int64_t) const;

}  // namespace serfast::gemaps
