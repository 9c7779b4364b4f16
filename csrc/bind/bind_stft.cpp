#include "bind/bind.hpp"
#include "extract/stft.hpp"

namespace serfast::bind {

namespace {

template <class T> std::unique_ptr<Stft<T>> make(std::vector<double> window, int hop_length, bool center,
                                                 const std::string& pad_mode) {
    const Framing framing{static_cast<int>(window.size()), hop_length, center, pad_of(pad_mode), true};
    return std::make_unique<Stft<T>>(std::move(window), framing);
}

template <class T>
py::array forward(const Stft<T>& stft, const In<T>& y, int threads) {
    const py::ssize_t n = y.shape(y.ndim() - 1);
    std::vector<py::ssize_t> shape = leading_shape(y, 1);
    const py::ssize_t channels = count_of(shape), frames = stft.n_frames(n);
    shape.insert(shape.end(), {stft.n_bins(), frames});
    py::array_t<std::complex<T>> out(shape);
    const T* in = y.data();
    T* to = reinterpret_cast<T*>(out.mutable_data());
    const py::gil_scoped_release release;
    std::vector<Workspace<T>> workspaces(static_cast<size_t>(threads));
    for (py::ssize_t c = 0; c < channels; ++c)
        stft.forward(in + c * n, n, to + c * 2 * stft.n_bins() * frames, workspaces);
    return out;
}

template <class T>
py::array_t<T> inverse(const Stft<T>& stft, const In<std::complex<T>>& bins, int64_t n_frames, int64_t length,
                       int threads) {
    std::vector<py::ssize_t> shape = leading_shape(bins, 2);
    const py::ssize_t channels = count_of(shape), stride = bins.shape(bins.ndim() - 1);
    shape.push_back(length);
    py::array_t<T> out = new_array<T>(shape);
    const T* in = reinterpret_cast<const T*>(bins.data());
    T* to = out.mutable_data();
    const py::gil_scoped_release release;
    std::vector<Workspace<T>> workspaces(static_cast<size_t>(threads));
    for (py::ssize_t c = 0; c < channels; ++c)
        stft.inverse(in + c * 2 * stft.n_bins() * stride, stride, n_frames, to + c * length, length, workspaces);
    return out;
}

template <class T> void register_for(py::module_& m, const char* name) {
    using namespace pybind11::literals;
    py::class_<Stft<T>>(m, name)
        .def(py::init(&make<T>), py::kw_only(), "window"_a, "hop_length"_a, "center"_a, "pad_mode"_a)
        .def("n_frames", &Stft<T>::n_frames, "n_samples"_a)
        .def("n_samples", &Stft<T>::n_samples, "n_frames"_a)
        .def("forward", &forward<T>, "y"_a.noconvert(), "threads"_a)
        .def("inverse", &inverse<T>, "stft_matrix"_a.noconvert(), "n_frames"_a, "length"_a, "threads"_a);
}

}  // namespace

void register_stft(py::module_& m) {
    register_for<float>(m, "Stft32");
    register_for<double>(m, "Stft64");
}

}  // namespace serfast::bind
