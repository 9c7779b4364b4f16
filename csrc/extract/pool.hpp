// Statistics over time of each row of a plan's features.
#pragma once

#include "extract/extract.hpp"

namespace serfast {

enum class Statistic { mean, std, min, max, percentile, slope, skewness, kurtosis };

struct PoolItem {
    Statistic statistic;
    double percentile;  // 0 to 100, for Statistic::percentile
    bool of_delta;      // of the row's delta instead of the row
};

struct Pool {
    std::vector<PoolItem> items;
    std::vector<double> frames_per_second;  // of each feature: slopes are per second

    bool needs_moments() const;
    bool needs_extremes() const;
    bool needs_whole_rows() const;  // percentiles and deltas do
};

// The statistics of one row.
template <class T> class RowPool {
  public:
    struct Moments {
        double n = 0, mean = 0, square = 0, cube = 0, fourth = 0, slope = 0;
        double low = 0, high = 0;
    };

    RowPool(const Kernels<T>& kernels, const Pool& pool)
        : whole(pool.needs_whole_rows()), kernels_(kernels), pool_(pool), moments_(pool.needs_moments()),
          extremes_(pool.needs_extremes()) {}

    Moments condense(const T* values, int64_t n) const;
    static Moments merged(const Moments& a, const Moments& b);  // b follows a in time
    // From what the row's spans were condensed to, or, where rows are needed whole, from its n values.
    // The pool's items go to out, `stride` apart.
    void finish(Moments row, const T* values, int64_t n, double frames_per_second, float* out,
                ptrdiff_t stride) const;
    // All of that for a row of n values.
    void run(const T* values, int64_t n, double frames_per_second, float* out, ptrdiff_t stride) const;

    const bool whole;

  private:
    static float value(const PoolItem& item, const Moments& row, double frames_per_second,
                       std::vector<T>& values);

    const Kernels<T>& kernels_;
    const Pool& pool_;
    const bool moments_, extremes_;
};

// Gathers the features' rows in spans of bounded length, unless the pool needs them whole, and
// condenses each span. Columns: by feature, then by item, then by row. One thread only.
template <class T> class PoolSink : public Sink<T> {
  public:
    // n_frames: of each feature. The spans lie in `store`.
    PoolSink(const Plan<T>& plan, const Pool& pool, const std::vector<int64_t>& n_frames, Buffer<T>& store);
    void put(int feature, const T* block, int64_t first_frame, int count) override;
    void finish(float* out);  // plan.n_rows() * items values

  private:
    struct Rows {
        int64_t n_frames, span;
        T* values;
        std::vector<typename RowPool<T>::Moments> rows;
    };

    const Plan<T>& plan_;
    const Pool& pool_;
    const RowPool<T> row_pool_;
    std::vector<Rows> features_;
};

}  // namespace serfast
