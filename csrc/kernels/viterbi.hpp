// One step of a Viterbi search over pitch bins, voiced and unvoiced, of which each is reached from
// its neighbours only.
#pragma once

#include "simd.hpp"

namespace serfast {
namespace {

template <class T>
T viterbi_step(const PitchStepView<T>& view, const T* before, T elsewhere, const T* voiced_log_prob,
               T unvoiced_log_prob, T* after) {
    constexpr int width = lanes<T>, panel = 2 * width;
    const int n_offsets = 2 * view.reach + 1, stride = view.stride;
    const T lowest = -__builtin_huge_val();
    const T* weights = view.weights;
    V<T> top = broadcast(lowest);
    for (int first = 0; first < view.n_bins; first += panel) {
        V<T> voiced[2], unvoiced[2], voiced_other[2], unvoiced_other[2];
        for (int i = 0; i < 2; ++i)
            voiced[i] = unvoiced[i] = voiced_other[i] = unvoiced_other[i] = broadcast(elsewhere);
        const T* from = before + first - view.reach;
        for (int d = 0; d < n_offsets; ++d, ++from, weights += 2 * panel)
            for (int i = 0; i < 2; ++i) {
                const V<T> v = load(from + i * width), u = load(from + stride + i * width);
                const V<T> stay = load(weights + i * width), change = load(weights + panel + i * width);
                voiced[i] = vmax(voiced[i], v + stay);
                voiced_other[i] = vmax(voiced_other[i], u + change);
                unvoiced[i] = vmax(unvoiced[i], u + stay);
                unvoiced_other[i] = vmax(unvoiced_other[i], v + change);
            }
        for (int i = 0; i < 2; ++i) {
            const int at = first + i * width;
            const V<T> v = vmax(voiced[i], voiced_other[i]) + load(voiced_log_prob + at);
            const V<T> u = vmax(unvoiced[i], unvoiced_other[i]) + unvoiced_log_prob;
            store(after + at, v);
            store(after + stride + at, u);
            if (at + width <= view.n_bins) top = vmax(top, vmax(v, u));
        }
    }
    T largest = lowest;
    for (int lane = 0; lane < width; ++lane) largest = top[lane] > largest ? top[lane] : largest;
    for (int j = view.n_bins / width * width; j < view.n_bins; ++j) {
        largest = after[j] > largest ? after[j] : largest;
        largest = after[stride + j] > largest ? after[stride + j] : largest;
    }
    for (int j = view.n_bins; j % panel != 0; ++j) after[j] = after[stride + j] = lowest;
    return largest;
}

}  // namespace
}  // namespace serfast
