#include "extract/pool.hpp"

#include <algorithm>

namespace serfast {

namespace {

// Short enough for a span of every row to stay in cache; a multiple of every lane count.
constexpr int64_t span_frames = 1024;

}  // namespace

template <class T>
PoolSink<T>::PoolSink(const Plan<T>& plan, const Pool& pool, const std::vector<int64_t>& n_frames,
                      Buffer<T>& store)
    : plan_(plan), pool_(pool), row_pool_(plan.kernels(), pool) {
    for (size_t f = 0; f < plan.features().size(); ++f) {
        Rows rows;
        rows.whole = pool.needs_whole_rows() || plan.has_gaps(static_cast<int>(f));
        rows.n_frames = n_frames[f];
        rows.span = rows.whole ? rows.n_frames : std::min(rows.n_frames, span_frames);
        rows.rows.resize(static_cast<size_t>(plan.features()[f].rows));
        features_.push_back(std::move(rows));
    }
    size_t total = 0;
    for (const Rows& rows : features_) total += rows.rows.size() * static_cast<size_t>(rows.span);
    T* at = store.reserve(total);
    for (Rows& rows : features_) {
        rows.values = at;
        at += rows.rows.size() * static_cast<size_t>(rows.span);
    }
}

template <class T> void PoolSink<T>::put(int feature, const T* block, int64_t first_frame, int count) {
    Rows& to = features_[static_cast<size_t>(feature)];
    const int n_rows = static_cast<int>(to.rows.size());
    const int64_t column = first_frame % to.span;
    plan_.kernels().store_rows(block, n_rows, count, to.values + column, static_cast<ptrdiff_t>(to.span));
    const int64_t filled = column + count;
    if (to.whole || (filled < to.span && first_frame + count < to.n_frames)) return;
    for (int row = 0; row < n_rows; ++row)
        to.rows[static_cast<size_t>(row)] =
            RowPool<T>::merged(to.rows[static_cast<size_t>(row)],
                               row_pool_.condense(to.values + row * to.span, filled));
}

// Whole rows of neighbouring features go together where they are of one length.
template <class T> void PoolSink<T>::finish(float* out) {
    std::vector<PooledRow<T>> whole;
    for (size_t f = 0; f < features_.size(); ++f) {
        const Rows& feature = features_[f];
        const auto n_rows = static_cast<ptrdiff_t>(feature.rows.size());
        for (ptrdiff_t row = 0; row < n_rows; ++row) {
            const PooledRow<T> to{feature.values + row * feature.span, pool_.frames_per_second[f], out + row, n_rows};
            if (feature.whole) whole.push_back(to);
            else row_pool_.finish(feature.rows[static_cast<size_t>(row)], to);
        }
        out += n_rows * static_cast<ptrdiff_t>(pool_.items.size());
        if (f + 1 < features_.size() && features_[f + 1].n_frames == feature.n_frames) continue;
        row_pool_.run(whole, feature.n_frames);
        whole.clear();
    }
}

template class PoolSink<float>;

}  // namespace serfast
