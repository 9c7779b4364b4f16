#include "extract/frames.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "plan/error.hpp"

namespace serfast {

namespace {

// padded signal [from, from + count), the part that exists copied at once.
template <class T>
void copy_padded(const Framing& framing, const T* y, int64_t n, int64_t from, int64_t count, T* out) {
    const int64_t inside = std::clamp<int64_t>(from, 0, n), end = std::clamp<int64_t>(from + count, inside, n);
    for (int64_t p = from; p < std::min(inside, from + count); ++p) out[p - from] = padded_at(framing, y, n, p);
    if (end > inside)
        std::memcpy(out + (inside - from), y + inside, static_cast<size_t>(end - inside) * sizeof(T));
    for (int64_t p = std::max(end, from); p < from + count; ++p) out[p - from] = padded_at(framing, y, n, p);
}

}  // namespace

template <class T>
Frames<T> frames_of_block(const Framing& framing, const T* y, int64_t n, int64_t first_frame, int count, int lanes,
                          Buffer<T>& copy) {
    const int64_t start = framing.start_of(first_frame), hop = framing.hop, length = framing.length;
    const int64_t span = (lanes - 1) * hop + length + lanes;
    if (start >= 0 && start + span <= n) return {y + start, framing.hop};

    const int64_t each = length + lanes;
    const bool together = span <= each * lanes;
    const int64_t size = together ? span : each * lanes;
    T* out = copy.reserve(static_cast<size_t>(size));
    if (together) {
        const int64_t used = (count - 1) * hop + length;
        copy_padded(framing, y, n, start, used, out);
        std::fill(out + used, out + size, T(0));
        return {out, framing.hop};
    }
    std::fill(out, out + size, T(0));
    for (int lane = 0; lane < count; ++lane)
        copy_padded(framing, y, n, framing.start_of(first_frame + lane), length, out + lane * each);
    return {out, static_cast<ptrdiff_t>(each)};
}

template <class T> void check_finite(const Kernels<T>& kernels, const T* y, int64_t n, int64_t first) {
    if (n <= 0 || kernels.all_finite(y, n)) return;
    for (int64_t i = 0; i < n; ++i)
        if (!std::isfinite(y[i]))
            throw ParameterError("audio is not finite everywhere: sample " + std::to_string(first + i) + " is " +
                                 (std::isnan(y[i]) ? "not a number" : "infinite"));
}

template <class T>
void check_finite(const Kernels<T>& kernels, const Framing& framing, const T* y, int64_t n, int64_t block,
                  int64_t n_blocks) {
    const auto start = [&](int64_t b) { return std::clamp<int64_t>(framing.start_of(b * kernels.lanes), 0, n); };
    const int64_t first = block == 0 ? 0 : start(block), end = block + 1 == n_blocks ? n : start(block + 1);
    check_finite(kernels, y + first, end - first, first);
}

template void check_finite(const Kernels<float>&, const float*, int64_t, int64_t);
template void check_finite(const Kernels<double>&, const double*, int64_t, int64_t);
template void check_finite(const Kernels<float>&, const Framing&, const float*, int64_t, int64_t, int64_t);
template void check_finite(const Kernels<double>&, const Framing&, const double*, int64_t, int64_t, int64_t);
template Frames<float> frames_of_block(const Framing&, const float*, int64_t, int64_t, int, int, Buffer<float>&);
template Frames<double> frames_of_block(const Framing&, const double*, int64_t, int64_t, int, int, Buffer<double>&);

}  // namespace serfast
