// Kernels that treat every element alike: logarithm, clipping, square root, checks.
#pragma once

#include "simd.hpp"

namespace serfast {
namespace {

constexpr double ten_over_ln10 = 4.34294481903251827651;

// 10 log10(2) in two parts: an exponent times the first is exact.
template <class T> struct TenLog10Of2 {
    static constexpr double value = 3.01029995663981195214;
    static constexpr double scale = sizeof(T) == 4 ? 8192.0 : 1099511627776.0;
    static constexpr T high = static_cast<T>(static_cast<int64_t>(value * scale) / scale);
    static constexpr T low = static_cast<T>(value - static_cast<int64_t>(value * scale) / scale);
};

// ln(1 + f) for f in [sqrt(1/2) - 1, sqrt(2) - 1]: Chebyshev interpolants, relative error 3e-9 for
// float, and 4e-18 (through atanh) for double.
inline V<float> log_of_mantissa(V<float> f) {
    constexpr float c[] = {0.3333333118f,  -0.2499999696f, 0.2000071575f,  -0.1666780232f, 0.1424905765f,
                           -0.1242568733f, 0.1168541992f,  -0.1147973385f, 0.06971611471f};
    V<float> q = broadcast(c[8]);
    for (int i = 7; i >= 0; --i) q = q * f + c[i];
    const V<float> square = f * f;
    return f + (square * f * q - square * 0.5f);
}

inline V<double> log_of_mantissa(V<double> f) {
    constexpr double c[] = {0.66666666666666696862, 0.3999999999989950449,  0.28571428625975484921,
                            0.22222211134795079855, 0.1818288912526172208,  0.15331721600556041269,
                            0.1461644968504340586};
    const V<double> s = f / (f + 2.0), z = s * s;
    V<double> q = broadcast(c[6]);
    for (int i = 5; i >= 0; --i) q = q * z + c[i];
    return s * 2.0 + s * z * q;
}

template <class T> struct FloatBits;
template <> struct FloatBits<float> {
    static constexpr int32_t mantissa_bits = 23, sqrt_half = 0x3f3504f3;
    static constexpr float smallest = 1.17549435e-38f;
};
template <> struct FloatBits<double> {
    static constexpr int64_t mantissa_bits = 52, sqrt_half = 0x3fe6a09e667f3bcd;
    static constexpr double smallest = 2.2250738585072014e-308;
};

template <class T> inline V<T> convert(VI<T> x) { return __builtin_convertvector(x, V<T>); }

// x = 2^exponent (1 + fraction), fraction in [sqrt(1/2) - 1, sqrt(2) - 1]; x positive and normal.
template <class T> inline V<T> split_exponent(V<T> x, V<T>& fraction) {
    using Bits = FloatBits<T>;
    VI<T> bits = (VI<T>)x;
    const VI<T> exponent = (bits - Bits::sqrt_half) >> Bits::mantissa_bits;
    bits -= exponent << Bits::mantissa_bits;
    fraction = (V<T>)bits - T(1);
    return convert<T>(exponent);
}

template <class T> inline V<T> decibels_of(V<T> x) {
    V<T> fraction;
    const V<T> exponent = split_exponent<T>(x, fraction);
    using Factor = TenLog10Of2<T>;
    return exponent * Factor::high +
           (exponent * Factor::low + log_of_mantissa(fraction) * T(ten_over_ln10));
}

template <class T> inline V<T> logarithm_of(V<T> x) {
    V<T> fraction;
    const V<T> exponent = split_exponent<T>(x, fraction);
    // ln 2 in two parts: an exponent times the first is exact.
    constexpr T high = T(0.693145751953125), low = T(1.42860682030941723212e-6);
    return exponent * high + (exponent * low + log_of_mantissa(fraction));
}

template <class T> inline V<T> absolute(V<T> x) { return vmax(x, -x); }

// Runs f on whole vectors, then on a copy of the rest padded with its last element.
template <class T, class F> inline void for_each_vector(const T* in, ptrdiff_t n, T* out, F f) {
    constexpr int width = lanes<T>;
    ptrdiff_t i = 0;
    for (; i + width <= n; i += width) store(out + i, f(load(in + i)));
    if (i == n) return;
    V<T> rest = broadcast(in[n - 1]);
    for (ptrdiff_t j = i; j < n; ++j) rest[j - i] = in[j];
    rest = f(rest);
    for (ptrdiff_t j = i; j < n; ++j) out[j] = rest[j - i];
}

template <class T>
void decibels(const T* in, ptrdiff_t n, T amin, T reference, T* out, T* lane_maximum) {
    constexpr T smallest = FloatBits<T>::smallest;
    const V<T> least = broadcast(amin > smallest ? amin : smallest);
    V<T> top = broadcast(T(-__builtin_huge_val()));
    for_each_vector(in, n, out, [&](V<T> x) {
        const V<T> db = decibels_of<T>(vmax(x, least)) - reference;
        top = vmax(top, db);
        return db;
    });
    store(lane_maximum, top);
}

template <class T> void logarithm(const T* in, ptrdiff_t n, T floor, T* out) {
    const V<T> least = broadcast(floor);
    for_each_vector(in, n, out, [=](V<T> x) { return logarithm_of<T>(vmax(x, least)); });
}

template <class T> void scaled(const T* in, ptrdiff_t n, T scale, T offset, T* out) {
    for_each_vector(in, n, out, [=](V<T> x) { return x * scale + offset; });
}

template <class T> void to_double(const T* in, ptrdiff_t n, double* out) {
    constexpr int width = lanes<double>;
    ptrdiff_t i = 0;
    for (; i + width <= n; i += width) store(out + i, load_doubles(in + i));
    for (; i < n; ++i) out[i] = in[i];
}

template <class T> void floor_at(const T* in, ptrdiff_t n, T floor, T* out) {
    const V<T> least = broadcast(floor);
    for_each_vector(in, n, out, [=](V<T> x) { return vmax(x, least); });
}

template <class T> void square_root(const T* in, ptrdiff_t n, T* out) {
    for_each_vector(in, n, out, [](V<T> x) { return vsqrt(x); });
}

template <class T> void extrema(const T* in, ptrdiff_t n, T* least, T* largest) {
    constexpr int width = lanes<T>;
    V<T> low = broadcast(in[0]), high = low;
    ptrdiff_t i = 0;
    for (; i + width <= n; i += width) {
        const V<T> x = load(in + i);
        low = vmin(low, x);
        high = vmax(high, x);
    }
    *least = *largest = in[0];
    for (int lane = 0; lane < width; ++lane) {
        *least = low[lane] < *least ? low[lane] : *least;
        *largest = high[lane] > *largest ? high[lane] : *largest;
    }
    for (; i < n; ++i) {
        *least = in[i] < *least ? in[i] : *least;
        *largest = in[i] > *largest ? in[i] : *largest;
    }
}

template <class T> bool all_finite(const T* in, ptrdiff_t n) {
    constexpr int width = lanes<T>;
    VI<T> bad = {};
    ptrdiff_t i = 0;
    for (; i + width <= n; i += width) {
        const V<T> x = load(in + i);
        bad |= (VI<T>)((x - x) != V<T>{});
    }
    bool good = true;
    for (; i < n; ++i) good &= in[i] - in[i] == T(0);
    for (int lane = 0; lane < width; ++lane) good &= bad[lane] == 0;
    return good;
}

}  // namespace
}  // namespace serfast
