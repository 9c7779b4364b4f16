#include "extract/delta.hpp"

#include <algorithm>

namespace serfast {

template <class T> void delta_row(const Kernels<T>& kernels, const T* in, int64_t n, int order, T* out) {
    const int width = static_cast<int>(std::min<int64_t>(delta_width, n % 2 == 0 ? n - 1 : n));
    if (width < 3) {
        std::fill(out, out + n, T(0));
        return;
    }
    // The polynomials of degree 1 and 2 that are orthogonal to those below, and their derivatives.
    const int half = width / 2;
    const double mean_square = half * (half + 1) / 3.0, derivative = order;
    double shape[delta_width], norm = 0;
    for (int j = 0; j < width; ++j) {
        const double x = j - half;
        shape[j] = order == 1 ? x : x * x - mean_square;
        norm += shape[j] * shape[j];
    }
    T weights[delta_width];
    for (int j = 0; j < width; ++j) weights[j] = static_cast<T>(derivative * shape[j] / norm);
    kernels.correlate(in, n - width + 1, weights, width, out + half);
    std::fill(out, out + half, out[half]);
    std::fill(out + n - half, out + n, out[n - half - 1]);
}

template void delta_row(const Kernels<float>&, const float*, int64_t, int, float*);
template void delta_row(const Kernels<double>&, const double*, int64_t, int, double*);

}  // namespace serfast
