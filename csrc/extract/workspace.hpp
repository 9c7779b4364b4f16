// Scratch of one worker: used for signal after signal, for group after group.
#pragma once

#include "plan/buffer.hpp"

namespace serfast {

template <class T> struct Workspace {
    Buffer<T> scratch, blocks, frames, kept, spans;
};

}  // namespace serfast
