// Statistics over time of each row of a plan's features.
#pragma once

#include "extract/extract.hpp"
#include "extract/row_pool.hpp"

namespace serfast {

// Gathers the features' rows in spans of bounded length, and condenses each span, unless the items or the
// gaps in them need the rows whole. Columns: by feature, then by item, then by row. One thread only.
template <class T> class PoolSink : public Sink<T> {
  public:
    // n_frames: of each feature. The spans lie in `store`.
    PoolSink(const Plan<T>& plan, const Pool& pool, const std::vector<int64_t>& n_frames, Buffer<T>& store);
    void put(int feature, const T* block, int64_t first_frame, int count) override;
    void finish(float* out);  // plan.n_rows() * items values

  private:
    struct Rows {
        bool whole;
        int64_t n_frames, span;
        T* values;
        std::vector<typename RowPool<T>::Moments> rows;
    };

    const Plan<T>& plan_;
    const Pool& pool_;
    RowPool<T> row_pool_;
    std::vector<Rows> features_;
};

}  // namespace serfast
