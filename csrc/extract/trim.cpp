#include "extract/trim.hpp"

#include <algorithm>
#include <cmath>

#include "extract/frames.hpp"

namespace serfast {

namespace {

constexpr int64_t frame_length = 2048, hop = 512;
constexpr double least_power = 1e-10;  // lower ones count as this

}  // namespace

template <class T> Input<T> trimmed(const Plan<T>& plan, const Input<T>& signal) {
    if (!plan.trim_db) return signal;
    check_finite(plan.kernels(), signal.data, signal.size, 0);
    const int64_t frames = 1 + signal.size / hop;
    std::vector<double> power;
    double loudest = 0;
    for (int64_t frame = 0; frame < frames; ++frame) {
        const int64_t first = std::max<int64_t>(0, frame * hop - frame_length / 2);
        const int64_t end = std::min(signal.size, frame * hop + frame_length / 2);
        power.push_back(std::max(least_power, plan.kernels().sum_of_squares(signal.data + first, end - first) /
                                                  static_cast<double>(frame_length)));
        loudest = std::max(loudest, power.back());
    }
    const double least = loudest * std::pow(10.0, -*plan.trim_db / 10);
    // The loudest frame does, however few decibels there are.
    const auto sounds = [&](double p) { return p > least || p == loudest; };
    const auto begin = std::find_if(power.begin(), power.end(), sounds) - power.begin();
    const auto end = power.rend() - std::find_if(power.rbegin(), power.rend(), sounds);
    const int64_t last = std::min<int64_t>(signal.size, end * hop);
    return {signal.data + begin * hop, last - begin * hop};
}

template Input<float> trimmed(const Plan<float>&, const Input<float>&);
template Input<double> trimmed(const Plan<double>&, const Input<double>&);

}  // namespace serfast
