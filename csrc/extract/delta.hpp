// Local slopes of a row by a Savitzky-Golay filter.
#pragma once

#include "kernels/kernels.hpp"

namespace serfast {

constexpr int delta_width = 9;

// First derivative of the straight line through `delta_width` values; the ends take the slope of the
// first and last whole window. Rows shorter than that use the widest odd window that fits.
template <class T> void delta_row(const Kernels<T>& kernels, const T* in, int64_t n, T* out);

}  // namespace serfast
