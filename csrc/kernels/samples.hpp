// Kernels that run along the signal, or along a row, rather than across frames.
#pragma once

#include "elementwise.hpp"

namespace serfast {
namespace {

template <class T> T sum_of_squares(const T* in, ptrdiff_t n) {
    constexpr int width = lanes<T>;
    V<T> sum[4] = {};
    ptrdiff_t i = 0;
    for (; i + 4 * width <= n; i += 4 * width)
        for (int j = 0; j < 4; ++j) {
            const V<T> x = load(in + i + j * width);
            sum[j] += x * x;
        }
    for (; i + width <= n; i += width) {
        const V<T> x = load(in + i);
        sum[0] += x * x;
    }
    const V<T> v = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    T total = 0;
    for (; i < n; ++i) total += in[i] * in[i];
    for (int lane = 0; lane < width; ++lane) total += v[lane];
    return total;
}

template <class T>
int64_t sign_changes(const T* in, ptrdiff_t n, T threshold, bool signed_zero) {
    // x < -threshold is the sign of x + threshold, moved down to all bits of the lane.
    constexpr int width = lanes<T>, sign_bit = 8 * static_cast<int>(sizeof(T)) - 1;
    int64_t total = 0;
    ptrdiff_t i = 0;
    while (i + width <= n) {
        // Short enough runs that a lane's count cannot overflow.
        const ptrdiff_t end = n - i > (ptrdiff_t(1) << 24) ? i + (ptrdiff_t(1) << 24) : n;
        VI<T> count = {};
        for (; i + width <= end; i += width) {
            const V<T> x = load(in + i), before = load(in + i - 1);
            VI<T> change = (VI<T>)(x + threshold) ^ (VI<T>)(before + threshold);
            if (signed_zero) change |= (VI<T>)(threshold - x) ^ (VI<T>)(threshold - before);
            count -= change >> sign_bit;
        }
        for (int lane = 0; lane < width; ++lane) total += count[lane];
    }
    for (; i < n; ++i) {
        bool change = (in[i] < -threshold) != (in[i - 1] < -threshold);
        if (signed_zero) change |= (in[i] > threshold) != (in[i - 1] > threshold);
        total += change;
    }
    return total;
}

// Calls f with each run of values as doubles, in vectors of half (float) or all lanes.
template <class T, class F> inline ptrdiff_t for_each_double(const T* in, ptrdiff_t n, F f) {
    ptrdiff_t i = 0;
    for (; i + lanes<double> <= n; i += lanes<double>) f(load_doubles(in + i), i);
    return i;
}

inline double sum_of_lanes(V<double> v) {
    double total = 0;
    for (int lane = 0; lane < lanes<double>; ++lane) total += v[lane];
    return total;
}

template <class T> double sum(const T* in, ptrdiff_t n) {
    V<double> sums = {};
    const ptrdiff_t rest = for_each_double(in, n, [&](V<double> x, ptrdiff_t) { sums += x; });
    double total = sum_of_lanes(sums);
    for (ptrdiff_t i = rest; i < n; ++i) total += in[i];
    return total;
}

template <class T> double dot(const T* a, const T* b, ptrdiff_t n) {
    V<double> sums = {};
    const ptrdiff_t rest =
        for_each_double(a, n, [&](V<double> x, ptrdiff_t i) { sums += x * load_doubles(b + i); });
    double total = sum_of_lanes(sums);
    for (ptrdiff_t i = rest; i < n; ++i) total += static_cast<double>(a[i]) * b[i];
    return total;
}

template <class T>
void central_moments(const T* in, ptrdiff_t n, double mean, CentralMoments* out) {
    const double middle = static_cast<double>(n - 1) / 2;
    V<double> square = {}, cube = {}, fourth = {}, slope = {}, position = {};
    for (int lane = 0; lane < lanes<double>; ++lane) position[lane] = lane - middle;
    const ptrdiff_t rest = for_each_double(in, n, [&](V<double> x, ptrdiff_t i) {
        const V<double> d = x - mean, d2 = d * d;
        square += d2;
        cube += d2 * d;
        fourth += d2 * d2;
        slope += d * (position + static_cast<double>(i));
    });
    *out = {sum_of_lanes(square), sum_of_lanes(cube), sum_of_lanes(fourth), sum_of_lanes(slope)};
    for (ptrdiff_t i = rest; i < n; ++i) {
        const double d = in[i] - mean, d2 = d * d;
        out->square += d2;
        out->cube += d2 * d;
        out->fourth += d2 * d2;
        out->slope += d * (static_cast<double>(i) - middle);
    }
}

inline V<double> unless_nan(V<double> x) { return x == x ? x : V<double>{}; }

template <class T> double weighted_sum(const T* in, ptrdiff_t n, double offset, const double* weights) {
    V<double> sums = {};
    const ptrdiff_t rest = for_each_double(
        in, n, [&](V<double> x, ptrdiff_t i) { sums += unless_nan((x - offset) * load(weights + i)); });
    double total = sum_of_lanes(sums);
    for (ptrdiff_t i = rest; i < n; ++i)
        if (in[i] == in[i]) total += (in[i] - offset) * weights[i];
    return total;
}

template <class T> double mean_squared_change(const T* in, ptrdiff_t n, ptrdiff_t lag) {
    V<double> sums = {}, counts = {};
    const ptrdiff_t rest = for_each_double(in, n - lag, [&](V<double> x, ptrdiff_t i) {
        const V<double> d = load_doubles(in + i + lag) - x;
        sums += unless_nan(d * d);
        counts += d == d ? broadcast(1.0) : V<double>{};
    });
    double total = sum_of_lanes(sums), count = sum_of_lanes(counts);
    for (ptrdiff_t i = rest; i < n - lag; ++i) {
        const double d = static_cast<double>(in[i + lag]) - in[i];
        if (d == d) total += d * d, count += 1;
    }
    return count > 0 ? total / count : 0;
}

template <class T> void add_to(const T* in, ptrdiff_t n, T* out) {
    ptrdiff_t i = 0;
    for (; i + lanes<T> <= n; i += lanes<T>) store(out + i, load(out + i) + load(in + i));
    for (; i < n; ++i) out[i] += in[i];
}

template <class T> void divide_by(const T* in, ptrdiff_t n, T* out) {
    ptrdiff_t i = 0;
    for (; i + lanes<T> <= n; i += lanes<T>) store(out + i, load(out + i) / load(in + i));
    for (; i < n; ++i) out[i] /= in[i];
}

template <class T>
void correlate(const T* in, ptrdiff_t n, const T* weights, int width, T* out) {
    constexpr int step = lanes<T>;
    ptrdiff_t i = 0;
    for (; i + step <= n; i += step) {
        V<T> sum = {};
        for (int j = 0; j < width; ++j) sum += load(in + i + j) * weights[j];
        store(out + i, sum);
    }
    for (; i < n; ++i) {
        T sum = 0;
        for (int j = 0; j < width; ++j) sum += in[i + j] * weights[j];
        out[i] = sum;
    }
}

// One row per lane: along a single row each value would wait for the one before.
template <class T>
void first_order(const FirstOrder& filter, const T* in, ptrdiff_t n, int count, T* state, T* out) {
    const T b0 = static_cast<T>(filter.b0), b1 = static_cast<T>(filter.b1), a1 = static_cast<T>(filter.a1);
    V<T> z = {}, x = {};
    for (int lane = 0; lane < count; ++lane) z[lane] = state[lane];
    const auto step = [&](ptrdiff_t i, int rows) {
        for (int lane = 0; lane < rows; ++lane) x[lane] = in[lane * n + i];
        const V<T> y = x * b0 + z;
        z = x * b1 - y * a1;
        for (int lane = 0; lane < rows; ++lane) out[lane * n + i] = y[lane];
    };
    if (count == lanes<T>)
        for (ptrdiff_t i = 0; i < n; ++i) step(i, lanes<T>);
    else
        for (ptrdiff_t i = 0; i < n; ++i) step(i, count);
    for (int lane = 0; lane < count; ++lane) state[lane] = z[lane];
}

}  // namespace
}  // namespace serfast
