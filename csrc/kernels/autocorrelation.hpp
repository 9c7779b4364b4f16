// Autocorrelation of the frames of a block: the inverse transform of their power.
#pragma once

#include "spectrum.hpp"

namespace serfast {
namespace {

// Power is real and even, which leaves the packed points of the inverse transform little to do.
template <class T> void pack_power(const SpectrumView<T>& view, const V<T>* power, Cx<T>* out) {
    const int n = view.n_fft / 2;
    out[0] = {power[0] - power[n], power[0] + power[n]};
    for (int k = 1; k <= n / 2; ++k) {
        const V<T> sum = power[k] + power[n - k], difference = power[k] - power[n - k];
        const V<T> odd_r = difference * view.unpack[2 * k + 1], odd_i = difference * view.unpack[2 * k];
        out[k] = {odd_i, sum + odd_r};
        out[n - k] = {odd_i, sum - odd_r};
    }
}

template <class T>
void autocorrelation(const SpectrumView<T>& view, const T* samples, ptrdiff_t stride, int lags, T* scratch,
                     T* power, T* out) {
    const FftView<T>& fft = view.fft;
    Cx<T>* points = points_of(scratch);
    Cx<T>* packed = second_points(fft, points);
    power_spectrum(view, samples, stride, scratch, power);
    pack_power(view, as_vectors(power), packed);
    start<T>(fft, [packed](int j) { return packed[j]; }, points);
    finish_all(fft, points);
    const T scale = T(1) / static_cast<T>(view.n_fft);
    for (int lag = 0; lag < lags; ++lag) {
        const Cx<T> x = points[place_of(fft, lag / 2)];
        as_vectors(out)[lag] = (lag % 2 ? x.r : x.i) * scale;
    }
}

}  // namespace
}  // namespace serfast
