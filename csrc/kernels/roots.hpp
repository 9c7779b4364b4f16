// Roots of real polynomials, a polynomial in each lane, by Aberth's iteration.
#pragma once

#include "simd.hpp"

namespace serfast {
namespace {

template <class T> inline Cx<T> product(Cx<T> a, Cx<T> b) {
    return {a.r * b.r - a.i * b.i, a.r * b.i + a.i * b.r};
}
template <class T> inline V<T> size_of(Cx<T> a) { return a.r * a.r + a.i * a.i; }
template <class T> inline Cx<T> quotient(Cx<T> a, Cx<T> b) {
    const V<T> scale = T(1) / size_of<T>(b);
    return {(a.r * b.r + a.i * b.i) * scale, (a.i * b.r - a.r * b.i) * scale};
}

template <class T>
void polynomial_roots(const T* coefficients, int degree, const T* start, T* real, T* imaginary) {
    constexpr int most_sweeps = 100;
    constexpr T small = sizeof(T) == 4 ? T(1e-13) : T(1e-29);
    const V<T>* c = as_vectors(coefficients);
    V<T>* re = as_vectors(real);
    V<T>* im = as_vectors(imaginary);
    for (int k = 0; k < degree; ++k) {
        re[k] = broadcast(start[2 * k]);
        im[k] = broadcast(start[2 * k + 1]);
    }
    // A lane rests once none of its roots moves: what the other lanes hold changes nothing in it.
    VI<T> moving = ~VI<T>{};
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
        VI<T> moved = {};
        for (int k = 0; k < degree; ++k) {
            const Cx<T> z = {re[k], im[k]};
            Cx<T> value = {broadcast(T(1)), V<T>{}}, slope = {};
            for (int i = 0; i < degree; ++i) {
                slope = product<T>(slope, z) + value;
                value = product<T>(value, z);
                value.r += c[i];
            }
            Cx<T> others = {};
            for (int j = 0; j < degree; ++j) {
                if (j == k) continue;
                const Cx<T> apart = z - Cx<T>{re[j], im[j]};
                const V<T> scale = T(1) / size_of<T>(apart);
                others.r += apart.r * scale;
                others.i -= apart.i * scale;
            }
            const Cx<T> step = quotient<T>(value, slope - product<T>(value, others));
            const VI<T> goes = moving & VI<T>(size_of<T>(step) > size_of<T>(z) * small);
            moved |= goes;
            re[k] -= goes ? step.r : V<T>{};
            im[k] -= goes ? step.i : V<T>{};
        }
        moving &= moved;
        bool any = false;
        for (int lane = 0; lane < lanes<T>; ++lane) any |= moving[lane] != 0;
        if (!any) return;
    }
}

}  // namespace
}  // namespace serfast
