#include <algorithm>

#include "bind/bind.hpp"
#include "extract/vocoder.hpp"
#include "plan/isa.hpp"

namespace serfast::bind {

namespace {

template <class T>
py::array_t<std::complex<T>> at_times(const In<std::complex<T>>& D, const std::vector<double>& times) {
    std::vector<py::ssize_t> shape = leading_shape(D, 0);
    const py::ssize_t n_frames = shape.back(), n_bins = shape[shape.size() - 2], channels = count_of(leading_shape(D, 2));
    const auto n_steps = static_cast<py::ssize_t>(times.size());
    shape.back() = n_steps;
    py::array_t<std::complex<T>> out(shape);
    const std::complex<T>* in = D.data();
    std::complex<T>* to = out.mutable_data();
    const py::gil_scoped_release release;
    const py::ssize_t lanes = active_kernels<double>().lanes, lanes_out = active_kernels<T>().lanes;
    for (py::ssize_t c = 0; c < channels; ++c, in += n_bins * n_frames, to += n_bins * n_steps)
        vocode<T>(
            {static_cast<int>(n_bins), n_frames, times},
            [&](int64_t block, double* pairs) {
                const py::ssize_t first = block * lanes, count = std::min(lanes, n_frames - first);
                for (py::ssize_t k = 0; k < n_bins; ++k)
                    std::copy_n(in + k * n_frames + first, count, reinterpret_cast<std::complex<double>*>(pairs) + k * lanes);
            },
            [&](int64_t first, int count, const T* pairs) {
                for (py::ssize_t k = 0; k < n_bins; ++k)
                    std::copy_n(reinterpret_cast<const std::complex<T>*>(pairs) + k * lanes_out, count,
                                to + k * n_steps + first);
            });
    return out;
}

template <class T>
py::array_t<T> stretched(const Stft<double>& forward, const Stft<T>& inverse, const In<double>& y,
                         const std::vector<double>& times, int64_t length) {
    const py::ssize_t n = y.shape(y.ndim() - 1);
    std::vector<py::ssize_t> shape = leading_shape(y, 1);
    const py::ssize_t channels = count_of(shape);
    shape.push_back(length);
    py::array_t<T> out = new_array<T>(shape);
    const double* in = y.data();
    T* to = out.mutable_data();
    const py::gil_scoped_release release;
    for (py::ssize_t c = 0; c < channels; ++c)
        stretch_signal(forward, inverse, in + c * n, n, times, to + c * length, length);
    return out;
}

template <class T> void register_for(py::module_& m) {
    using namespace pybind11::literals;
    m.def("vocode", &at_times<T>, "D"_a.noconvert(), "times"_a);
    m.def("stretch", &stretched<T>, "forward"_a, "inverse"_a, "y"_a.noconvert(), "times"_a, "length"_a);
}

}  // namespace

void register_vocoder(py::module_& m) {
    register_for<float>(m);
    register_for<double>(m);
}

}  // namespace serfast::bind
