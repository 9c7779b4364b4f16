// Statistics over time of each row of a plan's features.
#pragma once

#include "extract/extract.hpp"
#include "extract/row_pool.hpp"

namespace serfast {

// Gathers the features' rows in spans of bounded length, and condenses each span, unless the items or the
// gaps in them need the rows whole. Columns: by feature, then by item, then by row. Spans are condensed each
// by itself and merged in the order of time, so that workers change no bit.
template <class T> class PoolSink : public Sink<T> {
  public:
    // n_frames: of each feature. The spans lie in the workspaces, one for each worker.
    PoolSink(const Plan<T>& plan, const Pool& pool, const std::vector<int64_t>& n_frames,
             std::vector<Workspace<T>>& workspaces);
    void put(int worker, int feature, const T* block, int64_t first_frame, int count) override;
    int64_t span() const override;
    void finish(float* out);  // plan.n_rows() * items values

  private:
    using Moments = typename RowPool<T>::Moments;
    struct Rows {
        bool whole;
        int64_t n_frames, span;
        size_t n_rows;
        std::vector<T*> values;                     // by worker; whole rows are all workers'
        std::vector<std::vector<Moments>> moments;  // by worker: of rows merged so far, or of span after span
    };

    void merge(Rows& feature) const;
    void finish_whole(const std::vector<PooledRow<T>>& rows, int64_t n_frames);

    const Plan<T>& plan_;
    const Pool& pool_;
    std::vector<RowPool<T>> row_pools_;  // by worker
    std::vector<Rows> features_;
};

}  // namespace serfast
