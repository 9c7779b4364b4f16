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

// Gathers the features' rows in spans of bounded length, unless the pool needs them whole, and
// condenses each span. Columns: by feature, then by item, then by row. One thread only.
template <class T> class PoolSink : public Sink<T> {
  public:
    // n_frames: of each feature. The spans lie in `store`.
    PoolSink(const Plan<T>& plan, const Pool& pool, const std::vector<int64_t>& n_frames, Buffer<T>& store);
    void put(int feature, const T* block, int64_t first_frame, int count) override;
    void finish(float* out);  // plan.n_rows() * items values

  private:
    struct Row {
        double n = 0, mean = 0, square = 0, cube = 0, fourth = 0, slope = 0;
        double low = 0, high = 0;
    };
    struct Rows {
        int64_t n_frames, span;
        T* values;
        std::vector<Row> rows;
    };

    Row condense(const T* values, int64_t n) const;
    static Row merged(const Row& a, const Row& b);
    static float value(const PoolItem& item, const Row& row, double frames_per_second, std::vector<T>& values);
    void finish_row(const Rows& feature, double frames_per_second, int row, float* out) const;

    const Plan<T>& plan_;
    const Pool& pool_;
    const bool whole_, moments_, extremes_;
    std::vector<Rows> features_;
};

}  // namespace serfast
