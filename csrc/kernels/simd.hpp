// The vector type: one register holds the same quantity of `lanes` neighbouring frames.
#pragma once

#include "kernels.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace serfast {
namespace {

template <class T> struct Simd {
    static constexpr int lanes = SERFAST_VECTOR_BYTES / static_cast<int>(sizeof(T));
    typedef T Vec __attribute__((vector_size(SERFAST_VECTOR_BYTES)));
    typedef T Unaligned
        __attribute__((vector_size(SERFAST_VECTOR_BYTES), aligned(sizeof(T)), may_alias));
};

template <class T> struct IntOf;
template <> struct IntOf<float> { using type = int32_t; };
template <> struct IntOf<double> { using type = int64_t; };

template <class T> using V = typename Simd<T>::Vec;
template <class T> using Int = typename IntOf<T>::type;
template <class T> using VI = typename Simd<Int<T>>::Vec;
template <class T> constexpr int lanes = Simd<T>::lanes;

template <class T> inline V<T> load(const T* p) {
    return *reinterpret_cast<const typename Simd<T>::Unaligned*>(p);
}
template <class T> inline void store(T* p, V<T> v) {
    *reinterpret_cast<typename Simd<T>::Unaligned*>(p) = v;
}
// A vector of doubles from as many consecutive elements.
inline V<double> load_doubles(const double* in) { return load(in); }
inline V<double> load_doubles(const float* in) {
#if defined(__AVX512F__)  // GCC 12 makes five instructions of the portable form
    return (V<double>)_mm512_cvtps_pd(_mm256_loadu_ps(in));
#else
    typedef float Half __attribute__((vector_size(SERFAST_VECTOR_BYTES / 2), aligned(4), may_alias));
    return __builtin_convertvector(*reinterpret_cast<const Half*>(in), V<double>);
#endif
}

template <class T> inline V<T> broadcast(T x) { return V<T>{} + x; }

template <class T> inline V<T>* as_vectors(T* p) { return reinterpret_cast<V<T>*>(p); }
template <class T> inline const V<T>* as_vectors(const T* p) {
    return reinterpret_cast<const V<T>*>(p);
}

// The ternary compiles to a compare and a blend; x86 has single instructions with the same result.
#if defined(__AVX512F__)
inline V<float> vmin(V<float> a, V<float> b) { return (V<float>)_mm512_min_ps((__m512)a, (__m512)b); }
inline V<float> vmax(V<float> a, V<float> b) { return (V<float>)_mm512_max_ps((__m512)a, (__m512)b); }
inline V<double> vmin(V<double> a, V<double> b) { return (V<double>)_mm512_min_pd((__m512d)a, (__m512d)b); }
inline V<double> vmax(V<double> a, V<double> b) { return (V<double>)_mm512_max_pd((__m512d)a, (__m512d)b); }
inline V<float> vsqrt(V<float> a) { return (V<float>)_mm512_sqrt_ps((__m512)a); }
inline V<double> vsqrt(V<double> a) { return (V<double>)_mm512_sqrt_pd((__m512d)a); }
#elif defined(__AVX2__)
inline V<float> vmin(V<float> a, V<float> b) { return (V<float>)_mm256_min_ps((__m256)a, (__m256)b); }
inline V<float> vmax(V<float> a, V<float> b) { return (V<float>)_mm256_max_ps((__m256)a, (__m256)b); }
inline V<double> vmin(V<double> a, V<double> b) { return (V<double>)_mm256_min_pd((__m256d)a, (__m256d)b); }
inline V<double> vmax(V<double> a, V<double> b) { return (V<double>)_mm256_max_pd((__m256d)a, (__m256d)b); }
inline V<float> vsqrt(V<float> a) { return (V<float>)_mm256_sqrt_ps((__m256)a); }
inline V<double> vsqrt(V<double> a) { return (V<double>)_mm256_sqrt_pd((__m256d)a); }
#elif defined(__SSE2__) || defined(_M_X64)
inline V<float> vmin(V<float> a, V<float> b) { return (V<float>)_mm_min_ps((__m128)a, (__m128)b); }
inline V<float> vmax(V<float> a, V<float> b) { return (V<float>)_mm_max_ps((__m128)a, (__m128)b); }
inline V<double> vmin(V<double> a, V<double> b) { return (V<double>)_mm_min_pd((__m128d)a, (__m128d)b); }
inline V<double> vmax(V<double> a, V<double> b) { return (V<double>)_mm_max_pd((__m128d)a, (__m128d)b); }
inline V<float> vsqrt(V<float> a) { return (V<float>)_mm_sqrt_ps((__m128)a); }
inline V<double> vsqrt(V<double> a) { return (V<double>)_mm_sqrt_pd((__m128d)a); }
#else
template <class Vec> inline Vec vmin(Vec a, Vec b) { return a < b ? a : b; }
template <class Vec> inline Vec vmax(Vec a, Vec b) { return a > b ? a : b; }
inline V<float> vsqrt(V<float> a) {
    for (int i = 0; i < lanes<float>; ++i) a[i] = __builtin_sqrtf(a[i]);
    return a;
}
inline V<double> vsqrt(V<double> a) {
    for (int i = 0; i < lanes<double>; ++i) a[i] = __builtin_sqrt(a[i]);
    return a;
}
#endif

// A complex number per lane.
template <class T> struct Cx {
    V<T> r, i;
};
template <class T> inline Cx<T> operator+(Cx<T> a, Cx<T> b) { return {a.r + b.r, a.i + b.i}; }
template <class T> inline Cx<T> operator-(Cx<T> a, Cx<T> b) { return {a.r - b.r, a.i - b.i}; }
template <class T> inline Cx<T> operator*(Cx<T> a, T s) { return {a.r * s, a.i * s}; }
template <class T> inline Cx<T> times(Cx<T> a, T wr, T wi) {
    return {a.r * wr - a.i * wi, a.r * wi + a.i * wr};
}
template <class T> inline Cx<T> times_minus_i(Cx<T> a) { return {a.i, -a.r}; }

}  // namespace
}  // namespace serfast
