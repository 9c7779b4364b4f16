// Spectral peaks by parabolic interpolation.
#pragma once

#include "elementwise.hpp"

namespace serfast {
namespace {

template <class T> inline bool any(VI<T> mask) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) return _mm512_movepi32_mask((__m512i)mask) != 0;
    else return _mm512_movepi64_mask((__m512i)mask) != 0;
#elif defined(__AVX2__)
    return _mm256_movemask_epi8((__m256i)mask) != 0;
#elif defined(__SSE2__) || defined(_M_X64)
    return _mm_movemask_epi8((__m128i)mask) != 0;
#else
    Int<T> bits = 0;
    for (int i = 0; i < lanes<T>; ++i) bits |= mask[i];
    return bits != 0;
#endif
}

template <class T> inline V<T> peak_threshold(const V<T>* s, const PeakRange& range) {
    if (!range.relative) return broadcast(static_cast<T>(range.threshold));
    V<T> a = s[0], b = s[0], c = s[0], d = s[0];
    int k = 1;
    for (; k + 3 < range.n_bins; k += 4) {
        a = vmax(a, s[k]);
        b = vmax(b, s[k + 1]);
        c = vmax(c, s[k + 2]);
        d = vmax(d, s[k + 3]);
    }
    for (; k < range.n_bins; ++k) a = vmax(a, s[k]);
    return vmax(vmax(a, b), vmax(c, d)) * static_cast<T>(range.threshold);
}

// Lanes in which bin k exceeds the threshold and its lower neighbour, and is no less than its upper
// one; a neighbour at or under the threshold counts as zero.
template <class T>
inline VI<T> is_peak(const V<T>* s, int k, int n_bins, V<T> threshold) {
    const V<T> here = s[k];
    const VI<T> above = here > threshold;
    if (!any<T>(above)) return above;
    const V<T> below_k = s[k - 1] > threshold ? s[k - 1] : V<T>{};
    const VI<T> rises = above & (here > below_k);
    if (k + 1 == n_bins) return rises;
    const V<T> above_k = s[k + 1] > threshold ? s[k + 1] : V<T>{};
    return rises & (here >= above_k);
}

// The vertex of the parabola through three neighbouring bins.
template <class T> inline Peak vertex(const T* s, int k, int lane, int n_bins) {
    constexpr int width = lanes<T>;
    const double here = s[k * width + lane];
    if (k + 1 == n_bins) return {static_cast<double>(k), here};
    const double before = s[(k - 1) * width + lane], after = s[(k + 1) * width + lane];
    const double curvature = after + before - 2 * here, slope = (after - before) / 2;
    const bool flat = __builtin_fabs(slope) >= __builtin_fabs(curvature);
    const double shift = flat ? 0 : -slope / curvature;
    return {k + shift, here + 0.5 * slope * shift};
}

template <class T>
void piptrack(const T* spectrum, const PeakRange& range, T* bins, T* magnitudes) {
    constexpr int width = lanes<T>;
    const V<T>* s = as_vectors(spectrum);
    for (int k = 0; k < range.n_bins; ++k) as_vectors(bins)[k] = as_vectors(magnitudes)[k] = V<T>{};
    const V<T> threshold = peak_threshold<T>(s, range);
    for (int k = range.low; k < range.high; ++k) {
        const VI<T> found = is_peak<T>(s, k, range.n_bins, threshold);
        if (!any<T>(found)) continue;
        for (int lane = 0; lane < width; ++lane) {
            if (!found[lane]) continue;
            const Peak peak = vertex(spectrum, k, lane, range.n_bins);
            bins[k * width + lane] = static_cast<T>(peak.bin);
            magnitudes[k * width + lane] = static_cast<T>(peak.height);
        }
    }
}

template <class T>
int peaks(const T* spectrum, const PeakRange& range, int count, Peak* out) {
    const V<T>* s = as_vectors(spectrum);
    const V<T> threshold = peak_threshold<T>(s, range);
    int n = 0;
    for (int k = range.low; k < range.high; ++k) {
        const VI<T> found = is_peak<T>(s, k, range.n_bins, threshold);
        if (!any<T>(found)) continue;
        for (int lane = 0; lane < count; ++lane)
            if (found[lane]) out[n++] = vertex(spectrum, k, lane, range.n_bins);
    }
    return n;
}

}  // namespace
}  // namespace serfast
