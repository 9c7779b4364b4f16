#include "table.hpp"

namespace serfast {
extern const Kernels<float> SERFAST_JOIN(kernels_f32_, SERFAST_ISA);
const Kernels<float> SERFAST_JOIN(kernels_f32_, SERFAST_ISA) = make_kernels<float>();
}  // namespace serfast
