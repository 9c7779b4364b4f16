#include "extract/frames.hpp"

#include <algorithm>
#include <cstring>

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
Frames<T> frames_of_block(const Framing& framing, const T* y, int64_t n, int64_t first_frame, int lanes,
                          Buffer<T>& copy) {
    const int64_t start = framing.start_of(first_frame);
    const int64_t span = static_cast<int64_t>(lanes - 1) * framing.hop + framing.length + lanes;
    if (start >= 0 && start + span <= n) return {y + start, framing.hop};

    const int64_t each = framing.length + lanes;
    T* out = copy.reserve(static_cast<size_t>(std::min(span, each * lanes)));
    if (span <= each * lanes) {
        copy_padded(framing, y, n, start, span, out);
        return {out, framing.hop};
    }
    for (int lane = 0; lane < lanes; ++lane)
        copy_padded(framing, y, n, framing.start_of(first_frame + lane), each, out + lane * each);
    return {out, static_cast<ptrdiff_t>(each)};
}

template Frames<float> frames_of_block(const Framing&, const float*, int64_t, int64_t, int, Buffer<float>&);
template Frames<double> frames_of_block(const Framing&, const double*, int64_t, int64_t, int, Buffer<double>&);

}  // namespace serfast
