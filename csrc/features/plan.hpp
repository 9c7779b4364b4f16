// A plan: all that a set of features needs that does not depend on the signal. Constant after
// construction, shared by threads without locks.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "plan/framing.hpp"
#include "stages/stage.hpp"

namespace serfast {

struct FeatureRequest {
    std::string name;
    Options options;
};

// Stages that share one framing, in the order in which they run.
template <class T> class Group {
  public:
    Group(std::string key, const Framing& framing, bool of_rows)
        : key(std::move(key)), framing(framing), of_rows(of_rows) {}

    // The index of the stage with this key, made if it does not exist yet.
    int stage(const std::string& stage_key, const std::function<std::unique_ptr<Stage<T>>()>& make);
    int rows(int stage) const { return stages[static_cast<size_t>(stage)]->rows; }
    int64_t n_frames(int64_t size) const { return of_rows ? size : framing.n_frames(size); }

    // Decides what runs when; called once, when all stages are known.
    void finish(int lanes);

    const std::string key;
    const Framing framing;
    const bool of_rows;  // the input is a matrix of rows, not a signal
    std::vector<std::unique_ptr<Stage<T>>> stages;

    // First pass: the stages that need no facts. Second pass: the others, from the blocks of
    // `kept`, which are stored when there is room and otherwise computed again by `again`.
    std::vector<int> first_pass, second_pass, kept, again;
    std::vector<char> is_second;  // by stage
    size_t scratch_size = 0;      // elements
    size_t block_size = 0;        // elements of one block of every stage
    size_t kept_size = 0;         // elements of one block of every kept stage

  private:
    std::vector<std::string> stage_keys_;
};

template <class T> struct Feature {
    std::string name;
    int group;
    int stage;
    int rows;
};

template <class T> class Plan {
  public:
    // trim_db: of whole signals only what lies between silences so many dB below the loudest frame.
    explicit Plan(const std::vector<FeatureRequest>& requests, std::optional<double> trim_db = std::nullopt);

    // The group with this framing (and window), made if it does not exist yet.
    Group<T>& group(const std::string& key, const Framing& framing, bool of_rows = false);

    const Kernels<T>& kernels() const { return kernels_; }
    const std::vector<std::unique_ptr<Group<T>>>& groups() const { return groups_; }
    const std::vector<Feature<T>>& features() const { return features_; }
    int n_rows() const;
    int64_t n_frames(int feature, int64_t size) const {
        return group_of(feature).n_frames(size);
    }
    std::vector<int64_t> frame_counts(int64_t size) const;  // by feature
    const Group<T>& group_of(int feature) const {
        return *groups_[static_cast<size_t>(features_[static_cast<size_t>(feature)].group)];
    }
    bool has_gaps(int feature) const {
        return group_of(feature).stages[static_cast<size_t>(features_[static_cast<size_t>(feature)].stage)]->has_gaps();
    }
    // Whether a feature depends on facts about the whole signal.
    bool needs_whole_signal(int feature) const {
        return group_of(feature).is_second[static_cast<size_t>(features_[static_cast<size_t>(feature)].stage)] != 0;
    }

    const std::optional<double> trim_db;

  private:
    const Kernels<T>& kernels_;
    std::vector<std::unique_ptr<Group<T>>> groups_;
    std::vector<Feature<T>> features_;
};

extern template class Group<float>;
extern template class Group<double>;
extern template class Plan<float>;
extern template class Plan<double>;

}  // namespace serfast
