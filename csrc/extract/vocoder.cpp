#include "extract/vocoder.hpp"

#include <algorithm>

#include "plan/isa.hpp"

namespace serfast {

namespace {

// Memory handed out in rows, all zero.
template <class T> class Rows {
  public:
    Rows(int64_t row, int64_t count) : row_(row), memory_(static_cast<size_t>(row * count)), next_(memory_.data()) {
        std::fill(next_, next_ + memory_.size(), T(0));
    }
    T* take(int64_t count) {
        T* taken = next_;
        next_ += count * row_;
        return taken;
    }

  private:
    const int64_t row_;
    Buffer<T> memory_;
    T* next_;
};

template <class T> class Vocoder {
  public:
    Vocoder(const Stretch& stretch, const std::function<void(int64_t, double*)>& load)
        : stretch_(stretch), load_(load), lanes_(in_.lanes), lanes_out_(out_.lanes),
          row_((stretch.n_bins + max_lanes - 1) / max_lanes * max_lanes), rows_(row_, 10 * lanes_ + 5),
          rows_out_(row_, 6 * lanes_out_) {
        std::fill(beyond_[0], beyond_[0] + row_, 1.0);
    }

    void run(const std::function<void(int64_t, int, const T*)>& put) {
        const auto n_steps = static_cast<int64_t>(stretch_.times.size());
        read_to(0);
        for (int part = 0; part < 2; ++part) std::copy(frames_[part], frames_[part] + row_, phase_[part]);
        for (int64_t first = 0; first < n_steps; first += lanes_out_) {
            const auto count = static_cast<int>(std::min<int64_t>(lanes_out_, n_steps - first));
            for (int i = 0; i < count; ++i) step(stretch_.times[static_cast<size_t>(first + i)], i);
            for (int part = 0; part < 2; ++part)
                out_.transpose_matrix(steps_[part], row_, lanes_out_, row_, parts_out_[part], lanes_out_);
            out_.join_pairs(parts_out_[0], parts_out_[1], static_cast<ptrdiff_t>(lanes_out_) * row_, block_out_);
            put(first, count, block_out_);
        }
    }

  private:
    void step(double time, int index) {
        const auto frame = static_cast<int64_t>(time);
        const ptrdiff_t at = static_cast<ptrdiff_t>(index) * row_;
        read_to(frame + 1);
        out_.turn_phases(row_of(frame), row_of(frame + 1), time - static_cast<double>(frame), row_, phase_[0],
                         phase_[1], steps_[0] + at, steps_[1] + at);
    }

    // The last two blocks of frames are at hand.
    void read_to(int64_t frame) {
        const ptrdiff_t size = static_cast<ptrdiff_t>(lanes_) * row_;
        for (; next_block_ * lanes_ <= std::min(frame, stretch_.n_frames - 1); ++next_block_) {
            load_(next_block_, block_);
            in_.split_pairs(block_, size, parts_[0], parts_[1]);
            const ptrdiff_t at = static_cast<ptrdiff_t>(next_block_ % 2) * size;
            for (int part = 0; part < 2; ++part)
                in_.transpose_matrix(parts_[part], lanes_, row_, lanes_, frames_[part] + at, row_);
            in_.to_polar(size, frames_[0] + at, frames_[1] + at, frames_[2] + at);
        }
    }

    PolarRow row_of(int64_t frame) const {
        if (frame >= stretch_.n_frames) return {beyond_[0], beyond_[1], beyond_[2]};
        const ptrdiff_t at = static_cast<ptrdiff_t>(frame % (2 * lanes_)) * row_;
        return {frames_[0] + at, frames_[1] + at, frames_[2] + at};
    }

    const Kernels<double>& in_ = active_kernels<double>();
    const Kernels<T>& out_ = active_kernels<T>();
    const Stretch& stretch_;
    const std::function<void(int64_t, double*)>& load_;
    const int lanes_, lanes_out_, row_;
    int64_t next_block_ = 0;
    Rows<double> rows_;
    Rows<T> rows_out_;
    // Directions and magnitudes of two blocks of frames, and of a frame of silence.
    double* const frames_[3] = {rows_.take(2 * lanes_), rows_.take(2 * lanes_), rows_.take(2 * lanes_)};
    double* const beyond_[3] = {rows_.take(1), rows_.take(1), rows_.take(1)};
    double* const phase_[2] = {rows_.take(1), rows_.take(1)};
    double* const block_ = rows_.take(2 * lanes_);
    double* const parts_[2] = {rows_.take(lanes_), rows_.take(lanes_)};
    T* const steps_[2] = {rows_out_.take(lanes_out_), rows_out_.take(lanes_out_)};
    T* const parts_out_[2] = {rows_out_.take(lanes_out_), rows_out_.take(lanes_out_)};
    T* const block_out_ = rows_out_.take(2 * lanes_out_);
};

}  // namespace

template <class T>
void vocode(const Stretch& stretch, const std::function<void(int64_t, double*)>& load,
            const std::function<void(int64_t, int, const T*)>& put) {
    Vocoder<T>(stretch, load).run(put);
}

template <class T>
void stretch_signal(const Stft<double>& forward, const Stft<T>& inverse, const double* y, int64_t n,
                    const std::vector<double>& times, T* out, int64_t length) {
    Workspace<double> workspace;
    Workspace<T> workspace_out;
    const int lanes = forward.kernels().lanes, lanes_out = inverse.kernels().lanes;
    const Span whole{0, length};
    const int64_t last = inverse.frames_in(whole, static_cast<int64_t>(times.size())).second;
    std::fill(out, out + length, T(0));
    vocode<T>(
        {forward.n_bins(), forward.n_frames(n), times},
        [&](int64_t block, double* pairs) {
            forward.spectra_of_block(y, n, block, lanes, pairs, static_cast<ptrdiff_t>(2 * lanes), workspace);
        },
        [&](int64_t first, int count, const T* pairs) {
            const auto used = static_cast<int>(std::min<int64_t>(count, last - first));
            if (used > 0)
                inverse.add_inverse(pairs, static_cast<ptrdiff_t>(2 * lanes_out), first, used, out, whole,
                                    workspace_out);
        });
    inverse.divide_by_window_sums(last, out, whole);
}

#define SERFAST_INSTANTIATE(T)                                                                             \
    template void vocode(const Stretch&, const std::function<void(int64_t, double*)>&,                     \
                         const std::function<void(int64_t, int, const T*)>&);                              \
    template void stretch_signal(const Stft<double>&, const Stft<T>&, const double*, int64_t,              \
                                 const std::vector<double>&, T*, int64_t);
SERFAST_INSTANTIATE(float)
SERFAST_INSTANTIATE(double)
#undef SERFAST_INSTANTIATE

}  // namespace serfast
