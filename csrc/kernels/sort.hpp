// Sorting networks of registers: each lane is sorted on its own.
#pragma once

#include "transpose.hpp"

namespace serfast {
namespace {

template <class T> inline void order(V<T>& low, V<T>& high) {
    const V<T> a = low;
    low = vmin(a, high);
    high = vmax(a, high);
}

// Batcher's odd-even merge of the two sorted halves of x[0], x[step], ... x[n - step].
template <class T, int n, int step = 1> inline void merge(V<T>* x) {
    if constexpr (2 * step < n) {
        merge<T, n, 2 * step>(x);
        merge<T, n, 2 * step>(x + step);
        for (int i = step; i + step < n; i += 2 * step) order<T>(x[i], x[i + step]);
    } else {
        order<T>(x[0], x[step]);
    }
}

template <class T, int n> inline void sort(V<T>* x) {
    if constexpr (n > 1) {
        sort<T, n / 2>(x);
        sort<T, n / 2>(x + n / 2);
        merge<T, n>(x);
    }
}

template <class T, int n> inline void sort_bitonic(V<T>* x) {
    if constexpr (n > 1) {
        for (int i = 0; i < n / 2; ++i) order<T>(x[i], x[i + n / 2]);
        sort_bitonic<T, n / 2>(x);
        sort_bitonic<T, n / 2>(x + n / 2);
    }
}

// Batcher's sort for any n.
template <class T> void sort_rows(V<T>* x, int n) {
    int top = 1;
    while (2 * top < n) top *= 2;
    for (int p = top; p > 0; p /= 2) {
        int remainder = 0, distance = p;
        for (int q = top;; q /= 2) {
            for (int i = 0; i + distance < n; ++i)
                if ((i & p) == remainder) order<T>(x[i], x[i + distance]);
            if (q == p) break;
            distance = q - p;
            remainder = p;
        }
    }
}

template <class T> void sorted_rows(const T* const* rows, int count, int n, T* out) {
    constexpr int width = lanes<T>;
    V<T>* x = as_vectors(out);
    int first = 0;
    for (; first + width <= n; first += width) {
        V<T>* tile = x + first;
        for (int row = 0; row < width; ++row) tile[row] = load(rows[row < count ? row : 0] + first);
        transpose<T>(tile);
    }
    for (; first < n; ++first)
        for (int row = 0; row < width; ++row) x[first][row] = rows[row < count ? row : 0][first];
    for (int i = 0; i < n; ++i) x[i] = x[i] == x[i] ? x[i] : broadcast(T(__builtin_huge_val()));
    sort_rows<T>(x, n);
}

}  // namespace
}  // namespace serfast
