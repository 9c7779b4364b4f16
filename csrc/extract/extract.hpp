// One signal through a plan.
#pragma once

#include <atomic>
#include <optional>

#include "extract/workspace.hpp"
#include "features/plan.hpp"

namespace serfast {

// A signal (size samples), or a matrix of rows (size columns, `stride` apart).
template <class T> struct Input {
    const T* data;
    int64_t size;
    ptrdiff_t stride = 0;
};

// Receives a feature's blocks. Blocks of one feature may come from several threads at once, each
// with columns of its own.
template <class T> class Sink {
  public:
    virtual ~Sink() = default;
    virtual void put(int worker, int feature, const T* block, int64_t first_frame, int count) = 0;
    // Frames from a multiple of this to the next all come from one worker, and workers in the order of time.
    virtual int64_t span() const { return 1; }
};

// Stores each feature as rows of all frames.
template <class T> class RowSink : public Sink<T> {
  public:
    struct Target {
        T* data;
        int64_t n_frames;
    };
    RowSink(const Plan<T>& plan, std::vector<Target> targets) : plan_(plan), targets_(std::move(targets)) {}
    void put(int worker, int feature, const T* block, int64_t first_frame, int count) override;

  private:
    const Plan<T>& plan_;
    std::vector<Target> targets_;
};

// Stores frames, from one on, as rows of a matrix, features side by side.
template <class T> class FrameSink : public Sink<T> {
  public:
    FrameSink(const Plan<T>& plan, int64_t first_frame, T* out);
    void put(int worker, int feature, const T* block, int64_t first_frame, int count) override;

  private:
    const Plan<T>& plan_;
    const int64_t first_frame_;
    T* out_;
    std::vector<int> columns_;  // by feature, the first; last, how many there are
};

// One workspace per thread. Throws ParameterError for a signal that is not finite or too short.
template <class T>
void extract(const Plan<T>& plan, const Input<T>& input, std::vector<Workspace<T>>& workspaces,
             Sink<T>& sink);

// The frames of a signal where all features have as many; ParameterError where they do not.
template <class T> int64_t common_frames(const Plan<T>& plan, int64_t size);

// The rows of all features, stacked: plan.n_rows() rows of common_frames() values.
template <class T>
void extract_stacked(const Plan<T>& plan, const Input<T>& input, std::vector<Workspace<T>>& workspaces, T* out);

// Where each stage of a group writes its block.
template <class T> std::vector<T*> blocks_in(Workspace<T>& workspace, const Group<T>& group, int lanes);

// The tuning that the plan's one feature, `tuning`, finds; none where no peak is.
template <class T>
std::optional<double> find_tuning(const Plan<T>& plan, const Input<T>& input, std::vector<Workspace<T>>& workspaces);

// How many of the available workers this many frames are worth.
int workers_for(int64_t n_frames, size_t available);

// Runs f(worker, first, end) over contiguous parts of [0, n), one per worker; the calling thread is
// worker 0. The first exception is thrown again here.
void in_parallel(int workers, int64_t n, const std::function<void(int, int64_t, int64_t)>& f);

}  // namespace serfast
