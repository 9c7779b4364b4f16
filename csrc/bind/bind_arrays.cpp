#include <algorithm>

#include "bind/bind.hpp"
#include "extract/autocorrelation.hpp"
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

// The rows of n_frames windows that begin one value after the other, as many lags as the window has.
template <class T>
py::array_t<T> autocorrelations(const In<T>& values, std::vector<double> window, py::ssize_t n_frames,
                                std::optional<double> norm, int threads) {
    const Autocorrelation<T> autocorrelation(window, norm);
    py::array_t<T> out = new_array<T>({autocorrelation.n_lags(), n_frames});
    const T* in = values.data();
    T* to = out.mutable_data();
    const py::gil_scoped_release release;
    std::vector<Workspace<T>> workspaces(static_cast<size_t>(threads));
    autocorrelation.run(in, values.size(), n_frames, to, workspaces);
    return out;
}

// Each row of a matrix through a recursive filter of first order, and the state it is left in.
template <class T>
std::pair<py::array_t<T>, py::array_t<T>> first_order(const In<T>& rows, double b0, double b1, double a1, const In<T>& initial) {
    const py::ssize_t n = rows.shape(0), length = rows.shape(1);
    py::array_t<T> out = new_array<T>({n, length}), state = new_array<T>({n});
    const T* in = rows.data();
    T* to = out.mutable_data();
    T* z = state.mutable_data();
    std::copy(initial.data(), initial.data() + n, z);
    {
        const py::gil_scoped_release release;
        const Kernels<T>& kernels = active_kernels<T>();
        for (py::ssize_t i = 0; i < n; i += kernels.lanes)
            kernels.first_order({b0, b1, a1}, in + i * length, length,
                                static_cast<int>(std::min<py::ssize_t>(kernels.lanes, n - i)), z + i,
                                to + i * length);
    }
    return {out, state};
}

template <class T> void register_for(py::module_& m) {
    using namespace pybind11::literals;
    m.def("decibels", &decibels<T>, "power"_a.noconvert(), py::kw_only(), "amin"_a, "reference"_a, "top_db"_a);
    m.def("correlate", &correlate<T>, "rows"_a.noconvert(), "weights"_a);
    m.def("autocorrelations", &autocorrelations<T>, "values"_a.noconvert(), py::kw_only(), "window"_a, "n_frames"_a,
          "norm"_a, "threads"_a);
    m.def("first_order", &first_order<T>, "rows"_a.noconvert(), "b0"_a, "b1"_a, "a1"_a, "initial"_a.noconvert());
}

}  // namespace

void register_arrays(py::module_& m) {
    register_for<float>(m);
    register_for<double>(m);
}

}  // namespace serfast::bind
