#include "extract/pool.hpp"

#include <algorithm>
#include <cmath>

#include "extract/delta.hpp"

namespace serfast {

namespace {

// Short enough for a span of every row to stay in cache; a multiple of every lane count.
constexpr int64_t span_frames = 1024;

template <class T> T percentile_of(std::vector<T>& values, double percentile) {
    const double at = percentile / 100 * static_cast<double>(values.size() - 1);
    const auto index = static_cast<ptrdiff_t>(at);
    std::nth_element(values.begin(), values.begin() + index, values.end());
    const T low = values[static_cast<size_t>(index)];
    const double rest = at - static_cast<double>(index);
    if (rest == 0) return low;
    const T high = *std::min_element(values.begin() + index + 1, values.end());
    return static_cast<T>(low + (static_cast<double>(high) - low) * rest);
}

}  // namespace

bool Pool::needs_moments() const {
    return std::any_of(items.begin(), items.end(), [](const PoolItem& item) {
        return item.statistic != Statistic::mean && item.statistic != Statistic::min &&
               item.statistic != Statistic::max && item.statistic != Statistic::percentile;
    });
}

bool Pool::needs_extremes() const {
    return std::any_of(items.begin(), items.end(), [](const PoolItem& item) {
        return item.statistic == Statistic::min || item.statistic == Statistic::max;
    });
}

bool Pool::needs_whole_rows() const {
    return std::any_of(items.begin(), items.end(), [](const PoolItem& item) {
        return item.of_delta || item.statistic == Statistic::percentile;
    });
}

template <class T> typename RowPool<T>::Moments RowPool<T>::condense(const T* values, int64_t n) const {
    Moments row;
    row.n = static_cast<double>(n);
    row.mean = kernels_.sum(values, n) / row.n;
    if (moments_) {
        CentralMoments m;
        kernels_.central_moments(values, n, row.mean, &m);
        row.square = m.square;
        row.cube = m.cube;
        row.fourth = m.fourth;
        row.slope = m.slope;
    }
    if (extremes_) {
        T low, high;
        kernels_.extrema(values, n, &low, &high);
        row.low = low;
        row.high = high;
    }
    return row;
}

// Pebay's formulas for the moments of a union; b follows a in time.
template <class T> typename RowPool<T>::Moments RowPool<T>::merged(const Moments& a, const Moments& b) {
    if (a.n == 0) return b;
    Moments c;
    c.n = a.n + b.n;
    const double d = b.mean - a.mean, d2 = d * d, product = a.n * b.n;
    c.mean = a.mean + d * b.n / c.n;
    c.square = a.square + b.square + d2 * product / c.n;
    c.cube = a.cube + b.cube + d * d2 * product * (a.n - b.n) / (c.n * c.n) +
             3 * d * (a.n * b.square - b.n * a.square) / c.n;
    c.fourth = a.fourth + b.fourth +
               d2 * d2 * product * (a.n * a.n - product + b.n * b.n) / (c.n * c.n * c.n) +
               6 * d2 * (a.n * a.n * b.square + b.n * b.n * a.square) / (c.n * c.n) +
               4 * d * (a.n * b.cube - b.n * a.cube) / c.n;
    const double apart = (a.n + b.n) / 2;  // between the middles of a and b
    c.slope = a.slope + b.slope + d * apart * product / c.n;
    c.low = std::min(a.low, b.low);
    c.high = std::max(a.high, b.high);
    return c;
}

template <class T>
float RowPool<T>::value(const PoolItem& item, const Moments& row, double frames_per_second, std::vector<T>& values) {
    // A row that does not vary has no skewness or kurtosis to speak of: 0.
    const double variance = row.square / row.n;
    switch (item.statistic) {
        case Statistic::mean: return static_cast<float>(row.mean);
        case Statistic::std: return static_cast<float>(std::sqrt(variance));
        case Statistic::min: return static_cast<float>(row.low);
        case Statistic::max: return static_cast<float>(row.high);
        case Statistic::percentile: return static_cast<float>(percentile_of(values, item.percentile));
        case Statistic::slope: {
            const double spread = row.n * (row.n * row.n - 1) / 12;
            return static_cast<float>(spread > 0 ? row.slope / spread * frames_per_second : 0);
        }
        case Statistic::skewness:
            return static_cast<float>(variance > 0 ? row.cube / row.n / std::pow(variance, 1.5) : 0);
        case Statistic::kurtosis:
            return static_cast<float>(variance > 0 ? row.fourth / row.n / (variance * variance) - 3 : 0);
    }
    return 0;
}

template <class T>
void RowPool<T>::finish(Moments row, const T* values, int64_t n, double frames_per_second, float* out,
                        ptrdiff_t stride) const {
    Moments of_delta;
    std::vector<T> copy, deltas;
    if (whole) {
        copy.assign(values, values + n);
        row = condense(values, n);
        deltas.resize(copy.size());
        delta_row(kernels_, values, n, deltas.data());
        of_delta = condense(deltas.data(), n);
    }
    for (size_t i = 0; i < pool_.items.size(); ++i) {
        const PoolItem& item = pool_.items[i];
        out[static_cast<ptrdiff_t>(i) * stride] = item.of_delta ? value(item, of_delta, frames_per_second, deltas)
                                                                : value(item, row, frames_per_second, copy);
    }
}

template <class T>
void RowPool<T>::run(const T* values, int64_t n, double frames_per_second, float* out, ptrdiff_t stride) const {
    Moments row;
    if (!whole)
        for (int64_t first = 0; first < n; first += span_frames)
            row = merged(row, condense(values + first, std::min(span_frames, n - first)));
    finish(row, values, n, frames_per_second, out, stride);
}

template <class T>
PoolSink<T>::PoolSink(const Plan<T>& plan, const Pool& pool, const std::vector<int64_t>& n_frames,
                      Buffer<T>& store)
    : plan_(plan), pool_(pool), row_pool_(plan.kernels(), pool) {
    for (size_t f = 0; f < plan.features().size(); ++f) {
        Rows rows;
        rows.n_frames = n_frames[f];
        rows.span = row_pool_.whole ? rows.n_frames : std::min(rows.n_frames, span_frames);
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
    if (row_pool_.whole || (filled < to.span && first_frame + count < to.n_frames)) return;
    for (int row = 0; row < n_rows; ++row)
        to.rows[static_cast<size_t>(row)] =
            RowPool<T>::merged(to.rows[static_cast<size_t>(row)],
                               row_pool_.condense(to.values + row * to.span, filled));
}

template <class T> void PoolSink<T>::finish(float* out) {
    for (size_t f = 0; f < features_.size(); ++f) {
        const Rows& feature = features_[f];
        const int n_rows = static_cast<int>(feature.rows.size());
        for (int row = 0; row < n_rows; ++row)
            row_pool_.finish(feature.rows[static_cast<size_t>(row)], feature.values + row * feature.span,
                             feature.n_frames, pool_.frames_per_second[f], out + row, n_rows);
        out += static_cast<ptrdiff_t>(n_rows) * static_cast<ptrdiff_t>(pool_.items.size());
    }
}

template class RowPool<float>;
template class PoolSink<float>;

}  // namespace serfast
