// Discrete Fourier transforms of a few points, in registers. All forward (exp(-2 pi i / R)).
#pragma once

#include "simd.hpp"

namespace serfast {
namespace {

template <class T> inline void dft2(Cx<T>& a, Cx<T>& b) {
    const Cx<T> s = a + b, d = a - b;
    a = s;
    b = d;
}

template <class T> inline void dft3(Cx<T>& a, Cx<T>& b, Cx<T>& c) {
    constexpr T half_sqrt3 = T(0.86602540378443864676);
    const Cx<T> s = b + c, d = times_minus_i((b - c) * half_sqrt3);
    const Cx<T> m = a - s * T(0.5);
    a = a + s;
    b = m + d;
    c = m - d;
}

template <class T> inline void dft4(Cx<T>& a, Cx<T>& b, Cx<T>& c, Cx<T>& d) {
    const Cx<T> t0 = a + c, t1 = a - c, t2 = b + d, t3 = times_minus_i(b - d);
    a = t0 + t2;
    b = t1 + t3;
    c = t0 - t2;
    d = t1 - t3;
}

template <class T> inline void dft5(Cx<T>* x) {
    constexpr T c1 = T(0.30901699437494742410), c2 = T(-0.80901699437494742410);
    constexpr T s1 = T(0.95105651629515357212), s2 = T(0.58778525229247312917);
    const Cx<T> a1 = x[1] + x[4], b1 = times_minus_i(x[1] - x[4]);
    const Cx<T> a2 = x[2] + x[3], b2 = times_minus_i(x[2] - x[3]);
    const Cx<T> m1 = x[0] + a1 * c1 + a2 * c2, m2 = x[0] + a1 * c2 + a2 * c1;
    const Cx<T> n1 = b1 * s1 + b2 * s2, n2 = b1 * s2 - b2 * s1;
    x[0] = x[0] + a1 + a2;
    x[1] = m1 + n1;
    x[4] = m1 - n1;
    x[2] = m2 + n2;
    x[3] = m2 - n2;
}

template <class T> inline void dft7(Cx<T>* x) {
    constexpr T c1 = T(0.62348980185873353053), c2 = T(-0.22252093395631440429),
                c3 = T(-0.90096886790241912624);
    constexpr T s1 = T(0.78183148246802980871), s2 = T(0.97492791218182360702),
                s3 = T(0.43388373911755812048);
    const Cx<T> a1 = x[1] + x[6], b1 = times_minus_i(x[1] - x[6]);
    const Cx<T> a2 = x[2] + x[5], b2 = times_minus_i(x[2] - x[5]);
    const Cx<T> a3 = x[3] + x[4], b3 = times_minus_i(x[3] - x[4]);
    const Cx<T> m1 = x[0] + a1 * c1 + a2 * c2 + a3 * c3, n1 = b1 * s1 + b2 * s2 + b3 * s3;
    const Cx<T> m2 = x[0] + a1 * c2 + a2 * c3 + a3 * c1, n2 = b1 * s2 - b2 * s3 - b3 * s1;
    const Cx<T> m3 = x[0] + a1 * c3 + a2 * c1 + a3 * c2, n3 = b1 * s3 - b2 * s1 + b3 * s2;
    x[0] = x[0] + a1 + a2 + a3;
    x[1] = m1 + n1;
    x[6] = m1 - n1;
    x[2] = m2 + n2;
    x[5] = m2 - n2;
    x[3] = m3 + n3;
    x[4] = m3 - n3;
}

template <class T> inline void dft8(Cx<T>* x) {
    constexpr T h = T(0.70710678118654752440);
    Cx<T> e0 = x[0], e1 = x[2], e2 = x[4], e3 = x[6];
    Cx<T> o0 = x[1], o1 = x[3], o2 = x[5], o3 = x[7];
    dft4(e0, e1, e2, e3);
    dft4(o0, o1, o2, o3);
    o1 = {(o1.r + o1.i) * h, (o1.i - o1.r) * h};
    o2 = times_minus_i(o2);
    o3 = {(o3.i - o3.r) * h, (o3.r + o3.i) * -h};
    x[0] = e0 + o0;
    x[4] = e0 - o0;
    x[1] = e1 + o1;
    x[5] = e1 - o1;
    x[2] = e2 + o2;
    x[6] = e2 - o2;
    x[3] = e3 + o3;
    x[7] = e3 - o3;
}

// Element [q][r] of an n x n transform in two steps is output q + n r.
template <int n, class T> inline void transpose_square(Cx<T>* x) {
    for (int q = 0; q < n; ++q)
        for (int r = q + 1; r < n; ++r) {
            const Cx<T> swap = x[n * q + r];
            x[n * q + r] = x[n * r + q];
            x[n * r + q] = swap;
        }
}

template <class T> inline void dft9(Cx<T>* x) {
    constexpr T c1 = T(0.76604444311897803520), s1 = T(-0.64278760968653932632);
    constexpr T c2 = T(0.17364817766693034885), s2 = T(-0.98480775301220805937);
    constexpr T c4 = T(-0.93969262078590838405), s4 = T(-0.34202014332566873304);
    for (int j = 0; j < 3; ++j) dft3(x[j], x[j + 3], x[j + 6]);
    x[4] = times(x[4], c1, s1);
    x[5] = times(x[5], c2, s2);
    x[7] = times(x[7], c2, s2);
    x[8] = times(x[8], c4, s4);
    for (int q = 0; q < 9; q += 3) dft3(x[q], x[q + 1], x[q + 2]);
    transpose_square<3>(x);
}

template <class T> inline void dft16(Cx<T>* x) {
    constexpr T c1 = T(0.92387953251128675613), s1 = T(0.38268343236508977173);
    constexpr T h = T(0.70710678118654752440);
    for (int j = 0; j < 4; ++j) dft4(x[j], x[j + 4], x[j + 8], x[j + 12]);
    x[5] = times(x[5], c1, -s1);
    x[6] = {(x[6].r + x[6].i) * h, (x[6].i - x[6].r) * h};
    x[7] = times(x[7], s1, -c1);
    x[9] = {(x[9].r + x[9].i) * h, (x[9].i - x[9].r) * h};
    x[10] = times_minus_i(x[10]);
    x[11] = {(x[11].i - x[11].r) * h, (x[11].r + x[11].i) * -h};
    x[13] = times(x[13], s1, -c1);
    x[14] = {(x[14].i - x[14].r) * h, (x[14].r + x[14].i) * -h};
    x[15] = times(x[15], -c1, s1);
    for (int q = 0; q < 16; q += 4) dft4(x[q], x[q + 1], x[q + 2], x[q + 3]);
    transpose_square<4>(x);
}

template <class T, int R> inline void dft(Cx<T>* x) {
    if constexpr (R == 2) dft2(x[0], x[1]);
    if constexpr (R == 3) dft3(x[0], x[1], x[2]);
    if constexpr (R == 4) dft4(x[0], x[1], x[2], x[3]);
    if constexpr (R == 5) dft5(x);
    if constexpr (R == 7) dft7(x);
    if constexpr (R == 8) dft8(x);
    if constexpr (R == 9) dft9(x);
    if constexpr (R == 16) dft16(x);
}

// An odd prime by its definition, sums and differences of mirrored inputs shared.
template <class T> inline void dft_prime(int n, const Cx<T>* x, Cx<T>* y, const T* root) {
    Cx<T> sum[max_direct_prime / 2 + 1], difference[max_direct_prime / 2 + 1];
    const int half = n / 2;
    y[0] = x[0];
    for (int j = 1; j <= half; ++j) {
        sum[j] = x[j] + x[n - j];
        difference[j] = times_minus_i(x[j] - x[n - j]);
        y[0] = y[0] + sum[j];
    }
    for (int k = 1; k <= half; ++k) {
        Cx<T> even = x[0], odd = {};
        for (int j = 1, jk = k; j <= half; ++j, jk = (jk + k) % n) {
            even = even + sum[j] * root[2 * jk];
            odd = odd - difference[j] * root[2 * jk + 1];
        }
        y[k] = even + odd;
        y[n - k] = even - odd;
    }
}

}  // namespace
}  // namespace serfast
