#include "extract/stream.hpp"

#include <algorithm>
#include <limits>

#include "extract/frames.hpp"
#include "plan/error.hpp"

namespace serfast {

namespace {

// Samples that the padding before the signal is made of.
int64_t start_needs(const Framing& framing) {
    if (framing.padding() == 0) return 0;
    if (framing.pad == Pad::reflect) return framing.padding() + 1;
    return framing.pad == Pad::symmetric ? framing.padding() : 1;
}

}  // namespace

template <class T> Stream<T>::Stream(const Plan<T>& plan) : plan_(plan), hop_(plan.groups()[0]->framing.hop) {
    const Framing& first = plan.groups()[0]->framing;
    for (size_t f = 0; f < plan.features().size(); ++f) {
        const std::string& name = plan.features()[f].name;
        const Framing& framing = plan.group_of(static_cast<int>(f)).framing;
        if (plan.needs_whole_signal(static_cast<int>(f)))
            throw ParameterError(name + " depends on the whole signal, which a stream does not have");
        if (framing.hop != first.hop || framing.length - 2 * framing.padding() != first.length - 2 * first.padding())
            throw ParameterError("a stream needs as many frames of " + name + " as of " + plan.features()[0].name +
                                 ": the same hop_length, and without center=True the same frame length");
        longest_ = std::max<int64_t>(longest_, framing.length);
        padding_ = std::max<int64_t>(padding_, framing.padding());
        latency_ = std::max<int64_t>(latency_, framing.length - framing.padding());
        first_needs_ = std::max(first_needs_, start_needs(framing));
    }
    // What may have to be kept, with up to a block of frames put off, and a block's new samples.
    const int64_t kept = longest_ + padding_ + 1 + (plan.kernels().lanes + 2) * hop_;
    capacity_ = kept + plan.kernels().lanes * hop_;
    signal_.reserve(static_cast<size_t>(capacity_));
}

template <class T> int64_t Stream<T>::complete(int64_t n_samples) const {
    if (n_samples < std::max(latency_, first_needs_)) return 0;
    return 1 + (n_samples - latency_) / hop_;
}

template <class T> int64_t Stream<T>::n_frames_after(int64_t n) const {
    check_not_ended();
    return complete(total_ + n) - next_;
}

template <class T> int64_t Stream<T>::n_frames_at_end() const {
    check_not_ended();
    return plan_.frame_counts(total_)[0] - next_;
}

template <class T> void Stream<T>::check_not_ended() const {
    if (ended_) throw ParameterError("the stream has ended: after flush() a new one is needed");
}

template <class T> void Stream<T>::push(const T* chunk, int64_t n, Sink<T>& sink) {
    check_not_ended();
    check_finite(plan_.kernels(), chunk, n, total_);
    while (n > 0) {
        if (room() < n) drop_what_no_frame_needs();
        const int64_t taken = std::min(n, room());
        std::copy_n(chunk, taken, signal_.data() + held());
        total_ += taken;
        chunk += taken;
        n -= taken;
        give(complete(total_), n == 0, sink);
    }
}

template <class T> void Stream<T>::flush(Sink<T>& sink) {
    give(next_ + n_frames_at_end(), true, sink);
    ended_ = true;
}

// The end's padding is made of the last frame length of samples, and one hop more tells the framing
// that this is not the signal's beginning.
template <class T> void Stream<T>::drop_what_no_frame_needs() {
    const int64_t needed = std::min(next_ * hop_ - padding_, total_ - longest_ - hop_);
    const int64_t base = std::max(base_, needed / hop_);
    const T* from = signal_.data() + (base - base_) * hop_;
    const int64_t left = held() - (base - base_) * hop_;
    std::copy_n(from, left, signal_.data());
    base_ = base;
}

// The complete frames before `end`; those that fill no block may wait for more to come.
template <class T> void Stream<T>::give(int64_t end, bool all, Sink<T>& sink) {
    const int64_t lanes = plan_.kernels().lanes;
    while (next_ < end && (all || end - next_ >= lanes)) {
        const int count = static_cast<int>(std::min(lanes, end - next_));
        for (size_t group = 0; group < plan_.groups().size(); ++group) give_block(group, count, sink);
        next_ += count;
    }
}

template <class T> void Stream<T>::give_block(size_t at, int count, Sink<T>& sink) {
    const Group<T>& group = *plan_.groups()[at];
    const Kernels<T>& kernels = plan_.kernels();
    const Frames<T> frames = frames_of_block(group.framing, signal_.data(), held(), next_ - base_, count,
                                             kernels.lanes, workspace_.frames);
    const std::vector<T*> blocks = blocks_in(workspace_, group, kernels.lanes);
    const std::vector<const Facts<T>*> none(group.stages.size());
    const BlockContext<T> context{kernels,       frames.first, frames.stride, count, workspace_.scratch.data(),
                                  blocks.data(), none.data()};
    for (int i : group.first_pass)
        group.stages[static_cast<size_t>(i)]->run(context, blocks[static_cast<size_t>(i)], nullptr);
    for (size_t f = 0; f < plan_.features().size(); ++f) {
        const Feature<T>& feature = plan_.features()[f];
        if (feature.group == static_cast<int>(at))
            sink.put(0, static_cast<int>(f), blocks[static_cast<size_t>(feature.stage)], next_, count);
    }
}

template <class T>
WindowSink<T>::WindowSink(const Plan<T>& plan, const Pool& pool, int64_t n_frames)
    : plan_(plan), pool_(pool), n_frames_(n_frames), capacity_(2 * n_frames + plan.kernels().lanes) {
    rows_.reserve(static_cast<size_t>(plan.n_rows() * capacity_));
    int most_rows = 0;
    for (const Feature<T>& feature : plan.features()) most_rows = std::max(most_rows, feature.rows);
    block_.reserve(static_cast<size_t>(most_rows * plan.kernels().lanes));
}

template <class T> void WindowSink<T>::put(int, int feature, const T* block, int64_t first_frame, int count) {
    const Kernels<T>& kernels = plan_.kernels();
    if (first_frame + count - base_ > capacity_) {
        const int64_t base = first_frame - n_frames_;
        for (int row = 0; row < plan_.n_rows(); ++row) {
            T* values = rows_.data() + row * capacity_;
            std::copy_n(values + (base - base_), n_frames_, values);
        }
        base_ = base;
    }
    T* rows = rows_.data();
    for (int f = 0; f < feature; ++f) rows += plan_.features()[static_cast<size_t>(f)].rows * capacity_;
    kernels.store_rows(block, plan_.features()[static_cast<size_t>(feature)].rows, count, rows + (first_frame - base_),
                       static_cast<ptrdiff_t>(capacity_));
    end_ = first_frame + count;
}

template <class T> void WindowSink<T>::pooled(float* out) {
    const auto n_columns = static_cast<ptrdiff_t>(plan_.n_rows()) * static_cast<ptrdiff_t>(pool_.items.size());
    const int64_t n = std::min(n_frames_, end_), first = end_ - n - base_;
    if (n == 0) {
        std::fill_n(out, n_columns, std::numeric_limits<float>::quiet_NaN());
        return;
    }
    const Kernels<T>& kernels = plan_.kernels();
    const T* rows = rows_.data() + first;
    PoolSink<T> sink(plan_, pool_, std::vector<int64_t>(plan_.features().size(), n), workspaces_);
    for (size_t f = 0; f < plan_.features().size(); ++f) {
        const int n_rows = plan_.features()[f].rows;
        for (int64_t at = 0; at < n; at += kernels.lanes) {
            const int count = static_cast<int>(std::min<int64_t>(kernels.lanes, n - at));
            kernels.load_rows(rows + at, static_cast<ptrdiff_t>(capacity_), n_rows, count, block_.data());
            sink.put(0, static_cast<int>(f), block_.data(), at, count);
        }
        rows += n_rows * capacity_;
    }
    sink.finish(out);
}

template class Stream<float>;
template class WindowSink<float>;

}  // namespace serfast
