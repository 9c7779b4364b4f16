#include "bind/bind.hpp"
#include "plan/filters.hpp"

namespace serfast::bind {

namespace {

py::array_t<double> as_array(const Matrix& matrix) {
    py::array_t<double> out = new_array<double>({matrix.rows, matrix.columns});
    std::copy(matrix.values.begin(), matrix.values.end(), out.mutable_data());
    return out;
}

py::array_t<double> cosines(const std::vector<double>& weights, int n, bool periodic) {
    return as_array({1, n, cosine_window(weights, n, periodic)}).reshape({n});
}

py::array_t<double> mel(double sr, int n_fft, int n_mels, double fmin, double fmax, bool htk, bool slaney,
                        std::optional<double> norm, bool single) {
    return as_array(mel_filters({sr, n_fft, n_mels, fmin, fmax, htk, slaney, norm, single}));
}

py::array_t<double> chroma(double sr, int n_fft, int n_chroma, double tuning, double ctroct,
                           std::optional<double> octwidth, std::optional<double> norm, bool base_c, bool single) {
    return as_array(chroma_filters({sr, n_fft, n_chroma, ctroct, octwidth, norm, base_c, single}, tuning));
}

}  // namespace

void register_filters(py::module_& m) {
    using namespace pybind11::literals;
    m.def("cosine_window", &cosines, "weights"_a, "n"_a, "periodic"_a);
    m.def("mel_filters", &mel, py::kw_only(), "sr"_a, "n_fft"_a, "n_mels"_a, "fmin"_a, "fmax"_a, "htk"_a,
          "slaney"_a, "norm"_a, "single"_a);
    m.def("chroma_filters", &chroma, py::kw_only(), "sr"_a, "n_fft"_a, "n_chroma"_a, "tuning"_a, "ctroct"_a,
          "octwidth"_a, "norm"_a, "base_c"_a, "single"_a);
}

}  // namespace serfast::bind
