#include <variant>

#include "bind/bind.hpp"
#include "extract/pyin.hpp"

namespace serfast::bind {

namespace {

// A signal of either precision.
using Signal = std::variant<In<float>, In<double>>;

std::unique_ptr<PeriodFinder> make_finder(int frame_length, int hop_length, bool center, const std::string& pad_mode,
                                          int min_period, int max_period) {
    const Framing framing{frame_length, hop_length, center, pad_of(pad_mode), false};
    return std::make_unique<PeriodFinder>(framing, min_period, max_period);
}

std::unique_ptr<Pyin> make_pyin(const PeriodFinder& finder, PitchModel model, const In<double>& stay,
                                const In<double>& change) {
    if (stay.ndim() != 2 || change.ndim() != 2 || change.shape(0) != stay.shape(0) ||
        change.shape(1) != stay.shape(1) || stay.shape(0) % 2 != 1)
        throw py::value_error("stay and change must have the shape (2 * reach + 1, bins)");
    const int reach = static_cast<int>(stay.shape(0) / 2), n_bins = static_cast<int>(stay.shape(1));
    return std::make_unique<Pyin>(finder, std::move(model), PitchPath(n_bins, reach, stay.data(), change.data()));
}

py::array_t<double> yin(const PeriodFinder& finder, const Signal& signal, double threshold, int threads) {
    return std::visit(
        [&](const auto& y) {
            const py::ssize_t n = y.shape(y.ndim() - 1), frames = finder.n_frames(n);
            std::vector<py::ssize_t> shape = leading_shape(y, 1);
            const py::ssize_t channels = count_of(shape);
            shape.push_back(frames);
            py::array_t<double> periods = new_array<double>(shape);
            const auto* in = y.data();
            double* to = periods.mutable_data();
            const py::gil_scoped_release release;
            for (py::ssize_t c = 0; c < channels; ++c)
                yin_periods(finder, in + c * n, n, threshold, threads, to + c * frames);
            return periods;
        },
        signal);
}

std::pair<py::array_t<int32_t>, py::array_t<double>> track(const Pyin& pyin, const Signal& signal, int threads) {
    return std::visit(
        [&](const auto& y) {
            const py::ssize_t n = y.shape(y.ndim() - 1), frames = pyin.n_frames(n);
            std::vector<py::ssize_t> shape = leading_shape(y, 1);
            const py::ssize_t channels = count_of(shape);
            shape.push_back(frames);
            py::array_t<int32_t> states = new_array<int32_t>(shape);
            py::array_t<double> voiced_prob = new_array<double>(shape);
            const auto* in = y.data();
            int32_t* to = states.mutable_data();
            double* prob = voiced_prob.mutable_data();
            const py::gil_scoped_release release;
            for (py::ssize_t c = 0; c < channels; ++c)
                pyin.track(in + c * n, n, threads, to + c * frames, prob + c * frames);
            return std::pair(std::move(states), std::move(voiced_prob));
        },
        signal);
}

}  // namespace

void register_f0(py::module_& m) {
    using namespace pybind11::literals;
    py::class_<PeriodFinder>(m, "PeriodFinder")
        .def(py::init(&make_finder), py::kw_only(), "frame_length"_a, "hop_length"_a, "center"_a, "pad_mode"_a,
             "min_period"_a, "max_period"_a)
        .def("yin", &yin, "y"_a.noconvert(), "threshold"_a, "threads"_a,
             "The period of each frame in samples.");
    py::class_<PitchModel>(m, "PitchModel")
        .def(py::init<std::vector<double>, std::vector<double>, double, double, double, double, int>(), py::kw_only(),
             "thresholds"_a, "beliefs"_a, "decay"_a, "no_trough_prob"_a, "sr"_a, "fmin"_a, "bins_per_octave"_a);
    py::class_<Pyin>(m, "Pyin")
        .def(py::init(&make_pyin), "finder"_a, "model"_a, "stay"_a.noconvert(), "change"_a.noconvert(),
             py::keep_alive<1, 2>())
        .def("track", &track, "y"_a.noconvert(), "threads"_a,
             "The state of each frame (pitch bin, plus the number of bins where unvoiced), and how likely it is voiced.");
}

}  // namespace serfast::bind
