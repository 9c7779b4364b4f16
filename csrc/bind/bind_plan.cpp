#include "bind/bind.hpp"
#include "extract/extract.hpp"
#include "extract/trim.hpp"
#include "features/table.hpp"

namespace serfast::bind {

namespace {

Options::Value value_of(const py::handle& value) {
    if (value.is_none()) return std::monostate{};
    if (py::isinstance<py::bool_>(value)) return value.cast<bool>();
    if (py::isinstance<py::int_>(value)) return value.cast<int64_t>();
    if (py::isinstance<py::float_>(value)) return value.cast<double>();
    if (py::isinstance<py::str>(value)) return value.cast<std::string>();
    return value.cast<std::vector<double>>();
}

using Requests = std::vector<std::pair<std::string, py::dict>>;

template <class T> std::unique_ptr<Plan<T>> make(const Requests& requests, std::optional<double> trim_db) {
    std::vector<FeatureRequest> features;
    for (const auto& [name, options] : requests) {
        FeatureRequest request{name, {}};
        for (const auto& option : options)
            request.options.set(py::cast<std::string>(option.first), value_of(option.second));
        features.push_back(std::move(request));
    }
    return std::make_unique<Plan<T>>(features, trim_db);
}

// A signal (..., n), or rows (..., rows, frames), channel by channel.
template <class T> struct Channels {
    Channels(const Plan<T>& plan, const In<T>& input)
        : of_rows(plan.groups()[0]->of_rows), shape(leading_shape(input, of_rows ? 2 : 1)), count(count_of(shape)),
          size(input.shape(input.ndim() - 1)), step(count == 0 ? 0 : input.size() / count), data(input.data()) {}
    Input<T> operator[](py::ssize_t channel) const {
        return {data + channel * step, size, static_cast<ptrdiff_t>(size)};
    }

    const bool of_rows;
    const std::vector<py::ssize_t> shape;
    const py::ssize_t count, size, step;
    const T* const data;
};

template <class T> std::vector<py::array_t<T>> rows(const Plan<T>& plan, const In<T>& input, int threads) {
    const Channels<T> channels(plan, input);
    const size_t n_features = plan.features().size();
    std::vector<py::array_t<T>> results;
    std::vector<typename RowSink<T>::Target> targets;
    for (size_t f = 0; f < n_features; ++f) {
        std::vector<py::ssize_t> shape = channels.shape;
        const int64_t frames = plan.n_frames(static_cast<int>(f), channels.size);
        shape.insert(shape.end(), {plan.features()[f].rows, frames});
        results.push_back(new_array<T>(shape));
        targets.push_back({results.back().mutable_data(), frames});
    }
    const py::gil_scoped_release release;
    std::vector<Workspace<T>> workspaces(static_cast<size_t>(threads));
    for (py::ssize_t c = 0; c < channels.count; ++c) {
        RowSink<T> sink(plan, targets);
        extract(plan, channels[c], workspaces, sink);
        for (size_t f = 0; f < n_features; ++f) targets[f].data += plan.features()[f].rows * targets[f].n_frames;
    }
    return results;
}

// The plan's one feature, frame by frame.
template <class T> py::array_t<T> frames(const Plan<T>& plan, const In<T>& input, int threads) {
    const Channels<T> channels(plan, input);
    const int64_t n_frames = plan.n_frames(0, channels.size), n_rows = plan.features()[0].rows;
    std::vector<py::ssize_t> shape = channels.shape;
    shape.insert(shape.end(), {n_frames, n_rows});
    py::array_t<T> result = new_array<T>(shape);
    T* target = result.mutable_data();
    const py::gil_scoped_release release;
    std::vector<Workspace<T>> workspaces(static_cast<size_t>(threads));
    for (py::ssize_t c = 0; c < channels.count; ++c) {
        FrameSink<T> sink(plan, 0, target + c * n_frames * n_rows);
        extract(plan, channels[c], workspaces, sink);
    }
    return result;
}

template <class T> std::optional<double> tuning(const Plan<T>& plan, const In<T>& input, int threads) {
    const Channels<T> channels(plan, input);
    const py::gil_scoped_release release;
    std::vector<Workspace<T>> workspaces(static_cast<size_t>(threads));
    return find_tuning(plan, channels[0], workspaces);
}

// Where in a signal begins and ends what the plan looks at.
template <class T> std::pair<int64_t, int64_t> trimmed_range(const Plan<T>& plan, const In<T>& y) {
    const py::gil_scoped_release release;
    const Input<T> input = trimmed(plan, Input<T>{y.data(), y.size()});
    return {input.data - y.data(), input.data - y.data() + input.size};
}

template <class T> std::vector<int> n_rows(const Plan<T>& plan) {
    std::vector<int> counts;
    for (const auto& feature : plan.features()) counts.push_back(feature.rows);
    return counts;
}

template <class T> std::vector<bool> needs_whole_signal(const Plan<T>& plan) {
    std::vector<bool> needs;
    for (size_t f = 0; f < plan.features().size(); ++f) needs.push_back(plan.needs_whole_signal(static_cast<int>(f)));
    return needs;
}

template <class T> void register_for(py::module_& m, const char* name) {
    using namespace pybind11::literals;
    py::class_<Plan<T>>(m, name)
        .def(py::init(&make<T>), "requests"_a, "trim_db"_a = py::none())
        .def_property_readonly("n_rows", &n_rows<T>)
        .def_property_readonly("needs_whole_signal", &needs_whole_signal<T>)
        .def("n_frames", &Plan<T>::n_frames, "feature"_a, "size"_a)
        .def("rows", &rows<T>, "y"_a.noconvert(), "threads"_a)
        .def("frames", &frames<T>, "y"_a.noconvert(), "threads"_a)
        .def("trimmed", &trimmed_range<T>, "y"_a.noconvert())
        .def("tuning", &tuning<T>, "y"_a.noconvert(), "threads"_a);
}

std::vector<py::dict> features() {
    std::vector<py::dict> rows;
    for (const FeatureRow& row : feature_table()) {
        py::dict entry;
        entry["name"] = row.name;
        entry["reads"] = row.reads;
        entry["unit"] = row.unit;
        entry["framewise"] = row.framewise;
        rows.push_back(entry);
    }
    return rows;
}

}  // namespace

void register_plan(py::module_& m) {
    register_for<float>(m, "Plan32");
    register_for<double>(m, "Plan64");
    m.def("features", &features, "The feature table: name, the stage read, unit, fit for an Extractor.");
}

}  // namespace serfast::bind
