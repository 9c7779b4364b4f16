// The complex transform, blocked for L1: a first pass that reads its input wherever it lies and
// splits the transform into `radix` short ones, and passes that finish each short one in cache.
#pragma once

#include "butterflies.hpp"
#include "transpose.hpp"

namespace serfast {
namespace {

// scratch holds radix * sub_stride points, then two short transforms.
template <class T> inline Cx<T>* points_of(T* scratch) { return reinterpret_cast<Cx<T>*>(scratch); }

template <class T, int R>
inline void twiddle_and_spread(Cx<T>* x, const T* w, Cx<T>* out, ptrdiff_t stride) {
    out[0] = x[0];
    for (int k = 1; k < R; ++k) out[k * stride] = times(x[k], w[2 * k - 2], w[2 * k - 1]);
}

// Reads the windowed samples of a block, tile by tile.
template <class T, int R, bool packed>
void first_pass_of_signal(const FftView<T>& fft, const T* window, const T* samples, ptrdiff_t stride,
                          Cx<T>* out) {
    constexpr int width = lanes<T>, per_point = packed ? 2 : 1, points = width / per_point;
    const int sub_n = fft.sub_n;
    V<T> tile[R][width];
    for (int first = 0; first < sub_n; first += points) {
        // The last tile is moved back to end with the data: it computes some points again.
        const int start = sub_n < points ? 0 : (first + points > sub_n ? sub_n - points : first);
        const int end = start + points < sub_n ? start + points : sub_n;
        for (int m = 0; m < R; ++m) {
            const ptrdiff_t at = static_cast<ptrdiff_t>(per_point) * (start + m * sub_n);
            const V<T> w = load(window + at);
            for (int lane = 0; lane < width; ++lane)
                tile[m][lane] = load(samples + lane * stride + at) * w;
            transpose<T>(tile[m]);
        }
        for (int j = start; j < end; ++j) {
            Cx<T> x[R];
            for (int m = 0; m < R; ++m) {
                if constexpr (packed) x[m] = {tile[m][2 * (j - start)], tile[m][2 * (j - start) + 1]};
                else x[m] = {tile[m][j - start], V<T>{}};
            }
            dft<T, R>(x);
            twiddle_and_spread<T, R>(x, fft.twiddle + 2 * (R - 1) * static_cast<ptrdiff_t>(j), out + j,
                                     fft.sub_stride);
        }
    }
}

// Reads point j through `source`.
template <class T, int R, class Source>
void first_pass(const FftView<T>& fft, Source source, Cx<T>* out) {
    for (int j = 0; j < fft.sub_n; ++j) {
        Cx<T> x[R];
        for (int m = 0; m < R; ++m) x[m] = source(j + m * fft.sub_n);
        dft<T, R>(x);
        twiddle_and_spread<T, R>(x, fft.twiddle + 2 * (R - 1) * static_cast<ptrdiff_t>(j), out + j,
                                 fft.sub_stride);
    }
}

// One Stockham pass: `stride` interleaved transforms of R * left points each.
template <class T, int R>
void pass(const Cx<T>* in, Cx<T>* out, int left, int stride, const T* twiddle) {
    for (int p = 0; p < left; ++p) {
        const T* w = twiddle + 2 * (R - 1) * static_cast<ptrdiff_t>(p);
        for (int q = 0; q < stride; ++q) {
            Cx<T> x[R];
            for (int j = 0; j < R; ++j) x[j] = in[q + stride * (p + left * j)];
            dft<T, R>(x);
            Cx<T>* to = out + q + stride * static_cast<ptrdiff_t>(R) * p;
            if (left == 1)
                for (int k = 0; k < R; ++k) to[k * stride] = x[k];
            else
                twiddle_and_spread<T, R>(x, w, to, stride);
        }
    }
}

template <class T>
void prime_pass(int radix, const Cx<T>* in, Cx<T>* out, int left, int stride, const T* twiddle,
                const T* root) {
    Cx<T> x[max_direct_prime], y[max_direct_prime];
    for (int p = 0; p < left; ++p)
        for (int q = 0; q < stride; ++q) {
            for (int j = 0; j < radix; ++j) x[j] = in[q + stride * (p + left * j)];
            dft_prime(radix, x, y, root);
            Cx<T>* to = out + q + stride * static_cast<ptrdiff_t>(radix) * p;
            const T* w = twiddle + 2 * (radix - 1) * static_cast<ptrdiff_t>(p);
            to[0] = y[0];
            for (int k = 1; k < radix; ++k) to[k * stride] = times(y[k], w[2 * k - 2], w[2 * k - 1]);
        }
}

// Finishes short transform q in place; ping and pong hold sub_n points each.
template <class T> void finish(const FftView<T>& fft, Cx<T>* data, Cx<T>* ping, Cx<T>* pong) {
    int left = fft.sub_n, stride = 1;
    const Cx<T>* in = data;
    for (int i = 0; i < fft.n_passes; ++i) {
        const int radix = fft.pass_radix[i];
        Cx<T>* out = i + 1 == fft.n_passes ? data : (in == ping ? pong : ping);
        left /= radix;
        const T* w = fft.pass_twiddle[i];
        switch (radix) {
            case 2: pass<T, 2>(in, out, left, stride, w); break;
            case 3: pass<T, 3>(in, out, left, stride, w); break;
            case 4: pass<T, 4>(in, out, left, stride, w); break;
            case 5: pass<T, 5>(in, out, left, stride, w); break;
            case 7: pass<T, 7>(in, out, left, stride, w); break;
            case 8: pass<T, 8>(in, out, left, stride, w); break;
            case 9: pass<T, 9>(in, out, left, stride, w); break;
            default: prime_pass(radix, in, out, left, stride, w, fft.pass_root[i]);
        }
        in = out;
        stride *= radix;
    }
}

template <class T> inline Cx<T>* after_points(const FftView<T>& fft, Cx<T>* points) {
    return points + static_cast<ptrdiff_t>(fft.radix) * fft.sub_stride;
}

template <class T> void finish_all(const FftView<T>& fft, Cx<T>* points) {
    Cx<T>* ping = after_points(fft, points);
    for (int q = 0; q < fft.radix; ++q)
        finish(fft, points + static_cast<ptrdiff_t>(q) * fft.sub_stride, ping, ping + fft.sub_n);
}

template <class T, bool packed>
void start_signal(const FftView<T>& fft, const T* window, const T* samples, ptrdiff_t stride,
                  Cx<T>* out) {
    switch (fft.radix) {
        case 2: return first_pass_of_signal<T, 2, packed>(fft, window, samples, stride, out);
        case 3: return first_pass_of_signal<T, 3, packed>(fft, window, samples, stride, out);
        case 4: return first_pass_of_signal<T, 4, packed>(fft, window, samples, stride, out);
        case 5: return first_pass_of_signal<T, 5, packed>(fft, window, samples, stride, out);
        case 7: return first_pass_of_signal<T, 7, packed>(fft, window, samples, stride, out);
        case 8: return first_pass_of_signal<T, 8, packed>(fft, window, samples, stride, out);
        case 9: return first_pass_of_signal<T, 9, packed>(fft, window, samples, stride, out);
        case 16: return first_pass_of_signal<T, 16, packed>(fft, window, samples, stride, out);
        default: return first_pass_of_signal<T, 1, packed>(fft, window, samples, stride, out);
    }
}

template <class T, class Source> void start(const FftView<T>& fft, Source source, Cx<T>* out) {
    switch (fft.radix) {
        case 2: return first_pass<T, 2>(fft, source, out);
        case 3: return first_pass<T, 3>(fft, source, out);
        case 4: return first_pass<T, 4>(fft, source, out);
        case 5: return first_pass<T, 5>(fft, source, out);
        case 7: return first_pass<T, 7>(fft, source, out);
        case 8: return first_pass<T, 8>(fft, source, out);
        case 9: return first_pass<T, 9>(fft, source, out);
        case 16: return first_pass<T, 16>(fft, source, out);
        default: return first_pass<T, 1>(fft, source, out);
    }
}

template <class T> inline ptrdiff_t place_of(const FftView<T>& fft, int k) {
    return static_cast<ptrdiff_t>(k % fft.radix) * fft.sub_stride + k / fft.radix;
}

}  // namespace
}  // namespace serfast
