#include "extract/pool.hpp"

#include <algorithm>

namespace serfast {

namespace {

// Short enough for a span of every row to stay in cache; a multiple of every lane count.
constexpr int64_t span_frames = 1024;

}  // namespace

template <class T>
PoolSink<T>::PoolSink(const Plan<T>& plan, const Pool& pool, const std::vector<int64_t>& n_frames,
                      std::vector<Workspace<T>>& workspaces)
    : plan_(plan), pool_(pool) {
    const size_t n_workers = workspaces.size();
    for (size_t w = 0; w < n_workers; ++w) row_pools_.emplace_back(plan.kernels(), pool);
    for (size_t f = 0; f < plan.features().size(); ++f) {
        Rows rows;
        rows.whole = pool.needs_whole_rows() || plan.has_gaps(static_cast<int>(f));
        rows.n_frames = n_frames[f];
        rows.span = rows.whole ? rows.n_frames : std::min(rows.n_frames, span_frames);
        rows.n_rows = static_cast<size_t>(plan.features()[f].rows);
        rows.moments.resize(n_workers);
        rows.moments[0].resize(rows.n_rows);
        features_.push_back(std::move(rows));
    }
    for (size_t w = 0; w < n_workers; ++w) {
        size_t total = 0;
        for (const Rows& rows : features_)
            if (w == 0 || !rows.whole) total += rows.n_rows * static_cast<size_t>(rows.span);
        T* at = workspaces[w].spans.reserve(total);
        for (Rows& rows : features_) {
            const bool shared = w > 0 && rows.whole;
            rows.values.push_back(shared ? rows.values[0] : at);
            if (!shared) at += rows.n_rows * static_cast<size_t>(rows.span);
        }
    }
}

template <class T> int64_t PoolSink<T>::span() const { return span_frames; }

template <class T>
void PoolSink<T>::put(int worker, int feature, const T* block, int64_t first_frame, int count) {
    Rows& to = features_[static_cast<size_t>(feature)];
    const auto w = static_cast<size_t>(worker);
    T* values = to.values[w];
    const int64_t column = first_frame % to.span;
    plan_.kernels().store_rows(block, static_cast<int>(to.n_rows), count, values + column,
                               static_cast<ptrdiff_t>(to.span));
    const int64_t filled = column + count;
    if (to.whole || (filled < to.span && first_frame + count < to.n_frames)) return;
    for (size_t row = 0; row < to.n_rows; ++row) {
        const Moments span = row_pools_[w].condense(values + static_cast<int64_t>(row) * to.span, filled);
        if (worker == 0) to.moments[0][row] = RowPool<T>::merged(to.moments[0][row], span);
        else to.moments[w].push_back(span);
    }
}

template <class T> void PoolSink<T>::merge(Rows& feature) const {
    for (size_t w = 1; w < feature.moments.size(); ++w)
        for (size_t i = 0; i < feature.moments[w].size(); ++i) {
            Moments& row = feature.moments[0][i % feature.n_rows];
            row = RowPool<T>::merged(row, feature.moments[w][i]);
        }
}

// Whole rows of neighbouring features go together where they are of one length.
template <class T> void PoolSink<T>::finish(float* out) {
    std::vector<PooledRow<T>> whole;
    for (size_t f = 0; f < features_.size(); ++f) {
        Rows& feature = features_[f];
        merge(feature);
        const auto n_rows = static_cast<ptrdiff_t>(feature.n_rows);
        for (ptrdiff_t row = 0; row < n_rows; ++row) {
            const PooledRow<T> to{feature.values[0] + row * feature.span, pool_.frames_per_second[f], out + row,
                                  n_rows};
            if (feature.whole) whole.push_back(to);
            else row_pools_[0].finish(feature.moments[0][static_cast<size_t>(row)], to);
        }
        out += n_rows * static_cast<ptrdiff_t>(pool_.items.size());
        if (f + 1 < features_.size() && features_[f + 1].n_frames == feature.n_frames) continue;
        finish_whole(whole, feature.n_frames);
        whole.clear();
    }
}

template <class T> void PoolSink<T>::finish_whole(const std::vector<PooledRow<T>>& rows, int64_t n_frames) {
    if (rows.empty()) return;
    const int64_t lanes = plan_.kernels().lanes, n = static_cast<int64_t>(rows.size());
    const int64_t n_blocks = (n + lanes - 1) / lanes;
    const int workers =
        static_cast<int>(std::min<int64_t>(n_blocks, workers_for(n_frames, row_pools_.size())));
    in_parallel(workers, n_blocks, [&](int worker, int64_t first, int64_t end) {
        const std::vector<PooledRow<T>> part(rows.begin() + first * lanes, rows.begin() + std::min(n, end * lanes));
        row_pools_[static_cast<size_t>(worker)].run(part, n_frames);
    });
}

template class PoolSink<float>;

}  // namespace serfast
