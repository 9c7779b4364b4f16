#include "bind/bind.hpp"
#include "extract/response.hpp"
#include "plan/error.hpp"

namespace serfast::bind {

namespace {

template <class T>
std::unique_ptr<Responses<T>> make(const std::vector<double>& window, int hop_length, bool center,
                                   const std::string& pad_mode, const In<std::complex<double>>& filters,
                                   const std::string& phase) {
    const Framing framing{static_cast<int>(window.size()), hop_length, center, pad_of(pad_mode), true};
    if (filters.ndim() != 2 || filters.shape(1) != framing.length / 2 + 1)
        throw ParameterError("filters must have one column for each bin of the spectrum");
    const Phase of = phase == "kept"              ? Phase::kept
                     : phase == "of_spectrum_lost" ? Phase::of_spectrum_lost
                                                   : Phase::of_responses_lost;
    return std::make_unique<Responses<T>>(window, framing, filters.data(), static_cast<int>(filters.shape(0)), of);
}

// To the rows of `out` (channels, rows, frames) from first_row on; as many frames as it has.
template <class T>
void run(const Responses<T>& responses, const In<T>& y, py::array out, py::ssize_t first_row, int threads) {
    const bool pairs = responses.phase() == Phase::kept;
    const py::dtype wanted = pairs ? py::dtype::of<std::complex<T>>() : py::dtype::of<T>();
    if (y.ndim() != 2 || out.ndim() != 3 || !out.dtype().is(wanted) || !(out.flags() & py::array::c_style))
        throw ParameterError("out is no array that the responses could be written to");
    const py::ssize_t n = y.shape(1), rows = out.shape(1), frames = out.shape(2);
    if (out.shape(0) != y.shape(0) || first_row < 0 || first_row + responses.n_rows() > rows ||
        frames > responses.n_frames(n))
        throw ParameterError("out has not the shape of the responses");
    const py::ssize_t per_value = pairs ? 2 : 1;
    const T* in = y.data();
    T* to = static_cast<T*>(out.mutable_data());
    const py::gil_scoped_release release;
    std::vector<Workspace<T>> workspaces(static_cast<size_t>(threads));
    for (py::ssize_t c = 0; c < y.shape(0); ++c)
        responses.run(in + c * n, n, frames, to + per_value * (c * rows + first_row) * frames, frames, workspaces);
}

template <class T> void register_for(py::module_& m, const char* name) {
    using namespace pybind11::literals;
    py::class_<Responses<T>>(m, name)
        .def(py::init(&make<T>), py::kw_only(), "window"_a, "hop_length"_a, "center"_a, "pad_mode"_a,
             "filters"_a.noconvert(), "phase"_a)
        .def("n_frames", &Responses<T>::n_frames, "n_samples"_a)
        .def("run", &run<T>, "y"_a.noconvert(), "out"_a, "first_row"_a, "threads"_a);
}

}  // namespace

void register_response(py::module_& m) {
    register_for<float>(m, "Responses32");
    register_for<double>(m, "Responses64");
}

}  // namespace serfast::bind
