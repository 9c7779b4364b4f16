#include "stages/pitch.hpp"

#include <limits>

namespace serfast {

template <class T>
PitchStage<T>::PitchStage(const PitchRange& range, double threshold, int lanes)
    : Stage<T>(2, {}), range_(range), threshold_(threshold), plan_(range.frame_length, range.max_period, lanes) {}

template <class T> size_t PitchStage<T>::room_for_frames(int lanes) const {
    return static_cast<size_t>(lanes) * static_cast<size_t>(plan_.padded_length() + lanes);
}

template <class T> size_t PitchStage<T>::scratch_size(int lanes) const {
    const auto rows = static_cast<size_t>(plan_.power_rows() + plan_.out_rows());
    return room_for_frames(lanes) + plan_.scratch_size(lanes) + rows * static_cast<size_t>(lanes);
}

template <class T> void PitchStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const int lanes = c.kernels.lanes, min_period = range_.min_period;
    T* frames = c.scratch;
    T* scratch = frames + room_for_frames(lanes);
    T* power = scratch + plan_.scratch_size(lanes);
    T* curve = power + static_cast<ptrdiff_t>(plan_.power_rows()) * lanes;
    const PaddedFrames padded(c.stride, range_.frame_length, plan_.padded_length(), lanes);
    padded.fill(c.input, frames, [](const T* from, ptrdiff_t n, T* to) { std::copy_n(from, n, to); });
    c.kernels.normalized_difference(plan_.view(), frames, padded.stride, scratch, power, curve);
    T* periodicity = out + lanes;
    c.kernels.chosen_troughs(curve + static_cast<ptrdiff_t>(min_period) * lanes, range_.max_period - min_period + 1,
                             static_cast<T>(threshold_), out, periodicity);
    for (int lane = 0; lane < lanes; ++lane) {
        out[lane] = static_cast<T>(range_.sr / (min_period + static_cast<double>(out[lane])));
        periodicity[lane] = std::clamp(1 - periodicity[lane], T(0), T(1));
    }
}

template <class T> void VoicedStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const T* pitch = c.blocks[this->inputs[0]];
    const T* periodicity = pitch + c.kernels.lanes;
    for (int lane = 0; lane < c.kernels.lanes; ++lane)
        out[lane] = periodicity[lane] >= least_ ? pitch[lane] : std::numeric_limits<T>::quiet_NaN();
}

template <class T> void PeriodicityStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    std::copy_n(c.blocks[this->inputs[0]] + c.kernels.lanes, c.kernels.lanes, out);
}

template class PitchStage<float>;
template class PitchStage<double>;
template class VoicedStage<float>;
template class VoicedStage<double>;
template class PeriodicityStage<float>;
template class PeriodicityStage<double>;

}  // namespace serfast
