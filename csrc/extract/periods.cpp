#include "extract/periods.hpp"

#include <algorithm>

#include "extract/extract.hpp"
#include "extract/frames.hpp"
#include "plan/isa.hpp"

namespace serfast {

namespace {

// The frames as doubles, followed by zeros as far as the padded transform reads.
template <class T>
Frames<double> as_doubles(const Frames<T>& frames, int length, int padded_length, int lanes, Buffer<double>& copy) {
    const PaddedFrames padded(frames.stride, length, padded_length, lanes);
    double* out = copy.reserve(static_cast<size_t>(padded.size));
    padded.fill(frames.first, out, active_kernels<T>().to_double);
    return {out, padded.stride};
}

}  // namespace

PeriodFinder::PeriodFinder(const Framing& framing, int min_period, int max_period)
    : kernels_(active_kernels<double>()), framing_(framing), min_period_(min_period),
      plan_(framing.length, max_period, kernels_.lanes) {}

template <class T> void PeriodFinder::find(const T* y, int64_t n, int threads, const Take& take) const {
    const int lanes = kernels_.lanes;
    const int64_t frames = n_frames(n), blocks = (frames + lanes - 1) / lanes;
    const auto elements = [lanes](int rows) { return static_cast<size_t>(rows) * static_cast<size_t>(lanes); };
    in_parallel(workers_for(frames, static_cast<size_t>(threads)), blocks, [&](int, int64_t first, int64_t end) {
        Buffer<T> cut;
        Buffer<double> copy, scratch(plan_.scratch_size(lanes)), power(elements(plan_.power_rows())),
            rows(elements(plan_.out_rows()));
        for (int64_t block = first; block < end; ++block) {
            check_finite(active_kernels<T>(), framing_, y, n, block, blocks);
            const int64_t frame = block * lanes;
            const int count = static_cast<int>(std::min<int64_t>(lanes, frames - frame));
            const Frames<double> in = as_doubles(frames_of_block(framing_, y, n, frame, count, lanes, cut),
                                                 framing_.length, plan_.padded_length(), lanes, copy);
            kernels_.normalized_difference(plan_.view(), in.first, in.stride, scratch.data(), power.data(),
                                           rows.data());
            take(frame, count, rows.data() + elements(min_period_));
        }
    });
}

template <class T>
void yin_periods(const PeriodFinder& finder, const T* y, int64_t n, double threshold, int threads, double* out) {
    finder.find(y, n, threads, [&](int64_t frame, int count, const double* curve) {
        double rows[max_lanes], heights[max_lanes];
        finder.kernels().chosen_troughs(curve, finder.n_periods(), threshold, rows, heights);
        for (int lane = 0; lane < count; ++lane) out[frame + lane] = finder.min_period() + rows[lane];
    });
}

template void PeriodFinder::find(const float*, int64_t, int, const Take&) const;
template void PeriodFinder::find(const double*, int64_t, int, const Take&) const;
template void yin_periods(const PeriodFinder&, const float*, int64_t, double, int, double*);
template void yin_periods(const PeriodFinder&, const double*, int64_t, double, int, double*);

}  // namespace serfast
