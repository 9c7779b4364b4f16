#include "stages/chroma.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "plan/error.hpp"

namespace serfast {

TuningScale::TuningScale(double resolution, int bins_per_octave) : bins_per_octave(bins_per_octave) {
    const double steps = std::ceil(1.0 / resolution);
    if (steps > UINT16_MAX)
        throw ParameterError("resolution=" + std::to_string(resolution) + " is finer than 1/65535");
    for (int i = 0; i < steps; ++i) edges.push_back(i * (1.0 / steps) - 0.5);
    edges.push_back(0.5);
}

namespace {

// Leading bits of a positive number: they order as the numbers do.
uint32_t bucket_of(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits >> 19;
}
uint32_t bucket_of(double x) {
    uint64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return static_cast<uint32_t>(bits >> 48);
}

template <class T> constexpr size_t n_buckets = size_t(1) << (sizeof(T) == 4 ? 12 : 15);
constexpr size_t most_listed = size_t(1) << 21;

// The bucket that holds the k-th smallest; k becomes its rank inside.
uint32_t bucket_of_rank(const std::vector<int64_t>& sizes, int64_t& k) {
    uint32_t bucket = 0;
    for (; k >= sizes[bucket]; ++bucket) k -= sizes[bucket];
    return bucket;
}

// The k-th smallest of many positive numbers: only the bucket that holds it is ordered.
template <class T> T kth_smallest(const std::deque<T>& values, const std::vector<int64_t>& sizes, int64_t k) {
    const uint32_t bucket = bucket_of_rank(sizes, k);
    std::vector<T> candidates;
    for (T value : values)
        if (bucket_of(value) == bucket) candidates.push_back(value);
    std::nth_element(candidates.begin(), candidates.begin() + k, candidates.end());
    return candidates[static_cast<size_t>(k)];
}

}  // namespace

template <class T> void Tuning<T>::add_sizes(const std::deque<T>& heights) {
    for (T height : heights) ++sizes_[bucket_of(height)];
}

template <class T> void Tuning<T>::count_instead() {
    mode_ = Mode::count;
    sizes_.assign(n_buckets<T>, 0);
    add_sizes(heights_);
    heights_.clear();
    steps_.clear();
}

template <class T> void Tuning<T>::add(const uint16_t* steps, const T* heights, int n) {
    if (mode_ == Mode::list) {
        heights_.insert(heights_.end(), heights, heights + n);
        steps_.insert(steps_.end(), steps, steps + n);
        if (heights_.size() > most_listed) count_instead();
        return;
    }
    for (int i = 0; i < n; ++i) {
        const uint32_t bucket = bucket_of(heights[i]);
        if (mode_ == Mode::count) {
            ++sizes_[bucket];
        } else if (bucket > last_bucket_) {
            ++counts_[steps[i]];
        } else if (bucket >= first_bucket_) {
            heights_.push_back(heights[i]);
            steps_.push_back(steps[i]);
        }
    }
}

template <class T> void Tuning<T>::merge(const Facts<T>& other) {
    const auto& theirs = static_cast<const Tuning&>(other);
    if (mode_ == Mode::list && (theirs.mode_ == Mode::count || heights_.size() + theirs.heights_.size() > most_listed))
        count_instead();
    if (mode_ == Mode::count) {
        if (theirs.mode_ == Mode::list) add_sizes(theirs.heights_);
        else for (size_t i = 0; i < n_buckets<T>; ++i) sizes_[i] += theirs.sizes_[i];
        return;
    }
    heights_.insert(heights_.end(), theirs.heights_.begin(), theirs.heights_.end());
    steps_.insert(steps_.end(), theirs.steps_.begin(), theirs.steps_.end());
    for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += theirs.counts_[i];
}

// The median of an even number lies between two ranks, perhaps of two buckets.
template <class T> void Tuning<T>::focus() {
    mode_ = Mode::focus;
    for (int64_t size : sizes_) n_ += size;
    int64_t low = (n_ - 1) / 2, high = n_ / 2;
    first_bucket_ = bucket_of_rank(sizes_, low);
    last_bucket_ = bucket_of_rank(sizes_, high);
    for (uint32_t bucket = 0; bucket < first_bucket_; ++bucket) n_below_ += sizes_[bucket];
}

template <class T> std::unique_ptr<Facts<T>> Tuning<T>::again() const {
    if (mode_ != Mode::focus) return nullptr;
    auto facts = std::make_unique<Tuning>(scale_);
    facts->mode_ = Mode::focus;
    facts->first_bucket_ = first_bucket_;
    facts->last_bucket_ = last_bucket_;
    return facts;
}

template <class T> T Tuning<T>::median_height() const {
    std::vector<int64_t> sizes(n_buckets<T>);
    for (T height : heights_) ++sizes[bucket_of(height)];
    const int64_t low = (n_ - 1) / 2 - n_below_, high = n_ / 2 - n_below_;
    const T upper = kth_smallest(heights_, sizes, high);
    return low == high ? upper : (kth_smallest(heights_, sizes, low) + upper) / 2;
}

template <class T> bool Tuning<T>::conclude() {
    if (mode_ == Mode::count) {
        focus();
        return false;
    }
    if (mode_ == Mode::list) n_ = static_cast<int64_t>(heights_.size());
    if (n_ == 0) return true;
    const T median = median_height();
    auto step = steps_.begin();
    for (T height : heights_) {
        if (height >= median) ++counts_[*step];
        ++step;
    }
    step_ = static_cast<int>(std::max_element(counts_.begin(), counts_.end()) - counts_.begin());
    return true;
}

template <class T> size_t TuningStage<T>::scratch_size(int lanes) const {
    return 4 * most_peaks(lanes);  // bins, shifts, heights, steps
}

template <class T> void TuningStage<T>::run(const BlockContext<T>& c, T*, Facts<T>* seen) const {
    if (!seen) return;
    const size_t most = most_peaks(c.kernels.lanes);
    T* bins = c.scratch;
    T* shifts = bins + most;
    T* heights = shifts + most;
    uint16_t* steps = reinterpret_cast<uint16_t*>(heights + most);
    const int n = c.kernels.peaks(c.blocks[this->inputs[0]], range_, c.count, bins, shifts, heights);
    c.kernels.tuning_steps(bins, shifts, n, hz_per_bin_, scale_.bins_per_octave, scale_.edges.data(),
                           scale_.steps(), steps);
    static_cast<Tuning<T>*>(seen)->add(steps, heights, n);
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
