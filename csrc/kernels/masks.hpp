// Kernels of time-frequency masks: magnitudes, soft masks, masked spectra.
#pragma once

#include "elementwise.hpp"
#include "transpose.hpp"

namespace serfast {
namespace {

template <class T> void magnitude(const T* pairs, ptrdiff_t n, T* out) {
    constexpr int width = lanes<T>;
    for (ptrdiff_t i = 0; i < n; i += width) {
        V<T> real, imaginary;
        deinterleave<T>(load(pairs + 2 * i), load(pairs + 2 * i + width), real, imaginary);
        store(out + i, vsqrt(real * real + imaginary * imaginary));
    }
}

template <class T, class Power>
inline void soft_mask_by(const T* x, const T* reference, ptrdiff_t n, const SoftMask<T>& mask, T* out, Power power) {
    for (ptrdiff_t i = 0; i < n; i += lanes<T>) {
        const V<T> a = load(x + i), b = load(reference + i) * mask.margin;
        const V<T> larger = vmax(a, b);
        const V<T> share = power(vmin(a, b) / larger);
        const V<T> won = (a < b ? share : broadcast(T(1))) / (share + T(1));
        store(out + i, larger < FloatBits<T>::smallest ? broadcast(mask.of_nothing) : won);
    }
}

template <class T> void soft_mask(const T* x, const T* reference, ptrdiff_t n, const SoftMask<T>& mask, T* out) {
    if (mask.power == 1) {
        soft_mask_by(x, reference, n, mask, out, [](V<T> share) { return share; });
    } else if (mask.power == 2) {
        soft_mask_by(x, reference, n, mask, out, [](V<T> share) { return share * share; });
    } else if (__builtin_isinf(mask.power)) {
        for (ptrdiff_t i = 0; i < n; i += lanes<T>)
            store(out + i, load(x + i) > load(reference + i) * mask.margin ? broadcast(T(1)) : V<T>{});
    } else {
        soft_mask_by(x, reference, n, mask, out, [&mask](V<T> share) {
            for (int lane = 0; lane < lanes<T>; ++lane)
                share[lane] = static_cast<T>(__builtin_pow(static_cast<double>(share[lane]), mask.power));
            return share;
        });
    }
}

template <class T> void scale_pairs(const T* pairs, const T* factors, ptrdiff_t n, T* out) {
    constexpr int width = lanes<T>;
    for (ptrdiff_t i = 0; i < n; i += width) {
        const V<T> factor = load(factors + i);
        V<T> first, second;
        interleave<T>(factor, factor, first, second);
        store(out + 2 * i, load(pairs + 2 * i) * first);
        store(out + 2 * i + width, load(pairs + 2 * i + width) * second);
    }
}

template <class T>
void transpose_matrix(const T* in, ptrdiff_t in_stride, int rows, int columns, T* out, ptrdiff_t out_stride) {
    constexpr int width = lanes<T>;
    for (int row = 0; row < rows; row += width)
        for (int column = 0; column < columns; column += width) {
            V<T> tile[width];
            for (int i = 0; i < width; ++i) tile[i] = load(in + (row + i) * in_stride + column);
            transpose<T>(tile);
            for (int i = 0; i < width; ++i) store(out + (column + i) * out_stride + row, tile[i]);
        }
}

}  // namespace
}  // namespace serfast
