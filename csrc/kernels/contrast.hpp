// Means of the largest and smallest values of each band.
#pragma once

#include "shape.hpp"
#include "sort.hpp"

namespace serfast {
namespace {

// Keeps the K smallest and the K largest values seen, by insertion.
template <class T, int K>
void extremes(const V<T>* x, int n, V<T>* peak, V<T>* valley) {
    V<T> low[K], high[K];
    for (int i = 0; i < K; ++i) {
        low[i] = broadcast(T(__builtin_huge_val()));
        high[i] = -low[i];
    }
    for (int k = 0; k < n; ++k) {
        V<T> a = x[k], b = x[k];
        for (int i = 0; i < K; ++i) {
            order<T>(low[i], a);
            order<T>(b, high[i]);
        }
    }
    V<T> low_sum = low[0], high_sum = high[0];
    for (int i = 1; i < K; ++i) {
        low_sum += low[i];
        high_sum += high[i];
    }
    *valley = low_sum / T(K);
    *peak = high_sum / T(K);
}

// For quantiles too large for insertion.
template <class T>
void extremes_by_sorting(const V<T>* x, int n, int quantile, V<T>* scratch, V<T>* peak, V<T>* valley) {
    for (int k = 0; k < n; ++k) scratch[k] = x[k];
    sort_rows<T>(scratch, n);
    // As a slice would: no more values than there are.
    const int count = quantile < n ? quantile : n;
    *valley = sum_rows<T>(count, [=](int k) { return scratch[k]; }) / T(count);
    *peak = sum_rows<T>(count, [=](int k) { return scratch[n - count + k]; }) / T(count);
}

template <class T>
void contrast(const T* spectrum, const ContrastBand* bands, int n_bands, T* scratch, T* peaks,
              T* valleys) {
    for (int i = 0; i < n_bands; ++i) {
        const V<T>* x = as_vectors(spectrum) + bands[i].start;
        const int n = bands[i].length;
        V<T>* peak = as_vectors(peaks) + i;
        V<T>* valley = as_vectors(valleys) + i;
        switch (bands[i].quantile < n ? bands[i].quantile : 0) {
            case 1: extremes<T, 1>(x, n, peak, valley); break;
            case 2: extremes<T, 2>(x, n, peak, valley); break;
            case 3: extremes<T, 3>(x, n, peak, valley); break;
            case 4: extremes<T, 4>(x, n, peak, valley); break;
            case 5: extremes<T, 5>(x, n, peak, valley); break;
            case 6: extremes<T, 6>(x, n, peak, valley); break;
            case 7: extremes<T, 7>(x, n, peak, valley); break;
            case 8: extremes<T, 8>(x, n, peak, valley); break;
            case 9: extremes<T, 9>(x, n, peak, valley); break;
            case 10: extremes<T, 10>(x, n, peak, valley); break;
            default:
                extremes_by_sorting<T>(x, n, bands[i].quantile, as_vectors(scratch), peak, valley);
        }
    }
}

}  // namespace
}  // namespace serfast
