#include <optional>

#include "bind/bind.hpp"
#include "extract/separation.hpp"

namespace serfast::bind {

namespace {

// (harmonic, percussive), None for what is not wanted.
template <class T> using Arrays = std::pair<std::optional<py::array_t<T>>, std::optional<py::array_t<T>>>;

template <class T> Parts<T> after(const Parts<T>& parts, py::ssize_t n) {
    return {parts.harmonic ? parts.harmonic + n : nullptr, parts.percussive ? parts.percussive + n : nullptr};
}

template <class T>
Arrays<T> parts_of_signal(const Stft<T>& stft, const In<T>& y, const SeparationOptions& options, bool harmonic,
                          bool percussive, int threads) {
    const std::vector<py::ssize_t> shape = leading_shape(y, 0);
    const py::ssize_t n = shape.back(), channels = count_of(leading_shape(y, 1));
    Arrays<T> out;
    if (harmonic) out.first = new_array<T>(shape);
    if (percussive) out.second = new_array<T>(shape);
    const Parts<T> to{harmonic ? out.first->mutable_data() : nullptr,
                      percussive ? out.second->mutable_data() : nullptr};
    const T* in = y.data();
    const py::gil_scoped_release release;
    std::vector<Workspace<T>> workspaces(static_cast<size_t>(threads));
    for (py::ssize_t c = 0; c < channels; ++c) separate(stft, options, in + c * n, n, after(to, c * n), workspaces);
    return out;
}

template <class T>
std::pair<py::array_t<T>, py::array_t<T>> masks_of_rows(const In<T>& S, const SeparationOptions& options,
                                                        int threads) {
    const std::vector<py::ssize_t> shape = leading_shape(S, 0);
    const py::ssize_t n_frames = shape.back(), n_bins = shape[shape.size() - 2], size = n_bins * n_frames;
    std::pair out{new_array<T>(shape), new_array<T>(shape)};
    const Parts<T> to{out.first.mutable_data(), out.second.mutable_data()};
    const T* in = S.data();
    const py::gil_scoped_release release;
    for (py::ssize_t at = 0; at < S.size(); at += size)
        separation_masks(options, in + at, static_cast<int>(n_bins), n_frames, after(to, at), threads);
    return out;
}

template <class T> void register_for(py::module_& m) {
    using namespace pybind11::literals;
    m.def("separate", &parts_of_signal<T>, "stft"_a, "y"_a.noconvert(), "options"_a, py::kw_only(), "harmonic"_a,
          "percussive"_a, "threads"_a);
    m.def("separation_masks", &masks_of_rows<T>, "S"_a.noconvert(), "options"_a, py::kw_only(), "threads"_a);
}

}  // namespace

void register_separation(py::module_& m) {
    using namespace pybind11::literals;
    py::class_<SeparationOptions>(m, "SeparationOptions")
        .def(py::init<int, int, double, double, double>(), py::kw_only(), "harmonic_size"_a, "percussive_size"_a,
             "power"_a, "harmonic_margin"_a, "percussive_margin"_a);
    register_for<float>(m);
    register_for<double>(m);
}

}  // namespace serfast::bind
