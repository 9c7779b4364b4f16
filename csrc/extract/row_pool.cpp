#include "extract/row_pool.hpp"

#include <algorithm>
#include <cmath>

#include "extract/delta.hpp"

namespace serfast {

namespace {

// Of the values of one lane in ascending order, `n` of which are there.
template <class T> float percentile_of(const T* sorted, int lanes, double n, double percentile) {
    const double at = percentile / 100 * (n - 1);
    const auto index = static_cast<ptrdiff_t>(at);
    const double rest = at - static_cast<double>(index), low = sorted[index * lanes];
    return static_cast<float>(rest == 0 ? low : low + (sorted[(index + 1) * lanes] - low) * rest);
}

}  // namespace

bool Pool::needs_moments() const {
    return any([](const PoolItem& item) {
        return item.statistic == Statistic::std || item.statistic == Statistic::slope ||
               item.statistic == Statistic::skewness || item.statistic == Statistic::kurtosis;
    });
}

bool Pool::needs_extremes() const {
    return any([](const PoolItem& item) {
        return item.statistic == Statistic::min || item.statistic == Statistic::max;
    });
}

bool Pool::needs_whole_rows() const {
    return any([](const PoolItem& item) {
        return item.order > 0 || item.statistic == Statistic::percentile || item.statistic == Statistic::cosine ||
               item.statistic == Statistic::change;
    });
}

template <class T> typename RowPool<T>::Moments RowPool<T>::condense(const T* values, int64_t n) const {
    Moments row;
    row.n = static_cast<double>(n);
    row.mean = kernels_.sum(values, n) / row.n;
    row.spread = row.n * (row.n * row.n - 1) / 12;
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
    c.spread = c.n * (c.n * c.n - 1) / 12;
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

template <class T> void RowPool<T>::finish(const Moments& row, const PooledRow<T>& to) {
    float* out = to.out;
    for (const PoolItem& item : pool_.items) {
        *out = value(item, to, 0, row);
        out += to.stride;
    }
}

template <class T> typename RowPool<T>::Moments RowPool<T>::condense_present(const T* values, int64_t n) {
    if (kernels_.all_finite(values, n)) return condense(values, n);
    T* present = present_.reserve(static_cast<size_t>(n));
    int64_t count = 0;
    double times = 0;
    for (int64_t t = 0; t < n; ++t)
        if (!std::isnan(values[t])) {
            present[count++] = values[t];
            times += static_cast<double>(t);
        }
    if (count == 0) return {};
    Moments row = condense(present, count);
    row.slope = row.spread = 0;
    for (int64_t t = 0; t < n; ++t)
        if (!std::isnan(values[t])) {
            const double d = static_cast<double>(t) - times / row.n;
            row.slope += (values[t] - row.mean) * d;
            row.spread += d * d;
        }
    return row;
}

// cos(pi * half_periods * (t + 1/2) / n), each from the one before by turning it.
template <class T> const double* RowPool<T>::wave(double half_periods, int64_t n) {
    if (!waves_.empty() && waves_[0].second.size() != static_cast<size_t>(n)) waves_.clear();
    for (const auto& known : waves_)
        if (known.first == half_periods) return known.second.data();
    std::vector<double> values(static_cast<size_t>(n));
    const double step = std::acos(-1.0) * half_periods / static_cast<double>(n);
    const double turn_r = std::cos(step), turn_i = std::sin(step);
    double r = std::cos(step / 2), i = std::sin(step / 2);
    for (double& value : values) {
        value = r;
        const double next = r * turn_r - i * turn_i;
        i = r * turn_i + i * turn_r;
        r = next;
    }
    waves_.emplace_back(half_periods, std::move(values));
    return waves_.back().second.data();
}

template <class T>
float RowPool<T>::value(const PoolItem& item, const PooledRow<T>& at, int64_t n, const Moments& row) {
    // A row that does not vary has no skewness or kurtosis to speak of: 0.
    const double variance = row.square / row.n;
    switch (item.statistic) {
        case Statistic::mean: return static_cast<float>(row.mean);
        case Statistic::std: return static_cast<float>(std::sqrt(variance));
        case Statistic::min: return static_cast<float>(row.low);
        case Statistic::max: return static_cast<float>(row.high);
        case Statistic::slope:
            return static_cast<float>(row.spread > 0 ? row.slope / row.spread * at.frames_per_second : 0);
        case Statistic::skewness:
            return static_cast<float>(variance > 0 ? row.cube / row.n / std::pow(variance, 1.5) : 0);
        case Statistic::kurtosis:
            return static_cast<float>(variance > 0 ? row.fourth / row.n / (variance * variance) - 3 : 0);
        case Statistic::cosine:
            return static_cast<float>(kernels_.weighted_sum(at.values, n, row.mean, wave(item.parameter, n)) / row.n);
        case Statistic::change: {
            const auto lag = std::max<int64_t>(1, std::llround(item.parameter * at.frames_per_second));
            return static_cast<float>(std::sqrt(lag < n ? kernels_.mean_squared_change(at.values, n, lag) : 0));
        }
        case Statistic::percentile: break;
    }
    return 0;
}

// The items of this order, of at most `lanes` rows, which are those of that order.
template <class T>
void RowPool<T>::run_block(const PooledRow<T>* rows, int count, int64_t n, int order) {
    const int lanes = kernels_.lanes;
    const T* values[max_lanes];
    for (int i = 0; i < count; ++i) values[i] = rows[i].values;
    const bool sorts = pool_.any(
        [&](const PoolItem& item) { return item.order == order && item.statistic == Statistic::percentile; });
    T* sorted = sorted_.reserve(sorts ? static_cast<size_t>(n) * static_cast<size_t>(lanes) : 0);
    if (sorts) kernels_.sorted_rows(values, count, static_cast<int>(n), sorted);
    for (int i = 0; i < count; ++i) {
        const Moments row = condense_present(values[i], n);
        float* out = rows[i].out;
        for (const PoolItem& item : pool_.items) {
            if (item.order == order) {
                if (row.n == 0) *out = 0;
                else if (item.statistic == Statistic::percentile)
                    *out = percentile_of(sorted + i, lanes, row.n, item.parameter);
                else *out = value(item, rows[i], n, row);
            }
            out += rows[i].stride;
        }
    }
}

template <class T> void RowPool<T>::run(const std::vector<PooledRow<T>>& rows, int64_t n) {
    for (int order = 0; order <= 2; ++order) {
        if (!pool_.any([&](const PoolItem& item) { return item.order == order; })) continue;
        T* deltas = deltas_.reserve(order > 0 ? static_cast<size_t>(n) * max_lanes : 0);
        for (size_t first = 0; first < rows.size(); first += static_cast<size_t>(kernels_.lanes)) {
            const size_t end = std::min(rows.size(), first + static_cast<size_t>(kernels_.lanes));
            std::vector<PooledRow<T>> block(rows.data() + first, rows.data() + end);
            for (size_t i = 0; order > 0 && i < block.size(); ++i) {
                T* delta = deltas + static_cast<int64_t>(i) * n;
                delta_row(kernels_, block[i].values, n, order, delta);
                block[i].values = delta;
            }
            run_block(block.data(), static_cast<int>(block.size()), n, order);
        }
    }
}

template class RowPool<float>;

}  // namespace serfast
