// What the binding files share: the array types of the door, and the registers that module.cpp lists.
#pragma once

#include <memory>

#include <pybind11/complex.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace serfast::bind {

namespace py = pybind11;

// Arrays come in contiguous and of the right type: the Python door has seen to it.
template <class T> using In = py::array_t<T, py::array::c_style>;

void register_errors(py::module_& m);
void register_config(py::module_& m);
void register_filters(py::module_& m);
void register_arrays(py::module_& m);
void register_stft(py::module_& m);
void register_f0(py::module_& m);
void register_response(py::module_& m);
void register_gemaps(py::module_& m);
void register_plan(py::module_& m);
void register_separation(py::module_& m);
void register_vocoder(py::module_& m);
void register_batch(py::module_& m);
void register_stream(py::module_& m);
void register_audio(py::module_& m);
void register_capi(py::module_& m);

template <class T> py::array_t<T> new_array(const std::vector<py::ssize_t>& shape) { return py::array_t<T>(shape); }

// An array that owns values which were made without the GIL.
template <class T> py::array_t<T> array_of(std::unique_ptr<T[]> values, const std::vector<py::ssize_t>& shape) {
    T* data = values.release();
    const py::capsule owner(data, [](void* p) { delete[] static_cast<T*>(p); });
    return py::array_t<T>(shape, data, owner);
}

// The shape of an array less its last `drop` axes, and the number of items in it.
inline std::vector<py::ssize_t> leading_shape(const py::array& a, py::ssize_t drop) {
    return {a.shape(), a.shape() + (a.ndim() - drop)};
}
inline py::ssize_t count_of(const std::vector<py::ssize_t>& shape) {
    py::ssize_t n = 1;
    for (py::ssize_t extent : shape) n *= extent;
    return n;
}

}  // namespace serfast::bind
