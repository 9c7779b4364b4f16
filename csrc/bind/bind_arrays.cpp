#include <algorithm>

#include "bind/bind.hpp"
#include "plan/isa.hpp"

namespace serfast::bind {

namespace {

template <class T>
py::array_t<T> decibels(const In<T>& power, double amin, double reference, std::optional<double> top_db) {
    py::array_t<T> out = new_array<T>(leading_shape(power, 0));
    const T* in = power.data();
    T* to = out.mutable_data();
    const ptrdiff_t n = power.size();
    if (n == 0) return out;
    const py::gil_scoped_release release;
    const Kernels<T>& kernels = active_kernels<T>();
    alignas(64) T top[max_lanes];
    kernels.decibels(in, n, static_cast<T>(amin), static_cast<T>(reference), to, top);
    if (top_db)
        kernels.floor_at(to, n, *std::max_element(top, top + kernels.lanes) - static_cast<T>(*top_db), to);
    return out;
}

// Each row of a matrix correlated with the weights, where they fit.
template <class T> py::array_t<T> correlate(const In<T>& rows, const In<T>& weights) {
    const py::ssize_t n = rows.shape(0), length = rows.shape(1), width = weights.size();
    const py::ssize_t valid = length - width + 1;
    py::array_t<T> out = new_array<T>({n, valid});
    const T* in = rows.data();
    const T* w = weights.data();
    T* to = out.mutable_data();
    const py::gil_scoped_release release;
    for (py::ssize_t i = 0; i < n; ++i)
        active_kernels<T>().correlate(in + i * length, valid, w, static_cast<int>(width), to + i * valid);
    return out;
}

template <class T> void register_for(py::module_& m) {
    using namespace pybind11::literals;
    m.def("decibels", &decibels<T>, "power"_a.noconvert(), py::kw_only(), "amin"_a, "reference"_a, "top_db"_a);
    m.def("correlate", &correlate<T>, "rows"_a.noconvert(), "weights"_a);
}

}  // namespace

void register_arrays(py::module_& m) {
    register_for<float>(m);
    register_for<double>(m);
}

}  // namespace serfast::bind
