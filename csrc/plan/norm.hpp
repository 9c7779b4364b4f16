// The order of a vector norm, as a kind that kernels know.
#pragma once

#include <cmath>

#include "kernels/kernels.hpp"

namespace serfast {

inline Norm norm_of_order(double order) {
    if (std::isinf(order)) return order > 0 ? Norm::max : Norm::min;
    if (order == 0) return Norm::count;
    if (order == 1) return Norm::sum;
    return order == 2 ? Norm::euclidean : Norm::power;
}

}  // namespace serfast
