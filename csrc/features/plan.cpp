#include "features/plan.hpp"

#include <algorithm>

#include "features/table.hpp"
#include "plan/isa.hpp"

namespace serfast {

template <class T>
int Group<T>::stage(const std::string& stage_key,
                    const std::function<std::unique_ptr<Stage<T>>()>& make) {
    const auto known = std::find(stage_keys_.begin(), stage_keys_.end(), stage_key);
    if (known != stage_keys_.end()) return static_cast<int>(known - stage_keys_.begin());
    stages.push_back(make());
    stage_keys_.push_back(stage_key);
    return static_cast<int>(stages.size()) - 1;
}

template <class T> void Group<T>::finish(int lanes) {
    const int n = static_cast<int>(stages.size());
    is_second.assign(stages.size(), 0);
    std::vector<char> is_kept(stages.size()), is_again(stages.size());
    for (int i = 0; i < n; ++i) {
        const Stage<T>& stage = *stages[static_cast<size_t>(i)];
        bool second = stage.facts_of >= 0;
        for (int input : stage.inputs) second |= is_second[static_cast<size_t>(input)] != 0;
        is_second[static_cast<size_t>(i)] = second;
        (second ? second_pass : first_pass).push_back(i);
        for (int input : stage.inputs)
            if (second && !is_second[static_cast<size_t>(input)]) is_kept[static_cast<size_t>(input)] = 1;
        scratch_size = std::max(scratch_size, stage.scratch_size(lanes));
        block_size += static_cast<size_t>(stage.rows) * static_cast<size_t>(lanes);
    }
    for (int i = n - 1; i >= 0; --i) {
        const auto at = static_cast<size_t>(i);
        if (!is_kept[at] && !is_again[at]) continue;
        for (int input : stages[at]->inputs) is_again[static_cast<size_t>(input)] = 1;
    }
    for (int i = 0; i < n; ++i) {
        const auto at = static_cast<size_t>(i);
        if (is_kept[at]) {
            kept.push_back(i);
            kept_size += static_cast<size_t>(stages[at]->rows) * static_cast<size_t>(lanes);
        }
        if (is_kept[at] || is_again[at]) again.push_back(i);
    }
}

template <class T>
Plan<T>::Plan(const std::vector<FeatureRequest>& requests, std::optional<double> trim_db)
    : trim_db(trim_db), kernels_(active_kernels<T>()) {
    for (const FeatureRequest& request : requests) {
        const Built<T> built = build_feature(*this, request);
        int at = 0;
        while (groups_[static_cast<size_t>(at)].get() != built.group) ++at;
        features_.push_back({request.name, at, built.stage, built.group->rows(built.stage)});
    }
    for (auto& group : groups_) group->finish(kernels_.lanes);
}

template <class T>
Group<T>& Plan<T>::group(const std::string& key, const Framing& framing, bool of_rows) {
    for (auto& known : groups_)
        if (known->key == key) return *known;
    groups_.push_back(std::make_unique<Group<T>>(key, framing, of_rows));
    return *groups_.back();
}

template <class T> int Plan<T>::n_rows() const {
    int rows = 0;
    for (const auto& feature : features_) rows += feature.rows;
    return rows;
}

template <class T> std::vector<int64_t> Plan<T>::frame_counts(int64_t size) const {
    std::vector<int64_t> counts;
    for (size_t f = 0; f < features_.size(); ++f) counts.push_back(n_frames(static_cast<int>(f), size));
    return counts;
}

template class Group<float>;
template class Group<double>;
template class Plan<float>;
template class Plan<double>;

}  // namespace serfast
