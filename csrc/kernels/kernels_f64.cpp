#include "table.hpp"

namespace serfast {
extern const Kernels<double> SERFAST_JOIN(kernels_f64_, SERFAST_ISA);
const Kernels<double> SERFAST_JOIN(kernels_f64_, SERFAST_ISA) = make_kernels<double>();
}  // namespace serfast
