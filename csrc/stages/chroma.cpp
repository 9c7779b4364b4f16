#include "stages/chroma.hpp"

#include <algorithm>
#include <cmath>

#include "plan/error.hpp"

namespace serfast {

TuningScale::TuningScale(double resolution, int bins_per_octave) : bins_per_octave_(bins_per_octave) {
    const int n = static_cast<int>(std::ceil(1.0 / resolution));
    if (n > UINT16_MAX) throw ParameterError("resolution=" + std::to_string(resolution) + " is finer than 1/65535");
    const double step = 1.0 / n;
    for (int i = 0; i < n; ++i) edges_.push_back(i * step - 0.5);
    edges_.push_back(0.5);
}

int TuningScale::step_of(double frequency) const {
    const double position = bins_per_octave_ * std::log2(frequency / (440.0 / 16));
    double residual = position - std::floor(position);
    if (residual >= 0.5) residual -= 1.0;
    int step = std::min(size() - 1, static_cast<int>((residual + 0.5) * size()));
    while (step > 0 && residual < edges_[static_cast<size_t>(step)]) --step;
    while (step + 1 < size() && residual >= edges_[static_cast<size_t>(step) + 1]) ++step;
    return step;
}

int TuningScale::most_common(const std::vector<int64_t>& counts) const {
    return static_cast<int>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

double pitch_tuning(const double* frequencies, int64_t n, double resolution, int bins_per_octave) {
    const TuningScale scale(resolution, bins_per_octave);
    std::vector<int64_t> counts(static_cast<size_t>(scale.size()));
    for (int64_t i = 0; i < n; ++i) ++counts[static_cast<size_t>(scale.step_of(frequencies[i]))];
    return n == 0 ? 0 : scale.tuning(scale.most_common(counts));
}

template <class T> void Tuning<T>::add(double frequency, double height) {
    heights_.push_back(static_cast<T>(height));
    steps_.push_back(static_cast<uint16_t>(scale_.step_of(frequency)));
}

template <class T> void Tuning<T>::merge(const Facts<T>& other) {
    const auto& theirs = static_cast<const Tuning&>(other);
    heights_.insert(heights_.end(), theirs.heights_.begin(), theirs.heights_.end());
    steps_.insert(steps_.end(), theirs.steps_.begin(), theirs.steps_.end());
}

template <class T> void Tuning<T>::conclude() {
    if (heights_.empty()) return;
    std::vector<T> order = heights_;
    const auto middle = order.begin() + static_cast<ptrdiff_t>(order.size() / 2);
    std::nth_element(order.begin(), middle, order.end());
    T median = *middle;
    if (order.size() % 2 == 0) median = (*std::max_element(order.begin(), middle) + median) / 2;
    std::vector<int64_t> counts(static_cast<size_t>(scale_.size()));
    for (size_t i = 0; i < heights_.size(); ++i)
        if (heights_[i] >= median) ++counts[steps_[i]];
    step_ = scale_.most_common(counts);
}

template <class T> size_t TuningStage<T>::scratch_size(int lanes) const {
    const size_t peaks = static_cast<size_t>(range_.n_bins / 2 + 1) * static_cast<size_t>(lanes);
    return (peaks * sizeof(Peak) + sizeof(T) - 1) / sizeof(T);
}

template <class T> void TuningStage<T>::run(const BlockContext<T>& c, T*, Facts<T>* seen) const {
    Peak* peaks = reinterpret_cast<Peak*>(c.scratch);
    const int n = c.kernels.peaks(c.blocks[this->inputs[0]], range_, c.count, peaks);
    for (int i = 0; i < n; ++i)
        static_cast<Tuning<T>*>(seen)->add(peaks[i].bin * hz_per_bin_, peaks[i].height);
}

template <class T>
ChromaStage<T>::ChromaStage(int input, const ChromaSpec& spec, int tuning_stage, int n_tunings)
    : Stage<T>(spec.n_chroma, {input}), spec_(spec), made_(static_cast<size_t>(n_tunings) + 1) {
    this->facts_of = tuning_stage;
}

template <class T> ChromaStage<T>::~ChromaStage() {
    for (auto& filters : made_) delete filters.load();
}

template <class T> const PanelMatrix<T>& ChromaStage<T>::filters(const Tuning<T>& tuning) const {
    auto& slot = made_[tuning.empty() ? made_.size() - 1 : static_cast<size_t>(tuning.step())];
    const PanelMatrix<T>* known = slot.load(std::memory_order_acquire);
    if (known) return *known;
    // Two threads may both make it; the first to store wins.
    auto fresh = std::make_unique<PanelMatrix<T>>(chroma_filters(spec_, tuning.value()));
    if (slot.compare_exchange_strong(known, fresh.get(), std::memory_order_acq_rel))
        return *fresh.release();
    return *known;
}

template <class T> void ChromaStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const auto& tuning = *static_cast<const Tuning<T>*>(c.facts[this->facts_of]);
    c.kernels.matrix(filters(tuning).view(), c.blocks[this->inputs[0]], out);
}

template <class T> void PiptrackStage<T>::run(const BlockContext<T>& c, T* out, Facts<T>*) const {
    const ptrdiff_t n = static_cast<ptrdiff_t>(range_.n_bins) * c.kernels.lanes;
    c.kernels.piptrack(c.blocks[this->inputs[0]], range_, out, out + n);
    for (ptrdiff_t i = 0; i < n; ++i) out[i] *= static_cast<T>(hz_per_bin_);
}

template class Tuning<float>;
template class Tuning<double>;
template class TuningStage<float>;
template class TuningStage<double>;
template class ChromaStage<float>;
template class ChromaStage<double>;
template class PiptrackStage<float>;
template class PiptrackStage<double>;

}  // namespace serfast
