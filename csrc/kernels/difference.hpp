// The normalized difference function of a block of frames, whose troughs are at the periods.
#pragma once

#include "peaks.hpp"
#include "spectrum.hpp"

namespace serfast {
namespace {

// Autocorrelations from a power spectrum, which is real and even: a cosine transform, made of a real
// transform of half the length. That one gives the even lags, and the differences of the odd ones.
template <class T>
void autocorrelation(const DifferenceView<T>& view, const V<T>* power, T* scratch, V<T>* out) {
    const int n = view.cosine.n_fft, max_period = view.max_period;
    const auto folded = [&view, power, n](int j) {
        return (power[j] + power[n - j]) * view.half - (power[j] - power[n - j]) * view.sines[j];
    };
    // Lag 1 by its definition; cosines of j and n - j differ in sign.
    V<T> sums[4] = {};
    for (int j = 0; 2 * j < n; ++j) sums[j % 4] += (power[j] - power[n - j]) * view.cosines[j];
    Cx<T>* points = points_of(scratch);
    start<T>(view.cosine.fft, [&folded](int j) { return Cx<T>{folded(2 * j), folded(2 * j + 1)}; }, points);
    finish_and_unpack(view.cosine, points, [out, max_period](int k, Cx<T> x) {
        if (2 * k > max_period) return;
        out[2 * k] = x.r;
        out[2 * k + 1] = -x.i;
    });
    out[1] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (int k = 3; k <= max_period; k += 2) out[k] += out[k - 2];
}

// From autocorrelations, in place: the energy of the difference between frame and frame shifted by
// k, divided by its mean over the shifts up to k.
template <class T>
void normalize_differences(const T* samples, ptrdiff_t stride, int max_period, V<T>* rows) {
    constexpr int width = lanes<T>;
    const V<T> total = rows[0];
    V<T> energy = {}, sum = {}, tile[width];
    for (int k = 1; k <= max_period; ++k) {
        const int j = (k - 1) % width;
        if (j == 0) {
            for (int lane = 0; lane < width; ++lane) tile[lane] = load(samples + lane * stride + k - 1);
            transpose<T>(tile);
        }
        energy += tile[j] * tile[j];
        // librosa leaves the energy of the first sample out at shift 1, and so in all the means.
        const V<T> difference = (total - rows[k]) * T(2) - (k > 1 ? energy : V<T>{});
        sum += difference;
        rows[k] = difference * static_cast<T>(k) / (sum + static_cast<T>(k) * FloatBits<T>::smallest);
    }
}

template <class T>
void normalized_difference(const DifferenceView<T>& view, const T* samples, ptrdiff_t stride, T* scratch,
                           T* power, T* out) {
    power_spectrum(view.spectrum, samples, stride, scratch, power);
    autocorrelation(view, as_vectors(power), scratch, as_vectors(out));
    normalize_differences(samples, stride, view.max_period, as_vectors(out));
}

// A trough is below the row before it and not above the one after; the first row has no parabola.
template <class T> inline VI<T> trough_at(const V<T>* s, int k, int rows) {
    const VI<T> trough = k == 0 ? (VI<T>)(s[0] < s[1]) : (VI<T>)(s[k] < s[k - 1]);
    return k + 1 < rows ? trough & (VI<T>)(s[k] <= s[k + 1]) : trough;
}

template <class T>
void troughs(const T* curve, int rows, int most, Trough<T>* out, int* counts) {
    const V<T>* s = as_vectors(curve);
    for (int lane = 0; lane < lanes<T>; ++lane) counts[lane] = 0;
    for (int k = 0; k < rows; ++k) {
        uint32_t found = bits_of<T>(trough_at<T>(s, k, rows));
        if (!found) continue;
        V<T> shift = {}, height;
        if (k > 0) vertex<T>(s, k, rows, shift, height);
        for (; found; found &= found - 1) {
            const int lane = __builtin_ctz(found);
            out[lane * most + counts[lane]++] = {k, shift[lane], s[k][lane]};
        }
    }
}

template <class T> void chosen_troughs(const T* curve, int rows, T threshold, T* out, T* heights) {
    const V<T>* s = as_vectors(curve);
    V<T> lowest = s[0], at = {};
    VI<T> any = trough_at<T>(s, 0, rows), settled = any & (VI<T>)(s[0] < threshold);
    for (int k = 1; k < rows && bits_of<T>(~settled); ++k) {
        const VI<T> trough = trough_at<T>(s, k, rows), below = trough & (VI<T>)(s[k] < threshold);
        const VI<T> better = ~settled & (below | (trough & (VI<T>)(s[k] < lowest)));
        lowest = better ? s[k] : lowest;
        at = better ? broadcast(static_cast<T>(k)) : at;
        any |= trough;
        settled |= below;
    }
    store(heights, any ? lowest : broadcast(T(1)));
    V<T> around[3], shift, height;
    for (int lane = 0; lane < lanes<T>; ++lane) {
        const int k = static_cast<int>(at[lane]);
        const bool inside = k > 0 && k + 1 < rows;
        for (int i = 0; i < 3; ++i) around[i][lane] = s[inside ? k - 1 + i : k][lane];
    }
    vertex<T>(around, 1, 3, shift, height);
    store(out, at + shift);
}

}  // namespace
}  // namespace serfast
