// Subharmonic summation: a spectrum on an axis of octaves, where harmonics lie at the same distances
// whatever the pitch.
#pragma once

#include "simd.hpp"

namespace serfast {
namespace {

// Keeps what lies within two bins of a peak, before the first and after the last.
template <class T> void keep_peaks(V<T>* x, int n, V<T>* distance) {
    const V<T> near = broadcast(T(2)), no_peak_yet = broadcast(T(-1e9));
    const auto is_peak = [n](V<T> before, V<T> here, V<T> after, int i) {
        const VI<T> rises = i == 0 ? ~VI<T>{} : VI<T>(here > before);
        return rises & (i == 0 ? VI<T>(here > after) : i == n - 1 ? ~VI<T>{} : VI<T>(here >= after));
    };
    V<T> away = no_peak_yet;
    for (int i = 0; i < n; ++i) {
        away = is_peak(x[i > 0 ? i - 1 : 0], x[i], x[i + 1 < n ? i + 1 : i], i) ? V<T>{} : away + T(1);
        distance[i] = away;
    }
    away = no_peak_yet;
    V<T> after = x[n - 1];
    for (int i = n - 1; i >= 0; --i) {
        const V<T> here = x[i];
        away = is_peak(x[i > 0 ? i - 1 : 0], here, after, i) ? V<T>{} : away + T(1);
        x[i] = (VI<T>(distance[i] <= near) | VI<T>(away <= near)) ? here : V<T>{};
        after = here;
    }
}

// The natural cubic spline's second derivatives at the knots.
template <class T> void bend_spline(const SubharmonicView<T>& view, const V<T>* y, V<T>* bend) {
    const int last = view.n_bins - 1;
    bend[0] = V<T>{};
    for (int i = 1; i < last; ++i) {
        const SplineKnot<T>& knot = view.knots[i];
        bend[i] = y[i - 1] * knot.before + y[i] * knot.here + y[i + 1] * knot.after - bend[i - 1] * knot.forward;
    }
    bend[last] = V<T>{};
    for (int i = last - 1; i > 0; --i) bend[i] -= bend[i + 1] * view.knots[i].back;
}

template <class T>
void subharmonic_sums(const SubharmonicView<T>& view, const T* power, T* scratch, T* out) {
    const int n = view.n_bins;
    const V<T>* in = as_vectors(power);
    V<T>* y = as_vectors(scratch);
    V<T>* bend = y + n;
    V<T>* octaves = bend + n;
    for (int i = 0; i < n; ++i) y[i] = vsqrt(in[i]);
    keep_peaks<T>(y, n, bend);
    V<T> before = {};
    for (int i = 0; i + 1 < n; ++i) {
        const V<T> here = y[i];
        y[i] = (before + here * T(2) + y[i + 1]) * T(0.25);
        before = here;
    }
    bend_spline<T>(view, y, bend);
    for (int k = 0; k < view.n_points; ++k) {
        const SplinePoint<T>& point = view.points[k];
        const int i = point.knot;
        octaves[k] = vmax(V<T>{}, y[i] * point.low + y[i + 1] * point.high + bend[i] * point.low_bend +
                                      bend[i + 1] * point.high_bend);
    }
    V<T>* sums = as_vectors(out);
    for (int k = 0; k < view.n_points; ++k) {
        V<T> sum = {};
        for (int h = 0; h < view.n_harmonics && k + view.shifts[h] < view.n_points; ++h)
            sum += octaves[k + view.shifts[h]] * view.weights[h];
        sums[k] = sum;
    }
}

}  // namespace
}  // namespace serfast
