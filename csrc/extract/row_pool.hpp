// Statistics over time of rows.
#pragma once

#include <vector>

#include "kernels/kernels.hpp"
#include "plan/buffer.hpp"

namespace serfast {

enum class Statistic { mean, std, min, max, percentile, slope, skewness, kurtosis, cosine, change };

struct PoolItem {
    Statistic statistic;
    double parameter;  // percentile: 0 to 100; cosine: half periods in the row; change: over so many seconds
    int order;         // 0 of the row, 1 of its deltas, 2 of its second deltas
};

struct Pool {
    std::vector<PoolItem> items;
    std::vector<double> frames_per_second;  // of each feature: times are in seconds

    template <class Is> bool any(const Is& is) const {
        for (const PoolItem& item : items)
            if (is(item)) return true;
        return false;
    }
    bool needs_moments() const;
    bool needs_extremes() const;
    bool needs_whole_rows() const;  // what is not made of moments does
};

// Where a row lies, and where its statistics go: `stride` apart.
template <class T> struct PooledRow {
    const T* values;
    double frames_per_second;
    float* out;
    ptrdiff_t stride;
};

// NaN stands for a frame without a value. Statistics of a row without any are 0.
template <class T> class RowPool {
  public:
    struct Moments {
        double n = 0, mean = 0, square = 0, cube = 0, fourth = 0, slope = 0;
        double spread = 0;  // of the times, as `square` is of the values
        double low = 0, high = 0;
    };

    RowPool(const Kernels<T>& kernels, const Pool& pool)
        : kernels_(kernels), pool_(pool), moments_(pool.needs_moments()), extremes_(pool.needs_extremes()) {}

    // Of a span without gaps.
    Moments condense(const T* values, int64_t n) const;
    static Moments merged(const Moments& a, const Moments& b);  // b follows a in time
    // The statistics of a row from its moments, where they suffice.
    void finish(const Moments& row, const PooledRow<T>& to);
    // Those of whole rows, n values each.
    void run(const std::vector<PooledRow<T>>& rows, int64_t n);

  private:
    void run_block(const PooledRow<T>* rows, int count, int64_t n, int order);
    Moments condense_present(const T* values, int64_t n);
    float value(const PoolItem& item, const PooledRow<T>& at, int64_t n, const Moments& row);
    const double* wave(double half_periods, int64_t n);

    const Kernels<T>& kernels_;
    const Pool& pool_;
    const bool moments_, extremes_;
    Buffer<T> sorted_, deltas_, present_;
    std::vector<std::pair<double, std::vector<double>>> waves_;  // by half periods, all of one length
};

extern template class RowPool<float>;

}  // namespace serfast
