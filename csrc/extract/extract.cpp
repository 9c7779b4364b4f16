#include "extract/extract.hpp"

#include <algorithm>
#include <mutex>
#include <thread>

#include "extract/frames.hpp"
#include "plan/error.hpp"
#include "stages/chroma.hpp"

namespace serfast {

namespace {

// What one worker may spend on blocks kept between the passes. More than L2 holds pays for log-mel rows
// only: to fetch a spectrum, 4 kB a frame, from memory costs as much as to compute it again.
constexpr size_t kept_bytes_of_few_rows = size_t(8) << 20, kept_bytes_of_spectra = size_t(1) << 20;
constexpr size_t few_rows = 256;

template <class T> using FactsOfGroup = std::vector<std::unique_ptr<Facts<T>>>;

// One group's part of an extraction.
template <class T> class GroupRun {
  public:
    GroupRun(const Plan<T>& plan, int group, const Input<T>& input, Sink<T>* sink)
        : plan_(plan), group_(*plan.groups()[static_cast<size_t>(group)]), input_(input), sink_(sink),
          n_frames_(group_.n_frames(input.size)), checks_input_(group == 0 && !group_.of_rows) {
        for (size_t f = 0; f < plan.features().size(); ++f)
            if (plan.features()[f].group == group) outputs_.push_back(static_cast<int>(f));
    }

    FactsOfGroup<T> run(std::vector<Workspace<T>>& workspaces) {
        const int64_t n_blocks = (n_frames_ + lanes() - 1) / lanes();
        const int64_t unit = sink_ ? std::max<int64_t>(1, sink_->span() / lanes()) : 1;
        const int64_t n_units = (n_blocks + unit - 1) / unit;
        const int workers =
            static_cast<int>(std::clamp<int64_t>(n_units, 1, workers_for(n_frames_, workspaces.size())));
        const auto divide = [&](const std::function<void(int, int64_t, int64_t)>& f) {
            in_parallel(workers, n_units, [&](int worker, int64_t first, int64_t end) {
                f(worker, first * unit, std::min(end * unit, n_blocks));
            });
        };
        std::vector<FactsOfGroup<T>> seen(static_cast<size_t>(workers));
        for (auto& facts : seen)
            for (const auto& stage : group_.stages) facts.push_back(stage->new_facts());
        const auto look = [&](bool emit) {
            divide([&](int worker, int64_t first, int64_t end) {
                first_pass(workspaces[static_cast<size_t>(worker)], seen[static_cast<size_t>(worker)], worker,
                           first, end, n_blocks, emit);
            });
        };
        look(true);
        FactsOfGroup<T> facts = std::move(seen[0]);
        seen.erase(seen.begin());
        if (!concluded(facts, seen)) {
            seen.resize(static_cast<size_t>(workers));
            for (auto& more : seen) {
                more.clear();
                for (const auto& fact : facts) more.push_back(fact ? fact->again() : nullptr);
            }
            look(false);
            concluded(facts, seen);
        }
        if (!group_.second_pass.empty())
            divide([&](int worker, int64_t first, int64_t end) {
                second_pass(workspaces[static_cast<size_t>(worker)], facts, worker, first, end);
            });
        return facts;
    }

  private:
    int lanes() const { return plan_.kernels().lanes; }

    // Merges what the workers saw; false where it does not suffice.
    static bool concluded(FactsOfGroup<T>& facts, const std::vector<FactsOfGroup<T>>& seen) {
        bool enough = true;
        for (size_t i = 0; i < facts.size(); ++i) {
            if (!facts[i]) continue;
            for (const auto& theirs : seen)
                if (theirs[i]) facts[i]->merge(*theirs[i]);
            enough &= facts[i]->conclude();
        }
        return enough;
    }

    int64_t n_kept(int64_t first, int64_t end) const {
        if (group_.kept_size == 0) return 0;
        const bool few = group_.kept_size <= few_rows * static_cast<size_t>(lanes());
        const size_t bytes = few ? kept_bytes_of_few_rows : kept_bytes_of_spectra;
        return std::min<int64_t>(end - first, static_cast<int64_t>(bytes / sizeof(T) / group_.kept_size));
    }

    BlockContext<T> context(Workspace<T>& workspace, int64_t block, const std::vector<T*>& blocks,
                            const std::vector<const Facts<T>*>& facts) const {
        const int64_t first_frame = block * lanes();
        const int count = static_cast<int>(std::min<int64_t>(lanes(), n_frames_ - first_frame));
        Frames<T> frames{input_.data + first_frame, input_.stride};
        if (!group_.of_rows)
            frames = frames_of_block(group_.framing, input_.data, input_.size, first_frame, count, lanes(),
                                     workspace.frames);
        return {plan_.kernels(),          frames.first,  frames.stride, count,
                workspace.scratch.data(), blocks.data(), facts.data()};
    }

    void put(int worker, const std::vector<T*>& blocks, int64_t block, bool second) const {
        const int64_t first_frame = block * lanes();
        const int count = static_cast<int>(std::min<int64_t>(lanes(), n_frames_ - first_frame));
        for (int f : outputs_) {
            const auto stage = static_cast<size_t>(plan_.features()[static_cast<size_t>(f)].stage);
            if (sink_ && (group_.is_second[stage] != 0) == second)
                sink_->put(worker, f, blocks[stage], first_frame, count);
        }
    }

    void first_pass(Workspace<T>& workspace, FactsOfGroup<T>& seen, int worker, int64_t first, int64_t end,
                    int64_t n_blocks, bool emit) const {
        const std::vector<T*> all = blocks_in(workspace, group_, lanes());
        const std::vector<const Facts<T>*> none(group_.stages.size());
        const int64_t keep = n_kept(first, end);
        T* kept = workspace.kept.reserve(static_cast<size_t>(keep) * group_.kept_size);
        for (int64_t block = first; block < end; ++block) {
            if (checks_input_)
                check_finite(plan_.kernels(), group_.framing, input_.data, input_.size, block, n_blocks);
            std::vector<T*> here = all;
            if (block - first < keep) place_kept(kept + static_cast<size_t>(block - first) * group_.kept_size, here);
            const BlockContext<T> c = context(workspace, block, here, none);
            for (int i : group_.first_pass) {
                const auto at = static_cast<size_t>(i);
                group_.stages[at]->run(c, here[at], seen[at].get());
            }
            if (emit) put(worker, here, block, false);
        }
    }

    void second_pass(Workspace<T>& workspace, const FactsOfGroup<T>& concluded, int worker, int64_t first,
                     int64_t end) const {
        const std::vector<T*> all = blocks_in(workspace, group_, lanes());
        std::vector<const Facts<T>*> facts;
        for (const auto& fact : concluded) facts.push_back(fact.get());
        const int64_t keep = n_kept(first, end);
        for (int64_t block = first; block < end; ++block) {
            std::vector<T*> here = all;
            const bool is_kept = block - first < keep;
            if (is_kept)
                place_kept(workspace.kept.data() + static_cast<size_t>(block - first) * group_.kept_size,
                           here);
            const BlockContext<T> c = is_kept ? without_frames(workspace, block, here, facts)
                                              : context(workspace, block, here, facts);
            const auto run = [&](int i) {
                group_.stages[static_cast<size_t>(i)]->run(c, here[static_cast<size_t>(i)], nullptr);
            };
            if (!is_kept)
                for (int i : group_.again) run(i);
            for (int i : group_.second_pass) run(i);
            put(worker, here, block, true);
        }
    }

    BlockContext<T> without_frames(Workspace<T>& workspace, int64_t block, const std::vector<T*>& blocks,
                                   const std::vector<const Facts<T>*>& facts) const {
        const int count = static_cast<int>(std::min<int64_t>(lanes(), n_frames_ - block * lanes()));
        return {plan_.kernels(), nullptr, 0, count, workspace.scratch.data(), blocks.data(), facts.data()};
    }

    // Kept stages write to, and are read from, their place in the store.
    void place_kept(T* at, std::vector<T*>& blocks) const {
        for (int i : group_.kept) {
            blocks[static_cast<size_t>(i)] = at;
            at += static_cast<size_t>(group_.rows(i)) * static_cast<size_t>(lanes());
        }
    }

    const Plan<T>& plan_;
    const Group<T>& group_;
    const Input<T>& input_;
    Sink<T>* sink_;
    const int64_t n_frames_;
    const bool checks_input_;
    std::vector<int> outputs_;
};

}  // namespace

template <class T> std::vector<T*> blocks_in(Workspace<T>& workspace, const Group<T>& group, int lanes) {
    workspace.scratch.reserve(group.scratch_size);
    T* at = workspace.blocks.reserve(group.block_size);
    std::vector<T*> blocks;
    for (const auto& stage : group.stages) {
        blocks.push_back(at);
        at += static_cast<size_t>(stage->rows) * static_cast<size_t>(lanes);
    }
    return blocks;
}

template <class T> void RowSink<T>::put(int, int feature, const T* block, int64_t first_frame, int count) {
    const Target& target = targets_[static_cast<size_t>(feature)];
    plan_.kernels().store_rows(block, plan_.features()[static_cast<size_t>(feature)].rows, count,
                               target.data + first_frame, static_cast<ptrdiff_t>(target.n_frames));
}

template <class T>
FrameSink<T>::FrameSink(const Plan<T>& plan, int64_t first_frame, T* out)
    : plan_(plan), first_frame_(first_frame), out_(out), columns_{0} {
    for (const Feature<T>& feature : plan.features()) columns_.push_back(columns_.back() + feature.rows);
}

template <class T> void FrameSink<T>::put(int, int feature, const T* block, int64_t first_frame, int count) {
    const int first = columns_[static_cast<size_t>(feature)], rows = columns_[static_cast<size_t>(feature) + 1] - first;
    plan_.kernels().store_frames(block, rows, count, out_ + (first_frame - first_frame_) * columns_.back() + first,
                                 columns_.back());
}

template <class T>
void extract(const Plan<T>& plan, const Input<T>& input, std::vector<Workspace<T>>& workspaces, Sink<T>& sink) {
    for (size_t g = 0; g < plan.groups().size(); ++g)
        GroupRun<T>(plan, static_cast<int>(g), input, &sink).run(workspaces);
}

template <class T> int64_t common_frames(const Plan<T>& plan, int64_t size) {
    const std::vector<int64_t> frames = plan.frame_counts(size);
    for (size_t f = 1; f < frames.size(); ++f)
        if (frames[f] != frames[0])
            throw ParameterError(plan.features()[0].name + " has " + std::to_string(frames[0]) + " frames but " +
                                 plan.features()[f].name + " has " + std::to_string(frames[f]) +
                                 ": framewise rows need the same hop_length and frame length");
    return frames[0];
}

template <class T>
void extract_stacked(const Plan<T>& plan, const Input<T>& input, std::vector<Workspace<T>>& workspaces, T* out) {
    const int64_t frames = common_frames(plan, input.size);
    std::vector<typename RowSink<T>::Target> targets;
    for (const Feature<T>& feature : plan.features()) {
        targets.push_back({out, frames});
        out += feature.rows * frames;
    }
    RowSink<T> sink(plan, std::move(targets));
    extract(plan, input, workspaces, sink);
}

template <class T>
std::optional<double> find_tuning(const Plan<T>& plan, const Input<T>& input, std::vector<Workspace<T>>& workspaces) {
    const auto facts = GroupRun<T>(plan, 0, input, nullptr).run(workspaces);
    const auto& tuning = static_cast<const Tuning<T>&>(*facts[static_cast<size_t>(plan.features()[0].stage)]);
    if (tuning.empty()) return std::nullopt;
    return tuning.value();
}

int workers_for(int64_t n_frames, size_t available) {
    // To start a thread costs about as much as this many frames.
    constexpr int64_t frames_worth_a_thread = 256;
    return static_cast<int>(std::clamp<int64_t>(n_frames / frames_worth_a_thread, 1, static_cast<int64_t>(available)));
}

void in_parallel(int workers, int64_t n, const std::function<void(int, int64_t, int64_t)>& f) {
    std::exception_ptr failure;
    std::mutex mutex;
    const auto part = [&](int worker) {
        try {
            f(worker, n * worker / workers, n * (worker + 1) / workers);
        } catch (...) {
            const std::lock_guard<std::mutex> lock(mutex);
            if (!failure) failure = std::current_exception();
        }
    };
    std::vector<std::thread> threads;
    threads.reserve(static_cast<size_t>(workers));
    for (int worker = 1; worker < workers; ++worker) {
        try {
            threads.emplace_back(part, worker);
        } catch (const std::exception&) {
            part(worker);  // no more threads to be had
        }
    }
    part(0);
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
}

template class RowSink<float>;
template class RowSink<double>;
template std::vector<float*> blocks_in(Workspace<float>&, const Group<float>&, int);
template std::vector<double*> blocks_in(Workspace<double>&, const Group<double>&, int);
template class FrameSink<float>;
template class FrameSink<double>;
template void extract(const Plan<float>&, const Input<float>&, std::vector<Workspace<float>>&, Sink<float>&);
template void extract(const Plan<double>&, const Input<double>&, std::vector<Workspace<double>>&, Sink<double>&);
template int64_t common_frames(const Plan<float>&, int64_t);
template void extract_stacked(const Plan<float>&, const Input<float>&, std::vector<Workspace<float>>&, float*);
template std::optional<double> find_tuning(const Plan<float>&, const Input<float>&, std::vector<Workspace<float>>&);
template std::optional<double> find_tuning(const Plan<double>&, const Input<double>&, std::vector<Workspace<double>>&);

}  // namespace serfast
