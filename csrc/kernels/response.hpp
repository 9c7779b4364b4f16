// The responses of complex filters, given as spectra, to a block of frames.
#pragma once

#include "rows.hpp"
#include "spectrum.hpp"

namespace serfast {
namespace {

// Four partial sums: a filter is short, and one sum would wait for itself.
template <class T> inline Cx<T> part_of_response(const Cx<T>* x, const T* w, int n) {
    V<T> rr = {}, ii = {}, ri = {}, ir = {};
    for (int k = 0; k < n; ++k) {
        rr += x[k].r * w[2 * k];
        ii += x[k].i * w[2 * k + 1];
        ri += x[k].r * w[2 * k + 1];
        ir += x[k].i * w[2 * k];
    }
    return {rr - ii, ri + ir};
}

template <class T> inline Cx<T> response_of(const Cx<T>* x, const T* w, int n) {
    Cx<T> sum = {};
    for (int first = 0; first < n; first += columns_per_sum) {
        const int count = n - first < columns_per_sum ? n - first : columns_per_sum;
        sum = sum + part_of_response(x + first, w + 2 * first, count);
    }
    return sum;
}

// Calls sink(row, response), the spectrum's bins that some filter reads kept in scratch.
template <class T, class Sink>
inline void responses(const ResponseView<T>& view, const T* samples, ptrdiff_t stride, T* scratch,
                      T* bins, Sink sink) {
    Cx<T>* kept = reinterpret_cast<Cx<T>*>(bins);
    const unsigned first = static_cast<unsigned>(view.first_bin), n = static_cast<unsigned>(view.n_bins);
    spectrum(view.spectrum, samples, stride, scratch, [=](int k, Cx<T> x) {
        const unsigned at = static_cast<unsigned>(k) - first;
        if (at < n) kept[at] = x;
    });
    const T* w = view.weights;
    for (int row = 0; row < view.rows; ++row) {
        sink(row, response_of(kept + (view.start[row] - view.first_bin), w, view.length[row]));
        w += 2 * static_cast<ptrdiff_t>(view.length[row]);
    }
}

template <class T>
void complex_responses(const ResponseView<T>& view, const T* samples, ptrdiff_t stride, T* scratch,
                       T* bins, T* out, ptrdiff_t row_stride, int count) {
    responses(view, samples, stride, scratch, bins,
              [=](int row, Cx<T> x) { store_pairs(x, out + row * row_stride, count); });
}

template <class T>
void response_magnitudes(const ResponseView<T>& view, const T* samples, ptrdiff_t stride, T* scratch,
                         T* bins, T* out, ptrdiff_t row_stride, int count) {
    responses(view, samples, stride, scratch, bins, [=](int row, Cx<T> x) {
        const V<T> magnitude = vsqrt(x.r * x.r + x.i * x.i);
        if (count == lanes<T>) return store(out + row * row_stride, magnitude);
        for (int i = 0; i < count; ++i) out[row * row_stride + i] = magnitude[i];
    });
}

}  // namespace
}  // namespace serfast
