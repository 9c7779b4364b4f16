#include "plan/fft_plan.hpp"

#include <cmath>
#include <limits>

namespace serfast {

namespace {

// Chosen by measurement: keeps the short transforms out of each other's cache sets.
constexpr int sub_padding = 3;
constexpr double pi = 3.14159265358979323846;
constexpr int first_radices[] = {16, 9, 8, 7, 5, 4, 3, 2};
// Radix 16 spills more registers than two passes of radix 4 cost, but pays where it splits the data.
constexpr int pass_radices[] = {9, 8, 7, 5, 4, 3, 2};

// What the machine of a vector size brings: 32 registers with 64 bytes, else 16, into which the
// larger radices do not fit.
struct Costs {
    bool many_registers;
    int points_in_l1;  // of a short transform and its copy

    // Of one point in a pass, measured, relative to radix 8 with many registers.
    double pass(int radix) const {
        switch (radix) {
            case 9: return many_registers ? 1.5 : 2.0;
            case 8: return many_registers ? 1.0 : 1.15;
            case 7: return 1.45;
            case 5: return 1.1;
            case 4: return 0.85;
            case 3: return 0.9;
            case 2: return 0.8;
            default: return 0.6 * radix;
        }
    }
    // The first pass also loads, transposes and multiplies by the window.
    double first_pass(int radix) const {
        switch (radix) {
            case 1: return 1.3;
            case 4: return many_registers ? 1.5 : 1.6;
            case 16: return many_registers ? 2.3 : 3.1;
            default: return 0.7 + pass(radix);
        }
    }
    double beyond_l1(int n) const {
        return n > points_in_l1 ? 1 + 0.5 * (static_cast<double>(n) / points_in_l1 - 1) : 1;
    }
};

struct Split {
    double cost;
    std::vector<int> passes;
};

// The cheapest composition of passes for n points; direct primes come last.
Split cheapest(int n, const Costs& costs) {
    if (n == 1) return {0, {}};
    Split best{std::numeric_limits<double>::infinity(), {}};
    const auto consider = [&](int radix) {
        Split rest = cheapest(n / radix, costs);
        const double cost = rest.cost + costs.pass(radix);
        if (cost < best.cost) {
            best = std::move(rest);
            best.cost = cost;
            best.passes.insert(best.passes.begin(), radix);
        }
    };
    for (int radix : pass_radices)
        if (n % radix == 0) consider(radix);
    if (!best.passes.empty()) return best;
    for (int prime = 11; prime <= max_direct_prime; prime += 2)
        if (n % prime == 0) {
            consider(prime);
            break;
        }
    return best;
}

template <class T> void append(std::vector<T>& table, std::complex<double> w) {
    table.push_back(static_cast<T>(w.real()));
    table.push_back(static_cast<T>(w.imag()));
}

// roots[j][k - 1] = exp(-2 pi i j k / n) for k in [1, radix).
template <class T> std::vector<T> twiddles(int n, int radix) {
    std::vector<T> table;
    for (int j = 0; j < n / radix; ++j)
        for (int k = 1; k < radix; ++k) append(table, root_of_unity(static_cast<int64_t>(j) * k, n));
    return table;
}

}  // namespace

std::complex<double> root_of_unity(int64_t k, int64_t n) {
    // Reduced to the first octant, where sine and cosine lose nothing.
    k %= n;
    if (k < 0) k += n;
    const bool lower = 2 * k > n;
    if (lower) k = n - k;
    const bool left = 4 * k > n;
    double x, y;
    const int64_t q = left ? n - 2 * k : 2 * k;  // in half steps, at most n / 2
    if (4 * q > n) {
        const double a = pi * static_cast<double>(n - 2 * q) / static_cast<double>(2 * n);
        x = std::sin(a);
        y = std::cos(a);
    } else {
        const double a = pi * static_cast<double>(q) / static_cast<double>(n);
        x = std::cos(a);
        y = std::sin(a);
    }
    return {left ? -x : x, lower ? y : -y};
}

int next_fast_length(int n) {
    for (;; ++n) {
        int rest = n;
        for (int p : {2, 3, 5})
            while (rest % p == 0) rest /= p;
        if (rest == 1 && n % 16 == 0) return n;
    }
}

bool is_direct(int n) {
    for (int p = 2; p <= max_direct_prime; ++p)
        while (n % p == 0) n /= p;
    return n == 1;
}

Factors factorize(int n, int lanes, int element_size) {
    constexpr int l1_share = 16384;  // bytes
    const Costs costs{lanes * element_size == 64, l1_share / (2 * lanes * element_size)};
    Factors best{1, cheapest(n, costs).passes};
    double least = std::numeric_limits<double>::infinity();
    for (int radix : first_radices) {
        if (n % radix != 0) continue;
        const int sub_n = n / radix, tile = lanes / 2;
        Split rest = cheapest(sub_n, costs);
        // The last tile of a first pass computes some points twice.
        const int tiles = (sub_n + tile - 1) / tile;
        const double waste = static_cast<double>(tiles * tile) / sub_n;
        const double cost = costs.first_pass(radix) * waste + rest.cost * costs.beyond_l1(sub_n);
        if (cost < least) {
            least = cost;
            best = {radix, std::move(rest.passes)};
        }
    }
    return best;
}

template <class T> const T* FftPlan<T>::keep(std::vector<T> table) {
    tables_.push_back(std::move(table));
    return tables_.back().data();
}

template <class T> FftPlan<T>::FftPlan(int n, const Factors& factors) {
    view_.n = n;
    view_.radix = factors.first;
    view_.sub_n = n / factors.first;
    view_.sub_stride = view_.sub_n + sub_padding;
    view_.twiddle = keep(twiddles<T>(n, factors.first));
    int left = view_.sub_n;
    for (int radix : factors.passes) {
        const int i = view_.n_passes++;
        view_.pass_radix[i] = radix;
        view_.pass_twiddle[i] = keep(twiddles<T>(left, radix));
        std::vector<T> roots;
        for (int k = 0; k < radix; ++k) append(roots, root_of_unity(k, radix));
        view_.pass_root[i] = keep(std::move(roots));
        left /= radix;
    }
}

template <class T>
SpectrumPlan<T>::SpectrumPlan(const std::vector<double>& window, int lanes) {
    const int n_fft = static_cast<int>(window.size());
    view_.n_fft = n_fft;
    view_.packed = n_fft % 2 == 0;
    const int n = view_.packed ? n_fft / 2 : n_fft;
    for (double w : window) {
        window_.push_back(static_cast<T>(view_.packed ? w / 2 : w));
        inverse_window_.push_back(static_cast<T>(w / n_fft));
    }
    window_.resize(window.size() + static_cast<size_t>(lanes));
    if (view_.packed)
        for (int k = 0; k < n; ++k) append(unpack_, root_of_unity(k, n_fft));
    if (is_direct(n))
        fft_ = std::make_unique<FftPlan<T>>(n, factorize(n, lanes, sizeof(T)));
    else
        plan_bluestein(n, lanes);
    view_.fft = fft_->view();
    view_.window = window_.data();
    view_.inverse_window = inverse_window_.data();
    view_.unpack = unpack_.data();
    view_.chirp = chirp_.data();
    view_.chirp_spectrum = chirp_spectrum_.data();
}

template <class T> void SpectrumPlan<T>::plan_bluestein(int n, int lanes) {
    const int length = next_fast_length(2 * n - 1);
    view_.bluestein = true;
    view_.chirp_n = n;
    fft_ = std::make_unique<FftPlan<T>>(length, factorize(length, lanes, sizeof(T)));

    std::vector<std::complex<double>> response(static_cast<size_t>(length));
    for (int j = 0; j < n; ++j) {
        const auto w = root_of_unity(static_cast<int64_t>(j) * j, 2 * static_cast<int64_t>(n));
        append(chirp_, w);
        response[static_cast<size_t>(j)] = std::conj(w);
        if (j > 0) response[static_cast<size_t>(length - j)] = std::conj(w);
    }
    // A plain transform is good enough for a table made once.
    const FftView<T>& view = fft_->view();
    chirp_spectrum_.resize(2 * static_cast<size_t>(length));
    std::vector<std::complex<double>> roots(static_cast<size_t>(length));
    for (int k = 0; k < length; ++k) roots[static_cast<size_t>(k)] = root_of_unity(k, length);
    for (int k = 0; k < length; ++k) {
        std::complex<double> sum = 0;
        for (int64_t j = 0; j < length; ++j)
            sum += response[static_cast<size_t>(j)] * roots[static_cast<size_t>(j * k % length)];
        const size_t at = 2 * static_cast<size_t>(k % view.radix * view.sub_n + k / view.radix);
        chirp_spectrum_[at] = static_cast<T>(sum.real() / length);
        chirp_spectrum_[at + 1] = static_cast<T>(sum.imag() / length);
    }
}

template <class T> size_t SpectrumPlan<T>::scratch_size(int lanes) const {
    const FftView<T>& fft = view_.fft;
    // Points and two short transforms; Bluestein and the inverse need them twice.
    const size_t points = 2 * static_cast<size_t>(fft.radix * fft.sub_stride + 2 * fft.sub_n);
    return 2 * points * static_cast<size_t>(lanes);
}

template class FftPlan<float>;
template class FftPlan<double>;
template class SpectrumPlan<float>;
template class SpectrumPlan<double>;

}  // namespace serfast
