// Silence at both ends of a signal.
#pragma once

#include "extract/extract.hpp"

namespace serfast {

// The part of a signal that the plan looks at: all of it, or what librosa's effects.trim leaves with its
// frames of 2048 samples every 512. Throws ParameterError for a signal that is not finite.
template <class T> Input<T> trimmed(const Plan<T>& plan, const Input<T>& signal);

}  // namespace serfast
