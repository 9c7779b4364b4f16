#include "extract/delta.hpp"

#include <algorithm>

namespace serfast {

template <class T> void delta_row(const Kernels<T>& kernels, const T* in, int64_t n, T* out) {
    const int width = static_cast<int>(std::min<int64_t>(delta_width, n % 2 == 0 ? n - 1 : n));
    if (width < 3) {
        std::fill(out, out + n, T(0));
        return;
    }
    const int half = width / 2;
    const T norm = static_cast<T>(half * (half + 1) * (2 * half + 1)) / 3;
    T weights[delta_width];
    for (int j = 0; j < width; ++j) weights[j] = static_cast<T>(j - half) / norm;
    kernels.correlate(in, n - width + 1, weights, width, out + half);
    std::fill(out, out + half, out[half]);
    std::fill(out + n - half, out + n, out[n - half - 1]);
}

template void delta_row(const Kernels<float>&, const float*, int64_t, float*);
template void delta_row(const Kernels<double>&, const double*, int64_t, double*);

}  // namespace serfast
