// A signal that comes in chunks through a plan, with the results of the whole signal, bit for bit.
#pragma once

#include "extract/extract.hpp"
#include "extract/pool.hpp"

namespace serfast {

// Gives each frame as soon as the samples that it depends on are there. Memory does not grow.
template <class T> class Stream {
  public:
    // Throws ParameterError where a feature depends on the whole signal, or features differ in the
    // times of their frames.
    explicit Stream(const Plan<T>& plan);

    // Samples from the time of a frame, t * hop, to the last one that it waits for.
    int64_t latency() const { return latency_; }
    // Frames given so far.
    int64_t n_frames() const { return next_; }
    // Frames that n more samples complete, and that the end does.
    int64_t n_frames_after(int64_t n) const;
    int64_t n_frames_at_end() const;

    // Throws ParameterError, and is as it was, where a sample is not finite.
    void push(const T* chunk, int64_t n, Sink<T>& sink);
    // The end; throws ParameterError, and is as it was, where the signal is too short.
    void flush(Sink<T>& sink);

  private:
    int64_t complete(int64_t n_samples) const;
    int64_t held() const { return total_ - base_ * hop_; }
    int64_t room() const { return capacity_ - held(); }
    void drop_what_no_frame_needs();
    void give(int64_t end, bool all, Sink<T>& sink);
    void give_block(size_t group, int count, Sink<T>& sink);
    void check_not_ended() const;

    const Plan<T>& plan_;
    int64_t hop_, latency_ = 0, longest_ = 0, padding_ = 0, first_needs_ = 0, capacity_;
    Buffer<T> signal_;  // from the time of frame base_ on
    int64_t base_ = 0, total_ = 0, next_ = 0;
    bool ended_ = false;
    Workspace<T> workspace_;
};

// The last frames of a stream, and the statistics of their rows.
template <class T> class WindowSink : public Sink<T> {
  public:
    WindowSink(const Plan<T>& plan, const Pool& pool, int64_t n_frames);
    void put(int worker, int feature, const T* block, int64_t first_frame, int count) override;
    // plan.n_rows() * items values; NaN while there is no frame.
    void pooled(float* out);

  private:
    const Plan<T>& plan_;
    const Pool& pool_;
    const int64_t n_frames_, capacity_;
    Buffer<T> rows_, block_;
    std::vector<Workspace<T>> workspaces_ = std::vector<Workspace<T>>(1);
    int64_t base_ = 0, end_ = 0;  // the frames that lie in rows_
};

}  // namespace serfast
