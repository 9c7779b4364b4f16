#include "plan/difference.hpp"

namespace serfast {

namespace {

// A frame under a window of ones, padded so that correlations up to max_period do not wrap.
std::vector<double> padded_window(int frame_length, int max_period) {
    std::vector<double> window(static_cast<size_t>(frame_length), 1.0);
    window.resize(static_cast<size_t>(next_fast_length(frame_length + max_period)));
    return window;
}

}  // namespace

template <class T>
DifferencePlan<T>::DifferencePlan(int frame_length, int max_period, int lanes)
    : spectrum_(padded_window(frame_length, max_period), lanes),
      cosine_(std::vector<double>(static_cast<size_t>(spectrum_.view().n_fft / 2), 1.0), lanes) {
    const int n = cosine_.view().n_fft;
    for (int j = 0; j < n; ++j) {
        const std::complex<double> w = root_of_unity(j, 2 * static_cast<int64_t>(n));  // exp(-i pi j / n)
        sines_.push_back(static_cast<T>(-w.imag() / (2 * n)));
        cosines_.push_back(static_cast<T>(w.real() / (j == 0 ? 2 * n : n)));
    }
    view_ = {spectrum_.view(), cosine_.view(), sines_.data(), cosines_.data(), static_cast<T>(0.25 / n), max_period};
}

template class DifferencePlan<float>;
template class DifferencePlan<double>;

}  // namespace serfast
