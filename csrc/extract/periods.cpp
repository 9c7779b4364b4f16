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
    const int64_t each = padded_length + lanes;
    const bool together = frames.stride <= length;
    const int64_t span = together ? (lanes - 1) * frames.stride + length : length;
    const int64_t step = together ? frames.stride : each;
    const int64_t size = (lanes - 1) * step + each;
    double* out = copy.reserve(static_cast<size_t>(size));
    for (int lane = 0; lane < (together ? 1 : lanes); ++lane) {
        const T* in = frames.first + lane * frames.stride;
        double* end = std::copy(in, in + span, out + lane * each);
        std::fill(end, together ? out + size : out + (lane + 1) * each, 0.0);
    }
    return {out, static_cast<ptrdiff_t>(step)};
}

}  // namespace

PeriodFinder::PeriodFinder(const Framing& framing, int min_period, int max_period)
    : kernels_(active_kernels<double>()), framing_(framing), min_period_(min_period),
      plan_(framing.length, max_period, kernels_.lanes) {}

template <class T> void PeriodFinder::find(const T* y, int64_t n, int threads, const Take& take) const {
    const int64_t frames = n_frames(n), blocks = (frames + lanes() - 1) / lanes();
    const auto elements = [this](int rows) { return static_cast<size_t>(rows) * static_cast<size_t>(lanes()); };
    in_parallel(workers_for(frames, static_cast<size_t>(threads)), blocks, [&](int, int64_t first, int64_t end) {
        Buffer<T> cut;
        Buffer<double> copy, scratch(plan_.scratch_size(lanes())), power(elements(plan_.power_rows())),
            rows(elements(plan_.out_rows()));
        std::vector<Trough<double>> troughs(elements(most_troughs()));
        int counts[max_lanes];
        for (int64_t block = first; block < end; ++block) {
            check_finite(active_kernels<T>(), framing_, y, n, block, blocks);
            const int count = static_cast<int>(std::min<int64_t>(lanes(), frames - block * lanes()));
            const Frames<double> in =
                as_doubles(frames_of_block(framing_, y, n, block * lanes(), count, lanes(), cut), framing_.length,
                           plan_.padded_length(), lanes(), copy);
            kernels_.normalized_difference(plan_.view(), in.first, in.stride, scratch.data(), power.data(),
                                           rows.data());
            const double* curve = rows.data() + elements(min_period_);
            kernels_.troughs(curve, n_periods(), most_troughs(), troughs.data(), counts);
            for (int lane = 0; lane < count; ++lane)
                take(block, lane, {troughs.data() + lane * most_troughs(), counts[lane], curve[lane]});
        }
    });
}

template <class T>
void yin_periods(const PeriodFinder& finder, const T* y, int64_t n, double threshold, int threads, double* out) {
    finder.find(y, n, threads, [&](int64_t block, int lane, const PeriodCandidates& found) {
        const Trough<double>* end = found.troughs + found.count;
        const Trough<double>* chosen =
            std::find_if(found.troughs, end, [=](const auto& trough) { return trough.height < threshold; });
        if (chosen == end)
            chosen = std::min_element(found.troughs, end,
                                      [](const auto& a, const auto& b) { return a.height < b.height; });
        // The lowest point is a trough, but for a curve that begins flat.
        const bool flat = chosen == end || (chosen->height >= threshold && found.first_height <= chosen->height);
        out[block * finder.lanes() + lane] = finder.min_period() + (flat ? 0.0 : chosen->row + chosen->shift);
    });
}

template void PeriodFinder::find(const float*, int64_t, int, const Take&) const;
template void PeriodFinder::find(const double*, int64_t, int, const Take&) const;
template void yin_periods(const PeriodFinder&, const float*, int64_t, double, int, double*);
template void yin_periods(const PeriodFinder&, const double*, int64_t, double, int, double*);

}  // namespace serfast
