// Spectral peaks by parabolic interpolation.
#pragma once

#include "elementwise.hpp"

namespace serfast {
namespace {

// Bit `lane` is set where the mask is.
template <class T> inline uint32_t bits_of(VI<T> mask) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) return _mm512_movepi32_mask((__m512i)mask);
    else return _mm512_movepi64_mask((__m512i)mask);
#elif defined(__AVX2__)
    if constexpr (sizeof(T) == 4) return static_cast<uint32_t>(_mm256_movemask_ps((__m256)mask));
    else return static_cast<uint32_t>(_mm256_movemask_pd((__m256d)mask));
#elif defined(__SSE2__) || defined(_M_X64)
    if constexpr (sizeof(T) == 4) return static_cast<uint32_t>(_mm_movemask_ps((__m128)mask));
    else return static_cast<uint32_t>(_mm_movemask_pd((__m128d)mask));
#else
    uint32_t bits = 0;
    for (int lane = 0; lane < lanes<T>; ++lane) bits |= static_cast<uint32_t>(mask[lane] & 1) << lane;
    return bits;
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

// The lanes in which bin k exceeds the threshold and its lower neighbour, and is no less than its
// upper one; a neighbour at or under the threshold counts as zero, which changes nothing.
template <class T>
inline uint32_t peaks_at(const V<T>* s, int k, int n_bins, V<T> threshold) {
    const V<T> here = s[k];
    VI<T> peak = (VI<T>)(here > threshold) & (VI<T>)(here > s[k - 1]);
    if (k + 1 < n_bins) peak &= (VI<T>)(here >= s[k + 1]);
    return bits_of<T>(peak);
}

// The vertex of the parabola through bin k and its neighbours: its distance from k, its height.
template <class T>
inline void vertex(const V<T>* s, int k, int n_bins, V<T>& shift, V<T>& height) {
    const V<T> here = s[k];
    shift = V<T>{};
    height = here;
    if (k + 1 == n_bins) return;
    const V<T> curvature = s[k + 1] + s[k - 1] - here * T(2), slope = (s[k + 1] - s[k - 1]) * T(0.5);
    const VI<T> curved = (VI<T>)(absolute<T>(slope) < absolute<T>(curvature));
    shift = curved ? -slope / curvature : shift;
    height = here + slope * shift * T(0.5);
}

template <class T>
void piptrack(const T* spectrum, const PeakRange& range, T* bins, T* magnitudes) {
    constexpr int width = lanes<T>;
    const V<T>* s = as_vectors(spectrum);
    for (int k = 0; k < range.n_bins; ++k) as_vectors(bins)[k] = as_vectors(magnitudes)[k] = V<T>{};
    const V<T> threshold = peak_threshold<T>(s, range);
    for (int k = range.low; k < range.high; ++k) {
        uint32_t found = peaks_at<T>(s, k, range.n_bins, threshold);
        if (!found) continue;
        V<T> shift, height;
        vertex<T>(s, k, range.n_bins, shift, height);
        for (; found; found &= found - 1) {
            const int lane = __builtin_ctz(found);
            bins[k * width + lane] = static_cast<T>(k) + shift[lane];
            magnitudes[k * width + lane] = height[lane];
        }
    }
}

// Appends bin k, and the shift and height of the lanes whose bits are set; `lanes` elements past the
// end may be written too.
template <class T>
inline void append_peaks(int k, V<T> shift, V<T> height, uint32_t found, T* bins, T* shifts, T* heights) {
    store(bins, broadcast(static_cast<T>(k)));
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) {
        const auto mask = static_cast<__mmask16>(found);
        store(shifts, (V<T>)_mm512_maskz_compress_ps(mask, (__m512)shift));
        store(heights, (V<T>)_mm512_maskz_compress_ps(mask, (__m512)height));
    } else {
        const auto mask = static_cast<__mmask8>(found);
        store(shifts, (V<T>)_mm512_maskz_compress_pd(mask, (__m512d)shift));
        store(heights, (V<T>)_mm512_maskz_compress_pd(mask, (__m512d)height));
    }
#else
    alignas(SERFAST_VECTOR_BYTES) T all_shifts[lanes<T>], all_heights[lanes<T>];
    store(all_shifts, shift);
    store(all_heights, height);
    for (int n = 0; found; found &= found - 1, ++n) {
        shifts[n] = all_shifts[__builtin_ctz(found)];
        heights[n] = all_heights[__builtin_ctz(found)];
    }
#endif
}

template <class T>
int peaks(const T* spectrum, const PeakRange& range, int count, T* bins, T* shifts, T* heights) {
    const V<T>* s = as_vectors(spectrum);
    const V<T> threshold = peak_threshold<T>(s, range);
    const uint32_t existing = (uint32_t(1) << count) - 1;
    int n = 0;
    for (int k = range.low; k < range.high; ++k) {
        const uint32_t found = peaks_at<T>(s, k, range.n_bins, threshold) & existing;
        if (!found) continue;
        V<T> shift, height;
        vertex<T>(s, k, range.n_bins, shift, height);
        append_peaks<T>(k, shift, height, found, bins + n, shifts + n, heights + n);
        n += __builtin_popcount(found);
    }
    // tuning_steps reads whole vectors.
    store(bins + n, broadcast(T(1)));
    store(shifts + n, V<T>{});
    return n;
}

// The nearest integer: adding and subtracting 1.5 * 2^52 leaves no fraction.
inline V<double> nearest(V<double> x) {
    constexpr double shifter = 6755399441055744.0;
    return (x + shifter) - shifter;
}

// The step of the deviation from equal temperament of each frequency (bin + shift) * hz. The last
// vector may reach past the end: `peaks` has put valid values there.
template <class T>
void tuning_steps(const T* bins, const T* shifts, ptrdiff_t n, double hz, int bins_per_octave, const double* edges,
                  int steps, uint16_t* out) {
    constexpr double a0 = 440.0 / 16;
    for (ptrdiff_t i = 0; i < n; i += lanes<double>) {
        const int count = n - i < lanes<double> ? static_cast<int>(n - i) : lanes<double>;
        const V<double> f = (load_doubles(bins + i) + load_doubles(shifts + i)) * hz;
        V<double> fraction;
        const V<double> octave = split_exponent<double>(f / a0, fraction);
        const V<double> position = (octave + log_of_mantissa(fraction) * 1.44269504088896340736) *
                                   static_cast<double>(bins_per_octave);
        V<double> residual = position - nearest(position);
        residual = residual >= 0.5 ? residual - 1.0 : residual;
        alignas(SERFAST_VECTOR_BYTES) double residuals[lanes<double>], guesses[lanes<double>];
        store(residuals, residual);
        store(guesses, nearest((residual + 0.5) * static_cast<double>(steps) - 0.5));
        for (int lane = 0; lane < count; ++lane) {
            int step = static_cast<int>(guesses[lane]);
            step = step < 0 ? 0 : (step < steps ? step : steps - 1);
            if (residuals[lane] < edges[step] && step > 0) --step;
            else if (step + 1 < steps && residuals[lane] >= edges[step + 1]) ++step;
            out[i + lane] = static_cast<uint16_t>(step);
        }
    }
}

}  // namespace
}  // namespace serfast
