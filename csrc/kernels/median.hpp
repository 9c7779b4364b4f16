// Running medians, each lane on its own. Windows of neighbouring outputs share most elements, so w of
// them begin with one sorted core, the elements that all w windows hold; each half of the outputs
// then adds the w/2 elements that only its own windows share, and so on down to single outputs. Of a
// core only the w elements that can still be the median are kept: about 36 minima and maxima per
// output for 31 elements.
#pragma once

#include "sort.hpp"

namespace serfast {
namespace {

// The middle third of a sorted core of w elements and w/2 others, sorted.
template <class T, int w> inline void middle_third(const V<T>* core, V<T>* others, V<T>* middle) {
    constexpr int half = w / 2;
    sort<T, half>(others);
    for (int i = 0; i < half; ++i) middle[i] = vmax(core[i], others[half - 1 - i]);
    sort_bitonic<T, half>(middle);
    V<T> kept[half];
    for (int i = 0; i < half; ++i) kept[i] = vmin(middle[i], core[w - 1 - i]);
    sort_bitonic<T, half>(kept);
    for (int i = 0; i < half; ++i) middle[i] = kept[i];
}

// Medians of w windows of `size` elements; in[0] begins the first one.
template <class T, int w>
inline void split(const V<T>* core, const T* const* in, ptrdiff_t at, int size, T* out, ptrdiff_t out_stride) {
    if constexpr (w == 1) {
        store(out, core[0]);
    } else {
        constexpr int half = w / 2;
        for (int side = 0; side < 2; ++side) {
            const int first = side == 0 ? half - 1 : size;
            V<T> others[half], middle[half];
            for (int i = 0; i < half; ++i) others[i] = load(in[first + i] + at);
            middle_third<T, w>(core, others, middle);
            split<T, half>(middle, in + side * half, at, size, out + side * half * out_stride, out_stride);
        }
    }
}

template <class T, int w>
void medians_of_group(const T* const* in, ptrdiff_t width, int size, V<T>* scratch, T* out, ptrdiff_t out_stride) {
    const int n_core = size - w + 1;
    for (ptrdiff_t at = 0; at < width; at += lanes<T>) {
        V<T> core[w];
        if (n_core == w) {
            for (int i = 0; i < w; ++i) core[i] = load(in[w - 1 + i] + at);
            sort<T, w>(core);
        } else {
            for (int i = 0; i < n_core; ++i) scratch[i] = load(in[w - 1 + i] + at);
            sort_rows<T>(scratch, n_core);
            for (int i = 0; i < w; ++i) core[i] = scratch[size / 2 - w + 1 + i];
        }
        split<T, w>(core, in, at, size, out + at, out_stride);
    }
}

template <class T>
void running_median(const T* const* in, int n, int size, ptrdiff_t width, T* scratch, T* out,
                    ptrdiff_t out_stride) {
    const int largest = (size + 1) / 2;
    V<T>* work = as_vectors(scratch);
    for (int i = 0; i < n;) {
        const int most = n - i < largest ? n - i : largest;
        const int w = most >= 16 ? 16 : most >= 8 ? 8 : most >= 4 ? 4 : most >= 2 ? 2 : 1;
        T* to = out + i * out_stride;
        switch (w) {
            case 16: medians_of_group<T, 16>(in + i, width, size, work, to, out_stride); break;
            case 8: medians_of_group<T, 8>(in + i, width, size, work, to, out_stride); break;
            case 4: medians_of_group<T, 4>(in + i, width, size, work, to, out_stride); break;
            case 2: medians_of_group<T, 2>(in + i, width, size, work, to, out_stride); break;
            default: medians_of_group<T, 1>(in + i, width, size, work, to, out_stride);
        }
        i += w;
    }
}

}  // namespace
}  // namespace serfast
