#include <optional>

#include "bind/bind.hpp"
#include "extract/separation.hpp"

namespace serfast::bind {

namespace {

// Arrays for the wanted parts: (harmonic, percussive), None for the other.
template <class T> struct Outputs {
    Outputs(const std::vector<py::ssize_t>& shape, bool harmonic, bool percussive) {
        if (harmonic) arrays[0] = new_array<T>(shape);
        if (percussive) arrays[1] = new_array<T>(shape);
        at = {arrays[0] ? arrays[0]->mutable_data() : nullptr, arrays[1] ? arrays[1]->mutable_data() : nullptr};
    }
    Parts<T> after(py::ssize_t n) const {
        return {at.harmonic ? at.harmonic + n : nullptr, at.percussive ? at.percussive + n : nullptr};
    }
    py::tuple result() const { return py::make_tuple(arrays[0], arrays[1]); }

    std::optional<py::array_t<T>> arrays[2];
    Parts<T> at;
};

template <class T>
py::tuple parts_of_signal(const Stft<T>& stft, const In<T>& y, const SeparationOptions& options, bool harmonic,
                          bool percussive, int threads) {
    const std::vector<py::ssize_t> shape = leading_shape(y, 0);
    const py::ssize_t n = shape.back(), channels = count_of(leading_shape(y, 1));
    const Outputs<T> out(shape, harmonic, percussive);
    const T* in = y.data();
    {
        const py::gil_scoped_release release;
        std::vector<Workspace<T>> workspaces(static_cast<size_t>(threads));
        for (py::ssize_t c = 0; c < channels; ++c) separate(stft, options, in + c * n, n, out.after(c * n), workspaces);
    }
    return out.result();
}

template <class T> py::tuple masks_of_rows(const In<T>& S, const SeparationOptions& options, int threads) {
    const std::vector<py::ssize_t> shape = leading_shape(S, 0);
    const py::ssize_t n_frames = shape.back(), n_bins = shape[shape.size() - 2], size = n_bins * n_frames;
    const Outputs<T> out(shape, true, true);
    const T* in = S.data();
    {
        const py::gil_scoped_release release;
        for (py::ssize_t at = 0; at < S.size(); at += size)
            separation_masks(options, in + at, static_cast<int>(n_bins), n_frames, out.after(at), threads);
    }
    return out.result();
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
