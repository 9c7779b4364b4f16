#include "stages/shape.hpp"

#include <algorithm>
#include <cmath>

namespace serfast {

template <class T> void CentroidStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.centroid(c.blocks[this->inputs[0]], static_cast<int>(frequencies_.size()),
                       frequencies_.data(), out);
}

template <class T> void BandwidthStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.bandwidth(c.blocks[this->inputs[0]], static_cast<int>(frequencies_.size()),
                        frequencies_.data(), c.blocks[this->inputs[1]], exponent_, normalized_, out);
}

template <class T> void RolloffStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.rolloff(c.blocks[this->inputs[0]], static_cast<int>(frequencies_.size()),
                      frequencies_.data(), static_cast<T>(fraction_), out);
}

template <class T> void FlatnessStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.flatness(c.blocks[this->inputs[0]], input_rows_, static_cast<T>(amin_), out);
}

template <class T> std::unique_ptr<Facts<T>> ContrastStage<T>::new_facts() const {
    if (!decibels_) return nullptr;
    return std::make_unique<ContrastMaxima<T>>();
}

template <class T> size_t ContrastStage<T>::scratch_size(int lanes) const {
    int longest = 0;
    for (const ContrastBand& band : bands_) longest = std::max(longest, band.length);
    return static_cast<size_t>(longest) * static_cast<size_t>(lanes);
}

template <class T>
void ContrastStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>* seen) const {
    const int n_bands = static_cast<int>(bands_.size());
    const ptrdiff_t half = static_cast<ptrdiff_t>(n_bands) * c.kernels.lanes;
    c.kernels.contrast(c.blocks[this->inputs[0]], bands_.data(), n_bands, c.scratch, out, out + half);
    if (!decibels_) return;
    constexpr T amin = static_cast<T>(1e-10);
    alignas(64) T peak[max_lanes], valley[max_lanes];
    c.kernels.decibels(out, half, amin, 0, out, peak);
    c.kernels.decibels(out + half, half, amin, 0, out + half, valley);
    if (!seen) return;
    auto* maxima = static_cast<ContrastMaxima<T>*>(seen);
    maxima->peak.observe(peak, c.count);
    maxima->valley.observe(valley, c.count);
}

template <class T>
void ContrastDifferenceStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const T* peaks = c.blocks[this->inputs[0]];
    const ptrdiff_t n = static_cast<ptrdiff_t>(this->rows) * c.kernels.lanes;
    const T* valleys = peaks + n;
    if (top_db_ < 0) {
        for (ptrdiff_t i = 0; i < n; ++i) out[i] = peaks[i] - valleys[i];
        return;
    }
    const auto& maxima = *static_cast<const ContrastMaxima<T>*>(c.facts[this->facts_of]);
    const T least_peak = maxima.peak.value - static_cast<T>(top_db_);
    const T least_valley = maxima.valley.value - static_cast<T>(top_db_);
    for (ptrdiff_t i = 0; i < n; ++i)
        out[i] = std::max(peaks[i], least_peak) - std::max(valleys[i], least_valley);
}

template <class T> void RmsOfSpectrumStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    c.kernels.rms(c.blocks[this->inputs[0]], input_rows_, frame_length_, out);
}

template <class T> void RmsOfSamplesStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    for (int lane = 0; lane < c.count; ++lane)
        out[lane] = std::sqrt(c.kernels.sum_of_squares(c.input + lane * c.stride, frame_length_) /
                              static_cast<T>(frame_length_));
}

template <class T> void ZeroCrossingStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const auto changes = [&](const T* from, const T* to) {
        return c.kernels.sign_changes(from, to - from, static_cast<T>(threshold_), !zero_pos_);
    };
    const bool overlap = c.stride < frame_length_;
    int64_t count = 0;
    for (int lane = 0; lane < c.count; ++lane) {
        const T* frame = c.input + lane * c.stride;
        const T* end = frame + frame_length_;
        // An overlapping frame loses a hop of the frame before and gains one.
        if (lane > 0 && overlap) count += changes(end - c.stride, end) - changes(frame - c.stride + 1, frame + 1);
        else count = changes(frame + 1, end);
        out[lane] = static_cast<T>(static_cast<double>(count + pad_) / frame_length_);
    }
}

template class CentroidStage<float>;
template class CentroidStage<double>;
template class BandwidthStage<float>;
template class BandwidthStage<double>;
template class RolloffStage<float>;
template class RolloffStage<double>;
template class FlatnessStage<float>;
template class FlatnessStage<double>;
template class ContrastStage<float>;
template class ContrastStage<double>;
template class ContrastDifferenceStage<float>;
template class ContrastDifferenceStage<double>;
template class RmsOfSpectrumStage<float>;
template class RmsOfSpectrumStage<double>;
template class RmsOfSamplesStage<float>;
template class RmsOfSamplesStage<double>;
template class ZeroCrossingStage<float>;
template class ZeroCrossingStage<double>;

}  // namespace serfast
