// Whole frames in and out: samples as one register each, prepared as Kaldi does; results frame by
// frame.
#pragma once

#include "transpose.hpp"

namespace serfast {
namespace {

// Row i of out is sample i of the block's frames; returns the sums of the frames.
template <class T> V<T> load_frames(const T* samples, ptrdiff_t stride, int length, V<T>* out) {
    constexpr int width = lanes<T>;
    V<T> total = {};
    for (int first = 0; first < length; first += width) {
        V<T> tile[width];
        for (int lane = 0; lane < width; ++lane) tile[lane] = load(samples + lane * stride + first);
        transpose<T>(tile);
        const int n = length - first < width ? length - first : width;
        V<T> sum = {};
        for (int i = 0; i < n; ++i) {
            out[first + i] = tile[i];
            sum += tile[i];
        }
        total += sum;
    }
    return total;
}

template <class T>
void prepared_frames(const PreparationView<T>& view, const T* samples, ptrdiff_t stride, T* out) {
    V<T>* x = as_vectors(out);
    const V<T> mean = load_frames(samples, stride, view.length, x) * view.mean_weight;
    V<T> raw = {}, windowed = {}, previous = x[0] - mean;
    for (int i = 0; i < view.length; ++i) {
        const V<T> sample = x[i] - mean;
        const V<T> y = (sample - previous * view.preemphasis) * view.window[i];
        raw += sample * sample;
        windowed += y * y;
        previous = sample;
        x[i] = y;
    }
    for (int i = view.length; i < view.n_fft; ++i) x[i] = V<T>{};
    x[view.n_fft] = raw;
    x[view.n_fft + 1] = windowed;
}

template <class T>
void store_frames(const T* block, int rows, int count, T* out, ptrdiff_t frame_stride) {
    constexpr int width = lanes<T>;
    const int filled = rows < width ? rows : width;
    for (int first = 0; first < rows; first += width) {
        // The last tile is moved back to end with the rows.
        const int start = first + width <= rows ? first : rows - filled;
        V<T> tile[width] = {};
        for (int i = 0; i < filled; ++i) tile[i] = as_vectors(block)[start + i];
        transpose<T>(tile);
        for (int lane = 0; lane < count; ++lane) {
            T* to = out + lane * frame_stride + start;
            if (filled == width) store(to, tile[lane]);
            else
                for (int i = 0; i < filled; ++i) to[i] = tile[lane][i];
        }
    }
}

}  // namespace
}  // namespace serfast
