#include "plan/framing.hpp"

#include "plan/error.hpp"

namespace serfast {

Pad pad_of(const std::string& mode) {
    if (mode == "constant") return Pad::constant;
    if (mode == "edge") return Pad::edge;
    if (mode == "reflect") return Pad::reflect;
    if (mode == "symmetric") return Pad::symmetric;
    if (mode == "linear_ramp") return Pad::linear_ramp;
    throw ParameterError("pad_mode='" + mode + "' is not known here");
}

int64_t Framing::n_frames(int64_t n_samples) const {
    if (center && n_samples == 0 && pad != Pad::constant)
        throw ParameterError("an empty signal can only be padded with pad_mode='constant'");
    const int64_t padded = n_samples + 2 * padding() - spared;
    if (padded < length)
        throw ParameterError("signal of " + std::to_string(n_samples) + " samples is too short for one frame of " +
                             std::to_string(length) + (center ? " samples" : " samples with center=False"));
    return 1 + (padded - length) / hop;
}

int64_t Framing::end_origin(int64_t n_samples) const {
    if (!pads_end_apart) return 0;
    const int64_t first_padded = (padding() + hop - 1) / hop;
    const int64_t reach = n_samples + padding() - length;
    const int64_t first_overrun = (reach >= 0 ? reach / hop : -((-reach + hop - 1) / hop)) + 1;
    return first_overrun <= first_padded ? 0 : start_of(first_overrun);
}

namespace {

// Position p folded into [0, n) by reflection; the edge sample is repeated or not.
int64_t folded(int64_t p, int64_t n, bool repeat_edge) {
    if (n == 1) return 0;
    const int64_t period = repeat_edge ? 2 * n : 2 * (n - 1);
    p %= period;
    if (p < 0) p += period;
    return p < n ? p : period - p - (repeat_edge ? 1 : 0);
}

}  // namespace

int64_t mirrored(int64_t p, int64_t n) { return folded(p, n, true); }

template <class T> T padded_at(const Framing& framing, const T* y, int64_t n, int64_t position) {
    if (position >= 0 && position < n) return y[position];
    if (n == 0 || framing.pad == Pad::constant) return 0;
    const bool before = position < 0;
    if (framing.pad == Pad::edge) return before ? y[0] : y[n - 1];
    if (framing.pad == Pad::linear_ramp) {
        const int64_t width = framing.padding(), distance = before ? -position : position - n + 1;
        return distance > width
                   ? 0
                   : (before ? y[0] : y[n - 1]) * static_cast<T>(width - distance) / static_cast<T>(width);
    }
    const int64_t origin = before ? 0 : framing.end_origin(n);
    return y[origin + folded(position - origin, n - origin, framing.pad == Pad::symmetric)];
}

template float padded_at(const Framing&, const float*, int64_t, int64_t);
template double padded_at(const Framing&, const double*, int64_t, int64_t);

}  // namespace serfast
