// The frames of a block, as the kernels read them.
#pragma once

#include "kernels/kernels.hpp"
#include "plan/buffer.hpp"
#include "plan/framing.hpp"

namespace serfast {

template <class T> struct Frames {
    const T* first;
    ptrdiff_t stride;
};

// Blocks inside the signal are read where they lie; those that touch padding, or the last `lanes`
// samples, are copied into `copy`. Of the block's frames `count` exist; the others are readable.
template <class T>
Frames<T> frames_of_block(const Framing& framing, const T* y, int64_t n, int64_t first_frame, int count, int lanes,
                          Buffer<T>& copy);

// Throws ParameterError where a sample is not finite; y[0] is called sample `first`.
template <class T> void check_finite(const Kernels<T>& kernels, const T* y, int64_t n, int64_t first);

// The same of the samples of a block. Every sample belongs to exactly one
// of the n_blocks blocks, also those that no frame holds.
template <class T>
void check_finite(const Kernels<T>& kernels, const Framing& framing, const T* y, int64_t n, int64_t block,
                  int64_t n_blocks);

}  // namespace serfast
