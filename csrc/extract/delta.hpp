// Local slopes of a row by a Savitzky-Golay filter.
#pragma once

#include "kernels/kernels.hpp"

namespace serfast {

constexpr int delta_width = 9;

// Derivative of this order, 1 or 2, of the polynomial of this degree through `delta_width` values; the
// ends take that of the first and last whole window. Rows shorter than that use the widest odd window
// that fits.
template <class T> void delta_row(const Kernels<T>& kernels, const T* in, int64_t n, int order, T* out);

}  // namespace serfast
