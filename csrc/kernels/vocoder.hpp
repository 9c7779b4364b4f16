// Kernels of the phase vocoder: complex numbers in parts, real and imaginary values apart.
#pragma once

#include "elementwise.hpp"
#include "transpose.hpp"

namespace serfast {
namespace {

template <class T> void split_pairs(const T* pairs, ptrdiff_t n, T* real, T* imaginary) {
    constexpr int width = lanes<T>;
    for (ptrdiff_t i = 0; i < n; i += width) {
        V<T> r, im;
        deinterleave<T>(load(pairs + 2 * i), load(pairs + 2 * i + width), r, im);
        store(real + i, r);
        store(imaginary + i, im);
    }
}

template <class T> void join_pairs(const T* real, const T* imaginary, ptrdiff_t n, T* pairs) {
    constexpr int width = lanes<T>;
    for (ptrdiff_t i = 0; i < n; i += width) {
        V<T> first, second;
        interleave<T>(load(real + i), load(imaginary + i), first, second);
        store(pairs + 2 * i, first);
        store(pairs + 2 * i + width, second);
    }
}

template <class T> void to_polar(ptrdiff_t n, T* real, T* imaginary, T* magnitude) {
    for (ptrdiff_t i = 0; i < n; i += lanes<T>) {
        const V<T> r = load(real + i), im = load(imaginary + i), size = vsqrt(r * r + im * im);
        const V<T> factor = T(1) / size;
        store(magnitude + i, size);
        store(real + i, size == T(0) ? broadcast(T(1)) : r * factor);
        store(imaginary + i, size == T(0) ? V<T>{} : im * factor);
    }
}

inline void store_as(double* p, V<double> v) { store(p, v); }
inline void store_as(float* p, V<double> v) {
    typedef float Half __attribute__((vector_size(SERFAST_VECTOR_BYTES / 2)));
    typedef float Unaligned __attribute__((vector_size(SERFAST_VECTOR_BYTES / 2), aligned(4), may_alias));
    *reinterpret_cast<Unaligned*>(p) = __builtin_convertvector(v, Half);
}

template <class T>
void turn_phases(const PolarRow& from, const PolarRow& to, double share, ptrdiff_t n, double* phase_real,
                 double* phase_imaginary, T* real, T* imaginary) {
    for (ptrdiff_t i = 0; i < n; i += lanes<double>) {
        const Cx<double> phase{load(phase_real + i), load(phase_imaginary + i)};
        const V<double> magnitude = load(from.magnitude + i) * (1 - share) + load(to.magnitude + i) * share;
        store_as(real + i, phase.r * magnitude);
        store_as(imaginary + i, phase.i * magnitude);
        const Cx<double> a{load(from.real + i), load(from.imaginary + i)};
        const Cx<double> b{load(to.real + i), load(to.imaginary + i)};
        const Cx<double> turn{b.r * a.r + b.i * a.i, b.i * a.r - b.r * a.i};
        const Cx<double> next{phase.r * turn.r - phase.i * turn.i, phase.r * turn.i + phase.i * turn.r};
        // One step of Newton's towards length 1 undoes what rounding adds.
        const V<double> correction = 1.5 - (next.r * next.r + next.i * next.i) * 0.5;
        store(phase_real + i, next.r * correction);
        store(phase_imaginary + i, next.i * correction);
    }
}

}  // namespace
}  // namespace serfast
