// The only place that shuffles: a tile of consecutive samples of `lanes` frames becomes one
// register per sample.
#pragma once

#include "simd.hpp"

namespace serfast {
namespace {

// Kinds of two-register shuffles, all of them single instructions on x86.
enum class Shuffle { interleave_low, interleave_high, even_groups, odd_groups };

template <class T> constexpr int group_size = 16 / static_cast<int>(sizeof(T));

template <class T> constexpr int shuffle_index(Shuffle kind, int step, int c) {
    constexpr int group = group_size<T>, groups = lanes<T> / group;
    const int base = c / group * group, within = c % group;
    if (kind == Shuffle::interleave_low || kind == Shuffle::interleave_high) {
        // Runs of `step` elements, taken in turn from a and b, inside each 128-bit group.
        const int half = kind == Shuffle::interleave_high ? group / 2 : 0;
        const int run = within / (2 * step), from_b = within / step % 2;
        return base + half + run * step + within % step + from_b * lanes<T>;
    }
    // Every second 128-bit group of a, then of b.
    const int g = c / group * 2 + (kind == Shuffle::odd_groups ? 1 : 0);
    return g * group + within + (groups == 1 ? g * (lanes<T> - group) : 0);
}

template <class T, Shuffle kind, int step, int... c> inline V<T> shuffle_of(V<T> a, V<T> b) {
    return __builtin_shufflevector(a, b, shuffle_index<T>(kind, step, c)...);
}

template <class T, Shuffle kind, int step = 1> inline V<T> shuffle(V<T> a, V<T> b) {
    if constexpr (lanes<T> == 2) return shuffle_of<T, kind, step, 0, 1>(a, b);
    else if constexpr (lanes<T> == 4) return shuffle_of<T, kind, step, 0, 1, 2, 3>(a, b);
    else if constexpr (lanes<T> == 8)
        return shuffle_of<T, kind, step, 0, 1, 2, 3, 4, 5, 6, 7>(a, b);
    else
        return shuffle_of<T, kind, step, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15>(a, b);
}

// Two registers holding a[0], b[0], a[1], b[1], ... in order.
template <class T> inline void interleave(V<T> a, V<T> b, V<T>& first, V<T>& second) {
    constexpr int n = lanes<T>;
    if constexpr (n == 2) {
        first = __builtin_shufflevector(a, b, 0, 2);
        second = __builtin_shufflevector(a, b, 1, 3);
    } else if constexpr (n == 4) {
        first = __builtin_shufflevector(a, b, 0, 4, 1, 5);
        second = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    } else if constexpr (n == 8) {
        first = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
        second = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
    } else {
        first = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        second = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30,
                                         15, 31);
    }
}

template <class T> inline void deinterleave(V<T> first, V<T> second, V<T>& a, V<T>& b) {
    constexpr int n = lanes<T>;
    if constexpr (n == 2) {
        a = __builtin_shufflevector(first, second, 0, 2);
        b = __builtin_shufflevector(first, second, 1, 3);
    } else if constexpr (n == 4) {
        a = __builtin_shufflevector(first, second, 0, 2, 4, 6);
        b = __builtin_shufflevector(first, second, 1, 3, 5, 7);
    } else if constexpr (n == 8) {
        a = __builtin_shufflevector(first, second, 0, 2, 4, 6, 8, 10, 12, 14);
        b = __builtin_shufflevector(first, second, 1, 3, 5, 7, 9, 11, 13, 15);
    } else {
        a = __builtin_shufflevector(first, second, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26,
                                    28, 30);
        b = __builtin_shufflevector(first, second, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27,
                                    29, 31);
    }
}

template <class T> inline void transpose(V<T>* t) {
    constexpr int n = lanes<T>, group = group_size<T>, groups = n / group;
    V<T> s[n];
    for (int i = 0; i < n; i += 2) {
        s[i] = shuffle<T, Shuffle::interleave_low>(t[i], t[i + 1]);
        s[i + 1] = shuffle<T, Shuffle::interleave_high>(t[i], t[i + 1]);
    }
    if constexpr (group == 4) {
        for (int i = 0; i < n; i += 4) {
            t[i] = shuffle<T, Shuffle::interleave_low, 2>(s[i], s[i + 2]);
            t[i + 1] = shuffle<T, Shuffle::interleave_high, 2>(s[i], s[i + 2]);
            t[i + 2] = shuffle<T, Shuffle::interleave_low, 2>(s[i + 1], s[i + 3]);
            t[i + 3] = shuffle<T, Shuffle::interleave_high, 2>(s[i + 1], s[i + 3]);
        }
    } else {
        for (int i = 0; i < n; ++i) t[i] = s[i];
    }
    // t[q * group + j] now holds, in its 128-bit group g, column g * group + j of row quad q.
    if constexpr (groups == 2) {
        for (int j = 0; j < group; ++j) {
            const V<T> a = t[j], b = t[group + j];
            t[j] = shuffle<T, Shuffle::even_groups>(a, b);
            t[group + j] = shuffle<T, Shuffle::odd_groups>(a, b);
        }
    } else if constexpr (groups == 4) {
        for (int j = 0; j < group; ++j) {
            const V<T> a = t[j], b = t[group + j], c = t[2 * group + j], d = t[3 * group + j];
            const V<T> ab_even = shuffle<T, Shuffle::even_groups>(a, b);
            const V<T> cd_even = shuffle<T, Shuffle::even_groups>(c, d);
            const V<T> ab_odd = shuffle<T, Shuffle::odd_groups>(a, b);
            const V<T> cd_odd = shuffle<T, Shuffle::odd_groups>(c, d);
            t[j] = shuffle<T, Shuffle::even_groups>(ab_even, cd_even);
            t[group + j] = shuffle<T, Shuffle::even_groups>(ab_odd, cd_odd);
            t[2 * group + j] = shuffle<T, Shuffle::odd_groups>(ab_even, cd_even);
            t[3 * group + j] = shuffle<T, Shuffle::odd_groups>(ab_odd, cd_odd);
        }
    }
}

}  // namespace
}  // namespace serfast
