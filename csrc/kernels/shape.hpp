// Kernels that describe the shape of a spectrum by one number per frame.
#pragma once

#include "rows.hpp"

namespace serfast {
namespace {

// Sum over rows of term(k): partial sums of `columns_per_sum` terms in four chains.
template <class T, class F> inline V<T> sum_rows(int rows, F term) {
    V<T> total = {};
    for (int first = 0; first < rows; first += columns_per_sum) {
        const int end = first + columns_per_sum < rows ? first + columns_per_sum : rows;
        V<T> a = {}, b = {}, c = {}, d = {};
        int k = first;
        for (; k + 3 < end; k += 4) {
            a += term(k);
            b += term(k + 1);
            c += term(k + 2);
            d += term(k + 3);
        }
        for (; k < end; ++k) a += term(k);
        total += (a + b) + (c + d);
    }
    return total;
}

// The divisor of a normalization to unit sum: silence stays as it is.
template <class T> inline V<T> unless_tiny(V<T> sum) {
    return sum < FloatBits<T>::smallest ? broadcast(T(1)) : sum;
}

template <class T> void centroid(const T* spectrum, int rows, const T* frequencies, T* out) {
    const V<T>* s = as_vectors(spectrum);
    const V<T> total = sum_rows<T>(rows, [=](int k) { return s[k]; });
    const V<T> moment = sum_rows<T>(rows, [=](int k) { return s[k] * frequencies[k]; });
    *as_vectors(out) = moment / unless_tiny<T>(total);
}

template <class T>
void bandwidth(const T* spectrum, int rows, const T* frequencies, const T* centroid, double exponent,
               bool normalized, T* out) {
    const V<T>* s = as_vectors(spectrum);
    const V<T> center = *as_vectors(centroid);
    V<T> moment;
    if (exponent == 2)
        moment = sum_rows<T>(rows, [=](int k) {
            const V<T> d = center - frequencies[k];
            return s[k] * (d * d);
        });
    else
        moment = sum_rows<T>(rows, [=](int k) {
            return s[k] * power<T>(absolute<T>(center - frequencies[k]), exponent);
        });
    if (normalized) moment /= unless_tiny<T>(sum_rows<T>(rows, [=](int k) { return s[k]; }));
    *as_vectors(out) = exponent == 2 ? vsqrt(moment) : power<T>(moment, 1 / exponent);
}

// The least frequency whose cumulative sum reaches the given fraction of the total.
template <class T>
void rolloff(const T* spectrum, int rows, const T* frequencies, T fraction, T* out) {
    const V<T>* s = as_vectors(spectrum);
    const V<T> threshold = sum_rows<T>(rows, [=](int k) { return s[k]; }) * fraction;
    V<T> least = broadcast(T(__builtin_huge_val())), before = {};
    for (int first = 0; first < rows; first += columns_per_sum) {
        const int end = first + columns_per_sum < rows ? first + columns_per_sum : rows;
        V<T> here = {};
        for (int k = first; k < end; ++k) {
            here += s[k];
            const V<T> reached = vmin(least, broadcast(frequencies[k]));
            least = before + here < threshold ? least : reached;
        }
        before += here;
    }
    *as_vectors(out) = least;
}

// Geometric over arithmetic mean of max(amin, power). The logarithms are never taken one by one:
// mantissas are multiplied, exponents added.
template <class T> void flatness(const T* power, int rows, T amin, T* out) {
    const V<T>* p = as_vectors(power);
    const V<T> least = broadcast(amin > FloatBits<T>::smallest ? amin : FloatBits<T>::smallest);
    constexpr int factors = 32;
    V<T> logarithm = {}, exponent = {};
    for (int first = 0; first < rows; first += factors) {
        const int end = first + factors < rows ? first + factors : rows;
        V<T> product = broadcast(T(1)), fraction;
        for (int k = first; k < end; ++k) {
            exponent += split_exponent<T>(vmax(p[k], least), fraction);
            product *= fraction + T(1);
        }
        exponent += split_exponent<T>(product, fraction);
        logarithm += log_of_mantissa(fraction);
    }
    const V<T> mean = sum_rows<T>(rows, [=](int k) { return vmax(p[k], least); }) / T(rows);
    V<T> geometric;
    for (int i = 0; i < lanes<T>; ++i) {
        const double sum =
            static_cast<double>(exponent[i]) * 0.69314718055994530942 + static_cast<double>(logarithm[i]);
        geometric[i] = static_cast<T>(__builtin_exp(sum / rows));
    }
    *as_vectors(out) = geometric / mean;
}

// The root-mean-square of a frame by Parseval's theorem from its magnitudes.
template <class T> void rms(const T* spectrum, int rows, int frame_length, T* out) {
    const V<T>* s = as_vectors(spectrum);
    V<T> sum = sum_rows<T>(rows, [=](int k) { return s[k] * s[k]; });
    sum -= s[0] * s[0] * T(0.5);
    if (frame_length % 2 == 0) sum -= s[rows - 1] * s[rows - 1] * T(0.5);
    const T length = T(frame_length);
    *as_vectors(out) = vsqrt(sum * (T(2) / length / length));
}

}  // namespace
}  // namespace serfast
