// The spectrum of a block of frames, handed bin by bin to a sink, and its inverse.
#pragma once

#include "fft.hpp"

namespace serfast {
namespace {

// Bins k and n - k of the real transform from points k and n - k of the packed complex one. The
// window carries a factor 1/2 that the sums here would need.
template <class T, class Sink>
inline void unpack_pair(Cx<T> a, Cx<T> b, const T* w, int k, int mirror, Sink& sink) {
    const V<T> even_r = a.r + b.r, even_i = a.i - b.i, dr = a.r - b.r, di = a.i + b.i;
    const V<T> odd_r = di * w[0] + dr * w[1], odd_i = di * w[1] - dr * w[0];
    sink(k, Cx<T>{even_r + odd_r, even_i + odd_i});
    sink(mirror, Cx<T>{even_r - odd_r, odd_i - even_i});
}

// Short transform q holds the points k = i * radix + q; its mirror images lie in radix - q. Both
// are finished and unpacked together, while they are in L1.
template <class T, class Sink>
void finish_and_unpack(const SpectrumView<T>& spectrum, Cx<T>* points, Sink sink) {
    const FftView<T>& fft = spectrum.fft;
    const int n = fft.n, radix = fft.radix, sub_n = fft.sub_n;
    Cx<T>* ping = after_points(fft, points);
    Cx<T>* pong = ping + sub_n;

    finish(fft, points, ping, pong);
    sink(0, Cx<T>{(points[0].r + points[0].i) * T(2), V<T>{}});
    sink(n, Cx<T>{(points[0].r - points[0].i) * T(2), V<T>{}});
    for (int i = 1; i <= sub_n / 2; ++i) {
        const int k = i * radix;
        unpack_pair(points[i], points[sub_n - i], spectrum.unpack + 2 * k, k, n - k, sink);
    }
    for (int q = 1; q <= radix / 2; ++q) {
        Cx<T>* low = points + static_cast<ptrdiff_t>(q) * fft.sub_stride;
        Cx<T>* high = points + static_cast<ptrdiff_t>(radix - q) * fft.sub_stride;
        finish(fft, low, ping, pong);
        if (high != low) finish(fft, high, ping, pong);
        // Within one short transform the pairs meet in the middle.
        const int end = high != low ? sub_n : (sub_n + 1) / 2;
        for (int i = 0; i < end; ++i) {
            const int k = i * radix + q;
            unpack_pair(low[i], high[sub_n - 1 - i], spectrum.unpack + 2 * k, k, n - k, sink);
        }
    }
}

// Leaves the packed (or, for odd n_fft, plain) transform of chirp_n points in natural order.
template <class T>
void bluestein(const SpectrumView<T>& spectrum, const Cx<T>* in, Cx<T>* work, Cx<T>* out) {
    const FftView<T>& fft = spectrum.fft;
    const int n = spectrum.chirp_n;
    const T* chirp = spectrum.chirp;
    start<T>(
        fft,
        [=](int j) {
            return j < n ? times(in[j], chirp[2 * j], chirp[2 * j + 1]) : Cx<T>{};
        },
        work);
    finish_all(fft, work);
    for (int q = 0; q < fft.radix; ++q)
        for (int i = 0; i < fft.sub_n; ++i) {
            Cx<T>& x = work[static_cast<ptrdiff_t>(q) * fft.sub_stride + i];
            const T* response = spectrum.chirp_spectrum + 2 * (static_cast<ptrdiff_t>(q) * fft.sub_n + i);
            x = times(x, response[0], response[1]);
        }
    // The inverse transform is the forward one with real and imaginary parts exchanged.
    start<T>(
        fft,
        [&fft, work](int j) {
            const Cx<T> x = work[place_of(fft, j)];
            return Cx<T>{x.i, x.r};
        },
        out);
    finish_all(fft, out);
    for (int k = 0; k < n; ++k) {
        const Cx<T> x = out[place_of(fft, k)];
        work[k] = times(Cx<T>{x.i, x.r}, chirp[2 * k], chirp[2 * k + 1]);
    }
}

// The windowed points of a block in natural order.
template <class T>
void load_points(const SpectrumView<T>& spectrum, const T* samples, ptrdiff_t stride, Cx<T>* out) {
    FftView<T> copy = spectrum.fft;
    copy.sub_n = spectrum.chirp_n;
    if (spectrum.packed)
        first_pass_of_signal<T, 1, true>(copy, spectrum.window, samples, stride, out);
    else
        first_pass_of_signal<T, 1, false>(copy, spectrum.window, samples, stride, out);
}

// Scratch for Bluestein: two convolutions' worth of points, each with its short transforms.
template <class T> inline Cx<T>* second_points(const FftView<T>& fft, Cx<T>* points) {
    return after_points(fft, points) + 2 * static_cast<ptrdiff_t>(fft.sub_n);
}

// `in` may be the second points.
template <class T, class Sink>
void spectrum_by_chirp(const SpectrumView<T>& spectrum, const Cx<T>* in, Cx<T>* points, Sink sink) {
    bluestein(spectrum, in, points, second_points(spectrum.fft, points));
    const int n = spectrum.chirp_n;
    if (!spectrum.packed) {
        for (int k = 0; k <= n / 2; ++k) sink(k, points[k]);
        return;
    }
    sink(0, Cx<T>{(points[0].r + points[0].i) * T(2), V<T>{}});
    sink(n, Cx<T>{(points[0].r - points[0].i) * T(2), V<T>{}});
    for (int k = 1; k <= n / 2; ++k)
        unpack_pair(points[k], points[n - k], spectrum.unpack + 2 * k, k, n - k, sink);
}

template <class T, class Sink>
void spectrum(const SpectrumView<T>& spectrum, const T* samples, ptrdiff_t stride, T* scratch,
              Sink sink) {
    Cx<T>* points = points_of(scratch);
    const FftView<T>& fft = spectrum.fft;
    if (spectrum.bluestein) {
        Cx<T>* loaded = second_points(fft, points);
        load_points(spectrum, samples, stride, loaded);
        return spectrum_by_chirp(spectrum, loaded, points, sink);
    }
    if (spectrum.packed) {
        start_signal<T, true>(fft, spectrum.window, samples, stride, points);
        finish_and_unpack(spectrum, points, sink);
        return;
    }
    start_signal<T, false>(fft, spectrum.window, samples, stride, points);
    finish_all(fft, points);
    for (int k = 0; k <= fft.n / 2; ++k) sink(k, points[place_of(fft, k)]);
}

template <class T>
void power_spectrum(const SpectrumView<T>& view, const T* samples, ptrdiff_t stride, T* scratch,
                    T* power) {
    V<T>* out = as_vectors(power);
    spectrum(view, samples, stride, scratch, [out](int k, Cx<T> x) { out[k] = x.r * x.r + x.i * x.i; });
}

// Interleaved (real, imaginary) pairs of `count` frames.
template <class T> inline void store_pairs(Cx<T> x, T* out, int count) {
    constexpr int width = lanes<T>;
    V<T> first, second;
    interleave<T>(x.r, x.i, first, second);
    if (count == width) {
        store(out, first);
        store(out + width, second);
        return;
    }
    T pairs[2 * width];
    store(pairs, first);
    store(pairs + width, second);
    for (int i = 0; i < 2 * count; ++i) out[i] = pairs[i];
}

template <class T>
void power_of_rows(const SpectrumView<T>& view, const T* rows, T* scratch, T* power) {
    // Pairs of rows are the packed points. Without a window that carries 1/2, bins are twice as large.
    const Cx<T>* in = reinterpret_cast<const Cx<T>*>(rows);
    Cx<T>* points = points_of(scratch);
    V<T>* out = as_vectors(power);
    const auto sink = [out](int k, Cx<T> x) { out[k] = (x.r * x.r + x.i * x.i) * T(0.25); };
    if (view.bluestein) return spectrum_by_chirp(view, in, points, sink);
    start<T>(view.fft, [in](int j) { return in[j]; }, points);
    finish_and_unpack(view, points, sink);
}

template <class T>
void complex_spectrum(const SpectrumView<T>& view, const T* samples, ptrdiff_t stride, T* scratch,
                      T* out, ptrdiff_t row_stride, int count) {
    if (count == lanes<T>) {
        spectrum(view, samples, stride, scratch,
                 [=](int k, Cx<T> x) { store_pairs(x, out + k * row_stride, lanes<T>); });
        return;
    }
    spectrum(view, samples, stride, scratch,
             [=](int k, Cx<T> x) { store_pairs(x, out + k * row_stride, count); });
}

// One bin of `count` frames.
template <class T> inline Cx<T> load_bin(const T* row, int count) {
    constexpr int width = lanes<T>;
    Cx<T> x;
    if (count == width) {
        deinterleave<T>(load(row), load(row + width), x.r, x.i);
        return x;
    }
    T pairs[2 * width] = {};
    for (int i = 0; i < 2 * count; ++i) pairs[i] = row[i];
    deinterleave<T>(load(pairs), load(pairs + width), x.r, x.i);
    return x;
}

// The points whose (packed) transform is the given spectrum, real and imaginary parts exchanged.
// As with numpy's irfft, the imaginary parts of the first and (n_fft even) last bin do not count.
template <class T>
void pack_spectrum(const SpectrumView<T>& view, const T* in, ptrdiff_t row_stride, int count,
                   Cx<T>* out) {
    const int n_fft = view.n_fft;
    if (!view.packed) {
        out[0] = {V<T>{}, load_bin(in, count).r};
        for (int k = 1; k <= n_fft / 2; ++k) {
            const Cx<T> x = load_bin(in + k * row_stride, count);
            out[k] = {x.i, x.r};
            out[n_fft - k] = {-x.i, x.r};
        }
        return;
    }
    const int n = n_fft / 2;
    const V<T> first = load_bin(in, count).r, last = load_bin(in + n * row_stride, count).r;
    out[0] = {first - last, first + last};
    for (int k = 1; k <= n / 2; ++k) {
        const Cx<T> a = load_bin(in + k * row_stride, count);
        const Cx<T> b = load_bin(in + (n - k) * row_stride, count);
        const T wr = view.unpack[2 * k], wi = view.unpack[2 * k + 1];
        const V<T> even_r = a.r + b.r, even_i = a.i - b.i, dr = a.r - b.r, di = a.i + b.i;
        const V<T> odd_r = dr * wi - di * wr, odd_i = dr * wr + di * wi;
        out[k] = {even_i + odd_i, even_r + odd_r};
        out[n - k] = {odd_i - even_i, even_r - odd_r};
    }
}

template <class T>
void inverse_frames(const SpectrumView<T>& view, const T* in, ptrdiff_t row_stride, int count,
                    T* scratch, T* frames, ptrdiff_t frame_stride) {
    constexpr int width = lanes<T>;
    const FftView<T>& fft = view.fft;
    Cx<T>* points = points_of(scratch);
    Cx<T>* packed = second_points(fft, points);
    pack_spectrum(view, in, row_stride, count, packed);
    if (view.bluestein) {
        bluestein(view, packed, points, packed);
    } else {
        start<T>(fft, [packed](int j) { return packed[j]; }, points);
        finish_all(fft, points);
    }
    // Point k lies in short transform k % radix.
    const int radix = view.bluestein ? 1 : fft.radix;
    const ptrdiff_t next_start = 1 - static_cast<ptrdiff_t>(radix) * fft.sub_stride;
    const Cx<T>* point = points;
    int q = 0;
    const int n_points = view.packed ? view.n_fft / 2 : view.n_fft;
    const int per_tile = view.packed ? width / 2 : width;
    for (int start_at = 0; start_at < n_points; start_at += per_tile) {
        V<T> tile[width] = {};
        const int filled = n_points - start_at < per_tile ? n_points - start_at : per_tile;
        for (int j = 0; j < filled; ++j) {
            const Cx<T> x = *point;
            point += fft.sub_stride;
            if (++q == radix) {
                q = 0;
                point += next_start;
            }
            if (view.packed) {
                tile[2 * j] = x.i;
                tile[2 * j + 1] = x.r;
            } else {
                tile[j] = x.i;
            }
        }
        transpose<T>(tile);
        const int first = view.packed ? 2 * start_at : start_at;
        const int n = view.packed ? 2 * filled : filled;
        for (int lane = 0; lane < count; ++lane) {
            T* to = frames + lane * frame_stride + first;
            if (n == width) {
                store(to, tile[lane] * load(view.inverse_window + first));
                continue;
            }
            const T* values = reinterpret_cast<const T*>(&tile[lane]);
            for (int i = 0; i < n; ++i) to[i] = values[i] * view.inverse_window[first + i];
        }
    }
}

}  // namespace
}  // namespace serfast
