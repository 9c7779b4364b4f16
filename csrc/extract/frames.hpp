// The frames of a block, as the kernels read them.
#pragma once

#include "plan/buffer.hpp"
#include "plan/framing.hpp"

namespace serfast {

template <class T> struct Frames {
    const T* first;
    ptrdiff_t stride;
};

// Blocks inside the signal are read where they lie; those that touch padding, or the last `lanes`
// samples, are copied into `copy`.
template <class T>
Frames<T> frames_of_block(const Framing& framing, const T* y, int64_t n, int64_t first_frame, int lanes,
                          Buffer<T>& copy);

}  // namespace serfast
