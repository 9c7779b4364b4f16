#include <variant>

#include "bind/bind.hpp"
#include "gemaps/gemaps.hpp"

namespace serfast::bind {

namespace {

using Signal = std::variant<In<float>, In<double>>;

py::array_t<double> functionals(const gemaps::Gemaps& set, const Signal& signal) {
    return std::visit(
        [&](const auto& y) {
            py::array_t<double> columns = new_array<double>({static_cast<py::ssize_t>(gemaps::column_names().size())});
            const auto* in = y.data();
            const py::ssize_t n = y.size();
            double* out = columns.mutable_data();
            const py::gil_scoped_release release;
            const std::vector<double> values = set.functionals(in, n);
            std::copy(values.begin(), values.end(), out);
            return columns;
        },
        signal);
}

}  // namespace

void register_gemaps(py::module_& m) {
    using namespace pybind11::literals;
    py::class_<gemaps::Gemaps>(m, "Gemaps", "The numbers of eGeMAPS of signals at 16 kHz.")
        .def(py::init<>())
        .def_property_readonly("names", [](const gemaps::Gemaps&) { return gemaps::column_names(); })
        .def("functionals", &functionals, "y"_a.noconvert(), "A number for each of the names.");
}

}  // namespace serfast::bind
