// Kernels on blocks: moving rows in and out, and linear maps of rows.
#pragma once

#include "elementwise.hpp"

namespace serfast {
namespace {

template <class T>
void load_rows(const T* in, ptrdiff_t row_stride, int rows, int count, T* block) {
    constexpr int width = lanes<T>;
    V<T>* out = as_vectors(block);
    if (count == width) {
        for (int k = 0; k < rows; ++k) out[k] = load(in + k * row_stride);
        return;
    }
    for (int k = 0; k < rows; ++k) {
        V<T> x = {};
        for (int i = 0; i < count; ++i) x[i] = in[k * row_stride + i];
        out[k] = x;
    }
}

template <class T>
void store_rows(const T* block, int rows, int count, T* out, ptrdiff_t row_stride) {
    constexpr int width = lanes<T>;
    if (count == width) {
        const V<T>* in = as_vectors(block);
        for (int k = 0; k < rows; ++k) store(out + k * row_stride, in[k]);
        return;
    }
    for (int k = 0; k < rows; ++k)
        for (int i = 0; i < count; ++i) out[k * row_stride + i] = block[k * width + i];
}

// Partial sums over at most this many columns keep the rounding error of long rows small.
constexpr int columns_per_sum = 32;

template <class T> void filterbank(const FilterbankView<T>& bank, const T* in, T* out) {
    const T* w = bank.weights;
    for (int i = 0; i < bank.rows; ++i) {
        const V<T>* x = as_vectors(in) + bank.start[i];
        const int n = bank.length[i];
        V<T> total = {};
        for (int first = 0; first < n; first += columns_per_sum) {
            const int end = first + columns_per_sum < n ? first + columns_per_sum : n;
            V<T> a = {}, b = {};
            int k = first;
            for (; k + 1 < end; k += 2) {
                a += x[k] * w[k];
                b += x[k + 1] * w[k + 1];
            }
            if (k < end) a += x[k] * w[k];
            total += a + b;
        }
        as_vectors(out)[i] = total;
        w += n;
    }
}

template <class T, int R>
inline void panel(const T* w, const V<T>* in, int columns, V<T>* out) {
    V<T> total[R] = {};
    for (int first = 0; first < columns; first += columns_per_sum) {
        const int end = first + columns_per_sum < columns ? first + columns_per_sum : columns;
        V<T> sum[R] = {};
        for (int k = first; k < end; ++k) {
            const V<T> x = in[k];
            for (int r = 0; r < R; ++r) sum[r] += x * w[k * R + r];
        }
        for (int r = 0; r < R; ++r) total[r] += sum[r];
    }
    for (int r = 0; r < R; ++r) out[r] = total[r];
}

template <class T> void matrix(const MatrixView<T>& m, const T* in, T* out) {
    const V<T>* x = as_vectors(in);
    V<T>* y = as_vectors(out);
    const T* w = m.weights;
    const int panels = (m.rows + max_panel - 1) / max_panel;
    for (int p = 0, row = 0; p < panels; ++p) {
        const int rows = (m.rows - row + panels - p - 1) / (panels - p);
        switch (rows) {
            case 1: panel<T, 1>(w, x, m.columns, y + row); break;
            case 2: panel<T, 2>(w, x, m.columns, y + row); break;
            case 3: panel<T, 3>(w, x, m.columns, y + row); break;
            case 4: panel<T, 4>(w, x, m.columns, y + row); break;
            case 5: panel<T, 5>(w, x, m.columns, y + row); break;
            case 6: panel<T, 6>(w, x, m.columns, y + row); break;
            case 7: panel<T, 7>(w, x, m.columns, y + row); break;
            default: panel<T, 8>(w, x, m.columns, y + row); break;
        }
        w += static_cast<ptrdiff_t>(rows) * m.columns;
        row += rows;
    }
}

// Lane by lane through libm: for exponents that no default uses.
template <class T> inline V<T> power(V<T> x, double exponent) {
    for (int i = 0; i < lanes<T>; ++i)
        x[i] = static_cast<T>(__builtin_pow(static_cast<double>(x[i]), exponent));
    return x;
}

template <class T> V<T> norm_of(const V<T>* x, int rows, Norm norm, double exponent) {
    V<T> a = norm == Norm::min ? absolute<T>(x[0]) : V<T>{};
    for (int k = 0; k < rows; ++k) {
        const V<T> m = absolute<T>(x[k]);
        switch (norm) {
            case Norm::max: a = vmax(a, m); break;
            case Norm::min: a = vmin(a, m); break;
            case Norm::count: a += m > V<T>{} ? broadcast(T(1)) : V<T>{}; break;
            case Norm::sum: a += m; break;
            case Norm::euclidean: a += m * m; break;
            default: a += power<T>(m, exponent);
        }
    }
    if (norm == Norm::euclidean) return vsqrt(a);
    return norm == Norm::power ? power<T>(a, 1 / exponent) : a;
}

// Each column divided by its norm, unless that is too small to divide by.
template <class T>
void normalize(const T* in, int rows, Norm norm, double exponent, T* out) {
    const V<T>* x = as_vectors(in);
    const V<T> length = norm_of<T>(x, rows, norm, exponent);
    const V<T> divisor = length < FloatBits<T>::smallest ? broadcast(T(1)) : length;
    for (int k = 0; k < rows; ++k) as_vectors(out)[k] = x[k] / divisor;
}

}  // namespace
}  // namespace serfast
