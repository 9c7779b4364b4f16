#include "extract/separation.hpp"

#include <algorithm>

#include "extract/extract.hpp"
#include "extract/median_band.hpp"
#include "plan/isa.hpp"

namespace serfast {

namespace {

// Calls f(mask, out) with each wanted part's mask of one block of the band's present step.
template <class T, class F>
void for_each_mask(const Kernels<T>& kernels, const SeparationOptions& o, const MedianBand<T>& band, int block_of_step,
                   const Parts<T>& out, T* mask, F f) {
    const T of_nothing = o.harmonic_margin == 1 && o.percussive_margin == 1 ? T(0.5) : T(0);
    const T* harmonic = band.along_time(block_of_step);
    const T* percussive = band.along_frequency(block_of_step);
    if (out.harmonic) {
        kernels.soft_mask(harmonic, percussive, band.block_size(),
                          {o.power, static_cast<T>(o.harmonic_margin), of_nothing}, mask);
        f(mask, out.harmonic);
    }
    if (out.percussive) {
        kernels.soft_mask(percussive, harmonic, band.block_size(),
                          {o.power, static_cast<T>(o.percussive_margin), of_nothing}, mask);
        f(mask, out.percussive);
    }
}

// One span of the parts, from the frames that reach into it.
template <class T>
void separate_span(const Stft<T>& stft, const SeparationOptions& options, const T* y, int64_t n, const Span& span,
                   const Parts<T>& out, Workspace<T>& workspace) {
    const Kernels<T>& kernels = stft.kernels();
    const int64_t n_frames = stft.n_frames(n), lanes = kernels.lanes;
    MedianBand<T> band(kernels, stft.n_bins(), n_frames, options.harmonic_size, options.percussive_size);
    const int64_t size = band.block_size(), n_slots = static_cast<int64_t>(band.n_slots()) * band.blocks_per_step();
    T* spectra = workspace.blocks.reserve(static_cast<size_t>((2 * n_slots + 3) * size));
    T* masked = spectra + 2 * n_slots * size;
    const auto load = [&](int64_t block, T* magnitudes) {
        T* bins = spectra + block % n_slots * 2 * size;
        stft.spectra_of_block(y, n, block, static_cast<int>(lanes), bins, static_cast<ptrdiff_t>(2 * lanes), workspace);
        kernels.magnitude(bins, stft.n_bins() * lanes, magnitudes);
    };
    const auto [first, last] = stft.frames_in(span, n_frames);
    for (int64_t step = first / frames_per_step; step * frames_per_step < last; ++step) {
        band.advance(step, load);
        for (int b = 0; b < band.blocks_per_step(); ++b) {
            const int64_t block = step * band.blocks_per_step() + b;
            const auto count = static_cast<int>(std::min(lanes, last - block * lanes));
            if (count <= 0) break;
            for_each_mask(kernels, options, band, b, out, masked + 2 * size, [&](const T* mask, T* part) {
                kernels.scale_pairs(spectra + block % n_slots * 2 * size, mask, stft.n_bins() * lanes, masked);
                stft.add_inverse(masked, static_cast<ptrdiff_t>(2 * lanes), block * lanes, count, part, span, workspace);
            });
        }
    }
}

}  // namespace

template <class T>
void separate(const Stft<T>& stft, const SeparationOptions& options, const T* y, int64_t n, const Parts<T>& out,
              std::vector<Workspace<T>>& workspaces) {
    const int64_t n_frames = stft.n_frames(n);
    in_parallel(workers_for(n_frames, workspaces.size()), n, [&](int worker, int64_t begin, int64_t end) {
        const Span span{begin, end};
        for (T* part : {out.harmonic, out.percussive})
            if (part) std::fill(part + begin, part + end, T(0));
        separate_span(stft, options, y, n, span, out, workspaces[static_cast<size_t>(worker)]);
        for (T* part : {out.harmonic, out.percussive})
            if (part) stft.divide_by_window_sums(n_frames, part, span);
    });
}

template <class T>
void separation_masks(const SeparationOptions& options, const T* S, int n_bins, int64_t n_frames,
                      const Parts<T>& out, int threads) {
    const Kernels<T>& kernels = active_kernels<T>();
    const int64_t lanes = kernels.lanes, n_steps = (n_frames + frames_per_step - 1) / frames_per_step;
    const auto stride = static_cast<ptrdiff_t>(n_frames);
    in_parallel(workers_for(n_frames, static_cast<size_t>(threads)), n_steps, [&](int, int64_t first, int64_t end) {
        MedianBand<T> band(kernels, n_bins, n_frames, options.harmonic_size, options.percussive_size);
        Buffer<T> mask(static_cast<size_t>(band.block_size()));
        const auto count_of = [&](int64_t block) { return static_cast<int>(std::min(lanes, n_frames - block * lanes)); };
        const auto load = [&](int64_t block, T* magnitudes) {
            kernels.load_rows(S + block * lanes, stride, n_bins, count_of(block), magnitudes);
        };
        for (int64_t step = first; step < end; ++step) {
            band.advance(step, load);
            for (int b = 0; b < band.blocks_per_step(); ++b) {
                const int64_t block = step * band.blocks_per_step() + b;
                if (count_of(block) <= 0) break;
                for_each_mask(kernels, options, band, b, out, mask.data(), [&](const T* values, T* part) {
                    kernels.store_rows(values, n_bins, count_of(block), part + block * lanes, stride);
                });
            }
        }
    });
}

template void separate(const Stft<float>&, const SeparationOptions&, const float*, int64_t, const Parts<float>&,
                       std::vector<Workspace<float>>&);
template void separate(const Stft<double>&, const SeparationOptions&, const double*, int64_t, const Parts<double>&,
                       std::vector<Workspace<double>>&);
template void separation_masks(const SeparationOptions&, const float*, int, int64_t, const Parts<float>&, int);
template void separation_masks(const SeparationOptions&, const double*, int, int64_t, const Parts<double>&, int);

}  // namespace serfast
